"""What a try has spent on language models, by the extractions it made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from hub.decisions import extractions_in, stored


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens in and out, and their price."""

    tokens: int = 0
    cost_usd: float = 0.0


async def spent(workspace: UUID, output: Any) -> Spent:
    """Return what the extractions behind an output have cost."""
    found = await stored(workspace, extractions_in(output))
    used = [one.usage for one in found.values()]
    return Spent(
        tokens=sum(one.input_tokens + one.output_tokens for one in used), cost_usd=sum(one.cost_usd for one in used)
    )
