"""Who is on call: the people of one schedule, or of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.opsgenie.connection import Connection, call
from connectors.sdk import Context, SettingsError
from connectors.sdk.network.http import Options

_FLAT = {"flat": "true"}


class _Schedule(msgspec.Struct):
    id: str = ""
    name: str = ""
    enabled: bool = True


class _Turn(msgspec.Struct, kw_only=True):
    schedule: _Schedule = msgspec.field(name="_parent", default_factory=_Schedule)
    people: list[str] = msgspec.field(name="onCallRecipients", default_factory=list)


class _One(msgspec.Struct):
    data: _Turn


class _Many(msgspec.Struct):
    data: list[_Turn]


async def turns(context: Context[Connection, Any], schedule: str) -> list[dict[str, Any]]:
    """Return whose turn it is by schedule."""
    if not schedule.strip():
        found = (await call(context, "GET", "schedules/on-calls", {"params": _FLAT})).read(_Many).data
    else:
        options: Options = {"params": {**_FLAT, "scheduleIdentifierType": "name"}, "accepts": (404,)}
        path = f"schedules/{quote(schedule.strip(), safe='')}/on-calls"
        answer = await call(context, "GET", path, options)
        if answer.status == 404:
            raise SettingsError(f"Opsgenie has no schedule {schedule.strip()[:100]}.")
        found = [answer.read(_One).data]
    return [{"schedule": one.schedule.name, "id": one.schedule.id, "people": one.people} for one in found]


async def schedules(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the names of all schedules."""
    return sorted(one["schedule"] for one in await turns(context, ""))
