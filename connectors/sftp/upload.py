"""Writing a file to an SFTP server: whole or not at all, found again, and taken back where the old one was kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, Settings, SettingsError, TemporaryError, field
from connectors.sdk.files.outgoing import (
    LARGEST_UPLOAD,
    MOST_ALIKE,
    Clash,
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
from connectors.sftp.connection import Connection
from connectors.sftp.folder import folders
from connectors.sftp.session import server

if TYPE_CHECKING:
    import asyncssh


class Upload(Settings):
    """What to write, and where."""

    folder: Annotated[
        str,
        field(
            "Folder",
            hint="From the top, such as /srv/out; or from where the account begins, such as out.",
            example="/srv/out",
            choices=folders,
        ),
    ]
    file: FileContent = None
    text: TextContent = ""
    name: FileName = ""
    subfolder: Subfolder = ""
    exists: Clash = "keep_both"
    keep_in: Annotated[
        str,
        field(
            "Keep replaced files in",
            hint="A folder beside them, such as .versions. Empty: they are gone, and a write cannot be undone.",
            when={"exists": ("replace",)},
        ),
    ] = ""

    def __post_init__(self) -> None:
        require_folder(self.folder)
        require_aside(self.keep_in)


class Intent(msgspec.Struct, frozen=True):
    """What is about to be written: decides after a crash whether it was."""

    path: str
    digest: str
    part: str
    before: str | None


class Written(msgspec.Struct, frozen=True):
    """A file as it was written."""

    path: str
    digest: str


async def upload_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Write one file under another name, and give it its own once it is whole."""
    settings = context.settings
    async with server(context) as sftp:
        file = await _file(context)
        path, there = await _spot(sftp, settings, file)
        folder, _, name = path.rpartition("/")
        mark = hashlib.sha256(f"{record.key} {path}".encode(errors="surrogatepass")).hexdigest()[:12]
        before = (aside(path, settings.keep_in, mark) if settings.keep_in else "") if there is not None else None
        intent = Intent(path, _digest(file.content), f"{folder}/.{mark}.part" if folder else f".{mark}.part", before)
        await context.remember(msgspec.json.encode(intent).decode())
        try:
            await _write(sftp, intent.part, file.content)
            if before:
                await _keep(sftp, path, before)
            await _commit(sftp, intent, replaces=there is not None)
        except BaseException:
            await _clear(sftp, intent.part)
            raise
    return _receipt(intent, name, len(file.content))


