"""Widgets for single values: a text, a number, a switch, a choice, a secret."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from nicegui import ui

from hub.text import say
from ui.form.plain import label_of, plain, whole, word_of
from ui.form.slot import Read, Slot
from ui.pieces import round_button, words

# Below each choice stands what it means; the texts are the connectors' own, by the place of the choice in the list
_OPTION = """<q-item v-bind="props.itemProps"><q-item-section><q-item-label>{{ props.opt.label }}</q-item-label>
<q-item-label caption v-if="%(told)s[props.opt.value]">{{ %(told)s[props.opt.value] }}</q-item-label>
</q-item-section></q-item>"""


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
        {one: word_of(field, one) for one in options},
        label=label_of(field),
        value=slot.value if slot.value in options else None,
        clearable=not field.required and field.default is None,
    )
    slot.dress(made)
    _explain(slot, made, options)
    return lambda: made.value


def _explain(slot: Slot, made: ui.select, options: Sequence[str]) -> None:
    """Tell what each choice means in the list, and below the field what the chosen one does."""
    meanings = slot.field.meanings
    if not meanings:
        return
    told = msgspec.json.encode([meanings.get(one, "") for one in options]).decode()
    made.add_slot("option", _OPTION % {"told": told.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")})

    def tell() -> None:
        made.props["hint"] = meanings.get(str(made.value), "")

    made.on_value_change(tell)
    tell()


def choices(slot: Slot) -> Read:
    """Draw a list to choose several from, and to add others to where there may be more."""
    given = [slot.value] if isinstance(slot.value, str) and slot.value else slot.value or ()
    held = [one for one in given if isinstance(one, str)]
    options = [*slot.field.choices, *(one for one in held if one not in slot.field.choices)]
    made = ui.select(
        {one: word_of(slot.field, one) for one in options},
        label=label_of(slot.field),
        value=held,
        multiple=True,
        clearable=True,
        new_value_mode="add-unique" if slot.field.extends else None,
    ).props("use-chips")
    slot.dress(made, say("form.or_another") if slot.field.extends else "")
    return lambda: list(made.value or ())


def secret(slot: Slot) -> Read:
    """Draw a secret: written, never shown; left empty it stays as it is."""
    made = _covered(slot) if slot.field.multiline else _hidden(slot)
    slot.dress(made)
    if slot.sealed:
        made.props["hint"] = say("form.secret_set")
    return lambda: made.value or ""


def _hidden(slot: Slot) -> ui.input:
    made = ui.input(label_of(slot.field), password=True, password_toggle_button=True)
    made.props("autocomplete=new-password")
    return made


def _covered(slot: Slot) -> ui.textarea:
    """Draw several lines that are covered until somebody asks to see them: one line would swallow their breaks."""
    made = ui.textarea(label_of(slot.field)).props("autocomplete=off spellcheck=false rows=4 input-class=pd-covered")
    with made.add_slot("append"):
        shown = round_button("visibility_off", say("form.show", title=slot.field.title), f"show-{slot.field.name}")

    def turn() -> None:
        covered = made.props["input-class"] == "pd-covered"
        made.props["input-class"] = "pd-mono" if covered else "pd-covered"
        shown.props["icon"] = "visibility" if covered else "visibility_off"

    shown.on_click(turn)
    return made
