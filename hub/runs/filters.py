"""Which runs and items a list shows, and what a bulk replay takes: one filter, made into conditions of SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.errors import NotFoundError
from hub.ids import parse

PAGE = 50
LONGEST_TEXT = 200
Condition = tuple[str, Any]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs or items to list; None asks for all.

    The state of runs may also be `dead` or `waiting`: those with such items. `letters` narrows dead items to `open`,
    `resolved` or `ignored` ones, `cause` to those that failed alike.
    """

    recipe: UUID | None = None
    trigger: str | None = None
    state: str | None = None
    kind: str | None = None
    run: UUID | None = None
    replay: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    runs: Sequence[UUID] | None = None
    text: str = ""
    owner: UUID | None = None
    letters: str | None = None
    cause: str | None = None
    before: UUID | None = None
    limit: int = PAGE


def select_runs(workspace: UUID, wanted: Filter, limit: int) -> tuple[Any, ...]:
    """Return the statement for a page of runs with its arguments; only what is asked for stands in it."""
    conditions = [("r.workspace = {}", workspace), *run_conditions(wanted), ("r.id < {}", wanted.before)]
    return statement(SELECT_RUN, conditions, f"order by r.id desc limit {limit:d}")


def select_items(workspace: UUID, wanted: Filter, limit: int) -> tuple[Any, ...]:
    """Return the statement for a page of items with its arguments; of a run also those that have left it."""
    conditions = [("i.workspace = {}", workspace), *item_conditions(wanted), ("i.id < {}", wanted.before)]
    return statement(SELECT_ITEM, conditions, f"order by i.id desc limit {limit:d}")


def run_conditions(wanted: Filter) -> list[Condition]:
    """Return what runs must meet; a value stands at `{}` or `{0}`, one that is None asks nothing."""
    having = _HAVING.get(wanted.state or "")
    return [
        ("r.recipe = {}", wanted.recipe),
        # Comparisons with the past have a page of their own
        ("r.kind <> {}", None if wanted.kind else "compare"),
        (_BY_TRIGGER.format(of="r", value="{}"), wanted.trigger),
        ("r.state = {}", None if having else wanted.state),
        (having or "", True if having else None),
        ("r.kind = {}", wanted.kind),
        ("r.started_at >= {}", wanted.since),
        ("r.started_at < {}", wanted.until),
        (
            "r.id in (select i.run from replayed_items p join items i on i.id = p.item where p.replay = {})",
            wanted.replay,
        ),
        ("r.id = any({}::uuid[])", wanted.runs),
        *named(wanted.text, {"run": "r.id", "rcp": "r.recipe"}, RUN_TEXT if wanted.runs is None else ""),
    ]


def item_conditions(wanted: Filter) -> list[Condition]:
    """Return what items must meet."""
    return [
        ("i.recipe = {}", wanted.recipe),
        (_BY_TRIGGER.format(of="i", value="{}"), wanted.trigger),
        ("i.state = {}", wanted.state),
        (_OF_RUN, wanted.run),
        ("i.id in (select item from replayed_items where replay = {})", wanted.replay),
        ("i.accepted_at >= {}", wanted.since),
        ("i.accepted_at < {}", wanted.until),
        ("i.owner = {}", wanted.owner),
        (_LETTERS.get(wanted.letters or "", ""), True if wanted.letters in _LETTERS else None),
        (f"{CAUSE} = {{}}", wanted.cause),
        *named(wanted.text, {"itm": "i.id", "run": "i.run", "rcp": "i.recipe"}, _ITEM_TEXT),
    ]


def statement(select: str, conditions: Sequence[Condition], end: str) -> tuple[Any, ...]:
    """Return a statement with numbered places, and its arguments; conditions without a value are left out."""
    given = [(words, value) for words, value in conditions if value is not None]
    where, values = [], []
    for words, value in given:
        if "{" in words:
            values.append(value)
        where.append(words.format(f"${len(values)}"))
    return f"{select} where {' and '.join(where)} {end}", *values


def named(text: str, ids: Mapping[str, str], words: str) -> list[Condition]:
    """Return the condition for a text that was typed: an id is looked up in its column, other text in `words`."""
    text = text.strip()[:LONGEST_TEXT]
    prefix = text.partition("_")[0]
    if prefix in ids:
        try:
            return [(f"{ids[prefix]} = {{}}", parse(prefix, text))]
        except NotFoundError:
            pass  # a text that only looks like an id
    return [(words, pattern(text))] if text and words else []


def pattern(text: str) -> str:
    """Return the pattern that finds a text anywhere."""
    return f"%{''.join(f'{chr(92)}{one}' if one in '%_' + chr(92) else one for one in text)}%"


_CALLED = "d.name as recipe_name, d.title as recipe_title"
SELECT_RUN = f"select r.*, {_CALLED} from runs r join documents d on d.id = r.recipe"  # noqa: S608  # a constant of ours
SELECT_ITEM = f"select i.*, {_CALLED} from items i join documents d on d.id = i.recipe"  # noqa: S608  # a constant of ours
# What failed alike has the same cause: numbers in a reason tell one item from another, not one cause.
CAUSE = (
    "md5(concat_ws(chr(10), i.recipe::text, i.step, i.reason_kind,"
    " left(regexp_replace(i.reason, '[0-9]+', '#', 'g'), 200)))"
)
_OF_RUN = "i.id in (select id from items where run = {0} union select item from attempts where run = {0})"
_BY_TRIGGER = "{of}.recipe in (select recipe from triggers where uses = {value})"
_HAVING = {"dead": "r.dead > 0", "waiting": "r.waiting > 0"}
_OPEN = "i.state = 'dead' and i.closed_as is null and not i.test"
_LETTERS = {
    "open": _OPEN,
    "resolved": "i.state = 'dead' and i.closed_as = 'resolved' and not i.test",
    "ignored": "i.state = 'dead' and i.closed_as = 'ignored' and not i.test",
    "all": "i.state = 'dead' and not i.test",
}
# As the index has it, where the database can have one.
SEARCHED = "(i.title || ' ' || coalesce(i.key, '') || ' ' || coalesce(i.subject, ''))"
_ITEM_TEXT = f"({SEARCHED} ilike {{0}} or i.reason ilike {{0}} or d.name ilike {{0}})"
# Of an often found text the newest runs are found by looking at them one by one.
RUN_TEXT = (
    "(d.name ilike {0} or r.message ilike {0}"
    f" or exists (select from items i where i.run = r.id and {SEARCHED} ilike {{0}}))"
)
