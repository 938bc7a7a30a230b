"""Tickets: listed as they change, searched, written and put into the trash."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, TypeVar

import msgspec

from connectors.freshworks._account import BEGINNING, GONE, call, has_next, told_at, when_of
from connectors.freshworks._files import carried
from connectors.freshworks._names import Names
from connectors.freshworks._query import query
from connectors.sdk import Context, Record, SettingsError, TemporaryError
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.multipart import Upload
from connectors.sdk.records.entries import Entry

PAGE, SEARCHED = 100, 30
MOST_FOUND = 300
MOST_PAGES = 100_000
# Where the record's key is kept in sentences of ours; at the service it is a tag
MARK = "patchdeck_mark"
_TAG = "pd-"
# The search knows of a change after some minutes
_INDEXED = timedelta(hours=1)
_BULKY = frozenset({"structured_description", "custom_fields"})
_NUMBERS = frozenset(
    {
        *("requester_id", "group_id", "responder_id", "company_id", "product_id", "email_config_id", "parent_id"),
        *("department_id", "workspace_id"),
    }
)

T = TypeVar("T")


class _Head(msgspec.Struct):
    id: int
    created_at: str | None = None
    updated_at: str | None = None
    subject: str | None = None
    tags: list[str] | None = None
    custom_fields: dict[str, Any] | None = None


class Tickets:
    """All tickets of an account that its agent sees: the connector's entries.

    `more` are conditions of a search, `files` go with new tickets, which carry our key as a tag where `tagged`.
    Settings may name a workspace, where the account has several.
    """

    kind = "ticket"

    def __init__(  # all but the context by name
        self,
        context: Context[Any, Any],
        *,
        more: str = "",
        files: Sequence[Upload] = (),
        tagged: bool = True,
    ) -> None:
        self.mark = MARK if tagged else ""
        self.names = Names(context)
        self.product = context.connection.product
        self._context = context
        workspace = str(getattr(context.settings, "workspace", "")).strip()
        self._place = {"workspace_id": _whole("workspace", workspace)} if workspace else {}
        self._more = more
        self._files = files

    async def changed_since(self, start: datetime | None, *, whole: bool = True) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages of the tickets that changed at or after a moment; the `whole` ones with requester and text.

        Where they come in the order of changes, each page asks from the end of the one before: what changes meanwhile
        then pushes nothing out of sight, and no list grows longer than the service lets it.
        """
        since, page = start or BEGINNING, 1
        for _ in range(MOST_PAGES):
            answer = await self._list(since, page, whole=whole)
            entries = self._read(answer)
            yield entries
            if not entries or not has_next(answer):
                return
            last = entries[-1].changed
            moved = last - timedelta(seconds=1) if self.product.sorted_by_change and last else since
            since, page = (moved, 1) if moved > since else (since, page + 1)
        raise SettingsError(f"{self.product.title} lists its tickets without an end.")

    async def now(self) -> datetime:
        """Return the time at the service."""
        return told_at(await self._list(BEGINNING, 1, whole=False))

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Search for tickets whose fields have these values."""
        asked = {name: await self.names.number(name, value) for name, value in where.items()}
        asked |= self._place
        found: list[Entry] = []
        for page in range(1, MOST_FOUND // SEARCHED + 1):
            params = {"query": query(asked, self._more), "page": str(page)}
            answer = await call(self._context, "GET", self.product.search, {"params": params})
            entries = self._read(answer, self.product.found)
            found += entries
            if len(entries) < SEARCHED or len(found) > limit:
                break
        return found

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Return the tickets of a number, of our mark, or of a value in a field of the account's own."""
        if name == "id":
            found = await self.entry(str(value))
            return [found] if found else []
        asked = {"tag": tag(str(value))} if name == MARK else {name: await self.names.number(name, value)}
        wanted = str(_plain(name, value))

        def fits(one: Entry) -> bool:
            return str(_plain(name, one.values.get(name))) == wanted

        params = {"query": query(asked | self._place), "page": "1"}
        answer = await call(self._context, "GET", self.product.search, {"params": params})
        told = [await self.entry(one.id) for one in self._read(answer, self.product.found)]
        fitting = {one.id: one for one in told if one is not None and fits(one)}
        if not fitting:
            fitting = await self._recent(
                told_at(answer) - _INDEXED, fits, listed=name != MARK or not self.product.beside
            )
        return list(fitting.values())[:2]

    async def entry(self, identity: str, *, embedded: bool = False) -> Entry | None:
        """Return one ticket, None when it is gone or in the trash."""
        number = _whole("number", identity)
        options: Options = {"accepts": (GONE,)}
        if include := ",".join(one for one in ("requester" if embedded else "", self.product.beside) if one):
            options["params"] = {"include": include}
        answer = await call(self._context, "GET", f"tickets/{number}", options)
        if answer.status == GONE:
            return None
        found = self._one(answer)
        return None if found.values.get("deleted") is True else found

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Open a ticket."""
        body = {"status": 2, "priority": 1, **self._place, **self._body(values)}
        return self._one(await call(self._context, "POST", "tickets", carried(body, self._files)))

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of a ticket; what is said only when one is opened is left out."""
        given = {name: value for name, value in values.items() if name not in self.product.opening}
        body = self._body(given)
        if not body:
            raise SettingsError("There is nothing to change: these fields are taken only when a ticket is opened.")
        if "tags" in body:
            standing = await self.entry(identity)
            body["tags"] += [] if standing is None or not standing.values[MARK] else [standing.values[MARK]]
        path = f"tickets/{_whole('number', identity)}"
        return self._one(await call(self._context, "PUT", path, {"json": body}))

    async def remove(self, identity: str) -> None:
        """Put a ticket into the trash, out of which people can take it again, unless something was said in it."""
        path = f"tickets/{_whole('number', identity)}"
        answer = await call(self._context, "GET", f"{path}/conversations", {"params": {"per_page": "1"}})
        said = answer.json()
        if said.get("conversations") if isinstance(said, dict) else said:
            raise SettingsError(f"Somebody has written in the ticket {identity} since, so it stays.")
        await call(self._context, "DELETE", path)

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as tickets show them, without those that they do not show."""
        return {
            name: _plain(name, value) for name, value in values.items() if name not in self.product.opening | {"id"}
        }

    async def translated(self, record: Record) -> Record:
        """Return a record with numbers for the words of statuses, priorities and the like."""
        row = {name: await self.names.number(name, value) for name, value in record.values.items()}
        return msgspec.structs.replace(record, rows=[row])

    async def _list(self, since: datetime, page: int, *, whole: bool) -> Response:
        params = {"updated_since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "order_type": "asc"}
        params |= {"order_by": "updated_at"} if self.product.sorted_by_change else {}
        params |= {name: str(number) for name, number in self._place.items()}
        params |= {"include": self.product.embedded} if whole else {}
        params |= {"per_page": str(PAGE), "page": str(page)}
        return await call(self._context, "GET", "tickets", {"params": params})

    async def _recent(self, since: datetime, fits: Callable[[Entry], bool], *, listed: bool) -> dict[str, Entry]:
        """Look through the tickets that the search may not know yet, one by one where a list does not tell enough."""
        found: dict[str, Entry] = {}
        async for page in self.changed_since(since, whole=False):
            for one in page:
                if not fits(one) if listed else (one.created or since) < since:
                    continue
                whole = await self.entry(one.id) if self.product.beside else one
                found |= {one.id: whole} if whole is not None and fits(whole) else {}
        return found

    def _read(self, answer: Response, name: str = "tickets") -> list[Entry]:
        found = answer.json()
        if name != "tickets" or self.product.wrapped:
            found = found.get(name) if isinstance(found, dict) else None
        return [self._shown(one) for one in self._held(found, list[dict[str, Any]])]

    def _one(self, answer: Response) -> Entry:
        found = answer.json()
        if self.product.wrapped:
            found = found.get("ticket") if isinstance(found, dict) else None
        return self._shown(self._held(found, dict[str, Any]))

    def _held(self, value: Any, kind: type[T]) -> T:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise TemporaryError(f"{self.product.title} answered otherwise than it describes: {error}.") from error

    def _shown(self, ticket: dict[str, Any]) -> Entry:
        head = self._held(ticket, _Head)
        marks = [one for one in head.tags or () if one.startswith(_TAG)]
        values = {name: value for name, value in ticket.items() if name not in _BULKY}
        values[MARK] = marks[0] if marks else None
        if head.tags is not None:
            values["tags"] = [one for one in head.tags if one not in marks]
        return Entry(
            id=str(head.id),
            values={**(head.custom_fields or {}), **values},
            title=head.subject or f"Ticket {head.id}",
            created=when_of(head.created_at, self.product),
            changed=when_of(head.updated_at, self.product),
            url=f"{self._context.connection.base}/a/tickets/{head.id}",
        )

    def _body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, value in values.items():
            if name == MARK:
                body.setdefault("tags", []).append(tag(str(value)))
            elif name == "description":
                body[name] = html_of(str(value or ""))
            elif name == "tags":
                body[name] = [*body.get("tags", []), *_plain(name, value)]
            elif name in self.product.writable:
                body[name] = _plain(name, value)
            elif name != "id":
                body.setdefault("custom_fields", {})[name] = _plain(name, value)
        return body


def tag(key: str) -> str:
    """Return the tag that tells a ticket of ours; tags have 32 characters at most."""
    return key if key.startswith(_TAG) else f"{_TAG}{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:24]}"


def html_of(text: str) -> str:
    """Write a text as HTML, in which nothing of it is read as HTML."""
    return f"<div>{'<br>'.join(escape(text.strip()).splitlines())}</div>" if text.strip() else ""


def _plain(name: str, value: Any) -> Any:
    if name == MARK:
        return tag(str(value)) if value else None
    if name in {"tags", "cc_emails"}:
        several = value if isinstance(value, (list, tuple)) else str(value or "").split(",")
        return sorted({text for one in several if (text := str(one).strip())})
    if value in (None, ""):
        return None
    if name in _NUMBERS:
        return _whole(name, value)
    return value.strip() if isinstance(value, str) else value


def _whole(name: str, value: Any) -> int:
    text = str(value).strip()
    if not text.isdecimal() or len(text) > 18:
        raise SettingsError(f"{str(value)[:100]!r} cannot be the {name} of a ticket; it is a whole number.")
    return int(text)
