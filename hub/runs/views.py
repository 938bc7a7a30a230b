"""What faces see of runs: summaries, items with their steps, deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hub.database import Row, from_jsonb
from hub.ids import show


class Counts(msgspec.Struct, frozen=True):
    """How many of a run's items are in each state."""

    total: int
    delivered: int
    filtered: int
    waiting: int
    dead: int
    cancelled: int


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run in a list."""

    id: str
    recipe: str
    recipe_name: str
    recipe_title: str
    version: int
    kind: str
    state: str
    counts: Counts
    started_at: datetime
    ended_at: datetime | None
    took_ms: float | None
    message: str = ""
    plan_of: str | None = None


class ItemSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One item in a list."""

    id: str
    recipe: str
    recipe_name: str
    recipe_title: str
    version: int
    run: str | None
    state: str
    title: str
    step: str | None
    reason: str | None
    reason_kind: str | None
    due_at: datetime | None
    tries: int
    subject: str | None
    accepted_at: datetime
    ended_at: datetime | None
    owner: str | None = None
    note: str = ""
    closed_as: str | None = None
    closed_reason: str = ""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try of one step for one item: what went in, what came out, how long it took."""

    step: str
    path: str
    run: str
    attempt: int
    state: str
    input: Any
    output: Any
    error_kind: str | None
    message: str | None
    started_at: datetime
    took_ms: float
    tokens: int
    cost_usd: float


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the ledger."""

    id: str
    key: str
    item: str
    run: str
    step: str
    path: str
    target: str
    effect: str
    state: str
    repeated: int
    request: Any
    changes: list[Any]
    reference: str | None
    url: str | None
    output: Any
    message: str | None
    reversible: bool
    written_at: datetime
    settled_at: datetime | None


class ItemDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One item with everything that happened to it."""

    item: ItemSummary
    content: Any
    attempts: list[Attempt]
    deliveries: list[Delivery]


def run_summary(row: Row) -> RunSummary:
    """Make a summary of a `runs` row joined with its recipe's name and title."""
    ended = row["ended_at"]
    return RunSummary(
        id=show("run", row["id"]),
        recipe=show("rcp", row["recipe"]),
        recipe_name=row["recipe_name"],
        recipe_title=row["recipe_title"],
        version=row["version"],
        kind=row["kind"],
        state=row["state"],
        counts=Counts(row["total"], row["delivered"], row["filtered"], row["waiting"], row["dead"], row["cancelled"]),
        started_at=row["started_at"],
        ended_at=ended,
        took_ms=round((ended - row["started_at"]).total_seconds() * 1000, 1) if ended else None,
        message=row["message"],
        plan_of=show("run", row["plan_of"]) if row["plan_of"] else None,
    )


def item_summary(row: Row) -> ItemSummary:
    """Make a summary of an `items` row joined with its recipe's name and title."""
    return ItemSummary(
        id=show("itm", row["id"]),
        recipe=show("rcp", row["recipe"]),
        recipe_name=row["recipe_name"],
        recipe_title=row["recipe_title"],
        version=row["version"],
        run=show("run", row["run"]) if row["run"] else None,
        state=row["state"],
        title=row["title"],
        step=row["step"],
        reason=row["reason"],
        reason_kind=row["reason_kind"],
        due_at=row["due_at"],
        tries=row["tries"],
        subject=row["subject"],
        accepted_at=row["accepted_at"],
        ended_at=row["ended_at"],
        owner=show("usr", row["owner"]) if row["owner"] else None,
        note=row["note"],
        closed_as=row["closed_as"],
        closed_reason=row["closed_reason"],
    )


def attempt(row: Row) -> Attempt:
    """Make an attempt of its row."""
    return Attempt(
        step=row["step"],
        path=row["path"],
        run=show("run", row["run"]),
        attempt=row["try"],
        state=row["state"],
        input=from_jsonb(row["input"]),
        output=from_jsonb(row["output"]),
        error_kind=row["error_kind"],
        message=row["message"],
        started_at=row["started_at"],
        took_ms=round(row["took_ms"], 3),
        tokens=row["tokens"],
        cost_usd=float(row["cost_usd"]),
    )


def delivery(row: Row) -> Delivery:
    """Make a delivery of its ledger row; images stay sealed."""
    return Delivery(
        id=show("dlv", row["id"]),
        key=row["key"],
        item=show("itm", row["item"]),
        run=show("run", row["run"]),
        step=row["step"],
        path=row["path"],
        target=row["target"],
        effect=row["effect"],
        state=row["state"],
        repeated=row["repeated"],
        request=from_jsonb(row["request"]),
        changes=from_jsonb(row["seen"]) or [],
        reference=row["reference"],
        url=row["url"],
        output=from_jsonb(row["output"]),
        message=row["message"],
        reversible=row["images"] is not None,
        written_at=row["written_at"],
        settled_at=row["settled_at"],
    )
