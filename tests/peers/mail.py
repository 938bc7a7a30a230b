"""A real mail system on loopback: Dovecot serves mailboxes, Postfix (aiosmtpd without root) delivers into them."""

import contextlib
import http.server
import json
import os
import pwd
import tempfile
import threading
from collections.abc import Iterator, Mapping
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
        tokens: dict[str, str] = {}
        server = MailServer(
            root=root,
            host="localhost",
            imap_port=free_port(),
            imaps_port=free_port(),
            smtp_port=free_port(),
            submission_port=free_port(),
            certificate=root / "certificate.pem",
            introspection_port=stack.enter_context(introspection(tokens)),
            owner=_owner(),
            tokens=tokens,
        )
        (root / "mail").mkdir()
        os.chown(root / "mail", *server.owner)
        stack.enter_context(dovecot(server))
        stack.enter_context(postfix(server) if os.geteuid() == 0 else without_root(server))
        yield server


@contextlib.contextmanager
def introspection(tokens: Mapping[str, str]) -> Iterator[int]:
    """Tell Dovecot whose a token is, as the services that hand tokens out do (RFC 7662)."""

    class Introspection(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library finds it by this name
            """Answer 200 also for tokens that are not good: anything else means to Dovecot that it may not ask."""
            address = tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer ").strip())
            content = json.dumps({"active": address is not None, "email": address or "nobody"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *given: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Introspection)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _owner() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    account = pwd.getpwnam("mail")
    return account.pw_uid, account.pw_gid
