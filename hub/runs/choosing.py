"""Choosing items to replay: by name, by their runs, or all that match a filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from hub.database import Row, fetch
from hub.errors import InvalidError, Problem
from hub.ids import parse
from hub.members import Member
from hub.runs.filters import Condition, Filter, item_conditions, run_conditions, statement

# One replay takes so many, the oldest first; what is left is taken by the next one.
MOST = 10_000
MOST_NAMED = 1000
Ended = Literal["dead", "delivered", "filtered", "cancelled"]


class ReplayChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes again: named items or runs, or, with `all`, whatever matches; only what has ended ever goes.

    `states` are the items to take (dead ones unless said otherwise). `run_state`, `kind` and `run_text` ask for items
    of matching runs. Each item starts at the step where it stopped, or `from_start`; on its own version, or the
    `newest`. Dead letters that somebody has closed stay closed unless they are named or `closed` says so.
    """

    items: list[str] = []
    runs: list[str] = []
    all: bool = False
    states: tuple[Ended, ...] = ("dead",)
    recipe: str | None = None
    trigger: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    owner: str | None = None
    cause: str | None = None
    run_state: str | None = None
    run_text: str = ""
    closed: bool = False
    newest: bool = False
    from_start: bool = False


async def chosen_groups(member: Member, choice: ReplayChoice) -> Sequence[Row]:
    """Return the ended items that were chosen, put together by recipe, version and the step where they stopped."""
    if sum((bool(choice.items), bool(choice.runs), choice.all)) != 1:
        raise InvalidError(
            "Say what to replay in one way.",
            errors=[Problem("items", "Name items, or runs, or set `all` to take whatever matches.")],
        )
    if max(len(choice.items), len(choice.runs)) > MOST_NAMED:
        raise InvalidError(f"Name {MOST_NAMED} at most, or set `all` with filters.")
    ended = ("i.state = any({}::text[])", list(choice.states))
    conditions: list[Condition] = [("i.workspace = {}", member.workspace), ended, ("not i.test", True)]
    if choice.items:
        conditions.append(("i.id = any({}::uuid[])", [parse("itm", one) for one in choice.items]))
        conditions[1] = ("i.state in ('dead', 'delivered', 'filtered', 'cancelled')", True)
    elif choice.runs:
        conditions.append((_OF_RUNS, [parse("run", one) for one in choice.runs]))
    else:
        conditions += _matching(choice)
    if not choice.items and not choice.closed:
        conditions.append(("i.closed_as is null", True))
    return await fetch(*_grouped(conditions))


def _matching(choice: ReplayChoice) -> list[Condition]:
    wanted = Filter(
        recipe=parse("rcp", choice.recipe) if choice.recipe else None,
        trigger=choice.trigger,
        owner=parse("usr", choice.owner) if choice.owner else None,
        cause=choice.cause,
        text=choice.text,
    )
    if choice.run_state is None and not choice.run_text:
        wanted = msgspec.structs.replace(wanted, since=choice.since, until=choice.until)
        return item_conditions(wanted)
    of_runs = Filter(state=choice.run_state, text=choice.run_text, since=choice.since, until=choice.until)
    return [*item_conditions(wanted), *_in_runs(of_runs)]


def _in_runs(wanted: Filter) -> list[Condition]:
    """Return the condition that an item's run matches, one of its values at a time."""
    return [
        (f"exists (select from runs r where r.id = i.run and r.kind = 'live' and {words})", value)
        for words, value in run_conditions(wanted)
        if value is not None
    ]


def _grouped(conditions: Sequence[Condition]) -> tuple[Any, ...]:
    inner, *values = statement(_SELECT, conditions, f"order by i.id limit {MOST}")
    return f"{_GROUPS.format(inner=inner)}", *values


_OF_RUNS = (
    "i.id in (select id from items where run = any({0}::uuid[])"
    " union select item from attempts where run = any({0}::uuid[]))"
)
_SELECT = """
select i.id, i.recipe, i.version, i.step, i.state = 'dead' and i.reason_kind = 'Unknown' as uncertain
from items i join documents d on d.id = i.recipe"""
_GROUPS = """
select c.recipe, c.version, c.step, coalesce(c.uncertain, false) as uncertain, array_agg(c.id order by c.id) as items,
    case when t.state <> 'deleted' then t.version end as newest
from ({inner}) c left join triggers t on t.recipe = c.recipe
group by c.recipe, c.version, c.step, uncertain, t.state, t.version"""
