"""Alerts by PagerDuty's Events API v2: triggered, acknowledged and resolved under a key that makes repeats one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from connectors.pagerduty.choosing import SEVERITIES, actions, severities
from connectors.pagerduty.connection import REFUSALS, Connection, limited, said
from connectors.sdk import Context, CredentialsError, Receipt, Record, Settings, SettingsError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.urls import host_of, require_address

LONGEST_KEY, LONGEST_SUMMARY = 255, 1024
# Also the words of the alerts that monitoring systems send here
_ACTIONS = {
    **dict.fromkeys(("trigger", "triggered", "firing"), "trigger"),
    **dict.fromkeys(("acknowledge", "acknowledged"), "acknowledge"),
    **dict.fromkeys(("resolve", "resolved"), "resolve"),
}
# Nothing has this key, and PagerDuty drops what is said of an alert that there is not
_NOBODY = "patchdeck-connection-test"


class Alert(Settings):
    """What to tell the service whose integration key the connection holds."""

    action: Annotated[
        str,
        field(
            "Action",
            hint="trigger, acknowledge or resolve; firing and resolved of an alert are understood too.",
            example="{{ trigger.status }}",
            templated=True,
            choices=actions,
        ),
    ] = "trigger"
    key: Annotated[
        str,
        field(
            "Key",
            hint="What makes it the same alert. Left out, each record triggers an alert of its own.",
            example="{{ trigger.fingerprint }}",
            templated=True,
        ),
    ] = ""
    summary: Annotated[
        str,
        field(
            "Summary",
            hint="What people are told when they are called. Only to trigger.",
            example="{{ trigger.title }}",
            templated=True,
        ),
    ] = ""
    severity: Annotated[
        str,
        field(
            "Severity",
            hint="critical, error, warning or info; error where it is empty.",
            example="{{ trigger.severity }}",
            templated=True,
            choices=severities,
        ),
    ] = "error"
    source: Annotated[
        str, field("Source", hint="Which system it is about.", example="{{ trigger.labels.host }}", templated=True)
    ] = "Patchdeck"
    component: Annotated[str, field("Component", advanced=True, templated=True)] = ""
    group: Annotated[str, field("Group", advanced=True, templated=True)] = ""
    sort: Annotated[str, field("Class", hint="What kind of event it is.", advanced=True, templated=True)] = ""
    details: Annotated[
        dict[str, Any],
        field("Details", example={"Order": "{{ trigger.order }}"}, templated=True),
    ] = {}
    link: Annotated[str, field("Link", hint="Where to read more.", example="{{ trigger.url }}", templated=True)] = ""


class _Taken(msgspec.Struct):
    dedup_key: str = ""


def event(settings: Alert, record: Record | None) -> dict[str, Any]:
    """Return what would be sent, without the integration key."""
    action = _ACTIONS.get(settings.action.strip().lower())
    if action is None:
        raise SettingsError(f"{settings.action[:40]!r} is no action. It is trigger, acknowledge or resolve.")
    key = settings.key.strip()
    if not key and action != "trigger":
        raise SettingsError(f"To {action} an alert, give the key with which it was triggered.")
    key = key or (record.key if record else "")
    made: dict[str, Any] = {"event_action": action, "dedup_key": _short(key)} if key else {"event_action": action}
    return made | (_told(settings) if action == "trigger" else {})


async def send(context: Context[Connection, Alert], record: Record) -> Receipt:
    """Send one event; a trigger can be taken back by resolving it."""
    made = event(context.settings, record)
    key = await _post(context, made)
    triggered = made["event_action"] == "trigger"
    output = {"key": key, "action": made["event_action"]}
    return Receipt(reference=key, output=output, before={} if triggered else None, after=output if triggered else None)


async def resolve(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Resolve an alert that was triggered by mistake."""
    if not isinstance(receipt.after, Mapping):
        raise SettingsError("Only an alert that was triggered can be taken back.")
    await _post(context, {"event_action": "resolve", "dedup_key": str(receipt.after["key"])})
    return receipt


async def prove(context: Context[Connection, Any]) -> None:
    """Prove the integration key by an event that changes nothing."""
    await _post(context, {"event_action": "acknowledge", "dedup_key": _NOBODY})


async def _post(context: Context[Connection, Any], made: Mapping[str, Any]) -> str:
    """Send an event and return the key under which it was taken."""
    connection = context.connection
    key = connection.routing_key.reveal().strip()
    if not key:
        raise CredentialsError("The connection has no integration key. Put in that of an Events API v2 integration.")
    url = f"{connection.intake}/v2/enqueue"
    answer = await context.http.post(url, json={**made, "routing_key": key}, accepts=REFUSALS)
    wait = limited(answer)
    if wait is not None:
        raise wait
    if answer.status in {401, 403}:
        raise CredentialsError("PagerDuty does not accept the integration key. Check it and the region.")
    if answer.status in {400, 413}:
        raise SettingsError(
            f"PagerDuty does not take the alert: {said(answer, connection)}. Check the integration key and the alert."
        )
    raise_for_status(host_of(connection.intake), answer.status, answer.headers, b"", {})
    return answer.read(_Taken).dedup_key or str(made.get("dedup_key", ""))


def _told(settings: Alert) -> dict[str, Any]:
    summary, severity = " ".join(settings.summary.split()), settings.severity.strip().lower() or "error"
    if not summary:
        raise SettingsError("The summary is empty, so people would not know what they are called for.")
    if severity not in SEVERITIES:
        raise SettingsError(f"{settings.severity[:40]!r} is no severity. It is one of {', '.join(SEVERITIES)}.")
    payload: dict[str, Any] = {"summary": _cut(summary), "severity": severity}
    payload["source"] = settings.source.strip() or "Patchdeck"
    more = {"component": settings.component, "group": settings.group, "class": settings.sort}
    payload |= {name: value.strip() for name, value in more.items() if value.strip()}
    payload |= {"custom_details": settings.details} if settings.details else {}
    told: dict[str, Any] = {"payload": payload, "client": "Patchdeck"}
    return told | ({"links": [{"href": _link(settings.link), "text": "Read more"}]} if settings.link.strip() else {})


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"


def _short(key: str) -> str:
    """Return a key that PagerDuty takes, another one for each other key."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _link(text: str) -> str:
    try:
        require_address(text.strip())
    except ValueError as error:
        raise SettingsError(f"The link is none: {error}") from error
    return text.strip()
