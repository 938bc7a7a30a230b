"""What there is to choose from in Drive: shared drives, and folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from connectors.google._calls import ask
from connectors.google._connection import Connection
from connectors.google._drive_files import DRIVE, FOLDER, every, identity, quoted
from connectors.sdk import Choice, Context, Settings, field

MOST = 2_000


class _Drive(msgspec.Struct, frozen=True):
    id: str
    name: str = ""


class _Drives(msgspec.Struct, frozen=True, rename="camel"):
    drives: Sequence[_Drive] = ()
    next_page_token: str = ""


class InDrive(Settings):
    """Which drive's folders are asked for."""

    drive: Annotated[str, field("Shared drive")] = ""


async def drives(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the shared drives that the account is a member of."""
    found: list[Choice] = []
    token = ""
    while len(found) < MOST:
        answer = await ask(
            context,
            DRIVE,
            "drives.list",
            _Drives,
            pageSize=100,
            pageToken=token or None,
            fields="nextPageToken,drives(id,name)",
        )
        found += [Choice(drive.id, drive.name) for drive in answer.drives]
        token = answer.next_page_token
        if not token:
            break
    return found


async def folders(context: Context[Connection, InDrive]) -> Sequence[Choice]:
    """Return the folders of a drive with their names, those with the same name told apart by where they lie."""
    query = f"mimeType = {quoted(FOLDER)} and trashed = false"
    found = {}
    async for folder in every(context, query, context.settings.drive):
        found[folder.id] = folder
        if len(found) > MOST:
            break
    above = {one.id: found[one.parents[0]].name for one in found.values() if one.parents and one.parents[0] in found}
    choices = [Choice(one.id, f"{above[one.id]}/{one.name}" if one.id in above else one.name) for one in found.values()]
    return sorted(choices, key=lambda choice: choice.text.casefold())


class Place(Settings):
    """A drive and a folder in it."""

    drive: Annotated[
        str,
        field("Shared drive", hint="Empty: what the account itself has, and what was shared with it.", choices=drives),
    ] = ""
    folder: Annotated[
        str,
        field("Folder", hint="Chosen, or its link as the browser shows it; empty: everywhere.", choices=folders),
    ] = ""

    def __post_init__(self) -> None:
        if self.folder:
            identity(self.folder)

    @property
    def place(self) -> str:
        """The folder's id, "" for everywhere."""
        return identity(self.folder) if self.folder else ""
