"""Answers to mails: to whom they go, under which subject, and in whose conversation."""

from __future__ import annotations

from typing import Annotated, Any

from connectors.sdk.errors import SettingsError
from connectors.sdk.mail.letter import Blind, Copy, Draft, Files, Html, Name, Text, answer_subject
from connectors.sdk.mail.message import Mail
from connectors.sdk.settings import Settings, field

Answered = Annotated[
    Any, field("Mail", hint="The Message-ID of the mail.", example="{{ trigger.message_id }}", templated=True)
]


class Reply(Settings):
    """Which mail to answer, and what to say."""

    mail: Answered
    text: Text = ""
    html: Html = ""
    attachments: Files = None
    everyone: Annotated[bool, field("Reply to all", hint="Also to those who got the mail besides you.")] = False
    automatic: Annotated[
        bool,
        field("Also to machines", hint="Absence notices, lists and reports get no answer otherwise.", advanced=True),
    ] = False
    cc: Copy = None
    bcc: Blind = None
    sender_name: Name = ""


def answered(reply: Reply, mail: Mail, sender: str) -> Draft:
    """Return the answer to a mail as a draft; what no person wrote is not answered unless that is wanted."""
    if mail.automatic and not reply.automatic:
        raise SettingsError("A machine wrote this mail, so it gets no answer. Allow it in the step if you want one.")
    to = mail.reply_to or mail.sender
    if not to:
        raise SettingsError("The mail names no sender, so nobody can be answered.")
    own = {sender.casefold(), to.casefold()}
    others = [address for address in (*mail.to, *mail.cc) if address.casefold() not in own] if reply.everyone else []
    copies = reply.cc if isinstance(reply.cc, (list, tuple)) else [reply.cc] if reply.cc else []
    return Draft(
        sender=sender,
        to=to,
        subject=answer_subject(mail.subject),
        text=reply.text,
        html=reply.html,
        attachments=reply.attachments,
        cc=[*others, *copies],
        bcc=reply.bcc,
        sender_name=reply.sender_name,
        references=conversation(mail),
    )


def conversation(mail: Mail) -> list[str]:
    """Return the mails that an answer belongs to, oldest first (RFC 5322, 3.6.4)."""
    before = mail.references or ([mail.in_reply_to] if mail.in_reply_to else [])
    return [*(one for one in before if one != mail.message_id), *([mail.message_id] if mail.message_id else [])]
