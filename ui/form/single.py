"""Widgets for single values: a text, a number, a switch, a choice, a secret."""

from __future__ import annotations

from nicegui import ui

from hub.text import say
from ui.form.plain import label_of, plain, whole
from ui.form.slot import Read, Slot
from ui.pieces import words


def text(slot: Slot) -> Read:
    """Draw one line of text."""
    if "\n" in plain(slot.value):
        return multiline(slot)
    made = ui.input(label_of(slot.field), value=plain(slot.value))
    slot.dress(made)
    slot.chooses(made)
    slot.takes(made)
    return lambda: str(made.value or "") if made.value == slot.value else str(made.value or "").strip()


def multiline(slot: Slot) -> Read:
    """Draw several lines of text."""
    made = ui.textarea(label_of(slot.field), value=plain(slot.value)).props("autogrow")
    slot.dress(made)
    slot.takes(made)
    return lambda: made.value or ""


def number(slot: Slot) -> Read:
    """Draw a number."""
    made = ui.number(label_of(slot.field), value=slot.value if isinstance(slot.value, (int, float)) else None)
    slot.dress(made)
    return lambda: slot.value if made.value == slot.value else whole(made.value)


def boolean(slot: Slot) -> Read:
    """Draw a switch."""
    field = slot.field
    made = ui.switch(field.title, value=bool(slot.value)).mark(f"field-{field.name}")
    made.props["data-testid"] = f"field-{field.name}"
    made.on_value_change(slot.changed)
    if field.hint:
        words(field.hint, "pd-muted pd-small")
    return lambda: made.value


def choice(slot: Slot) -> Read:
    """Draw a list to choose from; a value that is not in it stays until another one is chosen."""
    field = slot.field
    options = list(field.choices)
    if isinstance(slot.value, str) and slot.value and slot.value not in options:
        options.append(slot.value)
    made = ui.select(
        options,
        label=label_of(field),
        value=slot.value if slot.value in options else None,
        clearable=not field.required and field.default is None,
    )
    slot.dress(made)
    return lambda: made.value


def choices(slot: Slot) -> Read:
    """Draw a list to choose several from."""
    held = [one for one in slot.value or () if isinstance(one, str)] if not isinstance(slot.value, str) else []
    options = [*slot.field.choices, *(one for one in held if one not in slot.field.choices)]
    made = ui.select(options, label=label_of(slot.field), value=held, multiple=True, clearable=True).props("use-chips")
    slot.dress(made)
    return lambda: list(made.value or ())


def secret(slot: Slot) -> Read:
    """Draw a secret: written, never shown; left empty it stays as it is."""
    made = ui.input(label_of(slot.field), password=True, password_toggle_button=True)
    made.props("autocomplete=new-password")
    slot.dress(made)
    if slot.sealed:
        made.props["hint"] = say("form.secret_set")
    return lambda: made.value or ""
