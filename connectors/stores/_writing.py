"""How targets write an object: on a condition, under its delivery's key, so that it can be found and taken back."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, SettingsError, TemporaryError
from connectors.sdk.files.outgoing import numbered, outgoing
from connectors.stores._objects import KEY_NAME, Content, MovedOnError, Store, Stored
from connectors.stores._settings import Written

TRIES = 4


class Intent(msgspec.Struct, frozen=True):
    """What stood under a key right before a write to it: decides after a crash whether it happened."""

    key: str
    standing: Stored | None = None


async def write(context: Context[Any, Written], store: Store, record: Record) -> Receipt:
    """Write one object for the record."""
    content = await _content(context, record.key)
    for _ in range(TRIES):
        placed, standing = await _place(store, context.settings, content)
        await context.remember(msgspec.json.encode(Intent(placed.key, standing)).decode())
        try:
            return _receipt(context.settings, standing, await store.put(placed, standing))
        except MovedOnError:
            continue
    raise TemporaryError(f"{content.key} is written by others again and again.")


async def preview(context: Context[Any, Written], store: Store, records: Sequence[Record]) -> list[list[Change]]:
    """Compare with what stands under the keys."""
    return [[await _change(context, store, record)] for record in records]


async def find(context: Context[Any, Written], store: Store, record: Record, token: str | None) -> Receipt | None:
    """Look for the object that carries the delivery's key."""
    content = await _content(context, record.key)
    before = msgspec.json.decode(token, type=Intent) if token else None
    for key in [before.key] if before else _keys(context.settings, content.key):
        standing = await store.head(key)
        if standing is None:
            return None
        if standing.metadata.get(KEY_NAME) == record.key:
            return _receipt(context.settings, before.standing if before else None, standing)
        if before and (before.standing is None or before.standing.version != standing.version):
            raise SettingsError(f"{key} was written by somebody else meanwhile; look at it and decide.")
    return None


async def undo(store: Store, receipt: Receipt) -> Receipt:
    """Put the former version back, or remove what was not there before, where nobody has written it since."""
    if receipt.after is None:
        raise SettingsError("What was written is not known, so this cannot be undone.")
    written = msgspec.convert(receipt.after, Stored)
    former = msgspec.convert(receipt.before, Stored | None)
    standing = await store.head(written.key)
    if standing is None or standing.version != written.version:
        raise SettingsError(f"{written.key} has changed since it was written, so it stays as it is.")
    if former is None:
        await store.delete(standing)
        return Receipt(reference=receipt.reference)
    restored = await store.restore(former, standing)
    return Receipt(reference=receipt.reference, version=restored.version, output=restored.shown)


async def _content(context: Context[Any, Written], key: str) -> Content:
    settings = context.settings
    out = await outgoing(context.files, settings, settings.folder)
    guessed = mimetypes.guess_type(out.name)[0] or "application/octet-stream"
    media_type = settings.media_type or guessed
    return Content(key=out.path.removeprefix("/"), body=out.content, media_type=media_type, metadata={KEY_NAME: key})


async def _place(store: Store, settings: Written, content: Content) -> tuple[Content, Stored | None]:
    """Return where to write, and what stands there."""
    for key in _keys(settings, content.key):
        standing = await store.head(key)
        if standing is None or settings.exists == "replace":
            return msgspec.structs.replace(content, key=key), standing
    raise SettingsError(f"{content.key} is already in the bucket {settings.bucket}, and was not written over.")


def _keys(settings: Written, key: str) -> list[str]:
    return list(numbered(key)) if settings.exists == "keep_both" else [key]


async def _change(context: Context[Any, Written], store: Store, record: Record) -> Change:
    placed, standing = await _place(store, context.settings, await _content(context, record.key))
    after = {"path": placed.key, "size": len(placed.body), "media_type": placed.media_type}
    return Change(
        kind=ChangeKind.CHANGE if standing else ChangeKind.ADD,
        reference=placed.key,
        before=standing.shown if standing else None,
        after=after,
        version=standing.version if standing else None,
    )


def _receipt(settings: Written, before: Stored | None, after: Stored) -> Receipt:
    return Receipt(
        reference=f"{settings.bucket}/{after.key}",
        version=after.version,
        output={"bucket": settings.bucket, **after.shown},
        before=msgspec.to_builtins(before),
        after=msgspec.to_builtins(after),
    )
