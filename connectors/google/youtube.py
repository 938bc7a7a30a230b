"""YouTube: new videos of a channel, videos that a search finds, and comments."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from connectors.google._connection import Connection, family
from connectors.google._youtube import YOUTUBE, channel, comments, found, uploads, videos
from connectors.sdk import Category, Context, Item, Settings, SettingsError, field
from connectors.sdk.intervals import interval
from connectors.sdk.posts import Authors, Every, Existing, NotBy, Page, about, content_of, new_posts, written_by

# A video can come into a list some time after the moment at which it says that it was published
LATE = 3600.0
_CHANNEL = re.compile(r"@[\w.-]{3,60}|UC[\w-]{22}")

connector = family(
    YOUTUBE,
    "smart_display",
    category=Category.SOCIAL,
    tried="a local peer held to Google's discovery document youtube:v3",
)


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask for a channel that everybody may see."""
    del connection
    await channel(context, "@YouTube")


class Channel(Settings):
    """Whose videos start a run."""

    channel: Annotated[str, field("Channel", hint="Its handle, or its id.", example="@example")]
    existing: Existing = "skip"
    every: Every = "15m"

    def __post_init__(self) -> None:
        interval(self.every)
        require_channel(self.channel)


@connector.trigger("New video", every=900.0)
async def new_video(context: Context[Connection, Channel], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each video that a channel publishes.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `language`, `metrics` and `media`.
    """
    playlist = about(cursor) or (await channel(context, context.settings.channel.strip()))[1]

    async def ask(start: datetime | None, place: str | None) -> Page:
        del start
        return await uploads(context, playlist, place)

    async for item in new_posts(ask, cursor, existing=context.settings.existing, note=playlist, overlap=LATE):
        yield item


class Search(Settings):
    """Which videos start a run."""

    words: Annotated[str, field("Words", hint="As in YouTube's own search.", example="patchdeck -game")]
    language: Annotated[str, field("Language", hint="Two letters: what to prefer.", advanced=True)] = ""
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "2h"

    def __post_init__(self) -> None:
        interval(self.every)
        if not self.words.strip():
            raise ValueError("Give words to look for.")


@connector.trigger("Video found", every=7200.0)
async def video_found(context: Context[Connection, Search], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each new video that a search finds.

    A search costs a hundredth of what Google gives a project for a day, so look rarely.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `language`, `metrics` and `media`.
    """
    settings = context.settings

    async def ask(start: datetime | None, place: str | None) -> Page:
        named: dict[str, str] = {"relevanceLanguage": settings.language} if settings.language else {}
        if start is not None:
            named["publishedAfter"] = start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await found(context, settings.words, named, place)

    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
        overlap=LATE,
    ):
        yield item


class Commented(Settings):
    """Comments on what start a run."""

    source: Annotated[Literal["channel", "video"], field("On", hint="channel: on any of its videos.")] = "channel"
    channel: Annotated[str, field("Channel", example="@example", when={"source": ("channel",)})] = ""
    video: Annotated[str, field("Video", hint="Its id.", example="dQw4w9WgXcQ", when={"source": ("video",)})] = ""
    authors: Authors = []
    not_by: NotBy = []
    existing: Existing = "skip"
    every: Every = "15m"

    def __post_init__(self) -> None:
        interval(self.every)
        if self.source == "channel":
            require_channel(self.channel)
        elif not re.fullmatch(r"[\w-]{11}", self.video.strip()):
            raise ValueError("Give the id of the video, 11 letters such as dQw4w9WgXcQ.")


@connector.trigger("New comment", every=900.0)
async def new_comment(context: Context[Connection, Commented], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each comment on a video or on any of a channel's.

    Gives `id`, `url`, `author`, `text`, `created`, `metrics` and the video as `in_reply_to`.
    """
    settings = context.settings
    identity = about(cursor)
    if settings.source == "channel" and not identity:
        identity = (await channel(context, settings.channel.strip()))[0]
    named = {"allThreadsRelatedToChannelId": identity} if identity else {"videoId": settings.video.strip()}

    async def ask(start: datetime | None, place: str | None) -> Page:
        del start
        return await comments(context, named, place)

    async for item in new_posts(
        ask,
        cursor,
        existing=settings.existing,
        wanted=lambda post: written_by(post, settings.authors, settings.not_by),
        note=identity,
    ):
        yield item


class Video(Settings):
    """Which video to read."""

    video: Annotated[str, field("Video", hint="Its id.", example="{{ trigger.id }}", templated=True)]


@connector.lookup("Read a video")
async def read_video(context: Context[Connection, Video]) -> Any:
    """Read what a video says of itself, and its figures as they are now.

    Gives `id`, `url`, `author`, `title`, `text`, `created`, `language`, `metrics` and `media`.
    """
    listed = await videos(context, [context.settings.video.strip()])
    if not listed:
        raise SettingsError("YouTube has no video with this id, or it may not be seen.")
    return content_of(listed[0])


def require_channel(name: str) -> None:
    """Raise ValueError for what can be no channel."""
    if not _CHANNEL.fullmatch(name.strip()):
        raise ValueError("Give the handle of the channel with its @, or its id that begins with UC.")
