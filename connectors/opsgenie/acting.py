"""What can be done with an alert that is there: how it is now, how it would be, and the request between the two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct, structs

from connectors.opsgenie.alerts import whole
from connectors.opsgenie.connection import Connection
from connectors.opsgenie.requests import recalled, send
from connectors.opsgenie.settings import Acting, Assign, Escalate, Tag, listed, party
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, SettingsError
from connectors.sdk.records.entries import Entry

_CHANGED = "The alert {} has changed since, so it stays as it is."


class Plan(Struct, frozen=True, kw_only=True):
    """One action: nothing is to be done where the alert already is as it would be."""

    alert: Entry
    path: str
    body: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def is_done(self) -> bool:
        """Whether the alert already is as it would be."""
        return self.before == self.after


Planner = Callable[[Context[Connection, Any]], Awaitable[Plan]]


async def acknowledging(context: Context[Connection, Acting]) -> Plan:
    """Plan to acknowledge an open alert."""
    alert = await standing(context)
    acknowledged = bool(alert.values.get("acknowledged"))
    if not acknowledged and alert.values.get("status") == "closed":
        raise SettingsError(f"The alert {alert.title[:100]} is closed, so it cannot be acknowledged.")
    return _plan(context, alert, "acknowledge", {}, {"acknowledged": acknowledged}, {"acknowledged": True})


async def closing(context: Context[Connection, Acting]) -> Plan:
    """Plan to close an alert."""
    alert = await standing(context)
    return _plan(context, alert, "close", {}, {"status": alert.values.get("status")}, {"status": "closed"})


async def assigning(context: Context[Connection, Assign]) -> Plan:
    """Plan to give an alert to somebody."""
    owner = context.settings.owner.strip()
    if not owner:
        raise SettingsError("The owner is empty.")
    alert = await standing(context)
    now = _owner(alert)
    # Addresses are the same however they are capitalised
    after = now if now.casefold() == owner.casefold() else owner
    return _plan(context, alert, "assign", {"owner": {"username": owner}}, {"owner": now}, {"owner": after})


async def tagging(context: Context[Connection, Tag]) -> Plan:
    """Plan to add the tags that an alert has not."""
    wanted = listed(context.settings.tags, "Tags")
    if not wanted:
        raise SettingsError("No tags are named.")
    alert = await standing(context)
    there = _tags(alert)
    new = [one for one in wanted if one not in there]
    return _plan(context, alert, "tags", {"tags": new}, {"tags": there}, {"tags": [*there, *new]})


async def escalating(context: Context[Connection, Escalate]) -> Plan:
    """Plan to take an alert to the next step of an escalation, or to bring somebody in."""
    to = party(context.settings.to)
    alert = await standing(context)
    if alert.values.get("status") == "closed":
        raise SettingsError(f"The alert {alert.title[:100]} is closed, so nobody is called.")
    if to["type"] == "escalation":
        return _plan(context, alert, "escalate", {"escalation": {"name": to["name"]}}, {}, {"to": context.settings.to})
    return _plan(context, alert, "responders", {"responder": to}, {}, {"to": context.settings.to})


async def carry_out(context: Context[Connection, Any], plan: Plan) -> Receipt:
    """Do what is planned, unless it is done already."""
    if not plan.is_done:
        await send(context, "POST", place(plan.alert, plan.path), {"json": plan.body})
    return receipt_of(plan)


def receipt_of(plan: Plan) -> Receipt:
    """Return the proof of an action, with what undoing it needs."""
    return structs.replace(proof(plan.alert), before=plan.before, after={**plan.after, "id": plan.alert.id})


def proof(alert: Entry) -> Receipt:
    """Return the proof of an action that was found to be done; how the alert was before nobody knows."""
    output = {"id": alert.id, "number": alert.values.get("tinyId"), "url": alert.url}
    return Receipt(reference=_number(alert), url=alert.url, output=output)


def previews(planner: Planner, kind: ChangeKind = ChangeKind.CHANGE) -> Callable[..., Awaitable[list[list[Change]]]]:
    """Return the preview of an action: what it would change, nothing where that is so already."""

    async def preview(context: Context[Connection, Any], records: Sequence[Record]) -> list[list[Change]]:
        plan = await planner(context)
        change = Change(kind=kind, reference=_number(plan.alert), before=plan.before or None, after=plan.after)
        return [[] if plan.is_done else [change] for _ in records]

    return preview


def finds(planner: Planner) -> Callable[..., Awaitable[Receipt | None]]:
    """Return how to tell whether an action was done: the alert is as it would be."""

    async def find(context: Context[Connection, Any], _: Record, __: str | None) -> Receipt | None:
        plan = await planner(context)
        return proof(plan.alert) if plan.is_done else None

    return find


async def find_escalation(context: Context[Connection, Escalate], _: Record, token: str | None) -> Receipt | None:
    """Tell by the remembered request whether somebody was called; nothing else shows it."""
    outcome = await recalled(context, token)
    if outcome is None:
        raise SettingsError("Whether the alert was escalated, only its log in Opsgenie tells; look there and decide.")
    return proof(await standing(context)) if outcome.is_success else None


async def take_back_acknowledgement(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Take the acknowledgement back while the alert is open."""
    alert = await _as_written(context, receipt, {"acknowledged": True, "status": "open"})
    if receipt.before != {"acknowledged": True}:
        await send(context, "POST", place(alert, "unacknowledge"), {"json": {}})
    return receipt


async def give_back(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Give the alert back to its former owner."""
    before, after = _images(receipt)
    alert = await _as_written(context, receipt, {})
    if _owner(alert).casefold() != str(after["owner"]).casefold():
        raise SettingsError(_CHANGED.format(receipt.reference))
    if not before.get("owner"):
        raise SettingsError("The alert had no owner before, and Opsgenie does not take an owner away.")
    if before["owner"] != after["owner"]:
        await send(context, "POST", place(alert, "assign"), {"json": {"owner": {"username": before["owner"]}}})
    return receipt


async def take_tags_off(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Take those tags off again that were added and are still there."""
    before, after = _images(receipt)
    alert = await _as_written(context, receipt, {})
    added = [one for one in after["tags"] if one not in before["tags"] and one in _tags(alert)]
    if added:
        await send(context, "DELETE", place(alert, "tags"), {"params": {"tags": ",".join(added)}})
    return receipt


def place(alert: Entry, path: str) -> str:
    """Return where something of an alert is."""
    return f"alerts/{quote(alert.id, safe='')}/{path}"


def _plan(
    context: Context[Connection, Any], alert: Entry, path: str, body: Mapping[str, Any], *images: Mapping[str, Any]
) -> Plan:
    settings: Acting = context.settings
    said = {name: text for name, text in (("note", settings.note.strip()), ("user", settings.user.strip())) if text}
    return Plan(alert=alert, path=path, body={**body, **said}, before=images[0], after=images[1])


async def standing(context: Context[Connection, Any]) -> Entry:
    """Return the alert that the settings name."""
    settings = context.settings
    alert = await whole(context, settings.alert, settings.by)
    if alert is None:
        raise SettingsError(f"Opsgenie has no alert with the {settings.by} {settings.alert.strip()[:100]}.")
    return alert


async def _as_written(context: Context[Connection, Any], receipt: Receipt, wanted: Mapping[str, Any]) -> Entry:
    """Return the alert of a receipt; SettingsError when it no longer is as it was written."""
    alert = await whole(context, str(_images(receipt)[1]["id"]))
    if alert is None or any(alert.values.get(name) != value for name, value in wanted.items()):
        raise SettingsError(_CHANGED.format(receipt.reference))
    return alert


def _images(receipt: Receipt) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if not isinstance(receipt.before, Mapping) or not isinstance(receipt.after, Mapping):
        raise SettingsError("How the alert was before is not known, so this cannot be undone.")
    return receipt.before, receipt.after


def _number(alert: Entry) -> str:
    """Return what people call an alert."""
    return f"#{alert.values.get('tinyId') or alert.id}"


def _owner(alert: Entry) -> str:
    return str(alert.values.get("owner") or "")


def _tags(alert: Entry) -> list[str]:
    found = alert.values.get("tags")
    return [str(one) for one in found] if isinstance(found, list) else []
