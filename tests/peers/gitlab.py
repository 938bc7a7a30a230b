"""A project at GitLab: held to what the types of a client of its API say, with Link headers and hidden comments."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from yarl import URL

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply
from tests.peers.openapi_samples import sample

PROJECT = "42"
_PLACE = "/api/v4/projects/{id}"
_NOTES = f"{_PLACE}/{{kind}}/{{iid}}/notes"


class GitLabPeer(OpenApiPeer):
    """`issues`, `merge_requests` and `notes` in the order in which they were made; a clock that is moved by hand."""

    def __init__(self) -> None:
        super().__init__("gitlab", error=lambda _, message: {"message": message})
        self.there: dict[str, list[dict[str, Any]]] = {"issues": [], "merge_requests": []}
        self.notes: list[dict[str, Any]] = []
        self.project = PROJECT
        # Now, as targets ask for what is newer than their own try
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.on("GET", "/api/v4/user")(lambda _: sample(self.schemas, "ExpandedUserSchema"))
        self.on("GET", f"{_PLACE}/issues")(lambda call: self._list(call, "issues"))
        self.on("GET", f"{_PLACE}/merge_requests")(lambda call: self._list(call, "merge_requests"))
        self.on("GET", f"{_PLACE}/issues/{{iid}}")(lambda call: self._found(call, "issues"))
        self.on("GET", f"{_PLACE}/merge_requests/{{iid}}")(lambda call: self._found(call, "merge_requests"))
        self.on("POST", f"{_PLACE}/issues")(self._create)
        self.on("PUT", f"{_PLACE}/issues/{{iid}}")(self._change)
        self.on("GET", _NOTES)(self._list_notes)
        self.on("POST", _NOTES)(self._note)
        self.on("GET", f"{_NOTES}/{{note_id}}")(self._one_note)
        self.on("DELETE", f"{_NOTES}/{{note_id}}")(self._delete_note)

    @property
    def issues(self) -> list[dict[str, Any]]:
        """The issues of the project."""
        return self.there["issues"]

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb != "GET" for call in self.calls)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Know the project also by its path, which travels as one segment."""
        raw = str(request.rel_url)
        return await super().answer(request.clone(rel_url=URL(raw.replace("example%2Fshop", PROJECT), encoded=True)))

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    def open_one(self, title: str, kind: str = "issues", **given: Any) -> dict[str, Any]:
        """Open an issue or merge request beside the connector."""
        there = self.there[kind]
        number = len(there) + 1
        one = sample(self.schemas, "IssueSchema" if kind == "issues" else "MergeRequestSchema") | {
            "id": 3_000_000_000 + number,
            "iid": number,
            "title": title,
            "description": "",
            "state": "opened",
            "labels": [],
            "web_url": f"https://gitlab.com/example/shop/-/{kind}/{number}",
            "created_at": _text(self.now),
            "updated_at": _text(self.now),
            **given,
        }
        there.append(one)
        return one

    def edit(self, issue: dict[str, Any], **given: Any) -> None:
        """Change an issue beside the connector."""
        issue |= {**given, "updated_at": _text(self.now)}

    def _known(self, call: Call) -> None:
        if call.arguments["id"] != self.project:
            raise Refused(404, "404 Project Not Found")

    def _paged(self, call: Call, found: list[Any]) -> Reply:
        size, page = call.arguments.get("per_page", 20), call.arguments.get("page", 1)
        headers = {}
        if page * size < len(found):
            following = f"{self.base}{call.request.rel_url.update_query({'page': str(page + 1)})}"
            headers["Link"] = f'<{following}>; rel="next", <{following}>; rel="last"'
        return Reply(body=found[(page - 1) * size : page * size], headers=headers)

    def _list(self, call: Call, kind: str) -> Reply:
        self._known(call)
        asked = call.arguments
        found = [one for one in self.there[kind] if _is_after(one, asked)]
        found = [one for one in found if asked.get("state", "all") in {"all", one["state"]}]
        found = [
            one
            for one in found
            if asked.get("search", "").casefold() in f"{one['title']} {one['description']}".casefold()
        ]
        at = asked.get("order_by", "created_at")
        found.sort(key=lambda one: (one[at], one["id"]), reverse=asked.get("sort", "desc") == "desc")
        return self._paged(call, found)

    def _found(self, call: Call, kind: str) -> dict[str, Any]:
        self._known(call)
        found = next((one for one in self.there[kind] if str(one["iid"]) == call.arguments["iid"]), None)
        if found is None:
            raise Refused(404, "404 Not found")
        return found

    def _create(self, call: Call) -> Reply:
        self._known(call)
        return Reply(status=201, body=self.open_one(**self._given(call.body)))

    def _change(self, call: Call) -> Any:
        issue = self._found(call, "issues")
        self.edit(issue, **self._given(call.body))
        return issue

    def _given(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what a request sets, as an issue shows it."""
        if len(body.get("title") or "") > 255:
            raise Refused(400, json.dumps({"title": ["is too long (maximum is 255 characters)"]}))
        given = {name: value for name, value in body.items() if name != "state_event"}
        if "labels" in given:
            given["labels"] = [one for one in given["labels"].split(",") if one]
        if "state_event" in body:
            given["state"] = {"close": "closed", "reopen": "opened"}[body["state_event"]]
        return given

    def _list_notes(self, call: Call) -> Reply:
        on = self._found(call, call.arguments["kind"])
        there = [one for one in self.notes if one["noteable_id"] == on["id"]]
        return self._paged(call, there[:: -1 if call.arguments.get("sort", "desc") == "desc" else 1])

    def _note(self, call: Call) -> Reply:
        on = self._found(call, call.arguments["kind"])
        if len(call.body["body"]) > 1_000_000:
            raise Refused(400, "note is too long")
        made = sample(self.schemas, "NoteSchema") | {
            "id": 7_000_000_000 + len(self.notes),
            "body": call.body["body"],
            "noteable_id": on["id"],
            "created_at": _text(self.now),
            "updated_at": _text(self.now),
        }
        self.notes.append(made)
        return Reply(status=201, body=made)

    def _one_note(self, call: Call) -> dict[str, Any]:
        self._found(call, call.arguments["kind"])
        found = next((one for one in self.notes if str(one["id"]) == call.arguments["note_id"]), None)
        if found is None:
            raise Refused(404, "404 Not found")
        return found

    def _delete_note(self, call: Call) -> Reply:
        self.notes.remove(self._one_note(call))
        return Reply(status=204)


def _is_after(one: dict[str, Any], asked: dict[str, Any]) -> bool:
    """GitLab gives what lies at the moment or after it."""
    return all(
        datetime.fromisoformat(one[at]) >= datetime.fromisoformat(asked[name])
        for at, name in (("created_at", "created_after"), ("updated_at", "updated_after"))
        if name in asked
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
