"""What the steps of a run took over all items and tries: time, tokens, cost."""

from __future__ import annotations

from collections.abc import Sequence

from hub.runs import StepUse
from hub.text import say
from ui.pieces import duration, empty
from ui.values import rows_table

COLUMNS = ("step", "items", "tries", "failed", "took", "slowest", "tokens", "cost")


def step_table(found: Sequence[StepUse]) -> None:
    """Draw a row for each step, and one for all of them."""
    if not found:
        empty("timer", say("use.none"), say("use.none_text"))
        return
    rows = [_cells(one.step, one) for one in found]
    if len(found) > 1:
        rows.append(_cells(say("use.all"), _all(found)))
    rows_table([say(f"use.{name}") for name in COLUMNS], rows)


def _cells(name: str, one: StepUse) -> list[str]:
    return [
        name,
        f"{one.items:,}",
        f"{one.tries:,}",
        f"{one.failed:,}",
        duration(one.took_ms),
        duration(one.slowest_ms),
        f"{one.tokens:,}",
        f"${one.cost_usd:.4f}",
    ]


def _all(found: Sequence[StepUse]) -> StepUse:
    return StepUse(
        step="",
        items=max(one.items for one in found),
        tries=sum(one.tries for one in found),
        failed=sum(one.failed for one in found),
        took_ms=sum(one.took_ms for one in found),
        slowest_ms=max(one.slowest_ms for one in found),
        tokens=sum(one.tokens for one in found),
        cost_usd=sum(one.cost_usd for one in found),
    )
