"""Files and reactions that go out, and are taken back."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field
from connectors.sdk.files.outgoing import FileContent, FileName, Outgoing, attached
from connectors.slack.connection import FILE_SECONDS, Connection, ask, tell
from connectors.slack.messages import Message
from connectors.slack.offers import channel_id
from connectors.slack.posting import Channel, Nothing, Place, Stamp, Thread, require_stamp
from connectors.slack.words import message


class Upload(Settings):
    """Which file to share and where."""

    channel: Place
    file: FileContent = None
    name: FileName = ""
    comment: Annotated[str, field("Words with it", multiline=True, templated=True)] = ""
    thread: Thread = ""
    title: Annotated[str, field("Title", templated=True, advanced=True)] = ""


class React(Settings):
    """Which message to mark, and with what."""

    channel: Channel
    ts: Stamp
    reaction: Annotated[str, field("Emoji", hint="By its name.", example="white_check_mark", templated=True)]


class _Announced(msgspec.Struct):
    upload_url: str
    file_id: str


class _Shared(msgspec.Struct):
    file: dict[str, Any] = {}


class _Reacted(msgspec.Struct):
    message: Message


class _Who(msgspec.Struct):
    user_id: str = ""


async def file_of(context: Context[Connection, Upload]) -> Outgoing:
    """Return the file that would be uploaded."""
    settings = context.settings
    return await attached(context.files, settings.file, settings.name)


async def upload(context: Context[Connection, Upload], _: Record) -> Receipt:
    """Announce, send and share a file; its id is noted before anybody sees it."""
    settings = context.settings
    require_stamp(settings.thread, optional=True)
    file, channel = await file_of(context), await channel_id(context, settings.channel)
    place = await tell(context, "files.getUploadURLExternal", _Announced, filename=file.name, length=len(file.content))
    await context.http.post(place.upload_url, content=file.content, timeout=FILE_SECONDS)
    await context.remember(place.file_id)
    comment = message(settings.comment, "markdown", None)["text"] if settings.comment.strip() else ""
    await tell(
        context,
        "files.completeUploadExternal",
        Nothing,
        files=[{"id": place.file_id, "title": settings.title or file.name}],
        channel_id=channel,
        initial_comment=comment,
        thread_ts=settings.thread.strip(),
    )
    return _shared(place.file_id, channel, file.name)


async def find_upload(context: Context[Connection, Upload], _: Record, token: str | None) -> Receipt | None:
    """Tell whether the file that was announced has been shared."""
    if token is None:
        return None  # it was never announced
    try:
        found = (await ask(context, "files.info", _Shared, file=token)).file
    except SettingsError:
        return None  # announced only, and dropped by Slack
    shown = [*found.get("channels", ()), *found.get("groups", ()), *found.get("ims", ())]
    return _shared(token, str(shown[0]), str(found.get("name") or token)) if shown else None


async def delete_file(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Delete a file from Slack."""
    await tell(context, "files.delete", Nothing, file=receipt.after["file"])
    return receipt


async def react(context: Context[Connection, React], _: Record) -> Receipt:
    """Add a reaction; that it is there already is what was wanted."""
    channel, ts, name = await _target(context)
    already = await _reacted(context, channel, ts, name)
    if not already:
        await tell(context, "reactions.add", Nothing, channel=channel, timestamp=ts, name=name)
    return _reaction(channel, ts, name, ours=not already)


async def find_reaction(context: Context[Connection, React], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the app has reacted."""
    channel, ts, name = await _target(context)
    return _reaction(channel, ts, name, ours=True) if await _reacted(context, channel, ts, name) else None


async def take_back(context: Context[Connection, Any], receipt: Receipt) -> Receipt:
    """Remove a reaction that this delivery added."""
    place = receipt.after
    if place["ours"]:
        await tell(
            context, "reactions.remove", Nothing, channel=place["channel"], timestamp=place["ts"], name=place["name"]
        )
    return receipt


async def _target(context: Context[Connection, React]) -> tuple[str, str, str]:
    settings = context.settings
    require_stamp(settings.ts)
    name = settings.reaction.strip(": ")
    if not name:
        raise SettingsError("Name the emoji, such as white_check_mark.")
    return await channel_id(context, settings.channel), settings.ts.strip(), name


async def _reacted(context: Context[Connection, Any], channel: str, ts: str, name: str) -> bool:
    own = (await tell(context, "auth.test", _Who)).user_id
    found = await ask(context, "reactions.get", _Reacted, channel=channel, timestamp=ts, full=True)
    return any(one.name == name and own in one.users for one in found.message.reactions)


def _shared(file: str, channel: str, name: str) -> Receipt:
    told = {"file": file, "channel": channel, "name": name}
    return Receipt(reference=file, output=told, before={}, after=told)


def _reaction(channel: str, ts: str, name: str, *, ours: bool) -> Receipt:
    told = {"channel": channel, "ts": ts, "name": name, "ours": ours}
    return Receipt(reference=f"{channel}:{ts}:{name}", output=told, before={}, after=told)
