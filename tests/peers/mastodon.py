"""A Mastodon server on loopback, held to what its clients' types say of its API."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.peers.openapi import Call, OpenApiPeer, Refused, openapi_peer

NOBODY: dict[str, Any] = {"automatic": [], "manual": [], "current_user": "denied"}


class Mastodon:
    """The server; `api` has its calls and violations, `statuses` what was posted and `notices` what was said of it."""

    def __init__(self) -> None:
        self.api = OpenApiPeer("mastodon", error=lambda _, message: {"error": message})
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.me = self.account("7", "patchdeck")
        self.ann = self.account("8", "ann@example.social")
        self.statuses: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.gone: set[str] = set()
        self._keys: dict[str, str] = {}
        self._sources: dict[str, dict[str, str]] = {}
        self._numbers = count(1)
        self._register()

    def account(self, identity: str, name: str) -> dict[str, Any]:
        """Describe an account."""
        texts = dict.fromkeys(("note", "avatar", "avatar_static", "header", "header_static"), "")
        counts = dict.fromkeys(("statuses_count", "followers_count", "following_count"), 1)
        told: dict[str, Any] = {
            "id": identity,
            "username": name.partition("@")[0],
            "acct": name,
            "display_name": name.title(),
        }
        told |= {"url": f"https://example.social/@{name}", "locked": False, "bot": False, "group": False}
        told |= {"fields": [], "emojis": [], "roles": [], "feature_approval": NOBODY, "discoverable": True}
        told |= {"created_at": "2020-01-01T00:00:00.000Z", "last_status_at": "2026-01-01T00:00:00.000Z"}
        return told | texts | counts

    def post(self, text: str, author: dict[str, Any] | None = None, after: float = 1.0, **more: Any) -> dict[str, Any]:
        """Let somebody post, so many seconds after the newest post; ids are in the order of moments."""
        newest = max((one["created_at"] for one in self.statuses), default=self.began.isoformat())
        moment = datetime.fromisoformat(newest) + timedelta(seconds=after)
        identity = str((int(moment.timestamp() * 1000) << 16) + next(self._numbers))
        counts = {f"{one}_count": 1 for one in ("reblogs", "favourites", "replies", "quotes")}
        lists: dict[str, Any] = {one: [] for one in ("media_attachments", "mentions", "tags", "emojis")}
        made: dict[str, Any] = {
            "id": identity,
            "uri": f"https://example.social/statuses/{identity}",
            "url": f"https://example.social/@ann/{identity}",
            "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "edited_at": None,
            "account": author or self.ann,
            "content": markup(text),
            "visibility": "public",
            "sensitive": False,
            "spoiler_text": "",
            "application": {"name": "Web", "website": None},
            "quote_approval": NOBODY,
            "in_reply_to_id": None,
            "language": "en",
            "reblog": None,
        }
        made |= counts | lists | more
        self.statuses = sorted([*self.statuses, made], key=lambda one: int(one["id"]))
        self._sources[identity] = {"id": identity, "text": text, "spoiler_text": made["spoiler_text"]}
        if f"@{self.me['acct']}" in text:
            self._notice(made)
        return made

    def _notice(self, status: dict[str, Any]) -> None:
        told = {"id": status["id"][:-3], "type": "mention", "created_at": status["created_at"], "group_key": "one"}
        self.notices.append(told | {"account": status["account"], "status": status})
        self.notices.sort(key=lambda one: one["created_at"])

    def _register(self) -> None:
        operations: list[tuple[str, str, Callable[[Call], Any]]] = [
            ("GET", "/api/v1/timelines/tag/{hashtag}", self._tagged),
            ("GET", "/api/v1/timelines/home", lambda call: page(call, self.statuses)),
            ("GET", "/api/v1/timelines/public", lambda call: page(call, self.statuses)),
            ("GET", "/api/v1/accounts/{id}/statuses", self._by),
            ("GET", "/api/v1/accounts/lookup", self._looked_up),
            ("GET", "/api/v1/accounts/verify_credentials", self._own),
            ("GET", "/api/v1/notifications", self._noticed),
            ("GET", "/api/v1/statuses/{id}", lambda call: self._status(call.arguments["id"])),
            ("GET", "/api/v1/statuses/{id}/source", self._source),
            ("POST", "/api/v1/statuses", self._create),
            ("PUT", "/api/v1/statuses/{id}", self._change),
            ("DELETE", "/api/v1/statuses/{id}", self._delete),
        ]
        for verb, path, operation in operations:
            self.api.on(verb, path)(operation)

    def _tagged(self, call: Call) -> Any:
        tag = f"#{call.arguments['hashtag'].casefold()}"
        return page(call, [one for one in self.statuses if tag in html.unescape(one["content"]).casefold()])

    def _by(self, call: Call) -> Any:
        return page(call, [one for one in self.statuses if one["account"]["id"] == call.arguments["id"]])

    def _looked_up(self, call: Call) -> Any:
        found = next((one for one in (self.me, self.ann) if one["acct"] == call.arguments["acct"]), None)
        if found is None:
            raise Refused(404, "Record not found")
        return found

    def _own(self, _: Call) -> Any:
        source = {"note": "", "fields": [], "privacy": "public", "sensitive": False, "language": "en"}
        source |= {"follow_requests_count": 0, "hide_collections": False, "discoverable": True, "indexable": True}
        source |= {"attribution_domains": [], "quote_policy": "public"}
        role = {"id": "-99", "name": "", "color": "", "position": 0, "permissions": 65536, "highlighted": False}
        role |= {"created_at": "2020-01-01T00:00:00.000Z", "updated_at": "2020-01-01T00:00:00.000Z"}
        return self.me | {"source": source, "role": role}

    def _noticed(self, call: Call) -> Any:
        wanted = call.arguments.get("types")
        return page(call, [one for one in self.notices if wanted is None or one["type"] in wanted])

    def _status(self, identity: str) -> dict[str, Any]:
        found = next((one for one in self.statuses if one["id"] == identity), None)
        if found is None:
            raise Refused(404, "Record not found")
        return found

    def _source(self, call: Call) -> Any:
        return self._sources[self._status(call.arguments["id"])["id"]]

    def _create(self, call: Call) -> Any:
        """One post for a key, as Mastodon has it; an answer to what is gone, and an empty text, are refused."""
        key = call.request.headers["Idempotency-Key"]
        if key in self._keys:
            return self._status(self._keys[key])
        self._check(call.body["status"])
        if call.body.get("in_reply_to_id") in self.gone:
            raise Refused(404, "The post you are trying to reply to does not appear to exist.")
        told = {name: call.body[name] for name in ("visibility", "in_reply_to_id", "spoiler_text") if name in call.body}
        made = self.post(call.body["status"], self.me, **told)
        self._keys[key] = made["id"]
        return made

    def _change(self, call: Call) -> Any:
        status, text = self._status(call.arguments["id"]), call.body["status"]
        self._check(text)
        status |= {"content": markup(text), "spoiler_text": call.body["spoiler_text"]}
        status["edited_at"] = status["created_at"]
        self._sources[status["id"]] |= {"text": text, "spoiler_text": call.body["spoiler_text"]}
        return status

    def _check(self, text: str) -> None:
        if len(text) > 500:
            raise Refused(422, "Validation failed: Text character limit of 500 exceeded")

    def _delete(self, call: Call) -> Any:
        status = self._status(call.arguments["id"])
        self.statuses.remove(status)
        return status


def page(call: Call, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Newest first, before an id, as many as were asked for; a server gives 40 at most."""
    before = int(call.arguments.get("max_id", 2**70))
    return [one for one in reversed(found) if int(one["id"]) < before][: min(int(call.arguments.get("limit", 20)), 40)]


def markup(text: str) -> str:
    """Write text as Mastodon does: paragraphs, breaks, links in pieces, mentions without their server."""
    words = [f"<p>{part}</p>" for part in html.escape(text).replace("\n\n", "\0").split("\0")]
    return "".join(words).replace("\n", "<br />").replace("https://", '<span class="invisible">https://</span>')


@asynccontextmanager
async def mastodon_peer() -> AsyncIterator[Mastodon]:
    """Serve it until the block ends; nothing may have been asked or answered otherwise than described."""
    peer = Mastodon()
    async with openapi_peer(peer.api):
        yield peer
    assert peer.api.violations == []
