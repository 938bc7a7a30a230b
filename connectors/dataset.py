"""Dataset: tables inside the hub, to write to, to ask, and to be told of changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

from connectors.sdk import (
    Change,
    Connector,
    Context,
    Effect,
    Item,
    NoSettings,
    Receipt,
    Record,
    Rejected,
    Settings,
    Shape,
    field,
)
from connectors.sdk.datasets import DatasetQuery, DatasetTarget
from connectors.sdk.intervals import interval
from connectors.sdk.records.rows import RowList, WriteMode, require_rows

MOST_ROWS = 10_000
LONGEST_NAME = 100

connector = Connector("dataset", "Dataset", icon="table_chart")


class Place(Settings):
    """Which dataset's columns are asked for."""

    dataset: Annotated[str, field("Dataset")]


async def names(context: Context[NoSettings, Any]) -> Sequence[str]:
    """Return the datasets that there are."""
    return await context.datasets.names()


async def columns_of(context: Context[NoSettings, Place]) -> Sequence[str]:
    """Return the columns that the dataset's rows have so far."""
    return await context.datasets.columns(context.settings.dataset)


class Rows(Settings):
    """Which dataset to write, how, and what; it is made when it is missing."""

    dataset: Annotated[str, field("Dataset", example="invoices", choices=names)]
    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=columns_of),
    ]
    mode: Annotated[WriteMode, field("Mode", hint="upsert adds or changes, insert adds, update changes.")] = (
        WriteMode.UPSERT
    )
    key: Annotated[
        tuple[str, ...],
        field("Key columns", hint="They say which row it is.", choices=columns_of, when={"mode": ("upsert", "update")}),
    ] = ()
    rows: RowList = None

    def __post_init__(self) -> None:
        """Refuse a name that is none, and a mode that lacks its key."""
        _require_name(self.dataset)
        require_rows(self.mode, self.key, self.columns)


class Question(Settings):
    """Which rows to read."""

    dataset: Annotated[str, field("Dataset", example="invoices", choices=names)]
    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="Columns and the value, or list of values, they have.",
            templated=True,
            choices=columns_of,
        ),
    ] = {}
    order: Annotated[
        str,
        field("Order by", hint="A column; with - in front, the largest first.", advanced=True, choices=columns_of),
    ] = ""
    limit: Annotated[int, field("Most rows", advanced=True)] = 1000

    def __post_init__(self) -> None:
        """Refuse a name that is none and a limit out of bounds."""
        _require_name(self.dataset)
        if not 0 < self.limit <= MOST_ROWS:
            raise ValueError(f"The most rows can be 1 to {MOST_ROWS}.")


class Changes(Settings):
    """Which changes to hear of."""

    dataset: Annotated[str, field("Dataset", example="invoices", choices=names)]
    kinds: Annotated[
        tuple[Literal["add", "change", "remove"], ...], field("Changes", hint="All kinds, when none is chosen.")
    ] = ()
    existing: Annotated[
        Literal["read", "skip"], field("Rows already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5s"

    def __post_init__(self) -> None:
        """Refuse a name that is none and an interval that cannot be read."""
        _require_name(self.dataset)
        interval(self.every)


@connector.trigger("Row changed", every=5.0)
async def row_changed(context: Context[NoSettings, Changes], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each row that is added, changed or removed."""
    settings = context.settings
    if cursor is None and settings.existing == "skip":
        yield Item(content=None, cursor=await context.datasets.latest(settings.dataset))
        return
    async for change in context.datasets.changes(settings.dataset, cursor):
        wanted = not settings.kinds or change.kind in settings.kinds
        content = {
            "dataset": settings.dataset,
            "kind": change.kind,
            "row": change.after or change.before,
            "before": change.before,
            "after": change.after,
            "at": change.at.isoformat(),
        }
        yield Item(
            key=change.cursor,
            title=f"{settings.dataset}: {change.kind}",
            cursor=change.cursor,
            content=content if wanted else None,
        )


@connector.lookup("Query")
async def query(context: Context[NoSettings, Question]) -> dict[str, Any]:
    """Read the rows of a dataset whose columns have certain values."""
    asked = context.settings
    question = DatasetQuery(dataset=asked.dataset, where=asked.where, order=asked.order, limit=asked.limit)
    rows = list(await context.datasets.query(question))
    return {"rows": rows, "count": len(rows), "first": rows[0] if rows else None}


@connector.target("Write rows", effect=Effect.CHANGE, atomic=True)
async def write_rows(context: Context[NoSettings, Rows], records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
    """Add rows to a dataset, or change them by key."""
    return await context.datasets.write(_target(context.settings), records)


@write_rows.preview
async def preview(context: Context[NoSettings, Rows], records: Sequence[Record]) -> Sequence[Sequence[Change]]:
    """Compare the rows with those that are there."""
    return await context.datasets.preview(_target(context.settings), records)


@write_rows.find
async def find(context: Context[NoSettings, Rows], record: Record, _: str | None) -> Receipt | None:
    """Look for a revision that this delivery made."""
    return await context.datasets.find(_target(context.settings), record)


@write_rows.undo
async def undo(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
    """Put the rows back as they were, where nobody has changed them since."""
    return await context.datasets.undo(_target(context.settings), receipt)


def _target(settings: Rows) -> DatasetTarget:
    return DatasetTarget(dataset=settings.dataset, mode=settings.mode, key=settings.key)


def _require_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"A dataset's name is a line of 1 to {LONGEST_NAME} letters.")
