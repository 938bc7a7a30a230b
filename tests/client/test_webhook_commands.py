"""`patchdeck webhook` against the real API: made, shown, changed and removed by commands."""

import asyncio
import json

import pytest

from tests.platform.commands import patchdeck

URL = "https://192.0.3.1/hook"


@pytest.fixture
def command(address, key):
    async def run(*arguments, code=0):
        return await asyncio.to_thread(patchdeck, "webhook", *arguments, code=code, URL=address, API_KEY=key)

    return run


async def test_a_webhook_is_made_shown_changed_and_removed(command):
    made = json.loads((await command("add", URL, "--on", "run.*", "--on", "item.dead", "-o", "json")).stdout)
    shown = json.loads((await command("show", URL, "-o", "json")).stdout)
    paused = json.loads((await command("pause", made["id"], "-o", "json")).stdout)
    rotated = json.loads((await command("rotate", made["id"], "-o", "json")).stdout)
    listed = (await command("list")).stdout
    removed = await command("remove", URL)
    assert made["secret"].startswith("whsec_")
    assert (shown["kinds"], shown["messages"], "secret" in shown) == (["run.*", "item.dead"], [], False)
    assert (paused["state"], rotated["secret"] == made["secret"]) == ("paused", False)
    assert made["secret"] not in listed
    assert "removed" in removed.stderr


async def test_says_what_is_wrong(command):
    assert "webhook list" in (await command("show", "nothing", code=1)).stderr
    assert "10.0.0.1" in (await command("add", "http://10.0.0.1/", "--on", "*", code=1)).stderr
    await command("resend", URL, code=2)
