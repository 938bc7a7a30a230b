"""From the answers to a review to corrected records: each change goes to its extraction, in the name of its person."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.decisions.answers import Attributed, Change, Said, standing
from hub.decisions.records import stored
from hub.errors import ConflictError, InvalidError, Problem
from hub.extraction.results import Extraction
from hub.members import Member, Role

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Corrector(Protocol):
    """What keeps corrections and what they teach; `hub.extraction.learning` implements it."""

    def apply(
        self, member: Member, extraction: str, changes: Sequence[Change], *, decision: UUID | None = None
    ) -> Awaitable[object]:
        """Put values of an extraction right within the current transaction; all others are thereby judged right.

        `record` of a change counts within the extraction.
        """
        ...


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """What a review made of its extractions: their records now, and every value that was changed."""

    extractions: dict[str, Any]
    changed: list[dict[str, Any]]


class Correcting:
    """Applies what people corrected."""

    def __init__(self, corrector: Corrector) -> None:
        self._corrector = corrector

    async def apply(
        self, member: Member, decision: UUID, extractions: Sequence[str], said: Sequence[Said]
    ) -> Corrected:
        """Correct the extractions of an accepted review within the current transaction."""
        before = await stored(member.workspace, extractions)
        present = [one for one in extractions if one in before]
        corrections = list(_placed(standing(said), [before[one] for one in present]))
        if corrections and len(present) < len(extractions):
            raise ConflictError("One of these extractions was deleted meanwhile, so that it cannot be corrected.")
        for extraction in present:
            own = [one for one in corrections if one.extraction == extraction]
            for user, made in groupby(own, key=lambda one: one.by.user):
                await self._corrector.apply(
                    _as(member, user), extraction, [one.change for one in made], decision=decision
                )
            if not own:
                await self._corrector.apply(member, extraction, [], decision=decision)
        after = await stored(member.workspace, present) if present else {}
        changed = [one.told(before, after) for one in corrections]
        return Corrected(
            extractions={one: _settled(found) for one, found in after.items()},
            changed=[one for one in changed if one["before"] != one["after"]],
        )


class _Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A correction, the extraction it belongs to, and the record counted within that."""

    extraction: str
    change: Change
    by: Attributed

    def told(self, before: Mapping[str, Extraction], after: Mapping[str, Extraction]) -> dict[str, Any]:
        place = self.change.record, self.change.path
        return {
            "record": self.by.change.record,
            "path": self.change.path,
            "before": _value(before[self.extraction], *place),
            "after": _value(after[self.extraction], *place),
            "by": self.by.email,
        }


def _placed(corrections: Sequence[Attributed], extractions: Sequence[Extraction]) -> Iterator[_Placed]:
    """Find the extraction of each correction; records are numbered through all of them."""
    places = [(one.id, index) for one in extractions for index in range(max(len(one.records), 1))]
    for number, one in enumerate(corrections):
        if one.change.record >= len(places):
            words = f"There is no record {one.change.record}; there are {len(places)}, counted from 0."
            raise InvalidError(words, errors=[Problem(f"changes[{number}].record", words)])
        extraction, index = places[one.change.record]
        yield _Placed(extraction=extraction, change=msgspec.structs.replace(one.change, record=index), by=one)


def _as(member: Member, user: UUID) -> Member:
    """Act as the one who made a correction; the last one to answer acts for all."""
    return member if user == member.user else Member(workspace=member.workspace, user=user, role=Role.EDITOR)


def _settled(extraction: Extraction) -> dict[str, Any]:
    return {
        "records": extraction.records or [extraction.record],
        "problems": [msgspec.to_builtins(problem) for problem in extraction.problems],
    }


def _value(extraction: Extraction, record: int, path: str) -> Any:
    """Return the value at a path of a record, None where there is none."""
    records = extraction.records or [extraction.record]
    value: Any = records[record] if record < len(records) else None
    for name, index in _PART.findall(path):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value
