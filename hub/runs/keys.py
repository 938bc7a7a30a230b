"""Keys by which the steps dedupe and aggregate tell items apart."""

from __future__ import annotations

from typing import Any

from hub.database import to_jsonb
from hub.recipes import CompiledStep
from hub.runs.lengths import indexable
from hub.runs.progress import Progress


def render_key(step: CompiledStep, one: Progress) -> str:
    """Return the key that a step's template gives for an item."""
    return key_text(step.settings.render(one.scope).get("key"))


def key_text(value: Any) -> str:
    """Write a rendered key as text; what is no text as its JSON, nothing as ''."""
    return indexable(value if isinstance(value, str) else "" if value is None else to_jsonb(value))
