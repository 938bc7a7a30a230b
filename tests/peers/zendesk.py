"""A Zendesk with tickets: held to the ticket types of node-zendesk, with Zendesk's export, search and refusals."""

import base64
import re
from datetime import datetime
from typing import Any

from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply

TICKETS, TICKET = "/api/v2/tickets", "/api/v2/tickets/{id}"
AGENT, API_TOKEN = "agent@example.com", "s3cret-token"
_CONDITION = re.compile(r'(\w+):"([^"]*)"')


class ZendeskPeer(OpenApiPeer):
    """`kept` holds the tickets; `fields` are those of its own."""

    def __init__(self) -> None:
        super().__init__("zendesk", error=_error)
        self.kept = Kept(lambda number: str(700_000 + number))
        self._log: list[tuple[str, datetime]] = []
        self._known: set[tuple[str, datetime]] = set()
        self.fields = {"360001": "Order number"}
        self.answers: dict[str, list[str]] = {}
        self.tokens.add(base64.b64encode(f"{AGENT}/token:{API_TOKEN}".encode()).decode())
        self.on("GET", TICKETS)(self._list)
        self.on("POST", TICKETS)(self._create)
        self.on("GET", TICKET)(lambda call: {"ticket": self._shown(self._row(call))})
        self.on("PUT", TICKET)(self._change)
        self.on("DELETE", TICKET)(self._delete)
        self.on("GET", f"{TICKET}/comments")(self._comments)
        self.on("GET", "/api/v2/incremental/tickets/cursor")(self._export)
        self.on("GET", "/api/v2/search")(self._search)
        self.on("GET", "/api/v2/ticket_fields")(self._described)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(len(self.asked(*one)) for one in (("POST", TICKETS), ("PUT", TICKET), ("DELETE", TICKET)))

    def _list(self, call: Call) -> Any:
        found = sorted(self.kept.there, key=lambda row: row["changed"], reverse=True)
        if "external_id" in call.arguments:
            found = [row for row in found if row["values"].get("external_id") == call.arguments["external_id"]]
        found = found[: int(call.arguments.get("page", {}).get("size", 100))]
        return {"tickets": [self._shown(row) for row in found], "next_page": None, "count": len(found)}

    def _export(self, call: Call) -> Any:
        """List tickets in the order in which they were seen to change; what comes late is exported when it comes."""
        states = [(row["id"], row["changed"]) for row in self.kept.rows]
        self._log += [state for state in states if state not in self._known]
        self._known |= set(self._log)
        asked = call.arguments
        place = int(asked["cursor"][1:]) if "cursor" in asked else self._place(asked["start_time"])
        reached = min(place + asked["per_page"], len(self._log))
        found = [self.kept.get(identity) for identity, _ in self._log[place:reached]]
        shown = [self._shown(row) for row in found if row is not None]
        return {"tickets": shown, "after_cursor": f"c{reached}", "end_of_stream": reached == len(self._log)}

    def _place(self, start: int) -> int:
        if start > self.kept.now.timestamp() - 60:
            raise Refused(422, "Too recent start_time. Use a start_time older than 60 seconds")
        return next((at for at, (_, when) in enumerate(self._log) if when.timestamp() >= start), 0)

    def _search(self, call: Call) -> Any:
        wanted = dict(_CONDITION.findall(call.arguments["query"]))
        assert call.arguments["query"].startswith("type:ticket ")
        found = [row for row in self.kept.there if all(_holds(row, name, value) for name, value in wanted.items())]
        size, page = call.arguments["per_page"], call.arguments["page"]
        more = f"{self.base}/api/v2/search?page={page + 1}" if page * size < len(found) else None
        shown = [self._shown(row) for row in found[(page - 1) * size : page * size]]
        return {"results": shown, "next_page": more, "count": len(found)}

    def _create(self, call: Call) -> Any:
        values = self._required(call.body["ticket"])
        if "comment" not in values:
            raise Refused(422, "Description: cannot be blank")
        values["description"] = values.pop("comment")["body"]
        return Reply(status=201, body={"ticket": self._shown(self.kept.add(values)), "audit": {}})

    def _change(self, call: Call) -> Any:
        return {"ticket": self._shown(self.kept.edit(self._row(call), self._required(call.body["ticket"])))}

    def _delete(self, call: Call) -> Any:
        self._row(call)["archived"] = True
        return Reply(status=204)

    def _comments(self, call: Call) -> Any:
        row = self._row(call)
        said = [row["values"].get("description", ""), *self.answers.get(row["id"], ())]
        told = [{"id": at, "body": body} for at, body in enumerate(said, 1)]
        return {"comments": told[: int(call.arguments["page"]["size"])]}

    def _row(self, call: Call) -> dict[str, Any]:
        row = self.kept.get(call.arguments["id"])
        if row is None:
            raise Refused(404, "Not found")
        return row

    def _required(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Refuse what Zendesk refuses; its own fields come by their number."""
        values = dict(sent)
        for one in values.pop("custom_fields", []):
            if str(one["id"]) not in self.fields:
                raise Refused(422, f"Custom field {one['id']} does not exist")
            values[f"field_{one['id']}"] = one["value"]
        if values.get("status") == "closed":
            raise Refused(422, "Status: closed prevents ticket update")
        return values

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        values = {name: value for name, value in row["values"].items() if not name.startswith("field_")}
        own = [{"id": int(name), "value": row["values"].get(f"field_{name}")} for name in self.fields]
        always = {"allow_attachments": True, "allow_channelback": False, "followup_ids": [], "has_incidents": False}
        always |= {"from_messaging_channel": False, "is_public": True, "requester_id": 1, "description": ""}
        times = {"created_at": _moment(row["created"]), "updated_at": _moment(row["changed"])}
        url = f"{self.base}/api/v2/tickets/{row['id']}.json"
        values.pop("requester", None)
        return {**always, **values, **times, "id": int(row["id"]), "url": url, "custom_fields": own}

    def _described(self, call: Call) -> Any:
        built_in = {"id": 1, "title": "Subject", "type": "subject"}
        own = [{"id": int(name), "title": title, "type": "text"} for name, title in self.fields.items()]
        return {"ticket_fields": [built_in, *own], "next_page": None, "count": 2}


def _holds(row: dict[str, Any], name: str, value: str) -> bool:
    held = row["values"].get(name.replace("custom_field_", "field_"))
    return str(held or "none").lower() == value.lower()


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _error(status: int, message: str) -> dict[str, Any]:
    if status == 422:
        details = {"base": [{"description": message, "error": "InvalidValue"}]}
        return {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    return {"error": {"title": "Refused", "message": message}}
