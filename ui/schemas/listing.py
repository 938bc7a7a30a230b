"""Schemas: which fields extraction fills, in the list and one by one."""

from __future__ import annotations

from nicegui import ui

from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.views import SchemaSummary, SchemaView
from hub.members import Member, Verb
from hub.text import say
from ui.ask import confirm
from ui.frame import crumbs, page
from ui.pieces import (
    button,
    card,
    div,
    heading,
    link_button,
    moment,
    note,
    older,
    pill,
    round_button,
    row,
    symbol,
    words,
)  # fmt: skip
from ui.schemas.editor import SchemaEditor
from ui.schemas.golden import golden_tab
from ui.schemas.versions import duplicate, versions_tab
from ui.services import Services
from ui.visit import Visit, tell

TABS = ("fields", "versions", "golden")


def create(services: Services) -> None:
    """Serve the pages at /schemas and /schemas/{schema}."""

    @page("/schemas", services, "schemas", say("nav.schemas"))
    async def schemas_page(visit: Visit) -> None:
        found = await services.schemas.list(visit.opened_by, cursor=visit.asked("cursor") or None)
        with heading(say("nav.schemas"), say("schemas.sub")):
            link_button(say("schemas.try"), "/extractions/new", "try-schema", icon="document_scanner")
            if visit.may(Verb.EDIT_SCHEMAS):
                link_button(say("schema.new"), "/schemas/new", "new-schema", kind="primary", icon="add")
        with card(pad=False):
            for schema in found.items:
                _row(schema)
            older(found.cursor, "/schemas")

    @page("/schemas/{schema}", services, "schemas", say("nav.schemas"))
    async def schema_page(visit: Visit) -> None:
        reference, number = visit.named("schema"), visit.asked("version")
        found = await services.schemas.find(visit.opened_by, f"{reference}@{number}" if number else reference)
        schema = build_schema(found.document)
        title = found.title or found.name
        crumbs((say("nav.schemas"), "/schemas"), (title, visit.path))
        with heading(title, schema.metadata.description, icon="schema", tone="accent"):
            _actions(visit, found)
        await _tabs(visit, found, schema)


def _row(schema: SchemaSummary) -> None:
    with row("icon", f"/schemas/{schema.id or schema.name}", schema.name, f"schema {schema.name}"):
        symbol("schema", "accent")
        with div("pd-grow"):
            words(schema.title or schema.name, "pd-strong pd-clip")
            words(schema.name, "pd-muted pd-small")
        with div("pd-line pd-stay"):
            pill(say("schemas.starter") if schema.starter else say("recipe.version", number=schema.version))
            if schema.changed_at:
                moment(schema.changed_at)


def _actions(visit: Visit, found: SchemaView) -> None:
    """Draw what can be done with the schema as a whole."""
    may, target = visit.may(Verb.EDIT_SCHEMAS), f"/api/v1/schemas/{found.id or found.name}"
    if may:
        button(say("schema.duplicate"), "duplicate", lambda: duplicate(visit, found), icon="content_copy")
    if visit.may(Verb.EXTRACT):
        version = f"@{found.version}" if visit.asked("version") else ""
        address = f"/extractions/new?schema={found.name}{version}"
        link_button(say("schema.try_it"), address, "try-schema", kind="primary", icon="document_scanner")
    entries = [
        ("download", say("schemas.yaml"), "export-schema", lambda: ui.download.from_url(f"{target}/export")),
        ("data_object", say("schemas.json_schema"), "json-schema", lambda: ui.download.from_url(
            f"{target}/json-schema", f"{found.name}.schema.json"
        )),
    ]  # fmt: skip
    if may and found.id:
        entries.append(("delete", say("schema.remove_all"), "remove-schema", lambda: _remove(visit, found)))
    with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
        for icon, label, mark, act in entries:
            with ui.menu_item(on_click=act).mark(mark).props(f"data-testid={mark}"), div("pd-line"):
                ui.icon(icon, size="18px").classes("pd-muted").props("aria-hidden=true")
                words(label, tag="span")


async def _tabs(visit: Visit, found: SchemaView, schema: Schema) -> None:
    asked = visit.asked("tab")
    with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
        for name in TABS:
            ui.tab(name, label=say(f"schema.tab_{name}")).mark(f"tab-{name}").props(f"data-testid=tab-{name}")
    with ui.tab_panels(tabs, value=asked if asked in TABS else TABS[0], animated=False):
        with ui.tab_panel("fields"), div("pd-stack"):
            await _told(visit, found)
            SchemaEditor(visit, schema, found).draw()
        with ui.tab_panel("versions"):
            await versions_tab(visit, found)
        with ui.tab_panel("golden"):
            await golden_tab(visit, found)


async def _told(visit: Visit, found: SchemaView) -> None:
    """Say which version this is, where it is not simply the one in use."""
    if found.starter:
        with note("plum", "auto_awesome", say("schema.is_starter"), say("schema.is_starter_text")):
            pass
    elif visit.asked("version"):
        with note("plum", "history", say("schema.is_version", number=found.version), say("schema.is_version_text")):
            link_button(say("schema.in_use"), f"/schemas/{found.id}", "to-active", kind="quiet")


def _remove(visit: Visit, found: SchemaView) -> None:
    async def remove(member: Member) -> None:
        await visit.services.schemas.remove(member, str(found.id))
        tell(say("schema.removed"))
        ui.navigate.to("/schemas")

    confirm(visit, say("schema.remove_all"), say("schema.remove_all_text", name=found.name), remove)
