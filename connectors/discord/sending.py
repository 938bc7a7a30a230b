"""Messages and files that go to Discord, are found again, changed and taken back."""

from __future__ import annotations

import hashlib
import mimetypes
import time
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from connectors.discord.connection import Connection, by_webhook, call
from connectors.discord.messages import PAGE, Message, channels
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, Shape, field
from connectors.sdk.files.outgoing import FileContent, FileName, Outgoing, attached
from connectors.sdk.network.http import Options
from connectors.sdk.network.multipart import Upload, form

LONGEST_TEXT, MOST_EMBEDS = 2000, 10
LARGEST_FILE = 25 * 1024 * 1024
# By so much may clocks differ, in seconds; and so long, about, Discord itself knows a message again
MARGIN = 300
MOST_SEARCHED = 2_000
_EPOCH = 1_420_070_400

Place = Annotated[
    str,
    field(
        "Channel", hint="Its id; with a webhook it may be left out, or be a thread.", choices=channels, templated=True
    ),
]
Words = Annotated[str, field("Text", hint="Discord's Markdown; nobody is mentioned.", multiline=True, templated=True)]
Embeds = Annotated[
    Any, field("Embeds", hint="Cards as Discord describes them.", templated=True, advanced=True, shape=Shape.LIST)
]
Reply = Annotated[str, field("Reply to", hint="The id of a message.", example="{{ trigger.message }}", templated=True)]


class Send(Settings):
    """What to say and where."""

    channel: Place = ""
    text: Words = ""
    reply_to: Reply = ""
    embeds: Embeds = None


class SendFile(Settings):
    """Which file to send and where."""

    channel: Place = ""
    file: FileContent = None
    name: FileName = ""
    text: Words = ""


class Edit(Settings):
    """Which of its messages to change, and into what."""

    channel: Place = ""
    message: Annotated[str, field("Message", hint="Its id.", example="{{ send.message }}", templated=True)]
    text: Words = ""
    embeds: Embeds = None


def said(text: str, embeds: Any) -> dict[str, Any]:
    """Return a message's body; what is in it mentions nobody."""
    words = text.replace("\0", "")
    if len(words) > LONGEST_TEXT:
        raise SettingsError(
            f"The text has {len(words):,} characters; Discord takes {LONGEST_TEXT:,}. Send it as a file."
        )
    cards = embeds if embeds not in (None, "") else []
    if not isinstance(cards, list) or not all(isinstance(card, Mapping) for card in cards) or len(cards) > MOST_EMBEDS:
        raise SettingsError(f"Embeds are a list of up to {MOST_EMBEDS} objects, as Discord describes them.")
    if not words.strip() and not cards:
        raise SettingsError("There is nothing to say: the text is empty.")
    body: dict[str, Any] = {"content": words, "allowed_mentions": {"parse": []}}
    return {**body, "embeds": cards} if cards else body


async def send(context: Context[Connection, Send], record: Record) -> Receipt:
    """Send a text."""
    settings = context.settings
    body = said(settings.text, settings.embeds)
    if settings.reply_to.strip():
        body["message_reference"] = {"message_id": identity(settings.reply_to, "message"), "fail_if_not_exists": True}
    return await _sent(context, record, body, None)


async def file_of(context: Context[Connection, SendFile]) -> Outgoing:
    """Return the file that would be sent."""
    file = await attached(context.files, context.settings.file, context.settings.name)
    if len(file.content) > LARGEST_FILE:
        raise SettingsError(f"{file.name} has more than {LARGEST_FILE // 1024 // 1024} MB.")
    return file


async def send_file(context: Context[Connection, SendFile], record: Record) -> Receipt:
    """Send a file with words beside it."""
    file, text = await file_of(context), context.settings.text
    body = said(text, None) if text.strip() else {"allowed_mentions": {"parse": []}}
    return await _sent(context, record, {**body, "attachments": [{"id": "0", "filename": file.name}]}, file)


async def find(
    context: Context[Connection, Send] | Context[Connection, SendFile], record: Record, token: str | None
) -> Receipt | None:
    """Look for a message that carries the record's mark, or says the same, since it may have been sent."""
    if token is None:
        return None
    if context.connection.kind == "webhook":
        raise SettingsError(
            "A webhook cannot read, so nobody can tell whether this was posted. Look at the channel; if it is not "
            "there, replay the item and say that it may be sent again."
        )
    channel, after, looked = identity(context.settings.channel, "channel"), token, 0
    own = (await call(context, "GET", "/users/@me", _Who)).id
    while looked < MOST_SEARCHED:
        bounds = Options(params={"limit": str(PAGE), "after": after})
        found = await call(context, "GET", f"/channels/{channel}/messages", list[Message], bounds)
        for one in found:
            if one.author is not None and one.author.id == own and _is_it(context.settings, one, record):
                return _receipt(channel, one.id)
        if len(found) < PAGE:
            return None
        after, looked = max((one.id for one in found), key=int), looked + len(found)
    return None


