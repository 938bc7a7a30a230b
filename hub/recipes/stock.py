"""What a workspace has to choose from while the settings of a built-in step are filled in."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from connectors.sdk import Choice

ROLES = (
    Choice("editor", "everybody who may edit recipes"),
    Choice("admin", "admins and owners"),
    Choice("owner", "owners"),
)


class Stock(Protocol):
    """A workspace's own names, each with a word about it."""

    def schemas(self) -> Awaitable[Sequence[Choice]]:
        """Return what can be extracted."""
        ...

    def recipes(self) -> Awaitable[Sequence[Choice]]:
        """Return what can be called, by name."""
        ...

    def members(self) -> Awaitable[Sequence[Choice]]:
        """Return the addresses of the members."""
        ...

    def providers(self) -> Awaitable[Sequence[Choice]]:
        """Return where language models are asked."""
        ...


async def schemas(stock: Stock) -> Sequence[Choice]:
    """Return what can be extracted."""
    return await stock.schemas()


async def recipes(stock: Stock) -> Sequence[Choice]:
    """Return the recipes that can be called."""
    return await stock.recipes()


async def members(stock: Stock) -> Sequence[Choice]:
    """Return who can be asked by name."""
    return await stock.members()


async def people(stock: Stock) -> Sequence[Choice]:
    """Return the roles, and who can be asked by name."""
    return [*ROLES, *await stock.members()]


async def providers(stock: Stock) -> Sequence[Choice]:
    """Return where language models are asked."""
    return await stock.providers()
