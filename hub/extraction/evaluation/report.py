"""What an evaluation measured: per document, per field, and altogether."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from hub.extraction.confidence.reliability import Reliability, Told, reliability
from hub.extraction.evaluation.judge import Judged


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of values; `accuracy` is the share of right ones among all that were expected or given.

    Fields that are empty and should be are in `absent` and in no share. `invented_share` is of the values given;
    `local` counts values given without a model, `verified` those whose evidence says them by itself.
    """

    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0
    absent: int = 0
    given: int = 0
    local: int = 0
    verified: int = 0

    @property
    def fields(self) -> int:
        """Values that were expected or given."""
        return self.right + self.wrong + self.missing + self.invented


class FieldRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one field of one schema went in all documents."""

    schema: str
    field: str
    accuracy: float
    right: int
    wrong: int
    missing: int
    invented: int


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one document went; `wrong` are the paths that are wrong, missing or invented."""

    document: str
    schema: str
    fields: int
    right: int
    invented: int
    wrong: list[str]
    pages: int = 1
    scanned: bool = False
    read_ms: int = 0
    ms: int = 0
    cost_usd: float = 0.0
    problem: str = ""
    values: list[Judged] = msgspec.field(default_factory=list)


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """All documents together; `mean_accuracy` is the mean of the documents', so that long tables do not decide."""

    documents: int
    pages: int
    fields: int
    right: int
    wrong: int
    missing: int
    invented: int
    accuracy: float
    mean_accuracy: float
    invented_share: float
    local_share: float
    verified_share: float
    seconds_per_page: float
    cost_usd_per_page: float
    failed: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result of `patchdeck eval run`."""

    totals: Totals
    text: Totals | None
    scans: Totals | None
    calibration: Reliability
    fields: list[FieldRow]
    documents: list[DocumentRow]


def report(documents: Sequence[DocumentRow]) -> Report:
    """Sum up documents; texts and scans apart besides."""
    values = [one for document in documents for one in document.values]
    parts = {kind: [one for one in documents if one.scanned is kind] for kind in (False, True)}
    return Report(
        totals=totals(documents),
        text=totals(parts[False]) if parts[False] else None,
        scans=totals(parts[True]) if parts[True] else None,
        calibration=reliability(told(values)),
        fields=_fields(documents),
        documents=list(documents),
    )


def told(values: Iterable[Judged]) -> list[Told]:
    """Return the confidences of the values that were given."""
    return [
        Told(
            confidence=one.confidence,
            score=one.score,
            engine=one.engine or "",
            path=one.field,
            right=one.verdict == "right",
        )
        for one in values
        if one.actual is not None
    ]


def tally(values: Iterable[Judged]) -> Tally:
    """Count verdicts."""
    counts = dict.fromkeys(Tally.__struct_fields__, 0)
    for one in values:
        counts[one.verdict] += 1
        if one.actual is not None:
            counts["given"] += 1
            counts["local"] += one.is_local
            counts["verified"] += one.verified
    return Tally(**counts)


def totals(documents: Sequence[DocumentRow]) -> Totals:
    """Sum up some documents."""
    counted = tally(one for document in documents for one in document.values)
    pages = sum(document.pages for document in documents)
    taken = sum(document.read_ms + document.ms for document in documents) / 1000
    return Totals(
        documents=len(documents),
        pages=pages,
        fields=counted.fields,
        right=counted.right,
        wrong=counted.wrong,
        missing=counted.missing,
        invented=counted.invented,
        accuracy=_share(counted.right, counted.fields),
        mean_accuracy=round(sum(_share(one.right, one.fields) for one in documents) / max(1, len(documents)), 4),
        invented_share=_share(counted.invented, counted.given),
        local_share=_share(counted.local, counted.given),
        verified_share=_share(counted.verified, counted.given),
        seconds_per_page=round(taken / max(1, pages), 3),
        cost_usd_per_page=round(sum(document.cost_usd for document in documents) / max(1, pages), 6),
        failed=sum(bool(document.problem) for document in documents),
    )


def _fields(documents: Sequence[DocumentRow]) -> list[FieldRow]:
    grouped: dict[tuple[str, str], list[Judged]] = {}
    for document in documents:
        for one in document.values:
            grouped.setdefault((document.schema, one.field), []).append(one)
    rows = []
    for (schema, field), values in grouped.items():
        counted = tally(values)
        rows.append(
            FieldRow(
                schema=schema,
                field=field,
                accuracy=_share(counted.right, counted.fields),
                right=counted.right,
                wrong=counted.wrong,
                missing=counted.missing,
                invented=counted.invented,
            )
        )
    return rows


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0
