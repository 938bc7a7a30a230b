"""What faces see of replays of many items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hub.database import Row, from_jsonb
from hub.ids import show

ENDED = ("delivered", "filtered", "dead", "cancelled", "taken_back")


class PassedOver(msgspec.Struct, frozen=True):
    """Items that were not replayed, and why."""

    reason: str
    items: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay would do: `sent` of its items have writes that are recognised and not made a second time.

    `more` tells that others match that one replay does not take.
    """

    items: int
    recipes: int
    sent: int
    passed_over: list[PassedOver]
    more: bool


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """One replay and how its items fare: how many are in each state now."""

    id: str
    items: int
    ended: int
    states: dict[str, int]
    newest: bool
    from_start: bool
    passed_over: list[PassedOver]
    made_by: str | None
    made_by_name: str | None
    made_at: datetime


class ReplayPage(msgspec.Struct, frozen=True):
    """Some replays and where the next ones start."""

    entries: Sequence[ReplayView]
    cursor: str | None


def replay_view(row: Row) -> ReplayView:
    """Make a view of a `replays` row with the counted states of its items."""
    states: dict[str, int] = from_jsonb(row["states"]) or {}
    return ReplayView(
        id=show("rpl", row["id"]),
        items=row["items"],
        ended=sum(states.get(state, 0) for state in ENDED),
        states=states,
        newest=row["newest"],
        from_start=row["from_start"],
        passed_over=[PassedOver(one["reason"], one["items"]) for one in from_jsonb(row["passed_over"])],
        made_by=show("usr", row["made_by"]) if row["made_by"] else None,
        made_by_name=row["by_name"],
        made_at=row["made_at"],
    )
