"""Posts, comments and notices as LinkedIn gives them, and as the hub shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

from connectors.linkedin.little import plain
from connectors.sdk.posts import Author, Media, Page, Post
from connectors.sdk.texts import storable

NETWORK = "linkedin"
# Shown in the place of words that only their author may read by the API
UNTOLD = "LinkedIn does not show this to apps"
# How many of a page are asked for again with the next
AGAIN = 5
# Milliseconds since 1970, up to the year 9999
Moment = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_000)]
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_COMMENT = re.compile(r"urn:li:comment:\((?:urn:li:)?([a-zA-Z]+):(\d+),(\d+)\)")
_ORGANISATION = re.compile(
    r"(?:urn:li:organization:|https://(?:www\.)?linkedin\.com/(?:company|school|showcase)/)?(\d+)(?:/.*)?"
)
_ADDRESSABLE = re.compile(r"urn:li:[\w:(),-]+")


class Article(msgspec.Struct):
    """A link with what is shown of it."""

    source: str = ""
    title: str = ""
    description: str = ""


class _Content(msgspec.Struct):
    article: Article | None = None


class _Reshared(msgspec.Struct):
    parent: str = ""


class Update(msgspec.Struct, rename="camel"):
    """A post; `reshare_context` is there when it shows another."""

    id: str
    author: str = ""
    commentary: str = ""
    created_at: Moment = 0
    published_at: Moment = 0
    last_modified_at: Moment = 0
    content: _Content | None = None
    reshare_context: _Reshared | None = None

    @property
    def article(self) -> Article | None:
        """The page that it links to."""
        return self.content.article if self.content else None

    @property
    def published(self) -> datetime:
        """When others could read it first."""
        return moment(self.published_at or self.created_at)

    @property
    def listed(self) -> datetime:
        """By what lists of posts are in order."""
        return moment(max(self.last_modified_at, self.published_at, self.created_at))


class Link(msgspec.Struct):
    """Where a list goes on."""

    rel: str = ""


class Paging(msgspec.Struct):
    """Which part of a list this is."""

    links: list[Link] = []

    @property
    def goes_on(self) -> bool:
        """Whether the service says that there is more."""
        return any(link.rel == "next" for link in self.links)


class Updates(msgspec.Struct):
    """Some of the posts of an author."""

    elements: list[Update]
    paging: Paging = msgspec.field(default_factory=Paging)


class Notice(msgspec.Struct, rename="camel"):
    """That somebody mentioned the organisation, or commented on its post; the activity is what they wrote."""

    generated_activity: str
    last_modified_at: Moment
    source_post: str = ""


class Notices(msgspec.Struct):
    """A page of notices, as LinkedIn lists them."""

    elements: list[Notice]
    paging: Paging = msgspec.field(default_factory=Paging)


class _Stamp(msgspec.Struct):
    time: Moment = 0
    actor: str = ""


class _Message(msgspec.Struct):
    text: str = ""


class Comment(msgspec.Struct, rename="camel"):
    """What somebody wrote below a post."""

    actor: str = ""
    message: _Message = msgspec.field(default_factory=_Message)
    created: _Stamp = msgspec.field(default_factory=_Stamp)
    parent_comment: str | None = None


class Organisation(msgspec.Struct, rename="camel"):
    """What is public about an organisation."""

    localized_name: str = ""
    vanity_name: str = ""


class _Role(msgspec.Struct, rename="camel"):
    organization: str = ""
    organization_target: str = ""


class Roles(msgspec.Struct):
    """Which pages a person has a part in."""

    elements: list[_Role]

    @property
    def organisations(self) -> list[str]:
        """The organisations' names in the API, each once."""
        named = (role.organization or role.organization_target for role in self.elements)
        return list(dict.fromkeys(one for one in named if one))


class Person(msgspec.Struct):
    """Who signed in."""

    sub: str


def moment(milliseconds: int) -> datetime:
    """Return a moment as LinkedIn counts it."""
    return _BEGINNING + timedelta(milliseconds=milliseconds)


def address_of(urn: str) -> str | None:
    """Return where people read a post; None for what can stand in no address."""
    return f"https://www.linkedin.com/feed/update/{urn}/" if _ADDRESSABLE.fullmatch(urn) else None


