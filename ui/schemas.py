"""Schemas: which fields extraction fills, in the list and one by one."""

from __future__ import annotations

from collections.abc import Sequence

from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import Field, FieldType
from hub.extraction.schemas.workspace import SchemaSummary
from hub.text import count, say
from ui.frame import crumbs, page
from ui.pieces import card, div, head_row, heading, link_button, moment, older, pill, row, symbol, words
from ui.services import Services
from ui.visit import Visit

INNER = frozenset({FieldType.OBJECT, FieldType.TABLE})


def create(services: Services) -> None:
    """Serve the pages at /schemas and /schemas/{schema}."""

    @page("/schemas", services, "schemas", say("nav.schemas"))
    async def schemas_page(visit: Visit) -> None:
        found = await services.schemas.list(visit.opened_by, cursor=visit.asked("cursor") or None)
        with heading(say("nav.schemas"), say("schemas.sub")):
            link_button(say("schemas.try"), "/extractions/new", "try-schema", icon="document_scanner")
        with card(pad=False):
            for schema in found.items:
                _row(schema)
            older(found.cursor, "/schemas")

    @page("/schemas/{schema}", services, "schemas", say("nav.schemas"))
    async def schema_page(visit: Visit) -> None:
        found = await services.schemas.find(visit.opened_by, visit.named("schema"))
        schema = build_schema(found.document)
        title = found.title or found.name
        crumbs((say("nav.schemas"), "/schemas"), (title, visit.path))
        with heading(title, schema.metadata.description, icon="schema", tone="accent"):
            target = f"/api/v1/schemas/{found.id or found.name}"
            link_button(say("schemas.yaml"), f"{target}/export", "export-schema", icon="download")
            link_button(say("schemas.json_schema"), f"{target}/json-schema", "json-schema", kind="quiet")
            address = f"/extractions/new?schema={found.name}"
            link_button(say("schemas.try"), address, "try-schema", icon="document_scanner")
        with card(count("schemas.fields", len(schema.spec.fields)), pad=False):
            head_row("fields", [say("schemas.field"), say("schemas.type"), say("schemas.about")])
            _fields(schema.spec.fields, 0)


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


def _fields(fields: Sequence[Field], depth: int) -> None:
    for field in fields:
        with row("fields", "", "", ""):
            with div("pd-grow").style(f"padding-left: {depth * 22}px"):
                words(field.title or field.name, "pd-strong" if not depth else "")
                words(field.name, "pd-mono pd-muted")
            with div("pd-line pd-tight"):
                pill(say(f"schemas.type_{field.type}"))
                if field.required:
                    pill(say("schemas.required"))
            words(field.help or field.hint or ", ".join(field.labels[:4]), "pd-soft")
        if field.type in INNER:
            _fields(field.fields, depth + 1)
