"""A dialog: what is said from one account, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from bots.asked import Incoming
from bots.conversation import Conversation, Heard
from bots.replies import Reply
from hub.composition import Services
from hub.identities import Account, Identity, Kept
from hub.members import Member

BASE = "http://hub.test"
_numbers = count(1000)


class Dialog:
    """One chat account and its conversation with the hub."""

    def __init__(self, services: Services, account: Account | None = None) -> None:
        number = next(_numbers)
        self.services = services
        self.account = account or Account(carrier="telegram", account=str(number), chat=str(number), name="Ann")
        self.conversation = Conversation(services, BASE)

    async def says(self, text: str, **more: Any) -> Reply:
        """Say words, and return the reply."""
        return await self.conversation.answer(Heard(account=self.account, text=text, **more))

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
