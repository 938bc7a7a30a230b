"""Charts of datasets: rows counted or summed by a category or over time, and the charts that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from hub.audit import Audit
from hub.database import execute, fetch, fetch_one, struct_from_jsonb, to_jsonb, transaction
from hub.datasets.named import find, locked
from hub.datasets.shape import Dataset
from hub.datasets.workspace import PREFIX
from hub.errors import ConflictError, InvalidError, Problem
from hub.ids import show
from hub.members import Member, Verb

MOST_BARS = 30
MOST_TIMES = 400
MOST_CHARTS = 20
LONGEST_TITLE = 100
Measure = Literal["count", "sum", "average", "least", "most"]
Unit = Literal["value", "day", "week", "month", "quarter", "year"]
_FUNCTIONS = {"sum": "sum", "average": "avg", "least": "min", "most": "max"}


class Chart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a chart shows: a `measure` `of` a column for every value of the column `by`, or every day, week ... of it.

    An empty `by` goes by when rows were added.
    """

    title: str = ""
    by: str = ""
    unit: Unit = "value"
    measure: Measure = "count"
    of: str = ""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: its category, or the day its time begins; of how many rows it was made."""

    label: str
    value: float
    rows: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a chart draws; `left` tells how many further categories there are."""

    bars: Sequence[Bar]
    left: int = 0


class DatasetCharts:
    """Figures over whole datasets, computed by the database, and the charts kept beside them."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def list(self, member: Member, reference: str) -> Sequence[Chart]:
        """Return the charts that are kept for a dataset."""
        member.authorize(Verb.READ)
        dataset = await find(member, reference)
        row = await fetch_one("select charts from datasets where id = $1", dataset.id)
        return struct_from_jsonb(row["charts"], list[Chart]) if row else []

    async def figures(self, member: Member, reference: str, chart: Chart) -> Figures:
        """Return the figures of a chart: times in order, categories with the largest first."""
        member.authorize(Verb.READ)
        dataset = await find(member, reference)
        _check(dataset, chart)
        in_time = chart.unit != "value"
        # the names of columns are arguments; the rest are our own words
        sql = _FIGURES.format(
            by=_by(chart),
            measure=_measure(chart),
            chosen="label desc" if in_time else "value desc, label",
            most=MOST_TIMES if in_time else MOST_BARS,
            ordered="label" if in_time else "value desc, label",
        )
        rows = await fetch(sql, dataset.id, chart.by, chart.of)
        bars = [Bar(label=row["label"], value=float(row["value"]), rows=row["rows"]) for row in rows]
        return Figures(bars=bars, left=rows[0]["all_bars"] - len(bars) if rows else 0)

    async def keep(self, member: Member, reference: str, charts: Sequence[Chart]) -> Sequence[Chart]:
        """Keep these charts and no others."""
        member.authorize(Verb.EDIT_DATASETS)
        if len(charts) > MOST_CHARTS:
            raise ConflictError(f"A dataset keeps {MOST_CHARTS} charts at most; take one away first.")
        async with transaction():
            dataset = await locked(member, reference)
            for chart in charts:
                _check(dataset, chart)
            await execute("update datasets set charts = $2 where id = $1", dataset.id, to_jsonb(list(charts)))
            detail: dict[str, Any] = {"charts": len(charts)}
            await self._audit.record(member, "dataset.charts_kept", show(PREFIX, dataset.id), detail)
        return charts


def _check(dataset: Dataset, chart: Chart) -> None:
    known = {column.name for column in dataset.columns}
    problems = [
        Problem(name, f"There is no column {column[:100]}.")
        for name, column in (("by", chart.by), ("of", chart.of))
        if column and column not in known
    ]
    if chart.measure != "count" and not chart.of:
        problems.append(Problem("of", "Choose the column to compute with."))
    if not chart.by and chart.unit == "value":
        problems.append(Problem("by", "Choose a column, or a span of time."))
    if len(chart.title) > LONGEST_TITLE:
        problems.append(Problem("title", f"A title has at most {LONGEST_TITLE} letters."))
    if problems:
        raise InvalidError("This chart cannot be drawn.", errors=problems)


def _by(chart: Chart) -> str:
    if chart.unit == "value":
        return "left(coalesce(content->>$2::text, ''), 100)"
    if not chart.by:
        return f"to_char(date_trunc('{chart.unit}', created_at at time zone 'UTC'), 'YYYY-MM-DD')"
    return f"case when {_IS_DAY} then {_BEGINS[chart.unit]} end"


def _measure(chart: Chart) -> str:
    if chart.measure == "count":
        return "count(*)"
    return f"{_FUNCTIONS[chart.measure]}({_NUMBER})"


# A text that begins as a date. Months and the like are cut out of the text, which is quicker than to compute them.
_IS_DAY = """content->>$2::text ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
    and left(content->>$2, 4) <> '0000'"""
_BEGINS = {
    "day": "left(content->>$2, 10)",
    "month": "left(content->>$2, 7) || '-01'",
    "year": "left(content->>$2, 4) || '-01-01'",
    "quarter": """left(content->>$2, 5)
        || lpad(((substr(content->>$2, 6, 2)::int - 1) / 3 * 3 + 1)::text, 2, '0') || '-01'""",
    # a day that the month does not have runs on into the next one
    "week": """to_char(date_trunc('week', make_date(left(content->>$2, 4)::int, substr(content->>$2, 6, 2)::int, 1)
        + (substr(content->>$2, 9, 2)::int - 1)), 'YYYY-MM-DD')""",
}
# What is stored as a number is taken as it is, a text only when it is written like one.
_NUMBER = """case when jsonb_typeof(content->$3::text) = 'number' then (content->>$3)::numeric
    when content->>$3 ~ '^-?[0-9]{1,30}([.][0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$' then (content->>$3)::numeric end"""
_FIGURES = """
with bars as (
    select {by} as label, {measure} as value, count(*)::int as rows from dataset_rows
    where dataset = $1 and $2::text is not null and $3::text is not null group by 1
),
known as (select *, count(*) over ()::int as all_bars from bars where label is not null and value is not null),
newest as (select * from known order by {chosen} limit {most})
select label, value, rows, all_bars from newest order by {ordered}"""
