"""Mail: invitations and password links go through a real SMTP server; without one the link is shown."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import Message
from queue import Queue

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from hub.accounts import AccountServices, Visitor, account_services
from hub.audit import Audit
from hub.errors import UnavailableError
from hub.ids import new_id
from hub.mail import Mail
from hub.members import Member
from hub.supervisor.ports import free_port

GOOD = "correct horse battery"


class Mailbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self._arrived: Queue[Message] = Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        assert isinstance(envelope.content, bytes)
        self._arrived.put(message_from_bytes(envelope.content))
        return "250 OK"

    async def next(self) -> Message:
        """The next mail, waited for."""
        return await asyncio.to_thread(self._arrived.get, timeout=60)

    async def token(self) -> str:
        """What stands at the end of the link in the next mail."""
        lines = str((await self.next()).get_payload()).splitlines()
        return next(line for line in lines if line.startswith("https://")).rpartition("/")[2]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def posting(database: str, mailbox: Mailbox) -> AsyncIterator[AccountServices]:
    """The services with a mail server on this machine."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield account_services(
        "https://hub.example", Audit(), mail=Mail(f"smtp://127.0.0.1:{port}", "Patchdeck <hub@example.test>")
    )
    controller.stop()


async def test_an_invitation_goes_by_mail_and_its_link_to_nobody_else(
    posting: AccountServices, mailbox: Mailbox, member: Member
) -> None:
    link = await posting.memberships.invite(member, "ann@example.test", "editor")
    assert (link.mailed, link.url) == (True, "")
    mail = await mailbox.next()
    assert (mail["To"], mail["From"]) == ("ann@example.test", "Patchdeck <hub@example.test>")
    await posting.memberships.invite(member, "ann@example.test", "editor")
    purpose = await posting.accounts.purpose(await mailbox.token())
    assert (purpose.kind, purpose.email, purpose.role) == ("invitation", "ann@example.test", "editor")


async def test_a_forgotten_password_is_reset_by_mail(
    posting: AccountServices, mailbox: Mailbox, member: Member
) -> None:
    email = f"{new_id().hex}@example.test"
    await posting.memberships.invite(member, email, "viewer")
    await posting.accounts.accept(await mailbox.token(), GOOD, "", Visitor())
    await posting.accounts.request_reset(email.upper(), Visitor())
    await posting.accounts.reset_password(await mailbox.token(), "another good one")
    session = await posting.accounts.sign_in(email, "another good one", Visitor())
    assert session.token


async def test_no_mail_goes_to_strangers(posting: AccountServices, mailbox: Mailbox, member: Member) -> None:
    await posting.accounts.request_reset(f"{new_id().hex}@example.test", Visitor())
    await posting.memberships.invite(member, "ann@example.test", "viewer")
    assert (await mailbox.next())["To"] == "ann@example.test"


async def test_a_mail_server_that_is_gone_leaves_the_link_to_the_admin(database: str, member: Member) -> None:
    people = account_services("https://hub.example", Audit(), mail=Mail("smtp://127.0.0.1:9", "hub@example.test"))
    link = await people.memberships.invite(member, "ann@example.test", "viewer")
    assert (link.mailed, link.url.startswith("https://hub.example/invitation/")) == (False, True)


async def test_says_how_to_set_a_mail_server() -> None:
    with pytest.raises(UnavailableError, match="PATCHDECK_SMTP_URL"):
        await Mail().send("a@example.test", "s", "t")
