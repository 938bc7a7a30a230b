"""Documents that are asked for by conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.mongodb.conditions import condition
from connectors.mongodb.settings import Find
from connectors.mongodb.values import as_json
from connectors.sdk import SettingsError

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase


async def ask(database: AsyncDatabase[dict[str, Any]], settings: Find) -> list[dict[str, Any]]:
    """Return the documents that meet the conditions, as JSON."""
    found = database[settings.collection].find(
        condition(settings.filter, settings.params),
        projection=list(settings.only) or None,
        sort=[(name.lstrip("-"), -1 if name.startswith("-") else 1) for name in settings.sort] or None,
        limit=settings.limit + 1,
        max_time_ms=int(settings.timeout * 1000),
    )
    documents = await found.to_list(settings.limit + 1)
    if len(documents) > settings.limit:
        raise SettingsError(f"More than {settings.limit} documents were found; ask for fewer or raise the limit.")
    return [as_json(document) for document in documents]
