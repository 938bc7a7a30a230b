"""Conditions as rows to fill in: what is looked at, how it is compared, with what; and the cases of a branch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from nicegui import ui
from nicegui.element import Element

from hub import source
from hub.errors import InvalidError
from hub.recipes.conditions import ALONE, OPERATORS
from hub.text import say
from ui.pieces import button, div, round_button

Read = Callable[[], Any]
NEW = {"left": "{{ trigger.body }}", "is": "is_set"}


def draw_condition(value: Any, mark: str = "condition") -> Read:
    """Draw a condition; one that has others nested in it is shown as YAML."""
    found = _flat(value)
    if found is None:
        return draw_yaml(value, mark)
    word, rows = found
    made: list[tuple[Element, Read]] = []
    options = {"all": say("condition.all"), "any": say("condition.any")}
    joined = ui.select(options, value=word).props("outlined dense").mark(f"{mark}-joined").style("width: 100%")
    joined.props["aria-label"] = say("condition.joined")
    box = div("pd-stack")

    def add(row: Mapping[str, Any]) -> None:
        with box, div("pd-condition") as drawn:
            entry = (drawn, _row(row, f"{mark}-{len(made)}"))
            made.append(entry)

            def drop() -> None:
                made.remove(entry)
                drawn.delete()

            round_button("close", say("condition.remove"), f"{mark}-{len(made) - 1}-remove", drop)

    for row in rows:
        add(row)
    button(say("condition.add"), f"{mark}-add", lambda: add(NEW), kind="quiet", icon="add")
    return lambda: {str(joined.value): [read() for _, read in made]}


def draw_cases(settings: Mapping[str, Any]) -> tuple[Read, Callable[[], Mapping[str, str]]]:
    """Draw the cases of a branch; return how to read them, and which ones were given another name."""
    cases = settings.get("cases")
    made: list[tuple[str, ui.input, Read]] = []
    box = div("pd-stack")

    def add(name: str, condition: Any) -> None:
        with box, div("pd-stack pd-case") as drawn:
            with div("pd-line").style("flex-wrap: nowrap"):
                named = ui.input(say("case.name"), value=name).props("outlined dense").classes("pd-grow")
                named.mark(f"case-{len(made)}").props["data-testid"] = f"case-{len(made)}"

                def drop() -> None:
                    made[:] = [one for one in made if one[1] is not named]
                    drawn.delete()

                round_button("close", say("case.remove"), f"case-{len(made)}-remove", drop)
            made.append((name, named, draw_condition(condition, f"case-{len(made)}")))

    for name, condition in (cases if isinstance(cases, dict) else {}).items():
        add(str(name), condition)
    button(say("case.add"), "case-add", lambda: add("", {"all": [NEW]}), kind="quiet", icon="add")
    other = ui.input(say("case.else"), value=str(settings.get("else") or "")).props("outlined")
    other.mark("case-else").props["data-testid"] = "case-else"

    def read() -> dict[str, Any]:
        found = {str(named.value or "").strip(): condition() for _, named, condition in made}
        if "" in found or len(found) < len(made):
            raise InvalidError(say("case.names"))
        otherwise = str(other.value or "").strip()
        return {"cases": found} | ({"else": otherwise} if otherwise else {})

    def renamed() -> dict[str, str]:
        names = {old: str(named.value or "").strip() for old, named, _ in made if old}
        before = str(settings.get("else") or "")
        return names | ({before: str(other.value or "").strip()} if before else {})

    return read, renamed


def draw_yaml(value: Any, mark: str) -> Read:
    """Draw a value as YAML."""
    shown = ui.textarea(say("canvas.settings"), value=source.write(value) if value else "")
    shown.props("outlined autogrow input-class='pd-mono'").mark(f"{mark}-text").style("width: 100%")
    return lambda: _mapping(str(shown.value or ""))


def _row(row: Mapping[str, Any], mark: str) -> Read:
    left = _field(say("condition.left"), _shown(row.get("left")), f"{mark}-left")
    options = {name: say(f"operator.{name}") for name in OPERATORS}
    compare = ui.select(options, value=row.get("is") if row.get("is") in options else "equals")
    compare.props("outlined dense").mark(f"{mark}-is").props["aria-label"] = say("condition.is")
    compare.props["data-testid"] = f"{mark}-is"
    right = _field(say("condition.right"), _shown(row.get("right")), f"{mark}-right")
    right.bind_visibility_from(compare, "value", lambda value: value not in ALONE)

    def read() -> dict[str, Any]:
        found = {"left": _meant(left.value, row.get("left")), "is": compare.value}
        return found if compare.value in ALONE else found | {"right": _meant(right.value, row.get("right"))}

    return read


def _field(label: str, value: str, mark: str) -> ui.input:
    made = ui.input(label, value=value).props("outlined dense").mark(mark)
    made.props["data-testid"] = mark
    return made


def _flat(value: Any) -> tuple[str, list[dict[str, Any]]] | None:
    """Return how comparisons are joined, and these; None where one is no plain comparison."""
    if not isinstance(value, dict):
        return None
    word = next((one for one in ("all", "any") if one in value), None)
    rows = [value] if word is None else value[word]
    plain = isinstance(rows, list) and all(isinstance(row, dict) and not {"all", "any"} & set(row) for row in rows)
    return (word or "all", rows) if plain and (word is None or len(value) == 1) else None


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _meant(typed: Any, before: Any) -> Any:
    """Return what was there when nothing was typed, numbers and lists as such, anything else as text."""
    text = str(typed or "").strip()
    if before is not None and text == _shown(before):
        return before
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _mapping(text: str) -> Mapping[str, Any]:
    found = source.read(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise InvalidError(say("step.no_mapping"))
    return found
