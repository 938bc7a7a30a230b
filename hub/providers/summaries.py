"""Providers as everyone may see them, made of rows and of what the operator's config opens."""

from __future__ import annotations

from collections.abc import Mapping

from hub.database import Row, struct_from_jsonb
from hub.ids import show
from hub.providers.presets import PRESETS, preset_for
from hub.providers.spending import Spent
from hub.providers.structs import LOCAL, OpenProvider, PinnedModel, ProviderSummary


def summary(row: Row, position: int, spent: Mapping[str, Spent]) -> ProviderSummary:
    """Show a stored provider: its key only as whether it is set."""
    taken = spent.get(show("prv", row["id"]), Spent())
    return ProviderSummary(
        id=show("prv", row["id"]),
        name=row["name"],
        preset=row["preset"],
        base_url=row["base_url"],
        key_set=row["key"] is not None,
        models=struct_from_jsonb(row["models"], tuple[PinnedModel, ...]),
        position=position,
        enabled=row["enabled"],
        supports=PRESETS[row["preset"]].supports,
        cap_usd=None if row["cap_usd"] is None else float(row["cap_usd"]),
        cap_tokens=row["cap_tokens"],
        spent_usd=float(taken.cost_usd),
        spent_tokens=taken.tokens,
        **{name: row[name] for name in ("state", "message", "revision", "created_at", "tested_at")},
    )


def of_operator(provider: OpenProvider, position: int, spent: Mapping[str, Spent]) -> ProviderSummary:
    """Show what the operator's config adds; its address is nobody else's business."""
    taken = spent.get(provider.id, Spent())
    return ProviderSummary(
        id=provider.id,
        name=provider.name,
        preset="llama_cpp" if provider.id == LOCAL else preset_for(provider.base_url).name,
        base_url="",
        key_set=provider.key is not None,
        models=(provider.model,),
        position=position,
        supports=provider.supports,
        spent_usd=float(taken.cost_usd),
        spent_tokens=taken.tokens,
    )
