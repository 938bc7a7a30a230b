"""What a provider is made of, as people give it, as they see it, and as it is opened for calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hub.config.values import Hidden
from hub.providers.presets import Supports

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

OPERATOR = "operator"
LOCAL = "local"
TRIES = 3
SECONDS = 120.0
CHARACTERS = 30_000

Name = Annotated[str, Meta(min_length=1, max_length=100)]
ModelName = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
Key = Annotated[str, Meta(max_length=4000)]
Price = Annotated[float, Meta(ge=0, le=100_000)]
Dollars = Annotated[float, Meta(ge=0, le=10_000_000)]
Tokens = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]


class PinnedModel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A model by its exact name, its prices in USD per million tokens, and where it differs from its service."""

    name: ModelName
    input_price: Price = 0.0
    output_price: Price = 0.0
    json_schema: bool | None = None
    vision: bool | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return what these tokens cost in USD."""
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1_000_000


class NewProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider to store; without an address the preset's, without a position the last."""

    name: Name
    preset: str
    models: Annotated[tuple[PinnedModel, ...], Meta(min_length=1, max_length=50)]
    base_url: Annotated[str, Meta(max_length=2000)] = ""
    key: Key | None = None
    position: Annotated[int, Meta(ge=1)] | None = None
    enabled: bool = True
    cap_usd: Dollars | None = None
    cap_tokens: Tokens | None = None


class ProviderChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; whatever is left out stays as it is, the key too."""

    name: Name | UnsetType = UNSET
    models: Annotated[tuple[PinnedModel, ...], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    base_url: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    key: Key | UnsetType | None = UNSET
    position: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    cap_usd: Dollars | UnsetType | None = UNSET
    cap_tokens: Tokens | UnsetType | None = UNSET


class ProviderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as everyone may see it: its key only as whether it is set.

    `position` counts from 1 in the order of asking; spent is what this month (UTC) has taken. The operator's provider
    has the id "operator" and is changed by config alone.
    """

    id: str
    name: str
    preset: str
    base_url: str
    key_set: bool
    models: tuple[PinnedModel, ...]
    position: int
    enabled: bool = True
    supports: Supports = Supports()
    cap_usd: float | None = None
    cap_tokens: int | None = None
    spent_usd: float = 0.0
    spent_tokens: int = 0
    state: str = "untested"
    message: str = ""
    revision: int = 1
    created_at: datetime | None = None
    tested_at: datetime | None = None


class OpenProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider with its key and one of its models, for calls and nothing else.

    `is_local` tells that what is sent to it stays on this machine.
    """

    id: str
    name: str
    base_url: str
    model: PinnedModel
    http: Callable[[], httpx2.AsyncClient]
    key: Hidden | None = None
    key_header: str | None = None
    limit_name: str = "max_tokens"
    supports: Supports = Supports()
    is_local: bool = False
    # How long an answer may take, and how much of a document one request may show.
    seconds: float = SECONDS
    characters: int = CHARACTERS

    @property
    def takes_schema(self) -> bool:
        """Whether its output can be constrained by a JSON Schema."""
        return self.supports.json_schema if self.model.json_schema is None else self.model.json_schema

    @property
    def sees(self) -> bool:
        """Whether pictures can be shown to it."""
        return self.supports.vision if self.model.vision is None else self.model.vision

    def client(self, http: httpx2.AsyncClient, *, tries: int = TRIES) -> AsyncOpenAI:
        """Return the SDK's client on a guarded one."""
        from openai import AsyncOpenAI

        headers = {self.key_header: str(self.key)} if self.key_header and self.key else None
        client = AsyncOpenAI(
            base_url=self.base_url,
            api_key="none" if headers else str(self.key or "none"),
            default_headers=headers,
            http_client=http,
            max_retries=tries - 1,
            timeout=self.seconds,
        )
        # The SDK takes these out of the operator's environment, and this may be anybody's server.
        client.organization = client.project = None
        client._custom_headers = headers or {}  # noqa: SLF001  # there is no public way to leave them out
        return client
