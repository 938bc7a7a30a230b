"""A stored connection opened: its sealed secrets beside its settings, as the connector's struct."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Connector, Settings, fill
from connectors.sdk.registry import find_connector
from hub.database import from_jsonb
from hub.errors import InvalidError, Problem
from hub.sealing import Vault, place


async def secrets_of(vault: Vault, workspace: UUID, connection: UUID, sealed: bytes | None) -> dict[str, str]:
    """Open the secret fields of a connection."""
    if sealed is None:
        return {}
    return msgspec.json.decode(
        await vault.open(workspace, place("connections", connection, "secrets"), sealed), type=dict[str, str]
    )


async def settings_of(vault: Vault, row: Any) -> Settings:
    """Return a row of `connections` as its connector's struct, secrets and all."""
    secrets = await secrets_of(vault, row["workspace"], row["id"], row["secrets"])
    return fill(connection_kind(declared(row["connector"])), {**from_jsonb(row["settings"]), **secrets})


def declared(name: str) -> Connector:
    """Return the connector of a name; InvalidError when there is none."""
    found = find_connector(name)
    if found is None:
        raise InvalidError(f"There is no connector {name!r}.", errors=[Problem("connector", "Choose one of the list.")])
    return found


def connection_kind(connector: Connector) -> type[Settings]:
    """Return a connector's connection struct; InvalidError when it needs no connection."""
    if connector.connection is None:
        raise InvalidError(
            f"{connector.title} needs no connection.", errors=[Problem("connector", "Use it without a connection.")]
        )
    return connector.connection
