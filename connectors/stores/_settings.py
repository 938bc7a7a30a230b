"""What a user fills in about the objects of a store; the same for every service."""

from __future__ import annotations

from typing import Annotated, Any

from connectors.sdk import Context, Settings, field
from connectors.sdk.files.arrivals import Every, Existing, Pattern, Types
from connectors.sdk.files.outgoing import Clash, FileContent, FileName, Subfolder, TextContent, require_folder
from connectors.sdk.intervals import interval

LONGEST_LINK = 7 * 24 * 3600
MOST_LISTED = 10_000


async def buckets(context: Context[Any, Any]) -> list[str]:
    """Return the buckets that the connection may list."""
    names: list[str] = await context.connection.buckets(context)
    return names


Bucket = Annotated[str, field("Bucket", hint="In Azure it is called a container.", example="invoices", choices=buckets)]
Prefix = Annotated[
    str, field("Folder", hint="The beginning of the paths, such as inbox/; empty for all.", example="inbox/")
]
Path = Annotated[str, field("Path", hint="All of it, within the bucket.", example="inbox/17.pdf", templated=True)]


class Watched(Settings):
    """Which objects to look for."""

    bucket: Bucket
    folder: Prefix = ""
    pattern: Pattern = "*"
    types: Types = []
    read: Annotated[
        bool, field("Read the content", hint="Without it, an item tells only path, size and date.", advanced=True)
    ] = True
    existing: Existing = "read"
    every: Every = "5m"

    def __post_init__(self) -> None:
        """Refuse what no bucket is called, and unreadable intervals."""
        require_bucket(self.bucket)
        interval(self.every)


class Listing(Settings):
    """Which objects to list."""

    bucket: Bucket
    folder: Annotated[str, field("Folder", hint="The beginning of the paths.", example="inbox/", templated=True)] = ""
    pattern: Pattern = "*"
    types: Types = []
    limit: Annotated[int, field("Most objects", advanced=True)] = 1000

    def __post_init__(self) -> None:
        """Refuse limits out of bounds, and what a trigger refuses as well."""
        require_bucket(self.bucket)
        if not 0 < self.limit <= MOST_LISTED:
            raise ValueError(f"The most objects can be 1 to {MOST_LISTED:,}.")


class Reading(Settings):
    """Which object to read."""

    bucket: Bucket
    path: Path

    def __post_init__(self) -> None:
        """Refuse what no bucket is called."""
        require_bucket(self.bucket)


class Linked(Settings):
    """Which object to make a link to, and for how long."""

    bucket: Bucket
    path: Path
    minutes: Annotated[int, field("Valid for minutes", hint="Whoever has the link can read the object.")] = 60

    def __post_init__(self) -> None:
        """Refuse times that stores refuse."""
        require_bucket(self.bucket)
        if not 0 < self.minutes * 60 <= LONGEST_LINK:
            raise ValueError("A link is valid for 1 minute to 7 days (10,080 minutes).")


class Written(Settings):
    """What to write, and where."""

    bucket: Bucket
    folder: Annotated[str, field("Folder", example="outbox")] = ""
    subfolder: Subfolder = ""
    name: FileName = ""
    file: FileContent = None
    text: TextContent = ""
    exists: Clash = "replace"
    media_type: Annotated[
        str,
        field("Media type", hint="Left out, it follows from the name.", example="application/pdf", advanced=True),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse folders that climb up and media types that are none."""
        require_bucket(self.bucket)
        require_folder(self.folder)
        if self.media_type and (self.media_type.count("/") != 1 or not self.media_type.isascii()):
            raise ValueError("A media type is written as application/pdf.")


def require_bucket(name: str) -> None:
    """Raise ValueError for what no service takes as the name of a bucket."""
    letters = name.replace("-", "").replace(".", "").replace("_", "").replace("$", "")
    if not 3 <= len(name) <= 222 or not letters.isalnum() or not name.isascii() or ".." in name:
        raise ValueError("A bucket's name has 3 to 222 letters, digits, hyphens and points.")
