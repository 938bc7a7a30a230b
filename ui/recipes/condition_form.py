"""Conditions to fill in: what is looked at, how it is compared, with what; in groups within groups; and cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element

from hub import source
from hub.errors import InvalidError
from hub.recipes.conditions import MAX_DEPTH
from hub.text import say
from ui.form.around import Around, Path
from ui.pieces import button, div, round_button, words
from ui.recipes.comparison import NEW, Comparison, is_comparison

Read = Callable[[], Any]


class _Part:
    """One comparison or group among others, wherever it stands by now."""

    def __init__(self, box: Element) -> None:
        self.box = box
        self.read: Read = dict


class Group:
    """Conditions of which all, or any, must hold."""

    def __init__(self, value: Any, mark: str, around: Around, path: Path, depth: int = 0) -> None:
        self._bare = isinstance(value, dict) and is_comparison(value)
        self._word = next((one for one in ("all", "any") if isinstance(value, dict) and one in value), "all")
        self._held = [value] if self._bare else value.get(self._word, []) if isinstance(value, dict) else []
        self._mark = mark
        self._around = around
        self._path = path
        self._depth = depth
        self._made = 0
        self._parts: list[_Part] = []

    def draw(self) -> None:
        """Draw how the conditions are joined, each of them, and the ways to more."""
        options = {"all": say("condition.all"), "any": say("condition.any")}
        self._joined = ui.select(options, value=self._word).props("outlined dense").style("width: 100%")
        self._joined.mark(f"{self._mark}-joined").props["aria-label"] = say("condition.joined")
        self._joined.props["data-testid"] = f"{self._mark}-joined"
        self._joined.on_value_change(self._around.changed)
        self._body = div("pd-stack")
        for one in self._held:
            self._add(one)
        with div("pd-line"):
            button(say("condition.add"), f"{self._mark}-add", lambda: self._added(NEW), kind="quiet", icon="add")
            if self._depth < MAX_DEPTH - 1:
                new = {"any" if self._word == "all" else "all": [NEW]}
                group = button(
                    say("condition.add_group"), f"{self._mark}-add-group", lambda: self._added(new), kind="quiet"
                )
                group.props("icon=account_tree")
        self._around.problem(self._path)

    def read(self) -> dict[str, Any]:
        """Return the condition; a single comparison that stood by itself still does."""
        found = [part.read() for part in self._parts]
        if self._bare and len(found) == 1 and self._joined.value == "all":
            single: dict[str, Any] = found[0]
            return single
        return {str(self._joined.value): found}

    def _added(self, value: Mapping[str, Any]) -> None:
        self._add(value)
        self._around.changed()

    def _add(self, value: Any) -> None:
        mark = f"{self._mark}-{self._made}"
        self._made += 1
        grouped = isinstance(value, dict) and bool({"all", "any"} & value.keys())
        with self._body, div("pd-condition pd-condition-group" if grouped else "pd-condition") as drawn:
            part = _Part(drawn)
            self._parts.append(part)
            part.read = self._drawn(value, mark, lambda: self._place(part), grouped=grouped)
            label = say("condition.remove_group" if grouped else "condition.remove")
            round_button("close", label, f"{mark}-remove", lambda: self._drop(part))

    def _drawn(self, value: Any, mark: str, path: Path, *, grouped: bool) -> Read:
        if grouped and _is_group(value):
            with div("pd-stack").props(f'role=group aria-label="{say("condition.group")}"'):
                inner = Group(value, mark, self._around, path, self._depth + 1)
                inner.draw()
            return inner.read
        if isinstance(value, dict) and is_comparison(value):
            row = Comparison(value, mark, self._around, path)
            row.draw()
            return row.read
        words(say("condition.as_text"), "pd-muted pd-small")
        return draw_yaml(value, mark)

    def _place(self, part: _Part) -> str:
        if self._bare and len(self._parts) == 1:
            return self._path()
        index = self._parts.index(part) if part in self._parts else 0
        return f"{self._path()}.{self._joined.value}[{index}]"

    def _drop(self, part: _Part) -> None:
        self._parts.remove(part)
        part.box.delete()
        self._around.changed()


def draw_condition(
    value: Any, mark: str = "condition", around: Around | None = None, path: Path = lambda: "with"
) -> Read:
    """Draw a condition and return how to read it; what is none is shown as text."""
    if not value:
        return _drawn({"all": [NEW]}, mark, around, path)
    if not isinstance(value, dict) or not (is_comparison(value) or _is_group(value)):
        return draw_yaml(value, mark)
    return _drawn(value, mark, around, path)


def _drawn(value: Any, mark: str, around: Around | None, path: Path) -> Read:
    group = Group(value, mark, around or Around(), path)
    group.draw()
    return group.read


def draw_cases(
    settings: Mapping[str, Any], around: Around | None = None
) -> tuple[Read, Callable[[], Mapping[str, str]]]:
    """Draw the cases of a branch; return how to read them, and which ones were given another name."""
    cases = _Cases(settings, around or Around())
    cases.draw()
    return cases.read, cases.renamed


class _Cases:
    """The cases of a branch, each with its name and its condition, and the one that is left."""

    def __init__(self, settings: Mapping[str, Any], around: Around) -> None:
        self._settings = settings
        self._around = around
        self._made: list[tuple[str, ui.input, Read]] = []

    def draw(self) -> None:
        """Draw what there is, and the way to more."""
        cases = self._settings.get("cases")
        self._box = div("pd-stack")
        for name, condition in (cases if isinstance(cases, dict) else {}).items():
            self._add(str(name), condition)
        button(say("case.add"), "case-add", lambda: self._add("", {"all": [NEW]}), kind="quiet", icon="add")
        self._other = ui.input(say("case.else"), value=str(self._settings.get("else") or "")).props("outlined")
        self._other.mark("case-else").props["data-testid"] = "case-else"
        self._other.on_value_change(self._around.changed)
        self._around.problem(lambda: "with")

    def read(self) -> dict[str, Any]:
        """Return the cases; each needs a name of its own."""
        found = {str(named.value or "").strip(): condition() for _, named, condition in self._made}
        if "" in found or len(found) < len(self._made):
            raise InvalidError(say("case.names"))
        otherwise = str(self._other.value or "").strip()
        return {"cases": found} | ({"else": otherwise} if otherwise else {})

    def renamed(self) -> dict[str, str]:
        """Return the new name of every case by the one it had."""
        names = {old: str(named.value or "").strip() for old, named, _ in self._made if old}
        before = str(self._settings.get("else") or "")
        return names | ({before: str(self._other.value or "").strip()} if before else {})

    def _add(self, name: str, condition: Any) -> None:
        mark = f"case-{len(self._made)}"
        with self._box, div("pd-stack pd-case") as drawn:
            with div("pd-line").style("flex-wrap: nowrap"):
                named = ui.input(say("case.name"), value=name).props("outlined dense").classes("pd-grow")
                named.mark(mark).props["data-testid"] = mark
                named.on_value_change(self._around.changed)

                def drop() -> None:
                    self._made[:] = [one for one in self._made if one[1] is not named]
                    drawn.delete()
                    self._around.changed()

                round_button("close", say("case.remove"), f"{mark}-remove", drop)
            read = draw_condition(condition, mark, self._around, lambda: f"with.cases.{str(named.value or '').strip()}")
            self._made.append((name, named, read))


def _is_group(value: Mapping[str, Any]) -> bool:
    word = next(iter(value), "")
    return len(value) == 1 and word in {"all", "any"} and isinstance(value[word], list)


def draw_yaml(value: Any, mark: str) -> Read:
    """Draw a value as YAML."""
    shown = ui.textarea(say("canvas.settings"), value=source.write(value) if value else "")
    shown.props("outlined autogrow input-class='pd-mono'").mark(f"{mark}-text").style("width: 100%")
    return lambda: _mapping(str(shown.value or ""))


def _mapping(text: str) -> Mapping[str, Any]:
    found = source.read(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise InvalidError(say("step.no_mapping"))
    return found
