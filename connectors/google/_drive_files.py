"""Files in Drive: what is told of them, what of them can be read, and in which form Google's own documents leave."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

from connectors.google._calls import ask, send
from connectors.google._connection import SERVICES, Connection
from connectors.sdk import Context, Item, Settings, SettingsError, field
from connectors.sdk.files.arrivals import LARGEST_FILE, Found, arrival
from connectors.sdk.network.http import Options

DRIVE = SERVICES["google_drive"]
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
_OWN = "application/vnd.google-apps."
FILE = (
    "id,name,mimeType,size,createdTime,modifiedTime,parents,trashed,headRevisionId,webViewLink,appProperties,driveId,"
    "lastModifyingUser(displayName,emailAddress)"
)
PAGE = 100
# Seconds for the content of one file
PATIENCE = 120.0
_LINK = re.compile(r"https://(?:drive|docs)\.google\.com/.*?(?:/folders/|/d/|[?&]id=)([\w-]{10,})")
_ID = re.compile(r"[\w-]+")
_EXPORTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "docx": (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "pdf": (".pdf", "application/pdf"),
        "text": (".txt", "text/plain"),
        "markdown": (".md", "text/markdown"),
        "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "csv": (".csv", "text/csv"),
        "pptx": (".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    }
)


class Exports(Settings):
    """In which form Google's own documents are read."""

    documents: Annotated[Literal["docx", "pdf", "text", "markdown"], field("Docs as")] = "docx"
    spreadsheets: Annotated[Literal["xlsx", "csv", "pdf"], field("Sheets as", hint="csv has the first tab only.")] = (
        "xlsx"
    )
    presentations: Annotated[Literal["pptx", "pdf", "text"], field("Slides as")] = "pdf"

    def of(self, media_type: str) -> tuple[str, str] | None:
        """Return the ending and media type in which a document of Google's leaves; None when it cannot."""
        chosen = {
            f"{_OWN}document": self.documents,
            f"{_OWN}spreadsheet": self.spreadsheets,
            f"{_OWN}presentation": self.presentations,
            f"{_OWN}drawing": "pdf",
        }.get(media_type)
        return _EXPORTS[chosen] if chosen else None


class Person(msgspec.Struct, frozen=True, rename="camel"):
    """Who changed a file."""

    display_name: str = ""
    email_address: str = ""


class File(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A file as Drive tells of it; only what people upload has a size and revisions that can be read."""

    id: str
    name: str = ""
    mime_type: str = ""
    size: str = ""
    created_time: datetime | None = None
    modified_time: datetime | None = None
    parents: Sequence[str] = ()
    trashed: bool = False
    head_revision_id: str = ""
    web_view_link: str = ""
    app_properties: Mapping[str, str] = {}
    last_modifying_user: Person = msgspec.field(default_factory=Person)
    drive_id: str = ""

    @property
    def version(self) -> str:
        """What is another one once the content has changed."""
        changed = self.modified_time.isoformat() if self.modified_time else ""
        return self.head_revision_id or changed

    @property
    def length(self) -> int:
        """Its size in bytes, 0 where Drive tells none."""
        return int(self.size) if self.size.isdecimal() else 0

    @property
    def is_file(self) -> bool:
        """Whether it is a file at all, and no folder or signpost."""
        return self.mime_type not in {FOLDER, SHORTCUT}

    def named(self, exports: Exports) -> str:
        """Return its name with the ending that its content will have."""
        export = exports.of(self.mime_type)
        ending = export[0] if export else ""
        return self.name if self.name.lower().endswith(ending) else f"{self.name}{ending}"


class Files(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a list."""

    files: Sequence[File] = ()
    next_page_token: str = ""


def identity(text: str) -> str:
    """Return the id in a link to a file or folder, or the id itself; raises ValueError with a sentence."""
    found = _LINK.match(text.strip())
    name = found[1] if found else text.strip()
    if not _ID.fullmatch(name):
        raise ValueError("Paste the link of the file or folder as the browser shows it, or its id.")
    return name


def quoted(text: str) -> str:
    """Write a text as a query of Drive's reads it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def placed(drive: str, query: str) -> dict[str, Any]:
    """Return the parameters that say where to look: in a shared drive; in all that the query leads to; in one's own."""
    own = "allDrives" if " in parents" in query or "appProperties" in query else "user"
    named = {"corpora": "drive", "driveId": drive} if drive else {"corpora": own}
    return {**named, "supportsAllDrives": True, "includeItemsFromAllDrives": True}


async def page(context: Context[Connection, Any], query: str, drive: str, token: str = "", size: int = PAGE) -> Files:
    """Return one page of the files that a query finds."""
    return await ask(
        context,
        DRIVE,
        "files.list",
        Files,
        q=query,
        pageSize=size,
        pageToken=token or None,
        fields=f"nextPageToken,files({FILE})",
        **placed(drive, query),
    )


async def every(context: Context[Connection, Any], query: str, drive: str) -> AsyncIterator[File]:
    """Yield all files that a query finds, page by page."""
    token = ""
    while True:
        found = await page(context, query, drive, token, 1000)
        for file in found.files:
            yield file
        token = found.next_page_token
        if not token:
            return


async def one(context: Context[Connection, Any], file: str) -> File:
    """Return what is told of one file."""
    return await ask(context, DRIVE, "files.get", File, fileId=file, fields=FILE, supportsAllDrives=True)


async def content_of(context: Context[Connection, Any], file: File, exports: Exports, largest: int) -> bytes | None:
    """Return what is in a file, exported where it is a document of Google's; None when it is too large."""
    export = exports.of(file.mime_type)
    if export is None and file.mime_type.startswith(_OWN):
        raise SettingsError(f"Google hands out no content of a {file.mime_type.removeprefix(_OWN)}.")
    options = Options(limit=largest + 1, timeout=PATIENCE)
    if export is not None:
        answer = await send(context, DRIVE, "files.export_media", options, fileId=file.id, mimeType=export[1])
    elif file.length > largest:
        return None
    else:
        answer = await send(context, DRIVE, "files.get_media", options, fileId=file.id, supportsAllDrives=True)
    return answer.content


async def item_of(
    context: Context[Connection, Any], file: File, exports: Exports, *, key: str = "", cursor: str | None = None
) -> Item:
    """Make the item of a file; what cannot be read is told in it and holds up no others."""
    problem = ""
    try:
        content = await content_of(context, file, exports, LARGEST_FILE)
    except SettingsError as error:
        content, problem = None, error.message
    name = file.named(exports).replace("/", "_")
    found = Found(
        path=name,
        size=file.length if content is None else len(content),
        version=file.version,
        changed=file.modified_time,
        id=file.id,
    )
    item = arrival(found, content, cursor, problem=problem)
    told = {name: value for name, value in item.content.items() if name != "path"} | described(file)
    return msgspec.structs.replace(item, key=key or item.key, content=told)


def described(file: File) -> dict[str, Any]:
    """Return what steps may read of a file besides its content."""
    return {
        "id": file.id,
        "media_type": file.mime_type,
        "url": file.web_view_link,
        "folder": file.parents[0] if file.parents else None,
        "changed_by": file.last_modifying_user.email_address or file.last_modifying_user.display_name or None,
    }
