"""Messages that go out and are changed, found again by the mark that each carries, and taken back."""

from __future__ import annotations

import time
from typing import Annotated, Any

import msgspec

from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, Shape, field
from connectors.sdk.errors import undecided
from connectors.slack.connection import Connection, tell
from connectors.slack.messages import OURS, Message, is_timestamp, pages, single
from connectors.slack.offers import channel_id, channels, places
from connectors.slack.words import Format, message

# How much older than our clock says a message may be that is looked for
MARGIN = 3600
MOST_SEARCHED = 2_000

Place = Annotated[
    str,
    field(
        "Channel", hint="A channel, or a person's id to write to them alone.", example="#invoices", choices=places,
        templated=True,
    ),
]  # fmt: skip
Channel = Annotated[
    str, field("Channel", hint="An id, or a name with #.", example="#invoices", choices=channels, templated=True)
]
Text = Annotated[
    str,
    field(
        "Text", hint="Markdown is put into Slack's own markup; nobody is mentioned by what stands in values.",
        multiline=True, templated=True,
    ),
]  # fmt: skip
Blocks = Annotated[
    Any,
    field(
        "Blocks", hint="Block Kit as a list, instead of the plain text, which notices then show.", templated=True,
        advanced=True, shape=Shape.LIST,
    ),
]  # fmt: skip
Marked = Annotated[
    Format,
    field("Text is", hint="slack: Slack's own markup, in which values can mention people.", advanced=True),
]
Stamp = Annotated[
    str, field("Message", hint="Its ts, as triggers and receipts tell it.", example="{{ trigger.ts }}", templated=True)
]
Thread = Annotated[
    str,
    field("Reply to", hint="The ts of a message: this becomes a reply.", example="{{ trigger.ts }}", templated=True),
]


class Post(Settings):
    """What to say and where."""

    channel: Place
    text: Text = ""
    thread: Thread = ""
    blocks: Blocks = None
    format: Marked = "markdown"
    broadcast: Annotated[bool, field("Show the reply in the channel too", advanced=True)] = False
    unfurl: Annotated[bool, field("Show what links lead to", advanced=True)] = True


class Update(Settings):
    """Which of the app's messages to change, and into what."""

    channel: Channel
    ts: Stamp
    text: Text = ""
    thread: Annotated[
        str, field("In the thread of", hint="Only for a reply: the ts of its thread.", templated=True, advanced=True)
    ] = ""
    blocks: Blocks = None
    format: Marked = "markdown"


class Posted(msgspec.Struct):
    """What Slack says of a message that it took."""

    channel: str = ""
    ts: str = ""


class Nothing(msgspec.Struct):
    """An answer that says no more than yes."""


def written(settings: Post | Update) -> dict[str, Any]:
    """Return the message as it would stand at Slack."""
    return message(settings.text, settings.format, settings.blocks)


async def post(context: Context[Connection, Post], record: Record) -> Receipt:
    """Post and return where the message stands; before, note from when on to look for it."""
    settings = context.settings
    said = written(settings)
    require_stamp(settings.thread, optional=True)
    await context.remember(str(int(time.time()) - MARGIN))
    answer = await tell(
        context,
        "chat.postMessage",
        Posted,
        channel=settings.channel.strip(),
        thread_ts=settings.thread.strip(),
        **({"reply_broadcast": True} if settings.broadcast and settings.thread else {}),
        **({} if settings.unfurl else {"unfurl_links": False, "unfurl_media": False}),
        metadata=_mark(record),
        **said,
    )
    return _posted(answer.channel, answer.ts, settings.thread.strip())


async def find_post(context: Context[Connection, Post], record: Record, token: str | None) -> Receipt | None:
    """Look through what was said at about that time for the message that carries the record's mark."""
    settings = context.settings
    channel, looked = await channel_id(context, settings.channel), 0
    bounds = {"oldest": token, "latest": str(int(token) + 3 * MARGIN)} if token else {"oldest": "0"}
    thread = {"ts": settings.thread.strip()} if settings.thread.strip() else {}
    async for page in pages(context, channel, **bounds, **thread):
        for one in page.messages:
            if _carries(one, record):
                return _posted(channel, one.ts, settings.thread.strip())
        looked += len(page.messages)
        if looked >= MOST_SEARCHED and not thread and page.following:
            raise undecided("message", "the channel")
    return None


async def delete_post(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Delete a message; that it is gone already is told."""
    await tell(context, "chat.delete", Nothing, channel=receipt.after["channel"], ts=receipt.after["ts"])
    return receipt


async def former(context: Context[Connection, Update]) -> tuple[str, Message]:
    """Return the channel and the message as it stands now."""
    settings = context.settings
    require_stamp(settings.ts)
    channel = await channel_id(context, settings.channel)
    found = await single(context, channel, settings.ts.strip(), settings.thread.strip())
    if found is None:
        raise SettingsError("The message is not there any more. For a reply, give the ts of its thread as well.")
    return channel, found


async def update(context: Context[Connection, Update], record: Record) -> Receipt:
    """Change a message; its former text and blocks are kept for taking it back."""
    channel, found = await former(context)
    said = written(context.settings)
    await tell(context, "chat.update", Posted, channel=channel, ts=found.ts, metadata=_mark(record), **said)
    return _updated(context.settings, channel, found, record, _image(found))


async def find_update(context: Context[Connection, Update], record: Record, _: str | None) -> Receipt | None:
    """Tell whether the message carries the record's mark already."""
    channel, found = await former(context)
    if not _carries(found, record):
        return None
    return _updated(context.settings, channel, found, record, None)


async def restore(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Put the former text back where the message still carries our mark of this change."""
    place = receipt.after
    found = await single(context, place["channel"], place["ts"], place["thread"])
    mark = found.metadata.event_payload.get("key") if found is not None and found.metadata is not None else None
    if found is None or receipt.before is None or not found.is_ours or mark != place.get("key", mark):
        raise SettingsError("The message has been changed again or is gone, so its former text is not put back.")
    await tell(context, "chat.update", Posted, channel=place["channel"], ts=place["ts"], **receipt.before)
    return receipt


def _mark(record: Record) -> dict[str, Any]:
    return {"event_type": OURS, "event_payload": {"key": record.key}}


def _carries(found: Message, record: Record) -> bool:
    return found.is_ours and found.metadata is not None and found.metadata.event_payload.get("key") == record.key


def _image(found: Message) -> dict[str, Any]:
    """Return what a message was; blocks that Slack itself made of a text are left to it."""
    given = [block for block in found.blocks if block.get("type") != "rich_text"]
    mark = {"metadata": msgspec.to_builtins(found.metadata)} if found.metadata else {}
    return {"text": found.text, **({"blocks": given} if given else {}), **mark}


def _posted(channel: str, ts: str, thread: str) -> Receipt:
    told = {"channel": channel, "ts": ts, "thread": thread or ts}
    return Receipt(reference=f"{channel}:{ts}", output=told, before={}, after=told)


def _updated(settings: Update, channel: str, found: Message, record: Record, before: Any) -> Receipt:
    told = {"channel": channel, "ts": found.ts, "thread": settings.thread.strip()}
    return Receipt(
        reference=f"{channel}:{found.ts}",
        output={**told, "text": written(settings)["text"]},
        before=before,
        after={**told, "key": record.key},
    )


def require_stamp(ts: str, *, optional: bool = False) -> None:
    """Raise SettingsError for what is no name of a message."""
    if not (is_timestamp(ts.strip()) or (optional and not ts.strip())):
        raise SettingsError(f"{ts[:40]!r} is no message's ts, such as 1763777000.000100.")
