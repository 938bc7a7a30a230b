"""Writing a file to a WebDAV server: under conditions, so that nothing unseen is written over, and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, Settings, SettingsError, TemporaryError, field
from connectors.sdk.files.outgoing import (
    LARGEST_UPLOAD,
    MOST_ALIKE,
    FileContent,
    FileName,
    Outgoing,
    Subfolder,
    TextContent,
    aside,
    numbered,
    outgoing,
    require_aside,
    require_folder,
)
from connectors.sdk.network.http import Options
from connectors.webdav.client import CHANGED, CONFLICT, NOT_FOUND, TRANSFER_SECONDS, Client
from connectors.webdav.connection import Connection
from connectors.webdav.folder import folders, version_of
from connectors.webdav.parsing import Entry

_IS_THERE = 405


class Upload(Settings):
    """What to write, and where."""

    folder: Annotated[
        str,
        field(
            "Folder",
            hint="Its path below the connection's address; empty for the top.",
            example="/out",
            choices=folders,
        ),
    ] = ""
    file: FileContent = None
    text: TextContent = ""
    name: FileName = ""
    subfolder: Subfolder = ""
    exists: Annotated[
        Literal["replace", "keep_both", "refuse", "update"],
        field(
            "When there is such a file",
            hint="replace: write over it; keep_both: write beside it under a numbered name; refuse: leave it and fail; "
            "update: write over it if it still is the version named below.",
        ),
    ] = "keep_both"
    version: Annotated[
        str,
        field("Version to replace", example="{{ trigger.version }}", templated=True, when={"exists": ("update",)}),
    ] = ""
    keep_in: Annotated[
        str,
        field(
            "Keep replaced files in",
            hint="A folder beside them, such as .versions. Empty: a write cannot be undone here, and they are gone "
            "unless the server keeps versions itself.",
            when={"exists": ("replace", "update")},
        ),
    ] = ""

    def __post_init__(self) -> None:
        require_folder(self.folder)
        require_aside(self.keep_in)


class Intent(msgspec.Struct, frozen=True):
    """What is about to be written: decides after a crash whether it was; `before` is where the old one was put."""

    path: str
    digest: str
    before: str | None


class Written(msgspec.Struct, frozen=True):
    """A file as it was written."""

    path: str
    digest: str


class Spot(msgspec.Struct, frozen=True):
    """Where a file will be written, and what is there now."""

    path: str
    entry: Entry | None


async def upload_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Write one file, if what is there still is what was seen."""
    client, settings = Client(context), context.settings
    file = await outgoing(context.files, settings, settings.folder)
    spot = await _spot(client, settings, file)
    mark = hashlib.sha256(f"{record.key} {spot.path}".encode(errors="surrogatepass")).hexdigest()[:12]
    before = None if spot.entry is None else aside(spot.path, settings.keep_in, mark) if settings.keep_in else ""
    intent = Intent(spot.path, _digest(file.content), before)
    await context.remember(msgspec.json.encode(intent).decode())
    if before:
        await _keep(client, spot.path, before)
    await _put(client, spot, file.content)
    return _receipt(intent, await client.entry(spot.path))


