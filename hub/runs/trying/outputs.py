"""What steps are known to give for a sample: pinned, tried, or by the item's latest run, in that order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Target
from connectors.sdk.registry import find
from hub.database import Row, fetch, from_jsonb
from hub.ids import show
from hub.recipes import BUILT_INS, from_plain
from hub.runs.trying.drafts import Draft
from hub.runs.trying.fingerprints import digest, given, makers
from hub.runs.trying.pins import Pins
from hub.runs.trying.store import KeptTry, TryStore
from hub.runs.trying.views import Known, Pin, Tried

USABLE = frozenset({"done", "waits"})


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What a step gave for an item in its latest run, and by which definition."""

    value: Any
    state: str
    run: UUID
    row: Row
    made_by: str | None


class Outputs:
    """Finds what is known of steps for several samples at once."""

    def __init__(self, pins: Pins, store: TryStore) -> None:
        self._pins = pins
        self._store = store

    async def pinned(self, workspace: UUID, recipe: UUID) -> Mapping[str, Pin]:
        """Return the pins by step."""
        return await self._pins.of(workspace, recipe)

    async def of(self, draft: Draft, recipe: UUID, samples: Sequence[Row]) -> Sequence[SampleOutputs]:
        """Return what is known for each of these items, in their order."""
        if not samples:
            return []
        workspace, identities = samples[0]["workspace"], [row["id"] for row in samples]
        pins = await self._pins.of(workspace, recipe)
        made = makers(draft, {step: digest(pin.value) for step, pin in pins.items()})
        tries: dict[UUID, list[KeptTry]] = {identity: [] for identity in identities}
        for one in await self._store.of(workspace, recipe, identities):
            tries[one.sample].append(one)
        ran = await _ran(workspace, recipe, samples, pins)
        return [SampleOutputs(draft, row, pins, made, tries[row["id"]], ran.get(row["id"], {})) for row in samples]


class SampleOutputs:
    """What is known of every step for one sample."""

    def __init__(  # what an answer is put together from
        self,
        draft: Draft,
        sample: Row,
        pins: Mapping[str, Pin],
        made: Mapping[str, str],
        tries: Sequence[KeptTry],
        ran: Mapping[str, Ran],
    ) -> None:
        self.sample = sample
        self.content = from_jsonb(sample["content"])
        self.pins = pins
        self.made = made
        self._draft = draft
        self._tries = tries
        self._whole = {one.tried.step: one for one in tries if one.tried.element is None}
        self._ran = ran
        self._known: dict[str, Known] = {}
        # Fingerprints of the values; steps stand in their order, so that what leads to one is here before it
        self._values = {"trigger": digest(self.content)}
        for step in draft.order:
            self._known[step] = found = self._find(step)
            self._values[step] = digest(found.value)

    def known(self, step: str) -> Known:
        """Return what is known of a step."""
        return self._known[step]

    def tried(self) -> list[Tried]:
        """Return the latest tries, each told whether it still holds."""
        return [msgspec.structs.replace(one.tried, stale=self._stale(one)) for one in self._tries]

    def latest(self, step: str) -> Tried | None:
        """Return the latest try of a whole step."""
        one = self._whole.get(step)
        return None if one is None else msgspec.structs.replace(one.tried, stale=self._stale(one))

    def _find(self, step: str) -> Known:
        pin, kept, ran = self.pins.get(step), self._whole.get(step), self._ran.get(step)
        if pin is not None:
            return Known(step=step, value=pin.value, state="done", source="pin", at=pin.at)
        if kept is not None and (ran is None or not self._writes(step)):
            return self._from_try(step, kept)
        if ran is not None:
            stale = ran.made_by != self.made.get(step)
            return Known(
                step=step, value=ran.value, state=ran.state, source="run", at=ran.row["started_at"],  # type: ignore[arg-type]  # one of the words in `_STATES`
                run=show("run", ran.run), stale=stale, message=ran.row["message"] or "",
            )  # fmt: skip
        return Known(step=step)

    def _from_try(self, step: str, kept: KeptTry) -> Known:
        tried = kept.tried
        value = tried.output if tried.state in USABLE or tried.state == "filtered" else None
        return Known(
            step=step, value=value, state=tried.state, source="try", at=tried.at, stale=self._stale(kept),
            message=tried.message,
        )  # fmt: skip

    def _stale(self, kept: KeptTry) -> bool:
        step = kept.tried.step
        if kept.made_by != self.made.get(step):
            return True
        return kept.given != given(self._draft, step, self._values)

    def _writes(self, step: str) -> bool:
        return writes(self._draft.steps[step].uses)


def writes(uses: str) -> bool:
    """Tell whether a try of such a step only shows what would be done, so that it has no output."""
    return uses in ("recipe", "aggregate") if uses in BUILT_INS else isinstance(find(uses), Target)


async def _ran(
    workspace: UUID, recipe: UUID, samples: Sequence[Row], pins: Mapping[str, Pin]
) -> Mapping[UUID, Mapping[str, Ran]]:
    """Return what steps gave in the latest runs of items, with the fingerprints of the versions that did it."""
    live = [row for row in samples if not row["test"]]
    if not live:
        return {}
    drafts = await _versions(workspace, recipe, sorted({row["version"] for row in live}))
    found: dict[UUID, dict[str, Ran]] = {row["id"]: {} for row in live}
    versions = {row["id"]: row["version"] for row in live}
    by_item: dict[UUID, dict[str, Row]] = {row["id"]: {} for row in live}
    for row in await fetch(_RAN, list(found), workspace):
        by_item[row["item"]][row["step"]] = row
    for item, rows in by_item.items():
        draft = drafts.get(versions[item])
        values = {step: from_jsonb(row["output"]) for step, row in rows.items()}
        made = makers(draft, {step: digest(values.get(step)) for step in pins}) if draft else {}
        for step, row in rows.items():
            if values[step] is None and draft is not None and draft.document.spec.settings.keep_outputs != "all":
                continue
            found[item][step] = Ran(
                value=values[step], state=_STATES[row["state"]], run=row["run"], row=row, made_by=made.get(step)
            )
    return found


async def _versions(workspace: UUID, recipe: UUID, numbers: Sequence[int]) -> Mapping[int, Draft]:
    rows = await fetch(_VERSIONS, workspace, recipe, list(numbers))
    return {row["number"]: Draft(from_plain(from_jsonb(row["content"])), (), row["number"]) for row in rows}


_STATES = {"done": "done", "ignored": "failed", "caught": "failed", "failed": "failed"}
_RAN = """
select distinct on (item, step) item, step, run, state, output, message, started_at from attempts
where item = any($1::uuid[]) and workspace = $2 and path = '' and state in ('done', 'ignored', 'caught', 'failed')
order by item, step, started_at desc"""
_VERSIONS = """
select number, content from document_versions where workspace = $1 and document = $2 and number = any($3::int[])"""
