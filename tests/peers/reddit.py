"""Reddit on loopback, held to Reddit's own protocol files: subreddits with posts, and a search."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.peers.openapi import Call, OpenApiPeer, Refused, openapi_peer

NEW, SEARCH = "/r/{subreddit}/new.json", "/r/{subreddit}/search.json"


class Reddit:
    """The service; `api` has its calls and violations, `posts` are in the order in which they were written."""

    def __init__(self) -> None:
        self.api = OpenApiPeer("reddit", error=lambda status, message: {"message": message, "error": status})
        self.began = int(datetime.now(UTC).timestamp())
        self.posts: list[dict[str, Any]] = []
        self._numbers = count(1)
        self.api.on("GET", NEW)(lambda call: self._listing(call, ""))
        self.api.on("GET", SEARCH)(lambda call: self._listing(call, call.arguments["q"].casefold()))

    def post(self, title: str, after: int = 1, **more: Any) -> str:
        """Let somebody post, so many seconds after the newest post; returns its name."""
        newest = max((one["created_utc"] for one in self.posts), default=self.began)
        name = f"t3_{next(self._numbers):06d}"
        place = f"/r/selfhosted/comments/{name[3:]}/"
        made = {
            "name": name,
            "id": name[3:],
            "created_utc": newest + after,
            "permalink": place,
            "url": f"https://www.reddit.com{place}",
            "author": "ann",
            "author_fullname": "t2_ann",
            "title": title,
            "selftext": "Some &amp; more",
            "subreddit": "selfhosted",
            "score": 5,
            "num_comments": 2,
        }
        self.posts = sorted([*self.posts, made | more], key=lambda one: int(one["created_utc"]))
        return name

    def _listing(self, call: Call, words: str) -> Any:
        """The newest first, after a name, as many as were asked for."""
        if call.arguments["subreddit"] == "secret":
            raise Refused(404, "Not Found")
        ordered = [one for one in reversed(self.posts) if words in one["title"].casefold()]
        names = [one["name"] for one in ordered]
        start = names.index(call.arguments["after"]) + 1 if call.arguments.get("after") else 0
        page = ordered[start : start + call.arguments["limit"]]
        more = start + len(page) < len(ordered)
        children = [{"kind": "t3", "data": one} for one in page]
        following = page[-1]["name"] if more else None
        return {"kind": "Listing", "data": {"children": children, "after": following, "dist": len(page)}}


@asynccontextmanager
async def reddit_peer() -> AsyncIterator[Reddit]:
    """Serve it until the block ends; nothing may have been asked or answered otherwise than described."""
    peer = Reddit()
    async with openapi_peer(peer.api):
        yield peer
    assert peer.api.violations == []
