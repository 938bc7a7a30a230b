"""Trying steps of a draft over samples: what came of it is kept until it is tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from connectors.sdk import Item
from hub.database import Row
from hub.errors import NotFoundError
from hub.ids import new_id, parse
from hub.members import Member, Verb
from hub.recipes import RecipeDocument
from hub.runs.catalogue import Catalogue
from hub.runs.steps import Travel
from hub.runs.trying import samples as kept_samples
from hub.runs.trying.drafts import Draft, draft_of
from hub.runs.trying.outputs import Outputs, SampleOutputs
from hub.runs.trying.store import TryStore
from hub.runs.trying.views import Attempted, Board, KnownSample, Mark, Sample, Tried, TryResult, sample_of
from hub.runs.trying.walk import Walker, Wish

Told = Callable[[str], None]


class Tries:
    """Tries steps and tells what is known of them; nothing outside is ever written."""

    def __init__(self, catalogue: Catalogue, walker: Walker, outputs: Outputs, store: TryStore) -> None:
        self._catalogue = catalogue
        self._walker = walker
        self._outputs = outputs
        self._store = store

    async def samples(self, member: Member, recipe: UUID, limit: int = kept_samples.MOST) -> Sequence[Sample]:
        """Return the items that a recipe can be tried with, the newest first."""
        member.authorize(Verb.READ)
        await draft_of(member, recipe)
        return [sample_of(row) for row in await kept_samples.newest(member, recipe, limit)]

    async def keep(self, member: Member, recipe: UUID, content: Any, title: str = "") -> Sample:
        """Keep a sample that was given by hand."""
        member.authorize(Verb.PLAN)
        draft = await draft_of(member, recipe)
        return sample_of(await self._kept(member, recipe, draft, content, title))

    async def forget(self, member: Member, recipe: UUID, item: UUID) -> None:
        """Remove a kept sample with its tries."""
        member.authorize(Verb.PLAN)
        await draft_of(member, recipe)
        await kept_samples.remove(member, recipe, item)

    async def known(
        self,
        member: Member,
        recipe: UUID,
        step: str | None = None,
        *,
        limit: int = kept_samples.MOST,
        document: RecipeDocument | None = None,
    ) -> Sequence[KnownSample]:
        """Return the newest samples with what the steps before one, or all steps, give for each.

        With a `document`, such as an open page holds, its steps are taken instead of the stored draft's.
        """
        member.authorize(Verb.READ)
        draft = await draft_of(member, recipe)
        if document is not None:
            draft = Draft(document, (), draft.version)
        before = draft.before(step)
        rows = await kept_samples.newest(member, recipe, limit)
        return [
            KnownSample(sample=sample_of(one.sample), content=one.content, outputs=[one.known(name) for name in before])
            for one in await self._outputs.of(draft, recipe, rows)
        ]

    async def tried(self, member: Member, recipe: UUID, item: UUID | None = None) -> TryResult | None:
        """Return the latest tries over a sample, by default the one tried last; None before the first."""
        member.authorize(Verb.READ)
        found = await self._of_sample(member, recipe, await draft_of(member, recipe), item)
        return None if found is None else TryResult(sample=sample_of(found.sample), steps=found.tried())

    async def marks(
        self, member: Member, recipe: UUID, item: UUID | None = None, *, document: RecipeDocument | None = None
    ) -> Mapping[str, Mark]:
        """Return how each step stands for a sample, by default the one tried last; pins stand without any."""
        member.authorize(Verb.READ)
        draft = await draft_of(member, recipe)
        if document is not None:
            draft = Draft(document, (), draft.version)
        found = await self._of_sample(member, recipe, draft, item)
        if found is None:
            pins = await self._outputs.pinned(member.workspace, recipe)
            return {step: Mark(pinned=step in pins) for step in draft.order}
        return {step: _mark(found, step) for step in draft.order}

    async def board(self, member: Member, recipe: UUID, item: UUID | None = None) -> Board:
        """Return all there is to know for a sample: by default the one tried last, else the newest."""
        member.authorize(Verb.READ)
        draft = await draft_of(member, recipe)
        found = await self._of_sample(member, recipe, draft, item)
        if found is None:
            rows = await kept_samples.newest(member, recipe, 1)
            found = next(iter(await self._outputs.of(draft, recipe, rows)), None)
        pins = await self._outputs.pinned(member.workspace, recipe)
        if found is None:
            marks = {step: Mark(pinned=step in pins) for step in draft.order}
            return Board(sample=None, content=None, outputs=[], tries=[], pins=list(pins.values()), marks=marks)
        return Board(
            sample=sample_of(found.sample),
            content=found.content,
            outputs=[found.known(step) for step in draft.order],
            tries=found.tried(),
            pins=list(pins.values()),
            marks={step: _mark(found, step) for step in draft.order},
        )

    async def attempt(
        self, member: Member, recipe: UUID, step: str, wish: Attempted, told: Told | None = None
    ) -> TryResult:
        """Try a step with a sample: what it needs and is not known is done first, writes are only shown."""
        member.authorize(Verb.PLAN)
        draft = await draft_of(member, recipe)
        draft.compiled(step)
        row = await self._sample(member, recipe, draft, wish)
        (outputs,) = await self._outputs.of(draft, recipe, [row])
        travel = Travel(
            workspace=member.workspace, recipe=recipe, version=draft.version, run=new_id(), fence=0, concurrency=None
        )
        made = await self._walker.walk(
            travel, draft, outputs, Wish(step=step, up_to=wish.up_to, element=wish.element, told=told)
        )
        await self._store.keep(member, recipe, made)
        return TryResult(sample=sample_of(row), steps=[one.tried for one in made])

    async def _sample(self, member: Member, recipe: UUID, draft: Draft, wish: Attempted) -> Row:
        if wish.content is not None:
            return await self._kept(member, recipe, draft, wish.content, "")
        return await kept_samples.sample_row(member, recipe, parse("itm", wish.item) if wish.item else None)

    async def _kept(self, member: Member, recipe: UUID, draft: Draft, content: Any, title: str) -> Row:
        given = Item(content=content, title=title or "Sample")
        return (await kept_samples.keep(member, recipe, draft.version, [given], self._catalogue))[0]

    async def _of_sample(self, member: Member, recipe: UUID, draft: Draft, item: UUID | None) -> SampleOutputs | None:
        wanted = item or await self._store.newest_sample(member.workspace, recipe)
        if wanted is None:
            return None
        try:
            row = await kept_samples.sample_row(member, recipe, wanted)
        except NotFoundError:
            if item is not None:
                raise
            return None
        return (await self._outputs.of(draft, recipe, [row]))[0]


def _mark(found: SampleOutputs, step: str) -> Mark:
    pinned, tried, known = step in found.pins, found.latest(step), found.known(step)
    if tried is None:
        return Mark(pinned=pinned, stale=known.source == "run" and known.stale)
    return Mark(pinned=pinned, stale=tried.stale, tried=_outcome(tried))


def _outcome(tried: Tried) -> Any:
    return {"failed": "failed", "unknown": None, "skipped": None}.get(tried.state, "ok")
