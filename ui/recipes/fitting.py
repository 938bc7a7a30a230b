"""What a new step begins with: fields that come before it, where its examples could only guess."""

from __future__ import annotations

import re
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
from hub.recipes.templates import compile_value
from hub.runs.previews import KnownField, KnownFields, Trial
from ui.recipes.palette import holds
from ui.recipes.steps import TRIGGER
from ui.visit import Visit

# What triggers call that which can be read, the likeliest first
READABLE = ("file", "files", "attachments", "body")
RECORDS = frozenset({"extract", "review"})
MOST_COLUMNS = 30
MOST_GUESSED = 5
BODY = "body"


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
    known = Known(fields, {step.id for step in steps if step.uses in RECORDS})
    begun = {name: known.led(value) for name, value in part.get("with", {}).items()}
    for field in describe(settings):
        if field.kind is FieldKind.FILE and field.templated and field.required:
            begun[field.name] = known.readable() or part.get("with", {}).get(field.name)
        elif field.record and field.name in begun:
            begun[field.name] = known.columns() or begun[field.name] or known.guessed(part["with"][field.name])
    return {**part, "with": _sound(settings, {name: value for name, value in begun.items() if value is not None})}


def _sound(settings: type[Settings], begun: dict[str, Any]) -> dict[str, Any]:
    """Return settings with the one choice that needs no more than there is, where the usual one does."""
    open_choices = [one for one in describe(settings) if one.kind is FieldKind.CHOICE and one.name not in begun]
    tried = ({**begun, one.name: choice} for one in open_choices for choice in one.choices)
    return next((one for one in (begun, *tried) if holds(settings, one)), begun)


class Known:
    """What there is at the place of a new step: fields of the nearest record, and of what the trigger brought."""

    def __init__(self, fields: KnownFields, records: AbstractSet[str]) -> None:
        self._names = {one.name for one in fields.sources}
        self._record = next((one.field for one in fields.sources if one.name in records), None)
        trigger = next((one.field for one in fields.sources if one.name == TRIGGER), None)
        self._brought = trigger.fields if trigger else ()
        body = next((one for one in self._brought if one.name == BODY), None)
        self._nearest = self._record or body or trigger

    def readable(self) -> str:
        """Return the template of a file that came in; nothing where none is known."""
        known = {one.name: one.template for one in self._brought}
        return next((known[name] for name in READABLE if name in known), "")

    def columns(self) -> Mapping[str, str]:
        """Return a column for each plain field of the nearest record."""
        return dict(list(_plain(self._record, ""))[:MOST_COLUMNS]) if self._record else {}

    def guessed(self, example: Any) -> Any:
        """Return columns where none of the example's fields is known: some that are, or the example's own names."""
        if self._nearest is None or not isinstance(example, dict):
            return example
        if self._nearest.fields:
            return dict([one for one in _plain(self._nearest, "") if one[0] not in READABLE][:MOST_GUESSED])
        return {name: self._moved(value) for name, value in example.items()}

    def led(self, value: Any) -> Any:
        """Lead the templates of examples, which name steps that only might be there, to what is there, or leave out."""
        if isinstance(value, dict) and value:
            led = {name: self.led(held) for name, held in value.items()}
            return {name: held for name, held in led.items() if held is not None} or None
        if isinstance(value, list):
            return [held for one in value if (held := self.led(one)) is not None]
        if not isinstance(value, str) or "{{" not in value:
            return value
        strange = [path for path in compile_value(value).paths if str(path[0]) not in self._names]
        there = {one.name for one in self._nearest.fields} if self._nearest else set()
        if any(len(path) < 2 or path[1] not in there for path in strange):
            return None
        return self._moved(value)

    def _moved(self, value: Any) -> Any:
        if not isinstance(value, str) or "{{" not in value or self._nearest is None:
            return value
        for name in {str(path[0]) for path in compile_value(value).paths} - self._names:
            value = re.sub(rf"(?<![\w.]){re.escape(name)}(?=\.)", self._nearest.template.strip("{} "), value)
        return value


def _plain(field: KnownField, before: str) -> Iterator[tuple[str, str]]:
    """Yield the values of a record by name; what is in lists has no single value."""
    for one in field.fields:
        if one.within or any(inner.within for inner in one.fields):
            continue
        if one.fields:
            yield from _plain(one, f"{before}{one.name}_")
        else:
            yield f"{before}{one.name}", one.template
