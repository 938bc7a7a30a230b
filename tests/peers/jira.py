"""A site of Jira Cloud: held to Atlassian's OpenAPI description, its texts to the schema of Atlassian's documents.

It reads the JQL that the connector writes, with times in the account's zone and to the minute, as Jira does.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from jsonschema import Draft4Validator

from tests.peers.openapi import DESCRIPTIONS, Call, OpenApiPeer, Refused, Reply
from tests.peers.openapi_samples import sample

SITE = "https://example.atlassian.net"
GATEWAY = "/ex/jira/cloud-1"
# Where an issue can go from each status
WORKFLOW = {"To Do": ["In Progress"], "In Progress": ["To Do", "Done"], "Done": ["In Progress"]}
_QUERY = re.compile(
    r'project = "(?P<project>(?:\\.|[^"\\])*)"'
    r'(?: AND summary ~ "(?P<words>(?:\\.|[^"\\])*)")?'
    r"(?: AND \((?P<filter>labels = \w+)\))?"
    r'(?: AND (?P<at>created|updated) >= "(?P<since>\d{4}-\d\d-\d\d \d\d:\d\d)")?'
    r"(?: ORDER BY (?P<order>created|updated) (?P<way>ASC|DESC))?"
)
_ISSUE = "/rest/api/3/issue/{issueIdOrKey}"


class JiraPeer(OpenApiPeer):
    """`issues` in the order in which they were made; a clock that stands still until it is moved."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__("jira", "jira_search", error=_error, prefix=prefix)
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.project, self.zone = "SHOP", "Europe/Berlin"
        # Now, as targets ask for what is newer than their own try
        self.now = datetime.now(UTC).replace(microsecond=0)
        # Checking is slow, and tests write the same text many times
        self._sound: set[str] = set()
        self._documents = Draft4Validator(json.loads((DESCRIPTIONS / "adf.json").read_bytes()))
        self.on("GET", "/rest/api/3/myself")(lambda _: sample(self.schemas, "User") | {"timeZone": self.zone})
        self.on("GET", "/rest/api/3/project/search")(self._projects)
        self.on("POST", "/rest/api/3/search/jql")(self._search)
        self.on("POST", "/rest/api/3/issue")(self._create)
        self.on("GET", _ISSUE)(lambda call: self._shown(self._found(call), call.arguments["fields"]))
        self.on("PUT", _ISSUE)(self._change)
        self.on("DELETE", _ISSUE)(self._delete)
        self.on("GET", f"{_ISSUE}/comment")(self._list_comments)
        self.on("POST", f"{_ISSUE}/comment")(self._comment)
        self.on("GET", f"{_ISSUE}/comment/{{id}}")(self._show_comment)
        self.on("DELETE", f"{_ISSUE}/comment/{{id}}")(self._delete_comment)
        self.on("GET", "/rest/api/3/comment/{commentId}/properties/{propertyKey}")(self._property)
        self.on("GET", f"{_ISSUE}/transitions")(self._transitions)
        self.on("POST", f"{_ISSUE}/transitions")(self._move)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Name the sites that a person chose, which is the gateway's own; the rest is the site's."""
        if request.path == "/oauth/token/accessible-resources":
            return web.json_response([{"id": "cloud-1", "url": SITE, "name": "example", "scopes": []}])
        return await super().answer(request)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb != "GET" and "search" not in call.path for call in self.calls)

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    def open_issue(self, summary: str, **fields: Any) -> dict[str, Any]:
        """Open an issue beside the connector."""
        number = len(self.issues) + 1
        issue = {
            "id": str(3_000_000_000 + number),
            "key": f"{self.project}-{number}",
            "properties": {},
            "fields": {
                "summary": summary,
                "description": None,
                "status": {"name": "To Do", "id": "1", "statusCategory": {"key": "new"}},
                "issuetype": {"name": "Task", "id": "10001"},
                "priority": {"name": "Medium", "id": "3"},
                "project": {"key": self.project, "id": "10000"},
                "labels": [],
                "created": _text(self.now),
                "updated": _text(self.now),
                **fields,
            },
        }
        self.issues.append(issue)
        return issue

    def edit(self, issue: dict[str, Any], **fields: Any) -> None:
        """Change an issue beside the connector."""
        issue["fields"] |= {**fields, "updated": _text(self.now)}

    def _projects(self, call: Call) -> Any:
        there = [{"key": f"{self.project}{at or ''}", "name": "Orders"} for at in range(60)]
        start, size = call.arguments["startAt"], call.arguments["maxResults"]
        part = there[start : start + size]
        return {"values": part, "isLast": start + size >= len(there), "startAt": start, "maxResults": size}

    def _search(self, call: Call) -> Any:
        asked = _QUERY.fullmatch(call.body["jql"])
        if asked is None:
            raise Refused(400, f"Error in the JQL Query: {call.body['jql']}")
        if asked["project"] != self.project:
            raise Refused(400, f"The value '{asked['project']}' does not exist for the field 'project'.")
        found = [one for one in self.issues if self._fits(one, asked)]
        order = asked["order"] or "created"
        found.sort(key=lambda one: (one["fields"][order], one["id"]), reverse=asked["way"] == "DESC")
        start, size = int(call.body.get("nextPageToken", "0")), min(call.body["maxResults"], 100)
        more = start + size < len(found)
        issues = [self._shown(one, call.body["fields"]) for one in found[start : start + size]]
        for issue, whole in zip(issues, found[start : start + size], strict=True):
            issue["properties"] = {name: whole["properties"].get(name) for name in call.body.get("properties", ())}
        return {"issues": issues, "isLast": not more, "nextPageToken": str(start + size) if more else None}

    def _fits(self, issue: dict[str, Any], asked: re.Match[str]) -> bool:
        fields = issue["fields"]
        if asked["words"] is not None and re.sub(r"\\(.)", r"\1", asked["words"]) not in fields["summary"]:
            return False
        if asked["filter"] and asked["filter"].removeprefix("labels = ") not in fields["labels"]:
            return False
        if asked["since"] is None:
            return True
        local = datetime.strptime(asked["since"], "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(self.zone))
        return datetime.fromisoformat(fields[asked["at"]]) >= local

    def _shown(self, issue: dict[str, Any], fields: list[str]) -> dict[str, Any]:
        shown = {name: issue["fields"].get(name) for name in fields}
        return {
            "id": issue["id"],
            "key": issue["key"],
            "self": f"{SITE}/rest/api/3/issue/{issue['id']}",
            "fields": shown,
        }

    def _found(self, call: Call) -> dict[str, Any]:
        key = call.arguments["issueIdOrKey"]
        issue = next((one for one in self.issues if one["key"] == key), None)
        if issue is None:
            raise Refused(404, "Issue does not exist or you do not have permission to see it.")
        return issue

    def _create(self, call: Call) -> Reply:
        fields = self._required(call.body["fields"])
        if fields.pop("project") != {"key": self.project}:
            raise Refused(400, "project: valid project is required")
        issue = self.open_issue(**fields)
        issue["properties"] = {one["key"]: one["value"] for one in call.body.get("properties", ())}
        return Reply(status=201, body={"id": issue["id"], "key": issue["key"], "self": f"{SITE}/{issue['id']}"})

    def _required(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Refuse what Jira's fields do not take."""
        if len(fields.get("summary") or "") > 255:
            raise Refused(400, "summary: Summary must be less than 255 characters.")
        if any(" " in label for label in fields.get("labels") or ()):
            raise Refused(400, "labels: The label contains spaces which is invalid.")
        self._require_document(fields.get("description"))
        return dict(fields)

    def _require_document(self, document: Any) -> None:
        told = json.dumps(document)
        if document is not None and told not in self._sound and not self._documents.is_valid(document):
            raise Refused(400, "Operation value must be an Atlassian Document.")
        self._sound.add(told)

    def _change(self, call: Call) -> Reply:
        issue = self._found(call)
        self.edit(issue, **self._required(call.body["fields"]))
        return Reply(status=204)

    def _delete(self, call: Call) -> Reply:
        self.issues.remove(self._found(call))
        return Reply(status=204)

    def _list_comments(self, call: Call) -> Any:
        there = [one for one in reversed(self.comments) if one["issue"] == self._found(call)["key"]]
        start, size = call.arguments.get("startAt", 0), call.arguments["maxResults"]
        part = [{"id": one["id"], "body": one["body"]} for one in there[start : start + size]]
        return {"comments": part, "startAt": start, "maxResults": size, "total": len(there)}

    def _comment(self, call: Call) -> Reply:
        issue = self._found(call)
        self._require_document(call.body["body"])
        properties = {one["key"]: one["value"] for one in call.body["properties"]}
        made = {"id": str(7_000 + len(self.comments)), "body": call.body["body"]}
        self.comments.append({**made, "issue": issue["key"], "properties": properties})
        return Reply(status=201, body=made)

    def _one_comment(self, identity: str) -> dict[str, Any]:
        found = next((one for one in self.comments if one["id"] == identity), None)
        if found is None:
            raise Refused(404, "Can not find a comment for the id.")
        return found

    def _show_comment(self, call: Call) -> Any:
        found = self._one_comment(call.arguments["id"])
        return {"id": found["id"], "body": found["body"]}

    def _delete_comment(self, call: Call) -> Reply:
        self.comments.remove(self._one_comment(call.arguments["id"]))
        return Reply(status=204)

    def _property(self, call: Call) -> Any:
        found, name = self._one_comment(call.arguments["commentId"]), call.arguments["propertyKey"]
        if name not in found["properties"]:
            raise Refused(404, "The property does not exist.")
        return {"key": name, "value": found["properties"][name]}

    def _transitions(self, call: Call) -> Any:
        ways = WORKFLOW[self._found(call)["fields"]["status"]["name"]]
        steps = [
            {"id": f"{at}1", "name": f"Go to {way}", "to": {"name": way, "id": "1"}} for at, way in enumerate(ways)
        ]
        return {"transitions": steps}

    def _move(self, call: Call) -> Reply:
        issue = self._found(call)
        way = WORKFLOW[issue["fields"]["status"]["name"]][int(call.body["transition"]["id"]) // 10]
        self.edit(issue, status={**issue["fields"]["status"], "name": way})
        return Reply(status=204)


def _error(_: int, message: str) -> dict[str, Any]:
    return {"errorMessages": [message], "errors": {}}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "+0000")
