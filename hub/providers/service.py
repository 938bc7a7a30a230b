"""Providers of a workspace: stored with a sealed key, kept in an order, capped, tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from connectors.sdk.network.guard import Guard
from hub.audit import Audit
from hub.config import Config
from hub.database import alone, execute, fetch, fetch_one, struct_from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, StaleError
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.providers.chain import Chain, operators
from hub.providers.given import address_of, checked_key, same_place
from hub.providers.local import LocalModel
from hub.providers.presets import PRESETS, Preset
from hub.providers.spending import Spending
from hub.providers.structs import (
    LOCAL,
    OPERATOR,
    NewProvider,
    OpenProvider,
    PinnedModel,
    ProviderChange,
    ProviderSummary,
)
from hub.providers.summaries import of_operator, summary
from hub.providers.trial import ask
from hub.sealing import Vault, place
from hub.usage import Usage

MOST = 50


class Providers:
    """Keeps what a workspace may ask, and in which order; `chain` opens them, `spending` holds them to their caps."""

    def __init__(self, *, vault: Vault, audit: Audit, usage: Usage, guard: Guard, config: Config) -> None:
        self._vault = vault
        self._audit = audit
        self._config = config
        self._local = LocalModel.configured(config)
        self.chain = Chain(vault, guard, config, self._local)
        self.spending = Spending(usage)

    def close(self) -> None:
        """End the model on this machine, when it was started."""
        if self._local:
            self._local.close()

    def presets(self, member: Member) -> Sequence[Preset]:
        """Return the services we know, with their addresses and where to get a key."""
        member.authorize(Verb.READ)
        return list(PRESETS.values())

    async def list(self, member: Member) -> Sequence[ProviderSummary]:
        """Return the providers in the order in which they are asked; the operator's come last."""
        member.authorize(Verb.READ)
        rows = await fetch(f"{_SELECT} order by position, id", member.workspace)
        spent = await self.spending.this_month(member.workspace)
        own = [summary(row, position, spent) for position, row in enumerate(rows, 1)]
        given = [operators(self._config), self._local.provider() if self._local else None]
        return own + [
            of_operator(one, position, spent) for position, one in enumerate(filter(None, given), len(own) + 1)
        ]

    async def show(self, member: Member, provider: str) -> ProviderSummary:
        """Return one provider."""
        found = {one.id: one for one in await self.list(member)}
        if provider not in found:
            raise NotFoundError("There is no such provider in this workspace.")
        return found[provider]

    async def add(self, member: Member, given: NewProvider) -> ProviderSummary:
        """Store a provider; its key is sealed and never shown again."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        preset = _preset(given.preset)
        base_url = address_of(given.base_url or preset.base_url)
        key = checked_key(given.key, preset)
        identity = new_id()
        async with transaction():
            order = await self._order(member.workspace)
            if len(order) >= MOST:
                raise ConflictError(f"A workspace has {MOST} providers at most; remove one first.")
            row = await fetch_one(
                _ADD, identity, member.workspace, given.name.strip(), given.preset, base_url,
                await self._sealed(member.workspace, identity, key), to_jsonb(_checked_models(given.models)),
                given.enabled, given.cap_usd, given.cap_tokens, member.user,
            )  # fmt: skip
            if row is None:
                raise ConflictError(f"A provider named {given.name!r} exists already; choose another name.")
            await self._put(member.workspace, order, identity, given.position)
            detail = {"name": given.name, "preset": given.preset, "base_url": base_url}
            await self._audit.record(member, "provider.added", show("prv", identity), detail)
        return await self.show(member, show("prv", identity))

    async def change(
        self, member: Member, provider: str, change: ProviderChange, *, revision: int | None = None
    ) -> ProviderSummary:
        """Change what is given; a key stays at its address, so another address needs the key again."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        identity = _own(provider)
        async with transaction():
            order = await self._order(member.workspace)
            row = await fetch_one(f"{_SELECT} and id = $2", member.workspace, identity)
            if row is None:
                raise NotFoundError("There is no such provider in this workspace.")
            if revision is not None and revision != row["revision"]:
                raise StaleError("The provider was changed meanwhile; load it again and repeat your change.")
            values = await self._changed(member.workspace, identity, row, change)
            taken = await fetch_one(_TAKEN, member.workspace, values["name"], identity)
            if taken is not None:
                raise ConflictError(f"A provider named {values['name']!r} exists already; choose another name.")
            await execute(_CHANGE, member.workspace, identity, *values.values())
            if change.position is not UNSET:
                await self._put(member.workspace, [one for one in order if one != identity], identity, change.position)
            fields = sorted(name for name in change.__struct_fields__ if getattr(change, name) is not UNSET)
            await self._audit.record(member, "provider.changed", provider, {"fields": fields})
        return await self.show(member, provider)

    async def remove(self, member: Member, provider: str) -> None:
        """Forget a provider and its key."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        identity = _own(provider)
        async with transaction():
            row = await fetch_one(_REMOVE, member.workspace, identity)
            if row is None:
                raise NotFoundError("There is no such provider in this workspace.")
            await self._audit.record(member, "provider.removed", provider, {"name": row["name"]})

    async def test(self, member: Member, provider: str) -> ProviderSummary:
        """Ask the provider's first model for one word and keep what came of it."""
        member.authorize(Verb.USE_CONNECTIONS)
        summary = await self.show(member, provider)
        state, message = await ask(await self._opened(member.workspace, provider), self.spending, member.workspace)
        if provider in {OPERATOR, LOCAL}:
            return msgspec.structs.replace(summary, state=state, message=message)
        await execute(_TESTED, member.workspace, parse("prv", provider), state, message)
        return await self.show(member, provider)

    async def pin(self, workspace: UUID, provider: UUID, model: str, *, like: str) -> None:
        """Pin another model at a provider, such as one that was trained there, priced like an earlier one."""
        async with transaction():
            row = await fetch_one(_MODELS, workspace, provider)
            if row is None:
                return
            models = struct_from_jsonb(row["models"], tuple[PinnedModel, ...])
            known = {one.name: one for one in models}
            if model not in known:
                priced = msgspec.structs.replace(known.get(like, models[0]), name=model)
                await execute(_PIN, workspace, provider, to_jsonb([*models, priced]))

    async def _opened(self, workspace: UUID, provider: str) -> OpenProvider:
        if provider in {OPERATOR, LOCAL}:
            return (await self.chain.open(workspace, provider=provider))[0]
        opened = await self.chain.open_one(workspace, parse("prv", provider))
        if opened is None:
            raise NotFoundError("There is no such provider in this workspace.")
        return opened

    async def _order(self, workspace: UUID) -> Sequence[UUID]:
        """Return the ids in their order; nobody else changes it, or one of them, until the transaction ends."""
        await alone(f"providers{workspace}")
        rows = await fetch(_ORDER, workspace)
        return [row["id"] for row in rows]

    async def _put(self, workspace: UUID, others: Sequence[UUID], identity: UUID, position: int | None) -> None:
        at = len(others) if position is None else min(position - 1, len(others))
        await execute(_REORDER, workspace, [*others[:at], identity, *others[at:]])

    async def _sealed(self, workspace: UUID, identity: UUID, key: str | None) -> bytes | None:
        if not key:
            return None
        return await self._vault.seal(workspace, place("providers", identity, "key"), key.encode())

    async def _changed(self, workspace: UUID, identity: UUID, row: Any, change: ProviderChange) -> dict[str, Any]:
        """Return the new values of the columns of `_CHANGE`, in its order."""
        preset = PRESETS[row["preset"]]
        base_url = row["base_url"] if change.base_url is UNSET else address_of(change.base_url or preset.base_url)
        key = row["key"]
        if change.key is not UNSET:
            key = await self._sealed(workspace, identity, checked_key(change.key, preset))
        elif key is not None and not same_place(base_url, row["base_url"]):
            message = "Give the key again: it was stored for another address."
            raise InvalidError(message, errors=[Problem("key", message)])
        models = row["models"] if change.models is UNSET else to_jsonb(_checked_models(change.models))
        return {
            "name": row["name"] if change.name is UNSET else change.name.strip(),
            "base_url": base_url,
            "key": key,
            "models": models,
            "enabled": row["enabled"] if change.enabled is UNSET else change.enabled,
            "cap_usd": row["cap_usd"] if change.cap_usd is UNSET else change.cap_usd,
            "cap_tokens": row["cap_tokens"] if change.cap_tokens is UNSET else change.cap_tokens,
        }


def _own(provider: str) -> UUID:
    if provider in {OPERATOR, LOCAL}:
        message = "This provider is set by the operator's config, not here."
        raise InvalidError(message, errors=[Problem("", message)])
    return parse("prv", provider)


def _preset(name: str) -> Preset:
    if name not in PRESETS:
        message = f"There is no preset {name[:60]!r}. There are: {', '.join(PRESETS)}."
        raise InvalidError(message, errors=[Problem("preset", message)])
    return PRESETS[name]


def _checked_models(models: Sequence[PinnedModel]) -> Sequence[PinnedModel]:
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        message = "Name each model once."
        raise InvalidError(message, errors=[Problem("models", message)])
    return models


_SELECT = (
    "select id, name, preset, base_url, key, models, enabled, cap_usd, cap_tokens, state, message, revision, "
    "created_at, tested_at from providers where workspace = $1"
)
_ORDER = (
    "with held as materialized (select id, position from providers where workspace = $1 order by id for no key update) "
    "select id from held order by position, id"
)
_ADD = (
    "insert into providers (id, workspace, name, preset, base_url, key, models, enabled, cap_usd, cap_tokens, "
    "created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id"
)
_TAKEN = "select 1 from providers where workspace = $1 and lower(name) = lower($2) and id <> $3"
_CHANGE = (
    "update providers set name = $3, base_url = $4, key = $5, models = $6, enabled = $7, cap_usd = $8, cap_tokens = $9,"
    " revision = revision + 1, state = 'untested', message = '' where workspace = $1 and id = $2"
)
_REMOVE = "delete from providers where workspace = $1 and id = $2 returning name"
_REORDER = (
    "update providers p set position = o.position from unnest($2::uuid[]) with ordinality as o(id, position) "
    "where p.workspace = $1 and p.id = o.id"
)
_MODELS = "select models from providers where workspace = $1 and id = $2 for update"
_PIN = "update providers set models = $3, revision = revision + 1 where workspace = $1 and id = $2"
_TESTED = "update providers set state = $3, message = $4, tested_at = now() where workspace = $1 and id = $2"
