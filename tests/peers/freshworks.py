"""A Freshdesk and a Freshservice with tickets: held to their documented calls, with lists, search and refusals."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.peers.faults import json_answer
from tests.peers.kept import Kept
from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply

TICKETS, TICKET = "/api/v2/tickets", "/api/v2/tickets/{id}"
SAID, NOTES, REPLY = f"{TICKET}/conversations", f"{TICKET}/notes", f"{TICKET}/reply"
CONVERSATION = "/api/v2/conversations/{id}"
API_KEY, WEBHOOK_SECRET = "s3cret-key", "s3cret-header"
WRITES = (("POST", TICKETS), ("PUT", TICKET), ("DELETE", TICKET), ("POST", NOTES), ("POST", REPLY))
STATUSES = {2: "Open", 3: "Pending", 4: "Resolved", 5: "Closed", 8: "Waiting on Supplier"}
PRIORITIES = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}
PERSON = {"id": 5, "name": "Anna", "email": "anna@example.com", "mobile": None, "phone": "+48123"}
_CONDITION = re.compile(r"(\w+):(?:'([^']*)'|([^ ']+))")
_PEOPLE = frozenset({"email", "name", "phone", "requester_id", "unique_external_id"})
_BLANK = ("type", "group_id", "responder_id", "source", "due_by", "fr_due_by", "email_config_id", "to_emails")


class FreshworksPeer(OpenApiPeer):
    """`kept` holds tickets, `fields` the account's own, `said` replies and notes; the search is `behind` by so much.

    Times are those of `kept`, in seconds, also in the `Date` of its answers.
    """

    wrapped = False
    search = "/api/v2/search/tickets"
    described = "/api/v2/ticket_fields"
    found = "results"
    longest = 300

    def __init__(self, description: str) -> None:
        super().__init__(description, error=_error)
        self.kept = Kept(lambda number: str(70_000 + number))
        self.fields = {"cf_order": "Order number", "cf_key": "Key"}
        self.said: list[dict[str, Any]] = []
        self.behind = timedelta(minutes=5)
        self.left = 4_000
        # Any word may stand where a password would
        self.tokens = {base64.b64encode(f"{API_KEY}:{word}".encode()).decode() for word in ("X", "unused_with_api_key")}
        self.on("GET", TICKETS)(self._list)
        self.on("POST", TICKETS)(self._create)
        self.on("GET", TICKET)(lambda call: self._whole(self._row(call), call.arguments.get("include", "")))
        self.on("PUT", TICKET)(self._change)
        self.on("DELETE", TICKET)(self._delete)
        self.on("GET", self.search)(self._search)
        self.on("GET", self.described)(self._described)
        self.on("GET", SAID)(self._conversations)
        self.on("POST", NOTES)(lambda call: self._say(call, private=call.body.get("private", True), source=2))
        self.on("POST", REPLY)(lambda call: self._say(call, private=False, source=0))
        self.on("DELETE", CONVERSATION)(self._unsay)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(len(self.asked(*one)) for one in WRITES)

    def _checked(self, operation: Any, given: Any) -> web.Response:
        """Tell the time and what is left of the rate limit with each answer."""
        self.left -= 1
        reply = given if isinstance(given, Reply) else Reply(body=given)
        told = {"Date": f"{self.kept.now:%a, %d %b %Y %H:%M:%S} GMT", "X-Ratelimit-Total": "4000"}
        told |= {"X-Ratelimit-Remaining": str(self.left), "X-Ratelimit-Used-CurrentRequest": "1"}
        return super()._checked(
            operation,
            Reply(body=reply.body, status=reply.status, headers={**told, **reply.headers}, content=reply.content),
        )

    def _refusal(self, status: int, message: str) -> web.Response:
        """Answer what is not there without a body, as the services do."""
        return json_answer(status, None, {}, content=b" ") if status == 404 else super()._refusal(status, message)

    def _list(self, call: Call) -> Any:
        asked = call.arguments
        recent = f"{self.kept.now - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"
        start = datetime.fromisoformat(asked.get("updated_since", recent))
        there = self._in_workspace(asked.get("workspace_id"))
        found = [row for row in there if _second(row["changed" if "updated_since" in asked else "created"]) >= start]
        order = "changed" if asked.get("order_by") == "updated_at" else "created"
        found.sort(key=lambda row: _second(row[order]), reverse=asked.get("order_type", "desc") == "desc")
        include = asked.get("include", "")
        return self._page(call, found, lambda row: self._shown(row, include), "tickets")

    def _in_workspace(self, workspace: int | None) -> list[dict[str, Any]]:
        """Return the tickets of a workspace; the primary one has the number 2."""
        return [row for row in self.kept.there if row["values"].get("workspace_id", 2) == (workspace or 2)]

    def _page(self, call: Call, found: list[Any], shown: Any, name: str) -> Reply:
        """Return a page of a list, and where the next one is."""
        page, size = call.arguments.get("page", 1), call.arguments.get("per_page", 30)
        if page > self.longest:
            raise Refused(400, "page: The page is too far")
        rows = [shown(row) for row in found[(page - 1) * size : page * size]]
        more = page * size < len(found)
        url = call.request.url.update_query({"page": str(page + 1)})
        return Reply(
            body={name: rows} if self.wrapped else rows, headers={"Link": f'<{url}>; rel="next"'} if more else {}
        )

    def _search(self, call: Call) -> Any:
        """Find what the search knows by now; a deleted ticket it does not."""
        text = re.sub(r"[\"()]", "", call.arguments["query"])
        wanted = [(name, quoted or bare) for name, quoted, bare in _CONDITION.findall(text)]
        assert " AND ".join(f"{n}:'{q}'" if q else f"{n}:{b}" for n, q, b in _CONDITION.findall(text)) == text, text
        workspace = int(dict(wanted).get("workspace_id", 2))
        found = [
            row
            for row in self._in_workspace(workspace)
            if row["changed"] <= self.kept.now - self.behind
            and all(_holds(row, *one) for one in wanted if one[0] != "workspace_id")
        ]
        page = call.arguments["page"]
        rows = [self._shown(row, "description") for row in found[(page - 1) * 30 : page * 30]]
        return {self.found: rows} if self.wrapped else {"total": len(found), self.found: rows}

    def _create(self, call: Call) -> Any:
        values = self._required(call.body)
        if not _PEOPLE & values.keys():
            raise Refused(400, "requester_id: It should be a/an Positive Integer")
        values = {name: one for name, one in values.items() if name != "attachments[]"}
        return Reply(status=201, body=self._whole(self.kept.add(values), ""))

    def _change(self, call: Call) -> Any:
        row = self._row(call)
        return self._whole(self.kept.edit(row, self._required(call.body)), "")

    def _delete(self, call: Call) -> Any:
        self._row(call)["archived"] = True
        return Reply(status=204)

    def _required(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Refuse what the services refuse; the account's own fields come inside `custom_fields`."""
        values = dict(sent)
        for name, value in values.pop("custom_fields", {}).items():
            if name not in self.fields:
                raise Refused(400, f"{name}: Unexpected/invalid field in request")
            values[name] = value
        for name, known in (("status", STATUSES), ("priority", PRIORITIES)):
            if name in values and int(values[name]) not in known:
                raise Refused(400, f"{name}: It should be one of these values: '{','.join(map(str, known))}'")
        if any(len(one) > 32 for one in values.get("tags", [])):
            raise Refused(400, "tags: It should only contain elements that have maximum of 32 characters")
        return values

    def _row(self, call: Call) -> dict[str, Any]:
        row = self.kept.get(call.arguments["id"])
        if row is None:
            raise Refused(404, "Not found")
        return row

    def _whole(self, row: dict[str, Any], include: str) -> Any:
        shown = self._shown(row, f"description,{include}")
        return {"ticket": shown} if self.wrapped else shown

    def _shown(self, row: dict[str, Any], include: str) -> dict[str, Any]:
        """Return a ticket with what was asked for; blank fields are null."""
        own = {name: row["values"].get(name) for name in self.fields}
        values = {name: one for name, one in row["values"].items() if name not in self.fields and name not in _PEOPLE}
        text = values.pop("description", "")
        always: dict[str, Any] = {
            "id": int(row["id"]),
            "subject": None,
            "tags": [],
            "cc_emails": [],
            "status": 2,
            "priority": 1,
        }
        times = {"created_at": _moment(row["created"]), "updated_at": _moment(row["changed"])}
        shown = {**dict.fromkeys(_BLANK), **always, **values, **times, "requester_id": 5, "custom_fields": own}
        if "description" in include:
            shown |= {"description": text, "description_text": re.sub(r"<[^>]*>", " ", text).strip()}
        return shown | ({"requester": PERSON} if "requester" in include else {})

    def _described(self, call: Call) -> Any:
        choices: dict[str, Any] = {
            "subject": None,
            "status": {str(number): [word, word] for number, word in STATUSES.items()},
            "priority": {word: number for number, word in PRIORITIES.items()},
            "ticket_type": ["Question", "Incident"],
            "group": {"Sales": 3, "QA": 2},
        }
        built_in = [
            dict[str, Any](
                id=place, name=name, label=name.title(), type=f"default_{name}", default=True, choices=several
            )
            for place, (name, several) in enumerate(choices.items())
        ]
        own = [
            {"id": 10 + place, "name": name, "label": label, "type": "custom_text", "default": False}
            for place, (name, label) in enumerate(self.fields.items())
        ]
        return [*built_in, *own]

    def _conversations(self, call: Call) -> Any:
        here = [one for one in self.said if one["ticket_id"] == int(self._row(call)["id"])]
        return self._page(call, here, dict, "conversations")

    def _say(self, call: Call, *, private: bool, source: int) -> Any:
        if not call.body.get("body"):
            raise Refused(400, "body: It should not be blank as this is a mandatory field")
        ticket = int(self._row(call)["id"])
        said: dict[str, Any] = {"id": len(self.said) + 1, "ticket_id": ticket, "private": private, "source": source}
        said |= {"body": call.body["body"], "body_text": re.sub(r"<[^>]*>", " ", call.body["body"]).strip()}
        said |= {"incoming": False, "user_id": 1, "attachments": []}
        said |= {"created_at": _moment(self.kept.now), "updated_at": _moment(self.kept.now)}
        self.said.append(said)
        return Reply(status=201, body={"conversation": said} if self.wrapped else said)

    def _unsay(self, call: Call) -> Any:
        self.said = [one for one in self.said if one["id"] != call.arguments["id"]]
        return Reply(status=204)