async def delete(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Delete a message."""
    place = receipt.after
    if context.connection.kind == "webhook":
        await by_webhook(context, "DELETE", f"/messages/{place['message']}", type(None), _thread(place["thread"]))
    else:
        await call(context, "DELETE", f"/channels/{place['channel']}/messages/{place['message']}", type(None))
    return receipt


async def former(context: Context[Connection, Edit]) -> Message:
    """Return the message as it stands."""
    settings = context.settings
    return await _one(context, settings.channel.strip(), identity(settings.message, "message"))


async def edit(context: Context[Connection, Edit]) -> Receipt:
    """Change a message and keep what it said before."""
    settings = context.settings
    before, body = await former(context), said(settings.text, settings.embeds)
    await _change(context, settings.channel.strip(), before.id, body)
    told = {"channel": settings.channel.strip(), "message": before.id}
    former_one = {"content": before.content, "embeds": before.embeds}
    return Receipt(reference=before.id, output=told, before=former_one, after={**told, "content": body["content"]})


async def find_edit(context: Context[Connection, Edit], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the message says so already."""
    settings = context.settings
    now = await former(context)
    if now.content != said(settings.text, settings.embeds)["content"] or settings.embeds:
        return None
    told = {"channel": settings.channel.strip(), "message": now.id}
    return Receipt(reference=now.id, output=told)


async def restore(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Put the former text back where nobody has changed it since."""
    place = receipt.after
    now = await _one(context, place["channel"], place["message"])
    if now.content != place["content"]:
        raise SettingsError("The message has been changed again, so its former text is not put back.")
    await _change(context, place["channel"], place["message"], receipt.before)
    return receipt


def identity(given: str, what: str) -> str:
    """Return an id as Discord writes it."""
    if not given.strip().isdecimal() or len(given.strip()) > 20:
        raise SettingsError(f"{given[:40]!r} is no id of a {what}: Discord's are long numbers.")
    return given.strip()


class _Who(msgspec.Struct):
    id: str


async def _sent(context: Context[Connection, Any], record: Record, body: Any, file: Outgoing | None) -> Receipt:
    await context.remember(str((int(time.time()) - MARGIN - _EPOCH) * 1000 << 22))
    given = context.settings.channel.strip()
    if context.connection.kind == "webhook":
        body.pop("message_reference", None)
        options = _carried(body, file)
        options["params"] = {"wait": "true"} | ({"thread_id": identity(given, "thread")} if given else {})
        sent = await by_webhook(context, "POST", "", Message, options)
        return _receipt(sent.channel_id, sent.id, given)
    channel = identity(given, "channel")
    marked = {**body, "nonce": _nonce(record), "enforce_nonce": True}
    sent = await call(context, "POST", f"/channels/{channel}/messages", Message, _carried(marked, file))
    return _receipt(channel, sent.id)


def _carried(body: Any, file: Outgoing | None) -> Options:
    if file is None:
        return Options(json=body)
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    upload = Upload(name=file.name, content=file.content, media_type=media_type)
    return {**form({"payload_json": msgspec.json.encode(body).decode()}, {"files[0]": upload}), "timeout": 120.0}


async def _one(context: Context[Connection, Any], channel: str, message: str) -> Message:
    if context.connection.kind == "webhook":
        return await by_webhook(context, "GET", f"/messages/{message}", Message, _thread(channel))
    return await call(context, "GET", f"/channels/{identity(channel, 'channel')}/messages/{message}", Message)


async def _change(context: Context[Connection, Any], channel: str, message: str, body: Any) -> None:
    options = Options(json=body)
    if context.connection.kind == "webhook":
        await by_webhook(context, "PATCH", f"/messages/{message}", Message, {**options, **_thread(channel)})
    else:
        path = f"/channels/{identity(channel, 'channel')}/messages/{message}"
        await call(context, "PATCH", path, Message, options)


def _thread(given: str) -> Options:
    return Options(params={"thread_id": identity(given, "thread")}) if given else Options()


def _is_it(settings: Send | SendFile, found: Message, record: Record) -> bool:
    """Compare marks where Discord kept ours, else words and files."""
    if found.nonce is not None:
        return bool(found.nonce == _nonce(record))
    if isinstance(settings, SendFile):
        return bool(found.attachments) and found.content == settings.text.strip()
    return found.content == settings.text.strip() and not found.attachments


def _nonce(record: Record) -> str:
    """Return a mark of the record in the 25 letters that Discord has for it."""
    return hashlib.sha256(record.key.encode()).hexdigest()[:25]


def _receipt(channel: str, message: str, thread: str = "") -> Receipt:
    told = {"channel": channel, "message": message, "thread": thread}
    return Receipt(reference=message, output={"channel": channel, "message": message}, before={}, after=told)
