"""What comes after a step: the attempts that do not count any more once it is done again."""

from __future__ import annotations

from hub.recipes import CompiledRecipe


def from_step(compiled: CompiledRecipe, step: str | None) -> list[str]:
    """Return a step and all that come after it."""
    if step is None:
        return []
    found = {step}
    for one in compiled.steps:
        if any(edge.step in found for edge in one.edges):
            found.add(one.id)
    return sorted(found)
