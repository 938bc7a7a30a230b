"""Tickets: exported as they change, searched, written and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk import Context, SettingsError
from connectors.sdk.network.http import Options
from connectors.sdk.records.entries import Entry, moment
from connectors.zendesk.connection import Connection, call

# What may be written; fields of one's own are named field_ and their number
WRITABLE = (
    *("subject", "description", "status", "priority", "type", "tags", "external_id", "due_at", "problem_id"),
    *("requester_email", "requester_name", "requester_id", "assignee_id", "assignee_email", "group_id"),
    *("organization_id", "brand_id", "ticket_form_id", "custom_status_id"),
)
# Zendesk takes these and shows them in no ticket
_UNSHOWN = frozenset({"requester_email", "requester_name", "assignee_email"})
_NUMBERS = frozenset(name for name in WRITABLE if name.endswith("_id") and name != "external_id")
_OWN = re.compile(r"field_(\d+)")
_NAME = re.compile(r"[a-z_]+|field_\d+")
SEARCHED = "100"


class _CustomField(msgspec.Struct):
    id: int
    value: Any = None


class Ticket(msgspec.Struct, kw_only=True):
    """A ticket as Zendesk shows it."""

    id: int
    subject: str | None = None
    description: str | None = None
    status: str | None = None
    priority: str | None = None
    type: str | None = None
    tags: list[str] = []
    external_id: str | None = None
    due_at: str | None = None
    problem_id: int | None = None
    requester_id: int | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    brand_id: int | None = None
    ticket_form_id: int | None = None
    custom_status_id: int | None = None
    custom_fields: list[_CustomField] | None = None
    created_at: str = ""
    updated_at: str = ""


class _One(msgspec.Struct):
    ticket: Ticket


class _Said(msgspec.Struct):
    comments: list[Any]


class Several(msgspec.Struct):
    """A list of tickets, and the address of the next page where there is one."""

    tickets: list[Ticket] = []
    results: list[Ticket] = []
    next_page: str | None = None


class Tickets:
    """All tickets: the connector's entries."""

    kind = "ticket"
    mark = "external_id"

    def __init__(self, context: Context[Connection, Any]) -> None:
        self._context = context

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Search for tickets whose fields have these values."""
        query = " ".join(["type:ticket", *(_condition(name, value) for name, value in where.items())])
        found: list[Entry] = []
        page = 1
        while len(found) <= limit:
            params = {"query": query, "per_page": SEARCHED, "page": str(page)}
            answer = (await call(self._context, "GET", "search", {"params": params})).read(Several)
            found += map(self.shown, answer.results)
            page += 1
            if not answer.next_page:
                break
        return found

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Ask for the tickets of an external id, which Zendesk knows at once, or for the one of an id."""
        if name == "id":
            found = await self.entry(str(value))
            return [found] if found else []
        if name != "external_id":
            raise SettingsError(f"Tickets can be told by external_id or id, not by {name}.")
        params = {"external_id": str(value)}
        answer = (await call(self._context, "GET", "tickets", {"params": params})).read(Several)
        return [self.shown(one) for one in answer.tickets[:2]]

    async def entry(self, identity: str) -> Entry | None:
        """Return one ticket, None when it is gone."""
        answer = await call(self._context, "GET", f"tickets/{_number('id', identity)}", {"accepts": (404,)})
        return None if answer.status == 404 else self.shown(answer.read(_One).ticket)

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add a ticket; its description is its first comment."""
        body = _body(values)
        if "description" in body:
            body["comment"] = {"body": body.pop("description")}
        options: Options = {"json": {"ticket": body}}
        return self.shown((await call(self._context, "POST", "tickets", options)).read(_One).ticket)

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of a ticket; what was first written in it stays."""
        body = _body(values)
        if "description" in body:
            standing = await self.entry(identity)
            if standing is None or self.plain({"description": standing.values["description"]}) != {
                "description": body.pop("description")
            }:
                raise SettingsError("The description of a ticket cannot be changed; leave it out.")
        options: Options = {"json": {"ticket": body}}
        path = f"tickets/{_number('id', identity)}"
        return self.shown((await call(self._context, "PUT", path, options)).read(_One).ticket)

    async def remove(self, identity: str) -> None:
        """Delete a ticket that holds no more than its description; it can be restored for 30 days."""
        path = f"tickets/{_number('id', identity)}"
        said = (await call(self._context, "GET", f"{path}/comments", {"params": {"page[size]": "2"}})).read(_Said)
        if len(said.comments) > 1:
            raise SettingsError(f"Somebody has written in the ticket {identity} since, so it stays.")
        await call(self._context, "DELETE", path)

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as tickets show them, without those that they do not show."""
        return {name: _value(name, value) for name, value in values.items() if name not in _UNSHOWN | {"id"}}

    def shown(self, ticket: Ticket) -> Entry:
        """Return a ticket as an entry."""
        values = {name: getattr(ticket, name) for name in ticket.__struct_fields__ if name != "custom_fields"}
        values |= {f"field_{one.id}": one.value for one in ticket.custom_fields or []}
        return Entry(
            id=str(ticket.id),
            values=values,
            title=ticket.subject or f"Ticket {ticket.id}",
            created=moment(ticket.created_at, "Zendesk"),
            changed=moment(ticket.updated_at, "Zendesk"),
            url=f"{self._context.connection.base}/agent/tickets/{ticket.id}",
        )


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in values.items():
        own = _OWN.fullmatch(name)
        if own:
            body.setdefault("custom_fields", []).append({"id": int(own[1]), "value": _value(name, value)})
        elif name in {"requester_email", "requester_name"}:
            body.setdefault("requester", {})[name.removeprefix("requester_")] = str(value)
        elif name in WRITABLE:
            body[name] = _value(name, value)
        elif name != "id":
            raise SettingsError(f"Zendesk takes no field {name} of a ticket.")
    return body


def _value(name: str, value: Any) -> Any:
    if name == "tags":
        return sorted(value) if isinstance(value, (list, tuple)) else str(value or "").split()
    if value in (None, ""):
        return None
    if name in _NUMBERS:
        return _number(name, value)
    return value.strip() if isinstance(value, str) else value


def _number(name: str, value: Any) -> int:
    try:
        return int(value)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{str(value)[:100]!r} cannot be the {name} of a ticket; it is a number.") from error


def _condition(name: str, value: Any) -> str:
    """Write one condition of a search; a value stays a value."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"Zendesk cannot search for {name}.")
    text = str("none" if value is None else value).replace("\\", " ").replace('"', " ")
    return f'{name.replace("field_", "custom_field_", 1) if _OWN.fullmatch(name) else name}:"{text}"'
