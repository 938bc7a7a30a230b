"""A new schema: suggested by documents, taken over from a file, or begun from nothing."""

from __future__ import annotations

from nicegui import ui

from hub.members import Verb
from hub.text import say
from ui.frame import crumbs, page
from ui.pieces import heading, words
from ui.schemas.draft import blank
from ui.schemas.editor import SchemaEditor
from ui.schemas.importing import Import
from ui.schemas.suggest import FromDocuments
from ui.services import Services
from ui.visit import Visit

WAYS = ("documents", "import", "empty")


def create(services: Services) -> None:
    """Serve the page at /schemas/new."""

    @page("/schemas/new", services, "schemas", say("schema.new"))
    async def new_schema_page(visit: Visit) -> None:
        visit.opened_by.authorize(Verb.EDIT_SCHEMAS)
        crumbs((say("nav.schemas"), "/schemas"), (say("schema.new"), visit.path))
        with heading(say("schema.new"), say("schema.new_text")):
            pass
        asked = visit.asked("from")
        with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
            for name in WAYS:
                ui.tab(name, label=say(f"schema.from_{name}")).mark(f"from-{name}").props(f"data-testid=from-{name}")
        with ui.tab_panels(tabs, value=asked if asked in WAYS else WAYS[0], animated=False):
            with ui.tab_panel("documents"):
                FromDocuments(visit).draw()
            with ui.tab_panel("import"):
                Import(visit).draw()
            with ui.tab_panel("empty"):
                words(say("schema.empty_text"), "pd-soft").style("margin-bottom: 12px")
                SchemaEditor(visit, blank("new_schema", say("schema.new"))).draw()
