"""What one extraction may take of language models: estimated before each call, counted after it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.extraction.results import Usage
from hub.extraction.schemas.fields import Field, FieldType, leaves
from hub.providers import OpenProvider, Said

# Characters a token: about four in English prose, fewer in other languages and in tables of numbers.
_CHARACTERS = 3
_PICTURE_TOKENS = 1_500
_FIELD_TOKENS = 40
_LEAST_ANSWER = 200


class Estimate(msgspec.Struct, frozen=True):
    """Tokens that a call is likely to take."""

    input_tokens: int
    output_tokens: int

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.input_tokens + self.output_tokens


def estimate(size: int, shown: int, fields: Sequence[Field], pictures: int) -> Estimate:
    """Guess what a request takes; `size` counts its characters, `shown` those of the document."""
    known = list(leaves(fields))
    answer = _LEAST_ANSWER + _FIELD_TOKENS * len(known)
    if any(leaf.field.type in {FieldType.TABLE, FieldType.LIST} for leaf in known):
        answer += shown // _CHARACTERS
    return Estimate(size // _CHARACTERS + pictures * _PICTURE_TOKENS, answer)


class Budget:
    """Counts what was taken and says in a sentence when a call would take too much."""

    def __init__(self, most_tokens: int | None, most_usd: float | None) -> None:
        self._most_tokens = most_tokens
        self._most_usd = most_usd
        self.used = Usage()

    def refusal(self, provider: OpenProvider, wanted: Estimate) -> str:
        """Say why a call may not be made, '' when it may."""
        tokens = self.used.input_tokens + self.used.output_tokens
        if self._most_tokens is not None and tokens + wanted.tokens > self._most_tokens:
            return (
                f"The budget of {self._most_tokens:,} tokens ended the asking: {tokens:,} are used and the next call "
                f"takes about {wanted.tokens:,}. Raise the budget, or ask for fewer fields or pages."
            )
        cost = provider.model.cost(wanted.input_tokens, wanted.output_tokens)
        if self._most_usd is not None and self.used.cost_usd + cost > self._most_usd:
            return (
                f"The budget of ${self._most_usd:,.4f} ended the asking: ${self.used.cost_usd:,.4f} are spent and the "
                f"next call costs about ${cost:,.4f}. Raise the budget, or ask for fewer fields or pages."
            )
        return ""

    def room(self, wanted: Estimate) -> int | None:
        """Return how many tokens the answer may have, None where no budget of tokens is set."""
        if self._most_tokens is None:
            return None
        left = self._most_tokens - self.used.input_tokens - self.used.output_tokens - wanted.input_tokens
        return max(1, left)

    def add(self, provider: OpenProvider, said: Said) -> None:
        """Count what an answer took."""
        cost = self.used.cost_usd + provider.model.cost(said.input_tokens, said.output_tokens)
        self.used = msgspec.structs.replace(
            self.used,
            model=said.model or provider.model.name,
            provider=provider.name,
            input_tokens=self.used.input_tokens + said.input_tokens,
            output_tokens=self.used.output_tokens + said.output_tokens,
            cost_usd=round(cost, 9),
        )

    def since(self, before: Usage) -> Usage:
        """Return what was taken since an earlier count."""
        return msgspec.structs.replace(
            self.used,
            input_tokens=self.used.input_tokens - before.input_tokens,
            output_tokens=self.used.output_tokens - before.output_tokens,
            cost_usd=round(self.used.cost_usd - before.cost_usd, 9),
        )

    def name(self, provider: OpenProvider, model: str) -> None:
        """Name who answered, where the answer cost nothing."""
        self.used = msgspec.structs.replace(self.used, model=model, provider=provider.name)
