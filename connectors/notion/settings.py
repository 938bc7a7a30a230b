"""What a user fills in to read pages of a database, to write them, and to hear of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from connectors.notion.connection import Connection, data_source, listed
from connectors.sdk import Choice, Context, Settings, Shape, field
from connectors.sdk.intervals import interval

MOST_PAGES = 10_000
_NAMED_ID = "abcdefABCDEF0123456789-"


async def databases(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the tables that are shared with the integration."""
    asked = {"filter": {"property": "object", "value": "data_source"}}
    found: list[Choice] = []
    async for page in listed(context, "search", asked):
        found += [Choice(str(one.get("id")), _title(one)) for one in page]
        if len(found) >= MOST_PAGES:
            break
    return found


class Place(Settings):
    """Which database."""

    database: Annotated[
        str,
        field(
            "Database",
            hint="The id of its data source; choose it from the list.",
            example="d9824bdc84454327be8b5b47500af6ce",
            choices=databases,
        ),
    ]

    def __post_init__(self) -> None:
        """Refuse what can be no id."""
        if len(self.database.replace("-", "")) != 32 or any(letter not in _NAMED_ID for letter in self.database):
            raise ValueError("The id of a database has 32 letters and digits; choose it from the list.")


async def properties(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return the properties of the database, each with its type."""
    found = await data_source(context, context.settings.database)
    return [Choice(name, one.type) for name, one in found.properties.items()]


class Follow(Place):
    """Which database to follow."""

    existing: Annotated[
        Literal["read", "skip"], field("Pages already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be."""
        super().__post_init__()
        interval(self.every)


class Find(Place):
    """Which pages to read."""

    filter: Annotated[
        dict[str, Any],
        field(
            "Filter",
            hint="As Notion's API writes it, with values as :names; empty: all.",
            example={"property": "Status", "status": {"equals": ":status"}},
        ),
    ] = {}
    params: Annotated[dict[str, Any], field("Values", hint="One for each :name.", templated=True)] = {}
    sort: Annotated[
        tuple[str, ...], field("Sort", hint="Property names; -name begins with the highest.", example=["-Due"])
    ] = ()
    limit: Annotated[int, field("Most pages", hint="More than this is an error.", advanced=True)] = 1000

    def __post_init__(self) -> None:
        """Refuse limits out of bounds and names without a value."""
        super().__post_init__()
        if not 0 < self.limit <= MOST_PAGES:
            raise ValueError(f"The most pages can be 1 to {MOST_PAGES}.")


class Pages(Place):
    """Which database to write to, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Properties",
            example={"Name": "{{ read.number }}", "Total": "{{ read.total }}"},
            templated=True,
            record=True,
            choices=properties,
        ),
    ]
    mode: Annotated[
        Literal["insert", "upsert", "update"],
        field("Mode", hint="insert adds a page, update changes the one that is there, upsert does either."),
    ] = "insert"
    key: Annotated[
        str,
        field(
            "Key property",
            hint="It says which page it is, such as the title.",
            choices=properties,
            when={"mode": ("upsert", "update")},
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        super().__post_init__()
        if self.mode != "insert" and not self.key:
            raise ValueError(f"The mode {self.mode} needs a key property; the mode insert does without.")
        if self.key and self.columns and self.key not in self.columns:
            raise ValueError(f"The key property {self.key} is not among the properties.")


def _title(found: dict[str, Any]) -> str:
    pieces = found.get("title")
    return "".join(str(one.get("plain_text", "")) for one in pieces) if isinstance(pieces, list) else ""
