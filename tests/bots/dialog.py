"""A dialog: what is said from one account, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec
from slack_sdk.web.async_client import AsyncWebClient

from bots.asked import Incoming
from bots.conversation import Conversation, Heard
from bots.replies import Reply
from bots.slack.files import SlackFiles
from bots.slack.hearing import heard_of as slack_heard_of
from bots.slack.hearing import origin_of
from bots.slack.payloads import read
from bots.slack.rendering import fallback
from bots.slack.rendering import render as slack_render
from bots.telegram.rendering import LONGEST
from bots.telegram.rendering import render as telegram_render
from connectors.sdk.network.guard import Guard
from hub.composition import Services
from hub.identities import Account, Identity, Kept
from hub.members import Member
from tests.peers.slack_checks import limits
from tests.peers.slack_people import TEAM, People
from tests.peers.slack_people import labels as slack_labels

BASE = "http://hub.test"
_numbers = count(1000)


class Dialog:
    """One chat account and its conversation with the hub, over one chat service.

    At Slack what is said passes through an event as Slack sends it; every reply is rendered as the service shows it,
    and must be within its limits.
    """

    def __init__(self, services: Services, account: Account | None = None, carrier: str = "telegram") -> None:
        number = str(next(_numbers))
        self.services = services
        self.account = account or Account(
            carrier=carrier, account=number, chat=number, place=PLACES[carrier], name="Ann"
        )
        self.conversation = Conversation(services, BASE)

    async def says(self, text: str, **more: Any) -> Reply:
        """Say words, and return the reply."""
        heard = Heard(account=self.account, text=text)
        if self.account.carrier == "slack":
            heard = _over_slack(PEOPLE.message(self.account.account, text))
        reply = await self.conversation.answer(msgspec.structs.replace(heard, **{"key": "", **more}))
        SHOWN[self.account.carrier](reply)
        return reply

    async def sends(self, name: str, content: bytes, caption: str = "", **more: Any) -> Reply:
        """Send a file with a caption."""
        return await self.says(caption, files=[file(name, content)], **more)

    async def presses(self, reply: Reply, label: str) -> Reply:
        """Press a button of a reply, as a carrier shows it: by an id."""
        identity = await self.identity()
        kept = [Kept(one.command, one.once) for one in reply.buttons]
        ids = await self.conversation.buttons.keep(identity, kept)
        return await self.press(dict(zip(labels(reply), ids, strict=True))[label])

    async def press(self, button: str) -> Reply:
        """Press the button with an id."""
        return await self.conversation.answer(Heard(account=self.account, pressed=button))

    async def link(self, member: Member) -> Dialog:
        """Link the account to a member, as people do."""
        made = await self.services.identities.create_code(member)
        reply = await self.says(f"connect {made.code}")
        assert "linked now" in reply.text, reply.text
        return self

    async def identity(self) -> Identity:
        """Return whom the account is linked to."""
        found = await self.services.identities.find(self.account)
        assert found is not None
        return found


def _over_slack(body: dict[str, Any]) -> Heard:
    """Hear an event as the Slack bot does."""
    payload = read(body)
    return slack_heard_of(payload, origin_of(payload), SlackFiles(AsyncWebClient(), Guard(), None, 1), "")


def _shown_by_slack(reply: Reply) -> None:
    values = [f"id{place}" for place, _ in enumerate(reply.buttons)]
    blocks = slack_render(reply, BASE, values)
    assert limits({"channel": "D1", "text": fallback(reply.text), "blocks": blocks}) == []
    assert len(slack_labels(blocks)) == len(reply.buttons)


def _shown_by_telegram(reply: Reply) -> None:
    assert all(0 < len(message) <= LONGEST for message in telegram_render(reply, BASE))


SHOWN = {"slack": _shown_by_slack, "telegram": _shown_by_telegram}
PLACES = {"slack": TEAM, "telegram": ""}
PEOPLE = People(BASE)


def file(name: str, content: bytes, media_type: str = "application/octet-stream") -> Incoming:
    """A file that came along."""

    async def load() -> bytes:
        return content

    return Incoming(name=name, media_type=media_type, size=len(content), load=load)


def labels(reply: Reply) -> list[str]:
    """Return what stands on a reply's buttons."""
    return [one.label for one in reply.buttons]


def cells(reply: Reply) -> list[list[str]]:
    """Return the rows of a reply's table."""
    rows: Sequence[Sequence[str]] = reply.table.rows if reply.table else ()
    return [list(row) for row in rows]
