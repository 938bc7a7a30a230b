"""The recipe that a tour's choices make, and its first item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.extraction.schemas.fields import FieldType, Schema, leaves
from hub.files import FileSummary
from hub.tours.state import TourState

MOST_COLUMNS = 40
BELOW = 0.9
_TRIGGERS = {
    "manual": "manual.submitted",
    "folder": "folder.file_added",
    "webhook": "webhook.received",
    "email": "email.message_received",
}
_SOURCES = {
    "manual": "{{ trigger.file }}",
    "folder": "{{ trigger.file }}",
    "webhook": "{{ trigger.body }}",
    "email": "{{ trigger.attachments }}",
}


def document(state: TourState, schema: Schema, name: str) -> dict[str, Any]:
    """Return the recipe document: read what comes in, ask when unsure if wanted, write a row."""
    title = schema.metadata.title or schema.name.replace("_", " ").capitalize()
    steps: list[dict[str, Any]] = [
        {
            "id": "read",
            "title": f"Read the {title.lower()}",
            "uses": "extract",
            "with": {"schema": schema.name, "source": _SOURCES[state.source]},
        }
    ]
    if state.review:
        steps.append({"id": "check", "title": "Ask when unsure", "uses": "review", "with": {"below": BELOW}})
    steps.append(_target(state, columns(schema)))
    trigger: dict[str, Any] = {"uses": _TRIGGERS[state.source]}
    if state.source == "folder":
        trigger["with"] = {"directory": state.directory}
    if state.source == "email":
        trigger["connection"] = state.connection
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": name, "title": f"{title} to {table_of(state)}"},
        "spec": {"trigger": trigger, "steps": steps},
    }


def columns(schema: Schema) -> Mapping[str, str]:
    """Return a column for every single value of a schema; tables and lists have no room in a row."""
    plain = [leaf for leaf in leaves(schema.spec.fields) if leaf.field.type not in {FieldType.TABLE, FieldType.LIST}]
    return {leaf.path.replace(".", "_"): f"{{{{ read.{leaf.path} }}}}" for leaf in plain[:MOST_COLUMNS]}


def table_of(state: TourState) -> str:
    """Return what the dataset or the workbook is called."""
    return state.table.strip() or f"{state.schema.replace('_', '-')}s"


def first_item(state: TourState, file: FileSummary) -> dict[str, Any]:
    """Return the content of an item as the trigger would bring it, with the file that was tried."""
    attached = {"file": file.id, "name": file.name, "media_type": file.media_type}
    if state.source == "webhook":
        return {"body": attached, "headers": {}, "query": {}}
    if state.source == "email":
        return {"subject": file.name, "sender": "", "text": "", "html": "", "attachments": [attached]}
    return {"file": attached, "name": file.name}


def _target(state: TourState, wanted: Mapping[str, str]) -> dict[str, Any]:
    if state.target == "dataset":
        settings = {"dataset": table_of(state), "mode": "insert", "columns": dict(wanted)}
        return {"id": "keep", "title": "Keep the record", "uses": "dataset.write_rows", "with": settings}
    settings = {
        "directory": state.place,
        "file": f"{table_of(state)}.xlsx",
        "columns": dict(wanted),
        "order": list(wanted),
    }
    return {"id": "keep", "title": "Write it to the workbook", "uses": "files.write_xlsx", "with": settings}
