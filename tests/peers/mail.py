"""A real mail system on loopback: Dovecot serves mailboxes, Postfix (aiosmtpd without root) delivers into them."""

import contextlib
import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.mail_delivery import postfix, without_root
from tests.peers.mail_reading import dovecot
from tests.peers.mail_server import MailServer
from tests.peers.process import free_port, make_certificate


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    """Serve mailboxes and deliver into them for as long as the tests run."""
    with running() as server:
        yield server


@contextlib.contextmanager
def running() -> Iterator[MailServer]:
    """Start the mail system with a certificate of its own and end it with the block."""
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mail-")))
        root.chmod(0o755)
        make_certificate(root)
        server = MailServer(
            root=root,
            host="localhost",
            imap_port=free_port(),
            imaps_port=free_port(),
            smtp_port=free_port(),
            submission_port=free_port(),
            certificate=root / "certificate.pem",
            owner=_owner(),
        )
        (root / "mail").mkdir()
        os.chown(root / "mail", *server.owner)
        stack.enter_context(dovecot(server))
        stack.enter_context(postfix(server) if os.geteuid() == 0 else without_root(server))
        yield server


def _owner() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    account = pwd.getpwnam("mail")
    return account.pw_uid, account.pw_gid
