"""Widgets for values of any shape, and for templates that stand in the place of a value."""

from __future__ import annotations

from nicegui import ui

from ui.form.plain import decoded, indented, label_of, plain
from ui.form.slot import Read, Slot


def json(slot: Slot) -> Read:
    """Draw a value of any shape: words and templates as they are, anything else as JSON."""
    held = slot.value
    made = ui.textarea(label_of(slot.field), value="" if held in (None, [], {}) else indented(held))
    made.props("autogrow").props("input-class='pd-mono'" if isinstance(held, (dict, list)) else "")
    slot.dress(made)
    slot.takes(made)
    return lambda: decoded(slot.field, made.value or "", held, slot.path())


def template(slot: Slot) -> Read:
    """Draw a template in the place of a value of a fixed type."""
    made = ui.input(label_of(slot.field), value=plain(slot.value))
    slot.dress(made)
    slot.takes(made)
    return lambda: str(made.value or "").strip()
