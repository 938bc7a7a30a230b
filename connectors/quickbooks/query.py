"""Questions in the query language of QuickBooks: a value stays a value, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.quickbooks.connection import call, shaped
from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.network.http import Options

# QuickBooks would list a thousand; of invoices with many lines these are tens of megabytes
PAGE = 500
SECONDS, LARGEST = 90.0, 100 * 1024 * 1024
LONGEST_ADDRESSED = 1_000
# Everything but this, which must be asked for
_COLUMNS = {"Item": "*, Sku"}
# More names in one question make it needlessly long
MOST_NAMES = 40
_NAME = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*", re.ASCII)

Found = Mapping[str, Any]


class _Answer(msgspec.Struct):
    found: dict[str, Any] = msgspec.field(default_factory=dict, name="QueryResponse")


def condition(name: str, value: Any) -> str:
    """Write that a field has a value."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"QuickBooks cannot look for {name[:100]!r}: write a field's name, such as DisplayName.")
    return f"{name} = {quoted(value)}"


def quoted(value: Any) -> str:
    """Write a value so that nothing in it ends it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def among(name: str, values: Iterable[str]) -> str:
    """Write that a field has one of some values."""
    return f"{name} IN ({', '.join(quoted(value) for value in values)})"


def moment_text(moment: datetime) -> str:
    """Write a time as the language has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def select(thing: str, conditions: Sequence[str], *, order: str = "", start: int = 1, most: int = PAGE) -> str:
    """Write a question for some records of one kind."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    ordered = f" ORDERBY {order}" if order else ""
    return f"SELECT {_COLUMNS.get(thing, '*')} FROM {thing}{where}{ordered} STARTPOSITION {start} MAXRESULTS {most}"  # noqa: S608  # values are quoted


async def ask(context: Context[Any, Any], thing: str, statement: str) -> list[Found]:
    """Ask one question and return the records; one that is too long for an address goes as a body."""
    if len(statement) <= LONGEST_ADDRESSED:
        asked = Options(params={"query": statement}, timeout=SECONDS, limit=LARGEST)
        return records_of(await call(context, "GET", "query", asked), thing)
    kind = {"Content-Type": "application/text"}
    asked = Options(content=statement.encode(), headers=kind, timeout=SECONDS, limit=LARGEST)
    return records_of(await call(context, "POST", "query", asked), thing)


async def ask_all(context: Context[Any, Any], thing: str, conditions: Sequence[str]) -> AsyncIterator[list[Found]]:
    """Yield all records of a kind that fit, page by page."""
    start = 1
    while True:
        page = await ask(context, thing, select(thing, conditions, start=start))
        yield page
        if len(page) < PAGE:
            return
        start += PAGE


def records_of(answer: Any, thing: str) -> list[Found]:
    """Return the records of an answer; where there are none it names no kind."""
    found = shaped(answer, _Answer).found.get(thing) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) and one.get("Id") for one in found):
        raise TemporaryError(f"QuickBooks answered otherwise than it describes: a {thing} without an id.")
    return found
