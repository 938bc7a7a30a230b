"""Videos and comments as YouTube gives them, and as the hub shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from connectors.google._calls import ask
from connectors.google._connection import SERVICES, Connection
from connectors.sdk import Context, SettingsError
from connectors.sdk.posts import Author, Media, Page, Post

YOUTUBE = SERVICES["youtube"]
PAGE = 50


class _Thumbnail(msgspec.Struct):
    url: str = ""


class _About(msgspec.Struct, rename="camel"):
    """A video's own words; of a comment those that begin its thread."""

    published_at: datetime
    title: str = ""
    description: str = ""
    channel_id: str = ""
    channel_title: str = ""
    thumbnails: dict[str, _Thumbnail] = {}
    default_language: str | None = None
    default_audio_language: str | None = None


class _Video(msgspec.Struct):
    id: str
    snippet: _About
    statistics: dict[str, str] = {}


class _Videos(msgspec.Struct):
    items: list[_Video] = []


class _Details(msgspec.Struct, rename="camel"):
    video_id: str


class _Entry(msgspec.Struct, rename="camel"):
    content_details: _Details


class _Entries(msgspec.Struct, rename="camel"):
    items: list[_Entry] = []
    next_page_token: str | None = None


class _Hits(msgspec.Struct, rename="camel"):
    items: list[_Hit] = []
    next_page_token: str | None = None


class _Hit(msgspec.Struct):
    id: _FoundId


class _FoundId(msgspec.Struct, rename="camel"):
    video_id: str = ""


class _Channels(msgspec.Struct):
    items: list[_Channel] = []


class _Channel(msgspec.Struct, rename="camel"):
    id: str
    content_details: _Lists | None = None


class _Lists(msgspec.Struct, rename="camel"):
    related_playlists: dict[str, str] = {}


class _Writer(msgspec.Struct):
    value: str = ""


class _Said(msgspec.Struct, rename="camel"):
    published_at: datetime
    text_original: str = ""
    text_display: str = ""
    author_display_name: str = ""
    author_channel_id: _Writer = msgspec.field(default_factory=_Writer)
    author_channel_url: str = ""
    like_count: int = 0


class _Comment(msgspec.Struct):
    id: str
    snippet: _Said


class _Begun(msgspec.Struct, rename="camel"):
    top_level_comment: _Comment
    video_id: str = ""
    total_reply_count: int = 0


class _Thread(msgspec.Struct):
    id: str
    snippet: _Begun


class _Threads(msgspec.Struct, rename="camel"):
    items: list[_Thread] = []
    next_page_token: str | None = None


async def channel(context: Context[Connection, Any], name: str) -> tuple[str, str]:
    """Return a channel's id and the id of the list of its videos, by its handle or its id."""
    wanted = {"id": name} if name.startswith("UC") and len(name) == 24 else {"forHandle": name}
    found = await ask(context, YOUTUBE, "channels.list", _Channels, part="id,contentDetails", **wanted)
    if not found.items:
        raise SettingsError(f"YouTube has no channel {name}. Give its handle, such as @example, or its id.")
    lists = found.items[0].content_details
    uploads = lists.related_playlists.get("uploads", "") if lists else ""
    if not uploads:
        raise SettingsError(f"The channel {name} shows no videos.")
    return found.items[0].id, uploads


async def uploads(context: Context[Connection, Any], playlist: str, place: str | None) -> Page:
    """Return a page of a channel's videos."""
    listed = await ask(
        context, YOUTUBE, "playlistItems.list", _Entries,
        part="contentDetails", playlistId=playlist, maxResults=PAGE, pageToken=place,
    )  # fmt: skip
    ids = [one.content_details.video_id for one in listed.items]
    return Page(posts=await videos(context, ids), older=listed.next_page_token)


async def found(context: Context[Connection, Any], words: str, named: Mapping[str, Any], place: str | None) -> Page:
    """Return a page of what a search finds, the newest first."""
    listed = await ask(
        context, YOUTUBE, "search.list", _Hits,
        part="id", q=words, type="video", order="date", maxResults=PAGE, pageToken=place, **named,
    )  # fmt: skip
    ids = [one.id.video_id for one in listed.items if one.id.video_id]
    return Page(posts=await videos(context, ids), older=listed.next_page_token)


async def comments(context: Context[Connection, Any], about: Mapping[str, str], place: str | None) -> Page:
    """Return a page of comments on a video or on all of a channel's, the newest first."""
    listed = await ask(
        context, YOUTUBE, "commentThreads.list", _Threads,
        part="snippet", order="time", textFormat="plainText", maxResults=PAGE, pageToken=place, **about,
    )  # fmt: skip
    return Page(posts=[_comment(one) for one in listed.items], older=listed.next_page_token)


async def videos(context: Context[Connection, Any], ids: Sequence[str]) -> list[Post]:
    """Return videos with their figures."""
    if not ids:
        return []
    asked = ",".join(ids)
    listed = await ask(context, YOUTUBE, "videos.list", _Videos, part="snippet,statistics", id=asked, maxResults=PAGE)
    return [_video(one) for one in listed.items]


def _video(video: _Video) -> Post:
    said, best = video.snippet, list(video.snippet.thumbnails.values())[-1:]
    return Post(
        network="youtube",
        id=video.id,
        url=f"https://www.youtube.com/watch?v={video.id}",
        author=_author(said.channel_id, said.channel_title),
        title=said.title,
        text=said.description,
        created=said.published_at,
        language=said.default_audio_language or said.default_language,
        metrics={
            name: int(video.statistics[theirs])
            for theirs, name in (("viewCount", "views"), ("likeCount", "likes"), ("commentCount", "replies"))
            if video.statistics.get(theirs, "").isdecimal()
        },
        media=[Media(kind="image", url=one.url, text=said.title) for one in best if one.url],
        community=said.channel_title,
    )


def _comment(thread: _Thread) -> Post:
    said, video = thread.snippet.top_level_comment.snippet, thread.snippet.video_id
    return Post(
        network="youtube",
        id=thread.id,
        url=f"https://www.youtube.com/watch?v={video}&lc={thread.id}" if video else None,
        author=_author(said.author_channel_id.value, said.author_display_name),
        text=said.text_original or said.text_display,
        created=said.published_at,
        metrics={"likes": said.like_count, "replies": thread.snippet.total_reply_count},
        in_reply_to=video or None,
        thread=thread.id,
    )


def _author(identity: str, name: str) -> Author:
    url = f"https://www.youtube.com/channel/{identity}" if identity else None
    return Author(id=identity, name=name, title=name, url=url)
