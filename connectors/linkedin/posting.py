"""Posts that go out, are found again, and are taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from connectors.linkedin.answers import Person, Update, Updates, address_of
from connectors.linkedin.connection import Connection, call
from connectors.linkedin.little import little, plain
from connectors.linkedin.pages import NOT_FOUND, organisation, organisations
from connectors.linkedin.restli import Query
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, TemporaryError, field
from connectors.sdk.errors import undecided
from connectors.sdk.network.http import Options
from connectors.sdk.posts import comparable

POSTS = ("rest", "posts")
# The newest posts, among which one is looked for that may have been written
LAST_POSTS = 50
SKEW = timedelta(minutes=5)


class Words(Settings):
    """What to post, and who sees it."""

    text: Annotated[str, field("Text", templated=True, multiline=True, example="{{ read.summary }} #news")]
    organisation: Annotated[
        str,
        field(
            "Organisation",
            hint="Its number; empty for the only one, and for a member.",
            example="2414183",
            choices=organisations,
        ),
    ] = ""
    link: Annotated[
        str, field("Link", hint="Shown below the text.", templated=True, example="https://example.com/news")
    ] = ""
    link_title: Annotated[
        str,
        field(
            "Title of the link",
            hint="LinkedIn does not read the page, so say what it is called.",
            templated=True,
            example="{{ read.title }}",
        ),
    ] = ""
    link_text: Annotated[str, field("Text of the link", templated=True, advanced=True)] = ""
    visibility: Annotated[
        Literal["PUBLIC", "LOGGED_IN", "CONNECTIONS"],
        field(
            "Visible to",
            hint="PUBLIC: everybody; LOGGED_IN: members of LinkedIn; CONNECTIONS: a member's own contacts.",
        ),
    ] = "PUBLIC"
    resharing: Annotated[Literal["allowed", "forbidden"], field("Sharing by others", advanced=True)] = "allowed"
    mentions: Annotated[
        bool,
        field(
            "Mentions",
            hint="Take a name in square and its URN in round brackets after an @ as a mention.",
            advanced=True,
        ),
    ] = False


async def post(context: Context[Connection, Words], record: Record) -> Receipt:
    """Write a post; LinkedIn has no place for a key, but refuses the same words twice within a short time."""
    del record
    sent = written(context.settings, await author(context))
    await context.remember(datetime.now(UTC).isoformat())
    answer = await call(context, "POST", POSTS, options=Options(json=sent), action="CREATE")
    made = unquote(answer.headers.get("x-restli-id", ""))
    if not made.startswith("urn:li:"):
        raise TemporaryError("LinkedIn did not say which post it made of this.", uncertain=True)
    return _receipt(made)


async def author(context: Context[Connection, Words]) -> str:
    """Return in whose name a post goes out."""
    connection = context.connection
    if connection.kind == "member":
        person = (await call(context, "GET", ("v2", "userinfo"))).read(Person)
        return f"urn:li:person:{person.sub}"
    if connection.access != "write":
        raise SettingsError("This connection only reads. Choose write in the connection, and connect again.")
    return await organisation(context, context.settings.organisation)


def written(settings: Words, of: str) -> dict[str, Any]:
    """Return what is sent."""
    if not settings.text.strip():
        raise SettingsError("There is no text to post.")
    sent: dict[str, Any] = {
        "author": of,
        "commentary": little(settings.text, mentions=settings.mentions),
        "visibility": settings.visibility,
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": settings.resharing == "forbidden",
    }
    return sent | ({"content": {"article": _article(settings)}} if settings.link.strip() else {})


async def find_post(context: Context[Connection, Words], record: Record, token: str | None) -> Receipt | None:
    """Look among the organisation's newest posts for one with these words and link, written since it was tried."""
    del record
    if token is None:
        return None
    of = await author(context)
    if not of.startswith("urn:li:organization:"):
        raise SettingsError(
            "LinkedIn does not let apps read a member's posts, so it is not known whether this was posted. Look at the "
            "profile: if it is not there, replay the item."
        )
    since = datetime.fromisoformat(token) - SKEW
    query: Query = {"q": "author", "author": of, "start": 0, "count": LAST_POSTS, "sortBy": "CREATED"}
    answer = await call(context, "GET", POSTS, query, action="FINDER")
    wanted = _said(written(context.settings, of)["commentary"]), context.settings.link.strip()
    lately = [one for one in answer.read(Updates).elements if one.published >= since]
    found = next((one for one in lately if (_said(one.commentary), _link(one)) == wanted), None)
    if found is None and len(lately) >= LAST_POSTS:
        raise undecided("post", "the page")
    return _receipt(found.id) if found else None


async def delete_post(context: Context[Connection, Words], given: Receipt) -> Receipt:
    """Delete a post; one that is gone already is what was wanted."""
    path = (*POSTS, given.reference or "")
    await call(context, "DELETE", path, options=Options(accepts=(NOT_FOUND,)), action="DELETE")
    return Receipt(reference=given.reference)


def _article(settings: Words) -> dict[str, str]:
    source, title = settings.link.strip(), settings.link_title.strip()
    if not source.startswith(("https://", "http://")):
        raise SettingsError("The link must begin with https:// or http://.")
    if not title:
        raise SettingsError("Give the link a title: LinkedIn shows none of its own.")
    text = settings.link_text.strip()
    return {"source": source, "title": title} | ({"description": text} if text else {})


def _said(commentary: str) -> str:
    return comparable(plain(commentary))


def _link(update: Update) -> str:
    return update.article.source if update.article else ""


def _receipt(urn: str) -> Receipt:
    told = {"id": urn, "url": address_of(urn)}
    return Receipt(reference=urn, url=told["url"], output=told, before={}, after=told)
