"""What a user fills in to write a file, and what the file is called by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from connectors.sdk import Context, NoSettings, Settings, SettingsError, field
from connectors.sdk.records.rows import RowList
from connectors.sdk.records.sheets import csv_columns

LONGEST_NAME = 150
HEAD = 64 * 1024
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


class Place(Settings):
    """Which file's columns are asked for."""

    directory: Annotated[str, field("Directory")]
    file: Annotated[str, field("File")]


async def directories(context: Context[NoSettings, Any]) -> Sequence[str]:
    """Return the directories that the operator allows."""
    return await context.folder.directories()


async def columns_of(context: Context[NoSettings, Place]) -> Sequence[str]:
    """Return the names in the first line of a CSV file, or of the workbook of this name, when there is one."""
    place = context.settings
    stem = _segment(place.file)
    if await context.folder.size(place.directory, f"{stem}.csv"):
        return csv_columns(await context.folder.part(place.directory, f"{stem}.csv", 0, HEAD))[0]
    return await context.datasets.columns(book(place.directory, f"{stem}.xlsx"))


class Rows(Settings):
    """Which file to write, and what."""

    directory: Annotated[
        str,
        field(
            "Directory",
            hint="Below one of the directories that the operator allows.",
            example="/srv/outbox",
            choices=directories,
        ),
    ]
    file: Annotated[str, field("File", hint="Its name; letters that lead elsewhere are replaced.", templated=True)]
    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=columns_of),
    ]
    rows: RowList = None
    order: Annotated[
        tuple[str, ...], field("Order of columns", hint="Those that are not named come after.", advanced=True)
    ] = ()

    def __post_init__(self) -> None:
        """Refuse a directory that leads elsewhere."""
        if not self.directory.strip() or "\0" in self.directory or ".." in self.directory.split("/"):
            raise ValueError("Name a directory, without '..'.")
        if not self.file.strip():
            raise ValueError("Name the file.")


def name_of(settings: Rows, ending: str) -> str:
    """Make one safe segment of a name, whatever was filled in."""
    name = _UNSAFE.sub("-", settings.file).strip(" .-")
    stem = name[: -len(ending)] if name.lower().endswith(ending) else name
    if not stem.strip(" .-"):
        raise SettingsError(f"The file's name is empty: {settings.file[:50]!r}.")
    return stem.encode()[:LONGEST_NAME].decode("utf-8", "ignore") + ending


def book(directory: str, name: str) -> str:
    """Return the dataset that people do not see, in which the rows of a workbook are kept."""
    return f"file:{directory.rstrip('/')}/{name}"


def columns_in(settings: Rows, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns of rows in their order."""
    return in_order(settings, list(dict.fromkeys(name for row in rows for name in row)))


def in_order(settings: Rows, columns: Sequence[str]) -> list[str]:
    """Put the columns that were named first, in the order in which they were."""
    first = [name for name in settings.order if name in columns]
    return [*first, *(name for name in columns if name not in first)]


def _segment(file: str) -> str:
    return _UNSAFE.sub("-", file.removesuffix(".csv").removesuffix(".xlsx").removesuffix(".jsonl")).strip(" .-")
