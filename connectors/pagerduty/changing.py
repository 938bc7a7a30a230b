"""What of an incident can be changed: its status, who has it, its level, priority, urgency and title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from connectors.pagerduty.choosing import priority
from connectors.pagerduty.connection import Connection, call
from connectors.pagerduty.incidents import Incident, One, Which, identified, one_of
from connectors.pagerduty.writing import Assignee, Policy, Priority, assigned, reference
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field

# What can be set back to what it was; the others cannot, or would call people again
_REVERSIBLE = frozenset({"title", "urgency", "priority"})


class Update(Settings):
    """Which incident, and what of it changes; what is left empty stays as it is."""

    incident: Which
    status: Annotated[Literal["", "acknowledged", "resolved"], field("Status", hint="Empty leaves it.")] = ""
    resolution: Annotated[
        str,
        field("Resolution", hint="How it was solved.", multiline=True, templated=True, when={"status": ("resolved",)}),
    ] = ""
    level: Annotated[
        int, field("Escalate to level", hint="Of its escalation policy, whose people are called; 0 leaves it.")
    ] = 0
    assignee: Assignee = ""
    policy: Policy = ""
    priority: Priority = ""
    urgency: Annotated[Literal["", "high", "low"], field("Urgency", hint="Empty leaves it.")] = ""
    title: Annotated[str, field("Title", templated=True, advanced=True)] = ""

    def __post_init__(self) -> None:
        """Refuse what PagerDuty would not do at once."""
        if not 0 <= self.level <= 20:
            raise ValueError("The level can be 1 to 20, or 0 to leave it.")
        if sum(map(bool, (self.level, self.assignee.strip(), self.policy.strip()))) > 1:
            raise ValueError("Choose one of level, person and escalation policy.")


async def changes(context: Context[Connection, Update]) -> tuple[Incident, dict[str, Any], dict[str, Any]]:
    """Return the incident as it stands, what of it would change, and how that is before."""
    settings = context.settings
    asked = {"status": settings.status, "urgency": settings.urgency, "title": " ".join(settings.title.split())}
    asked |= {"assignee": settings.assignee.strip(), "policy": settings.policy.strip()}
    after: dict[str, Any] = {name: value for name, value in asked.items() if value}
    if settings.priority.strip():
        after["priority"] = (await priority(context, settings.priority)).text
    if not after and not settings.level:
        raise SettingsError("There is nothing to change: fill in what should be different.")
    incident = await one_of(context, settings.incident)
    stands = _standing(incident)
    differing = {name: value for name, value in after.items() if stands[name] != value}
    # How high an incident has escalated is nowhere told
    differing |= {"level": settings.level} if settings.level else {}
    return incident, differing, {name: stands.get(name) for name in differing}


async def update(context: Context[Connection, Update]) -> Receipt:
    """Change the incident, and keep how it was where it can be put back."""
    incident, after, before = await changes(context)
    if not after:
        return _receipt(incident, {}, {})
    body = await _body(context, after)
    if after.get("status") == "resolved" and context.settings.resolution.strip():
        body["resolution"] = context.settings.resolution.strip()
    changed = await _change(context, incident, body)
    return _receipt(changed, before, after) if after.keys() <= _REVERSIBLE else _receipt(changed)


async def find_update(context: Context[Connection, Update], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the incident is already as it should be; of a level nobody can."""
    incident, after, _before = await changes(context)
    return None if after else _receipt(incident)


async def restore(context: Context[Connection, Update], receipt: Receipt) -> Receipt:
    """Put back title, urgency and priority where they still are as they were written."""
    if not isinstance(receipt.after, Mapping) or not isinstance(receipt.before, Mapping):
        raise SettingsError(
            "PagerDuty cannot take back that an incident was acknowledged, resolved, assigned or escalated."
        )
    incident = await one_of(context, str(receipt.reference))
    stands = _standing(incident)
    if any(stands.get(name) != value for name, value in receipt.after.items()):
        raise SettingsError(f"{incident.text[:80]} has been changed again, so it stays as it is.")
    if "priority" in receipt.before and not receipt.before["priority"]:
        raise SettingsError("The incident had no priority before, and PagerDuty cannot take one away here.")
    if receipt.before:
        await _change(context, incident, await _body(context, receipt.before))
    return receipt


def _standing(incident: Incident) -> dict[str, Any]:
    holders = [one.id for one in incident.holders]
    return {
        "status": incident.status,
        "urgency": incident.urgency,
        "title": incident.title or "",
        "assignee": holders[0] if len(holders) == 1 else ", ".join(holders),
        "policy": incident.escalation_policy.id if incident.escalation_policy else None,
        "priority": incident.priority.text if incident.priority else None,
    }


async def _body(context: Context[Connection, Update], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to tell PagerDuty, which knows priorities by their ids."""
    body: dict[str, Any] = {name: after[name] for name in ("status", "urgency", "title") if name in after}
    if "priority" in after:
        body["priority"] = reference("priority", (await priority(context, after["priority"])).value)
    body |= {"escalation_level": after["level"]} if "level" in after else {}
    return body | assigned(str(after.get("assignee") or ""), str(after.get("policy") or ""))


async def _change(context: Context[Connection, Update], incident: Incident, body: Mapping[str, Any]) -> Incident:
    sent = {"incident": {"type": "incident_reference", **body}}
    return (await call(context, "PUT", f"incidents/{identified(incident.id)}", body=sent)).read(One).incident


def _receipt(incident: Incident, before: Any = None, after: Any = None) -> Receipt:
    output = {"id": incident.id, "number": incident.incident_number, "status": incident.status}
    version = incident.updated_at.isoformat() if incident.updated_at else None
    return Receipt(
        reference=incident.id,
        version=version,
        url=incident.html_url,
        output={**output, "url": incident.html_url},
        before=before,
        after=after,
    )
