"""An account of PagerDuty: incidents with their log, notes and alerts, held to its published API description."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.peers import pagerduty_shapes as shapes
from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply
from tests.peers.pagerduty_shapes import OTHER, PEOPLE, PERSON, POLICY, PRIORITIES, SERVICES, TEAM

API_KEY, ROUTING_KEY, WEBHOOK_SECRET = "u+s3cret-k3y", "r0ut1ng" + "a" * 25, "wh-s3cret"
AUTHOR = PEOPLE[PERSON][1]
MOST_LEVELS = 3
_INCIDENT, _NOTES = "/incidents/{id}", "/incidents/{id}/notes"
_STATUSES = {"acknowledge": "acknowledged", "resolve": "resolved"}


class PagerDutyPeer(OpenApiPeer):
    """`kept` holds incidents, `log` what happened to them, `notes` and `alerts` what was written.

    A list shows no more than its `ceiling`; `dropped` are the events about alerts that there are not.
    """

    def __init__(self) -> None:
        super().__init__("pagerduty", error=_error)
        self.kept = Kept(lambda number: f"Q{number:06}INC")
        self.log: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []
        self.dropped: list[dict[str, Any]] = []
        self.routing_keys = {ROUTING_KEY}
        self.services = dict(SERVICES)
        self.ceiling = 10_000
        self.tokens.add(f"token={API_KEY}")
        self.open.add("/v2/enqueue")
        self.on("GET", "/incidents")(self._list)
        self.on("POST", "/incidents")(self._create)
        self.on("GET", _INCIDENT)(lambda call: {"incident": self._shown(self._row(call))})
        self.on("PUT", _INCIDENT)(self._change)
        self.on("GET", _NOTES)(self._list_notes)
        self.on("POST", _NOTES)(self._note)
        self.on("DELETE", f"{_NOTES}/{{note_id}}")(self._delete_note)
        self.on("GET", "/log_entries")(self._list_log)
        self.on("GET", "/oncalls")(self._on_call)
        self.on("POST", "/v2/enqueue")(self._enqueue)
        for things in ("services", "teams", "escalation_policies", "priorities", "users"):
            self.on("GET", f"/{things}")(self._choose)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb != "GET" for call in self.calls)

    @property
    def open_alerts(self) -> list[dict[str, Any]]:
        """The alerts that nobody has resolved."""
        return [one for one in self.alerts if one["status"] != "resolved"]

    def open_one(self, title: str, **given: Any) -> dict[str, Any]:
        """Open an incident now, with the line in the log that tells so."""
        values: dict[str, Any] = {
            "title": title,
            "service": "PWIXJZS",
            "status": "triggered",
            "urgency": "high",
            "priority": None,
        }
        values |= {"key": None, "holders": [PERSON], "direct": False, "level": 1, "resolved": None}
        row = self.kept.add(values | given)
        self.happen(row, "trigger")
        return row

    def edit(self, row: dict[str, Any], happened: str, **given: Any) -> None:
        """Change an incident a second later, with the line in the log that tells so."""
        self.kept.edit(row, given)
        self.happen(row, happened)

    def happen(self, row: dict[str, Any], what: str) -> None:
        """Write a line into the log of an incident."""
        self.log.append({"id": f"R{len(self.log):06}LOG", "what": what, "at": self.kept.now, "row": row})

    def _list(self, call: Call) -> Any:
        asked = call.arguments
        found = [row for row in self.kept.there if self._fits(row, asked)]
        name, _, order = (asked.get("sort_by") or ["incident_number:asc"])[0].partition(":")
        assert name in {"created_at", "incident_number"}, name
        found.sort(key=lambda row: (row["created"], row["id"]), reverse=order == "desc")
        return self._paged(call, "incidents", found, self._shown)

    def _fits(self, row: dict[str, Any], asked: dict[str, Any]) -> bool:
        values = row["values"]
        wanted = {"service": "service_ids", "urgency": "urgencies", "status": "statuses"}
        if any(name in asked and values[mine] not in asked[name] for mine, name in wanted.items()):
            return False
        if asked.get("incident_key", values["key"]) != values["key"] or TEAM not in asked.get("team_ids", [TEAM]):
            return False
        return asked.get("date_range") == "all" or self._is_within(row["created"], asked)

    def _is_within(self, moment: datetime, asked: dict[str, Any]) -> bool:
        """Hold a moment to the span that is asked for: of a month where none is, of half a year at most."""
        until = datetime.fromisoformat(asked["until"]) if "until" in asked else datetime.max.replace(tzinfo=UTC)
        since = datetime.fromisoformat(asked["since"]) if "since" in asked else self.kept.now - timedelta(days=30)
        if {"since", "until"} <= asked.keys() and until - since > timedelta(days=183):
            raise Refused(400, "Invalid Query Date Range")
        return since <= moment.replace(microsecond=0) < until

    def _paged(self, call: Call, name: str, found: list[Any], shown: Callable[[Any], Any]) -> dict[str, Any]:
        offset, limit = call.arguments.get("offset", 0), call.arguments.get("limit", 25)
        if offset + limit > self.ceiling:
            raise Refused(400, f"The sum of offset and limit cannot exceed {self.ceiling}.")
        total = len(found) if call.arguments.get("total") else None
        page = {"limit": limit, "offset": offset, "more": offset + limit < len(found), "total": total}
        return {name: [shown(one) for one in found[offset : offset + limit]], **page}

    def _create(self, call: Call) -> Any:
        _require(call.request.headers["From"] == AUTHOR, "Requester User Not Found")
        sent = call.body["incident"]
        service, key = sent["service"]["id"], sent.get("incident_key")
        _require(service in self.services, "Service Not Found")
        _require(bool(sent["title"].strip()), "Title can't be blank")
        alike = [row["values"] for row in self.kept.there if key is not None and row["values"]["key"] == key]
        is_taken = any(one["service"] == service and one["status"] != "resolved" for one in alike)
        _require(not is_taken, "Open incident with matching dedup key already exists on this service")
        row = self.open_one(**{"service": service, "key": key, **_given(sent)})
        return Reply(status=201, body={"incident": self._shown(row)})

    def _change(self, call: Call) -> Any:
        _require(call.request.headers["From"] == AUTHOR, "Requester User Not Found")
        row, given = self._row(call), _given(call.body["incident"])
        _require("status" not in given or row["values"]["status"] != "resolved", "Incident Already Resolved")
        given |= {"holders": [], "resolved": self.kept.now} if given.get("status") == "resolved" else {}
        happened = next((what for what, status in _STATUSES.items() if given.get("status") == status), "assign")
        self.edit(row, happened, **given)
        return {"incident": self._shown(row)}

    def _list_notes(self, call: Call) -> Any:
        row = self._row(call)
        return {"notes": [shapes.note(one) for one in self.notes if one["on"] == row["id"]]}

    def _note(self, call: Call) -> Any:
        row = self._row(call)
        note = {"id": f"P{len(self.notes):05}NOTE", "on": row["id"], "content": call.body["note"]["content"]}
        self.notes.append(note | {"at": self.kept.now})
        self.happen(row, "annotate")
        return {"note": shapes.note(self.notes[-1])}

    def _delete_note(self, call: Call) -> Any:
        self._row(call)
        found = next((one for one in self.notes if one["id"] == call.arguments["note_id"]), None)
        if found is None:
            raise Refused(404, "Not Found")
        self.notes.remove(found)
        return Reply(status=204)

    def _list_log(self, call: Call) -> Any:
        """List the latest lines first, with whole incidents where these are asked for."""
        is_ours = TEAM in call.arguments.get("team_ids", [TEAM])
        found = [one for one in self.log if is_ours and self._is_within(one["at"], call.arguments)]
        found.sort(key=lambda one: (one["at"], one["id"]), reverse=True)
        whole = "incidents" in call.arguments.get("include", ())
        return self._paged(call, "log_entries", found, lambda one: shapes.line(one, self.base, whole=whole))

    def _on_call(self, call: Call) -> Any:
        whole = "users" in call.arguments.get("include", ())
        turns = [(OTHER, 2), (PERSON, 1)] if POLICY in call.arguments.get("escalation_policy_ids", [POLICY]) else []
        return self._paged(call, "oncalls", turns, lambda one: shapes.turn(*one, whole=whole))

    def _choose(self, call: Call) -> Any:
        things = call.path.removeprefix("/")
        return self._paged(call, things, shapes.choices(things, self.services), lambda one: one)

    def _enqueue(self, call: Call) -> Any:
        sent, action = call.body, call.body["event_action"]
        if sent["routing_key"] not in self.routing_keys:
            return _invalid("Invalid routing key")
        if not sent.keys() & ({"payload"} if action == "trigger" else {"dedup_key"}):
            return _invalid("Something that is required is missing")
        key = sent.get("dedup_key", f"made-{len(self.alerts)}")
        there = next((one for one in self.open_alerts if one["key"] == key), None)
        if action == "trigger" and there is None:
            self.open_one(sent["payload"]["summary"], key=key)
            self.alerts.append({"key": key, "status": "triggered", "summary": sent["payload"]["summary"]})
        elif there is not None:
            there["status"] = _STATUSES.get(action, there["status"])
        else:
            self.dropped.append(sent)
        return Reply(status=202, body={"status": "success", "message": "Event processed", "dedup_key": key})

    def _row(self, call: Call) -> dict[str, Any]:
        asked = call.arguments["id"]
        row = next((one for one in self.kept.there if asked in (one["id"], shapes.number(one))), None)
        if row is None:
            raise Refused(404, "Incident Not Found")
        return row

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        return shapes.incident(row, self.base)


def _given(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what a request sets, as an incident keeps it."""
    given: dict[str, Any] = {name: sent[name] for name in ("title", "urgency", "status") if name in sent}
    if "priority" in sent:
        _require(sent["priority"]["id"] in PRIORITIES, "Invalid Priority")
        given["priority"] = sent["priority"]["id"]
    if "assignments" in sent:
        holders = [one["assignee"]["id"] for one in sent["assignments"]]
        _require(set(holders) <= PEOPLE.keys(), "Assigned To User Not Found")
        given |= {"holders": holders, "direct": True}
    if "escalation_level" in sent:
        _require(sent["escalation_level"] <= MOST_LEVELS, "Cannot Escalate")
        given["level"] = sent["escalation_level"]
    return given


def _require(met: bool, otherwise: str) -> None:
    if not met:
        raise Refused(400, otherwise)


def _invalid(reason: str) -> Reply:
    """Refuse an alert in the shape of the Events API."""
    return Reply(status=400, body={"status": "invalid event", "message": "Event object is invalid", "errors": [reason]})


def _error(status: int, message: str) -> dict[str, Any]:
    head = "Arguments Caused Error" if status == 400 else message
    return {"error": {"message": head, "code": 2001, "errors": [message]}}
