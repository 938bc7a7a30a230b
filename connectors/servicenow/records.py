"""Records of one table: searched, followed by time, written and deleted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.cursors.following import At
from connectors.sdk.network.http import Options
from connectors.sdk.records.entries import Entry, alike
from connectors.servicenow.connection import Connection, call

PAGE = 200
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IDENTITY = re.compile(r"[0-9a-f]{32}")
_TITLES = ("number", "name", "short_description", "user_name")
# References and choices as their values, not as what people see in place of them
_PLAIN = {"sysparm_display_value": "false", "sysparm_exclude_reference_link": "true"}
_TIMES: Mapping[At, str] = {"created": "sys_created_on", "changed": "sys_updated_on"}


class _Many(msgspec.Struct):
    result: list[dict[str, Any]]


class _One(msgspec.Struct):
    result: dict[str, Any]


class Records:
    """All records of a table: the connector's entries and their timeline."""

    kind = "record"

    def __init__(self, context: Context[Connection, Any], fields: Collection[str] = ()) -> None:
        self._context = context
        self._table: str = context.settings.table
        self._fields = frozenset(fields)
        self.mark = "correlation_id" if "correlation_id" in self._fields else ""

    @classmethod
    async def prepare(cls, context: Context[Connection, Any]) -> Records:
        """Learn the fields from a record, as ServiceNow says nothing about those that it does not know."""
        found = await cls(context).latest()
        return cls(context, found.values if found else ())

    async def latest(self) -> Entry | None:
        """Return the record that changed last."""
        return next(iter(await self._listed("ORDERBYDESCsys_updated_on", 0, 1)), None)

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the records whose fields have these values; each is compared, as unknown fields match everything."""
        wanted = self.plain(where)
        sought = alike(wanted)
        query = "^".join([*(_condition(name, value) for name, value in wanted.items()), "ORDERBYsys_id"])
        found: list[Entry] = []
        start = 0
        while len(found) <= limit:
            page = await self._listed(query, start, PAGE)
            found += [
                one for one in page if alike(self.plain({name: one.values.get(name) for name in wanted})) == sought
            ]
            start += PAGE
            if len(page) < PAGE:
                break
        return found

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Return the records with a value, two at most."""
        return (await self.search({name: value}, 1))[:2]

    async def entry(self, identity: str) -> Entry | None:
        """Return one record, None when it is gone."""
        options: Options = {"params": _PLAIN, "accepts": (404,)}
        answer = await call(self._context, "GET", self._place(identity), options)
        return None if answer.status == 404 else _entry(answer.read(_One).result)

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add a record."""
        return await self._written("POST", self._table, values)

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of a record."""
        return await self._written("PATCH", self._place(identity), values)

    async def remove(self, identity: str) -> None:
        """Delete a record; whether it can be restored is up to the table."""
        await call(self._context, "DELETE", self._place(identity))

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as the texts that the Table API gives."""
        absent = [name for name in values if self._fields and name not in self._fields]
        if absent:
            raise SettingsError(f"The table {self._table} shows no field {', '.join(absent)} to this user.")
        return {name: _text(value) for name, value in values.items()}

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages, oldest first; each begins at the last moment seen, as pages of a list in use shift."""
        name, offset = _TIMES[at], 0
        while True:
            condition = [] if start is None else [f"{name}>={start.astimezone(UTC):%Y-%m-%d %H:%M:%S}"]
            page = await self._listed("^".join([*condition, f"ORDERBY{name}", "ORDERBYsys_id"]), offset, PAGE)
            yield page
            if len(page) < PAGE:
                return
            reached = page[-1].created if at == "created" else page[-1].changed
            if reached and (start is None or reached > start):
                start, offset = reached, 0
            else:
                offset += PAGE

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest record."""
        found = await self._listed(f"ORDERBYDESC{_TIMES[at]}", 0, 1)
        return (found[0].created if at == "created" else found[0].changed) if found else None

    async def _listed(self, query: str, start: int, size: int) -> list[Entry]:
        params = {**_PLAIN, "sysparm_query": query, "sysparm_limit": str(size), "sysparm_offset": str(start)}
        answer = await call(self._context, "GET", self._table, {"params": params})
        return [_entry(one) for one in answer.read(_Many).result]

    async def _written(self, method: str, path: str, values: Mapping[str, Any]) -> Entry:
        answer = await call(self._context, method, path, {"params": _PLAIN, "json": self.plain(values)})
        return _entry(answer.read(_One).result)

    def _place(self, identity: str) -> str:
        if not _IDENTITY.fullmatch(identity):
            raise SettingsError("The id of a record has 32 letters and digits.")
        return f"{self._table}/{identity}"


def _entry(found: Mapping[str, Any]) -> Entry:
    return Entry(
        id=str(found.get("sys_id", "")),
        values=found,
        title=next((str(found[name]) for name in _TITLES if found.get(name)), str(found.get("sys_id", ""))),
        created=_moment(found.get("sys_created_on")),
        changed=_moment(found.get("sys_updated_on")),
        version=str(found.get("sys_mod_count", "")),
    )


def _moment(text: Any) -> datetime:
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise TemporaryError("ServiceNow answered with a record without its times. Can the user read them?") from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(_text(one) for one in value)
    return "" if value is None else str(value).strip()


def _condition(name: str, value: str) -> str:
    """Write one condition of an encoded query; a value stays a value."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"ServiceNow cannot look for {name}.")
    if "^" in value:
        raise SettingsError(f"ServiceNow cannot look for a value of {name} with a caret (^).")
    # ServiceNow runs the rest of such a value as a script
    if value.lower().startswith("javascript:"):
        raise SettingsError(f"ServiceNow cannot look for a value of {name} that begins with javascript:.")
    return f"{name}={value}" if value else f"{name}ISEMPTY"