async def preview_upload(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Say which file would be added or changed."""
    async with server(context) as sftp:
        file = await _file(context)
        path, there = await _spot(sftp, context.settings, file)
    after = {"name": file.name, "size": len(file.content)}
    change = Change(kind=ChangeKind.ADD, reference=path, after=after)
    if there is not None:
        version = f"{there.size or 0}-{there.mtime or 0}"
        before = {"name": file.name, "size": there.size}
        change = Change(kind=ChangeKind.CHANGE, reference=path, before=before, after=after, version=version)
    return [[change] for _ in records]


async def find_upload(context: Context[Connection, Upload], _: Record, token: str | None) -> Receipt | None:
    """Look for a file with this content where it was to be written; clears what a crash left half-written."""
    async with server(context) as sftp:
        if token is not None:
            intent = msgspec.json.decode(token, type=Intent)
            if await _content_digest(sftp, intent.path) == intent.digest:
                there = await sftp.stat(intent.path)
                return _receipt(intent, intent.path.rpartition("/")[2], there.size or 0)
            await _clear(sftp, intent.part)
            return None
        file = await _file(context)
        digest = _digest(file.content)
        for path in numbered(file.path):
            found = await _content_digest(sftp, path)
            if found == digest:
                return _receipt(Intent(path, digest, "", None), path.rpartition("/")[2], len(file.content))
            if found is None or context.settings.exists != "keep_both":
                return None
    return None


async def undo_upload(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Remove the file, or bring the replaced one back; not where it has changed since."""
    after = msgspec.convert(receipt.after, Written)
    if receipt.before == "":
        raise SettingsError("The file that was replaced was not kept, so it cannot be brought back.")
    async with server(context) as sftp:
        if await _content_digest(sftp, after.path) != after.digest:
            raise SettingsError(f"{after.path} has been changed or removed since, so it is left as it is.")
        if receipt.before is None:
            await sftp.remove(after.path)
        else:
            await _replace(sftp, str(receipt.before), after.path)
    return Receipt(reference=after.path)


async def _file(context: Context[Connection, Upload]) -> Outgoing:
    """Return what to write; a folder that begins without a slash stays where the account begins."""
    file = await outgoing(context.files, context.settings, context.settings.folder)
    return file if context.settings.folder.startswith("/") else Outgoing(file.path.lstrip("/"), file.content)


async def _spot(sftp: asyncssh.SFTPClient, settings: Upload, file: Outgoing) -> tuple[str, Any]:
    """Choose the place by what there is already, and tell what that is."""
    there = await _stat(sftp, file.path)
    if there is not None and settings.exists == "refuse":
        raise SettingsError(f"There is already a file {file.path}.")
    if there is None or settings.exists == "replace":
        return file.path, there
    for path in numbered(file.path):
        if await _stat(sftp, path) is None:
            return path, None
    raise SettingsError(f"There are already {MOST_ALIKE} files like {file.path}.")


async def _stat(sftp: asyncssh.SFTPClient, path: str) -> Any:
    """Return what is known of the file at a path, None when there is none."""
    import asyncssh

    try:
        found = await sftp.stat(path)
    except _gone():
        return None
    if found.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
        raise SettingsError(f"There is a folder {path} where the file would go.")
    return found


async def _content_digest(sftp: asyncssh.SFTPClient, path: str) -> str | None:
    there = await _stat(sftp, path)
    if there is None:
        return None
    async with sftp.open(path, "rb") as file:
        return _digest(await file.read(LARGEST_UPLOAD + 1))


async def _keep(sftp: asyncssh.SFTPClient, path: str, kept: str) -> None:
    """Put the file that is about to be replaced aside, under a second name where the server can do that."""
    import asyncssh

    await sftp.makedirs(kept.rpartition("/")[0], exist_ok=True)
    with suppress(*_gone()):
        await sftp.remove(kept)  # from a try before this one
    try:
        await sftp.link(path, kept)
    except (asyncssh.SFTPOpUnsupported, asyncssh.SFTPFailure, asyncssh.SFTPPermissionDenied):
        await sftp.rename(path, kept)


async def _commit(sftp: asyncssh.SFTPClient, intent: Intent, *, replaces: bool) -> None:
    """Give the whole file its name; one that has come meanwhile is not written over unless it shall be replaced."""
    import asyncssh

    if replaces:
        await _replace(sftp, intent.part, intent.path)
        return
    try:
        await sftp.rename(intent.part, intent.path)
    except asyncssh.SFTPFailure as error:
        raise TemporaryError(f"{intent.path} cannot be given its name: someone may have just made it.") from error


async def _write(sftp: asyncssh.SFTPClient, part: str, content: bytes) -> None:
    """Write a file; its folder is made when it turns out to be missing."""
    try:
        file = await sftp.open(part, "wb")
    except _gone():
        await sftp.makedirs(part.rpartition("/")[0] or ".", exist_ok=True)
        file = await sftp.open(part, "wb")
    async with file:
        await file.write(content)


async def _clear(sftp: asyncssh.SFTPClient, part: str) -> None:
    """Remove what is not whole, if it is there and the server still answers."""
    import asyncssh

    with suppress(asyncssh.Error, OSError):
        await sftp.remove(part)


async def _replace(sftp: asyncssh.SFTPClient, part: str, path: str) -> None:
    import asyncssh

    try:
        await sftp.posix_rename(part, path)
    except asyncssh.SFTPOpUnsupported:
        with suppress(*_gone()):
            await sftp.remove(path)
        await sftp.rename(part, path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _receipt(intent: Intent, name: str, size: int) -> Receipt:
    return Receipt(
        reference=intent.path,
        version=intent.digest[:16],
        output={"path": intent.path, "name": name, "size": size, "kept": intent.before or None},
        before=intent.before,
        after=Written(intent.path, intent.digest),
    )


def _gone() -> tuple[type[Exception], ...]:
    import asyncssh

    return asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath
