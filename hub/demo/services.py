"""The demo's recipes over the simulated services: answers become tickets, contacts are kept in step with a table."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from hub.composition import Services
from hub.datasets import NewDataset
from hub.errors import ConflictError
from hub.ids import parse
from hub.members import Member
from hub.recipes import from_plain

CONNECTION = "simulated services"
LABEL = "simulated"


async def seed_services(services: Services, member: Member, address: str, token: str) -> None:
    """Connect the simulated services and publish their recipes; safe to repeat, also at another address."""
    await _connect(services, member, token)
    with contextlib.suppress(ConflictError):
        await services.datasets.create(member, NewDataset(name="contacts", title="Contacts (simulated)", key=["id"]))
    for document in documents(address):
        await services.recipes.apply(member, from_plain(document), publish=True)


def documents(address: str) -> Sequence[dict[str, Any]]:
    """Return the recipes over the services at an address."""
    return [_tickets(address), _contacts_in(address), _contacts_out(address)]


async def _connect(services: Services, member: Member, token: str) -> None:
    settings = {"hosts": ["127.0.0.1"], "kind": "bearer", "secret": token}
    known = {one.name: one for one in await services.connections.list(member)}
    if CONNECTION in known:
        kept = await services.connections.change(member, parse("con", known[CONNECTION].id), settings)
    else:
        kept = await services.connections.add(member, CONNECTION, "http", settings)
    await services.connections.test(member, parse("con", kept.id))


def _listed(address: str, kind: str) -> dict[str, Any]:
    return {
        "uses": "http.new_element",
        "connection": CONNECTION,
        "with": {
            "url": f"{address}/api/{kind}",
            "key": "id",
            "version": "updated_at",
            "paging": {"style": "page", "items": "data"},
            "every": "10s",
        },
    }


def _tickets(address: str) -> dict[str, Any]:
    return _recipe("unhappy-answers", "Unhappy answers become tickets (simulated)", _listed(address, "answers"), [
        {"id": "unhappy", "uses": "filter", "with": {"all": [_UNHAPPY]}},
        {
            "id": "ticket",
            "title": "Open a ticket",
            "uses": "http.send",
            "connection": CONNECTION,
            "with": {
                "url": f"{address}/api/tickets",
                "json": {
                    "subject": "{{ trigger.contact }} gave {{ trigger.score }} of 10",
                    "description": "{{ trigger.comment }}",
                    "priority": "high",
                    "status": "open",
                    "contact": "{{ trigger.contact }}",
                },
            },
        },
    ])  # fmt: skip


def _contacts_in(address: str) -> dict[str, Any]:
    fields = {name: f"{{{{ trigger.{name} }}}}" for name in _KEPT}
    return _recipe("contacts-from-crm", "Contacts of the CRM (simulated) to the table", _listed(address, "contacts"), [
        {"id": "look", "uses": "dataset.query", "with": {"dataset": "contacts", "where": {"id": "{{ trigger.id }}"}}},
        {"id": "same", "uses": "sync", "with": _synced("left", "{{ trigger.id }}", fields, "{{ look.first }}")},
        {
            "id": "keep",
            "title": "Keep the contact",
            "uses": "dataset.write_rows",
            "with": {
                "dataset": "contacts",
                "mode": "upsert",
                "key": ["id"],
                "columns": {"id": "{{ trigger.id }}", **{name: f"{{{{ same.fields.{name} }}}}" for name in _KEPT}},
            },
        },
    ])  # fmt: skip


def _contacts_out(address: str) -> dict[str, Any]:
    fields = {name: f"{{{{ trigger.row.{name} }}}}" for name in _KEPT}
    one = f"{address}/api/contacts/{{{{ trigger.row.id }}}}"
    changed = {"uses": "dataset.row_changed", "with": {"dataset": "contacts", "kinds": ["change"]}}
    return _recipe("contacts-to-crm", "Contacts of the table to the CRM (simulated)", changed, [
        {"id": "look", "uses": "http.request", "connection": CONNECTION, "with": {"url": one}},
        {"id": "same", "uses": "sync", "with": _synced("right", "{{ trigger.row.id }}", fields, "{{ look.body }}")},
        {
            "id": "tell",
            "title": "Tell the CRM",
            "uses": "http.send",
            "connection": CONNECTION,
            "with": {"url": one, "method": "PATCH", "json": {name: f"{{{{ same.fields.{name} }}}}" for name in _KEPT}},
        },
    ])  # fmt: skip


def _synced(side: str, key: str, here: dict[str, str], there: str) -> dict[str, Any]:
    return {"sync": "contacts", "side": side, "key": key, "here": here, "there": there, "conflict": "left"}


def _recipe(name: str, title: str, trigger: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": name, "title": title, "labels": [LABEL]},
        "spec": {"trigger": trigger, "steps": steps},
    }


_UNHAPPY = {"left": "{{ trigger.score }}", "is": "at_most", "right": 6}
_KEPT = ("name", "email", "company", "phone", "segment")
