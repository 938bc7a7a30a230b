"""How often extractions are right, over time: told by what people corrected and confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from hub.database import fetch
from hub.members import Member, Verb

Grouping = Literal["version", "engine", "layout", "field"]
Period = Literal["day", "week"]

_KEYS: dict[Grouping, str] = {
    "version": "schema_version::text",
    "engine": "coalesce(engine, '')",
    "layout": "coalesce(layout, '')",
    "field": "regexp_replace(path, '\\[[0-9]+\\]', '[]', 'g')",
}
_MOST_POINTS = 5000


class AccuracyPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One period of one version, engine, layout or field: how many values people judged and how many were right.

    `missing` counts the right values that no engine had found; the key of these, by engine, is empty.
    """

    period: date
    schema: str
    key: str
    judged: int
    right: int
    missing: int
    accuracy: float


class Accuracy:
    """Counts judgements."""

    async def over_time(
        self, member: Member, *, schema: str | None = None, by: Grouping = "version", period: Period = "week"
    ) -> Sequence[AccuracyPoint]:
        """Return the share of right values by period, oldest first."""
        member.authorize(Verb.READ)
        rows = await fetch(_COUNT.format(key=_KEYS[by]), member.workspace, schema, period, _MOST_POINTS)
        return [
            AccuracyPoint(
                period=row["period"],
                schema=row["schema_name"],
                key=row["key"],
                judged=row["judged"],
                right=row["right"],
                missing=row["missing"],
                accuracy=round(row["right"] / row["judged"], 4),
            )
            for row in reversed(rows)
        ]


# An absent value that nobody found is right and says little: it is counted only where a person knew better.
_COUNT = (
    "select date_trunc($3, judged_at)::date as period, schema_name, {key} as key, count(*) as judged, "
    'count(*) filter (where is_right) as "right", count(*) filter (where engine is null) as missing '
    "from judgements where workspace = $1 and ($2::text is null or lower(schema_name) = lower($2)) "
    "and not (engine is null and is_right) group by 1, 2, 3 order by 1 desc, 2, 3 limit $4"
)
