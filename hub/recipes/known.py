"""What a workspace has that a recipe may name."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol
from uuid import UUID

from hub.database import fetch
from hub.recipes.validate import Known


class SchemaNames(Protocol):
    """Where the names of extraction schemas come from."""

    def names(self, workspace: UUID) -> Awaitable[AbstractSet[str]]:
        """Return every name in lower case, starter schemas included."""
        ...


async def known_in(workspace: UUID, schemas: SchemaNames | None) -> Known:
    """Return the names of connections, schemas and recipes in a workspace, and its members' addresses."""
    connections = await fetch("select lower(name) as name, connector from connections where workspace = $1", workspace)
    recipes = await fetch(
        "select lower(name) as name from documents where workspace = $1 and kind = 'recipe' and deleted_at is null",
        workspace,
    )
    members = await fetch(_MEMBERS, workspace)
    calls: dict[str, set[str]] = {}
    for row in await fetch(_CALLS, workspace):
        calls.setdefault(row["caller"], set()).add(row["called"])
    return Known(
        calls=calls,
        connections={row["name"]: row["connector"] for row in connections},
        schemas=await schemas.names(workspace) if schemas else None,
        recipes={row["name"] for row in recipes},
        members={row["email"] for row in members},
    )


async def callers_of(workspace: UUID, name: str, recipe: UUID) -> Sequence[str]:
    """Return the names of other recipes whose live version calls one of this name."""
    return [row["name"] for row in await fetch(_CALLERS, workspace, name, recipe)]


_CALLERS = """
select distinct d.name from documents d join document_versions v on v.document = d.id and v.number = d.active_version
where d.workspace = $1 and d.kind = 'recipe' and d.deleted_at is null and d.id <> $3
and exists (
    select from json_array_elements(v.content->'spec'->'steps') s
    where s->>'uses' = 'recipe' and lower(s->'with'->>'recipe') = lower($2)
) order by 1"""
_MEMBERS = """
select lower(u.email) as email from memberships m join users u on u.id = m."user" where m.workspace = $1"""
_CALLS = """
select distinct lower(d.name) as caller, lower(s->'with'->>'recipe') as called
from documents d join document_versions v on v.document = d.id and v.number = d.active_version
cross join json_array_elements(v.content->'spec'->'steps') s
where d.workspace = $1 and d.kind = 'recipe' and d.deleted_at is null and s->>'uses' = 'recipe'"""
