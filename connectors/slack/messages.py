"""Messages of a channel as Slack lists them, and as items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sdk import Attachment, Context, CredentialsError, SettingsError
from connectors.sdk.network.http import ANSWER_LIMIT
from connectors.sdk.texts import storable
from connectors.slack.connection import Metadata, ask, download
from connectors.slack.words import plain

# What we write says so, that nobody answers himself
OURS = "patchdeck_delivery"
PAGE = 200
# People speaking; joins, topics and the like are no messages
_SPOKEN = frozenset({"", "file_share", "me_message", "thread_broadcast", "bot_message"})


class Reaction(msgspec.Struct):
    """One emoji under a message and who chose it."""

    name: str
    users: list[str] = []


class File(msgspec.Struct):
    """A file as Slack describes it."""

    id: str
    name: str | None = ""
    title: str | None = ""
    mimetype: str | None = ""
    size: int = 0
    created: int = 0
    user: str | None = ""
    mode: str = ""
    url_private: str = ""
    url_private_download: str = ""
    permalink: str = ""
    channels: list[str] = []
    groups: list[str] = []
    ims: list[str] = []


class Mark(msgspec.Struct):
    """What an app has attached to a message."""

    event_type: str = ""
    event_payload: dict[str, Any] = {}


class Message(msgspec.Struct):
    """A message as Slack lists it."""

    ts: str
    text: str = ""
    user: str | None = ""
    username: str | None = ""
    bot_id: str | None = ""
    subtype: str = ""
    thread_ts: str = ""
    latest_reply: str = ""
    reply_count: int = 0
    reactions: list[Reaction] = []
    files: list[dict[str, Any]] = []
    blocks: list[dict[str, Any]] = []
    metadata: Mark | None = None

    @property
    def is_ours(self) -> bool:
        """Whether a hub wrote it."""
        return self.metadata is not None and self.metadata.event_type == OURS

    @property
    def is_spoken(self) -> bool:
        """Whether somebody says something."""
        return self.subtype in _SPOKEN and not self.is_ours


class Page(msgspec.Struct):
    """Some messages of a channel or thread, and where more are."""

    messages: list[Message] = []
    has_more: bool = False
    response_metadata: Metadata | None = None

    @property
    def following(self) -> str:
        """The name of the next page, '' when this was the last."""
        return self.response_metadata.next_cursor if self.response_metadata else ""


async def pages(context: Context[Any, Any], channel: str, *, page: str = "", **bounds: Any) -> AsyncIterator[Page]:
    """Yield page after page of a channel; with `ts` of that message's thread."""
    method = "conversations.replies" if "ts" in bounds else "conversations.history"
    while True:
        found = await ask(
            context,
            method,
            Page,
            channel=channel,
            cursor=page,
            limit=PAGE,
            include_all_metadata=True,
            **bounds,
        )
        yield found
        page = found.following
        if not page:
            return


async def single(context: Context[Any, Any], channel: str, ts: str, thread: str = "") -> Message | None:
    """Return one message; a reply is found in its thread only."""
    bounds = {"latest": ts, "oldest": ts, "inclusive": True, "limit": 1, "include_all_metadata": True}
    method = "conversations.replies" if thread else "conversations.history"
    found = await ask(context, method, Page, channel=channel, ts=thread, **bounds)
    return next((one for one in found.messages if one.ts == ts), None)


def moment(ts: str) -> datetime:
    """Return when a message was written, by its own name."""
    return datetime.fromtimestamp(float(ts), UTC)


def is_timestamp(ts: str) -> bool:
    """Whether a text is what Slack names messages by."""
    seconds, _, rest = ts.partition(".")
    return seconds.isdecimal() and rest.isdecimal() and len(ts) <= 20


async def content(context: Context[Any, Any], message: Message, channel: str, *, fetch: bool) -> dict[str, Any]:
    """Return what an item tells of a message."""
    return {
        "text": storable(plain(message.text)),
        "markup": storable(message.text),
        "user": message.user or "",
        "app": message.username or message.bot_id or "",
        "channel": channel,
        "ts": message.ts,
        "thread": message.thread_ts,
        "is_reply": bool(message.thread_ts and message.thread_ts != message.ts),
        "sent_at": moment(message.ts).isoformat(),
        "files": [await described(context, file, fetch=fetch) for file in files_of(message.files)],
    }


def files_of(found: Sequence[dict[str, Any]]) -> list[File]:
    """Return the files that can be told of; those that were deleted or are not shared here are left out."""
    known = []
    for one in found:
        try:
            known.append(msgspec.convert(one, File))
        except msgspec.ValidationError:
            continue
    return [file for file in known if file.mode not in {"tombstone", "hidden_by_limit"}]


async def described(context: Context[Any, Any], file: File, *, fetch: bool) -> dict[str, Any]:
    """Return what an item tells of a file, with the file itself where it is fetched."""
    name = storable(file.name or file.title or file.id)
    media_type = file.mimetype or "application/octet-stream"
    told = {
        "id": file.id,
        "name": name,
        "title": storable(file.title or ""),
        "media_type": media_type,
        "size": file.size,
        "user": file.user or "",
        "link": file.permalink,
        "channels": [*file.channels, *file.groups, *file.ims],
    }
    url = file.url_private_download or file.url_private
    if not fetch:
        return told
    if file.mode == "external" or not url:
        return {**told, "file": None, "problem": "The file lies elsewhere; Slack only knows its link."}
    if file.size > ANSWER_LIMIT:
        return {**told, "file": None, "problem": f"The file has more than {ANSWER_LIMIT // 1024 // 1024} MB."}
    try:
        answer = await download(context, url)
    except SettingsError as error:
        return {**told, "file": None, "problem": error.message}
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind == "text/html" and "html" not in media_type:
        raise CredentialsError(
            "Slack does not hand out a file: the app lacks the scope files:read, or is not in the file's channel. "
            "Whoever owns the app adds the scope and installs the app again; somebody in the channel invites it."
        )
    return {**told, "file": Attachment(name=name, media_type=media_type, content=answer.content)}
