"""What an extraction brings along when it asks language models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.extraction.language_models.memory import Memory
from hub.extraction.language_models.settings import Example, ModelSettings, Pictures, Screen, Unscreened
from hub.providers import OpenProvider, Spending

# Few and short: an example costs as much as a document of its size.
MOST_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 6_000


class Meter:
    """Holds the calls of one workspace to the caps of its providers."""

    def __init__(self, spending: Spending, workspace: UUID) -> None:
        self._spending = spending
        self._workspace = workspace

    async def reserve(self, provider: OpenProvider, tokens: int, cost_usd: float) -> UUID | None:
        """Set aside what a call may take; HubError when the cap leaves no room."""
        return await self._spending.reserve(self._workspace, provider, tokens, cost_usd)

    async def settle(self, provider: OpenProvider, call: UUID | None, input_tokens: int, output_tokens: int) -> None:
        """Write down what it took."""
        await self._spending.settle(self._workspace, provider, call, input_tokens, output_tokens)


class Told(msgspec.Struct, frozen=True):
    """An example cut to size; `told` is its record as text, which is looked at like any text that leaves."""

    text: str
    record: Mapping[str, Any]
    told: str


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """Settings, screen, memory, meter, examples and pictures; none but the first two have to be there."""

    settings: ModelSettings = ModelSettings()
    screen: Screen = Unscreened()
    memory: Memory | None = None
    meter: Meter | None = None
    examples: tuple[Told, ...] = ()
    pictures: Pictures | None = None


def told(examples: Sequence[Example]) -> tuple[Told, ...]:
    """Take the first examples that are short enough to be shown whole."""
    short = [one for one in examples if len(one.text) <= _EXAMPLE_CHARACTERS]
    return tuple(Told(one.text, one.record, msgspec.json.encode(one.record).decode()) for one in short[:MOST_EXAMPLES])
