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
from hub.recipes.schema import recipe_schema
from hub.recipes.service import RECIPE, Recipes
from hub.recipes.templates import Rendered, Scope, compile_value, references
from hub.recipes.validate import Known, validate
from hub.recipes.versions import RecipeVersions
from hub.recipes.views import (
    Applied,
    Change,
    Publication,
    RecipePage,
    RecipeSummary,
    RecipeVersionPage,
    RecipeView,
    State,
    TriggerView,
    VersionView,
)

__all__ = [
    "BUILT_INS",
    "DONE",
    "FAILED",
    "RECIPE",
    "SKIPPED",
    "Applied",
    "BuiltIn",
    "Change",
    "CompiledRecipe",
    "CompiledStep",
    "CompiledTrigger",
    "Decision",
    "Known",
    "OnError",
    "Publication",
    "RecipeDocument",
    "RecipePage",
    "RecipeSummary",
    "RecipeVersionPage",
    "RecipeVersions",
    "RecipeView",
    "Recipes",
    "Rendered",
    "Retrying",
    "Scope",
    "Stage",
    "State",
    "TemplateError",
    "TriggerView",
    "Verdict",
    "VersionView",
    "Work",
    "compile_recipe",
    "compile_value",
    "export",
    "from_plain",
    "parse",
    "recipe_schema",
    "references",
    "state_of",
    "to_plain",
    "validate",
]
