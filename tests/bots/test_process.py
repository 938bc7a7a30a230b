"""The bots as `patchdeck up` starts them: a process of their own that answers people and ends with the rest."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.peers.process import free_port
from tests.peers.slack import APP_TOKEN, SlackApi, slack_api
from tests.peers.slack import TOKEN as SLACK_TOKEN
from tests.peers.slack_people import SIGNING_SECRET, encoded, words
from tests.peers.slack_people import signed as slack_signed
from tests.peers.telegram import TOKEN, BotApi, bot_api
from tests.platform.commands import environment, patchdeck

READY = re.compile(r"(?s)(?=.*Patchdeck is ready: )(?=.*Also at work: bots)(?=.*/setup/(\S+))")


@asynccontextmanager
async def up(folder: Path, api: BotApi, slack: SlackApi) -> AsyncIterator[tuple[str, str]]:
    """Start a hub with its bots; gives its address and its set-up token."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub", "up", "--data-dir", str(folder), "--port", str(port),
        env=dict(environment(
            TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=api.url, SLACK_BOT_TOKEN=SLACK_TOKEN, SLACK_APP_TOKEN=APP_TOKEN,
            SLACK_SIGNING_SECRET=SIGNING_SECRET, SLACK_API_URL=f"{slack.url}/api/", ALLOW_NETWORKS="127.0.0.0/8",
        )), cwd="/",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(180):
            while (found := READY.search(said)) is None:
                line = (await process.stdout.readline()).decode()
                assert line, said
                said += line
        yield f"http://127.0.0.1:{port}", found[1]
    finally:
        if process.returncode is None:
            process.terminate()
        rest, _ = await process.communicate()
    assert process.returncode == 0
    told = said + rest.decode()
    assert [secret for secret in (TOKEN.partition(":")[2], SLACK_TOKEN, APP_TOKEN) if secret in told] == []


async def states(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """How the settings page says that the bots fare."""
    told = (await client.get("/api/v1/carriers")).json()["items"]
    return [(one["name"], one["state"]) for one in told]


@pytest.mark.timeout(900)
async def test_the_bots_of_up_link_by_a_code_of_the_api_and_answer(tmp_path: Path):
    async with (
        bot_api() as api, slack_api() as slack, up(tmp_path, api, slack) as (base, token),
        httpx.AsyncClient(base_url=base, timeout=60) as client,
    ):  # fmt: skip
        person = {"email": "ann@example.test", "password": "violet harbor stone 42", "name": "Ann", "workspace": "W"}
        made = await client.post("/api/v1/auth/setup", json={"token": token, **person})
        assert made.status_code == 201, made.text
        signed = {"X-CSRF-Token": client.cookies["patchdeck_csrf"]}
        code = (await client.post("/api/v1/identities/codes", headers=signed)).json()["code"]
        assert "is linked now" in await api.says(5, f"connect {code}")
        assert "Recipes: 0 live" in await api.says(5, "/status")
        code = (await client.post("/api/v1/identities/codes", headers=signed)).json()["code"]
        assert "is linked now" in await slack.says("U5", f"connect {code}")
        body = encoded(slack.people.command("U5", "status"))
        assert (await client.post("/slack/events", content=body, headers=slack_signed(body))).status_code == 200
        await slack.until(lambda: slack.responses)
        assert "Recipes: 0 live" in words(slack.responses[0]["blocks"])
        async with asyncio.timeout(60):
            while await states(client) != [("slack", "connected"), ("telegram", "connected")]:
                await asyncio.sleep(0.1)
        shown = await client.get("/api/v1/carriers/slack/manifest?way=http")
        assert f"request_url: {base}/slack/events" in shown.text
    assert api.violations + slack.violations == []


def test_without_a_token_the_command_says_what_to_set():
    assert "PATCHDECK_TELEGRAM_TOKEN" in patchdeck("bots", code=2).stderr
