"""Incidents: how they are told, listed past PagerDuty's ceiling, and found."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.pagerduty.choosing import services, teams
from connectors.pagerduty.connection import ABSENT, Connection, call
from connectors.sdk import Context, Settings, SettingsError, field

PAGE = 100
# An offset beyond is refused
CEILING = 10_000
MOST_FOUND = 1_000
# PagerDuty takes 6 months at most
LONGEST = timedelta(days=180)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
# No incident is from before or after; whoever says so is not believed
EARLIEST, LATEST = datetime(2009, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_IDENTITY = re.compile(r"[A-Za-z0-9]{1,40}")

Status = Literal["triggered", "acknowledged", "resolved"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Pairs = list[tuple[str, str]]
Services = Annotated[list[str], field("Services", hint="Ids; left out: all.", example=["PWIXJZS"], choices=services)]
Teams = Annotated[list[str], field("Teams", hint="Ids; left out: all.", example=["PQ9K7I8"], choices=teams)]
Urgency = Annotated[Literal["all", "high", "low"], field("Urgency")]
Statuses = Annotated[list[Status], field("Statuses", hint="Left out: all.")]
Which = Annotated[
    str,
    field("Incident", hint="Its id or its number.", example="{{ trigger.id }}", templated=True),
]


class Find(Settings):
    """Which incidents to read."""

    incident: Which = ""
    key: Annotated[
        str,
        field("Key", hint="Of the alert that opened it.", example="{{ trigger.fingerprint }}", templated=True),
    ] = ""
    services: Services = []
    teams: Teams = []
    statuses: Statuses = []
    urgency: Urgency = "all"
    limit: Annotated[int, field("Most found", hint="The newest come first.", advanced=True)] = 100

    def __post_init__(self) -> None:
        """Refuse limits out of bounds."""
        if not 0 < self.limit <= MOST_FOUND:
            raise ValueError(f"The most found can be 1 to {MOST_FOUND}.")


class Reference(msgspec.Struct):
    """Something that an incident names."""

    id: str = ""
    summary: str | None = None
    name: str | None = None
    email: str | None = None
    html_url: str | None = None

    @property
    def text(self) -> str:
        """What people call it."""
        return self.name or self.summary or ""


class Assignment(msgspec.Struct):
    """Who has an incident."""

    assignee: Reference = msgspec.field(default_factory=Reference)


class Incident(msgspec.Struct, kw_only=True):
    """An incident, or as much of it as an answer holds; webhooks call some things otherwise."""

    id: str
    incident_number: int | None = None
    number: int | None = None
    title: str | None = None
    summary: str | None = None
    status: str = ""
    urgency: str | None = None
    priority: Reference | None = None
    service: Reference | None = None
    teams: list[Reference] | None = None
    assignments: list[Assignment] | None = None
    assignees: list[Reference] | None = None
    escalation_policy: Reference | None = None
    incident_key: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    resolved_at: str | None = None
    html_url: str | None = None

    @property
    def text(self) -> str:
        """Its number and title, in a line."""
        number = self.incident_number or self.number
        return f"#{number} {self.title or ''}".strip() if number else self.title or self.summary or self.id

    @property
    def holders(self) -> list[Reference]:
        """The people who have it."""
        return self.assignees or [one.assignee for one in self.assignments or ()]


class One(msgspec.Struct):
    """An incident as an answer holds it."""

    incident: Incident


class Page(msgspec.Struct):
    """Some of many incidents, and whether there are more."""

    incidents: list[Incident]
    more: bool = False


def told(incident: Incident) -> dict[str, Any]:
    """Return an incident as templates see it."""
    created, changed = incident.created_at, incident.updated_at
    return {
        "id": incident.id,
        "number": incident.incident_number or incident.number,
        "title": incident.title or incident.summary or "",
        "status": incident.status,
        "urgency": incident.urgency,
        "priority": incident.priority.text if incident.priority else None,
        "service": incident.service.text if incident.service else "",
        "service_id": incident.service.id if incident.service else None,
        "teams": [one.text for one in incident.teams or ()],
        "assignees": [one.text for one in incident.holders],
        "policy": incident.escalation_policy.text if incident.escalation_policy else None,
        "key": incident.incident_key,
        "created": created.isoformat() if created else None,
        "changed": changed.isoformat() if changed else None,
        "resolved": incident.resolved_at,
        "url": incident.html_url,
    }


def narrowed(services: Sequence[str], teams: Sequence[str], urgency: str) -> Pairs:
    """Return the parameters that ask for the incidents of some services and teams only."""
    asked = [*(("service_ids[]", one) for one in services), *(("team_ids[]", one) for one in teams)]
    return asked + ([("urgencies[]", urgency)] if urgency != "all" else [])


async def edge(context: Context[Connection, Any], narrow: Pairs, order: Literal["asc", "desc"]) -> datetime | None:
    """Return when the oldest or the newest incident was opened, None when there is none."""
    asked = [*narrow, ("date_range", "all"), ("sort_by", f"created_at:{order}"), ("limit", "1")]
    found = (await call(context, "GET", "incidents", asked)).read(Page).incidents
    return sane(found[0].created_at) if found else None


def sane(moment: datetime | None) -> datetime:
    """Return a moment that can be counted on from."""
    return min(max(moment or EARLIEST, EARLIEST), LATEST)


async def opened(context: Context[Connection, Any], narrow: Pairs, start: datetime) -> AsyncIterator[list[Incident]]:
    """Yield pages of the incidents that were opened since a moment, the oldest first.

    Each page is asked for from where the last one ended, so that PagerDuty's ceiling of 10,000 is never met; and in
    spans of time as long as it takes.
    """
    reached, offset = start, 0
    while True:
        until, is_last = end_of(reached, LONGEST)
        asked = [*narrow, *span(reached, until), ("sort_by", "created_at:asc"), *place(offset)]
        page = (await call(context, "GET", "incidents", asked)).read(Page)
        yield page.incidents
        if page.more and page.incidents:
            last = sane(page.incidents[-1].created_at) - SECOND
            reached, offset = (last, 0) if last > reached else (reached, offset + PAGE)
        elif is_last:
            return
        else:
            reached, offset = until - SECOND, 0


def end_of(start: datetime, length: timedelta) -> tuple[datetime, bool]:
    """Return when a span of time ends, and whether it reaches the present; clocks may differ by a day."""
    present = max(datetime.now(UTC) + DAY, start + 2 * SECOND)
    return min(start + length, present), start + length >= present


def span(since: datetime, until: datetime) -> Pairs:
    """Return the parameters of a span of time, in whole seconds as PagerDuty keeps it."""
    ends = {"since": since, "until": until}
    return [(name, end.astimezone(UTC).isoformat(timespec="seconds")) for name, end in ends.items()]


def place(offset: int) -> Pairs:
    """Return the parameters of a page; SettingsError beyond what PagerDuty shows."""
    if offset + PAGE > CEILING:
        raise SettingsError(f"PagerDuty shows {CEILING:,} of a list and no more. Ask for some services or teams only.")
    return [("limit", str(PAGE)), ("offset", str(offset))]


def identified(text: str) -> str:
    """Return the id or number of an incident as PagerDuty's paths want it."""
    identity = text.strip().removeprefix("#")
    if not _IDENTITY.fullmatch(identity):
        raise SettingsError(f"{text[:40]!r} is no incident. Give its id, such as Q1A2B3C4D5E6F7, or its number.")
    return identity


