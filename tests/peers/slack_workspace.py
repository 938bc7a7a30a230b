"""A Slack workspace on loopback that remembers: channels with messages, files and reactions, over the Web API.

Arguments must fit the methods of Slack's own SDK, in the encoding and with the verb that it uses, and blocks its Block
Kit models; answers must fit Slack's published OpenAPI description. What does not is written to `violations`.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from tests.peers.faults import Faults
from tests.peers.openapi import DESCRIPTIONS
from tests.peers.openapi_schemas import Schemas
from tests.peers.slack_checks import blocks_of, misfits
from tests.peers.slack_shapes import channel_shape, of_today, person_shape, value_of

TOKEN, GENERAL, APP = "xoxb-7-workspace-token", "C00GENERAL", "U00000APP"
BEGUN = 1_763_700_000
_READS = re.compile(r"http_verb=\"GET\"")
_JSON = re.compile(r"\", json=")


class RefusedError(Exception):
    """Ends a call with one of Slack's codes."""


class SlackWorkspace:
    """`messages` are those of each channel, oldest first; `writes` counts calls that change something."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens = {TOKEN}
        self.scopes_missing: dict[str, str] = {}
        self.channels = {GENERAL: "general", "C00SECRET": "secret"}
        self.member_of = {GENERAL}
        self.messages: dict[str, list[dict[str, Any]]] = {GENERAL: []}
        self.replies: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.announced: dict[str, str] = {}
        self.people = [person_shape("U00000ANN", "ann", "Ann Example"), person_shape("U00000BOB", "bob", "Bob Example")]
        self.hides_files = False
        self.violations: list[str] = []
        self.writes = 0
        self.faults = Faults(lambda status, message: {"ok": False, "error": message})
        self._numbers = count(1)
        self._schemas = Schemas(of_today(json.loads((DESCRIPTIONS / "slack.json").read_bytes())))

    # What people do ------------------------------------------------------------------------------------------------

    def say(self, text: str, *, thread: str = "", at: float | None = None, channel: str = GENERAL, **more: Any) -> str:
        """Write a message and return its ts."""
        number = next(self._numbers)
        ts = f"{at:.6f}" if at else f"{BEGUN + number}.000000"
        said = {"type": "message", "user": "U00000ANN", "text": text, "ts": ts, "team": "T0000TEAM", **more}
        if not thread:
            self.messages[channel].append(said)
            self.messages[channel].sort(key=lambda one: float(one["ts"]))
            return ts
        self.replies.setdefault(thread, []).append({**said, "thread_ts": thread})
        parent = next(one for one in self.messages[GENERAL] if one["ts"] == thread)
        parent |= {"thread_ts": thread, "reply_count": len(self.replies[thread]), "latest_reply": ts}
        return ts

    def share(self, name: str, content: bytes, *, created: int | None = None, **more: Any) -> str:
        """Share a file and return its id."""
        number = next(self._numbers)
        identity = f"F{number:08d}"
        self.contents[identity] = content
        self.files[identity] = {
            "id": identity, "name": name, "title": name, "mimetype": "application/pdf", "size": len(content),
            "created": created or BEGUN + number, "user": "U00000ANN", "mode": "hosted", "channels": [GENERAL],
            "url_private": f"{self.url}/files-pri/{identity}/{name}", "permalink": f"{self.url}/files/{identity}",
        } | more  # fmt: skip
        return identity

    def react(self, ts: str, name: str, user: str) -> None:
        """Add a reaction."""
        reactions = self._message(GENERAL, ts).setdefault("reactions", [])
        known = next((one for one in reactions if one["name"] == name), None)
        if known is None:
            reactions.append(known := {"name": name, "users": [], "count": 0})
        known["users"].append(user)
        known["count"] += 1

    # The Web API ---------------------------------------------------------------------------------------------------

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Serve one call, or fail as told."""
        return await self.faults.answer(request, self._call)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        known = getattr(AsyncWebClient, name.replace(".", "_"))
        as_json = request.content_type == "application/json"
        body = {} if as_json else {key: str(value) for key, value in (await request.post()).items()}
        given = await request.json() if as_json else {**request.query, **body}
        given = given if as_json else {key: value_of(value) for key, value in given.items()}
        self.violations += [f"{name}: {one}" for one in self._misfits(name, known, given, request)]
        try:
            self._authorize(name, request)
            answer = {"ok": True} | self._handler(name)(given)
        except RefusedError as refused:
            code = str(refused)
            needed = {"needed": self.scopes_missing[name], "provided": "x"} if code == "missing_scope" else {}
            return web.json_response({"ok": False, "error": code} | needed)
        self._check(name, request.method, answer)
        return web.json_response(answer)

    def _misfits(self, name: str, known: Any, given: dict[str, Any], request: web.Request) -> list[str]:
        source = inspect.getsource(known)
        verb = "GET" if _READS.search(source) else "POST"
        as_json = request.content_type == "application/json"
        found = misfits(name, known, given, as_json=as_json)
        found += [f"{request.method} where the SDK says {verb}"] if request.method != verb else []
        found += ["JSON where the SDK sends a form, or the other way round"] * (as_json != bool(_JSON.search(source)))
        return found + blocks_of(given.get("blocks", []))

    def _check(self, name: str, verb: str, answer: dict[str, Any]) -> None:
        described = self._schemas.document["paths"].get(f"/{name}", {}).get(verb.lower())
        content = described["responses"]["200"].get("content", {}) if described else {}
        for schema in (kind["schema"] for kind in content.values()):
            wrong = self._schemas.wrong(schema, answer)
            self.violations += [f"ANSWER {name}: {wrong}"] if wrong else []

    def _authorize(self, name: str, request: web.Request) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise RefusedError("invalid_auth")
        if name in self.scopes_missing:
            raise RefusedError("missing_scope")

    def _handler(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        handler: Callable[[dict[str, Any]], dict[str, Any]] = getattr(self, f"_{name.replace('.', '_')}")
        return handler

    def _auth_test(self, _: Any) -> dict[str, Any]:
        return {"url": "https://t.slack.com/", "team": "T", "user": "app", "team_id": "T0000TEAM", "user_id": APP}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._page(self._in(given["channel"])[::-1], given)

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        parent = self._message(given["channel"], given["ts"])
        page = self._page(self.replies.get(given["ts"], []), given)
        return page | {"messages": [parent, *page["messages"]] if "cursor" not in given else page["messages"]}

    def _conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [channel_shape(one, name, one in self.member_of) for one, name in self.channels.items()]
        return {"channels": found, "response_metadata": {"next_cursor": ""}}

    def _conversations_info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["channel"] not in self.channels:
            raise RefusedError("channel_not_found")
        return {"channel": channel_shape(given["channel"], self.channels[given["channel"]], member=True)}

    def _conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = given["users"].replace("U", "D", 1)
        self.messages.setdefault(channel, [])
        self.member_of.add(channel)
        return {"channel": {"id": channel}}

    def _users_list(self, _: Any) -> dict[str, Any]:
        return {"members": self.people, "cache_ts": 1, "response_metadata": {"next_cursor": ""}}

    def _users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._user(lambda one: one["id"] == given["user"], "user_not_found")

    def _users_lookupByEmail(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        return self._user(lambda one: one["profile"]["email"] == given["email"], "users_not_found")

    def _files_list(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [one for one in self.files.values() if one["created"] >= float(given.get("ts_from", 0))]
        found.sort(key=lambda one: -one["created"])
        size, page = int(given["count"]), int(given["page"])
        pages = max(1, -(-len(found) // size))
        paging = {"count": size, "total": len(found), "page": page, "pages": pages}
        return {"files": found[(page - 1) * size : page * size], "paging": paging}

    def _files_info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["file"] not in self.files:
            raise RefusedError("file_not_found")
        return {"file": self.files[given["file"]], "comments": []}

    def _files_getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        identity = f"F{next(self._numbers):08d}"
        self.announced[identity] = given["filename"]
        return {"upload_url": f"{self.url}/upload/{identity}", "file_id": identity}

    def _files_completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        self.writes += 1
        self._in(given["channel_id"])
        for one in given["files"]:
            held, name = self.contents.pop(one["id"]), self.announced.pop(one["id"])
            self.share(name, held, id=one["id"], title=one["title"], channels=[given["channel_id"]])
            kept = next(known for known, file in self.files.items() if file["id"] == one["id"])
            self.files[one["id"]] = self.files.pop(kept)
            self.contents[one["id"]] = self.contents.pop(kept)
        return {"files": [{"id": one["id"], "title": one["title"]} for one in given["files"]]}

    def _files_delete(self, given: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        if self.files.pop(given["file"], None) is None:
            raise RefusedError("file_not_found")
        return {}

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        self.writes += 1
        channel = given["channel"]
        if channel.startswith("U"):
            channel = self._conversations_open({"users": channel})["channel"]["id"]
        channel = next((one for one, name in self.channels.items() if channel == f"#{name}"), channel)
        self._in(channel)
        if len(given.get("text", "")) > 40_000:
            raise RefusedError("msg_too_long")
        said = {name: given[name] for name in ("blocks", "metadata") if name in given}
        if "thread_ts" in given and "#" not in channel:
            ts = self.say(given["text"], thread=given["thread_ts"], user=APP, bot_id="B00000APP", **said)
        else:
            ts = self.say(given["text"], channel=channel, user=APP, bot_id="B00000APP", **said)
        message = {
            "type": "message",
            "user": APP,
            "text": given["text"],
            "ts": ts,
            "team": "T0000TEAM",
            "bot_id": "B00000APP",
        }
        return {"channel": channel, "ts": ts, "message": message}

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        found = self._message(given["channel"], given["ts"])
        if found["user"] != APP:
            raise RefusedError("cant_update_message")
        found |= {name: given[name] for name in ("text", "blocks", "metadata") if name in given}
        message = {"type": "message", "user": APP, "text": given["text"], "team": "T0000TEAM", "bot_id": "B00000APP"}
        return {"channel": given["channel"], "ts": given["ts"], "text": given["text"], "message": message}

    def _chat_delete(self, given: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        found = self._message(given["channel"], given["ts"])
        for held in (self.messages[given["channel"]], *self.replies.values()):
            held[:] = [one for one in held if one is not found]
        return {"channel": given["channel"], "ts": given["ts"]}

    def _reactions_get(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"type": "message", "message": self._message(given["channel"], given["timestamp"])}

    def _reactions_add(self, given: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        self._message(given["channel"], given["timestamp"])
        if given["name"] == "no_such_emoji":
            raise RefusedError("invalid_name")
        self.react(given["timestamp"], given["name"], APP)
        return {}

    def _reactions_remove(self, given: dict[str, Any]) -> dict[str, Any]:
        self.writes += 1
        found = self._message(given["channel"], given["timestamp"])
        found["reactions"] = [one for one in found["reactions"] if one["name"] != given["name"]]
        if not found["reactions"]:
            del found["reactions"]
        return {}

    # Pieces --------------------------------------------------------------------------------------------------------

    def _in(self, channel: str) -> list[dict[str, Any]]:
        if channel not in self.messages and channel not in self.channels:
            raise RefusedError("channel_not_found")
        if channel not in self.member_of:
            raise RefusedError("not_in_channel")
        return self.messages[channel]

    def _message(self, channel: str, ts: str) -> dict[str, Any]:
        held = [*self._in(channel), *(one for thread in self.replies.values() for one in thread)]
        found = next((one for one in held if one["ts"] == ts), None)
        if found is None:
            raise RefusedError("message_not_found")
        return found

    def _page(self, found: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
        """Cut a page out of a list, between its bounds."""
        low, high = float(given.get("oldest", 0)), float(given.get("latest", "inf"))
        inside = (lambda at: low <= at <= high) if given.get("inclusive") == "true" else (lambda at: low < at < high)
        chosen = [one for one in found if inside(float(one["ts"]))]
        start = int(given.get("cursor", "next:0").partition(":")[2])
        end = start + int(given["limit"])
        more = end < len(chosen)
        page = {"messages": chosen[start:end], "has_more": more, "pin_count": 0, "channel_actions_ts": None}
        page |= {"channel_actions_count": 0}
        return page | ({"response_metadata": {"next_cursor": f"next:{end}"}} if more else {})

    def _user(self, fits: Callable[[dict[str, Any]], bool], otherwise: str) -> dict[str, Any]:
        found = next((one for one in self.people if fits(one)), None)
        if found is None:
            raise RefusedError(otherwise)
        return {"user": found}

    async def content(self, request: web.Request) -> web.StreamResponse:
        """Hand out a file to the app, a page to sign in at to everybody else."""
        known = request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens
        if self.hides_files or not known:
            return web.Response(text="<html>Sign in to Slack</html>", content_type="text/html")
        return web.Response(body=self.contents[request.match_info["file"]], content_type="application/pdf")

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take the content of a file that was announced."""
        self.contents[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")


@asynccontextmanager
async def slack_workspace() -> AsyncIterator[SlackWorkspace]:
    """Serve one on a free port of loopback."""
    workspace = SlackWorkspace()
    application = web.Application(client_max_size=60 << 20)
    application.router.add_route("*", "/api/{method}", workspace.call)
    application.router.add_get("/files-pri/{file}/{name}", workspace.content)
    application.router.add_post("/upload/{file}", workspace.upload)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield workspace
    finally:
        await runner.cleanup()
