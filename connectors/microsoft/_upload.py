"""Files into a drive: seen before, on the condition that nobody has written them meanwhile, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from connectors.microsoft._drive import NOT_FOUND, SECONDS, Drive, DriveItem, drive_of
from connectors.microsoft._family import Connection, graph, part
from connectors.sdk import (
    Change,
    ChangeKind,
    Context,
    Receipt,
    Record,
    Settings,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.files.arrivals import moment
from connectors.sdk.files.outgoing import (
    Clash,
    FileContent,
    FileName,
    Outgoing,
    Subfolder,
    TextContent,
    numbered,
    outgoing,
    require_folder,
)
from connectors.sdk.network.http import Options

_CHANGED = (409, 412)


class Upload(Settings):
    """What to write, and where."""

    folder: Annotated[str, field("Folder", hint="Its path from the top; made when it is missing.", example="/Out")] = ""
    subfolder: Subfolder = ""
    name: FileName = ""
    file: FileContent = None
    text: TextContent = ""
    exists: Clash = "keep_both"

    def __post_init__(self) -> None:
        """Refuse folders that climb up."""
        require_folder(self.folder)


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it stood: its tags, and the version that brings it back."""

    id: str
    path: str
    c_tag: str
    version: str = ""


class Intent(msgspec.Struct, frozen=True):
    """Where a file is about to be written, and the tag of what stands there, '' for nothing."""

    path: str
    c_tag: str


class _Version(msgspec.Struct, frozen=True):
    id: str


class _Versions(msgspec.Struct, frozen=True):
    value: list[_Version] = []


async def upload_file(context: Context[Connection, Upload]) -> Receipt:
    """Write one file; no key can travel with it, so a repeat is known by what stood there before and stands now."""
    drive, out = await drive_of(context), await outgoing(context.files, context.settings, context.settings.folder)
    path, standing = await _place(drive, context.settings, out)
    before = await _written(drive, path, standing) if standing else None
    await context.remember(msgspec.json.encode(Intent(path, standing.c_tag if standing else "")).decode())
    headers = {"Content-Type": "application/octet-stream"} | ({"If-Match": standing.e_tag} if standing else {})
    query = {} if standing else {"@microsoft.graph.conflictBehavior": "fail"}
    place = f"items/{part(standing.id)}" if standing else f"root:{quote(path, safe='/')}:"
    options = Options(headers=headers, params=query, content=out.content, timeout=SECONDS, accepts=_CHANGED)
    answer = await graph(context, "PUT", f"{drive.root}/{place}/content", options)
    if answer.status in _CHANGED:
        raise TemporaryError(f"{path} is being written or was written by somebody else at this moment.")
    made = await drive.at(path)
    if made is None:
        raise TemporaryError(f"{path} was written and is not there yet.", uncertain=True)
    return _receipt(path, made, before)


async def preview_upload(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Compare with the file that is there."""
    drive, out = await drive_of(context), await outgoing(context.files, context.settings, context.settings.folder)
    path, standing = await _place(drive, context.settings, out)
    change = Change(
        kind=ChangeKind.CHANGE if standing else ChangeKind.ADD,
        reference=path,
        before={"path": path, "size": standing.size} if standing else None,
        after={"path": path, "size": len(out.content)},
        version=standing.c_tag if standing else None,
    )
    return [[change] for _ in records]


async def find_upload(context: Context[Connection, Upload], token: str | None) -> Receipt | None:
    """Look for a file with this very content where it was to be written, and was not before."""
    before = msgspec.json.decode(token, type=Intent) if token else None
    drive, out = await drive_of(context), await outgoing(context.files, context.settings, context.settings.folder)
    for path in [before.path] if before else _paths(context.settings, out):
        standing = await drive.at(path)
        if standing is None or (before and before.c_tag == standing.c_tag):
            return None
        if standing.size == len(out.content) and await drive.content(standing) == out.content:
            return _receipt(path, standing, None)
    return None


async def undo_upload(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Bring the former version back, or remove the file, where nobody has written it since."""
    if receipt.after is None:
        raise SettingsError("What was written is not known, so this cannot be undone.")
    written = msgspec.convert(receipt.after, Written)
    before = msgspec.convert(receipt.before, Written | None)
    drive = await drive_of(context)
    standing = await drive.at(written.path)
    if standing is None or standing.id != written.id or standing.c_tag != written.c_tag:
        raise SettingsError(f"{written.path} has changed since it was written, so it stays as it is.")
    place = f"{drive.root}/items/{part(standing.id)}"
    if before is None:
        options = Options(headers={"If-Match": standing.e_tag}, accepts=(NOT_FOUND, *_CHANGED))
        answer = await graph(context, "DELETE", place, options)
        if answer.status in _CHANGED:
            raise SettingsError(f"{written.path} has changed since it was written, so it stays as it is.")
        return Receipt(reference=receipt.reference)
    if not before.version:
        raise SettingsError(f"OneDrive has kept no former version of {written.path}, so it stays as it is.")
    await graph(context, "POST", f"{place}/versions/{part(before.version)}/restoreVersion")
    return Receipt(reference=receipt.reference)


async def _place(drive: Drive, settings: Upload, out: Outgoing) -> tuple[str, DriveItem | None]:
    """Return where to write, and what stands there."""
    for path in _paths(settings, out):
        standing = await drive.at(path)
        if standing is not None and standing.file is None:
            raise SettingsError(f"{path} is a folder, and no file can be written there.")
        if standing is None or settings.exists == "replace":
            return path, standing
    raise SettingsError(f"{out.path} is already in the drive, and was not written over.")


def _paths(settings: Upload, out: Outgoing) -> list[str]:
    return list(numbered(out.path)) if settings.exists == "keep_both" else [out.path]


async def _written(drive: Drive, path: str, standing: DriveItem) -> Written:
    """Note the version that is the newest one before it is written over."""
    place = f"{drive.root}/items/{part(standing.id)}/versions"
    answer = await graph(drive.context, "GET", place, Options(params={"$top": "1", "$select": "id"}))
    versions = answer.read(_Versions).value
    newest = versions[0].id if versions else ""
    return Written(id=standing.id, path=path, c_tag=standing.c_tag, version=newest)


def _receipt(path: str, made: DriveItem, before: Written | None) -> Receipt:
    written = Written(id=made.id, path=path, c_tag=made.c_tag)
    output: dict[str, Any] = {
        "path": path,
        "name": made.name,
        "id": made.id,
        "size": made.size,
        "changed": moment(made.last_modified_date_time),
        "version": made.c_tag,
    }
    return Receipt(
        reference=path,
        version=made.c_tag,
        output=output,
        before=msgspec.to_builtins(before),
        after=msgspec.to_builtins(written),
    )
