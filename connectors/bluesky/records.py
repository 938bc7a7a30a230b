"""Posts as Bluesky gives them, and as the hub shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from connectors.sdk.posts import Author, Media, Page, Post, moment_of


class _Author(msgspec.Struct, rename="camel"):
    did: str
    handle: str = ""
    display_name: str = ""


class Reference(msgspec.Struct):
    """A record in one of its versions."""

    uri: str
    cid: str = ""


class _Reply(msgspec.Struct):
    root: Reference
    parent: Reference


class Record(msgspec.Struct, rename="camel"):
    """What somebody wrote."""

    text: str = ""
    created_at: str = ""
    langs: list[str] = []
    reply: _Reply | None = None


class PostView(msgspec.Struct, rename="camel"):
    """A post with what became of it."""

    uri: str
    author: _Author
    record: Record
    indexed_at: str
    cid: str = ""
    reply_count: int = 0
    repost_count: int = 0
    like_count: int = 0
    quote_count: int = 0
    embed: dict[str, Any] = {}


class _Reason(msgspec.Struct, rename="camel"):
    indexed_at: str = ""


class FeedPost(msgspec.Struct):
    """A post in a feed; with a reason it is there because somebody repeated it."""

    post: PostView
    reason: _Reason | None = None


class Feed(msgspec.Struct):
    """A page of an account's feed."""

    feed: list[FeedPost] = []
    cursor: str | None = None


class Found(msgspec.Struct):
    """A page of a search, or the posts that were asked for."""

    posts: list[PostView] = []
    cursor: str | None = None


class Notices(msgspec.Struct):
    """A page of notifications; each has the post that it is about."""

    notifications: list[PostView] = []
    cursor: str | None = None


def page_of(posts: Sequence[FeedPost], cursor: str | None) -> Page:
    """Return a page of posts."""
    return Page(posts=[_post(one.post, one.reason) for one in posts], older=cursor if posts else None)


def address_of(uri: str, handle: str) -> str:
    """Return where people read a post."""
    return f"https://bsky.app/profile/{handle}/post/{uri.rpartition('/')[2]}"


def _post(view: PostView, reason: _Reason | None) -> Post:
    said, indexed = view.record, moment_of(view.indexed_at)
    repeated = reason is not None and bool(reason.indexed_at)
    return Post(
        network="bluesky",
        id=view.uri,
        url=address_of(view.uri, view.author.handle or view.author.did),
        author=Author(
            id=view.author.did,
            name=view.author.handle,
            title=view.author.display_name,
            url=f"https://bsky.app/profile/{view.author.handle or view.author.did}",
        ),
        text=said.text,
        created=_written(said.created_at, indexed),
        listed=moment_of(reason.indexed_at) if reason is not None and repeated else indexed,
        repost=repeated,
        language=said.langs[0] if said.langs else None,
        metrics={
            "replies": view.reply_count,
            "reposts": view.repost_count,
            "likes": view.like_count,
            "quotes": view.quote_count,
        },
        media=_media(view.embed),
        in_reply_to=said.reply.parent.uri if said.reply else None,
        thread=said.reply.root.uri if said.reply else view.uri,
    )


def _written(text: str, indexed: datetime) -> datetime:
    """Return when a post says that it was written; its author's program may have said anything."""
    try:
        return min(moment_of(text), indexed)
    except ValueError:
        return indexed


def _media(embed: dict[str, Any]) -> list[Media]:
    """Return pictures, video and link of a post; those beside a quoted post stand one level deeper."""
    inner = embed.get("media")
    shown = inner if isinstance(inner, dict) else embed
    images = [_shown("image", one, "fullsize", "alt") for one in _listed(shown.get("images"))]
    if shown.get("$type") == "app.bsky.embed.video#view":
        images.append(_shown("video", shown, "playlist", "alt"))
    if isinstance(shown.get("external"), dict):
        images.append(_shown("link", shown["external"], "uri", "title"))
    return [one for one in images if one.url]


def _listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _shown(kind: str, said: dict[str, Any], url: str, text: str) -> Media:
    return Media(kind=kind, url=str(said.get(url) or ""), text=str(said.get(text) or ""))
