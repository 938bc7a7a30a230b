"""How PagerDuty shows incidents, notes, lines of a log and people."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

PERSON, OTHER = "PXPGF42", "PTUXL6G"
PEOPLE = {PERSON: ("Earline Greenholt", "earline@example.com"), OTHER: ("Tim Wright", "tim@example.com")}
SERVICES = {"PWIXJZS": "Mail", "PF9KMXH": "Shop"}
TEAM, POLICY = "PQ9K7I8", "PT20YPA"
PRIORITIES = {"P53ZZH5": "P1", "PSO75BM": "P2"}


def incident(row: dict[str, Any], base: str) -> dict[str, Any]:
    """Return an incident whole."""
    values, at, shown = row["values"], moment(row["created"]), number(row)
    holders = [{"at": at, "assignee": person(one)} for one in values["holders"]]
    priority = values["priority"]
    return {
        "id": row["id"],
        "type": "incident",
        "summary": f"[#{shown}] {values['title']}",
        "self": f"{base}/incidents/{row['id']}",
        "html_url": f"https://acme.pagerduty.com/incidents/{row['id']}",
        "incident_number": int(shown),
        "title": values["title"],
        "created_at": at,
        "updated_at": moment(row["changed"]),
        "status": values["status"],
        "incident_key": values["key"],
        "service": reference("service", values["service"], SERVICES.get(values["service"], "")),
        "assignments": holders,
        "assigned_via": "direct_assignment" if values["direct"] else "escalation_policy",
        "resolved_at": moment(values["resolved"]) if values["resolved"] else None,
        "escalation_policy": reference("escalation_policy", POLICY, "Engineering"),
        "teams": [reference("team", TEAM, "Engineering")],
        "priority": named("priority", priority, PRIORITIES[priority]) if priority else None,
        "urgency": values["urgency"],
    }


def line(happened: dict[str, Any], base: str, *, whole: bool) -> dict[str, Any]:
    """Return a line of an incident's log, with the incident whole or only named."""
    about = incident(happened["row"], base)
    short = {"id": about["id"], "type": "incident_reference", "summary": about["summary"]}
    return {
        "id": happened["id"],
        "type": f"{happened['what']}_log_entry",
        "summary": f"It was {happened['what']}",
        "created_at": moment(happened["at"]),
        "agent": person(PERSON),
        "channel": {"type": "api"},
        "incident": about if whole else short,
    }


def note(written: dict[str, Any]) -> dict[str, Any]:
    """Return a note."""
    channel = {"summary": "The PagerDuty website or APIs"}
    shown = {"id": written["id"], "user": person(PERSON), "channel": channel, "content": written["content"]}
    return shown | {"created_at": moment(written["at"])}


def turn(identity: str, level: int, *, whole: bool) -> dict[str, Any]:
    """Return whose turn it is on a level."""
    policy = reference("escalation_policy", POLICY, "Engineering")
    shown = {"user": user(identity) if whole else person(identity), "schedule": None, "escalation_policy": policy}
    return shown | {"escalation_level": level, "start": None, "end": None}


def person(identity: str) -> dict[str, Any]:
    """Return somebody named only."""
    return reference("user", identity, PEOPLE[identity][0])


def user(identity: str) -> dict[str, Any]:
    """Return somebody whole."""
    name, email = PEOPLE[identity]
    return named("user", identity, name) | {"email": email}


def choices(things: str, services: dict[str, str]) -> list[dict[str, Any]]:
    """Return what an account has of some things."""
    policy = reference("escalation_policy", POLICY, "Engineering")
    match things:
        case "services":
            return [named("service", one, name) | {"escalation_policy": policy} for one, name in services.items()]
        case "teams":
            return [named("team", TEAM, "Engineering")]
        case "escalation_policies":
            return [named("escalation_policy", POLICY, "Engineering") | {"escalation_rules": []}]
        case "priorities":
            return [named("priority", one, name) for one, name in PRIORITIES.items()]
        case _:
            return [user(one) for one in PEOPLE]


def reference(kind: str, identity: str, name: str) -> dict[str, Any]:
    """Return a thing that is named only."""
    return {"id": identity, "type": f"{kind}_reference", "summary": name, "self": None, "html_url": None}


def named(kind: str, identity: str, name: str) -> dict[str, Any]:
    """Return a thing that is whole."""
    return {"id": identity, "type": kind, "summary": name, "self": None, "html_url": None, "name": name}


def number(row: dict[str, Any]) -> str:
    """Return the number of an incident, as people say it."""
    return str(int(re.sub(r"\D", "", row["id"])))


def moment(when: datetime) -> str:
    """Write a time as PagerDuty does, in whole seconds."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
