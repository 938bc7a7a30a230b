"""Connections as everyone may see them: what is set and granted, never the secrets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

import msgspec

from connectors.sdk import Settings, fields_of, has_secret
from connectors.sdk.network.room import Room
from connectors.sdk.registry import find_connector
from hub.connections.health import ConnectionHealth
from hub.database import from_jsonb
from hub.ids import show


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Access that the service grants: by a person who signs in there, or to the client itself.

    `scopes` says what is asked for and why, `granted` what was given in the end.
    """

    by: Literal["person", "client"]
    scopes: dict[str, str]
    granted: list[str] = []
    granted_at: datetime | None = None
    expires_at: datetime | None = None


class ConnectionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as everyone may see it: secrets only as whether they are set."""

    id: str
    name: str
    connector: str
    settings: dict[str, Any]
    secrets_set: list[str]
    access: Access | None = None
    rate_limit: float | None
    state: str
    message: str
    revision: int
    created_at: datetime
    tested_at: datetime | None
    health: ConnectionHealth = ConnectionHealth()
    used_by: list[str] = []


def summary_of(row: Any, secrets_set: Collection[str]) -> ConnectionSummary:
    """Return a row as everyone may see it; of its secrets only the names of those that are set."""
    declared = find_connector(row["connector"])
    hidden = secret_names(declared.connection) if declared and declared.connection else []
    return ConnectionSummary(
        id=show("con", row["id"]),
        name=row["name"],
        connector=row["connector"],
        settings=from_jsonb(row["settings"]),
        secrets_set=[name for name in hidden if name in secrets_set],
        access=_access(row),
        rate_limit=float(row["rate_limit"]) if row["rate_limit"] is not None else None,
        state=row["state"],
        message=row["message"],
        revision=row["revision"],
        created_at=row["created_at"],
        tested_at=row["tested_at"],
        health=ConnectionHealth(
            calls=row["calls"] or 0,
            failures=row["failures"] or 0,
            succeeded_at=row["succeeded_at"],
            failed_at=row["failed_at"],
            room=msgspec.convert(from_jsonb(row["room"]), Room | None),
        ),
        used_by=sorted(row["used_by"]),
    )


def secret_names(kind: type[Settings]) -> list[str]:
    """Return the names of a connection's secret fields."""
    hints = {field.name: field.type for field in msgspec.structs.fields(kind)}
    return [name for name in fields_of(kind) if has_secret(hints[name])]


def _access(row: Any) -> Access | None:
    asked = from_jsonb(row["access"])
    if asked is None:
        return None
    return Access(
        by=asked["by"],
        scopes=asked["scopes"],
        granted=row["granted_scopes"],
        granted_at=row["granted_at"],
        expires_at=row["tokens_expire_at"],
    )
