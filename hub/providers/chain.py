"""The providers a workspace asks, in order: its own, then the operator's, then the model on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from connectors.sdk.network.guard import Guard
from hub.config import Config
from hub.config.values import Hidden
from hub.database import Row, fetch, struct_from_jsonb
from hub.errors import InvalidError, Problem
from hub.ids import show
from hub.providers.local import LocalModel
from hub.providers.presets import PRESETS, preset_for
from hub.providers.structs import OPERATOR, OpenProvider, PinnedModel
from hub.providers.wire import wire
from hub.sealing import Vault, place

# The operator names the address, often one of this machine or its network; no user and no document can change it, and
# the client follows no redirect, so this one way out may lead anywhere.
_ANYWHERE = ("0.0.0.0/0", "::/0")


class Chain:
    """Opens providers for calls; those of a workspace go out through the ordinary guard."""

    def __init__(self, vault: Vault, guard: Guard, config: Config, local: LocalModel | None = None) -> None:
        self._vault = vault
        self._guard = guard
        self._config = config
        self._local = local

    async def open(
        self, workspace: UUID, *, model: str | None = None, provider: str | None = None
    ) -> Sequence[OpenProvider]:
        """Return the providers to ask in order; a model or a provider that is named is the only one asked.

        InvalidError when nothing of that name is there, an empty list when nothing is set up at all.
        """
        rows = await fetch(f"{_OPEN} and enabled order by position, id", workspace)
        found = [opened for row in rows for opened in await self._open(workspace, row, model)]
        found += [one for one in (operators(self._config, model), self._own()) if one is not None]
        wanted = [one for one in found if _is_called(one, provider) and (model is None or one.model.name == model)]
        if not wanted and (model or provider):
            raise InvalidError(_absent(model, provider), errors=[Problem("model", _absent(model, provider))])
        return wanted

    async def open_one(self, workspace: UUID, provider: UUID) -> OpenProvider | None:
        """Return one provider with its first model, also one that is switched off."""
        rows = await fetch(f"{_OPEN} and id = $2", workspace, provider)
        return (await self._open(workspace, rows[0], None))[0] if rows else None

    async def _open(self, workspace: UUID, row: Row, model: str | None) -> list[OpenProvider]:
        preset = PRESETS.get(row["preset"], PRESETS["other"])
        models = struct_from_jsonb(row["models"], tuple[PinnedModel, ...])
        pinned = [one for one in models if model is None or one.name == model][:1]
        if not pinned:
            return []
        key = None
        if row["key"] is not None:
            opened = await self._vault.open(workspace, place("providers", row["id"], "key"), row["key"])
            key = Hidden(opened.decode())
        return [
            OpenProvider(
                id=show("prv", row["id"]),
                name=row["name"],
                base_url=row["base_url"],
                model=pinned[0],
                http=wire(self._guard),
                key=key,
                key_header=preset.key_header,
                limit_name=preset.limit_name,
                supports=preset.supports,
                is_local=stays_here(row["base_url"]),
            )
        ]

    def _own(self) -> OpenProvider | None:
        return self._local.provider() if self._local else None


def operators(config: Config, model: str | None = None) -> OpenProvider | None:
    """Return the provider that the operator configured, on wish with another of its models; None when there is none."""
    if not config.llm_base_url or not (model or config.llm_model):
        return None
    preset = preset_for(config.llm_base_url)
    name = model or config.llm_model or ""
    return OpenProvider(
        id=OPERATOR,
        name="The operator's provider",
        base_url=config.llm_base_url,
        model=PinnedModel(name=name, input_price=config.llm_input_price, output_price=config.llm_output_price),
        http=wire(Guard(_ANYWHERE)),
        key=config.llm_api_key,
        key_header=preset.key_header,
        limit_name=preset.limit_name,
        supports=msgspec.structs.replace(preset.supports, vision=config.llm_vision or preset.supports.vision),
        is_local=stays_here(config.llm_base_url),
    )


def stays_here(base_url: str) -> bool:
    """Tell whether an address is one of this machine; a name that somebody else looks up is none."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_called(provider: OpenProvider, wanted: str | None) -> bool:
    return wanted is None or wanted == provider.id or wanted.casefold() == provider.name.casefold()


def _absent(model: str | None, provider: str | None) -> str:
    if provider and model:
        return f"No provider named {provider[:100]!r} of this workspace offers the model {model[:100]!r}."
    if provider:
        return f"There is no provider named {provider[:100]!r} in this workspace that is switched on."
    return f"No provider of this workspace offers the model {(model or '')[:100]!r}. Pin it at one of them first."


_OPEN = "select id, name, preset, base_url, key, models from providers where workspace = $1"
