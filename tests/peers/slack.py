"""Slack on loopback: the Web API and Socket Mode of one workspace.

What does not fit Slack's published descriptions (`tests.peers.slack_checks`) is written to `violations`, which tests
want empty.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web
from slack_sdk.web.async_client import AsyncWebClient

from tests.peers.process import free_port
from tests.peers.slack_checks import limits, wrong
from tests.peers.slack_people import BOT, TEAM, People, words

TOKEN, APP_TOKEN = "xoxb-1-TEST-token-of-a-bot", "xapp-1-TEST-token"
Refusal = tuple[int, dict[str, Any], dict[str, str]]
Fault = Callable[[str, dict[str, Any]], Refusal | None]


class SlackApi:
    """What `people` do is pushed to the hub; `sent` is what the bot says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.people = People(url)
        self.sent: list[dict[str, Any]] = []
        self.updated: list[dict[str, Any]] = []
        self.responses: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.homes: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.completed: list[dict[str, Any]] = []
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.fetched: list[str] = []
        self._numbers = count(1)

    # How it reaches the hub ---------------------------------------------------------------------------------------

    def file(self, name: str, content: bytes, mimetype: str = "text/plain", **more: Any) -> dict[str, Any]:
        """Lay a file at Slack."""
        held = self.people.describe(name, content, mimetype, **more)
        self.files[held["id"]] = (held, content)
        return held

    async def push(self, kind: str, payload: dict[str, Any], envelope: str | None = None) -> dict[str, Any]:
        """Send over the socket that was opened last and return the acknowledgement."""
        identity = envelope or uuid.uuid4().hex
        self.acknowledged.pop(identity, None)
        await self.until(lambda: self.sockets)
        sent = {
            "envelope_id": identity,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        await self.sockets[-1].send_json(sent)
        await self.until(lambda: identity in self.acknowledged)
        return self.acknowledged[identity]

    async def says(self, user: str, text: str, **more: Any) -> str:
        """Write to the bot over the socket and return what it answers."""
        before = len(self.sent)
        await self.push("events_api", self.people.message(user, text, **more))
        return await self.answer(before)

    async def answer(self, before: int) -> str:
        """Wait for the message after so many and return its words."""
        await self.until(lambda: len(self.sent) > before)
        return words(self.sent[-1]["blocks"])

    async def until(self, reached: Callable[[], object]) -> None:
        """Wait until something has happened."""
        async with asyncio.timeout(60):
            while not reached():
                await asyncio.sleep(0.02)

    # The Web API --------------------------------------------------------------------------------------------------

    async def call(self, request: web.Request) -> web.Response:
        """Serve one call of a method."""
        name = request.match_info["method"]
        known = getattr(AsyncWebClient, name.replace(".", "_"), None)
        if known is None:
            return web.json_response({"ok": False, "error": "unknown_method"})
        as_json = request.content_type == "application/json"
        told = {**request.query, **({} if as_json else await request.post())}
        given = await request.json() if as_json else {key: _value(value) for key, value in told.items()}
        wanted = APP_TOKEN if name == "apps.connections.open" else TOKEN
        if request.headers.get("Authorization") != f"Bearer {wanted}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        self.violations += [f"{name}: {one}" for one in wrong(name, known, given, as_json=as_json)]
        for fault in self.faults:
            if refused := fault(name, given):
                return web.json_response(refused[1], status=refused[0], headers=refused[2])
        return web.json_response({"ok": True} | await getattr(self, f"_{name.replace('.', '_')}")(given))

    async def respond(self, request: web.Request) -> web.Response:
        """Take an answer at a `response_url`."""
        given = await request.json()
        self.violations += [f"response_url: {one}" for one in limits(given)]
        self.responses.append(given)
        return web.Response(text="ok")

    async def file_content(self, request: web.Request) -> web.Response:
        """Hand out a file to the bot, a page to sign in to everybody else."""
        self.fetched.append(request.path)
        held = self.files.get(request.match_info["file"])
        if held is None or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(text="<html>Sign in to Slack</html>", content_type="text/html")
        return web.Response(body=held[1], content_type=held[0]["mimetype"])

    async def upload(self, request: web.Request) -> web.Response:
        """Take the content of a file that was announced."""
        self.uploads[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one Socket Mode connection."""
        held = web.WebSocketResponse()
        await held.prepare(request)
        await held.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0APP"}})
        self.sockets.append(held)
        async for message in held:
            if message.type == WSMsgType.TEXT and message.data.startswith("{"):
                answered = json.loads(message.data)
                self.acknowledged[answered["envelope_id"]] = answered
        self.sockets.remove(held)
        return held

    async def _auth_test(self, _: Any) -> dict[str, Any]:
        return {
            "url": "https://test.slack.com/",
            "team": "Test & Co",
            "user": "patchdeck",
            "team_id": TEAM,
            "user_id": BOT,
        }

    async def _apps_connections_open(self, _: Any) -> dict[str, Any]:
        return {"url": f"{self.url.replace('http', 'ws')}/link?ticket={uuid.uuid4().hex}"}

    async def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        channel = given["channel"].replace("U", "D", 1) if given["channel"].startswith("U") else given["channel"]
        sent = given | {"channel": channel, "ts": f"{int(time.time())}.9{next(self._numbers):05d}"}
        self.sent.append(sent)
        return {"channel": channel, "ts": sent["ts"], "message": {"text": given["text"]}}

    async def _chat_postEphemeral(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        self.sent.append(given)
        return {"message_ts": "1.1"}

    async def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        self.updated.append(given)
        return {"channel": given["channel"], "ts": given["ts"], "text": given["text"]}

    async def _views_open(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._shown(given["view"], f"V{next(self._numbers):08d}")

    async def _views_update(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._shown(given["view"], given["view_id"])

    async def _views_publish(self, given: dict[str, Any]) -> dict[str, Any]:
        self.homes.append(given["view"] | {"id": f"V{next(self._numbers):08d}", "user": given["user_id"]})
        return {"view": self.homes[-1]}

    async def _conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": given["users"].replace("U", "D", 1)}}

    async def _users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"user": {"id": given["user"], "name": "ann", "real_name": "Ann <b>Bold</b>"}}

    async def _files_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"file": self.files[given["file"]][0]}

    async def _files_getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        identity = f"F{next(self._numbers):08d}"
        return {"upload_url": f"{self.url}/upload/{identity}", "file_id": identity}

    async def _files_completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802  # the method's name
        self.completed.append(given)
        return {"files": given["files"]}

    def _shown(self, view: dict[str, Any], identity: str) -> dict[str, Any]:
        self.views.append(view | {"id": identity, "hash": f"{int(time.time())}.{next(self._numbers)}"})
        return {"view": self.views[-1]}


@asynccontextmanager
async def slack_api() -> AsyncIterator[SlackApi]:
    """Serve it on a free port of loopback."""
    port = free_port()
    api = SlackApi(f"http://127.0.0.1:{port}")
    application = web.Application(client_max_size=60 << 20)
    application.router.add_route("*", "/api/{method}", api.call)
    application.router.add_post("/respond/{user}", api.respond)
    application.router.add_post("/upload/{file}", api.upload)
    application.router.add_get("/files-pri/{file}/{name}", api.file_content)
    application.router.add_get("/link", api.socket)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield api
    await runner.cleanup()


def _value(value: Any) -> Any:
    text = str(value)
    try:
        return json.loads(text) if text[:1] in "[{" else text
    except ValueError:
        return text
