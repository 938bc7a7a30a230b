"""X on loopback, held to its own OpenAPI description: accounts that post, search, mentions, the filtered stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from aiohttp import web

from tests.peers.openapi import Call, OpenApiPeer, Refused, Reply, openapi_peer

EPOCH = 1_288_834_974_657
ME = {"id": "7", "name": "Patch Deck", "username": "patchdeck"}
ANN = {"id": "8", "name": "Ann Bold", "username": "ann"}
EMPTY = {"meta": {"result_count": 0}}


def identity(moment: datetime, number: int = 0) -> str:
    """Return an id as X makes them, out of a moment."""
    return str(((int(moment.timestamp() * 1000) - EPOCH) << 22) + number)


class X:
    """The network; `api` is the service with its calls and violations, `tweets` what was posted, oldest first."""

    def __init__(self) -> None:
        self.api = OpenApiPeer("x", error=problem)
        self.tweets: list[dict[str, Any]] = []
        self.rules: list[dict[str, str]] = []
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.listening = 0
        self.gone: set[str] = set()
        self._line: dict[str, Any] | None = None
        self._numbers = count(1)
        self._news = asyncio.Condition()
        self._register()

    def post(self, text: str, author: dict[str, str] = ANN, after: float = 1.0, **more: Any) -> str:
        """Let somebody post, so many seconds after the newest post (before it when negative); returns the id."""
        newest = max((one["created_at"] for one in self.tweets), default=self.began.isoformat())
        moment = datetime.fromisoformat(newest) + timedelta(seconds=after)
        made = {
            "id": identity(moment, next(self._numbers)),
            "text": text,
            "author_id": author["id"],
            "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "lang": "en",
            "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3, "impression_count": 40},
        }
        made |= {"edit_history_tweet_ids": [made["id"]], "conversation_id": made["id"]} | more
        self.tweets = sorted([*self.tweets, made], key=lambda one: int(one["id"]))
        return str(made["id"])

    async def heard(self) -> None:
        """Wait until somebody listens to the stream."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: self.listening > 0)

    async def tell(self, rule: str) -> None:
        """Send the newest post over the open streams as a match of a rule."""
        async with self._news:
            self._line = {"data": self.tweets[-1], "matching_rules": [{"id": rule, "tag": "patchdeck"}]}
            self._news.notify_all()

    def _register(self) -> None:
        operations: list[tuple[str, str, Callable[[Call], Any]]] = [
            ("GET", "/2/tweets/search/recent", self._search),
            ("GET", "/2/users/{id}/mentions", self._mentions),
            ("GET", "/2/users/{id}/tweets", self._own),
            ("GET", "/2/users/me", lambda _: {"data": ME}),
            ("GET", "/2/users/by/username/{username}", self._user),
            ("POST", "/2/tweets", self._create),
            ("DELETE", "/2/tweets/{id}", self._delete),
            ("GET", "/2/tweets/search/stream/rules", self._listed_rules),
            ("POST", "/2/tweets/search/stream/rules", self._add_rules),
            ("GET", "/2/tweets/search/stream", self._stream),
        ]
        for verb, path, operation in operations:
            self.api.on(verb, path)(operation)

    def _search(self, call: Call) -> Any:
        words = call.arguments["query"].partition(" ")[0].strip("()").casefold()
        return self._page(call, [one for one in self.tweets if words in one["text"].casefold()])

    def _mentions(self, call: Call) -> Any:
        name = next(one["username"] for one in (ME, ANN) if one["id"] == call.arguments["id"])
        return self._page(call, [one for one in self.tweets if f"@{name}" in one["text"]])

    def _own(self, call: Call) -> Any:
        return self._page(call, [one for one in self.tweets if one["author_id"] == call.arguments["id"]])

    def _page(self, call: Call, found: list[dict[str, Any]]) -> Any:
        """Newest first, between two ids, as many as were asked for, with the fields that were asked for."""
        given = call.arguments
        after, before = int(given.get("since_id", 0)), int(given.get("until_id", 2**63))
        fitting = [one for one in reversed(found) if after < int(one["id"]) < before]
        page = fitting[: given["max_results"]]
        if not page:
            return EMPTY
        fields = {"id", "text", "edit_history_tweet_ids", *given.get("tweet.fields", ())}
        answer: dict[str, Any] = {
            "data": [{name: one[name] for name in one if name in fields} for one in page],
            "meta": {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"], "result_count": len(page)},
        }
        if len(fitting) > len(page):
            answer["meta"]["next_token"] = "b26v89c19zqg8o3f"
        if "author_id" in given.get("expansions", ()):
            answer["includes"] = {"users": [ME, ANN]}
        if shown := [one for tweet in page for one in tweet.get("_media", ())]:
            answer.setdefault("includes", {})["media"] = shown
        return answer

    def _user(self, call: Call) -> Any:
        found = next((one for one in (ME, ANN) if one["username"] == call.arguments["username"]), None)
        if found is not None or call.arguments["username"] == "XDevelopers":
            return {"data": found or {"id": "9", "name": "Developers", "username": "XDevelopers"}}
        kind = "https://api.twitter.com/2/problems/resource-not-found"
        said = f"Could not find user with username: [{call.arguments['username']}]."
        told = {"title": "Not Found Error", "detail": said, "type": kind, "resource_type": "user"}
        return {"errors": [told | {"parameter": "username", "value": "x", "resource_id": "x"}]}

    def _create(self, call: Call) -> Any:
        text, reply = call.body["text"], call.body.get("reply", {}).get("in_reply_to_tweet_id")
        if any(one["text"] == text for one in self.tweets):
            raise Refused(403, "You are not allowed to create a Tweet with duplicate content.")
        if reply in self.gone:
            raise Refused(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        answers: dict[str, Any] = {"referenced_tweets": [{"type": "replied_to", "id": reply}]} if reply else {}
        made = self.post(text, ME, **answers)
        return Reply(status=201, body={"data": {"id": made, "text": text}})

    def _delete(self, call: Call) -> Any:
        before = len(self.tweets)
        self.tweets = [one for one in self.tweets if one["id"] != call.arguments["id"]]
        return {"data": {"deleted": len(self.tweets) < before}}

    def _listed_rules(self, _: Call) -> Any:
        return {"data": self.rules, "meta": {"sent": "2026-11-20T12:00:00.000Z"}}

    def _add_rules(self, call: Call) -> Any:
        made = [{"id": str(len(self.rules) + number), **one} for number, one in enumerate(call.body["add"], 1)]
        self.rules += made
        summary = {"created": len(made), "not_created": 0, "valid": len(made), "invalid": 0}
        return {"data": made, "meta": {"sent": "2026-11-20T12:00:00.000Z", "summary": summary}}

    async def _stream(self, call: Call) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(call.request)
        await response.write(b"\r\n")
        async with self._news:
            self.listening += 1
            self._news.notify_all()
            while True:
                await self._news.wait()
                if self._line is None:
                    continue
                schema = {"$ref": "urn:description#/components/schemas/FilteredStreamingTweetResponse"}
                if wrong := self.api.schemas.wrong(schema, self._line):
                    self.api.violations.append(f"STREAM: {wrong}")
                await response.write(json.dumps(self._line).encode() + b"\r\n")


def problem(status: int, message: str) -> dict[str, Any]:
    """Say what is wrong as X does."""
    return {"title": "Refused", "type": "about:blank", "detail": message, "status": status}


@asynccontextmanager
async def x_peer() -> AsyncIterator[X]:
    """Serve it until the block ends; nothing may have been asked or answered otherwise than described."""
    peer = X()
    async with openapi_peer(peer.api):
        yield peer
    assert peer.api.violations == []