async def preview_upload(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Say which file would be added or changed."""
    file = await outgoing(context.files, context.settings, context.settings.folder)
    spot = await _spot(Client(context), context.settings, file)
    after = {"name": file.name, "size": len(file.content)}
    change = Change(kind=ChangeKind.ADD, reference=spot.path, after=after)
    if spot.entry is not None:
        before, version = {"name": file.name, "size": spot.entry.size}, version_of(spot.entry)
        change = Change(kind=ChangeKind.CHANGE, reference=spot.path, before=before, after=after, version=version)
    return [[change] for _ in records]


async def find_upload(context: Context[Connection, Upload], _: Record, token: str | None) -> Receipt | None:
    """Look for a file with this content where it was to be written."""
    client = Client(context)
    if token is not None:
        intent = msgspec.json.decode(token, type=Intent)
        if await _digest_at(client, intent.path) != intent.digest:
            return None
        return _receipt(intent, await client.entry(intent.path))
    file = await outgoing(context.files, context.settings, context.settings.folder)
    digest = _digest(file.content)
    for path in numbered(file.path):
        found = await _digest_at(client, path)
        if found == digest:
            return _receipt(Intent(path, digest, None), await client.entry(path))
        if found is None or context.settings.exists != "keep_both":
            return None
    return None


async def undo_upload(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Remove the file, or bring the replaced one back; not where it has changed since."""
    client = Client(context)
    after = msgspec.convert(receipt.after, Written)
    if receipt.before == "":
        raise SettingsError("The file that was replaced was not kept here, so it cannot be brought back.")
    if await _digest_at(client, after.path) != after.digest:
        raise SettingsError(f"{after.path} has been changed or removed since, so it is left as it is.")
    if receipt.before is None:
        await client.request("DELETE", after.path, Options())
    else:
        headers = {"Destination": client.url(after.path), "Overwrite": "T"}
        await client.request("MOVE", str(receipt.before), Options(headers=headers))
    return Receipt(reference=after.path)


async def _spot(client: Client, settings: Upload, file: Outgoing) -> Spot:
    """Choose the place by what there is already."""
    entry = await _file_at(client, file.path)
    if settings.exists == "update":
        if entry is None or version_of(entry) != settings.version:
            raise SettingsError(f"{file.path} is no longer the version {settings.version or '(none given)'}.")
    elif entry is not None and settings.exists == "refuse":
        raise SettingsError(f"There is already a file {file.path}.")
    elif entry is not None and settings.exists == "keep_both":
        for path in numbered(file.path):
            if await _file_at(client, path) is None:
                return Spot(path, None)
        raise SettingsError(f"There are already {MOST_ALIKE} files like {file.path}.")
    return Spot(file.path, entry)


async def _file_at(client: Client, path: str) -> Entry | None:
    entry = await client.entry(path)
    if entry is not None and entry.is_folder:
        raise SettingsError(f"There is a folder {path} where the file would go.")
    return entry


async def _put(client: Client, spot: Spot, content: bytes) -> None:
    """Write a file; folders that are missing are made first."""
    headers = {"Content-Type": "application/octet-stream"}
    if spot.entry is None:
        headers["If-None-Match"] = "*"
    elif spot.entry.tag and not spot.entry.tag.startswith("W/"):
        headers["If-Match"] = spot.entry.tag
    options = Options(headers=headers, content=content, timeout=TRANSFER_SECONDS)
    answer = await client.request("PUT", spot.path, options, (CHANGED, CONFLICT, NOT_FOUND))
    if answer.status in {CONFLICT, NOT_FOUND}:
        await _make_folders(client, spot.path.rpartition("/")[0])
        answer = await client.request("PUT", spot.path, options, (CHANGED,))
    if answer.status == CHANGED:
        raise TemporaryError(f"{spot.path} has just been changed by someone else.")


async def _make_folders(client: Client, folder: str) -> None:
    parts = folder.strip("/").split("/")
    for length in range(1, len(parts) + 1):
        path = "/" + "/".join(parts[:length])
        entry = await client.entry(path)
        if entry is None:
            await _make_folder(client, path)
        elif not entry.is_folder:
            raise SettingsError(f"{path} is a file, so there can be no folder of this name.")


async def _make_folder(client: Client, path: str) -> None:
    """Make a folder; that another write made it in the same moment is told in many ways, from 405 to 500."""
    try:
        await client.request("MKCOL", f"{path}/", Options(), (_IS_THERE,))
    except TemporaryError:
        if await client.entry(path) is None:
            raise


async def _keep(client: Client, path: str, kept: str) -> None:
    """Copy the file that is about to be replaced, over a copy that an earlier try may have made."""
    headers = {"Destination": client.url(kept), "Overwrite": "T"}
    answer = await client.request("COPY", path, Options(headers=headers), (CONFLICT, NOT_FOUND))
    if answer.status in {CONFLICT, NOT_FOUND}:
        await _make_folders(client, kept.rpartition("/")[0])
        await client.request("COPY", path, Options(headers=headers))


async def _digest_at(client: Client, path: str) -> str | None:
    """Return the digest of a file, None when there is none; one that is too large to be ours has no such digest."""
    entry = await client.entry(path)
    if entry is None:
        return None
    if entry.is_folder or (entry.size or 0) > LARGEST_UPLOAD:
        return ""
    answer = await client.content(path, LARGEST_UPLOAD)
    return None if answer is None else _digest(answer.content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _receipt(intent: Intent, entry: Entry | None) -> Receipt:
    version, size = (version_of(entry), entry.size) if entry is not None else (None, None)
    name = intent.path.rpartition("/")[2]
    return Receipt(
        reference=intent.path,
        version=version,
        output={"path": intent.path, "name": name, "size": size, "version": version, "kept": intent.before or None},
        before=intent.before,
        after=Written(intent.path, intent.digest),
    )
