"""How to extract: which engine, which model, how much it may cost, and how to read the source."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from hub.extraction.engines import EngineName
from hub.extraction.readers.options import Options

Temperature = Annotated[float, msgspec.Meta(ge=0, le=2)]
Tokens = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Dollars = Annotated[float, msgspec.Meta(gt=0, le=10_000)]


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Settings of one extraction.

    `model` pins a model by name, `provider` one of the workspace's; `max_tokens` and `max_cost_usd` are what a model
    may take for this source; `vision` shows it page pictures; `fresh` asks again where an answer to the same
    question was kept; `reading` says how to read.
    """

    engine: EngineName = "auto"
    model: str | None = None
    provider: str | None = None
    temperature: Temperature = 0.0
    max_tokens: Tokens | None = None
    max_cost_usd: Dollars | None = None
    vision: bool = False
    fresh: bool = False
    reading: Options = Options()


AUTO = Choice()


def stored(choice: Choice) -> dict[str, Any]:
    """Return the settings to keep with a result: a document's password is not among them."""
    kept = msgspec.structs.replace(choice, reading=msgspec.structs.replace(choice.reading, password=None))
    plain: dict[str, Any] = msgspec.to_builtins(kept)
    return plain
