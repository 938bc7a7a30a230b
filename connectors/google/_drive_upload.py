"""Files into Drive: as new ones or as new versions, marked with the key of their delivery, and taken back."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from connectors.google._calls import ask, built, deliver, read, send
from connectors.google._connection import Connection
from connectors.google._drive_files import DRIVE, FILE, FOLDER, PATIENCE, File, one, page, quoted
from connectors.google._drive_offers import Place
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, SettingsError, TemporaryError, field
from connectors.sdk.files.outgoing import (
    LARGEST_UPLOAD,
    Clash,
    FileContent,
    FileName,
    Outgoing,
    Subfolder,
    TextContent,
    numbered,
    outgoing,
)
from connectors.sdk.network.http import Options

# Above this a file goes in pieces, and a lost piece is sent again alone
PIECE = 8 * 1024 * 1024
TRIES = 3
CREATED = frozenset({200, 201})
_KEY, _KEY_BEFORE, _MADE = "patchdeck", "patchdeck_before", "patchdeck_made"
_DOCUMENTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "text/html": "document",
    "text/markdown": "document",
    "text/plain": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "spreadsheet",
    "text/csv": "spreadsheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "presentation",
}


class Upload(Place):
    """Which file to write, and where."""

    subfolder: Subfolder = ""
    file: FileContent = None
    text: TextContent = ""
    name: FileName = ""
    exists: Clash = "keep_both"
    convert: Annotated[
        bool,
        field("As a document of Google's", hint="Word, Excel, PowerPoint, CSV and text become Docs and Sheets."),
    ] = False

    @property
    def top(self) -> str:
        """The folder below which files go: the chosen one, or the top of the drive."""
        return self.place or self.drive or "root"


class _Ids(msgspec.Struct, frozen=True):
    ids: Sequence[str]


async def write(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Write the file, unless one of its name is there and nothing may be done with it."""
    settings = context.settings
    sent = await outgoing(context.files, settings, "")
    folder = await _folder(context, sent, make=True) or settings.top
    name, known = await _place(context, folder, sent.name)
    if known is not None:
        return await _version(context, record, known, sent.content)
    body: dict[str, Any] = {"name": name, "parents": [folder], "appProperties": {_KEY: record.key, _MADE: record.key}}
    document = _DOCUMENTS.get(_media_type(name)) if settings.convert else None
    if document is not None:
        body["mimeType"] = f"application/vnd.google-apps.{document}"
    else:
        made = await ask(context, DRIVE, "files.generateIds", _Ids, count=1, fields="ids")
        body["id"] = made.ids[0]
        await context.remember(made.ids[0])
    return _receipt(await _sent(context, "files.create", body, sent.content, _media_type(name)), None)


