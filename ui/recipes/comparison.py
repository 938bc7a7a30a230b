"""One comparison to fill in: every operator with as many operands as it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from nicegui import ui

from hub.recipes.conditions import ALONE, OPERATORS
from hub.recipes.templates import is_template
from hub.text import say
from ui.form.around import Around, Path
from ui.form.plain import plain
from ui.pieces import div

NEW = {"left": "{{ trigger.body }}", "is": "is_set"}
LISTS = frozenset({"in", "not_in"})
KEYS = frozenset({"left", "is", "right"})

Read = Callable[[], Any]


def is_comparison(value: Mapping[str, Any]) -> bool:
    """Tell whether a condition is one comparison that the form can show."""
    return bool(value) and value.keys() <= KEYS and value.get("is", "equals") in OPERATORS


class Comparison:
    """What is looked at, how it is compared, and with what."""

    def __init__(self, row: Mapping[str, Any], mark: str, around: Around, path: Path) -> None:
        self._row = row
        self._mark = mark
        self._around = around
        self._path = path
        self._right: Read | None = None

    def draw(self) -> None:
        """Draw the value, the operator and its operands, which change with it."""
        self._left = self._operand("left", say("condition.left"), self._row.get("left"))
        options = {name: say(f"operator.{name}") for name in OPERATORS}
        self._compare = ui.select(options, value=self._row.get("is", "equals"))
        self._compare.props("outlined dense virtual-scroll-slice-size=40").mark(f"{self._mark}-is").props[
            "aria-label"
        ] = say("condition.is")
        self._compare.props["data-testid"] = f"{self._mark}-is"
        self._operands = div("pd-stack")
        self._draw_right(self._row.get("right"))
        self._compare.on_value_change(self._turned)
        self._around.problem(self._path)

    def read(self) -> dict[str, Any]:
        """Return the comparison as it stands in a recipe; what was left out stays left out."""
        found: dict[str, Any] = {}
        if "left" in self._row or self._left() not in (None, ""):
            found["left"] = self._left()
        found["is"] = self._compare.value
        if self._right is not None:
            found["right"] = self._right()
        if found["is"] == "equals" and "is" not in self._row and found.get("right") == self._row.get("right"):
            found.pop("is")
        if found.get("right") in (None, "") and "right" not in self._row and found.get("is") == self._row.get("is"):
            found.pop("right", None)
        return found

    def _turned(self) -> None:
        before = self._right() if self._right else self._row.get("right")
        self._draw_right(before)
        self._around.changed()

    def _draw_right(self, value: Any) -> None:
        """Draw the operands of the operator that is chosen now."""
        operator = str(self._compare.value)
        self._operands.clear()
        with self._operands:
            if operator in ALONE:
                self._right = None
            elif operator == "between" and not _is_open(value):
                self._right = self._pair(value)
            elif operator in LISTS and not _is_open(value):
                self._right = self._list(value)
            else:
                label = say("condition.pattern" if operator == "matches" else "condition.right")
                single = value[0] if isinstance(value, list) and value and operator != "between" else value
                held = value if value == self._row.get("right") else single
                self._right = self._operand("right", label, held, literal=operator == "matches")

    def _pair(self, value: Any) -> Read:
        held = [*value, None, None][:2] if isinstance(value, list) else [value, None]
        with div("pd-form-pair"):
            low = self._operand("right[0]", say("condition.low"), held[0], "right")
            high = self._operand("right[1]", say("condition.high"), held[1], "right-high")
        return lambda: [low(), high()]

    def _list(self, value: Any) -> Read:
        held = value if isinstance(value, list) else [] if value in (None, "") else [value]
        first = "\n".join(plain(one) for one in held)
        made = ui.textarea(say("condition.list"), value=first).props("outlined dense autogrow").style("width: 100%")
        self._dress(made, "right", "right", takes=True)
        by_text = {plain(one): one for one in held}

        def read() -> Any:
            text = str(made.value or "")
            if text == first:
                return held
            return [meant(line, by_text.get(line.strip())) for line in text.splitlines() if line.strip()]

        return read

    def _operand(self, side: str, label: str, value: Any, mark: str = "", *, literal: bool = False) -> Read:
        made = ui.input(label, value=plain(value)).style("width: 100%").props("outlined dense")
        self._dress(made, side, mark or side, takes=not literal)
        return (
            (lambda: str(made.value or "") if made.value != plain(value) else value)
            if literal
            else (lambda: meant(made.value, value))
        )

    def _dress(self, made: ui.input | ui.textarea, side: str, mark: str, *, takes: bool) -> None:
        made.mark(f"{self._mark}-{mark}").props["data-testid"] = f"{self._mark}-{mark}"
        made.on_value_change(self._around.changed)
        if takes:
            self._around.takes(made, lambda: f"{self._path()}.{side}", made.props.get("label", "") or "")
        self._around.problem(lambda: f"{self._path()}.{side}")


def _is_open(value: Any) -> bool:
    """Tell whether a value is a template, which may give the whole list."""
    return isinstance(value, str) and is_template(value)


def meant(typed: Any, before: Any) -> Any:
    """Return what was there when nothing was typed, numbers and lists as such, anything else as text."""
    text = str(typed or "")
    if text == plain(before):
        return before
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text.strip()
