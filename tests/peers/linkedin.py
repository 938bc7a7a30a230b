"""LinkedIn on loopback, after its documented shapes: a page's posts, notices and comments, in Rest.li's own writing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiohttp import web

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply, openapi_peer

PAGE, OTHER = "urn:li:organization:2414183", "urn:li:organization:77"
PERSON, ANN = "urn:li:person:yrZCpj2Z12", "urn:li:person:aNn4-_56"
POSTS, NOTICES = "/rest/posts", "/rest/organizationalEntityNotifications"
TOKENS = "/oauth/v2/accessToken"
LONGEST = 3000
_CODES = {400: "INVALID_VALUE_FOR_FIELD", 401: "INVALID_ACCESS_TOKEN", 403: "ACCESS_DENIED", 404: "NOT_FOUND"}
_WORD = r"(?:[\w.~-]|%[0-9A-Fa-f]{2})*"
_VALUE = re.compile(rf"{_WORD}|List\((?:{_WORD}(?:,{_WORD})*)?\)|\({_WORD}:{_WORD}(?:,{_WORD}:{_WORD})*\)")


class LinkedIn(OpenApiPeer):
    """`updates` were posted, `notices` tell of mentions and comments, `comments` are by id; `hidden` posts nobody sees.

    Texts are in LinkedIn's own format. `pages` are those that the person runs; versions before `oldest` are no more.
    """

    def __init__(self) -> None:
        super().__init__("linkedin", error=_error)
        self.open = {TOKENS}
        self.oldest = "202510"
        self.pages = {PAGE: "Patchdeck"}
        self.updates: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.comments: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self._newest = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        self._numbers = count(1)
        self.on("GET", POSTS)(self._listed)
        self.on("POST", POSTS)(self._create)
        self.on("GET", f"{POSTS}/{{id}}")(self._shown)
        self.on("DELETE", f"{POSTS}/{{id}}")(self._delete)
        self.on("GET", NOTICES)(self._noticed)
        self.on("GET", "/rest/socialActions/{thread}/comments/{id}")(self._comment)
        self.on("GET", "/rest/organizationAcls")(self._roles)
        self.on("GET", "/rest/organizations/{id}")(self._organisation)
        self.on("GET", "/v2/userinfo")(lambda _: {"sub": PERSON.rpartition(":")[2], "name": "Pat Deck"})
        self.on("POST", TOKENS)(self._tokens)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return sum(call.verb != "GET" for call in self.calls)

    def publish(self, text: str, author: str = PAGE, after: float = 1.0, **more: Any) -> dict[str, Any]:
        """Let somebody post, so many seconds after the newest thing."""
        at = self._moment(after)
        made: dict[str, Any] = {
            "id": f"urn:li:share:{(at << 22) + next(self._numbers)}",
            "author": author,
            "commentary": text,
            "createdAt": at,
            "publishedAt": at,
            "lastModifiedAt": at,
            "visibility": "PUBLIC",
            "lifecycleState": "PUBLISHED",
            "lifecycleStateInfo": {"isEditedByAuthor": False},
            "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []},
            "isReshareDisabledByAuthor": False,
        }
        made |= more
        self.updates.append(made)
        return made

    def edit(self, update: dict[str, Any], text: str) -> int:
        """Let a post be changed a second later; returns when."""
        update |= {"commentary": text, "lastModifiedAt": self._moment(1.0)}
        update["lifecycleStateInfo"] = {"isEditedByAuthor": True}
        return int(update["lastModifiedAt"])

    def mention(self, text: str, after: float = 1.0, by: str = ANN) -> dict[str, Any]:
        """Let somebody mention the page in a post of their own."""
        made = self.publish(text, by, after)
        self._notify("SHARE_MENTION", made["id"], made["id"], made["createdAt"])
        return made

    def comment(self, text: str, after: float = 1.0, by: str = ANN, **more: Any) -> dict[str, Any]:
        """Let somebody comment on a post of the page."""
        at, number, thread = self._moment(after), str(next(self._numbers) + 7_000), "activity:7094637247890620418"
        urn = f"urn:li:comment:(urn:li:{thread},{number})"
        stamp = {"actor": by, "time": at}
        made = {"id": number, "commentUrn": urn, "actor": by, "object": f"urn:li:{thread}", "message": {"text": text}}
        made |= {"created": stamp, "lastModified": stamp, **more}
        self.comments[number] = made
        action = "ADMIN_COMMENT" if by == PAGE else "COMMENT"
        self._notify(action, f"urn:li:comment:({thread},{number})", f"urn:li:{thread}", at)
        return made

    def _moment(self, after: float) -> int:
        moment = self._newest + timedelta(seconds=after)
        self._newest = max(self._newest, moment)
        return int(moment.timestamp() * 1000)

    def _notify(self, action: str, activity: str, source: str, at: int) -> None:
        told = {"notificationId": next(self._numbers), "organizationalEntity": PAGE, "action": action}
        self.notices.append(told | {"sourcePost": source, "generatedActivity": activity, "lastModifiedAt": at})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        version = request.headers.get("Linkedin-Version", self.oldest)
        if version < self.oldest:
            return self._refusal(426, f"Requested version {version}01 is not active")
        return await super()._answer(request)

    async def _understood(self, request: web.Request) -> Any:
        """Hold the address to Rest.li first: whatever stands for something in it is escaped everywhere else."""
        path, _, query = request.raw_path.partition("?")
        parts = [*path.split("/"), *(part for pair in query.split("&") for part in pair.split("=", 1)[:1])]
        values = [pair.partition("=")[2] for pair in query.split("&")]
        wrong = [one for one in parts if not re.fullmatch(_WORD, one)]
        wrong += [one for one in values if not _VALUE.fullmatch(one)]
        if wrong:
            raise Refused(400, f"Not in the writing of Rest.li 2.0: {wrong[0]}")
        return await super()._understood(request)

    def _listed(self, call: Call) -> Any:
        asked = call.arguments
        if asked["author"] not in self.pages:
            raise Refused(
                403, f"Not enough permissions to access: partnerApiPostsExternal.FINDER-author of {asked['author']}"
            )
        order = {"CREATED": "createdAt", "LAST_MODIFIED": "lastModifiedAt"}[asked.get("sortBy", "LAST_MODIFIED")]
        found = [
            one for one in self.updates if (one["author"], one["lifecycleState"]) == (asked["author"], "PUBLISHED")
        ]
        return _page(call, sorted(found, key=lambda one: int(one[order]), reverse=True))

    def _create(self, call: Call) -> Any:
        sent = call.body
        if sent["author"] not in {*self.pages, PERSON}:
            raise Refused(400, f"ERROR :: /author :: {sent['author']} does not exist")
        if len(sent["commentary"]) > LONGEST:
            raise Refused(400, "ERROR :: /commentary :: FIELD_LENGTH_TOO_LONG")
        said = ("author", "commentary", "content")
        same = (
            one["id"] for one in self.updates if [one.get(name) for name in said] == [sent.get(name) for name in said]
        )
        if (twin := next(same, None)) is not None:
            raise Refused(422, f"Content is a duplicate of {twin}")
        kept = {
            name: sent[name]
            for name in ("visibility", "distribution", "isReshareDisabledByAuthor", "content")
            if name in sent
        }
        made = self.publish("", sent["author"], **kept, commentary=sent["commentary"])
        return Reply(status=201, headers={"x-restli-id": made["id"]})

    def _shown(self, call: Call) -> Any:
        return self._update(call.arguments["id"])

    def _delete(self, call: Call) -> Any:
        """Delete a post; one that is gone already may be deleted again."""
        self.updates = [one for one in self.updates if one["id"] != call.arguments["id"]]
        return Reply(status=204)

    def _update(self, identity: str) -> dict[str, Any]:
        if identity in self.hidden:
            raise Refused(403, "Not enough permissions to access: partnerApiPostsExternal.GET")
        found = next((one for one in self.updates if one["id"] == identity), None)
        if found is None:
            raise Refused(404, "Post is not found")
        return found

    def _noticed(self, call: Call) -> Any:
        asked = call.arguments
        wanted = asked["actions"].removeprefix("List(").rstrip(")").split(",")
        found = [one for one in self.notices if one["action"] in wanted]
        if asked["organizationalEntity"] not in self.pages:
            raise Refused(403, "Not enough permissions to access: organizationalEntityNotifications.FINDER-criteria")
        if "timeRange" in asked:
            start, end = (int(number) for number in re.findall(r"\d+", asked["timeRange"]))
            if start >= end:
                raise Refused(400, "The range is empty")
            found = [one for one in found if start <= one["lastModifiedAt"] < end]
        return _page(call, sorted(found, key=lambda one: int(one["lastModifiedAt"]), reverse=True))

    def _comment(self, call: Call) -> Any:
        found = self.comments.get(call.arguments["id"])
        if found is None or found["object"] != call.arguments["thread"]:
            raise Refused(404, "Comment is not found")
        return found

    def _roles(self, call: Call) -> Any:
        roles = ("ADMINISTRATOR", "ANALYST")
        return _page(
            call,
            [
                {"organization": page, "roleAssignee": PERSON, "role": role, "state": "APPROVED"}
                for page in self.pages
                for role in roles
            ],
        )

    def _organisation(self, call: Call) -> Any:
        number = call.arguments["id"]
        name = self.pages.get(f"urn:li:organization:{number}")
        if name is None:
            raise Refused(404, "Organization is not found")
        return {"id": int(number), "localizedName": name, "vanityName": name.lower(), "primaryOrganizationType": "NONE"}

    def _tokens(self, call: Call) -> Any:
        """Hand out tokens as LinkedIn does: scopes with commas between them, and times beside them."""
        if call.body["client_secret"] != "s3cret" or call.body.get("code", "good") != "good":
            return Reply(status=401, body={"status": 401, "message": "Client authentication failed"})
        return {"access_token": "granted-token", "expires_in": 5_184_000, "scope": "openid,profile,w_member_social"}


def _page(call: Call, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Some of a list, as LinkedIn gives it: the next page is named, the number of all is not."""
    start, size = int(call.arguments.get("start", 0)), int(call.arguments.get("count", 10))
    links = [{"rel": "next", "type": "application/json", "href": f"{call.path}?start={start + size}&count={size}"}]
    more = start + size < len(found)
    return {"elements": found[start : start + size], "paging": {"start": start, "count": size, "links": links * more}}


def _error(status: int, message: str) -> dict[str, Any]:
    return {"status": status, "serviceErrorCode": 0, "code": _CODES.get(status, "ERROR"), "message": message}


@asynccontextmanager
async def linkedin_peer() -> AsyncIterator[LinkedIn]:
    """Serve it until the block ends; nothing may have been asked or answered otherwise than described."""
    peer = LinkedIn()
    async with openapi_peer(peer):
        yield peer
    assert peer.violations == []
