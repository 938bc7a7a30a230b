"""What a deployment has to choose from while a form is filled in: databases, collections, and fields in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from connectors.mongodb.connection import Connection, borrowed
from connectors.sdk import Choice, Context, Settings, field

SAMPLE = 50
MOST = 2_000


class Place(Settings):
    """Which database is asked."""

    database: Annotated[str, field("Database")] = ""


class Inside(Place):
    """Which collection is asked."""

    collection: Annotated[str, field("Collection")]


async def databases(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the databases that this user may see."""
    async with borrowed(context) as held:
        names = await held.client.list_database_names()
    return [Choice(name) for name in sorted(names) if name not in {"admin", "config", "local"}]


async def collections(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return the collections of the database."""
    async with borrowed(context, context.settings.database) as held:
        names = await held.list_collection_names(authorizedCollections=True, nameOnly=True)
    return [Choice(name) for name in sorted(names) if not name.startswith("system.")][:MOST]


async def fields(context: Context[Connection, Inside]) -> Sequence[Choice]:
    """Return the fields of the newest documents, each with the type that it has there."""
    async with borrowed(context, context.settings.database) as held:
        documents = await held[context.settings.collection].find(sort=[("_id", -1)], limit=SAMPLE).to_list(SAMPLE)
    found: dict[str, str] = {}
    for document in documents:
        for name, value in document.items():
            found.setdefault(name, type(value).__name__)
    return [Choice(name, kind) for name, kind in found.items()]
