"""SMTP that really delivers: Postfix with Dovecot's sign-in, or aiosmtpd where the tests may not be root."""

import base64
import contextlib
import os
import pwd
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.peers.mail_server import DOMAIN, PASSWORD, MailServer
from tests.peers.process import START_SECONDS, program, serve

MAIN = """
compatibility_level = 3.6
config_directory = {home}/etc
queue_directory = {home}/spool
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{home}/etc/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
default_transport = error:no outside mail in tests
smtpd_sasl_type = dovecot
smtpd_sasl_path = {root}/auth-postfix
smtpd_tls_cert_file = {root}/certificate.pem
smtpd_tls_key_file = {root}/key.pem
smtpd_tls_security_level = may
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
message_size_limit = 26214400
smtpd_client_connection_count_limit = 0
"""

SERVICES = (
    "127.0.0.1:{smtp} inet n - n - - smtpd",
    "127.0.0.1:{submission} inet n - n - - smtpd",
    "  -o syslog_name=postfix/submission",
    "  -o smtpd_tls_security_level=encrypt",
    "  -o smtpd_sasl_auth_enable=yes",
    "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject",
)


@contextlib.contextmanager
def postfix(mail: MailServer) -> Iterator[None]:
    """Run Postfix on a queue of its own: its master in the foreground, so that ending the group ends everything."""
    home = mail.root / "postfix"
    for part in ("etc", "spool", "data"):
        (home / part).mkdir(parents=True)
    os.chown(home / "data", *pwd.getpwnam("postfix")[2:4])
    _configure(mail, home)
    subprocess.run([program("postfix"), "-c", str(home / "etc"), "check"], check=True, capture_output=True)
    master = program("master", "/usr/lib/postfix/sbin")
    with serve([master, "-c", str(home / "etc"), "-d"], mail.smtp_port, mail.root / "postfix.out"):
        yield


def _configure(mail: MailServer, home: Path) -> None:
    uid, gid = mail.owner
    names = {"home": home, "root": mail.root, "domain": DOMAIN, "uid": uid, "gid": gid}
    (home / "etc" / "main.cf").write_text(MAIN.format(**names))
    (home / "etc" / "mailboxes").write_text("".join(f"{address} {address}/\n" for address in mail.addresses))
    shipped = Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
    kept = [line.replace("\t", " ") for line in shipped if line[:1].isalpha() and not line.startswith("smtp      inet")]
    unjailed = [line.replace(" y ", " n ", 1) if "       y       " in line else line for line in kept]
    ours = [line.format(smtp=mail.smtp_port, submission=mail.submission_port) for line in SERVICES]
    (home / "etc" / "master.cf").write_text("\n".join([*unjailed, *ours]) + "\n")


@contextlib.contextmanager
def without_root(mail: MailServer) -> Iterator[None]:
    """Take mail by aiosmtpd and lay it into the same mailboxes; Postfix starts as root only."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(mail.certificate, mail.root / "key.pem")
    with contextlib.ExitStack() as stack:
        for port, submission in ((mail.smtp_port, False), (mail.submission_port, True)):
            controller = Controller(
                _Delivery(mail),
                hostname="127.0.0.1",
                port=port,
                tls_context=tls,
                require_starttls=submission,
                auth_required=submission,
                authenticator=_sign_in,
                ready_timeout=START_SECONDS,
            )
            controller.start()
            stack.callback(controller.stop)
        yield


def _sign_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
    return AuthResult(success=isinstance(given, LoginPassword) and given.password == PASSWORD.encode())


class _Delivery:
    def __init__(self, mail: MailServer) -> None:
        self._mail = mail

    async def auth_XOAUTH2(self, server: SMTP, given: list[str]) -> AuthResult:  # noqa: N802  # as below
        """Take a token that belongs to the user."""
        said = base64.b64decode(given[1]).decode()
        user, token = said.removeprefix("user=").removesuffix("\1\1").split("\1auth=Bearer ")
        return AuthResult(success=self._mail.tokens.get(token) == user, handled=False, auth_data=user)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address not in self._mail.addresses:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        content = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            self._mail.put(address, [content.replace(b"\r\n", b"\n")])
        return "250 2.0.0 delivered"
