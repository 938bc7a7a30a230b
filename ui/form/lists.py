"""Widgets for lists: texts one a line, and groups of fields that can be added, removed and put in another order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element

from hub.text import say
from ui.form.anything import json
from ui.form.around import Path
from ui.form.choosing import choose_with
from ui.form.plain import label_of
from ui.form.slot import Read, Slot
from ui.pieces import button, div, round_button, words

DrawOne = Callable[[Mapping[str, Any], Path], Read]


def lines(slot: Slot) -> Read:
    """Draw a list of texts, one a line; what cannot stand on lines is drawn as JSON."""
    held = list(slot.value or ()) if not isinstance(slot.value, str) else [slot.value]
    if not all(isinstance(one, str) and one == one.strip() and one and "\n" not in one for one in held):
        return json(slot)
    made = ui.textarea(label_of(slot.field), value="\n".join(held)).props("autogrow")
    slot.dress(made, say("form.one_a_line"))

    def add(value: str) -> None:
        kept = [line for line in (made.value or "").splitlines() if line.strip() and line.strip() != value]
        made.value = "\n".join([*kept, value])

    if slot.field.asks and slot.around.asks:
        choose_with(slot.around, slot.field, made, add)
    return lambda: [line.strip() for line in (made.value or "").splitlines() if line.strip()]


class _Entry:
    """One group of the list, wherever it stands by now."""

    def __init__(self, box: Element) -> None:
        self.box = box
        self.read: Read = dict
        self.title = words("", "pd-small pd-strong")


def groups(slot: Slot, draw_one: DrawOne) -> Read:
    """Draw a list of groups."""
    if not isinstance(slot.value or [], list | tuple) or not all(isinstance(one, Mapping) for one in slot.value or ()):
        return json(slot)
    entries: list[_Entry] = []
    with slot.framed():
        body = div("pd-stack")

        def place_of(entry: _Entry) -> str:
            return f"{slot.path()}[{entries.index(entry) if entry in entries else 0}]"

        def number() -> None:
            for index, entry in enumerate(entries):
                entry.title.text = say("form.entry", title=slot.field.title, number=index + 1)
            slot.changed()

        def add(value: Mapping[str, Any]) -> None:
            with body, div("pd-stack pd-entry") as box:
                with div("pd-line"):
                    entry = _Entry(box)
                    entries.append(entry)
                    div("pd-grow")
                    _entry_buttons(slot, entries, entry, body, number)
                entry.read = draw_one(value, lambda: place_of(entry))

        for one in slot.value or ():
            add(one)
        label = say("form.group_add", title=slot.field.title)

        def added() -> None:
            add({})
            number()

        button(label, f"add-{slot.field.name}", added, kind="quiet", icon="add")
        number()
    return lambda: [entry.read() for entry in entries]


def _entry_buttons(slot: Slot, entries: list[_Entry], entry: _Entry, body: Element, number: Callable[[], None]) -> None:
    def drop() -> None:
        entries.remove(entry)
        entry.box.delete()
        number()

    def move(by: int) -> None:
        index = entries.index(entry)
        wanted = min(max(index + by, 0), len(entries) - 1)
        entries.insert(wanted, entries.pop(index))
        entry.box.move(body, wanted)
        number()

    name = slot.field.name
    round_button("arrow_upward", say("form.up"), f"{name}-up", lambda: move(-1))
    round_button("arrow_downward", say("form.down"), f"{name}-down", lambda: move(1))
    round_button("close", say("form.remove", title=slot.field.title), f"{name}-remove", drop)
