"""Posts that go out, are changed and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec

from connectors.mastodon.connection import Connection, call
from connectors.mastodon.statuses import Account, Source, Status, comparable, plain_texts
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field
from connectors.sdk.errors import undecided
from connectors.sdk.network.http import Options

NOT_FOUND = 404
# The account's last posts, among which one is looked for that may have been written
LAST_POSTS = 40
SKEW = timedelta(minutes=5)


class Words(Settings):
    """What to post, and who sees it."""

    text: Annotated[str, field("Text", templated=True, multiline=True, example="{{ read.summary }}")]
    reply_to: Annotated[
        str, field("Reply to", hint="The id of a post; empty for a post of its own.", templated=True)
    ] = ""
    visibility: Annotated[
        Literal["public", "unlisted", "private", "direct"],
        field("Visible to", hint="unlisted: all, but in no timeline; private: followers; direct: those mentioned."),
    ] = "public"
    warning: Annotated[
        str, field("Warning", hint="Shown first; the text opens on a click.", templated=True, advanced=True)
    ] = ""
    language: Annotated[str, field("Language", hint="Two letters.", example="en", advanced=True)] = ""


class Edited(Settings):
    """Which post to change, and what it says from now on."""

    post: Annotated[str, field("Post", hint="Its id.", templated=True, example="{{ announce.id }}")]
    text: Annotated[str, field("Text", templated=True, multiline=True)]
    warning: Annotated[str, field("Warning", templated=True, advanced=True)] = ""


async def post(context: Context[Connection, Words], record: Record) -> Receipt:
    """Write a post under the record's key, which the server remembers for an hour."""
    await context.remember(datetime.now(UTC).isoformat())
    options = Options(json=written(context.settings), headers={"Idempotency-Key": record.key})
    return receipt((await call(context, "POST", "/api/v1/statuses", options)).read(Status))


def written(settings: Words) -> dict[str, Any]:
    """Return what is sent."""
    told = {
        "status": settings.text,
        "visibility": settings.visibility,
        "in_reply_to_id": settings.reply_to,
        "spoiler_text": settings.warning,
        "language": settings.language,
    }
    return {name: value for name, value in told.items() if value}


async def find_post(context: Context[Connection, Words], record: Record, token: str | None) -> Receipt | None:
    """Look among the account's last posts for one with these words at this place, written since it was tried."""
    del record
    if token is None:
        return None
    since = datetime.fromisoformat(token) - SKEW
    own = (await call(context, "GET", "/api/v1/accounts/verify_credentials")).read(Account)
    path = f"/api/v1/accounts/{quote(own.id, safe='')}/statuses"
    statuses = (await call(context, "GET", path, Options(params={"limit": str(LAST_POSTS)}))).read(list[Status])
    texts = await context.confined(plain_texts, [status.content for status in statuses])
    wanted = (comparable(context.settings.text), context.settings.reply_to or None)
    for status, text in zip(statuses, texts, strict=True):
        if (comparable(text), status.in_reply_to_id) == wanted and status.moment >= since:
            return receipt(status)
    if len(statuses) >= LAST_POSTS and statuses[-1].moment >= since:
        raise undecided("post", "the account")
    return None


async def delete_post(context: Context[Connection, Words], given: Receipt) -> Receipt:
    """Delete a post; one that is gone already is what was wanted."""
    await call(context, "DELETE", _path(given.reference or ""), Options(accepts=(NOT_FOUND,)))
    return Receipt(reference=given.reference)


async def edit(context: Context[Connection, Edited], record: Record) -> Receipt:
    """Change a post, keeping what it said."""
    del record
    before, settings = await source(context), context.settings
    after = Source(text=settings.text, spoiler_text=settings.warning)
    await context.remember(msgspec.json.encode(before).decode())
    changed = (await call(context, "PUT", _path(settings.post), Options(json=_sent(after)))).read(Status)
    return _edited(changed, before, after)


async def find_edit(context: Context[Connection, Edited], record: Record, token: str | None) -> Receipt | None:
    """Tell whether the post says what it was to say; what it said before is in the token."""
    del record
    settings = context.settings
    after = Source(text=settings.text, spoiler_text=settings.warning)
    if await source(context) != after:
        return None
    found = (await call(context, "GET", _path(settings.post))).read(Status)
    return _edited(found, msgspec.json.decode(token, type=Source) if token else after, after)


async def undo_edit(context: Context[Connection, Edited], given: Receipt) -> Receipt:
    """Put back what the post said, unless it has been changed since."""
    before, after = (msgspec.convert(image, Source) for image in (given.before, given.after))
    if await source(context, given.reference) != after:
        raise SettingsError("The post has been changed since. Nothing was put back.")
    changed = await call(context, "PUT", _path(given.reference or ""), Options(json=_sent(before)))
    return receipt(changed.read(Status))


async def source(context: Context[Connection, Edited], identity: str | None = None) -> Source:
    """Return a post as it was written."""
    return (await call(context, "GET", f"{_path(identity or context.settings.post)}/source")).read(Source)


def receipt(status: Status) -> Receipt:
    """Return the proof of a post."""
    told = {"id": status.id, "url": status.url or status.uri or None}
    return Receipt(reference=status.id, url=told["url"], output=told, before={}, after=told)


def _edited(status: Status, before: Source, after: Source) -> Receipt:
    images = {"before": msgspec.to_builtins(before), "after": msgspec.to_builtins(after)}
    return msgspec.structs.replace(receipt(status), **images)


def _sent(said: Source) -> dict[str, str]:
    return {"status": said.text, "spoiler_text": said.spoiler_text}


def _path(identity: str) -> str:
    if not identity.strip():
        raise SettingsError("Give the id of the post.")
    return f"/api/v1/statuses/{quote(identity.strip(), safe='')}"
