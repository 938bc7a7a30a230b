"""A repository at GitHub: held to GitHub's own OpenAPI description, with its Link headers and ETags."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply
from tests.peers.openapi_samples import sample

REPOSITORY = "example/shop"
_ISSUES = "/repos/{owner}/{repo}/issues"
_PHRASE = re.compile(r'"([^"]*)"')


class GitHubPeer(OpenApiPeer):
    """`issues` and `releases` in the order in which they were made; a clock that stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__("github", error=lambda _, message: {"message": message, "documentation_url": "https://x"})
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.releases: list[dict[str, Any]] = []
        self.repository = REPOSITORY
        # Now, as targets ask for what is newer than their own try
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.unchanged = 0
        self.on("GET", "/user")(lambda _: sample(self.schemas, "private-user") | {"login": "octocat"})
        self.on("GET", "/user/repos")(lambda call: self._paged(call, [self._repository()]))
        self.on("GET", _ISSUES)(self._list)
        self.on("POST", _ISSUES)(self._create)
        self.on("GET", f"{_ISSUES}/{{issue_number}}")(self._issue)
        self.on("PATCH", f"{_ISSUES}/{{issue_number}}")(self._change)
        self.on("GET", f"{_ISSUES}/{{issue_number}}/comments")(self._list_comments)
        self.on("POST", f"{_ISSUES}/{{issue_number}}/comments")(self._comment)
        self.on("GET", f"{_ISSUES}/comments/{{comment_id}}")(self._one_comment)
        self.on("DELETE", f"{_ISSUES}/comments/{{comment_id}}")(self._delete_comment)
        self.on("GET", "/repos/{owner}/{repo}/releases")(self._list_releases)
        self.on("GET", "/search/issues")(self._search)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb != "GET" for call in self.calls)

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    def open_issue(self, title: str, **given: Any) -> dict[str, Any]:
        """Open an issue beside the connector."""
        number = len(self.issues) + 1
        url = f"https://api.github.com/repos/{self.repository}/issues/{number}"
        issue = sample(self.schemas, "issue") | {
            "id": 3_000_000_000 + number,
            "number": number,
            "title": title,
            "body": "",
            "state": "open",
            "state_reason": None,
            "url": url,
            "html_url": f"https://github.com/{self.repository}/issues/{number}",
            "user": self.person("octocat"),
            "assignees": [],
            "author_association": "OWNER",
            "created_at": _text(self.now),
            "updated_at": _text(self.now),
            **given,
        }
        self.issues.append(issue)
        return issue

    def edit(self, issue: dict[str, Any], **given: Any) -> None:
        """Change an issue beside the connector."""
        issue |= {**given, "updated_at": _text(self.now)}

    def publish(self, tag: str, **given: Any) -> dict[str, Any]:
        """Publish a release; those made later stand before those made earlier."""
        number = 5_000_000_000 + len(self.releases)
        release = sample(self.schemas, "release") | {
            "id": number,
            "tag_name": tag,
            "name": f"Version {tag}",
            "body": "What is new",
            "html_url": f"https://github.com/{self.repository}/releases/{tag}",
            "author": self.person("octocat"),
            "created_at": _text(self.now),
            "published_at": _text(self.now),
            **given,
        }
        self.releases.append(release)
        return release

    def person(self, login: str) -> dict[str, Any]:
        """Return an account as GitHub shows it."""
        return sample(self.schemas, "simple-user") | {"login": login}

    def _given(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what a request sets, as an issue shows it."""
        given = dict(body)
        if "labels" in given:
            given["labels"] = [{"name": name} for name in given["labels"]]
        if "assignees" in given:
            given["assignees"] = [self.person(name) for name in given["assignees"]]
        return given

    def _repository(self) -> dict[str, Any]:
        owner, _, name = self.repository.partition("/")
        told = {"name": name, "full_name": self.repository, "owner": self.person(owner)}
        return sample(self.schemas, "repository") | told

    def _there(self, call: Call) -> None:
        if f"{call.arguments['owner']}/{call.arguments['repo']}" != self.repository:
            raise Refused(404, "Not Found")

    def _paged(self, call: Call, found: list[Any], body: Any = None) -> Reply | web.Response:
        """Answer with a page and the address of the next; nothing when the asker has just this already."""
        size, page = call.arguments.get("per_page", 30), call.arguments.get("page", 1)
        part = found[(page - 1) * size : page * size]
        tag = f'W/"{hashlib.sha256(msgspec.json.encode([part, len(found)])).hexdigest()}"'
        if call.request.headers.get("If-None-Match") == tag:
            self.unchanged += 1
            # Documented for the whole API ("Use conditional requests"), not with each operation
            return web.Response(status=304, headers={"ETag": tag})
        headers = {"ETag": tag}
        if page * size < len(found):
            following = f"{self.base}{call.request.rel_url.update_query({'page': str(page + 1)})}"
            headers["Link"] = f'<{following}>; rel="next", <{following}>; rel="last"'
        return Reply(body=part if body is None else {**body, "items": part}, headers=headers)

    def _list(self, call: Call) -> Reply | web.Response:
        self._there(call)
        asked = call.arguments
        found = [one for one in self.issues if one["updated_at"] >= asked.get("since", "")]
        found = [one for one in found if asked.get("state", "open") in {"all", one["state"]}]
        at = f"{asked.get('sort', 'created')}_at"
        found.sort(key=lambda one: (one[at], one["id"]), reverse=asked.get("direction", "desc") == "desc")
        return self._paged(call, found)

    def _found(self, call: Call) -> dict[str, Any]:
        self._there(call)
        issue = next((one for one in self.issues if one["number"] == call.arguments["issue_number"]), None)
        if issue is None:
            raise Refused(404, "Not Found")
        return issue

    def _issue(self, call: Call) -> Any:
        return self._found(call)

    def _create(self, call: Call) -> Reply:
        self._there(call)
        _require(call.body)
        return Reply(status=201, body=self.open_issue(**self._given(call.body)))

    def _change(self, call: Call) -> Any:
        issue = self._found(call)
        _require(call.body)
        self.edit(issue, **self._given(call.body))
        issue["closed_at"] = None if issue["state"] == "open" else _text(self.now)
        issue["state_reason"] = None if issue["state"] == "open" else issue["state_reason"]
        return issue

    def _list_comments(self, call: Call) -> Reply | web.Response:
        issue, since = self._found(call), call.arguments.get("since", "")
        there = [one for one in self.comments if one["issue_url"] == issue["url"] and one["updated_at"] >= since]
        return self._paged(call, there)

    def _comment(self, call: Call) -> Reply:
        issue = self._found(call)
        _require(call.body)
        number = 7_000_000_000 + len(self.comments)
        made = sample(self.schemas, "issue-comment") | {
            "id": number,
            "issue_url": issue["url"],
            "html_url": f"{issue['html_url']}#issuecomment-{number}",
            "body": call.body["body"],
            "user": self.person("octocat"),
            "created_at": _text(self.now),
            "updated_at": _text(self.now),
        }
        self.comments.append(made)
        self.edit(issue, comments=issue["comments"] + 1)
        return Reply(status=201, body=made)

    def _one_comment(self, call: Call) -> Any:
        self._there(call)
        found = next((one for one in self.comments if one["id"] == call.arguments["comment_id"]), None)
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def _delete_comment(self, call: Call) -> Reply:
        self.comments.remove(self._one_comment(call))
        return Reply(status=204)

    def _list_releases(self, call: Call) -> Reply | web.Response:
        self._there(call)
        return self._paged(call, sorted(self.releases, key=lambda one: (one["created_at"], one["id"]), reverse=True))

    def _search(self, call: Call) -> Reply | web.Response:
        query = call.arguments["q"]
        if f"repo:{self.repository} " not in query:
            raise Refused(422, "Validation Failed")
        phrase = _PHRASE.findall(query)[0].casefold()
        found = [one | {"score": 1.0} for one in self.issues if phrase in f"{one['title']} {one['body']}".casefold()]
        found = [one for one in found if ("pull_request" in one) == ("is:pull-request" in query)]
        state = next((one for one in ("open", "closed") if f"is:{one}" in query), None)
        found = [one for one in found if state in {None, one["state"]}]
        return self._paged(
            call, found, {"total_count": len(found), "incomplete_results": False, "search_type": "lexical"}
        )


def _require(body: dict[str, Any]) -> None:
    if len(body.get("title") or "") > 256:
        raise Refused(422, "Validation Failed: title is too long (maximum is 256 characters)")
    if len(body.get("body") or "") > 65_536:
        raise Refused(422, "Validation Failed: body is too long (maximum is 65536 characters)")


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
