"""Posts as Mastodon gives them, and as the hub shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sdk import Context
from connectors.sdk.posts import Author, Media, Page, Post
from connectors.sdk.texts import storable

_LINK = re.compile(r"https?://\S+")
_SERVER = re.compile(r"(@\w+)@[\w.-]+")


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Account(msgspec.Struct):
    """Who posted."""

    id: str
    acct: str = ""
    display_name: str = ""
    url: str = ""


class _Attachment(msgspec.Struct):
    type: str
    url: str | None = None
    remote_url: str | None = None
    preview_url: str | None = None
    description: str | None = None


class Status(msgspec.Struct):
    """A post; one with `reblog` only repeats another."""

    id: str
    created_at: datetime
    account: Account
    content: str = ""
    url: str | None = None
    uri: str = ""
    language: str | None = None
    spoiler_text: str = ""
    in_reply_to_id: str | None = None
    media_attachments: list[_Attachment] = []
    reblogs_count: int = 0
    favourites_count: int = 0
    replies_count: int = 0
    reblog: Status | None = None

    @property
    def moment(self) -> datetime:
        """When it was written or repeated."""
        return _zoned(self.created_at)


class Notification(msgspec.Struct):
    """That something happened to the account."""

    id: str
    created_at: datetime
    status: Status | None = None

    @property
    def moment(self) -> datetime:
        """When it happened."""
        return _zoned(self.created_at)


class Source(msgspec.Struct):
    """A post as it was written."""

    text: str
    spoiler_text: str = ""


async def page_of(context: Context[Any, Any], statuses: Sequence[Status], listed: Sequence[Notification] = ()) -> Page:
    """Return a page of posts, in the order given; `listed` are the notices that came with them."""
    texts = await context.confined(plain_texts, [(status.reblog or status).content for status in statuses])
    places: Sequence[Status | Notification] = listed or statuses
    posts = [_post(status, text, place.moment) for status, text, place in zip(statuses, texts, places, strict=True)]
    return Page(posts=posts, older=places[-1].id if places else None)


def plain_texts(pages: list[str]) -> list[str]:
    """Return the words of posts, which travel as HTML."""
    from lxml import html

    return [_plain(html.fragment_fromstring(page, create_parent="div")) if page.strip() else "" for page in pages]


def comparable(text: str) -> str:
    """Return text as it is before and after a server has changed its links and mentions."""
    return " ".join(_SERVER.sub(r"\1", _LINK.sub("", text)).split())


def _plain(parsed: Any) -> str:
    for place in parsed.iter("br"):
        place.tail = "\n" + (place.tail or "")
    for place in list(parsed.iter("p"))[1:]:
        place.text = "\n\n" + (place.text or "")
    return str(parsed.text_content()).strip()


def _post(status: Status, text: str, listed: datetime) -> Post:
    said = status.reblog or status
    return Post(
        network="mastodon",
        id=status.id,
        url=said.url or said.uri or None,
        author=Author(
            id=said.account.id, name=said.account.acct, title=said.account.display_name, url=said.account.url or None
        ),
        title=said.spoiler_text,
        text=storable(text),
        created=said.moment,
        listed=listed,
        repost=status.reblog is not None,
        language=said.language,
        metrics={"reposts": said.reblogs_count, "likes": said.favourites_count, "replies": said.replies_count},
        media=[_media(one) for one in said.media_attachments if one.url or one.remote_url],
        in_reply_to=said.in_reply_to_id,
        thread=said.in_reply_to_id or said.id,
    )


def _media(one: _Attachment) -> Media:
    kind = "image" if one.type == "gifv" else one.type
    return Media(kind=kind, url=one.url or one.remote_url or "", text=one.description or "")
