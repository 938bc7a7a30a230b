"""An audio transcriptions endpoint that checks each request as OpenAI documents it and answers by script."""

from __future__ import annotations

import io
import wave
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

KNOWN = {
    *("file", "model", "language", "response_format", "timestamp_granularities[]", "temperature", "prompt"),
    "chunking_strategy",
}
FORMATS = {"json", "text", "srt", "verbose_json", "vtt", "diarized_json"}


class Asked(msgspec.Struct):
    """A request that came: its fields, and how long the sound in it lasts."""

    fields: dict[str, list[str]]
    seconds: float
    rate: int


class SpeechPeer:
    """Remembers what it was asked and answers what it was told to; `formats` are those its model gives."""

    def __init__(self) -> None:
        self.base = ""
        self.script: deque[dict[str, Any]] = deque()
        self.asked: list[Asked] = []
        self.formats = set(FORMATS)

    async def answer(self, request: web.Request) -> web.Response:
        """Check a request and give the next answer."""
        if request.headers.get("authorization") != "Bearer right-key":
            return _refused(401, "Incorrect API key provided.")
        asked, wrong = await _read(request)
        self.asked.append(asked)
        wanted = asked.fields.get("response_format", ["json"])[0]
        if wrong:
            return _refused(400, wrong)
        if wanted not in self.formats:
            return _refused(400, f"response_format '{wanted}' is not compatible with model 'm'.")
        step = self.script.popleft()
        if "status" in step:
            return _refused(step["status"], "Something went wrong.")
        return web.json_response(step)


@asynccontextmanager
async def speech_peer() -> AsyncIterator[SpeechPeer]:
    """Run a peer on a free port of loopback."""
    peer = SpeechPeer()
    app = web.Application(client_max_size=26_000_000)
    app.router.add_post("/v1/audio/transcriptions", peer.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.base = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield peer
    finally:
        await runner.cleanup()


async def _read(request: web.Request) -> tuple[Asked, str]:
    form = await request.post()
    fields: dict[str, list[str]] = {}
    for name, value in form.items():
        fields.setdefault(name, []).append(value if isinstance(value, str) else "a file")
    sound = form.get("file")
    if not isinstance(sound, web.FileField) or "model" not in fields:
        return Asked(fields, 0, 0), "file and model are required"
    with wave.open(io.BytesIO(sound.file.read())) as recording:
        asked = Asked(fields, recording.getnframes() / recording.getframerate(), recording.getframerate())
    if unknown := fields.keys() - KNOWN:
        return asked, f"unknown fields {sorted(unknown)}"
    if "timestamp_granularities[]" in fields and fields["response_format"] != ["verbose_json"]:
        return asked, "timestamp_granularities needs response_format verbose_json"
    return asked, ""


def _refused(status: int, message: str) -> web.Response:
    error = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    return web.json_response(error, status=status)
