"""Where the mail system of the tests listens, and ways into its mailboxes beside the code under test."""

import email
import email.policy
import imaplib
import mailbox
import os
import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

PASSWORD = "secret"
DOMAIN = "example.test"
MAILBOXES = 500
NUMBERING = ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache", "dovecot-uidvalidity")


@dataclass(frozen=True)
class MailServer:
    """One running mail system; every mailbox takes the same password, and the tokens that are its own."""

    root: Path
    host: str
    imap_port: int
    imaps_port: int
    smtp_port: int
    submission_port: int
    certificate: Path
    introspection_port: int
    owner: tuple[int, int]
    tokens: dict[str, str]
    addresses: tuple[str, ...] = tuple(f"box{number}@{DOMAIN}" for number in range(MAILBOXES))

    def mailbox(self) -> str:
        """Make a mailbox that no other test uses and return its address, which is also its sign-in name."""
        address = next(address for address in self.addresses if not self._home(address).exists())
        self._make(self._home(address))
        return address

    def put(self, address: str, mails: Sequence[bytes], folder: str = "INBOX") -> None:
        """Lay raw mails straight into a folder, which no polite SMTP server would let through."""
        home = self._home(address)
        if folder != "INBOX":
            home = home / f".{folder.replace('/', '.')}"
            self._make(home)
        start = time.time_ns()
        for number, raw in enumerate(mails):
            draft = home / "tmp" / f"{start}.{number:06}.test"
            draft.write_bytes(raw)
            os.chown(draft, *self.owner)
            draft.rename(home / "new" / draft.name)

    def renumber(self, address: str) -> None:
        """Number the mailbox anew: UIDVALIDITY changes, as after a restore from a backup."""
        before = self._validity(address)
        while self._validity(address) == before:  # a session that is just ending may write the old number once more
            for name in NUMBERING:
                (self._home(address) / name).unlink(missing_ok=True)
            uids = self._home(address) / "dovecot-uidlist"
            uids.write_text(f"3 V{before + 7} N1\n")
            os.chown(uids, *self.owner)

    def _validity(self, address: str) -> int:
        """Ask the server for the number of the inbox's numbering."""
        with imaplib.IMAP4(self.host, self.imap_port) as imap:
            imap.login(address, PASSWORD)
            _, (answer,) = imap.status("INBOX", "(UIDVALIDITY)")
        return int(bytes(answer).rstrip(b")").split()[-1])

    def send(self, mail: EmailMessage) -> None:
        """Hand a mail to the SMTP server as any mail program would."""
        with smtplib.SMTP(self.host, self.smtp_port) as smtp:
            smtp.send_message(mail)

    def received(self, address: str) -> list[EmailMessage]:
        """Return the mails of an inbox, oldest first, read from the disk."""
        box = mailbox.Maildir(str(self._home(address)), create=False)
        raw = [box.get_bytes(key) for key in sorted(box.keys())]
        return [email.message_from_bytes(content, policy=email.policy.default) for content in raw]

    def labelled(self, address: str, folder: str = "INBOX") -> dict[str, list[str]]:
        """Return the flags of each mail in a folder by its subject, asked of the server."""
        with imaplib.IMAP4(self.host, self.imap_port) as imap:
            imap.login(address, PASSWORD)
            imap.select(f'"{folder}"', readonly=True)
            _, found = imap.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        pairs = [(bytes(one[0]), bytes(one[1])) for one in found if isinstance(one, tuple)]
        return {
            head.decode().partition(":")[2].strip(): [
                flag.decode() for flag in imaplib.ParseFlags(said) if flag != b"\\Recent"
            ]
            for said, head in pairs
        }

    def make_folder(self, address: str, folder: str) -> None:
        """Make an empty folder."""
        self.put(address, [], folder=folder)

    def _home(self, address: str) -> Path:
        return self.root / "mail" / address

    def _make(self, folder: Path) -> None:
        for part in ("", "cur", "new", "tmp"):
            (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chown(folder / part, *self.owner)
