"""Bluesky on loopback, held to the official lexicons: an account, its records, search, feeds and notifications."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.peers.openapi import TOKEN, Call, OpenApiPeer, Refused, openapi_peer

XRPC = "/xrpc/"
POST = "app.bsky.feed.post"
CID = "bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
HANDLE, PASSWORD = "patchdeck.test", "app-pass-word-1234"
ME, ANN = "did:plc:me", "did:plc:ann"
PEOPLE = {
    ME: {"did": ME, "handle": HANDLE, "displayName": "Patch Deck"},
    ANN: {"did": ANN, "handle": "ann.test", "displayName": "Ann Bold"},
}


class Bluesky:
    """The network; `api` has its calls and violations, `posts` are views of what was posted, oldest first."""

    def __init__(self) -> None:
        self.api = OpenApiPeer("bluesky", error=_refusal)
        self.api.open = {f"{XRPC}com.atproto.server.createSession"}
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.posts: list[dict[str, Any]] = []
        self.sessions = 0
        self.token = TOKEN
        self._numbers = count(1)
        self._register()

    def post(self, text: str, author: str = ANN, after: float = 1.0, **more: Any) -> dict[str, Any]:
        """Let somebody post, so many seconds after the newest post; `more` goes into the view."""
        newest = max((one["indexedAt"] for one in self.posts), default=moment(self.began))
        at = moment(datetime.fromisoformat(newest) + timedelta(seconds=after))
        record = {"$type": POST, "text": text, "createdAt": at, "langs": ["en"]} | more.pop("record", {})
        return self._view(f"at://{author}/{POST}/{next(self._numbers):013d}", author, record, at, **more)

    def _view(self, uri: str, author: str, record: dict[str, Any], at: str, **more: Any) -> dict[str, Any]:
        made = {"uri": uri, "cid": CID, "author": PEOPLE[author], "record": record, "indexedAt": at}
        made |= {"replyCount": 1, "repostCount": 2, "likeCount": 3, "quoteCount": 4} | more
        schema = {"$ref": f"urn:description#/components/schemas/{POST}#main"}
        if wrong := self.api.schemas.wrong(schema, record):
            self.api.violations.append(f"RECORD {uri}: {wrong}")
        self.posts = sorted([*self.posts, made], key=lambda one: str(one["indexedAt"]))
        return made

    def _register(self) -> None:
        operations: list[tuple[str, str, Callable[[Call], Any]]] = [
            ("POST", "com.atproto.server.createSession", self._sign_in),
            ("GET", "app.bsky.feed.searchPosts", self._search),
            ("GET", "app.bsky.feed.getAuthorFeed", self._feed),
            ("GET", "app.bsky.feed.getPosts", self._found),
            ("GET", "app.bsky.notification.listNotifications", self._noticed),
            ("POST", "com.atproto.repo.createRecord", self._create),
            ("POST", "com.atproto.repo.deleteRecord", self._delete),
            ("GET", "com.atproto.repo.getRecord", self._record),
        ]
        for verb, method, operation in operations:
            self.api.on(verb, f"{XRPC}{method}")(operation)

    def _sign_in(self, call: Call) -> Any:
        if (call.body["identifier"], call.body["password"]) != (HANDLE, PASSWORD):
            raise Refused(401, "Invalid identifier or password")
        self.sessions += 1
        return {"did": ME, "handle": HANDLE, "accessJwt": self.token, "refreshJwt": "refresh", "active": True}

    def _search(self, call: Call) -> Any:
        words = call.arguments["q"].casefold()
        found, cursor = page(call, [one for one in self.posts if words in one["record"]["text"].casefold()])
        return {"posts": found} | cursor

    def _feed(self, call: Call) -> Any:
        """The account's posts, and what it repeated."""
        actor = call.arguments["actor"]
        theirs = [one for one in self.posts if actor in {one["author"]["did"], one["author"]["handle"]}]
        if not theirs and actor not in {one["handle"] for one in PEOPLE.values()}:
            raise Refused(400, "Profile not found")
        found, cursor = page(call, theirs)
        return {"feed": [{"post": one} | _reason(one) for one in found]} | cursor

    def _found(self, call: Call) -> Any:
        return {"posts": [one for one in self.posts if one["uri"] in call.arguments["uris"]]}

    def _noticed(self, call: Call) -> Any:
        named = [one for one in self.posts if f"@{HANDLE}" in one["record"]["text"]]
        found, cursor = page(call, named if "mention" in call.arguments.get("reasons", ["mention"]) else [])
        notices = [
            {name: one[name] for name in ("uri", "cid", "author", "record", "indexedAt")}
            | {"reason": "mention", "isRead": False}
            for one in found
        ]
        return {"notifications": notices} | cursor

    def _create(self, call: Call) -> Any:
        """Take a post once under its key; what is too long or breaks the lexicon is refused as the server does."""
        body, record = call.body, call.body["record"]
        if len(record["text"]) > 300:
            raise Refused(400, "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes")
        uri = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        if any(one["uri"] == uri for one in self.posts):
            raise Refused(400, "Record already exists")
        newest = max((one["indexedAt"] for one in self.posts), default="")
        made = self._view(uri, body["repo"], record, max(record["createdAt"], newest))
        return {"uri": made["uri"], "cid": CID, "validationStatus": "valid"}

    def _delete(self, call: Call) -> Any:
        uri = f"at://{call.body['repo']}/{call.body['collection']}/{call.body['rkey']}"
        self.posts = [one for one in self.posts if one["uri"] != uri]
        return {}

    def _record(self, call: Call) -> Any:
        uri = f"at://{call.arguments['repo']}/{call.arguments['collection']}/{call.arguments['rkey']}"
        found = next((one for one in self.posts if one["uri"] == uri), None)
        if found is None:
            raise Refused(400, f"Could not locate record: {uri}")
        return {"uri": uri, "cid": CID, "value": found["record"]}


def moment(at: datetime) -> str:
    """Write a moment as the protocol does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def page(call: Call, found: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Newest first, from a cursor on, as many as were asked for, and where the older ones are."""
    start, most = int(call.arguments.get("cursor", 0)), int(call.arguments.get("limit", 50))
    ordered = list(reversed(found))
    more = {"cursor": str(start + most)} if start + most < len(ordered) else {}
    return ordered[start : start + most], more


def _reason(post: dict[str, Any]) -> dict[str, Any]:
    if "repeated" not in post:
        return {}
    told = {"$type": "app.bsky.feed.defs#reasonRepost", "by": PEOPLE[ANN], "indexedAt": post["repeated"]}
    return {"reason": told}


def _refusal(status: int, message: str) -> dict[str, str]:
    error = {400: "InvalidRequest", 401: "ExpiredToken", 429: "RateLimitExceeded"}.get(status, "InternalServerError")
    return {"error": error, "message": message}


@asynccontextmanager
async def bluesky_peer() -> AsyncIterator[Bluesky]:
    """Serve it until the block ends; nothing may have been asked or answered otherwise than described."""
    peer = Bluesky()
    async with openapi_peer(peer.api):
        yield peer
    assert peer.api.violations == []
