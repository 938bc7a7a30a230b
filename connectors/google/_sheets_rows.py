"""Rows out of a tab: those that are new or have changed, and those that a step looks for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.google._connection import Connection
from connectors.google._sheets_tab import Tab, Table, columns, head_of, page
from connectors.sdk import Context, Item, SettingsError, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.files.arrivals import Every
from connectors.sdk.intervals import interval

PAGE = 5_000
MOST_ROWS = 50_000


class Watched(Table):
    """Which rows to watch for."""

    key: Annotated[
        tuple[str, ...],
        field(
            "Key columns",
            hint="They say which row it is; without any, a row that was edited or moved beside its like is a new one.",
            choices=columns,
        ),
    ] = ()
    notice: Annotated[
        Literal["new", "changed"],
        field("Start for", hint="new: each key once; changed: new rows, and again whenever something in them changes."),
    ] = "new"
    existing: Annotated[
        Literal["read", "skip"], field("Rows already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Every = "1m"

    def __post_init__(self) -> None:
        super().__post_init__()
        interval(self.every)


class Wanted(Table):
    """Which rows to look for."""

    matches: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="Columns and what must stand in them; upper and lower case are the same.",
            example={"Number": "{{ trigger.number }}"},
            templated=True,
            choices=columns,
        ),
    ] = {}
    most: Annotated[int, field("Most rows", advanced=True)] = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.most <= 10_000:
            raise ValueError("Between 1 and 10,000 rows may be read.")


class Line(msgspec.Struct, frozen=True):
    """One row of a tab: its number as people count, and its values by column."""

    number: int
    values: dict[str, Any]

    def named(self, key: Sequence[str]) -> str:
        """Return what says which row it is: its key, or all of it."""
        held = [self.values.get(name) for name in key] if key else list(self.values.values())
        return msgspec.json.encode(held).decode()


async def rows_since(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the rows that were not seen before, page by page."""
    settings = context.settings
    tab = await head_of(context, settings)
    tab.require(settings.key)
    known, now = Seen.load(cursor or "", MOST_ROWS * 2), Seen(most=MOST_ROWS * 2)
    skips = cursor is None and settings.existing == "skip"
    kept, alike = cursor, Counter[bytes]()
    async for lines in _pages(context, tab):
        fresh = []
        for line, event in _events(settings, lines, alike):
            now.add(event)
            if event not in known and not skips:
                fresh.append((line, event))
            known.add(event)
        before, kept = kept, known.dump()
        for number, (line, event) in enumerate(fresh, 1):
            yield _item(tab, settings, line, event, kept if number == len(fresh) else None)
        if not fresh and kept != before:
            yield Item(content=None, cursor=kept)
    if now.dump() != kept:
        yield Item(content=None, cursor=now.dump())


async def found_rows(context: Context[Connection, Wanted]) -> dict[str, Any]:
    """Return the rows in which everything stands that is wanted."""
    settings = context.settings
    tab = await head_of(context, settings)
    tab.require(settings.matches)
    wanted = {tab.columns[tab.place(name)]: _text(value) for name, value in settings.matches.items()}
    found: list[dict[str, Any]] = []
    async for lines in _pages(context, tab):
        found += [
            {"row": line.number, "values": line.values}
            for line in lines
            if all(_text(line.values.get(name)) == text for name, text in wanted.items())
        ]
        if len(found) > settings.most:
            break
    kept = found[: settings.most]
    return {
        "rows": kept,
        "count": len(kept),
        "first": kept[0] if kept else None,
        "more": len(found) > settings.most,
    }


async def _pages(context: Context[Connection, Any], tab: Tab) -> AsyncIterator[list[Line]]:
    """Yield the rows below the head, thousands at a time."""
    names = [name or f"Column {place}" for place, name in enumerate(tab.columns, 1)]
    for first in range(tab.head + 1, tab.height + 1, PAGE):
        last = min(first + PAGE - 1, tab.height)
        values = await page(context, context.settings, first, last)
        lines = [
            Line(first + number, dict(zip(names, [*row, *[""] * (len(names) - len(row))], strict=False)))
            for number, row in enumerate(values)
            if any(value not in (None, "") for value in row)
        ]
        if first > MOST_ROWS and lines:
            raise SettingsError(f"The tab {tab.title} has more than {MOST_ROWS:,} rows, which is too many to read.")
        yield lines


def _events(settings: Watched, lines: Sequence[Line], alike: Counter[bytes]) -> list[tuple[Line, str]]:
    """Return for each row what tells whether it was seen; equal rows are counted in `alike`, so that each is one."""
    found = []
    for line in lines:
        event = line.named(settings.key)
        if settings.key and settings.notice == "changed":
            event += line.named(())
        if not settings.key:
            digest = hashlib.blake2b(event.encode(errors="surrogatepass"), digest_size=8).digest()
            alike[digest] += 1
            event = f"{event} {alike[digest]}"
        found.append((line, event))
    return found


def _item(tab: Tab, settings: Watched, line: Line, event: str, cursor: str | None) -> Item:
    title = next((str(value)[:100] for value in line.values.values() if value not in (None, "")), f"Row {line.number}")
    subject = line.named(settings.key)[:200] if settings.key else None
    content = {"row": line.number, "values": line.values, "tab": tab.title}
    return Item(
        key=event[:500] if len(event) <= 500 else _short(event),
        title=title,
        content=content,
        cursor=cursor,
        subject=subject,
    )


def _short(event: str) -> str:
    return f"{event[:400]} {hashlib.sha256(event.encode()).hexdigest()}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip().casefold()