class FreshdeskPeer(FreshworksPeer):
    """Freshdesk, with contacts."""

    def __init__(self) -> None:
        super().__init__("freshdesk")
        self.on("GET", "/api/v2/contacts")(lambda call: self._people(call, ("email", "phone", "mobile")))
        self.on("GET", "/api/v2/contacts/autocomplete")(
            lambda call: [{"id": 5, "name": "Anna"}] if "anna".startswith(call.arguments["term"].lower()) else []
        )

    def _people(self, call: Call, names: tuple[str, ...]) -> Any:
        asked = {name: call.arguments[name] for name in names if name in call.arguments}
        return [PERSON] if all(PERSON[name] == value for name, value in asked.items()) else []


class FreshservicePeer(FreshworksPeer):
    """Freshservice, with requesters and workspaces; `cf_key` is a number, and tags are told of a single ticket only."""

    wrapped = True
    search = "/api/v2/tickets/filter"
    described = "/api/v2/ticket_form_fields"
    found = "tickets"

    def __init__(self) -> None:
        super().__init__("freshservice")
        self.on("GET", "/api/v2/requesters")(self._requesters)

    def _search(self, call: Call) -> Any:
        if "cf_key:'" in call.arguments["query"]:
            raise Refused(400, "cf_key: It should be a/an Integer")
        return super()._search(call)

    def _shown(self, row: dict[str, Any], include: str) -> dict[str, Any]:
        shown = super()._shown(row, f"{include},description")
        return shown if "tags" in include else {name: one for name, one in shown.items() if name != "tags"}

    def _described(self, call: Call) -> Any:
        known = {"status": STATUSES, "priority": PRIORITIES, "ticket_type": {21: "Incident"}, "group": {3: "Sales"}}
        built_in = [
            {"id": place, "name": name, "label": name, "field_type": f"default_{name}", "default_field": True}
            | {"choices": [{"id": number, "value": word} for number, word in words.items()]}
            for place, (name, words) in enumerate(known.items())
        ]
        kinds = {"cf_key": "custom_number", "cf_order": "custom_dropdown"}
        own = [
            {"id": 10, "name": name, "label": label, "field_type": kinds[name], "default_field": False, "choices": []}
            for name, label in self.fields.items()
        ]
        return {"ticket_fields": [*built_in, *own]}

    def _requesters(self, call: Call) -> Any:
        email, query = call.arguments.get("email"), call.arguments.get("query")
        fits = email == PERSON["email"] or query == "\"~[first_name|last_name]:'An'\""
        return {"requesters": [{"id": 5, "first_name": "Anna", "primary_email": PERSON["email"]}] if fits else []}


def _holds(row: dict[str, Any], name: str, value: str) -> bool:
    values = row["values"]
    if name == "tag":
        return value in (values.get("tags") or ["null"])
    held = values.get(name, {"status": 2, "priority": 1}.get(name))
    return str(held if held is not None else "null").lower() == value.lower()


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _error(status: int, message: str) -> dict[str, Any]:
    """Return a refusal in the services' shape: of 400 with the field that is wrong."""
    name, _, words = message.rpartition(": ")
    if status == 400:
        problem = {"field": name or "request", "message": words, "code": "invalid_value"}
        return {"description": "Validation failed", "errors": [problem]}
    code = {401: "invalid_credentials", 403: "access_denied"}.get(status, "server_error")
    return {"code": code, "message": message}
