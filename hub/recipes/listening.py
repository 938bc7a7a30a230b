"""Triggers whose news goes to one listener only: who listens to an account already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from connectors.sdk import Settings, Trigger
from connectors.sdk.registry import find_trigger
from hub.database import fetch
from hub.errors import Problem
from hub.recipes.document import RecipeDocument

_PLACE = "spec.trigger.connection"


class Opener(Protocol):
    """Where the settings of connections come from."""

    async def settings_named(self, workspace: UUID, name: str) -> Settings | None:
        """Return what a connection holds, secrets too; None where there is no usable one of that name."""
        ...


class Listening:
    """Keeps two recipes from taking each other's news; `own` names the accounts of the hub's own bots by connector."""

    def __init__(self, connections: Opener, own: Mapping[str, str]) -> None:
        self._connections = connections
        self._own = own

    async def problems(self, workspace: UUID, document: RecipeDocument, recipe: UUID | None = None) -> list[Problem]:
        """Return why a document's trigger cannot listen, nothing where it can."""
        trigger = document.spec.trigger
        part = find_trigger(trigger.uses)
        if part is None or part.alone is None or not trigger.connection:
            return []
        account = await self._account(workspace, part, trigger.connection)
        if account is None:
            return []
        title = part.connector.title
        if account == self._own.get(part.connector.name):
            message = f"This is the bot by which people talk to this hub. Connect another {title} bot for recipes."
            return [Problem(_PLACE, message)]
        for other in await self._others(workspace, document, recipe):
            if await self._account(workspace, part, str(other["connection"])) == account:
                message = (
                    f"The recipe {other['name']!r} listens to this account already, and {title} gives each message to "
                    "one listener only. Connect another account, or delete that recipe."
                )
                return [Problem(_PLACE, message)]
        return []

    async def _account(self, workspace: UUID, part: Trigger, name: str) -> str | None:
        settings = await self._connections.settings_named(workspace, name)
        if part.alone is None or part.connector.connection is None:
            return None
        return part.alone(settings) if isinstance(settings, part.connector.connection) else None

    async def _others(self, workspace: UUID, document: RecipeDocument, recipe: UUID | None) -> Sequence[Any]:
        """Return the other published recipes with the same trigger; paused ones go on listening."""
        uses, name = document.spec.trigger.uses, document.metadata.name
        return await fetch(_OTHERS, workspace, uses, name, recipe)


_OTHERS = """
select d.name, v.content->'spec'->'trigger'->>'connection' as connection
from triggers t
join documents d on d.id = t.recipe and d.deleted_at is null
join document_versions v on v.document = t.recipe and v.number = t.version
where t.workspace = $1 and t.uses = $2 and lower(d.name) <> lower($3) and d.id is distinct from $4::uuid
and v.content->'spec'->'trigger'->>'connection' is not null order by d.name"""
