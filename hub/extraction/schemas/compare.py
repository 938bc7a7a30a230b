"""Two schemas side by side, attribute by attribute: fields are known by their names, not by their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.documents import Difference, compare


def compare_schemas(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs, as in `spec.fields.total.required`."""
    return compare(_by_name(before), _by_name(after))


def _by_name(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "spec": _named(document["spec"])}


def _named(holder: Mapping[str, Any]) -> dict[str, Any]:
    fields = holder.get("fields")
    if not isinstance(fields, list | tuple):
        return dict(holder)
    return {**holder, "fields": {field["name"]: _named(field) for field in fields}}
