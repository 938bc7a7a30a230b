"""Recipes: what users build out of a trigger, steps and targets."""

from hub.recipes.builtins import BUILT_INS, BuiltIn, Work
from hub.recipes.compile import compile_recipe
from hub.recipes.compiled import (
    DONE,
    FAILED,
    SKIPPED,
    CompiledRecipe,
    CompiledStep,
    CompiledTrigger,
    OnError,
    Retrying,
    Stage,
    state_of,
)
from hub.recipes.document import RecipeDocument, export, from_plain, parse, to_plain
from hub.recipes.liquid import TemplateError
from hub.recipes.local import Decision, Verdict
from hub.recipes.templates import Rendered, Scope, compile_value, references

__all__ = [
    "BUILT_INS",
    "DONE",
    "FAILED",
    "SKIPPED",
    "BuiltIn",
    "CompiledRecipe",
    "CompiledStep",
    "CompiledTrigger",
    "Decision",
    "OnError",
    "RecipeDocument",
    "Rendered",
    "Retrying",
    "Scope",
    "Stage",
    "TemplateError",
    "Verdict",
    "Work",
    "compile_recipe",
    "compile_value",
    "export",
    "from_plain",
    "parse",
    "references",
    "state_of",
    "to_plain",
]