async def changes(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Return for each record the file as it is, where there is one of the name, and as it would be."""
    sent = await outgoing(context.files, context.settings, "")
    folder = await _folder(context, sent, make=False)
    name, known = (sent.name, None) if folder is None else await _place(context, folder, sent.name)
    after = {"name": name, "size": len(sent.content)}
    if known is None:
        change = Change(kind=ChangeKind.ADD, reference=name, after=after)
    else:
        before = {"name": known.name, "size": known.length}
        change = Change(
            kind=ChangeKind.CHANGE, reference=name, before=before, after=after, version=known.version or None
        )
    return [[change] for _ in records]


async def found(context: Context[Connection, Upload], record: Record, token: str | None) -> Receipt | None:
    """Return the receipt of a file that carries the record's key."""
    if token is not None:
        file = await _by_id(context, token)
    else:
        marked = [
            f"appProperties has {{ key = '{name}' and value = {quoted(record.key)} }}" for name in (_KEY, _KEY_BEFORE)
        ]
        file = next(iter((await page(context, " or ".join(marked), context.settings.drive, size=1)).files), None)
    if file is None or record.key not in (file.app_properties.get(_KEY), file.app_properties.get(_KEY_BEFORE)):
        return None
    receipt = _receipt(file, None)
    made = file.app_properties.get(_MADE) == record.key
    return receipt if made else msgspec.structs.replace(receipt, after=None)


async def take_back(context: Context[Connection, Upload], receipt: Receipt) -> Receipt:
    """Put a new file into the bin, or bring the version before it back; not when somebody has changed it since."""
    after = receipt.after
    if after is None:
        raise SettingsError("How the file was before is not known, so this cannot be undone.")
    file = await _by_id(context, after["id"])
    if file is None or file.trashed:
        raise SettingsError("The file is no longer there, so there is nothing to take back.")
    if file.version != after["version"]:
        raise SettingsError(f"{file.name} has changed since it was written, so it stays as it is.")
    before: Mapping[str, Any] | None = receipt.before
    if before is None:
        body = {"trashed": True}
        back = await ask(
            context, DRIVE, "files.update", File, fileId=file.id, body=body, fields=FILE, supportsAllDrives=True
        )
    else:
        options = Options(limit=LARGEST_UPLOAD, timeout=PATIENCE)
        old = await send(context, DRIVE, "revisions.get_media", options, fileId=file.id, revisionId=before["version"])
        back = await _sent(context, "files.update", {}, old.content, file.mime_type, fileId=file.id)
    return Receipt(reference=back.id, version=back.version, url=back.web_view_link, before=after, after=before)


async def _version(context: Context[Connection, Upload], record: Record, known: File, content: bytes) -> Receipt:
    """Write a new version of a file, which remembers the deliveries of this version and of the one before."""
    await context.remember(known.id)
    marks = {_KEY: record.key, _KEY_BEFORE: known.app_properties.get(_KEY, "")}
    body = {"appProperties": {name: key for name, key in marks.items() if key}}
    file = await _sent(context, "files.update", body, content, _media_type(known.name), fileId=known.id)
    return _receipt(file, known)


def _receipt(file: File, before: File | None) -> Receipt:
    return Receipt(
        reference=file.id,
        version=file.version or None,
        url=file.web_view_link or None,
        output={"id": file.id, "name": file.name, "url": file.web_view_link, "added": before is None},
        before={"id": before.id, "version": before.version} if before else None,
        after={"id": file.id, "version": file.version},
    )


async def _place(context: Context[Connection, Upload], folder: str, name: str) -> tuple[str, File | None]:
    """Return the name to write under, and the file to write a version of."""
    settings = context.settings
    same = await _named(context, folder, name)
    if same is None or settings.exists == "replace":
        return name, same
    if settings.exists == "refuse":
        raise SettingsError(f"There is a file {name} in this folder already.")
    for other in numbered(name):
        if other != name and await _named(context, folder, other) is None:
            return other, None
    raise SettingsError(f"There are too many files with a name like {name} in this folder.")


async def _named(
    context: Context[Connection, Upload], folder: str, name: str, *, is_folder: bool = False
) -> File | None:
    """Return the file or folder of a name in a folder, the newest where there are several."""
    sort = "=" if is_folder else "!="
    query = f"name = {quoted(name)} and {quoted(folder)} in parents and mimeType {sort} '{FOLDER}' and trashed = false"
    found = await page(context, query, context.settings.drive, size=10)
    alike = [file for file in found.files if file.name == name]
    return max(alike, key=lambda file: str(file.modified_time), default=None)


async def _folder(context: Context[Connection, Upload], sent: Outgoing, *, make: bool) -> str | None:
    """Return the folder of a file below the chosen one; None when it is missing and not to be made."""
    place = context.settings.top
    for name in sent.path.split("/")[1:-1]:
        below = await _named(context, place, name, is_folder=True)
        if below is None and not make:
            return None
        if below is None:
            body = {"name": name, "mimeType": FOLDER, "parents": [place]}
            below = await ask(context, DRIVE, "files.create", File, body=body, fields=FILE, supportsAllDrives=True)
        place = below.id
    return place


async def _by_id(context: Context[Connection, Upload], file: str) -> File | None:
    try:
        return await one(context, file)
    except SettingsError:
        return None


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


async def _sent(
    context: Context[Connection, Any], method: str, body: dict[str, Any], content: bytes, kind: str, **named: Any
) -> File:
    """Upload a content with what is told of it: small ones at once, large ones in pieces."""
    from googleapiclient.http import MediaInMemoryUpload

    whole = len(content) <= PIECE
    media = MediaInMemoryUpload(content, mimetype=kind, resumable=not whole)
    request = await built(
        context, DRIVE, method, body=body, media_body=media, fields=FILE, supportsAllDrives=True, **named
    )
    options = Options(headers=_headers(request), content=request.body, timeout=PATIENCE)
    if whole:
        return read(await deliver(context, DRIVE, request.method, request.uri, options), File)
    options["headers"] = {
        **options["headers"],
        "X-Upload-Content-Type": kind,
        "X-Upload-Content-Length": str(len(content)),
    }
    begun = await deliver(context, DRIVE, request.method, request.uri, options)
    return await _in_pieces(context, begun.headers.get("Location", ""), content)


async def _in_pieces(context: Context[Connection, Any], place: str, content: bytes) -> File:
    """Send piece after piece; after a cut the service is asked how much has arrived."""
    start, tries, idle = 0, 0, 0
    while True:
        piece = content[start : start + PIECE] if tries == 0 else b""
        span = f"{start}-{start + len(piece) - 1}" if piece else "*"
        headers = {"Content-Range": f"bytes {span}/{len(content)}"}
        try:
            answer = await deliver(
                context, DRIVE, "PUT", place, Options(headers=headers, content=piece, timeout=PATIENCE)
            )
        except (SettingsError, TemporaryError):
            tries += 1  # a piece that the transport sent a second time is refused as well
            if tries > TRIES:
                raise
            continue
        if answer.status in CREATED:
            return read(answer, File)
        arrived = _arrived(answer.headers.get("Range", ""))
        idle = 0 if arrived > start else idle + 1
        if idle > 2 * TRIES:
            raise TemporaryError("Google Drive takes no more of the file.", uncertain=True)
        start, tries = arrived, 0


def _arrived(span: str) -> int:
    """Return how many bytes a service says it has, from `bytes=0-99`."""
    last = span.rpartition("-")[2]
    return int(last) + 1 if last.isdigit() else 0


def _headers(request: Any) -> dict[str, str]:
    return {"Accept": "application/json", "Content-Type": request.headers["content-type"]}
