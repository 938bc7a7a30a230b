"""From the answers to a review to corrected records: each change goes to its extraction, in the name of its person."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.database import Row, fetch, from_jsonb
from hub.decisions.answers import Answer, Said
from hub.decisions.records import held, stored
from hub.errors import ConflictError, InvalidError, Problem
from hub.extraction.learning.amend import Change
from hub.extraction.results import Extraction
from hub.ids import show
from hub.members import Member, Role

Place = tuple[str, int]


class Corrector(Protocol):
    """What keeps corrections and what they teach; `hub.extraction.learning` implements it."""

    def turn(self, workspace: UUID) -> AbstractAsyncContextManager[None]:
        """Wait, outside of any transaction, until nobody else teaches in the workspace."""
        ...

    def hold(self, workspace: UUID) -> Awaitable[None]:
        """Let nobody else teach in the workspace until the current transaction ends; before extractions are held."""
        ...

    def apply(
        self,
        workspace: UUID,
        member: Member,
        extraction: str,
        changes: Sequence[Change],
        *,
        decision: UUID | None = None,
    ) -> Awaitable[object]:
        """Put values of an extraction right within the current transaction; records count within the extraction."""
        ...

    def settle(self, workspace: UUID, member: Member, extraction: str, verdict: Any) -> Awaitable[object]:
        """Say within the current transaction that the extraction is correct as it is now."""
        ...


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """What a review made of its extractions: their records now, and every value that was changed."""

    extractions: dict[str, Any]
    changed: list[dict[str, Any]]


class Correcting:
    """Applies what people corrected."""

    def __init__(self, corrector: Corrector) -> None:
        self._corrector = corrector

    def turn(self, workspace: UUID, answer: Answer) -> AbstractAsyncContextManager[None]:
        """Return what to hold around the transaction of an answer, as accepting a review teaches."""
        return self._corrector.turn(workspace) if answer.decision == "accept" else nullcontext()

    async def apply(
        self, member: Member, decision: UUID, extractions: Sequence[str], said: Sequence[Said]
    ) -> Corrected:
        """Correct the extractions of an accepted review within the current transaction, one person after the other."""
        await self._corrector.hold(member.workspace)
        before = await held(member.workspace, extractions)
        present = [before[one] for one in extractions if one in before]
        if len(present) < len(extractions) and any(one.answer.changes for one in said):
            raise ConflictError("One of these extractions was deleted meanwhile, so that it cannot be corrected.")
        places = _places(present)
        for one in said:
            acting = member if one.user == member.user else _as(member, one.user)
            for extraction, changes in _by_extraction(one.answer.changes, places):
                await self._corrector.apply(member.workspace, acting, extraction, changes, decision=decision)
        for found in present:
            await self._corrector.settle(member.workspace, member, found.id, "correct")
        after = await stored(member.workspace, [one.id for one in present]) if present else {}
        numbers = {place: number for number, place in enumerate(places)}
        rows = await fetch(_MADE, member.workspace, decision)
        return Corrected(
            extractions={one: _settled(found) for one, found in after.items()},
            changed=[_told(row, numbers) for row in rows],
        )


def _places(extractions: Sequence[Extraction]) -> list[Place]:
    """Number the records through all extractions."""
    return [(one.id, index) for one in extractions for index in range(max(len(one.records), 1))]


def _by_extraction(changes: Sequence[Change], places: Sequence[Place]) -> Iterator[tuple[str, list[Change]]]:
    """Sort changes by extraction, in the order in which they were made."""
    sorted_out: dict[str, list[Change]] = {}
    for number, change in enumerate(changes):
        if change.record >= len(places):
            words = f"There is no record {change.record}; there are {len(places)}, counted from 0."
            raise InvalidError(words, errors=[Problem(f"changes[{number}].record", words)])
        extraction, index = places[change.record]
        sorted_out.setdefault(extraction, []).append(msgspec.structs.replace(change, record=index))
    yield from sorted_out.items()


def _as(member: Member, user: UUID) -> Member:
    """Act as the first of two people, in whose name a correction is kept."""
    return Member(workspace=member.workspace, user=user, role=Role.EDITOR)


def _settled(extraction: Extraction) -> dict[str, Any]:
    return {
        "records": extraction.records or [extraction.record],
        "problems": [msgspec.to_builtins(problem) for problem in extraction.problems],
    }


def _told(row: Row, numbers: Mapping[Place, int]) -> dict[str, Any]:
    return {
        "record": numbers[show("ext", row["extraction"]), row["record"]],
        "path": row["path"],
        "kind": row["kind"],
        "before": from_jsonb(row["before"]),
        "after": from_jsonb(row["after"]),
        "by": row["email"],
    }


_MADE = """
select c.extraction, c.record, c.path, c.kind, c.before, c.after, u.email
from corrections c left join users u on u.id = c.member
where c.workspace = $1 and c.decision = $2 order by c.id"""
