"""Files that appear at a service: which of them are wanted, which are new, and the items that are made of them."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Protocol

import msgspec

from connectors.sdk.cursors.seen import Seen
from connectors.sdk.errors import SettingsError
from connectors.sdk.items import Attachment, Item
from connectors.sdk.settings import Shape, field
from connectors.sdk.texts import storable

LARGEST_FILE = 25 * 1024 * 1024
MOST_FILES = 100_000
LONGEST_KEY = 500
# The cursor is dumped with every so manieth file: it is as long as the place has files
DUMP_AT = 50
Kind = Literal[
    "archive", "audio", "document", "image", "mail", "pdf", "presentation", "spreadsheet", "text", "video"
]  # fmt: skip
_ENDINGS: Mapping[Kind, str] = {
    "archive": "zip gz tgz tar 7z rar bz2 xz",
    "audio": "mp3 wav m4a ogg oga opus flac aac wma",
    "document": "doc docx odt rtf pages epub",
    "image": "jpg jpeg png gif tif tiff bmp webp heic heif svg",
    "mail": "eml msg mbox",
    "pdf": "pdf",
    "presentation": "ppt pptx odp key",
    "spreadsheet": "xls xlsx xlsm ods csv tsv numbers",
    "text": "txt md json jsonl xml html htm yaml yml log",
    "video": "mp4 mov mkv avi webm m4v",
}
_TYPE_OF = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
# Names under which programs write what is not whole yet
_UNFINISHED = re.compile(r"\..*|~.*|.*~|.*\.(?:part|partial|filepart|tmp|temp|crdownload|download)", re.IGNORECASE)

Pattern = Annotated[
    str, field("Files", hint="A pattern of names: * stands for any letters, ? for one.", example="*.pdf")
]
Types = Annotated[list[Kind], field("Types", hint="Only these; none named means all.")]
Existing = Annotated[
    Literal["read", "skip"], field("Files already there", hint="What to do with them when the recipe starts.")
]
Every = Annotated[str, field("Look every", hint="How often to look.", advanced=True, shape=Shape.DURATION)]
Quiet = Annotated[
    float,
    field("Seconds at rest", hint="How long a file must stay as it is before it counts as whole.", advanced=True),
]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A file at a service: its path as people see it, and a version that is another one once its content changes."""

    path: str
    size: int
    version: str
    changed: datetime | None = None
    id: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def key(self) -> str:
        """What is one event: this file in this version."""
        return storable(f"{self.id or self.path}|{self.version}")


class Place(Protocol):
    """A folder of a service that can only be listed whole, such as one of an SFTP server."""

    async def files(self) -> Sequence[Found]:
        """Return the wanted files, each with what tells whether it has changed."""
        ...

    async def content(self, found: Found) -> bytes | None:
        """Return a file's content; None when it has gone or has changed meanwhile."""
        ...


def fits(name: str, pattern: str, types: Sequence[str]) -> bool:
    """Tell whether a file's name has the pattern and one of the types; upper and lower case are the same."""
    if types and _TYPE_OF.get(name.rpartition(".")[2].lower()) not in types:
        return False
    # Only * and ? are special; no name makes this take long
    return fnmatchcase(name.lower(), (pattern or "*").lower().replace("[", "[[]"))


def is_unfinished(name: str) -> bool:
    """Tell whether a name is of the kind that programs give to what they are still writing."""
    return _UNFINISHED.fullmatch(name) is not None


def arrival(found: Found, content: bytes | None, cursor: str | None = None, *, problem: str = "") -> Item:
    """Make the item of a file; without content it tells the problem, or that the file is too large to be read."""
    name = storable(found.name)
    if content is None:
        problem = problem or f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB and was not read."
        file: Any = {"file": None, "name": name, "size": found.size, "problem": problem}
    else:
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = Attachment(name=name, media_type=media_type, content=content)
    told = {
        "file": file,
        "name": name,
        "path": storable(found.path),
        "size": found.size,
        "changed": moment(found.changed),
        "version": storable(found.version),
    }
    subject = storable(found.id or found.path)
    return Item(key=_short(found.key), title=name[:200], content=told, cursor=cursor, subject=_short(subject))


def moment(changed: datetime | None) -> str | None:
    """Write a date as items show it; one without a zone is UTC."""
    if changed is None:
        return None
    zoned = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def appeared(place: Place, cursor: str | None, *, existing: str, quiet: float) -> AsyncIterator[Item]:
    """Yield the files of a place that are new or have changed since the cursor, the oldest first.

    A file that changes within `quiet` seconds, or while it is read, waits for the next look.
    """
    known, listed = Seen.load(cursor or ""), await place.files()
    if len(listed) > MOST_FILES:
        raise SettingsError(f"There are more than {MOST_FILES:,} files here. Watch a folder or a pattern with fewer.")
    skips = cursor is None and existing == "skip"
    seen, fresh = Seen(), []
    for one in listed:
        if skips or one.key in known:
            seen.add(one.key)
        else:
            fresh.append(one)
    kept = cursor
    for number, found in enumerate(await _settled(place, fresh, quiet), 1):
        content = await place.content(found) if found.size <= LARGEST_FILE else None
        if content is None and found.size <= LARGEST_FILE:
            continue
        seen.add(found.key)
        kept = seen.dump() if number % DUMP_AT == 0 else kept
        yield arrival(found, content, kept if number % DUMP_AT == 0 else None)
    if seen.dump() != (kept or "") or cursor is None:
        yield Item(content=None, cursor=seen.dump())


async def _settled(place: Place, fresh: Sequence[Found], quiet: float) -> list[Found]:
    """Return those that have not changed after a while."""
    if not fresh:
        return []
    await asyncio.sleep(quiet)
    now = {one.key for one in await place.files()}
    settled = [one for one in fresh if one.key in now]
    return sorted(settled, key=lambda one: (moment(one.changed) or "", one.path))


def _short(text: str) -> str:
    """Return a text that is not too long for an index, and still another one for another text."""
    if len(text) <= LONGEST_KEY:
        return text
    return f"{text[: LONGEST_KEY - 40]} {hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
