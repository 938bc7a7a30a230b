"""Saving a file in Dropbox: looked at first, saved once, found again, and taken back by its versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from connectors.dropbox.changes import folders
from connectors.dropbox.connection import Connection
from connectors.dropbox.loading import client_for
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, Settings, SettingsError, TemporaryError, field
from connectors.sdk.files.outgoing import (
    MOST_ALIKE,
    FileContent,
    FileName,
    Outgoing,
    Subfolder,
    TextContent,
    numbered,
    outgoing,
    require_folder,
)

if TYPE_CHECKING:
    from connectors.dropbox.client import Client


class Upload(Settings):
    """What to save, and where."""

    folder: Annotated[
        str, field("Folder", hint="Its path from the top; empty for the top.", example="/Invoices", choices=folders)
    ] = ""
    file: FileContent = None
    text: TextContent = ""
    name: FileName = ""
    subfolder: Subfolder = ""
    exists: Annotated[
        Literal["replace", "keep_both", "refuse", "update"],
        field(
            "When there is such a file",
            hint="replace: save a new version; keep_both: save beside it under a numbered name; refuse: leave it and "
            "fail; update: save a new version if it still is the one named below.",
        ),
    ] = "keep_both"
    version: Annotated[
        str,
        field(
            "Version to replace",
            example="{{ trigger.version }}",
            templated=True,
            when={"exists": ("update",)},
        ),
    ] = ""

    def __post_init__(self) -> None:
        require_folder(self.folder)


class Version(msgspec.Struct, frozen=True):
    """A file in one version: where it is and Dropbox's name of the version."""

    path: str
    rev: str


class Intent(msgspec.Struct, frozen=True):
    """What is about to be saved: decides after a crash whether it was; `before` is the version that it replaces."""

    path: str
    digest: str
    before: str | None


class Spot(msgspec.Struct, frozen=True):
    """Where a file will be saved, and what Dropbox has there now."""

    path: str
    entry: Any


async def upload_file(context: Context[Connection, Upload], record: Record) -> Receipt:  # noqa: ARG001  # settings say all
    """Save one file."""
    from dropbox.content_hash import content_hash
    from dropbox.files import WriteMode

    client = await client_for(context)
    file = await outgoing(context.files, context.settings, context.settings.folder)
    spot = await _spot(client, context.settings, file)
    digest = content_hash(file.content)
    before = spot.entry.rev if spot.entry is not None else None
    await context.remember(msgspec.json.encode(Intent(spot.path, digest, before)).decode())
    mode = WriteMode.update(before) if before else WriteMode.add
    saved = await _saved(client, file, spot.path, {"mode": mode, "content_hash": digest, "strict_conflict": not before})
    return _receipt(saved, before)


async def preview_upload(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Say which file would be added or changed."""
    client = await client_for(context)
    file = await outgoing(context.files, context.settings, context.settings.folder)
    spot = await _spot(client, context.settings, file)
    entry, after = spot.entry, {"name": file.name, "size": len(file.content)}
    change = Change(kind=ChangeKind.ADD, reference=spot.path, after=after)
    if entry is not None:
        before = {"name": entry.name, "size": entry.size}
        change = Change(kind=ChangeKind.CHANGE, reference=spot.path, before=before, after=after, version=entry.rev)
    return [[change] for _ in records]


async def find_upload(context: Context[Connection, Upload], _: Record, token: str | None) -> Receipt | None:
    """Look for a file with this content where it was to be saved."""
    from dropbox.content_hash import content_hash

    client, settings = await client_for(context), context.settings
    if token is not None:
        intent = msgspec.json.decode(token, type=Intent)
        entry = await _entry(client, intent.path)
        return _receipt(entry, intent.before) if entry is not None and entry.content_hash == intent.digest else None
    file = await outgoing(context.files, settings, settings.folder)
    digest = content_hash(file.content)
    for path in numbered(file.path):
        entry = await _entry(client, path)
        if entry is None or entry.content_hash == digest:
            return _receipt(entry, None) if entry is not None else None
        if settings.exists != "keep_both":
            return None
    return None


async def undo_upload(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Bring back the version before, or remove the file if there was none; not where it has changed since."""
    client = await client_for(context)
    after = msgspec.convert(receipt.after, Version)
    entry = await _entry(client, after.path)
    if entry is None or entry.rev != after.rev:
        raise SettingsError(f"{after.path} has been changed, moved or deleted since, so it is left as it is.")
    if receipt.before is None:
        await client.files_delete_v2(after.path, parent_rev=after.rev)
        return Receipt(reference=after.path)
    before = msgspec.convert(receipt.before, Version)
    if before.rev != after.rev:
        await client.files_restore(after.path, before.rev)
    return Receipt(reference=after.path)


async def _spot(client: Client, settings: Upload, file: Outgoing) -> Spot:
    """Choose the place by what there is already."""
    entry = await _entry(client, file.path)
    if settings.exists == "update":
        if entry is None or entry.rev != settings.version:
            raise SettingsError(f"{file.path} is no longer the version {settings.version or '(none given)'}.")
    elif entry is not None and settings.exists == "refuse":
        raise SettingsError(f"There is already a file {file.path} in Dropbox.")
    elif entry is not None and settings.exists == "keep_both":
        for path in numbered(file.path):
            if await _entry(client, path) is None:
                return Spot(path, None)
        raise SettingsError(f"There are already {MOST_ALIKE} files like {file.path} in Dropbox.")
    return Spot(file.path, entry)


async def _entry(client: Client, path: str) -> Any:
    """Return what is known of the file at a path, None when there is none."""
    from dropbox.files import FileMetadata

    from connectors.dropbox.client import RefusalError

    try:
        entry = await client.files_get_metadata(path)
    except RefusalError as error:
        if error.words[-1] == "not_found":
            return None
        raise
    if not isinstance(entry, FileMetadata):
        raise SettingsError(f"There is a folder {path} in Dropbox where the file would go.")
    return entry


async def _saved(client: Client, file: Outgoing, path: str, how: dict[str, Any]) -> Any:
    from connectors.dropbox.client import RefusalError

    try:
        return await client.files_upload(file.content, path, **how)
    except RefusalError as error:
        if error.words[-2:] != ("conflict", "file"):
            raise
        raise TemporaryError(f"{path} has just been changed in Dropbox by someone else.") from error


def _receipt(entry: Any, before: str | None) -> Receipt:
    path = entry.path_display or entry.path_lower
    told = {"path": path, "name": entry.name, "id": entry.id, "version": entry.rev, "size": entry.size}
    return Receipt(
        reference=path,
        version=entry.rev,
        output=told,
        before=Version(path, before) if before else None,
        after=Version(path, entry.rev),
    )
