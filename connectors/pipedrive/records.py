"""Persons, organizations and deals of a company: searched, followed by time, written and deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.pipedrive.connection import Connection, call
from connectors.pipedrive.fields import MOST, SEVERAL, Field, fields_of, written
from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.cursors.following import At
from connectors.sdk.network.http import Options
from connectors.sdk.records.entries import Entry, alike, moment

# By which fields each kind can be searched for a text, and listed
_TEXTS = {
    "persons": {"name", "email", "phone", "notes"},
    "organizations": {"name", "address", "notes"},
    "deals": {"title", "notes"},
}
_LISTED = {
    "persons": {"owner_id", "org_id"},
    "organizations": {"owner_id"},
    "deals": {"owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status"},
}
_MOST_IDS = 100


class _More(msgspec.Struct):
    next_cursor: str | None = None


class _Page(msgspec.Struct):
    data: list[dict[str, Any]] = []
    additional_data: _More | None = None


class _One(msgspec.Struct):
    data: dict[str, Any]


class _Hit(msgspec.Struct):
    item: dict[str, Any] = {}


class _Hits(msgspec.Struct):
    items: list[_Hit] = []


class _Found(msgspec.Struct):
    data: _Hits
    additional_data: _More | None = None


class Records:
    """All records of one kind: the connector's entries and their timeline."""

    mark = ""

    def __init__(self, context: Context[Connection, Any], fields: Mapping[str, Field] | None = None) -> None:
        self._context = context
        self._fields = fields or {}
        self._thing: str = context.settings.object
        self.kind = self._thing.removesuffix("s")

    @classmethod
    async def prepare(cls, context: Context[Connection, Any]) -> Records:
        """Look up the fields, which say how values are written."""
        return cls(context, await fields_of(context, context.settings.object))

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the records that have these values; the first field that can be searched is searched by Pipedrive."""
        wanted = self.plain(where)
        sought = alike(wanted)
        found: list[Entry] = []
        async for page in self._candidates(wanted):
            found += [
                one for one in page if alike(self.plain({name: one.values.get(name) for name in wanted})) == sought
            ]
            if len(found) > limit:
                break
        return found

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Search for a value of the key field."""
        return (await self.search({name: value}, 1))[:2]

    async def entry(self, identity: str) -> Entry | None:
        """Return one record, None when it is gone or deleted."""
        answer = await call(self._context, "GET", f"{self._thing}/{int(identity)}", {"accepts": (404,)})
        if answer.status == 404:
            return None
        found = answer.read(_One).data
        return None if found.get("is_deleted") else _entry(found)

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add a record."""
        answer = await call(self._context, "POST", self._thing, {"json": self._body(values, {})})
        return _entry(answer.read(_One).data)

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of a record; further addresses and numbers of a person stay."""
        path = f"{self._thing}/{int(identity)}"
        standing: dict[str, Any] = {}
        if values.keys() & SEVERAL.keys():
            standing = (await call(self._context, "GET", path)).read(_One).data
        answer = await call(self._context, "PATCH", path, {"json": self._body(values, standing)})
        return _entry(answer.read(_One).data)

    async def remove(self, identity: str) -> None:
        """Delete a record; it can be restored for 30 days."""
        await call(self._context, "DELETE", f"{self._thing}/{int(identity)}")

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as the fields take them."""
        absent = [name for name in values if name not in self._fields]
        if absent:
            raise SettingsError(f"Pipedrive has no field {', '.join(absent)} of {self._thing}.")
        return {name: written(self._fields[name], value) for name, value in values.items()}

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages, oldest first; what was added after a moment was also changed after it."""
        params = {"sort_by": "add_time" if at == "created" else "update_time", "sort_direction": "asc", "limit": MOST}
        if start is not None:
            params["updated_since"] = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        async for page in self._listed(params):
            yield [one for one in page if at == "changed" or start is None or (one.created or start) >= start]

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest record."""
        name = "add_time" if at == "created" else "update_time"
        params = {"sort_by": name, "sort_direction": "desc", "limit": "1"}
        page = (await call(self._context, "GET", self._thing, {"params": params})).read(_Page)
        return moment(page.data[0].get(name), "Pipedrive") if page.data else None

    async def _candidates(self, wanted: Mapping[str, Any]) -> AsyncIterator[Sequence[Entry]]:
        """Yield what Pipedrive finds by one of the fields; the others are compared afterwards."""
        texts, listed = _TEXTS[self._thing], _LISTED[self._thing]
        name = next((one for one in wanted if one in texts or self._fields[one].custom), None)
        if name is None:
            given = {one: str(value) for one, value in wanted.items() if one in listed}
            if not given:
                raise SettingsError(
                    f"Pipedrive finds {self._thing} by {', '.join(sorted(texts | listed))} or own fields."
                )
            async for page in self._listed({**given, "limit": MOST}):
                yield page
            return
        if wanted[name] is None:
            raise SettingsError(f"The value of {name} is empty.")
        fields = "custom_fields" if self._fields[name].custom else name
        params = {"term": str(wanted[name]), "fields": fields, "exact_match": "true", "limit": str(_MOST_IDS)}
        while True:
            found = (await call(self._context, "GET", f"{self._thing}/search", {"params": params})).read(_Found)
            identities = ",".join(str(one.item.get("id")) for one in found.data.items)
            if identities:
                async for page in self._listed({"ids": identities, "limit": MOST}):
                    yield page
            following = found.additional_data.next_cursor if found.additional_data else None
            if not following:
                return
            params["cursor"] = following

    async def _listed(self, params: Mapping[str, str]) -> AsyncIterator[Sequence[Entry]]:
        asked = dict(params)
        while True:
            options: Options = {"params": asked}
            page = (await call(self._context, "GET", self._thing, options)).read(_Page)
            yield [_entry(one) for one in page.data]
            following = page.additional_data.next_cursor if page.additional_data else None
            if not following:
                return
            asked["cursor"] = following

    def _body(self, values: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, value in self.plain(values).items():
            if name in SEVERAL:
                others = [one for one in standing.get(SEVERAL[name]) or [] if not one.get("primary")]
                body[SEVERAL[name]] = ([{"value": value, "primary": True}] if value else []) + others
            elif self._fields[name].custom:
                body.setdefault("custom_fields", {})[name] = value
            else:
                body[name] = value
        return body


def _entry(found: Mapping[str, Any]) -> Entry:
    if "id" not in found:
        raise TemporaryError("Pipedrive answered with a record without an id.")
    return Entry(
        id=str(found["id"]),
        values=values_of(found),
        title=str(found.get("title") or found.get("name") or found["id"]),
        created=moment(found.get("add_time"), "Pipedrive"),
        changed=moment(found.get("update_time") or found.get("add_time"), "Pipedrive"),
    )


def values_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record side by side, own ones and the primary address and number too."""
    custom = found.get("custom_fields")
    values = {name: value for name, value in found.items() if name != "custom_fields"}
    values |= {name: _plain(value) for name, value in custom.items()} if isinstance(custom, Mapping) else {}
    for simple, several in SEVERAL.items():
        if several in found:
            many = [one for one in found[several] or () if isinstance(one, Mapping)]
            values[simple] = next((one.get("value") for one in many if one.get("primary")), None)
    return values


def _plain(value: Any) -> Any:
    """Return the value of an own field as records are read with it; events tell its type beside it."""
    if not isinstance(value, Mapping) or "type" not in value:
        return value
    told = {name: one for name, one in value.items() if name != "type"}
    if told.keys() == {"values"} and isinstance(told["values"], list):
        return [one.get("id") if isinstance(one, Mapping) else one for one in told["values"]]
    return next(iter(told.values())) if told.keys() in ({"id"}, {"value"}) else told
