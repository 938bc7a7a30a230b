"""Alerts: searched in Opsgenie's own words, followed by time in pages that stay below its limit, and read whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from connectors.opsgenie.connection import Connection, call
from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.cursors.following import At
from connectors.sdk.network.http import Options
from connectors.sdk.records.entries import Entry, moment

Named = Literal["id", "alias", "tiny"]
PAGE = 100
# Opsgenie refuses pages whose offset and size go beyond this together
MOST_IN_A_LIST = 20_000
_TIMES: Mapping[At, str] = {"created": "createdAt", "changed": "updatedAt"}
_FIELD = re.compile(r"[A-Za-z][A-Za-z.]*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Many(msgspec.Struct):
    data: list[dict[str, Any]]


class _One(msgspec.Struct):
    data: dict[str, Any]


class Alerts:
    """The alerts that fit some conditions: a list by time, read in pieces."""

    def __init__(self, context: Context[Connection, Any], conditions: Sequence[str]) -> None:
        self._context = context
        self._conditions = conditions

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages, oldest first; each begins at the last moment seen, as pages of a list in use shift."""
        name, offset = _TIMES[at], 0
        while True:
            since = [] if start is None else [f"{name}>={_milliseconds(start)}"]
            page = await self._listed([*self._conditions, *since], name, "asc", offset)
            yield page
            if len(page) < PAGE:
                return
            reached = page[-1].created if at == "created" else page[-1].changed
            if reached is not None and (start is None or _milliseconds(reached) > _milliseconds(start)):
                start, offset = reached, 0
            else:
                offset += PAGE

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest alert."""
        found = await self._listed(self._conditions, _TIMES[at], "desc", 0, 1)
        return (found[0].created if at == "created" else found[0].changed) if found else None

    async def latest(self, limit: int) -> Sequence[Entry]:
        """Return the newest alerts, some more than `limit` at most."""
        found: list[Entry] = []
        while len(found) <= limit:
            page = await self._listed(self._conditions, "createdAt", "desc", len(found))
            found += page
            if len(page) < PAGE:
                break
        return found

    async def _listed(
        self, conditions: Sequence[str], sort: str, order: str, offset: int, size: int = PAGE
    ) -> list[Entry]:
        if offset + size > MOST_IN_A_LIST:
            raise SettingsError(f"More than {MOST_IN_A_LIST:,} alerts have the same time. Narrow the search.")
        params = {"sort": sort, "order": order, "offset": str(offset), "limit": str(size)}
        params |= {"query": " AND ".join(conditions)} if conditions else {}
        answer = await call(self._context, "GET", "alerts", {"params": params})
        return [_entry(self._context, one) for one in answer.read(_Many).data]


async def whole(context: Context[Connection, Any], identity: str, by: Named = "id") -> Entry | None:
    """Return one alert with its description and details, None when there is none."""
    if not identity.strip():
        raise SettingsError("Name the alert; what should name it is empty.")
    options: Options = {"params": {"identifierType": by}, "accepts": (404,)}
    answer = await call(context, "GET", f"alerts/{quote(identity.strip(), safe='')}", options)
    return None if answer.status == 404 else _entry(context, answer.read(_One).data)


def conditions_of(*, query: str, status: str, priorities: Sequence[str], teams: Sequence[str]) -> list[str]:
    """Return a search in Opsgenie's words, one condition a line."""
    found = [f"({query.strip()})"] if query.strip() else []
    found += {
        "open": ["status:open"],
        "unacknowledged": ["status:open", "acknowledged:false"],
        "acknowledged": ["status:open", "acknowledged:true"],
        "closed": ["status:closed"],
    }.get(status, [])
    found += [f"priority:({' OR '.join(priorities)})"] if priorities else []
    return found + ([f"teams:({' OR '.join(quoted(one) for one in teams)})"] if teams else [])


def condition(name: str, value: Any) -> str:
    """Write one condition; a value stays a value."""
    if not _FIELD.fullmatch(name):
        raise SettingsError(f"Opsgenie cannot search for {name}.")
    if value in (None, "") or isinstance(value, (Mapping, list, tuple)):
        raise SettingsError(f"The value of {name} must be a single value, and not empty.")
    return f"{name}:{quoted(str(value).lower() if isinstance(value, bool) else str(value))}"


def quoted(text: str) -> str:
    """Return a text that is searched for as it stands."""
    return '"' + text.replace("\\", " ").replace('"', " ") + '"'


def _entry(context: Context[Connection, Any], found: Mapping[str, Any]) -> Entry:
    identity = found.get("id")
    if not isinstance(identity, str) or not identity:
        raise TemporaryError("Opsgenie answered with an alert without an id.")
    created = _time(found.get("createdAt"))
    return Entry(
        id=identity,
        values=found,
        title=str(found.get("message") or identity),
        created=created,
        changed=_time(found.get("updatedAt") or found.get("createdAt")),
        url=context.connection.page(quote(identity, safe="")),
    )


def _time(text: Any) -> datetime:
    found = moment(text if isinstance(text, str) else None, "Opsgenie")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _milliseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)