def organisation_named(text: str) -> str:
    """Return the API's name of an organisation told by its number, name or address; raises ValueError."""
    found = _ORGANISATION.fullmatch(text.strip())
    if found is None:
        raise ValueError("Give the organisation's number: it stands in the address of its admin page.")
    return f"urn:li:organization:{found[1]}"


def comment_place(urn: str) -> tuple[str, str] | None:
    """Return the post below which a comment stands, and its id there."""
    found = _COMMENT.fullmatch(urn)
    return (f"urn:li:{found[1]}:{found[2]}", found[3]) if found else None


class Place(msgspec.Struct):
    """From where on older posts are asked for, and those of them that were read already.

    A post that is deleted meanwhile moves the older ones up, so the last of a page are asked for again.
    """

    start: int = 0
    read: list[str] = []

    @classmethod
    def load(cls, text: str | None) -> Place:
        """Read what `dump` wrote; None begins with the newest."""
        return msgspec.json.decode(text, type=cls) if text else cls()

    def dump(self) -> str:
        """Return the place as text."""
        return msgspec.json.encode(self).decode()


def page_of(updates: Updates, author: Author, start: datetime | None, place: Place, size: int) -> Page:
    """Return a page of an author's posts, without those that were published before `start` and changed since."""
    found = updates.elements
    goes_on = bool(found) and (len(found) >= size or updates.paging.goes_on)
    more = goes_on and (start is None or min(update.listed for update in found) >= start)
    again = found[1:][-AGAIN:]
    older = Place(place.start + len(found) - len(again), [update.id for update in again])
    fresh = (update for update in found if update.id not in place.read)
    posts = [post_of(one, author=author) for one in fresh if start is None or one.published >= start]
    return Page(posts=posts, older=older.dump() if more else None)


def post_of(update: Update, *, author: Author | None = None, listed: datetime | None = None) -> Post:
    """Return a post in the shape of all networks."""
    return Post(
        network=NETWORK,
        id=update.id,
        url=address_of(update.id),
        author=author or author_of(update.author),
        text=storable(plain(update.commentary)),
        created=update.published,
        listed=listed or update.listed,
        media=list(_media(update.article)),
        thread=update.id,
        repost=update.reshare_context is not None,
    )


def comment_of(comment: Comment, notice: Post) -> Post:
    """Return a comment in the shape of all networks, in the place of the notice of it."""
    return msgspec.structs.replace(
        notice,
        author=author_of(comment.actor or comment.created.actor),
        title="",
        text=storable(comment.message.text),
        created=moment(comment.created.time) if comment.created.time else notice.created,
        in_reply_to=comment.parent_comment or notice.in_reply_to,
    )


def notice_of(notice: Notice) -> Post:
    """Return what a notice alone tells of a post or comment."""
    said = notice.generated_activity
    place = comment_place(said)
    thread = place[0] if place else said
    return Post(
        network=NETWORK,
        id=f"urn:li:comment:({place[0]},{place[1]})" if place else said,
        url=address_of(thread),
        author=Author(),
        title=UNTOLD,
        text="",
        created=moment(notice.last_modified_at),
        in_reply_to=thread if place else None,
        thread=thread,
    )


def author_of(urn: str) -> Author:
    """Return who wrote something: LinkedIn tells the names of organisations and people nowhere here."""
    _, _, identity = urn.rpartition(":")
    of_organisation = urn.startswith("urn:li:organization:") and identity.isdecimal()
    url = f"https://www.linkedin.com/company/{identity}/" if of_organisation else None
    return Author(id=storable(urn), url=url)


def is_by(post: Post, authors: Sequence[str], not_by: Sequence[str]) -> bool:
    """Tell whether a post's author is among those asked for and not among those left out, by name or its last part."""
    names = {post.author.id.casefold(), post.author.id.rpartition(":")[2].casefold()}
    return (not authors or not names.isdisjoint(_folded(authors))) and names.isdisjoint(_folded(not_by))


def _folded(names: Sequence[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def _media(article: Article | None) -> Iterable[Media]:
    if article is not None and article.source.startswith(("https://", "http://")):
        yield Media(kind="link", url=storable(article.source), text=storable(article.title))
