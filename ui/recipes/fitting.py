"""What a new step begins with: fields that come before it, where its examples could only guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from connectors.sdk import Settings
from connectors.sdk.describe import FieldKind, describe
from hub.errors import HubError
from hub.outages import GONE
from hub.recipes import RecipeDocument
from hub.recipes.document import Step
from hub.recipes.rewiring import Way, Wiring
from hub.runs.previews import KnownField, KnownFields, Trial
from ui.visit import Visit

# What triggers call that which can be read, the likeliest first
READABLE = ("file", "files", "attachments", "body")
RECORDS = frozenset({"extract", "review"})
MOST_COLUMNS = 30


class Beginning:
    """Fills new steps of a recipe with what comes before their place, as far as that is known."""

    def __init__(self, visit: Visit, recipe: UUID) -> None:
        self._visit = visit
        self._recipe = recipe

    async def fitted(
        self, part: dict[str, Any], settings: type[Settings] | None, document: RecipeDocument, way: Way
    ) -> dict[str, Any]:
        """Return a step as it fits into a way of a draft."""
        wiring = Wiring(document)
        try:
            trial = Trial(step=wiring.insert(part, way))
            inserted = wiring.document()
            member = await self._visit.member()
            fields = await self._visit.services.previews.fields(member, self._recipe, trial, document=inserted)
        except HubError:
            return part  # what is wrong is said once the step is put in
        except GONE:
            return part
        return fitting(part, settings, inserted.spec.steps, fields)


def fitting(
    part: dict[str, Any], settings: type[Settings] | None, steps: Sequence[Step], fields: KnownFields
) -> dict[str, Any]:
    """Return a step that reads the file that came in, and writes the record that was read before it."""
    if settings is None:
        return part
    records = {step.id for step in steps if step.uses in RECORDS}
    found: dict[str, Any] = {}
    for field in describe(settings):
        if field.kind is FieldKind.FILE and field.templated and field.required:
            found[field.name] = _readable(fields)
        elif field.record:
            found[field.name] = _columns(fields, records)
    return {**part, "with": part.get("with", {}) | {name: value for name, value in found.items() if value}}


def _readable(fields: KnownFields) -> str:
    trigger = next((one.field for one in fields.sources if one.name == "trigger"), None)
    known = {one.name: one.template for one in trigger.fields} if trigger else {}
    return next((known[name] for name in READABLE if name in known), "")


def _columns(fields: KnownFields, records: AbstractSet[str]) -> Mapping[str, str]:
    """Return a column for each plain field of the nearest record."""
    nearest = next((one.field for one in fields.sources if one.name in records and one.field.fields), None)
    return dict(list(_plain(nearest, ""))[:MOST_COLUMNS]) if nearest else {}


def _plain(field: KnownField, before: str) -> Iterator[tuple[str, str]]:
    """Yield the values of a record by name; what is in lists has no single value."""
    for one in field.fields:
        if one.within or any(inner.within for inner in one.fields):
            continue
        if one.fields:
            yield from _plain(one, f"{before}{one.name}_")
        else:
            yield f"{before}{one.name}", one.template
