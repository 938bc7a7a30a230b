"""An Opsgenie with alerts: held to the types of its own client, with its searches; writes are done once taken.

What the client does not say, such as the names by which lists are sorted, is after github.com/opsgenie/opsgenie-oas.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply
from tests.peers.opsgenie_search import BY_DEFAULT, search

ALERTS, ALERT = "/v2/alerts", "/v2/alerts/{identifier}"
KEY = "t0ken-t0ken"
_SORTS = {"createdAt", "updatedAt", "tinyId", "alias", "message", "status", "acknowledged", "count", "lastOccurredAt"}
_LONGEST = 512


class OpsgeniePeer(OpenApiPeer):
    """`kept` holds the alerts, `notes` theirs, `called` whom they called in the end.

    A request is found `later` questions after it was taken; a list ends at `most`. Those that are `gone` are still
    shown, but nothing more can be done with them.
    """

    def __init__(self) -> None:
        super().__init__("opsgenie", "opsgenie_on_call", error=_error)
        self.kept = Kept(lambda number: f"a{number:07}-0000-4000-8000-000000000000")
        self.notes: list[dict[str, str]] = []
        self.called: list[dict[str, Any]] = []
        self.teams = {"Operations"}
        self.schedules = {"Night shift": ["anna@example.com"], "Day shift": ["bert@example.com", "anna@example.com"]}
        self.gone: set[str] = set()
        self.later = 0
        self.most = 20_000
        self.tokens = {KEY}
        self._requests: dict[str, tuple[int, dict[str, Any]]] = {}
        self.on("GET", ALERTS)(self._list)
        self.on("POST", ALERTS)(self._create)
        self.on("GET", ALERT)(lambda call: _said(self._shown(self._found(call), whole=True)))
        self.on("DELETE", ALERT)(lambda call: self._take(call, "Delete", lambda row: row.update(archived=True)))
        self.on("GET", "/v2/alerts/requests/{requestId}")(self._outcome)
        self.on("GET", f"{ALERT}/notes")(self._noted)
        self.on("GET", "/v2/schedules/on-calls")(lambda _: _said([self._turn(name) for name in self.schedules]))
        self.on("GET", "/v2/schedules/{scheduleIdentifier}/on-calls")(self._on_call)
        for verb, path, action, do in self._actions():
            self.on(verb, f"{ALERT}/{path}")(self._taking(action, do))

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb != "GET" for call in self.calls)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Authorization", "").startswith("GenieKey "):
            self.violations.append(f"{request.method} {request.path}: the key is not announced as a GenieKey")
        return await super()._answer(request)

    def _taking(self, action: str, do: Callable[[Call], Callable[[dict[str, Any]], Any]]) -> Callable[[Call], Any]:
        return lambda call: self._take(call, action, do(call))

    def _actions(self) -> list[tuple[str, str, str, Callable[[Call], Callable[[dict[str, Any]], Any]]]]:
        edit = self.kept.edit
        return [
            ("POST", "acknowledge", "Acknowledge", lambda _: lambda row: edit(row, {"acknowledged": True})),
            ("POST", "unacknowledge", "UnAcknowledge", lambda _: lambda row: edit(row, {"acknowledged": False})),
            ("POST", "close", "Close", lambda _: lambda row: edit(row, {"status": "closed"})),
            ("POST", "assign", "Assign", lambda c: lambda row: edit(row, {"owner": c.body["owner"]["username"]})),
            ("POST", "notes", "AddNote", lambda call: lambda row: self.note(row, call.body["note"])),
            ("POST", "escalate", "Escalate", lambda c: lambda row: self._call(row, c.body["escalation"])),
            ("POST", "responders", "AddResponder", lambda c: lambda row: self._call(row, c.body["responder"])),
            ("POST", "tags", "AddTags", lambda c: lambda row: edit(row, {"tags": _tags(row) + c.body["tags"]})),
            ("DELETE", "tags", "RemoveTags", lambda c: lambda row: edit(row, {"tags": _without(row, c)})),
        ]

    def note(self, row: dict[str, Any], text: str) -> None:
        """Write a note into an alert."""
        self.kept.edit(row, {})
        offset = f"{1_700_000_000_000 + len(self.notes)}_{1_700_000_000_000_000_000 + len(self.notes)}"
        self.notes.append({"alert": row["id"], "note": text, "offset": offset, "createdAt": _moment(self.kept.now)})

    def _call(self, row: dict[str, Any], whom: dict[str, Any]) -> None:
        self.kept.edit(row, {})
        self.called.append({"alert": row["id"], **whom})

    def _list(self, call: Call) -> Any:
        asked = call.arguments
        sort, offset, size = asked.get("sort", "createdAt"), asked.get("offset", 0), asked.get("limit", 20)
        _require(sort in _SORTS and asked.get("order", "desc") in {"asc", "desc"}, "sort", "is not supported")
        _require(offset + size <= self.most, "offset", f"and limit should be {self.most} at most together")
        found = list(filter(search(asked.get("query", "")), self.kept.there))
        found.sort(key=lambda row: row["changed" if sort == "updatedAt" else "created"])
        ordered = found if asked.get("order") == "asc" else found[::-1]
        page = [self._shown(row) for row in ordered[offset : offset + size]]
        return {**_said(page), "paging": {"first": f"{self.base}{ALERTS}?offset=0"}}

    def _create(self, call: Call) -> Any:
        body = dict(call.body)
        _require(0 < len(body["message"]) <= 130, "message", "should have 1 to 130 characters")
        _require(len(body.get("entity", "")) <= _LONGEST, "entity", f"should have {_LONGEST} characters at most")
        for place, one in enumerate(body.get("responders", [])):
            _require(one["type"] != "team" or one["name"] in self.teams, f"responders[{place}]", "does not exist")
        note = body.pop("note", None)
        row = self._open(body.get("alias"))
        if row is not None:
            self.kept.edit(row, {"count": row["values"].get("count", 1) + 1})
        else:
            teams = [one["name"] for one in body.get("responders", []) if one["type"] == "team"]
            row = self.kept.add({**body, "responders": [], "teams": teams})
        if note:
            self.note(row, note)
        return self._taken("Create", row, "Created alert")

    def _open(self, alias: str | None) -> dict[str, Any] | None:
        standing = [row for row in self.kept.there if row["values"].get("status") != "closed"]
        return next((row for row in standing if alias and row["values"].get("alias", row["id"]) == alias), None)

    def _row(self, call: Call) -> dict[str, Any] | None:
        identity, by = call.arguments["identifier"], call.arguments.get("identifierType", "id")
        _require(by in {"id", "alias", "tiny"}, "identifierType", "should be one of [ id, alias, tiny ]")
        if by == "alias":
            return self._open(identity)
        return self.kept.get(identity if by == "id" else f"a{int(identity):07}-0000-4000-8000-000000000000")

    def _found(self, call: Call) -> dict[str, Any]:
        row = self._row(call)
        if row is None:
            raise Refused(404, "Alert does not exist")
        return row

    def _take(self, call: Call, action: str, do: Callable[[dict[str, Any]], Any]) -> Reply:
        row = self._row(call)
        row = None if row is None or row["id"] in self.gone else row
        if row is not None:
            do(row)
        return self._taken(action, row, "Done" if row else "Alert does not exist")

    def _taken(self, action: str, row: dict[str, Any] | None, status: str) -> Reply:
        name = f"r{len(self._requests) + 1:07}"
        outcome = {"action": action, "processedAt": _moment(self.kept.now), "isSuccess": row is not None}
        outcome |= {"status": status, "alertId": row["id"] if row else "", "alias": ""}
        self._requests[name] = (self.later, outcome)
        return Reply(status=202, body={"result": "Request will be processed", "took": 0.1, "requestId": name})

    def _outcome(self, call: Call) -> Any:
        later, outcome = self._requests.get(call.arguments["requestId"], (1, {}))
        if later:
            self._requests[call.arguments["requestId"]] = (later - 1, outcome)
            raise Refused(404, "Request not found. It might not be processed, yet.")
        return _said(outcome)

    def _noted(self, call: Call) -> Any:
        row, asked = self._found(call), call.arguments
        found = [one for one in self.notes if one["alert"] == row["id"] and one["offset"] > asked.get("offset", "")]
        assert asked.get("direction", "next") == "next"
        ordered = found if asked.get("order") == "asc" else found[::-1]
        page = [{name: one[name] for name in ("note", "offset", "createdAt")} for one in ordered]
        return _said(page[: asked.get("limit", 20)])

    def _on_call(self, call: Call) -> Any:
        assert call.arguments["scheduleIdentifierType"] == "name"
        if call.arguments["scheduleIdentifier"] not in self.schedules:
            raise Refused(404, "Schedule does not exist")
        return _said(self._turn(call.arguments["scheduleIdentifier"]))

    def _turn(self, name: str) -> dict[str, Any]:
        return {
            "_parent": {"id": name.lower(), "name": name, "enabled": True},
            "onCallRecipients": self.schedules[name],
        }

    def _shown(self, row: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
        held = {"tags": [], "count": 1, "responders": [], "alias": row["id"], **BY_DEFAULT, **row["values"]}
        listed = {name: one for name, one in held.items() if name not in {"teams", "user", "description", "entity"}}
        listed.pop("details", None)
        times = {"createdAt": _moment(row["created"]), "updatedAt": _moment(row["changed"])}
        number = str(int(row["id"][1:8]))
        shown = {**listed, **times, "id": row["id"], "tinyId": number, "isSeen": False, "snoozed": False}
        more = {name: held.get(name, "") for name in ("description", "entity")} | {"details": held.get("details", {})}
        return {**shown, **more, "actions": []} if whole else shown


def _said(body: Any) -> dict[str, Any]:
    return {"data": body, "took": 0.01, "requestId": "c0ffee"}


def _tags(row: dict[str, Any]) -> list[str]:
    return list(row["values"].get("tags", []))


def _without(row: dict[str, Any], call: Call) -> list[str]:
    return [one for one in _tags(row) if one not in call.arguments["tags"]]


def _require(is_good: bool, name: str, said: str) -> None:
    if not is_good:
        raise Refused(422, f"{name}: {said}")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(status: int, message: str) -> dict[str, Any]:
    told = {"took": 0.0, "requestId": "c0ffee"}
    if status == 422:
        name, _, said = message.partition(": ")
        return {"message": "Request body is not processable. Please check the errors.", "errors": {name: said}, **told}
    return {"message": message, **told}
