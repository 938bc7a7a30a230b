"""What targets and ways of failing are called, for people."""

from __future__ import annotations

from connectors.sdk.registry import find, find_trigger
from hub.text import MESSAGES, say


def target_title(uses: str) -> str:
    """Return what a target is called; its name where no connector here has it any more."""
    found = find(uses)
    return f"{found.connector.title}: {found.title}" if found is not None else uses


def trigger_title(uses: str) -> str:
    """Return what a trigger is called; its name where no connector here has it any more."""
    found = find_trigger(uses)
    return f"{found.connector.title}: {found.title}" if found is not None else uses


def failure_title(kind: str | None) -> str:
    """Return what a way of failing is called; the plain word for one that has no name of its own."""
    key = f"failure.{kind}"
    return say(key if key in MESSAGES else "state.failed")
