"""What one extraction may ask of language models, and what else it brings: examples, pictures, a screen, a memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.jail import Jail


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How models are asked for one source: how freely, and how many tokens and USD they may take.

    `vision` shows page pictures to models that see; `fresh` asks again instead of taking an answer that was kept.
    """

    temperature: float = 0.0
    max_tokens: int | None = None
    max_cost_usd: float | None = None
    vision: bool = False
    fresh: bool = False


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A corrected document of the same schema: its text and its record, values written as the text writes them."""

    text: str
    record: Mapping[str, Any]


class Pictures(Protocol):
    """Pages of the source as pictures."""

    async def png(self, page: int) -> bytes | None:
        """Return a page, counted from 1, as PNG; None when it has no picture."""


class Screen(Protocol):
    """Decides what may leave for a provider, and undoes on the way back what it changed on the way out."""

    async def examine(self, texts: Sequence[str], language: str = "") -> None:
        """Look at texts of which parts may be sent later."""

    def leaving(self, text: str, start: int = 0, end: int | None = None, *, is_local: bool = False) -> str:
        """Return a part of an examined text as it may leave; HubError when it may not."""

    def notes(self, texts: Sequence[tuple[str, int, int]], *, is_local: bool = False) -> list[str]:
        """Say what was done to these parts."""

    def shows_pictures(self, *, is_local: bool = False) -> bool:
        """Tell whether pictures may leave."""

    def restore(self, value: object) -> object:
        """Undo in an answer what was done to the text."""


class Screens(Protocol):
    """Makes the screen of a workspace's policy."""

    async def screen(self, workspace: UUID, jail: Jail) -> Screen:
        """Return a new screen for one extraction."""


class Unscreened:
    """Lets everything pass: for the command line, where whoever runs it sends their own document."""

    async def examine(self, texts: Sequence[str], language: str = "") -> None:
        """Look for nothing."""

    def leaving(self, text: str, start: int = 0, end: int | None = None, *, is_local: bool = False) -> str:  # noqa: ARG002 - the screen's shape
        """Return the part as it is."""
        return text[start:end]

    def notes(self, texts: Sequence[tuple[str, int, int]], *, is_local: bool = False) -> list[str]:  # noqa: ARG002 - the screen's shape
        """Have nothing to say."""
        return []

    def shows_pictures(self, *, is_local: bool = False) -> bool:  # noqa: ARG002 - the screen's shape
        """Let pictures pass."""
        return True

    def restore(self, value: object) -> object:
        """Return the answer as it is."""
        return value
