"""What a user fills in to follow issues of Jira and to find them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.jira.connection import Connection, call
from connectors.jira.jql import is_ordered
from connectors.sdk import Choice, Context, Settings, Shape, field
from connectors.sdk.intervals import interval

MOST_FOUND = 5_000
MOST_PROJECTS = 1_000
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")

Key = Annotated[str, field("Issue", hint="Its key.", example="SHOP-17", templated=True)]


async def projects(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the projects that the account sees."""
    found: list[Choice] = []
    while len(found) < MOST_PROJECTS:
        page = (await call(context, "GET", "project/search", {"startAt": str(len(found)), "maxResults": "50"})).read(
            _Projects
        )
        found += [Choice(one.key, one.name) for one in page.values]
        if page.isLast or not page.values:
            break
    return found


class Place(Settings):
    """Which project."""

    project: Annotated[str, field("Project", hint="Its key.", example="SHOP", choices=projects)]

    def __post_init__(self) -> None:
        """Refuse what can be no key."""
        if not _PROJECT.fullmatch(self.project):
            raise ValueError("The key of a project has letters and digits, such as SHOP.")


class Follow(Place):
    """Which issues to follow."""

    filter: Annotated[
        str, field("Filter", hint="JQL for some of them.", example="issuetype = Bug", multiline=True, advanced=True)
    ] = ""
    fields: Annotated[
        list[str],
        field("More fields", hint="By id.", example=["customfield_10010"], advanced=True),
    ] = []
    existing: Annotated[
        Literal["read", "skip"], field("Already there", hint="What to do with them when the recipe starts.")
    ] = "skip"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an order, which would lose issues, and an interval that cannot be."""
        super().__post_init__()
        interval(self.every)
        if is_ordered(self.filter):
            raise ValueError("The filter says which issues, not in which order: leave ORDER BY out.")


class Find(Settings):
    """Which issues to find: one by its key, or those that a query finds."""

    issue: Key = ""
    jql: Annotated[
        str,
        field(
            "Query",
            hint="JQL, with values as :names.",
            example="project = SHOP AND summary ~ :order",
            multiline=True,
        ),
    ] = ""
    params: Annotated[
        dict[str, Any],
        field("Values", hint="One for each :name.", example={"order": "{{ read.number }}"}, templated=True),
    ] = {}
    fields: Annotated[list[str], field("More fields", hint="By id.", example=["customfield_10010"], advanced=True)] = []
    limit: Annotated[int, field("Most found", advanced=True)] = 100

    def __post_init__(self) -> None:
        """Refuse limits out of bounds."""
        if not 0 < self.limit <= MOST_FOUND:
            raise ValueError(f"The most found can be 1 to {MOST_FOUND}.")


class _Project(msgspec.Struct):
    key: str
    name: str = ""


class _Projects(msgspec.Struct):
    values: list[_Project] = []
    isLast: bool = True  # noqa: N815  # Jira's name
