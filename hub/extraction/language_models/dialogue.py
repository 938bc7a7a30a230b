"""One document and the providers that are asked about it: portion by portion, the next provider when one fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from hub.errors import HubError, InvalidError, Problem, UnavailableError
from hub.extraction.engines import Answer
from hub.extraction.language_models.answer import NotValidError, decoded
from hub.extraction.language_models.budget import Budget, Estimate
from hub.extraction.language_models.equipment import Equipment
from hub.extraction.language_models.filling import Filled
from hub.extraction.language_models.portions import Portion, portions, shown
from hub.extraction.language_models.request import Request, make_request
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.providers import LOCAL, Asking, OpenProvider, Said, asking

# About 600,000 characters: nobody wants a bill for more without knowing.
MOST_REQUESTS = 20
# A portion of this size whose answer is too long is not cut any further.
_SMALLEST = 2_000


class _Outcome(msgspec.Struct):
    """What came of a portion: an answer, a failure in words, an answer that was cut, or the end of the budget."""

    raw: str = ""
    answer: Mapping[str, Any] | None = None
    pages: Sequence[int] = ()
    failure: str = ""
    is_cut: bool = False
    is_end: bool = False


class Dialogue:
    """Asks about one reading and keeps account of it."""

    def __init__(
        self,
        chain: Sequence[OpenProvider],
        equipment: Equipment,
        budget: Budget,
        reading: Reading,
        schema: Schema,
    ) -> None:
        self._chain = chain
        self._equipment = equipment
        self._reading = reading
        self._schema = schema
        self._filled = Filled(reading)
        self._budget = budget
        self._before = budget.used
        self._at = 0
        self._failed: list[HubError] = []
        self._notes: list[str] = []
        self._problems: list[Problem] = []
        self._raw: list[str] = []
        self._asking: dict[str, Asking] = {}

    async def run(self) -> Answer:
        """Return what the models found; raises the failure when none of them could be asked at all."""
        chosen = shown(self._reading, self._schema)
        self._note(chosen.note)
        examples = [text for one in self._equipment.examples for text in (one.text, one.told)]
        await self._equipment.screen.examine([self._reading.text, *examples], self._reading.language)
        # A scan without any words is one portion too: its pictures are shown.
        parts = portions(self._reading.text, chosen.ranges, self._chain[0].characters) or [Portion(chosen.ranges)]
        waiting = deque(parts)
        async with AsyncExitStack() as stack:
            for _ in range(MOST_REQUESTS):
                rest = self._filled.rest(self._schema) if waiting else None
                if rest is None or not await self._take(waiting, rest, stack):
                    waiting.clear()
                    break
        if waiting:
            told = "The document is too long for language models: "
            told += f"only its first {MOST_REQUESTS} parts were shown. Split it."
            self._problems.append(Problem("", told))
        usage = msgspec.structs.replace(self._budget.since(self._before), notes=tuple(self._notes))
        problems = (*self._problems, *self._filled.doubts())
        return Answer(self._filled.findings(), usage, problems, "\n\n".join(self._raw) or None)

    async def _take(self, waiting: deque[Portion], rest: Schema, stack: AsyncExitStack) -> bool:
        """Ask about the next portion; tells whether to go on."""
        portion = waiting.popleft()
        try:
            outcome = await self._through_chain(portion, rest, stack)
        except InvalidError as error:
            if not self._raw:
                raise
            self._problems.append(Problem("", error.message))
            return False
        self._raw += [outcome.raw] if outcome.raw else []
        if outcome.answer is not None:
            self._filled.add(portion, rest.spec.fields, outcome.answer, outcome.pages)
        elif outcome.is_cut and portion.size > _SMALLEST:
            waiting.extendleft(reversed(portion.halves(self._reading.text)))
        else:
            self._problems.append(Problem("", outcome.failure))
        return not outcome.is_end

    async def _through_chain(self, portion: Portion, rest: Schema, stack: AsyncExitStack) -> _Outcome:
        """Ask one provider after the other until one answers; who has failed is not asked again."""
        while True:
            provider = self._chain[self._at]
            is_last = self._at == len(self._chain) - 1
            try:
                outcome = await self._by(provider, portion, rest, stack)
            except HubError as error:
                self._failed.append(error)
                if is_last:
                    raise self._all_failed() from error
                self._go_on(provider, error.message)
                continue
            if not outcome.failure or outcome.is_cut or outcome.is_end or is_last:
                return outcome
            self._raw += [outcome.raw] if outcome.raw else []
            self._go_on(provider, outcome.failure)

    async def _by(self, provider: OpenProvider, portion: Portion, rest: Schema, stack: AsyncExitStack) -> _Outcome:
        """Ask one provider, and once more when its answer is not valid."""
        if portion.size > provider.characters:
            return _Outcome(failure=f"A part of the document is too long for {provider.model.name}.", is_cut=True)
        request = await make_request(provider, self._equipment, self._reading, rest, portion)
        for note in request.notes:
            self._note(note)
        memory, raw, failure = self._equipment.memory, "", ""
        kept = await memory.recall(request.asked) if memory and not self._equipment.settings.fresh else None
        if kept is not None:
            self._budget.name(provider, provider.model.name)
            self._note("An answer to the same question was kept from before, so nothing was asked and nothing spent.")
            return self._valid(kept, rest, request)
        for _ in range(2):
            refusal = self._budget.refusal(provider, request.estimate)
            if refusal:
                return _Outcome(raw=raw, failure=refusal, is_end=True)
            said = await self._ask(provider, request, stack)
            raw = said.content
            if said.failure:
                return _Outcome(raw=raw, failure=said.failure, is_cut=said.is_cut)
            try:
                outcome = self._valid(raw, rest, request)
            except NotValidError as error:
                failure = str(error)
                continue
            if memory:
                await memory.keep(request.asked, self._reading.source, raw)
            return outcome
        return _Outcome(raw=raw, failure=failure)

    async def _ask(self, provider: OpenProvider, request: Request, stack: AsyncExitStack) -> Said:
        if provider.id not in self._asking:
            self._asking[provider.id] = await stack.enter_async_context(asking(provider))
        likely, meter = request.estimate, self._equipment.meter
        cost = provider.model.cost(likely.input_tokens, likely.output_tokens)
        call = await meter.reserve(provider, likely.tokens, cost) if meter else None
        spent = (0, 0)
        try:
            question = msgspec.structs.replace(
                request.question, most_tokens=_most(provider, self._budget.room(likely), likely)
            )
            said = await self._asking[provider.id].ask(question)
            spent = (said.input_tokens, said.output_tokens)
        finally:
            if meter:
                await meter.settle(provider, call, *spent)
        self._budget.add(provider, said)
        return said

    def _valid(self, raw: str, rest: Schema, request: Request) -> _Outcome:
        answer = self._equipment.screen.restore(decoded(raw, rest.spec.fields))
        return _Outcome(raw=raw, answer=answer if isinstance(answer, dict) else {}, pages=request.pages)

    def _go_on(self, provider: OpenProvider, reason: str) -> None:
        self._at += 1
        self._note(f"{provider.name} ({provider.model.name}) gave no answer, so the next was asked: {reason}")

    def _all_failed(self) -> HubError:
        if len(self._failed) == 1:
            return self._failed[0]
        message = "No language model answered. " + " ".join(error.message for error in self._failed)
        waits = [error.retry_after or 0 for error in self._failed if isinstance(error, UnavailableError)]
        return UnavailableError(message, retry_after=max(waits)) if waits else InvalidError(message)

    def _note(self, note: str) -> None:
        if note and note not in self._notes:
            self._notes.append(note)


def _most(provider: OpenProvider, room: int | None, likely: Estimate) -> int | None:
    """Return the most tokens of an answer; small models on this machine go on for ever unless they are stopped."""
    if provider.id != LOCAL:
        return room
    return min(room or 2 * likely.output_tokens, 2 * likely.output_tokens)
