"""Incidents that are opened and notes that are added to them, found again and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.pagerduty.choosing import people, policies, priorities, priority, services
from connectors.pagerduty.connection import Connection, call
from connectors.pagerduty.incidents import Incident, One, Reference, Which, identified, keyed, one_of
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field

LONGEST_KEY = 255

Priority = Annotated[
    str, field("Priority", hint="As your account names it.", example="P2", templated=True, choices=priorities)
]
Policy = Annotated[
    str,
    field("Escalation policy", hint="Its id, instead of a person.", templated=True, choices=policies, advanced=True),
]
Assignee = Annotated[
    str, field("Assigned to", hint="The id of a user.", example="PXPGF42", templated=True, choices=people)
]


class Open(Settings):
    """Where to open an incident, and what it says."""

    service: Annotated[str, field("Service", hint="Its id.", example="PWIXJZS", choices=services)]
    title: Annotated[str, field("Title", example="{{ trigger.title }}", templated=True)]
    details: Annotated[str, field("Details", multiline=True, templated=True)] = ""
    urgency: Annotated[Literal["", "high", "low"], field("Urgency", hint="Empty leaves it to the service.")] = ""
    priority: Priority = ""
    assignee: Assignee = ""
    policy: Policy = ""
    key: Annotated[
        str,
        field(
            "Key",
            hint="While an incident of this key is open, no other is opened. Left out: the delivery's own.",
            example="{{ trigger.fingerprint }}",
            templated=True,
            advanced=True,
        ),
    ] = ""


class Note(Settings):
    """To which incident a note is added, and what it says."""

    incident: Which
    text: Annotated[str, field("Text", multiline=True, templated=True)]


class Written(msgspec.Struct, kw_only=True):
    """A note as PagerDuty keeps it."""

    id: str = ""
    content: str = ""


class _Noted(msgspec.Struct):
    note: Written


class _Notes(msgspec.Struct):
    notes: list[Written]


def wanted(settings: Open) -> dict[str, Any]:
    """Return an incident as it would be opened, but for its priority and key."""
    title = " ".join(settings.title.split())
    if not title:
        raise SettingsError("The title of the incident is empty.")
    if settings.assignee.strip() and settings.policy.strip():
        raise SettingsError("Assign the incident to a person or to an escalation policy, not to both.")
    made: dict[str, Any] = {"type": "incident", "title": title, "service": reference("service", settings.service)}
    if settings.details.strip():
        made["body"] = {"type": "incident_body", "details": settings.details.strip()}
    if settings.urgency:
        made["urgency"] = settings.urgency
    return made | assigned(settings.assignee, settings.policy)


def assigned(assignee: str, policy: str) -> dict[str, Any]:
    """Return who shall have an incident, as PagerDuty is told."""
    if assignee.strip():
        return {"assignments": [{"assignee": reference("user", assignee)}]}
    return {"escalation_policy": reference("escalation_policy", policy)} if policy.strip() else {}


def reference(kind: str, identity: str) -> dict[str, str]:
    """Return what stands for a thing in a request."""
    return {"id": identity.strip(), "type": f"{kind}_reference"}


async def standing(context: Context[Connection, Open]) -> Incident | None:
    """Return the open incident of a key that the user has chosen, None when there is none."""
    key = context.settings.key.strip()
    found = await keyed(context, _short(key), [context.settings.service.strip()]) if key else None
    return found if found and found.status != "resolved" else None


async def open_one(context: Context[Connection, Open], record: Record) -> Receipt:
    """Open an incident under a key, which PagerDuty takes once while it is open."""
    settings = context.settings
    made = wanted(settings) | {"incident_key": _short(settings.key.strip() or record.key)}
    there = await standing(context)
    if there is not None:
        return _receipt(there, opened=False)
    if settings.priority.strip():
        made["priority"] = reference("priority", (await priority(context, settings.priority)).value)
    answer = await call(context, "POST", "incidents", body={"incident": made})
    return _receipt(answer.read(One).incident, opened=True)


async def find_opened(context: Context[Connection, Open], record: Record, _: str | None) -> Receipt | None:
    """Look for the incident of the delivery's key; under a key of the user's only an open one is it."""
    if context.settings.key.strip():
        found = await standing(context)
        return _receipt(found, opened=False) if found else None
    found = await keyed(context, _short(record.key), [context.settings.service.strip()])
    return _receipt(found, opened=True) if found else None


async def resolve(context: Context[Connection, Open], receipt: Receipt) -> Receipt:
    """Resolve the incident, since none can be deleted, unless somebody has taken it up."""
    if not isinstance(receipt.after, Mapping):
        raise SettingsError("This delivery opened no incident of its own, so there is nothing to take back.")
    incident = await one_of(context, str(receipt.reference))
    if incident.status == "resolved":
        return receipt
    if incident.status != receipt.after["status"]:
        raise SettingsError(f"{incident.text[:80]} has been {incident.status} since, so it stays open.")
    body = {"incident": {"type": "incident_reference", "status": "resolved"}}
    await call(context, "PUT", f"incidents/{identified(incident.id)}", body=body)
    return receipt


async def add_note(context: Context[Connection, Note], record: Record) -> Receipt:  # noqa: ARG001  # notes have no mark
    """Add a note; which ones say the same already is remembered, so that it can be told from them."""
    text, path = _text(context.settings), _path(context.settings)
    alike = [one.id for one in await _alike(context, text)]
    await context.remember(",".join(alike))
    made = (await call(context, "POST", path, body={"note": {"content": text}})).read(_Noted).note
    return _noted(made)


async def find_note(context: Context[Connection, Note], _: Record, token: str | None) -> Receipt | None:
    """Look for a note that says the same and was not there before; without a token it was never sent."""
    if token is None:
        return None
    before = token.split(",")
    found = next((one for one in await _alike(context, _text(context.settings)) if one.id not in before), None)
    return _noted(found) if found else None


async def delete_note(context: Context[Connection, Note], receipt: Receipt) -> Receipt:
    """Delete the note where nobody has changed it since."""
    path = _path(context.settings)
    notes = (await call(context, "GET", path)).read(_Notes).notes
    stands = next((one for one in notes if one.id == receipt.reference), None)
    if stands is None or _digest(stands.content) != receipt.after:
        raise SettingsError("The note has been changed or deleted since it was written, so it is left alone.")
    await call(context, "DELETE", f"{path}/{identified(stands.id)}", absent=True)
    return receipt


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else _digest(key)


def _receipt(incident: Incident, *, opened: bool) -> Receipt:
    """Return the receipt of an incident; one that was there before is not ours to take back."""
    service = incident.service or Reference()
    output = {"id": incident.id, "number": incident.incident_number, "status": incident.status, "opened": opened}
    output |= {"service": service.text, "url": incident.html_url}
    return Receipt(
        reference=incident.id,
        version=incident.updated_at.isoformat() if incident.updated_at else None,
        url=incident.html_url,
        output=output,
        before={} if opened else None,
        after={"status": incident.status} if opened else None,
    )


async def _alike(context: Context[Connection, Note], text: str) -> list[Written]:
    answer = await call(context, "GET", _path(context.settings))
    return [one for one in answer.read(_Notes).notes if one.content.strip() == text]


def _text(settings: Note) -> str:
    if not settings.text.strip():
        raise SettingsError("There is nothing to note: the text is empty.")
    return settings.text.replace("\0", "").strip()


def _path(settings: Note) -> str:
    return f"incidents/{identified(settings.incident)}/notes"


def _noted(note: Written) -> Receipt:
    return Receipt(reference=note.id, output={"note": note.id}, before={}, after=_digest(note.content))


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode(errors="replace")).hexdigest()
