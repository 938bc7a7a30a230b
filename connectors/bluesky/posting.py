"""Posts that go out under a key made of the record's, so that none goes out twice, and are taken back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from connectors.bluesky.records import Found, Reference, address_of
from connectors.bluesky.session import Connection, call, own_did
from connectors.sdk import Context, Receipt, Settings, SettingsError, field
from connectors.sdk import Record as Delivery
from connectors.sdk.network.http import Options

COLLECTION = "app.bsky.feed.post"
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}]")
_TAG = re.compile(r"(?<!\S)#(\w{1,64})")
NOT_FOUND = 400


class Words(Settings):
    """What to post."""

    text: Annotated[
        str,
        field(
            "Text", hint="300 characters at most; links and hashtags work.", templated=True, multiline=True,
            example="{{ read.summary }}",
        ),
    ]  # fmt: skip
    reply_to: Annotated[
        str, field("Reply to", hint="The id of a post (at://...); empty for a post of its own.", templated=True)
    ] = ""
    language: Annotated[str, field("Language", hint="Two letters.", example="en", advanced=True)] = ""


async def post(context: Context[Connection, Words], delivery: Delivery) -> Receipt:
    """Write a post under a key of its own: the server takes it once."""
    settings, did = context.settings, await own_did(context)
    written: dict[str, Any] = {
        "$type": COLLECTION,
        "text": settings.text,
        "createdAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if facets := list(_facets(settings.text)):
        written["facets"] = facets
    if settings.language:
        written["langs"] = [settings.language]
    if settings.reply_to:
        written["reply"] = await _reply(context, settings.reply_to)
    said = {"repo": did, "collection": COLLECTION, "rkey": record_key(delivery.key), "record": written}
    answer = await call(context, "POST", "com.atproto.repo.createRecord", Options(json=said))
    return _receipt(answer.read(Reference), did)


async def find(context: Context[Connection, Words], record: Delivery, token: str | None) -> Receipt | None:
    """Ask for the post under its key."""
    del token
    did = await own_did(context)
    params = {"repo": did, "collection": COLLECTION, "rkey": record_key(record.key)}
    options = Options(params=params, accepts=(NOT_FOUND,))
    answer = await call(context, "GET", "com.atproto.repo.getRecord", options)
    return _receipt(answer.read(Reference), did) if answer.status != NOT_FOUND else None


async def undo(context: Context[Connection, Words], receipt: Receipt) -> Receipt:
    """Delete the post; one that is gone already is what was wanted."""
    key = (receipt.reference or "").rpartition("/")[2]
    said = {"repo": await own_did(context), "collection": COLLECTION, "rkey": key}
    await call(context, "POST", "com.atproto.repo.deleteRecord", Options(json=said))
    return Receipt(reference=receipt.reference)


def record_key(key: str) -> str:
    """Return the key of a record, in the shape the protocol asks for: 13 letters of 5 bits, the first small."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1
    return "".join(_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


async def _reply(context: Context[Connection, Words], uri: str) -> dict[str, Any]:
    found = (await call(context, "GET", "app.bsky.feed.getPosts", Options(params={"uris": uri}))).read(Found)
    if not found.posts:
        raise SettingsError("The post to reply to does not exist, or is no longer there.")
    parent = found.posts[0]
    root = parent.record.reply.root if parent.record.reply else Reference(parent.uri, parent.cid)
    return {"root": {"uri": root.uri, "cid": root.cid}, "parent": {"uri": parent.uri, "cid": parent.cid}}


def _facets(text: str) -> Iterator[dict[str, Any]]:
    """Say where links and hashtags are; the protocol counts in bytes."""
    for pattern, kind, name in ((_LINK, "link", "uri"), (_TAG, "tag", "tag")):
        for found in pattern.finditer(text):
            start = len(text[: found.start()].encode())
            place = {"byteStart": start, "byteEnd": start + len(found[0].encode())}
            value = found[0] if kind == "link" else found[1]
            yield {"index": place, "features": [{"$type": f"app.bsky.richtext.facet#{kind}", name: value}]}


def _receipt(made: Reference, did: str) -> Receipt:
    told = {"id": made.uri, "url": address_of(made.uri, did)}
    return Receipt(reference=made.uri, version=made.cid, url=told["url"], output=told, before={}, after=told)
