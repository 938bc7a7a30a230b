"""The bot as `patchdeck up` starts it: a process of its own that answers people and ends with the rest."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.peers.process import free_port
from tests.peers.telegram import TOKEN, BotApi, bot_api
from tests.platform.commands import environment, patchdeck

READY = re.compile(r"(?s)(?=.*Patchdeck is ready: )(?=.*Also at work: bots)(?=.*/setup/(\S+))")


@asynccontextmanager
async def up(folder: Path, api: BotApi) -> AsyncIterator[tuple[str, str]]:
    """Start a hub with a bot; gives its address and its set-up token."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub", "up", "--data-dir", str(folder), "--port", str(port),
        env=dict(environment(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=api.url)), cwd="/",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while (found := READY.search(said)) is None:
            line = (await process.stdout.readline()).decode()
            assert line, said
            said += line
    yield f"http://127.0.0.1:{port}", found[1]
    process.terminate()
    rest, _ = await process.communicate()
    assert process.returncode == 0
    assert TOKEN.partition(":")[2] not in said + rest.decode()


async def test_the_bot_of_up_links_by_a_code_of_the_api_and_answers(tmp_path: Path):
    async with bot_api() as api, up(tmp_path, api) as (base, token), httpx.AsyncClient(base_url=base) as client:
        person = {"email": "ann@example.test", "password": "violet harbor stone 42", "name": "Ann", "workspace": "W"}
        made = await client.post("/api/v1/auth/setup", json={"token": token, **person})
        assert made.status_code == 201, made.text
        signed = {"X-CSRF-Token": client.cookies["patchdeck_csrf"]}
        code = (await client.post("/api/v1/identities/codes", headers=signed)).json()["code"]
        assert "is linked now" in await api.says(5, f"connect {code}")
        assert "Recipes: 0 live" in await api.says(5, "/status")
    assert api.violations == []


def test_without_a_token_the_command_says_what_to_set():
    assert "PATCHDECK_TELEGRAM_TOKEN" in patchdeck("bots", code=2).stderr
