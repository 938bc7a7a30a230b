"""What faces see of comparisons with the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hub.database import Row, from_jsonb
from hub.ids import show
from hub.runs.past.compared import Counts, Record

PREFIX = "cmp"
MOST_ITEMS = 1_000
MOST_DAYS = 30


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many past items to compare, the newest first, and how far back."""

    items: int = 200
    days: int = MOST_DAYS


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: how far it is, and what differs so far.

    `counts` counts rows and requests, `differing` items, `outcomes` items that would end in another way.
    """

    id: str
    recipe: str
    state: str
    total: int
    compared: int
    differing: int
    outcomes: int
    counts: Counts
    days: int
    message: str
    started_at: datetime
    ended_at: datetime | None


class ComparedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One past item: how it ended then and would now, and every row that would be written beside what was.

    `taken` counts the answers of lookups, extractions and people that were taken from then, `anew` those asked again;
    `unknown` names steps that need an answer which only a real write gives.
    """

    item: str
    title: str
    accepted_at: datetime
    version: int
    state_then: str
    state_now: str
    reason: str
    differs: bool
    counts: Counts
    taken: int
    anew: int
    unknown: Sequence[str]
    records: Sequence[Record]


class ComparedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some compared items, the newest first, and where to go on."""

    items: Sequence[ComparedItem]
    cursor: str | None = None


def comparison(row: Row) -> Comparison:
    """Make a comparison of its row joined with its run's."""
    return Comparison(
        id=show(PREFIX, row["run"]),
        recipe=show("rcp", row["recipe"]),
        state=row["state"],
        total=row["total"],
        compared=row["compared"],
        differing=row["differing"],
        outcomes=row["outcomes"],
        counts=counts(row),
        days=row["days"],
        message=row["message"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def compared_item(row: Row) -> ComparedItem:
    """Make a compared item of its row joined with the item's."""
    return ComparedItem(
        item=show("itm", row["item"]),
        title=row["title"],
        accepted_at=row["accepted_at"],
        version=row["version"],
        state_then=row["state_then"],
        state_now=row["state_now"],
        reason=row["reason"],
        differs=row["differs"],
        counts=counts(row),
        taken=row["taken"],
        anew=row["anew"],
        unknown=row["unknown"],
        records=msgspec.convert(from_jsonb(row["records"]), list[Record]),
    )


def counts(row: Row) -> Counts:
    """Return a row's counts."""
    return Counts(same=row["same"], added=row["added"], missing=row["missing"], changed=row["changed"])
