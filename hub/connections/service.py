"""Connections: credentials people store once and recipes use by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Connector, ConnectorError, NoSettings, Secret, Settings, fill
from hub.audit import Audit
from hub.connections.checks import settings_problems, unproven_secrets
from hub.connections.contexts import Contexts
from hub.connections.opening import connection_kind, declared, secrets_of, settings_of
from hub.connections.views import ConnectionSummary, secret_names, summary_of
from hub.database import execute, fetch, fetch_one, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, StaleError
from hub.ids import new_id, show
from hub.members import Member, Verb
from hub.sealing import Vault, place

LOWEST_RATE, HIGHEST_RATE = 0.001, 10_000.0


class OpenConnection(msgspec.Struct, frozen=True):
    """A connection with its secrets, for one connector call and nothing else."""

    id: UUID
    name: str
    connector: str
    settings: Settings
    rate_limit: float | None
    blocked_for: float = 0.0
    revision: int = 1


class Connections:
    """Store, test and open connections; opened ones are kept in memory until their row changes."""

    def __init__(self, vault: Vault, audit: Audit, contexts: Contexts) -> None:
        self._vault = vault
        self._audit = audit
        self._contexts = contexts
        self._opened: dict[UUID, tuple[int, OpenConnection]] = {}

    async def list(self, member: Member) -> Sequence[ConnectionSummary]:
        """Return the workspace's connections by name."""
        member.authorize(Verb.READ)
        rows = await fetch(f"{_SELECT} where c.workspace = $1 order by lower(c.name)", member.workspace)
        return [await self._summary(row) for row in rows]

    async def show(self, member: Member, connection: UUID) -> ConnectionSummary:
        """Return one connection."""
        member.authorize(Verb.READ)
        row = await fetch_one(f"{_SELECT} where c.workspace = $1 and c.id = $2", member.workspace, connection)
        if row is None:
            raise NotFoundError("There is no such connection.")
        return await self._summary(row)

    async def find(self, member: Member, name: str) -> ConnectionSummary:
        """Return the connection of a name, case aside."""
        member.authorize(Verb.READ)
        row = await fetch_one(f"{_SELECT} where c.workspace = $1 and lower(c.name) = lower($2)", member.workspace, name)
        if row is None:
            raise NotFoundError(f"There is no connection named {name!r}.")
        return await self._summary(row)

    async def add(
        self, member: Member, name: str, connector: str, values: Mapping[str, Any], rate_limit: float | None = None
    ) -> ConnectionSummary:
        """Store a connection; the values are checked against the connector's struct first."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        connector_of = declared(connector)
        if not name.strip() or len(name) > 100:
            raise InvalidError(
                "The connection needs a name.", errors=[Problem("name", "Give it a name of 1 to 100 letters.")]
            )
        if rate_limit is not None and not LOWEST_RATE <= rate_limit <= HIGHEST_RATE:
            message = f"Give {LOWEST_RATE:g} to {HIGHEST_RATE:g} requests a second, or none for no limit."
            raise InvalidError(message, errors=[Problem("rate_limit", message)])
        open_values, secrets = _split(connection_kind(connector_of), values)
        access = _asked_for(connector_of, values)
        identity = new_id()
        sealed = await self._seal(member.workspace, identity, secrets)
        async with transaction():
            row = await fetch_one(
                "insert into connections (id, workspace, name, connector, settings, secrets, rate_limit, created_by,"
                " access) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id",
                identity, member.workspace, name.strip(), connector, to_jsonb(open_values), sealed,
                rate_limit, member.user, to_jsonb(access),
            )  # fmt: skip
            if row is None:
                raise ConflictError(f"A connection named {name!r} exists already; choose another name.")
            await self._audit.record(
                member, "connection.added", show("con", identity), {"name": name, "connector": connector}
            )
        return await self.show(member, identity)

    async def change(
        self, member: Member, connection: UUID, values: Mapping[str, Any], *, revision: int | None = None
    ) -> ConnectionSummary:
        """Replace settings; a secret that is left out or empty stays as it is."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        current = await self._row(member.workspace, connection)
        connector_of = declared(current["connector"])
        kept = await secrets_of(self._vault, member.workspace, connection, current["secrets"])
        given = {name: value for name, value in values.items() if not (name in kept and value in (None, ""))}
        values = {**kept, **given}
        open_values, secrets = _split(connection_kind(connector_of), values)
        untouched = [name for name in kept if name not in given]
        if problems := unproven_secrets(connector_of, await self._as_stored(current), values, untouched):
            raise InvalidError("A secret would go to a host that did not get it before.", errors=problems)
        sealed = await self._seal(member.workspace, connection, secrets)
        async with transaction():
            row = await fetch_one(
                _CHANGE,
                member.workspace, connection, to_jsonb(open_values), sealed, revision or current["revision"],
                to_jsonb(_asked_for(connector_of, values)),
            )  # fmt: skip
            if row is None:
                raise StaleError("The connection was changed meanwhile; load it again and repeat your change.")
            await self._audit.record(member, "connection.changed", show("con", connection), {"fields": sorted(given)})
        await self._contexts.forget(connection)
        return await self.show(member, connection)

    async def _as_stored(self, row: Any) -> Settings | None:
        """Return a connection as it stands; None when its connector has changed so much that it no longer fits."""
        try:
            return await settings_of(self._vault, row)
        except msgspec.ValidationError:
            return None

    async def remove(self, member: Member, connection: UUID) -> None:
        """Remove a connection that no published recipe uses."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        summary = await self.show(member, connection)
        if summary.used_by:
            raise ConflictError(f"{summary.name} is used by {', '.join(summary.used_by)}; change these recipes first.")
        async with transaction():
            if not await execute(_REMOVE, member.workspace, connection):
                raise NotFoundError("There is no such connection.")
            await self._audit.record(member, "connection.removed", show("con", connection), {"name": summary.name})
        self._opened.pop(connection, None)
        await self._contexts.forget(connection)

    async def test(self, member: Member, connection: UUID) -> ConnectionSummary:
        """Ask the service whether the credentials work and keep the answer."""
        member.authorize(Verb.USE_CONNECTIONS)
        opened = await self.open(member.workspace, connection)
        connector_of = declared(opened.connector)
        state, message = "ok", "The connection works."
        if connector_of.checker is None:
            message = "There is nothing to test for this connector."
        else:
            context = self._contexts.make(member.workspace, opened, connector_of, NoSettings())
            try:
                with self._contexts.health.noted(opened):
                    await connector_of.checker(opened.settings, context)
            except ConnectorError as error:
                state, message = error.word, error.message
        await execute(_TESTED, member.workspace, connection, state, message, opened.revision)
        await self._contexts.health.write()
        return await self.show(member, connection)

    async def open(self, workspace: UUID, connection: UUID) -> OpenConnection:
        """Return a connection with its secrets; for connector calls only."""
        row = await self._row(workspace, connection)
        if row["fresh_use"]:
            await execute(_USED, workspace, connection)
        held = self._opened.get(connection)
        if held is not None and held[0] == row["revision"]:
            return _as_now(held[1], row["blocked_for"])
        settings = await settings_of(self._vault, row)
        limit = float(row["rate_limit"]) if row["rate_limit"] is not None else None
        opened = OpenConnection(connection, row["name"], row["connector"], settings, limit, revision=row["revision"])
        self._opened[connection] = (row["revision"], opened)
        return _as_now(opened, row["blocked_for"])

    async def open_named(self, workspace: UUID, name: str) -> OpenConnection:
        """Return the connection of a name with its secrets; for connector calls only."""
        row = await fetch_one(
            "select id from connections where workspace = $1 and lower(name) = lower($2)", workspace, name
        )
        if row is None:
            raise NotFoundError(f"There is no connection named {name!r}.")
        return await self.open(workspace, row["id"])

    async def _summary(self, row: Any) -> ConnectionSummary:
        return summary_of(row, await secrets_of(self._vault, row["workspace"], row["id"], row["secrets"]))

    async def settings_named(self, workspace: UUID, name: str) -> Settings | None:
        """Return what a connection holds, which is no use of it; None where there is no usable one of that name."""
        row = await fetch_one(
            "select * from connections where workspace = $1 and lower(name) = lower($2)", workspace, name
        )
        return await self._as_stored(row) if row is not None else None

    async def _row(self, workspace: UUID, connection: UUID) -> Any:
        row = await fetch_one(_ROW, workspace, connection)
        if row is None:
            raise NotFoundError("There is no such connection.")
        return row

    async def _seal(self, workspace: UUID, connection: UUID, secrets: Mapping[str, str]) -> bytes | None:
        if not secrets:
            return None
        return await self._vault.seal(
            workspace, place("connections", connection, "secrets"), msgspec.json.encode(secrets)
        )


_REMOVE = "delete from connections where workspace = $1 and id = $2"
# What was found out about former settings says nothing of these.
_TESTED = """
update connections set state = $3, message = $4, tested_at = now()
where workspace = $1 and id = $2 and revision = $5"""
_ROW = """
select *, extract(epoch from blocked_until - now())::float8 as blocked_for,
    used_at is null or used_at < now() - interval '1 minute' as fresh_use
