"""Widgets for time: how long, and when."""

from __future__ import annotations

import re

from nicegui import ui

from hub.text import say
from ui.form.plain import hint_of, label_of, plain
from ui.form.single import text
from ui.form.slot import Read, Slot
from ui.pieces import div, round_button

UNITS = ("s", "m", "h", "d", "w")
_ONE = re.compile(r"^([0-9]{1,9})(s|m|h|d|w)$")


def duration(slot: Slot) -> Read:
    """Draw a number and its unit; a length of several units, such as 1h30m, stays a text."""
    value = plain(slot.value)
    found = _ONE.match(value)
    if value and not found:
        return text(slot)
    field, title = slot.field, label_of(slot.field)
    units = {unit: say(f"form.unit_{unit}") for unit in UNITS}
    with div("pd-line pd-duration"):
        amount = ui.number(title, value=int(found[1]) if found else None, min=0, precision=0)
        slot.dress(amount)
        unit = ui.select(units, value=found[2] if found else _unit(field.default, field.example)).props("outlined")
        unit.mark(f"unit-{field.name}").props["aria-label"] = say("form.unit", title=field.title)
        unit.props["data-testid"] = f"unit-{field.name}"
        unit.on_value_change(slot.changed)
    return lambda: "" if amount.value is None else f"{int(amount.value)}{unit.value}"


def moment(slot: Slot) -> Read:
    """Draw a day or a moment: typed, or chosen in a calendar."""
    field = slot.field
    made = ui.input(label_of(field), value=plain(slot.value), placeholder="2026-11-21")
    slot.dress(made)
    if said := hint_of(field):
        made.props["hint"] = said
    with made.add_slot("append"):
        opener = round_button("event", say("form.date", title=field.title), f"date-{field.name}")
        with opener, ui.menu().props("role=dialog") as calendar, div("pd-line"):
            calendar.props["aria-label"] = say("form.date", title=field.title)
            day = str(made.value)[:10] if re.match(r"^\d{4}-\d{2}-\d{2}", str(made.value)) else None
            ui.date(day, on_change=lambda event: made.set_value(_on(str(event.value or ""), str(made.value or ""))))
    return lambda: str(made.value or "").strip()


def _unit(*known: object) -> str:
    """Return the unit that the default or the example is in."""
    found = next((match for one in known if (match := _ONE.match(str(one)))), None)
    return found[2] if found else "h"


def _on(day: str, before: str) -> str:
    """Return another day, at the time that was given before."""
    return f"{day}{before[10:]}" if re.match(r"^\d{4}-\d{2}-\d{2}[T ]", before) else day
