"""The objects of an account, such as its contacts: searched, followed by time, written and archived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.hubspot.connection import Connection, call
from connectors.sdk import Context, SettingsError
from connectors.sdk.cursors.following import At
from connectors.sdk.network.http import Response
from connectors.sdk.records.entries import Entry, moment

PAGE = 100
# HubSpot shows no more of one search
DEEPEST = 10_000
_TIMED = frozenset({"contacts", "companies", "deals", "tickets", "products", "line_items", "quotes"})
_NAMES = ("name", "dealname", "subject", "hs_title")


class Object(msgspec.Struct, kw_only=True):
    """One object as HubSpot describes it; all values are texts."""

    id: str
    properties: dict[str, str | None] = {}
    created: str = msgspec.field(default="", name="createdAt")
    changed: str = msgspec.field(default="", name="updatedAt")
    archived: bool = False


class _Next(msgspec.Struct):
    after: str = ""


class _Paging(msgspec.Struct):
    next: _Next | None = None


class _Found(msgspec.Struct):
    results: list[Object]
    paging: _Paging | None = None

    @property
    def after(self) -> str:
        return self.paging.next.after if self.paging and self.paging.next else ""


class Objects:
    """All objects of one type: the connector's entries and their timeline."""

    kind = "record"
    mark = ""

    def __init__(self, context: Context[Connection, Any], names: Sequence[str] = ()) -> None:
        self._context = context
        self._type = context.settings.object
        self._names = tuple(names)

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the objects whose properties have these values."""
        filters = [{"propertyName": name, "operator": "EQ", "value": value} for name, value in plain(where).items()]
        found: list[Entry] = []
        after = ""
        while len(found) <= limit:
            page = await self._searched({"filterGroups": [{"filters": filters}] if filters else []}, after)
            found += map(self._entry, page.results)
            after = page.after
            if not after:
                break
        return found

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Ask for the object that a unique property names; a property that is not unique is searched for."""
        text = plain({name: value})[name]
        path = f"objects/{self._type}/{quote(text, safe='')}"
        params = [("idProperty", name), ("properties", ",".join(dict.fromkeys((*self._names, name))))]
        answer = await call(self._context, "GET", path, {"params": params, "accepts": (400, 404)})
        if answer.status == 400:
            return (await self.search({name: value}, 1))[:2]
        return [] if answer.status == 404 else [self._entry(answer.read(Object))]

    async def entry(self, identity: str) -> Entry | None:
        """Return one object, None when it is gone or archived."""
        params = [("properties", ",".join(self._names))] if self._names else []
        answer = await call(
            self._context,
            "GET",
            f"objects/{self._type}/{quote(identity, safe='')}",
            {"params": params, "accepts": (404,)},
        )
        return None if answer.status == 404 else self._entry(answer.read(Object))

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add an object."""
        return await self._written("POST", f"objects/{self._type}", values)

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set properties of an object."""
        return await self._written("PATCH", f"objects/{self._type}/{quote(identity, safe='')}", values)

    async def remove(self, identity: str) -> None:
        """Move an object to the recycle bin, where it stays for 90 days."""
        await call(self._context, "DELETE", f"objects/{self._type}/{quote(identity, safe='')}")

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as texts, as HubSpot keeps them."""
        return plain(values)

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages, oldest first; each begins at the last moment seen, as pages of a changing list would shift."""
        name = self._time(at)
        after = ""
        while True:
            filters = [] if start is None else [{"filters": [_from(name, start)]}]
            page = await self._searched({"filterGroups": filters, "sorts": [name]}, after)
            entries = [self._entry(one) for one in page.results]
            yield entries
            if not page.after or not entries:
                return
            reached = entries[-1].created if at == "created" else entries[-1].changed
            if reached and (start is None or reached > start):
                start, after = reached, ""
            elif int(page.after) + PAGE > DEEPEST:
                raise SettingsError(f"More than {DEEPEST} records changed in one moment; HubSpot does not list them.")
            else:
                after = page.after

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest object."""
        page = await self._searched({"filterGroups": [], "sorts": [f"-{self._time(at)}"]}, "", 1)
        found = [self._entry(one) for one in page.results]
        return (found[0].created if at == "created" else found[0].changed) if found else None

    def _time(self, at: At) -> str:
        """Name the property that holds a time; the older types of objects call theirs otherwise."""
        if at == "created":
            return "createdate" if self._type in _TIMED else "hs_createdate"
        return "lastmodifieddate" if self._type == "contacts" else "hs_lastmodifieddate"

    async def _searched(self, asked: dict[str, Any], after: str, size: int = PAGE) -> _Found:
        body = {**asked, "limit": size} | ({"after": after} if after else {})
        if self._names:
            body["properties"] = list(self._names)
        return (await call(self._context, "POST", f"objects/{self._type}/search", {"json": body})).read(_Found)

    async def _written(self, method: str, path: str, values: Mapping[str, Any]) -> Entry:
        body: dict[str, Any] = {"properties": plain(values)}
        if method == "POST":
            body["associations"] = []
        answer: Response = await call(self._context, method, path, {"json": body})
        return self._entry(answer.read(Object))

    def _entry(self, found: Object) -> Entry:
        return Entry(
            id=found.id,
            values=found.properties,
            title=_title(found),
            created=moment(found.created, "HubSpot"),
            changed=moment(found.changed, "HubSpot"),
        )


def plain(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as HubSpot's texts: nothing is an empty one, several choices stand with semicolons between."""
    return {name: _text(name, value) for name, value in values.items()}


def _text(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        raise SettingsError(f"The property {name} takes a single value or a list, not a mapping.")
    if isinstance(value, (list, tuple)):
        return ";".join(_text(name, one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = "" if value is None else str(value).strip()
    return text.lower() if name == "email" else text


def _from(name: str, start: datetime) -> dict[str, str]:
    return {"propertyName": name, "operator": "GTE", "value": str(int(start.timestamp() * 1000))}


def _title(found: Object) -> str:
    held = found.properties
    person = " ".join(held[name] or "" for name in ("firstname", "lastname") if name in held).strip()
    return person or next((held[name] or "" for name in _NAMES if held.get(name)), "") or held.get("email") or found.id