from connections where workspace = $1 and id = $2"""
# Whoever holds the row, as a renewal of tokens does while a service answers, keeps nobody from opening it
_USED = """
update connections set used_at = now() where workspace = $1 and id in (
    select id from connections where workspace = $1 and id = $2 for no key update skip locked
)"""
# What was granted is void for another client, at another address, or for other scopes.
_CHANGE = """
update connections set settings = $3, secrets = $4, revision = revision + 1, state = 'untested', message = '',
    access = $6, tokens = case when same then tokens end,
    tokens_expire_at = case when same then tokens_expire_at end, granted_at = case when same then granted_at end,
    granted_by = case when same then granted_by end, granted_scopes = case when same then granted_scopes else '{}' end
from (select access is not distinct from $6::jsonb as same from connections where workspace = $1 and id = $2) was
where workspace = $1 and id = $2 and revision = $5 returning id"""
_SELECT = """
select c.*, h.calls as calls, h.failures as failures, coalesce((
    select array_agg(distinct d.name) from documents d
    join document_versions v on v.document = d.id and v.number = d.active_version
    where d.workspace = c.workspace and d.kind = 'recipe' and d.deleted_at is null
      and exists (
        select from jsonb_path_query(v.content::jsonb, '$.**.connection') as named
        where lower(named #>> '{}') = lower(c.name)
      )
), '{}') as used_by
from connections c
left join lateral (
    select sum(calls)::int as calls, sum(failures)::int as failures from connection_hours
    where workspace = c.workspace and connection = c.id and hour > now() - interval '24 hours'
) h on true"""


def _as_now(opened: OpenConnection, blocked_for: float | None) -> OpenConnection:
    """Return a kept connection with the pause that its service wants at this moment."""
    pause = max(blocked_for or 0.0, 0.0)
    return msgspec.structs.replace(opened, blocked_for=pause) if pause else opened


def _split(kind: type[Settings], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Check the values and tell what is secret from what may be shown."""
    problems = settings_problems(kind, values)
    if problems:
        raise InvalidError("The connection's settings have problems; nothing was stored.", errors=problems)
    filled = fill(kind, values)
    hidden = secret_names(kind)
    shown = {name: getattr(filled, name) for name in kind.__struct_fields__ if name not in hidden}
    secrets = {name: getattr(filled, name) for name in hidden}
    revealed = {name: value.reveal() for name, value in secrets.items() if isinstance(value, Secret)}
    return msgspec.to_builtins(shown), revealed


def _asked_for(connector: Connector, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what access the connection asks its service for, to be shown and compared; None without any."""
    found = connector.oauth_reader(fill(connection_kind(connector), values)) if connector.oauth_reader else None
    if found is None:
        return None
    told = {"token_url": found.token_url, "authorize_url": found.authorize_url, "client_id": found.client_id}
    return {**told, "by": "person" if found.authorize_url else "client", "scopes": dict(found.scopes)}
