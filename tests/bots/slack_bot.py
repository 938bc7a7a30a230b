"""A Slack bot at work on a Web API and a socket of loopback, for the tests of its parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.carrier import Slack, SlackSettings
from bots.slack.files import SlackFiles
from bots.slack.sending import Sender
from hub.composition import Built, Services
from hub.database import execute
from hub.identities import Account, Identity
from hub.members import Member
from tests.bots.dialog import BASE
from tests.conftest import Members
from tests.peers.slack import APP_TOKEN, TOKEN, SlackApi, slack_api
from tests.peers.slack_people import TEAM

RECEIPT = b"Receipt\nCorner Shop\nDate: 2026-03-04\nTotal: EUR 12.00\n"


@asynccontextmanager
async def at_work(built: Built, api: SlackApi, app_token: str | None = APP_TOKEN) -> AsyncIterator[Slack]:
    """A bot at work on the server."""
    settings = SlackSettings(token=TOKEN, url=BASE, app_token=app_token, api_url=f"{api.url}/api/", largest_mb=1)
    bot = Slack(settings, built.services, built.chat_notices, built.guard)
    running = asyncio.create_task(bot.forever())
    yield bot
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def sender_of(built: Built, api: SlackApi) -> AsyncIterator[Sender]:
    """What sends replies to the server."""
    client = AsyncWebClient(TOKEN, base_url=f"{api.url}/api/")
    files = SlackFiles(client, built.guard, f"{api.url}/api/", 1)
    yield Sender(client, files, built.chat_notices, BASE)
    await files.close()


@pytest.fixture
async def api(database: str) -> AsyncIterator[SlackApi]:
    await execute("truncate chat_updates, chat_carriers, chat_notices")
    await execute("delete from chat_cursors")
    async with slack_api() as serving:
        yield serving
        assert serving.violations == []


@pytest.fixture
async def bot(built: Built, api: SlackApi) -> AsyncIterator[Slack]:
    async with at_work(built, api) as running:
        yield running


@pytest.fixture
def user() -> str:
    """Somebody whom no other test has linked."""
    return f"U9{next(_users)}"


@pytest.fixture
async def linked_api(bot, api: SlackApi, services: Services, members: Members, user: str) -> SlackApi:
    """The server, with an editor whose account is linked."""
    await link(services, api, members.editor, user)
    return api


_users = count(1000)


async def link(services: Services, api: SlackApi, member: Member, user: str) -> None:
    """Link a person's account by a code."""
    made = await services.identities.create_code(member)
    assert "is linked now" in await api.says(user, f"connect {made.code}")


async def identity_of(services: Services, user: str) -> Identity:
    """Whom a user is linked to."""
    found = await services.identities.find(Account(carrier="slack", account=user, chat=user, place=TEAM))
    assert found is not None
    return found
