"""Pins: a tool's name with the fingerprint of what its server said of it, so that a change is seen before a call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from connectors.sdk import SettingsError
from connectors.sdk.texts import storable

if TYPE_CHECKING:
    from mcp import types

# 96 bits: nobody finds another description for a fingerprint, and it can still be read out
_DIGITS = 24
_EXCERPT = 200


def pin(tool: types.Tool) -> str:
    """Return a tool's name with the fingerprint of its title, description, schemas and annotations."""
    said = tool.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"meta", "icons"})
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"{tool.name}@{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"


def pinned(wanted: str, tools: Sequence[types.Tool]) -> types.Tool:
    """Return the tool that a pin names; a `SettingsError` tells of one that is gone, changed, or not pinned."""
    name, _, fingerprint = wanted.rpartition("@") if "@" in wanted else (wanted, "", "")
    tool = next((tool for tool in tools if tool.name == name), None)
    if tool is None:
        raise SettingsError(f"The server has no tool {_shown(name)}.{_close(name, tools)}")
    if not fingerprint:
        raise SettingsError(
            f"{_shown(name)} is not pinned. Read what it says of itself, then write {pin(tool)}: {_described(tool)}"
        )
    if pin(tool) != wanted:
        raise SettingsError(
            f"{_shown(name)} says something else of itself than when it was pinned. "
            f"Read it again, and if you still want it, write {pin(tool)}: {_described(tool)}"
        )
    return tool


def _described(tool: types.Tool) -> str:
    said = " ".join(storable(tool.description or "It says nothing of itself.").split())
    return said if len(said) <= _EXCERPT else said[:_EXCERPT].rstrip() + "…"


def _close(name: str, tools: Sequence[types.Tool]) -> str:
    close = get_close_matches(name, [tool.name for tool in tools], n=1)
    if close:
        return f" Did you mean {_shown(close[0])}?"
    shown = ", ".join(_shown(tool.name) for tool in tools[:10])
    return f" It has {shown}." if shown else " It has none at all."


def _shown(name: str) -> str:
    return storable(name)[:80]
