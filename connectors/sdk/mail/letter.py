"""A mail that goes out: what a person fills in, and how it is put together; the same delivery has the same id."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formatdate, getaddresses
from typing import Annotated, Any

import msgspec

from connectors.sdk.context import Context
from connectors.sdk.errors import SettingsError
from connectors.sdk.mail.page import plain
from connectors.sdk.settings import Settings, Shape, field

MOST_RECIPIENTS = 100
MOST_BYTES = 25 * 1024 * 1024
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
_IDENTITY = re.compile(r"<[^\s<>]+>")
_ANSWER = re.compile(r"\s*(re|aw|sv|odp|antw)\s*:", re.IGNORECASE)

Text = Annotated[str, field("Text", hint="Where it is empty, it is made of the HTML.", multiline=True, templated=True)]
Html = Annotated[
    str,
    field(
        "HTML",
        hint="Beside the text, for those who read HTML. Values that you put in are escaped.",
        example="<p>Dear {{ trigger.sender_name }},</p>",
        multiline=True,
        templated=True,
        shape=Shape.HTML,
    ),
]
Files = Annotated[
    Any,
    field(
        "Attachments",
        hint="Files of this run.",
        example="{{ trigger.attachments }}",
        templated=True,
        shape=Shape.FILE,
    ),
]
Copy = Annotated[Any, field("Copy", templated=True, advanced=True)]
Blind = Annotated[Any, field("Blind copy", templated=True, advanced=True)]
Name = Annotated[str, field("Sender's name", advanced=True)]


class Letter(Settings):
    """Whom to write to, and what."""

    to: Annotated[Any, field("To", hint="One or several addresses.", example="sales@example.com", templated=True)]
    subject: Annotated[str, field("Subject", templated=True)]
    text: Text = ""
    html: Html = ""
    attachments: Files = None
    cc: Copy = None
    bcc: Blind = None
    reply_to: Annotated[str, field("Reply to", templated=True, advanced=True)] = ""
    sender_name: Name = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter or an answer, ready to be put together; `references` are the mails it belongs to, oldest first."""

    sender: str
    to: Any
    subject: str
    text: str = ""
    html: str = ""
    attachments: Any = None
    cc: Any = None
    bcc: Any = None
    reply_to: str = ""
    sender_name: str = ""
    references: Sequence[str] = ()


def drafted(letter: Letter, sender: str) -> Draft:
    """Return a letter as a draft by its sender."""
    return Draft(sender=sender, **{name: getattr(letter, name) for name in letter.__struct_fields__})


def recipients(draft: Draft | Letter) -> list[str]:
    """Return every address that the mail goes to, each once."""
    found = [*addresses(draft.to, "To"), *addresses(draft.cc, "Copy"), *addresses(draft.bcc, "Blind copy")]
    if not found:
        raise SettingsError("There is nobody to send this to: To is empty.")
    if len(found) > MOST_RECIPIENTS:
        raise SettingsError(f"One mail goes to at most {MOST_RECIPIENTS} addresses; this has {len(found)}.")
    return list(dict.fromkeys(found))


def identity_of(key: str, sender: str) -> str:
    """Return the Message-ID of a delivery: always the same for the same one."""
    return f"<{key}@{sender.rpartition('@')[2]}>"


def answer_subject(subject: str) -> str:
    """Return the subject of an answer."""
    return subject if _ANSWER.match(subject) else f"Re: {subject}".strip()


async def write(context: Context[Any, Any], draft: Draft, key: str) -> EmailMessage:
    """Put the mail together; the same delivery always has the same Message-ID."""
    mail = EmailMessage(policy=POLICY)
    name = one_line(draft.sender_name, "Sender's name")
    mail["From"] = MailAddress(name, addr_spec=addresses(draft.sender, "From")[0])
    mail["To"] = ", ".join(addresses(draft.to, "To"))
    if copies := addresses(draft.cc, "Copy"):
        mail["Cc"] = ", ".join(copies)
    if answers := addresses(draft.reply_to, "Reply to"):
        mail["Reply-To"] = ", ".join(answers)
    mail["Subject"] = one_line(draft.subject, "Subject")
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = identity_of(key, draft.sender)
    if known := [one for one in draft.references if _IDENTITY.fullmatch(one)]:
        mail["In-Reply-To"] = known[-1]
        mail["References"] = " ".join(known[-20:])
    mail["Auto-Submitted"] = "auto-generated"
    text = draft.text or (await context.confined(plain, draft.html) if draft.html else "")
    mail.set_content(text.replace("\0", ""))
    if draft.html:
        mail.add_alternative(draft.html.replace("\0", ""), subtype="html")
    await _attach(context, draft.attachments, mail)
    return mail


def shown(mail: EmailMessage, draft: Draft) -> dict[str, Any]:
    """Return what a plan shows of a mail."""
    return {
        "to": recipients(draft),
        "subject": str(mail["Subject"]),
        "text": _text(mail),
        "attachments": [part.get_filename() for part in mail.iter_attachments()],
    }


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()).strip() if body is not None else ""


async def _attach(context: Context[Any, Any], given: Any, mail: EmailMessage) -> None:
    size = 0
    for one in given if isinstance(given, (list, tuple)) else [given] if given else []:
        named: Mapping[str, Any] = one if isinstance(one, Mapping) else {"file": one}
        content = await context.files.open(str(named.get("file", "")))
        size += len(content)
        if size > MOST_BYTES:
            raise SettingsError(f"The attachments are larger than {MOST_BYTES // 1024 // 1024} MB together.")
        name = one_line(str(named.get("name") or "attachment"), "The attachment's name")
        kind = str(named.get("media_type") or mimetypes.guess_type(name)[0] or "application/octet-stream")
        main, _, sub = kind.partition("/")
        if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) or main in {"multipart", "message"}:
            main, sub = "application", "octet-stream"
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)


def addresses(given: Any, name: str) -> list[str]:
    """Return the addresses in a setting; refuses what is none, and line breaks."""
    texts = given if isinstance(given, (list, tuple)) else [given] if given else []
    found = [address for _, address in getaddresses([one_line(str(text), name) for text in texts]) if address]
    wrong = [address for address in found if not _ADDRESS.fullmatch(address) or not address.isascii()]
    if wrong or (texts and not found):
        raise SettingsError(f"{name} has no usable address: {', '.join(wrong or map(str, texts))[:200]}.")
    return found


def one_line(text: str, name: str) -> str:
    """Refuse line breaks inside a header: they would start another one. What only some take for one becomes a space."""
    line = text.strip().replace("\0", "")
    if "\r" in line or "\n" in line:
        raise SettingsError(f"{name} must be one line.")
    return " ".join(line.splitlines())
