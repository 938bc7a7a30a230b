"""Walking a sample up to a step: lookups and extraction for real, writes and questions only shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sdk import Change
from hub.errors import InvalidError, Problem
from hub.recipes import CompiledStep, TemplateError, Work
from hub.runs.asking import WOULD_WAIT, Asking
from hub.runs.catalogue import Catalogue
from hub.runs.effects import Call
from hub.runs.outcomes import Sending
from hub.runs.plans import PlannedPauses, previewed, surroundings_of
from hub.runs.progress import Clock, Progress, Trace, progress_of
from hub.runs.stages import reaches, settle_known
from hub.runs.steps import Steps, Travel
from hub.runs.trying.drafts import Draft
from hub.runs.trying.fingerprints import digest, given
from hub.runs.trying.outputs import USABLE, SampleOutputs, writes
from hub.runs.trying.spending import Spent, spent
from hub.runs.trying.store import KeptTry, plain
from hub.runs.trying.views import Tried, TryState

LONGEST = 300.0
_FROM = {"pin": "its pin", "try": "an earlier try", "run": "the item's run"}
_FAILED = frozenset({"failed", "ignored", "caught"})


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which step to try, whether all before it are done anew, and for which loop element."""

    step: str
    up_to: bool = False
    element: int | None = None
    told: Callable[[str], None] | None = None


class Previews:
    """Stands in for the ledger's effects: asks what writes would change and keeps nothing."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.changes: list[Change] = []

    async def deliver(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Collect what the writes would change."""
        for seen in await previewed(self._catalogue, call, sendings):
            self.changes.extend(seen or ())


class Walker:
    """Does steps for one sample; what it finds is returned, and kept by who asked."""

    def __init__(self, catalogue: Catalogue, steps: Steps, asking: Asking) -> None:
        self._catalogue = catalogue
        self._steps = steps
        self._asking = asking

    async def walk(self, travel: Travel, draft: Draft, outputs: SampleOutputs, wish: Wish) -> Sequence[KeptTry]:
        """Do a step for a sample, and before it what is not known yet; the last one is how far it came."""
        compiled = draft.compiled(wish.step)
        surroundings = surroundings_of(compiled, travel.run, travel.version)
        walk = _Walk(draft, outputs, progress_of([outputs.sample], surroundings)[0], wish)
        for step in compiled.steps:
            if not walk.one.active:
                break
            if walk.takes(step):
                continue
            if wish.told is not None:
                wish.told(step.id)
            previews = Previews(self._catalogue)
            doing = self._steps.planning(previews, PlannedPauses(self._asking))
            await walk.do(travel, step, doing, previews)
        return walk.ended(compiled.by_id[wish.step])


