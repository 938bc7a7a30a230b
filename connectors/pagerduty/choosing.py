"""What an account has to choose from: services, teams, escalation policies, priorities, people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.pagerduty.connection import Connection, call
from connectors.sdk import Choice, Context, SettingsError

PAGE = 100
# Enough to choose from; beyond it an id can be typed
MOST = 1_000


class _Thing(msgspec.Struct):
    id: str
    name: str | None = None
    summary: str | None = None


class _Things(msgspec.Struct):
    services: list[_Thing] = []
    teams: list[_Thing] = []
    escalation_policies: list[_Thing] = []
    priorities: list[_Thing] = []
    users: list[_Thing] = []
    more: bool = False


EVENTS = (
    *("incident.triggered", "incident.acknowledged", "incident.unacknowledged", "incident.resolved"),
    *("incident.reopened", "incident.escalated", "incident.delegated", "incident.reassigned"),
    *("incident.priority_updated", "incident.annotated", "incident.status_update_published"),
    *("incident.responder.added", "incident.responder.replied", "service.created", "service.updated"),
    "service.deleted",
)
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")


async def events(context: Context[Any, Any]) -> Sequence[str]:  # noqa: ARG001  # all accounts have the same
    """Return what PagerDuty tells of."""
    return EVENTS


async def actions(context: Context[Any, Any]) -> Sequence[str]:  # noqa: ARG001  # all accounts have the same
    """Return what can be done with an alert."""
    return ACTIONS


async def severities(context: Context[Any, Any]) -> Sequence[str]:  # noqa: ARG001  # all accounts have the same
    """Return how bad an alert can be."""
    return SEVERITIES


async def services(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the services."""
    return await _choices(context, "services")


async def teams(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the teams."""
    return await _choices(context, "teams")


async def policies(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the escalation policies."""
    return await _choices(context, "escalation_policies")


async def priorities(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the priorities, by their names."""
    return [Choice(one.text) for one in await _choices(context, "priorities")]


async def people(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the users."""
    return await _choices(context, "users")


async def priority(context: Context[Connection, Any], name: str) -> Choice:
    """Return the priority of a name, as its id with the name."""
    known = await _choices(context, "priorities")
    wanted = name.strip().casefold()
    found = next((one for one in known if wanted in {one.text.casefold(), one.value.casefold()}), None)
    if found is None:
        names = ", ".join(one.text for one in known) or "none"
        raise SettingsError(f"There is no priority {name.strip()[:40]!r}. There are: {names[:200]}.")
    return found


async def _choices(context: Context[Connection, Any], things: str) -> list[Choice]:
    found: list[Choice] = []
    while len(found) < MOST:
        asked = [("limit", str(PAGE)), ("offset", str(len(found)))]
        answer = (await call(context, "GET", things, asked)).read(_Things)
        page: list[_Thing] = getattr(answer, things)
        found += [Choice(one.id, one.name or one.summary or "") for one in page]
        if not page or not answer.more:
            break
    return found
