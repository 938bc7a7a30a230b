"""What a review looks at: the records of extractions, the reasons to ask about them, and what corrections make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.database import fetch, struct_from_jsonb
from hub.decisions.asks import Reason
from hub.errors import NotFoundError, Problem
from hub.extraction.results import Extraction, FieldResult
from hub.ids import parse

MOST_REASONS = 50
_INDEX = re.compile(r"\[\d+\]")


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From which confidence a value needs no person: for all fields, and for single ones."""

    below: float
    fields: Mapping[str, float] = {}
    always: bool = False
    on_problems: bool = True

    def of(self, path: str) -> float:
        """Return the threshold of a field: its own, that of its column, or that of what holds it."""
        plain = _INDEX.sub("", path)
        names = plain.split(".")
        holders = (".".join(names[:length]) for length in range(len(names), 0, -1))
        return next((self.fields[name] for name in (path, *holders) if name in self.fields), self.below)


class ReviewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record under review: its values, where each stands, and what is wrong with it."""

    number: int
    extraction: str
    title: str
    pages: tuple[int, int] | None
    record: dict[str, Any]
    fields: dict[str, FieldResult]
    problems: list[Problem]


async def stored(workspace: UUID, references: Sequence[str]) -> dict[str, Extraction]:
    """Return extractions by their ids; those that are not there any more are left out."""
    return await _found(_STORED, workspace, references)


async def held(workspace: UUID, references: Sequence[str]) -> dict[str, Extraction]:
    """Return them so, and let nobody else change or delete them until the transaction ends."""
    return await _found(_HELD, workspace, references)


def records_of(extractions: Sequence[Extraction]) -> list[ReviewRecord]:
    """Return every record of the extractions, numbered from 0 through all of them."""
    found: list[ReviewRecord] = []
    for extraction in extractions:
        for index, record in enumerate(extraction.records or [extraction.record]):
            part = extraction.parts[index] if index < len(extraction.parts) else None
            found.append(
                ReviewRecord(
                    number=len(found),
                    extraction=extraction.id,
                    title=part.title if part else "",
                    pages=part.pages if part else None,
                    record=record,
                    fields=part.fields if part else extraction.fields if index == 0 else {},
                    problems=part.problems if part else extraction.problems if index == 0 else [],
                )
            )
    return found


def reasons_of(records: Sequence[ReviewRecord], thresholds: Thresholds) -> list[Reason]:
    """Return why a person is to look at these records, the least sure first; nothing when all is sure enough."""
    found = [Reason(kind="always", message="The recipe asks for every record.")] if thresholds.always else []
    for record in records:
        found.extend(_unsure(record, thresholds))
        if thresholds.on_problems:
            found.extend(
                Reason(kind="problem", message=problem.message, path=problem.path, record=record.number)
                for problem in record.problems
            )
    return found[:MOST_REASONS]


def sentence_of(reasons: Sequence[Reason]) -> str:
    """Say in one sentence why a person is asked."""
    told = [f"{one.path}: {one.message}" if one.path and one.kind == "problem" else one.message for one in reasons[:3]]
    more = f" And {len(reasons) - 3} more." if len(reasons) > 3 else ""
    return " ".join(told) + more


def corrected(output: Any, after: Mapping[str, Any]) -> Any:
    """Return an extract step's output with the records that people have settled; a loop's outputs one by one.

    `after` holds for each extraction its `records` and `problems` as they are now.
    """
    if isinstance(output, list):
        return [corrected(one, after) for one in output]
    about = about_of(output)
    if about is None:
        return output
    ids = [str(one) for one in about.get("ids") or [about.get("id")]]
    if not all(one in after for one in ids):
        return output
    records = [record for one in ids for record in after.get(one, {}).get("records", [])]
    problems = [problem for one in ids for problem in after.get(one, {}).get("problems", [])]
    told = {**about, "confidence": 1.0, "problems": problems, "records": records}
    return {**(records[0] if records else {}), "extraction": told}


def about_of(output: Any) -> Mapping[str, Any] | None:
    """Return what an extract step's output tells about its extraction."""
    about = output.get("extraction") if isinstance(output, dict) else None
    return about if isinstance(about, dict) else None


def extractions_in(output: Any) -> list[str]:
    """Return the ids of the extractions behind an extract step's output, those of a loop in its order."""
    if isinstance(output, list):
        return [one for element in output for one in extractions_in(element)]
    about = about_of(output)
    return [] if about is None else [str(one) for one in about.get("ids") or [about.get("id")]]


def _unsure(record: ReviewRecord, thresholds: Thresholds) -> Iterator[Reason]:
    for path, field in sorted(record.fields.items(), key=lambda found: (found[1].confidence, found[0])):
        threshold = thresholds.of(path)
        if field.value is None:
            if path in thresholds.fields and threshold > 0:
                yield Reason(kind="missing", message=f"{path} was not found.", path=path, record=record.number)
        elif field.confidence < threshold:
            words = f"{path} is {_share(field.confidence)} sure; {_share(threshold)} is asked for."
            yield Reason(
                kind="unsure",
                message=words,
                path=path,
                record=record.number,
                confidence=field.confidence,
                threshold=threshold,
            )


def _share(value: float) -> str:
    return f"{value * 100:.1f}".removesuffix(".0") + "%"


async def _found(sql: str, workspace: UUID, references: Sequence[str]) -> dict[str, Extraction]:
    wanted = [identity for reference in references if (identity := _parsed(reference)) is not None]
    rows = await fetch(sql, workspace, wanted) if wanted else []
    found = [struct_from_jsonb(row["result"], Extraction) for row in rows]
    return {one.id: one for one in found}


def _parsed(reference: str) -> UUID | None:
    try:
        return parse("ext", reference)
    except NotFoundError:
        return None


_STORED = "select result from extractions where workspace = $1 and id = any($2::uuid[])"
# In the order of their ids, as everybody takes several extractions.
_HELD = f"{_STORED} order by id for update"