class _Walk:
    """One sample on its way."""

    def __init__(self, draft: Draft, outputs: SampleOutputs, one: Progress, wish: Wish) -> None:
        self.one = one
        self._draft = draft
        self._outputs = outputs
        self._wish = wish
        self._log: list[str] = []
        self._unknown: set[str] = set()
        self._tries: list[KeptTry] = []
        one.tries, one.resumed = 0, None

    def takes(self, step: CompiledStep) -> bool:
        """Take over what is known of a step, or settle one that the sample does not reach; False: it is to be done."""
        one, asked, before = self.one, step.id == self._wish.step, len(self.one.traces)
        reached = reaches(step, one)
        if len(one.traces) > before:
            self._record(step, Clock(), before=before)
        elif not reached:
            self._passed(step, asked)
        elif not asked and self._reused(step):
            known = self._outputs.known(step.id)
            self._log.append(f"{step.id}: taken from {_FROM[known.source]}.")
            settle_known(one, step, known.value)
        else:
            return False
        return True

    def _reused(self, step: CompiledStep) -> bool:
        known = self._outputs.known(step.id)
        if known.source == "pin" or (known.source == "run" and known.state == "done" and writes(step.uses)):
            return True
        if self._wish.up_to or known.stale or known.source == "none":
            return False
        if known.source == "run" and (step.work is Work.LOCAL or step.uses in {"dedupe", "sync"}):
            return False  # whether an item ends here is decided anew, and costs nothing
        return known.state in USABLE and not (known.source == "try" and writes(step.uses))

    def _passed(self, step: CompiledStep, asked: bool) -> None:
        """Say that a sample passes a step by; that somebody has asked for."""
        if step.disabled and self.one.settled.get(step.id) != "skipped":
            self._keep(step, "skipped", Clock(), message="This step is switched off.")
        elif asked or self._wish.up_to or self._outputs.known(step.id).source == "try":
            self._keep(step, "skipped", Clock(), message="The sample does not come this way.")

    async def do(self, travel: Travel, step: CompiledStep, doing: Steps, previews: Previews) -> None:
        """Do a step and keep what came of it."""
        one, clock, before = self.one, Clock(), len(self.one.traces)
        if missing := step.reads & self._unknown:
            words = f"It needs what {', '.join(sorted(missing))} would answer; pin an output there to go on."
            one.done(step.id, None)
            self._unknown.add(step.id)
            self._keep(step, "unknown", clock, message=words)
            return
        elements = self._count(step)
        try:
            async with asyncio.timeout(LONGEST):
                await doing.perform(travel, self._narrowed(step), [one])
        except TimeoutError:
            one.leave("dead", step.id, f"It took longer than {LONGEST / 60:.0f} minutes.", "TemporaryError")
        if writes(step.uses):
            self._unknown.add(step.id)
            one.scope[step.id] = None
        elif step.id in one.scope:
            one.scope[step.id] = plain(one.scope[step.id])
        cost = await spent(travel.workspace, one.scope.get(step.id)) if step.work is Work.EXTRACT else Spent()
        self._record(
            step, clock, before=before, changes=previews.changes, elements=elements, **msgspec.structs.asdict(cost)
        )

    def _count(self, step: CompiledStep) -> int | None:
        if step.each is None:
            return None
        try:
            return len(step.elements(self.one.scope))
        except TemplateError:
            return None  # the step itself says so

    def _narrowed(self, step: CompiledStep) -> CompiledStep:
        """Return the step as it is done for one element, which is put into the scope."""
        element = self._wish.element
        if element is None or step.id != self._wish.step:
            return step
        if step.each is None:
            raise InvalidError("This step does not loop.", errors=[Problem("element", "This step does not loop.")])
        try:
            elements = step.elements(self.one.scope)
        except TemplateError as error:
            raise InvalidError(str(error), errors=[Problem("element", str(error))]) from error
        if not 0 <= element < len(elements):
            message = f"The list has {len(elements):,} elements; they are counted from 0."
            raise InvalidError(message, errors=[Problem("element", message)])
        self.one.scope = step.inside(self.one.scope, elements[element], element)
        return msgspec.structs.replace(step, each=None)

    def _record(self, step: CompiledStep, clock: Clock, *, before: int, **found: Any) -> None:
        one = self.one
        trace = next((trace for trace in reversed(one.traces[before:]) if not trace.path), None)
        state = _state(one, trace)
        output = one.scope.get(step.id) if state in ("done", "waits", "filtered") else None
        self._keep(
            step, state, clock, input=plain(trace.input) if trace else None, output=output,
            problem=(trace.error_kind if trace else one.reason_kind) if state == "failed" else None,
            message=(trace.message if trace else None) or one.reason or "", **found,
        )  # fmt: skip
        if state == "failed" and one.active:
            self._log.append(f"{step.id}: failed, and the recipe goes on as it says.")

    def _keep(self, step: CompiledStep, state: TryState, clock: Clock, **found: Any) -> None:
        element = self._wish.element if step.id == self._wish.step else None
        tried = Tried(
            step=step.id, element=element, state=state, took_ms=round(clock.took_ms, 1), at=datetime.now(UTC),
            log=tuple(self._log), **found,
        )  # fmt: skip
        scope = {**self.one.scope, "trigger": self._outputs.content}
        scope |= {name: pin.value for name, pin in self._outputs.pins.items()}
        values = {name: digest(scope.get(name)) for name in ("trigger", *self._draft.before(step.id))}
        self._tries.append(
            KeptTry(
                sample=self.one.item, tried=tried, made_by=self._outputs.made[step.id],
                given=given(self._draft, step.id, values),
            )
        )  # fmt: skip
        self._log.append(f"{step.id}: {tried.message or state}")

    def ended(self, step: CompiledStep) -> Sequence[KeptTry]:
        """Return the tries; when the sample ended before the step, that is told of it."""
        last = self._tries[-1].tried if self._tries else None
        if not any(one.tried.step == step.id for one in self._tries) and last is not None and last.state == "filtered":
            self._keep(step, "skipped", Clock(), message=f"The sample ends before, at the step {last.step}.")
        return self._tries


def _state(one: Progress, trace: Trace | None) -> TryState:
    if one.state in ("filtered", "delivered", "cancelled"):
        return "filtered"
    if one.state in ("dead", "waiting_until") or (trace is not None and trace.state in _FAILED):
        return "failed"
    return "waits" if trace is not None and trace.state == WOULD_WAIT else "done"
