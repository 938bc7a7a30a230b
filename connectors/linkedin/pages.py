"""Which organisation's page, and who it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.linkedin.answers import Organisation, Roles, organisation_named
from connectors.linkedin.connection import Connection, call
from connectors.linkedin.restli import Query
from connectors.sdk import Choice, Context, SettingsError
from connectors.sdk.network.http import Options
from connectors.sdk.posts import Author
from connectors.sdk.texts import storable

FORBIDDEN, NOT_FOUND = 403, 404
# For each of which the name is asked for
MOST_NAMED = 20


class Known(msgspec.Struct):
    """What a trigger notes of the organisation, so that it asks once: its name in the API, and its own."""

    urn: str
    name: str = ""
    title: str = ""

    @property
    def author(self) -> Author:
        """The organisation as the author of its posts."""
        number = self.urn.rpartition(":")[2]
        return Author(id=self.urn, name=self.name, title=self.title, url=f"https://www.linkedin.com/company/{number}/")


async def organisations(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the pages that the person runs, with their names."""
    found = await _run_by_person(context)
    return [Choice(urn, (await known(context, urn)).title if place < MOST_NAMED else "") for place, urn in found]


async def organisation(context: Context[Connection, Any], chosen: str) -> str:
    """Return the API's name of the organisation: the chosen one, else the only one that the person runs."""
    _require_page(context.connection)
    if chosen.strip():
        return organisation_named(chosen)
    found = await _run_by_person(context)
    if len(found) != 1:
        raise SettingsError(f"The connection opens {len(found)} pages of LinkedIn; choose one.")
    return found[0][1]


async def known(context: Context[Connection, Any], urn: str) -> Known:
    """Return what the organisation is called, as far as the connection may know it."""
    if not context.connection.mentions:
        return Known(urn)
    path, hidden = ("rest", "organizations", urn.rpartition(":")[2]), (FORBIDDEN, NOT_FOUND)
    answer = await call(context, "GET", path, options=Options(accepts=hidden))
    if answer.status in hidden:
        return Known(urn)
    told = answer.read(Organisation)
    return Known(urn, storable(told.vanity_name), storable(told.localized_name))


def _require_page(connection: Connection) -> None:
    if connection.kind != "organisation":
        raise SettingsError("A connection of a member can only post. Choose a connection of an organisation.")


async def _run_by_person(context: Context[Connection, Any]) -> list[tuple[int, str]]:
    _require_page(context.connection)
    if not context.connection.mentions:
        raise SettingsError(
            "LinkedIn does not tell this connection which pages there are. Give the organisation's number."
        )
    query: Query = {"q": "roleAssignee", "state": "APPROVED", "start": 0, "count": 100}
    answer = await call(context, "GET", ("rest", "organizationAcls"), query, action="FINDER")
    return list(enumerate(answer.read(Roles).organisations))
