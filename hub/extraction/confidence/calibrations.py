"""Curves of a workspace, fitted from what people judged, and how far its confidences kept their word."""

from __future__ import annotations

from uuid import UUID

import msgspec

from hub.database import Row, fetch
from hub.extraction.confidence.curves import Calibration, shipped
from hub.extraction.confidence.fitting import curves_of
from hub.extraction.confidence.reliability import Reliability, Told, reliability
from hub.members import Member, Verb

# The newest judgements count; older ones were made with other rules.
_NEWEST = 5_000


class ReliabilityReport(msgspec.Struct, frozen=True, kw_only=True):
    """How far confidences kept their word: altogether and for each engine."""

    schema: str | None
    all: Reliability
    engines: dict[str, Reliability]


class Calibrations:
    """Turns scores into confidences, by the workspace's own judgements where there are enough."""

    async def curves(self, workspace: UUID, schema: str) -> Calibration:
        """Return the curves for a schema: the shipped ones, drawn towards what was judged in this workspace."""
        rows = await fetch(_SCORES, workspace, schema, _NEWEST)
        return curves_of((_told(row) for row in rows), shipped())

    async def report(self, member: Member, schema: str | None = None) -> ReliabilityReport:
        """Tell how confidences compare with what people found: of all schemas, or of one."""
        member.authorize(Verb.READ)
        told = [_told(row) for row in await fetch(_CONFIDENCES, member.workspace, schema, _NEWEST)]
        engines = sorted({one.engine for one in told})
        return ReliabilityReport(
            schema=schema,
            all=reliability(told),
            engines={engine: reliability(one for one in told if one.engine == engine) for engine in engines},
        )


def _told(row: Row) -> Told:
    return Told(
        confidence=row["confidence"],
        score=row["score"],
        engine=row["engine"],
        path="[" if row["is_row"] else "",
        right=row["correct"],
        values=row["judged"],
    )


_SCORES = (
    "with newest as (select engine, position('[' in path) > 0 as is_row, round(score::numeric, 2) as score, is_right "
    "from judgements where workspace = $1 and ($2::text is null or lower(schema_name) = lower($2)) "
    "and engine <> 'person' order by judged_at desc limit $3) "
    "select engine, is_row, score::float8 as score, 0::float8 as confidence, count(*) as judged, "
    "count(*) filter (where is_right) as correct from newest group by engine, is_row, score"
)
_CONFIDENCES = (
    "with newest as (select engine, round(confidence::numeric, 3) as confidence, is_right "
    "from judgements where workspace = $1 and ($2::text is null or lower(schema_name) = lower($2)) "
    "and engine <> 'person' order by judged_at desc limit $3) "
    "select engine, false as is_row, 0::float8 as score, confidence::float8 as confidence, count(*) as judged, "
    "count(*) filter (where is_right) as correct from newest group by engine, confidence"
)
