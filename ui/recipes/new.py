"""A new recipe: from a starter example, or from a file."""

from __future__ import annotations

import msgspec
from nicegui import ui

from hub.members import Member, Verb
from hub.recipes import parse
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.frame import crumbs, page
from ui.pieces import div, heading, symbol, words
from ui.recipes.examples import DRAWN, EXAMPLES, Example
from ui.recipes.steps import flow
from ui.services import Services
from ui.visit import Visit


def create(services: Services) -> None:
    """Serve the page at /recipes/new."""

    @page("/recipes/new", services, "recipes", say("recipes.new"))
    async def new_recipe_page(visit: Visit) -> None:
        visit.opened_by.authorize(Verb.EDIT_RECIPES)
        crumbs((say("nav.recipes"), "/recipes"), (say("recipes.new"), visit.path))
        with heading(say("recipes.new"), say("new_recipe.sub")):
            pass
        with div("pd-tiles"):
            for example in (DRAWN, *EXAMPLES):
                _tile(visit, example)
            with div("pd-card pd-pad pd-stack pd-row-link", "a") as tile:
                tile.props("href=/recipes/import data-testid=import-recipe").mark("import-recipe")
                tile.style("color: inherit; text-decoration: none; justify-content: flex-start")
                symbol("move_to_inbox", "plum")
                words(say("import.from"), "pd-strong")
                words(say("import.from_text"), "pd-soft")


def _tile(visit: Visit, example: Example) -> None:
    with div("pd-card pd-pad pd-stack pd-row-link", "button") as tile:
        tile.props("type=button").props(f"data-testid=example-{example.key}").mark(f"example-{example.key}")
        tile.style("text-align: left; font: inherit; color: inherit; cursor: pointer; justify-content: flex-start")
        tile.on("click", lambda: _name(visit, example))
        symbol(example.icon, "accent")
        words(example.title, "pd-strong")
        words(example.text, "pd-soft")


def _name(visit: Visit, example: Example) -> None:
    """Show what the example does and ask what the recipe is to be called."""
    document = parse(example.document)
    with dialog(example.title, example.text) as opened:
        with div().style("max-height: 46vh; overflow: auto; padding: 6px"):
            flow(document)
        name = ui.input(say("recipe.name"), value=document.metadata.name).props("outlined").mark("new-name")
        name.props["hint"] = say("new_recipe.name_hint")
        name.props["data-testid"] = "new-name"

        async def make(member: Member) -> None:
            wanted = str(name.value).strip()
            title = document.metadata.title if wanted == document.metadata.name else ""
            metadata = msgspec.structs.replace(document.metadata, name=wanted, title=title)
            text = example.document.replace(document.metadata.name, wanted, 1)
            parse(text)
            made = await visit.services.recipes.create(member, msgspec.structs.replace(document, metadata=metadata))
            ui.navigate.to(f"/recipes/{made.id}/canvas" if example is DRAWN else f"/recipes/{made.id}?tab=editor")

        answer_buttons(opened, say("new_recipe.make"), visit.does(make))