async def one_of(context: Context[Connection, Any], which: str) -> Incident:
    """Return one incident by its id or number."""
    return (await call(context, "GET", f"incidents/{identified(which)}")).read(One).incident


async def keyed(context: Context[Connection, Any], key: str, services: Sequence[str] = ()) -> Incident | None:
    """Return the newest incident of a key, None when there never was one."""
    asked = [*narrowed(services, (), "all"), ("incident_key", key), ("date_range", "all")]
    asked += [("sort_by", "created_at:desc"), ("limit", "1")]
    found = (await call(context, "GET", "incidents", asked)).read(Page).incidents
    return found[0] if found else None


async def search(context: Context[Connection, Find]) -> list[Incident]:
    """Return the incidents that fit, the newest first."""
    settings = context.settings
    if settings.incident.strip():
        answer = await call(context, "GET", f"incidents/{identified(settings.incident)}", absent=True)
        return [] if answer.status == ABSENT else [answer.read(One).incident]
    asked = narrowed(settings.services, settings.teams, settings.urgency)
    asked += [("statuses[]", one) for one in settings.statuses]
    asked += [("incident_key", settings.key.strip())] if settings.key.strip() else []
    asked += [("date_range", "all"), ("sort_by", "created_at:desc")]
    found: list[Incident] = []
    while len(found) < settings.limit:
        page = (await call(context, "GET", "incidents", [*asked, *place(len(found))])).read(Page)
        found += page.incidents
        if not page.more or not page.incidents:
            break
    return found[: settings.limit]
