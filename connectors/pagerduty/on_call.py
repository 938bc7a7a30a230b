"""Who is on call now."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from connectors.pagerduty.choosing import policies
from connectors.pagerduty.connection import Connection, call
from connectors.pagerduty.incidents import Reference, place
from connectors.sdk import Context, Settings, field


class OnCall(Settings):
    """Whose turn to ask for."""

    policies: Annotated[
        list[str],
        field("Escalation policies", hint="Ids; left out: all.", example=["PT20YPA"], choices=policies),
    ] = []
    schedules: Annotated[list[str], field("Schedules", hint="Ids; left out: all.", advanced=True)] = []
    level: Annotated[int, field("Level", hint="1: only those who are called first; 0: all levels.")] = 0


class _Turn(msgspec.Struct):
    user: Reference = msgspec.field(default_factory=Reference)
    escalation_policy: Reference = msgspec.field(default_factory=Reference)
    schedule: Reference | None = None
    escalation_level: int = 0
    start: str | None = None
    end: str | None = None


class _Turns(msgspec.Struct):
    oncalls: list[_Turn]
    more: bool = False


async def on_call(context: Context[Connection, OnCall]) -> list[dict[str, Any]]:
    """Return who is on call now, those who are asked first before others."""
    settings = context.settings
    asked = [("escalation_policy_ids[]", one) for one in settings.policies]
    asked += [("schedule_ids[]", one) for one in settings.schedules]
    asked += [("earliest", "true"), ("include[]", "users")]
    turns: list[_Turn] = []
    while True:
        page = (await call(context, "GET", "oncalls", [*asked, *place(len(turns))])).read(_Turns)
        turns += page.oncalls
        if not page.more or not page.oncalls:
            break
    wanted = [one for one in turns if settings.level in (0, one.escalation_level)]
    return [_turn(one) for one in sorted(wanted, key=lambda one: (one.escalation_level, one.user.text))]


def _turn(turn: _Turn) -> dict[str, Any]:
    return {
        "id": turn.user.id,
        "name": turn.user.text,
        "email": turn.user.email,
        "level": turn.escalation_level,
        "policy": turn.escalation_policy.text,
        "schedule": turn.schedule.text if turn.schedule else None,
        "start": turn.start,
        "end": turn.end,
        "url": turn.user.html_url,
    }
