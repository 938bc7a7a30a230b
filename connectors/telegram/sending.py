"""Messages, photos and files that a bot sends, changes and takes back."""

from __future__ import annotations

import mimetypes
import re
from html import escape
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, Receipt, Settings, SettingsError, field
from connectors.sdk.files.outgoing import FileContent, FileName, Outgoing, attached
from connectors.sdk.markdown import Dialect, translate
from connectors.sdk.network.multipart import Upload
from connectors.telegram.connection import Connection, call

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
LARGEST_FILE, LARGEST_PHOTO = 50 * 1024 * 1024, 10 * 1024 * 1024
_CHAT = re.compile(r"-?\d{1,20}|@\w{4,40}")
_TAG = re.compile(r"<[^>]*>")

Place = Annotated[
    str,
    field("Chat", hint="The id of a chat, or @name of a channel.", example="{{ trigger.chat }}", templated=True),
]
Words = Annotated[str, field("Text", hint="Markdown.", multiline=True, templated=True)]
Number = Annotated[str, field("Message", hint="Its number in the chat.", example="{{ send.message }}", templated=True)]
Reply = Annotated[
    str, field("Reply to", hint="The number of a message.", example="{{ trigger.message }}", templated=True)
]
Quiet = Annotated[bool, field("Without a sound", advanced=True)]


class Send(Settings):
    """What to say and to whom."""

    chat: Place
    text: Words
    reply_to: Reply = ""
    quiet: Quiet = False
    preview_links: Annotated[bool, field("Show what links lead to", advanced=True)] = True


class SendFile(Settings):
    """Which file to send and to whom."""

    chat: Place
    file: FileContent = None
    name: FileName = ""
    text: Annotated[str, field("Words with it", hint="Markdown.", multiline=True, templated=True)] = ""
    shown_as: Annotated[Literal["document", "photo"], field("Shown as")] = "document"
    reply_to: Reply = ""
    quiet: Quiet = False


class Edit(Settings):
    """Which of the bot's messages to change, and into what."""

    chat: Place
    message: Number
    text: Words


class Sent(msgspec.Struct):
    """What Telegram says of a message that it took."""

    message_id: int
    chat: SentChat


class SentChat(msgspec.Struct):
    """The chat that it went to, by its number."""

    id: int


def marked(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return Markdown as the HTML that Telegram knows; too long a text is refused."""
    html = translate(text, _TELEGRAM)
    length = len(_TAG.sub("", html).encode("utf-16-le")) // 2
    if length > longest:
        raise SettingsError(
            f"The text has {length:,} characters; Telegram takes {longest:,} here. Shorten it or send it as a file."
        )
    return html


def chat_of(chat: str) -> str:
    """Return a chat's id or @name as it must be written."""
    if not _CHAT.fullmatch(chat.strip()):
        raise SettingsError(f"{chat[:40]!r} is neither a chat's id nor the @name of a channel.")
    return chat.strip()


async def send(context: Context[Connection, Send]) -> Receipt:
    """Send a text."""
    settings = context.settings
    html = _said(settings.text)
    sent = await call(
        context,
        "sendMessage",
        Sent,
        chat_id=chat_of(settings.chat),
        text=html,
        parse_mode="HTML",
        reply_parameters=_reply(settings.reply_to),
        disable_notification=settings.quiet or None,
        link_preview_options=None if settings.preview_links else {"is_disabled": True},
    )
    return _receipt(sent)


async def file_of(context: Context[Connection, SendFile]) -> Outgoing:
    """Return the file that would be sent."""
    settings = context.settings
    file = await attached(context.files, settings.file, settings.name)
    most = LARGEST_PHOTO if settings.shown_as == "photo" else LARGEST_FILE
    if len(file.content) > most:
        raise SettingsError(f"Telegram takes {most // 1024 // 1024} MB here; {file.name} is larger.")
    return file


async def send_file(context: Context[Connection, SendFile]) -> Receipt:
    """Send a file or a photo with words beside it."""
    settings, file = context.settings, await file_of(context)
    kind = settings.shown_as
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    caption = marked(settings.text, LONGEST_CAPTION) if settings.text.strip() else None
    sent = await call(
        context,
        "sendPhoto" if kind == "photo" else "sendDocument",
        Sent,
        files={kind: Upload(name=file.name, content=file.content, media_type=media_type)},
        chat_id=chat_of(settings.chat),
        caption=caption,
        parse_mode="HTML" if caption else None,
        reply_parameters=_reply(settings.reply_to),
        disable_notification=settings.quiet or None,
    )
    return _receipt(sent)


async def edit(context: Context[Connection, Edit]) -> Receipt:
    """Change a text that the bot has sent; what it is already counts as done."""
    settings = context.settings
    chat, number, html = chat_of(settings.chat), number_of(settings.message), _said(settings.text)
    try:
        await call(
            context, "editMessageText", msgspec.Raw, chat_id=chat, message_id=number, text=html, parse_mode="HTML"
        )
    except SettingsError as error:
        if "message is not modified" not in error.message:
            raise
    return Receipt(reference=f"{chat}:{number}", output={"chat": chat, "message": str(number)})


async def delete(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Delete a message, which Telegram allows for 48 hours."""
    place = receipt.after
    await call(context, "deleteMessage", bool, chat_id=place["chat"], message_id=int(place["message"]))
    return receipt


def number_of(message: str) -> int:
    """Return the number of a message."""
    if not message.strip().isdecimal() or len(message.strip()) > 15:
        raise SettingsError(f"{message[:40]!r} is no number of a message.")
    return int(message)


def _said(text: str) -> str:
    html = marked(text)
    if not html.strip():
        raise SettingsError("There is nothing to say: the text is empty.")
    return html


def _reply(reply_to: str) -> dict[str, Any] | None:
    return {"message_id": number_of(reply_to)} if reply_to.strip() else None


def _receipt(sent: Sent) -> Receipt:
    told = {"chat": str(sent.chat.id), "message": str(sent.message_id)}
    return Receipt(reference=f"{sent.chat.id}:{sent.message_id}", output=told, before={}, after=told)


def _link(words: str, address: str) -> str:
    if not address.startswith(("http://", "https://", "mailto:", "tg://")):
        return words
    return f'<a href="{escape(address)}">{words or escape(address)}</a>'


_TELEGRAM = Dialect(
    escape=lambda text: escape(text, quote=False),
    strong=("<b>", "</b>"),
    emphasis=("<i>", "</i>"),
    struck=("<s>", "</s>"),
    code=("<code>", "</code>"),
    block=("<pre>", "</pre>"),
    link=_link,
    quote=lambda text: f"<blockquote>{text}</blockquote>",
)
