"""Posts as X gives them, and as the hub shows them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sdk.posts import Author, Media, Page, Post
from connectors.x.connection import Problem

# X's ids begin with the milliseconds since this moment
_EPOCH = 1_288_834_974_657
FIELDS: dict[str, Any] = {
    "tweet_fields": [
        "attachments",
        "author_id",
        "conversation_id",
        "created_at",
        "entities",
        "lang",
        "public_metrics",
        "referenced_tweets",
    ],
    "user_fields": ["name", "username"],
    "media_fields": ["alt_text", "preview_image_url", "type", "url"],
    "expansions": ["author_id", "attachments.media_keys"],
}
_METRICS = {
    "retweet_count": "reposts",
    "reply_count": "replies",
    "like_count": "likes",
    "quote_count": "quotes",
    "impression_count": "views",
}


class User(msgspec.Struct):
    """An account, with as much of it as was asked for."""

    id: str
    username: str = ""
    name: str = ""


class _Attachments(msgspec.Struct):
    media_keys: list[str] = []


class _Link(msgspec.Struct):
    url: str = ""
    expanded_url: str = ""


class _Entities(msgspec.Struct):
    urls: list[_Link] = []


class _Reference(msgspec.Struct):
    type: str
    id: str


class _Media(msgspec.Struct):
    media_key: str = ""
    type: str = ""
    url: str = ""
    preview_image_url: str = ""
    alt_text: str = ""


class Tweet(msgspec.Struct):
    """A post, with what it refers to by id."""

    id: str
    text: str
    created_at: datetime | None = None
    author_id: str = ""
    conversation_id: str | None = None
    lang: str | None = None
    public_metrics: dict[str, int] = {}
    referenced_tweets: list[_Reference] = []
    attachments: _Attachments = msgspec.field(default_factory=_Attachments)
    entities: _Entities = msgspec.field(default_factory=_Entities)

    @property
    def words(self) -> str:
        """The text as it was written: without X's own short links and escapes."""
        text = self.text
        for link in self.entities.urls:
            if link.url and link.expanded_url:
                text = text.replace(link.url, link.expanded_url)
        return html.unescape(text)

    @property
    def in_reply_to(self) -> str | None:
        """The post that this one answers."""
        return next((one.id for one in self.referenced_tweets if one.type == "replied_to"), None)


class _Includes(msgspec.Struct):
    users: list[User] = []
    media: list[_Media] = []


class _Meta(msgspec.Struct):
    next_token: str | None = None


class Tweets(msgspec.Struct):
    """A list of posts."""

    data: list[Tweet] = []
    meta: _Meta = msgspec.field(default_factory=_Meta)
    includes: _Includes = msgspec.field(default_factory=_Includes)
    errors: list[Problem] = []


class Account(msgspec.Struct):
    """The answer to who somebody is."""

    data: User | None = None
    errors: list[Problem] = []


class Posted(msgspec.Struct):
    """The answer to a new post."""

    data: Tweet


def page_of(tweets: Tweets) -> Page:
    """Return a page of posts; older ones, when there are any, come before its oldest id."""
    users = {user.id: user for user in tweets.includes.users}
    media = {one.media_key: one for one in tweets.includes.media}
    posts = [
        _post(tweet, users, [media[key] for key in tweet.attachments.media_keys if key in media])
        for tweet in tweets.data
    ]
    more = bool(posts) and tweets.meta.next_token is not None
    return Page(posts=posts, older=str(min(int(post.id) for post in posts)) if more else None)


def id_at(moment: datetime) -> int:
    """Return the least id that a post of a moment can have."""
    return max(0, int(moment.timestamp() * 1000) - _EPOCH) << 22


def address_of(tweet: str, user: str = "i") -> str:
    """Return where people read a post."""
    return f"https://x.com/{user}/status/{tweet}"


def _post(tweet: Tweet, users: dict[str, User], media: Sequence[_Media]) -> Post:
    user = users.get(tweet.author_id, User(id=tweet.author_id))
    return Post(
        network="x",
        id=tweet.id,
        url=address_of(tweet.id, user.username or "i"),
        author=Author(
            id=user.id,
            name=user.username,
            title=user.name,
            url=f"https://x.com/{user.username}" if user.username else None,
        ),
        text=tweet.words,
        created=tweet.created_at or _moment(tweet.id),
        language=tweet.lang if tweet.lang not in {"und", "zxx", "qme", "qst"} else None,
        metrics={
            name: tweet.public_metrics[theirs] for theirs, name in _METRICS.items() if theirs in tweet.public_metrics
        },
        media=list(_media(media)),
        in_reply_to=tweet.in_reply_to,
        repost=any(one.type == "retweeted" for one in tweet.referenced_tweets),
        thread=tweet.conversation_id,
    )


def _media(found: Iterable[_Media]) -> Iterable[Media]:
    kinds = {"photo": "image", "animated_gif": "image"}
    for one in found:
        if url := one.url or one.preview_image_url:
            yield Media(kind=kinds.get(one.type, one.type), url=url, text=one.alt_text)


def _moment(identity: str) -> datetime:
    return datetime.fromtimestamp(((int(identity) >> 22) + _EPOCH) / 1000, UTC)
