"""Files that go out to a service: what they are called there, what is in them, and what a name that is taken means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk.context import Files
from connectors.sdk.errors import SettingsError
from connectors.sdk.settings import Shape, field

LARGEST_UPLOAD = 100 * 1024 * 1024
# In bytes, with room below the 255 of most file systems for a number in brackets
LONGEST_NAME = 230
LONGEST_ENDING = 20
MOST_ALIKE = 200
# What ends a name on some system, leads elsewhere, or shows it in another order than it has
_UNSAFE = re.compile('[\\x00-\\x1f\\x7f-\\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\\\:*?"<>|]+')

FileContent = Annotated[
    Any, field("File", hint="A file of this run.", example="{{ trigger.file }}", templated=True, shape=Shape.FILE)
]
TextContent = Annotated[str, field("Text", hint="Instead of a file.", templated=True, multiline=True)]
FileName = Annotated[
    str,
    field(
        "Name",
        hint="Left out, the file keeps its own. Letters that lead elsewhere are replaced.",
        example="{{ trigger.name }}",
        templated=True,
    ),
]
Subfolder = Annotated[
    str,
    field(
        "Subfolder", hint="Below the folder; made when it is missing.", example="{{ read.supplier }}", templated=True
    ),
]
Clash = Annotated[
    Literal["replace", "keep_both", "refuse"],
    field(
        "When there is such a file",
        hint="replace: write over it; keep_both: write beside it under a numbered name; refuse: leave it and fail.",
    ),
]


class Outgoing(msgspec.Struct, frozen=True):
    """A file that is about to be written: its whole path and what will be in it."""

    path: str
    content: bytes

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def require_folder(folder: str) -> None:
    """Raise ValueError for a folder that climbs up or has letters that no path has; "" and "/" are the top."""
    if ".." in folder.split("/") or "." in folder.split("/") or "\\" in folder:
        raise ValueError("Name a folder by its path from the top, such as /invoices/new, without '..'.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in folder):
        raise ValueError("A folder's name has no line breaks or control characters.")


def folder_path(folder: str) -> str:
    """Write a folder in one way: "" for the top, else with a slash in front and none at the end."""
    parts = [part for part in folder.split("/") if part]
    return f"/{'/'.join(parts)}" if parts else ""


def segment(text: str) -> str:
    """Make one safe name of a text, whatever was filled in; '' when nothing is left of it."""
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).strip(" .-")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = LONGEST_NAME - len(ending.encode())
    return f"{stem.encode()[:room].decode(errors='ignore').rstrip(' .-')}{dot}{ending}"


class _Attached(msgspec.Struct, frozen=True):
    file: Any
    name: str
    text: str = ""
    subfolder: str = ""


async def attached(files: Files, file: Any, name: str = "") -> Outgoing:
    """Return a file that goes out beside something else, under its own name unless another is given."""
    return await outgoing(files, _Attached(file, name), "")


async def outgoing(files: Files, settings: Any, folder: str) -> Outgoing:
    """Return what to write for settings with `file`, `text`, `name` and `subfolder`."""
    if settings.file not in (None, "") and settings.text:
        raise SettingsError("Give a file or a text, not both.")
    parts = [segment(part) for part in settings.subfolder.split("/")]
    place = folder_path("/".join([folder, *parts]))
    if settings.file in (None, ""):
        name, content = segment(settings.name), settings.text.encode("utf-8", "replace")
        _require(bool(settings.text), "There is nothing to write: give a file or a text.")
    else:
        reference, own = _reference(settings.file)
        name, content = segment(settings.name) or segment(own), await files.open(reference)
    _require(bool(name), "The file has no name: fill in what it shall be called.")
    most = LARGEST_UPLOAD // 1024 // 1024
    _require(len(content) <= LARGEST_UPLOAD, f"The file is larger than {most} MB and is not sent.")
    return Outgoing(f"{place}/{name}", content)


def numbered(path: str) -> Iterator[str]:
    """Yield the names under which files stand beside each other: a.pdf, a (2).pdf, a (3).pdf."""
    yield path
    head, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    for number in range(2, MOST_ALIKE + 1):
        yield f"{head}{slash}{stem} ({number}).{ending}" if dot and stem else f"{path} ({number})"


def require_aside(folder: str) -> None:
    """Raise ValueError unless a folder for replaced files is none or one name."""
    if folder and (folder in {".", ".."} or "/" in folder or not folder.isprintable()):
        raise ValueError("The folder for replaced files is one name, such as .versions.")


def aside(path: str, folder: str, mark: str) -> str:
    """Return where a file that is replaced is kept: in a folder beside it, with a mark in its name."""
    place, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    kept = f"{stem} {mark}.{ending}" if dot and stem else f"{name} {mark}"
    return f"{place}{slash}{folder}/{kept}"


def _reference(file: Any) -> tuple[str, str]:
    if isinstance(file, (list, tuple)):
        if len(file) != 1:
            raise SettingsError(f"{len(file)} files were given where one is written. Use a step for each of them.")
        file = file[0]
    if not isinstance(file, Mapping):
        return str(file), ""
    problem = file.get("problem")
    if problem:
        raise SettingsError(f"There is no file to write: {problem}")
    return str(file.get("file") or ""), str(file.get("name") or "")


def _require(met: bool, otherwise: str) -> None:  # a condition is a condition
    if not met:
        raise SettingsError(otherwise)
