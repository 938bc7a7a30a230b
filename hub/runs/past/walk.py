"""A draft walked through with one past item: asked anew only where it asks something else, and nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.recipes import CompiledRecipe, CompiledStep, TemplateError, Work
from hub.recipes.times import at_moment
from hub.runs.asking import Asking
from hub.runs.effects import Call
from hub.runs.failing import fail
from hub.runs.keys import render_key
from hub.runs.outcomes import Sending
from hub.runs.past.compared import Counts, Record, Writing, compare_writes, counts_of, shortened
from hub.runs.past.then import REMEMBERED, Then
from hub.runs.plans import PlannedPauses
from hub.runs.progress import Clock, Failure, Progress, progress_of
from hub.runs.stages import reaches
from hub.runs.steps import Steps, Travel

Seen = dict[str, set[str]]


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft would have done with one item, beside what was done."""

    state: str
    reason: str
    records: list[Record]
    counts: Counts
    taken: int
    anew: int
    unknown: list[str]
    keys: Mapping[str, str]


class _Capture:
    """Stands in for deliveries: keeps what would be written, and answers as the target did to the same write."""

    def __init__(self, then: Then) -> None:
        self._then = then
        self.writings: list[Writing] = []
        self.unanswered: set[str] = set()

    async def deliver(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Keep the writes."""
        for sending in sendings:
            write = sending.write
            made = Writing(
                step=write.step, path=write.path, target=call.target.uses, settings=write.settings, rows=write.rows
            )
            self.writings.append(made)
            same, sending.output = self._then.answer(made)
            if not same:
                sending.output = None
                self.unanswered.add(write.step)


class Walks:
    """Walks drafts through past items."""

    def __init__(self, steps: Steps, asking: Asking) -> None:
        self._steps = steps
        self._pauses = PlannedPauses(asking)

    async def walk(self, travel: Travel, draft: CompiledRecipe, then: Then, schemas: Schemas, seen: Seen) -> Walked:
        """Return what a draft would have done with an item, at the item's own moment."""
        (one,) = progress_of([then.row], {**then.surroundings(), "vars": draft.variables})
        walk = _Walk(self._steps, self._pauses, travel, then, schemas, seen)
        with at_moment(then.row["accepted_at"]):
            await walk.through(draft, one)
        records = compare_writes([written.writing for written in then.written], walk.capture.writings)
        return Walked(
            state=one.state,
            reason=one.reason or "",
            records=shortened(records),
            counts=counts_of(records),
            taken=walk.taken,
            anew=walk.anew,
            unknown=sorted(walk.unknown_steps),
            keys=walk.keys,
        )


# The published version of each schema of a workspace, by its name in small letters
Schemas = Mapping[str, int | None]


class _Walk:
    """One item on its way through a draft."""

    def __init__(  # what one walk stands on
        self, steps: Steps, pauses: PlannedPauses, travel: Travel, then: Then, schemas: Schemas, seen: Seen
    ) -> None:
        self.capture = _Capture(then)
        self.taken = self.anew = 0
        self.unknown_steps: list[str] = []
        self.keys: dict[str, str] = {}
        self._steps = steps.planning(self.capture, pauses)
        self._travel = travel
        self._then = then
        self._schemas = schemas
        self._seen = seen
        self._unknown: set[str] = set()

    async def through(self, draft: CompiledRecipe, one: Progress) -> None:
        """Do every step that the item reaches."""
        for step in draft.steps:
            if not one.active or not reaches(step, one):
                continue
            if step.reads & self._unknown:
                one.done(step.id, None)
                self._unknown.add(step.id)
                self.unknown_steps.append(step.id)
            else:
                await self._step(step, one)
        if one.active:
            one.leave("delivered", None)
        elif one.state.startswith("waiting"):
            one.leave("dead", one.step, one.reason, one.reason_kind)

    async def _step(self, step: CompiledStep, one: Progress) -> None:
        if step.work in {Work.LOCAL, Work.TARGET}:
            await self._steps.perform(self._travel, step, [one])
            if step.id in self.capture.unanswered:
                self._unknown.add(step.id)
        elif step.uses == "dedupe":
            self._dedupe(step, one)
        elif self._then.same_question(step, one.scope) and self._take(step, one):
            self.taken += 1
        else:
            self.anew += step.work in {Work.LOOKUP, Work.EXTRACT}
            await self._steps.perform(self._travel, step, [one])
            if step.uses in {"recipe", "aggregate"}:
                self._unknown.add(step.id)

    def _take(self, step: CompiledStep, one: Progress) -> bool:
        """Give a step's answer of then; an extraction counts only while its schema is the same."""
        row = self._then.row
        if step.id in self._then.gave:
            output = self._then.scope.get(step.id)
            if output is None and step.work in {Work.LOOKUP, Work.EXTRACT}:
                return False
            if step.work is Work.EXTRACT and not self._same_schema(output):
                return False
            one.done(step.id, output)
            return True
        if step.uses in REMEMBERED and row["step"] == step.id and row["state"] in {"delivered", "filtered", "dead"}:
            one.leave(row["state"], step.id, row["reason"], row["reason_kind"])
            return True
        return False

    def _same_schema(self, output: Any) -> bool:
        given = output if isinstance(output, list) else [output]
        for one in given:
            about = one.get("extraction", {}).get("schema", {}) if isinstance(one, dict) else {}
            name = str(about.get("name", "")).lower()
            if name in self._schemas and self._schemas[name] != about.get("version"):
                return False
        return True

    def _dedupe(self, step: CompiledStep, one: Progress) -> None:
        """Let pass what passed then; a step that asks for another key remembers those of this comparison only."""
        clock = Clock()
        try:
            key = render_key(step, one)
        except TemplateError as error:
            fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
            return
        output = self._then.scope.get(step.id) if self._then.same_question(step, one.scope) else None
        if isinstance(output, dict) and "new" in output:
            self.taken += 1
            fresh = bool(output["new"])
        else:
            fresh = key not in self._seen.setdefault(step.id, set())
            self.keys[step.id] = key
        self._seen.setdefault(step.id, set()).add(key)
        one.done(step.id, {"new": fresh})
        if not fresh:
            one.leave("filtered", step.id, "An item with the same key has passed before.", "duplicate")
