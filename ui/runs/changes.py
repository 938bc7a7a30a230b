"""Rows that writes would add, change from old to new, remove or send: counted, filtered, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from nicegui import ui

from hub.runs import Delivery
from hub.text import count, say
from ui.pieces import button, div, state, words
from ui.values import brief, cut, flat

PAGE = 50
MOST_COLUMNS = 14
MOST_WITHIN = 6
SHORT = 160
LINE = 24
WHOLE = 20_000
KINDS = ("add", "change", "remove", "send")


class PlannedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row as it is and as it would be."""

    step: str
    kind: str
    before: Any
    after: Any

    @property
    def text(self) -> str:
        """What the filter looks through."""
        return msgspec.json.encode([self.step, self.before, self.after]).decode().casefold()


class ChangeTable:
    """A table of planned rows; however many there are, the browser gets one page of them."""

    def __init__(self, rows: Sequence[PlannedRow]) -> None:
        self._rows = rows
        self._found: Sequence[PlannedRow] = rows
        self._texts: list[str] = []
        self._kind = ""
        self._start = 0
        self._columns = _columns(rows)
        self._steps = len({one.step for one in rows}) > 1

    def draw(self) -> None:
        """Draw the counts, the filter and the first page."""
        with div("pd-stack").props("data-testid=changes"):
            with div("pd-line"):
                self._draw_counts()
                if len(self._rows) > 1:
                    typed = ui.input(label=say("changes.filter")).props("outlined dense clearable debounce=200")
                    typed.props["data-testid"] = "changes-filter"
                    typed.mark("changes-filter").on_value_change(lambda event: self._filter(event.value or ""))
            self._body = div("pd-stack")
        self._typed = ""
        self._show()

    def _draw_counts(self) -> None:
        counted = Counter(one.kind for one in self._rows)
        kinds = [kind for kind in KINDS if counted[kind]]
        if len(kinds) == 1:
            words(say(f"changes.{kinds[0]}", number=f"{counted[kinds[0]]:,}"), "pd-strong", "span")
            return
        ways = {"": say("changes.all")} | {kind: say(f"changes.{kind}", number=f"{counted[kind]:,}") for kind in kinds}
        switch = ui.toggle(ways, value="", on_change=lambda event: self._choose(event.value))
        switch.props("dense no-caps unelevated padding='2px 12px' toggle-color=chosen toggle-text-color=chosen")
        switch.mark("changes-kind")

    def _choose(self, kind: str) -> None:
        self._kind = kind
        self._filter(self._typed)

    def _filter(self, typed: str) -> None:
        """Keep the rows whose step or values hold what was typed."""
        self._typed, self._start = typed, 0
        if typed and not self._texts:
            self._texts = [one.text for one in self._rows]
        wanted = typed.strip().casefold()
        texts = self._texts or [""] * len(self._rows)
        self._found = [
            one
            for one, text in zip(self._rows, texts, strict=True)
            if (not self._kind or one.kind == self._kind) and wanted in text
        ]
        self._show()

    def _turn(self, by: int) -> None:
        self._start = max(0, self._start + by)
        self._show()

    def _show(self) -> None:
        page = self._found[self._start : self._start + PAGE]
        self._body.clear()
        with self._body:
            if not page:
                words(say("changes.none"), "pd-muted")
                return
            self._draw_page(page)
            left_out = len(self._columns) - MOST_COLUMNS
            if left_out > 0:
                words(count("changes.columns_more", left_out), "pd-muted pd-small")
            if len(self._found) > PAGE:
                self._draw_pager(len(page))

    def _draw_page(self, page: Sequence[PlannedRow]) -> None:
        columns = self._columns[:MOST_COLUMNS]
        with div("pd-grid-table").props("tabindex=0"), div(tag="table"):
            with div(tag="thead"), div(tag="tr"):
                words("", tag="th")
                for column in [*([say("changes.place")] if self._steps else []), *columns]:
                    words(column, tag="th")
            with div(tag="tbody"):
                for one in page:
                    self._draw_row(one, columns)

    def _draw_row(self, one: PlannedRow, columns: Sequence[str]) -> None:
        with div(tag="tr").mark(f"change-{one.kind}"):
            with div(tag="td"):
                state(one.kind)
            if self._steps:
                words(one.step, "pd-whole" if len(one.step) <= LINE else "", "td")
            for column in columns:
                _cell(one, column)

    def _draw_pager(self, shown: int) -> None:
        of, last = len(self._found), self._start + shown
        with div("pd-line"):
            newer = button(say("changes.newer"), "changes-before", lambda: self._turn(-PAGE), icon="chevron_left")
            newer.set_enabled(self._start > 0)
            words(say("changes.range", first=f"{self._start + 1:,}", last=f"{last:,}", of=f"{of:,}"), "pd-number")
            following = button(say("changes.next"), "changes-next", lambda: self._turn(PAGE), icon="chevron_right")
            following.set_enabled(last < of)


def rows_of(writes: Sequence[Delivery]) -> list[PlannedRow]:
    """Return the rows of a plan's writes."""
    return [planned_row(one.step, change) for one in writes for change in one.changes if isinstance(change, dict)]


def planned_row(step: str, change: Mapping[str, Any]) -> PlannedRow:
    """Return one row of what a preview said."""
    return PlannedRow(step=step, kind=str(change.get("kind")), before=change.get("before"), after=change.get("after"))


def _columns(rows: Sequence[PlannedRow]) -> list[str]:
    names = (name for one in rows for image in (one.before, one.after) for name in _fields(image))
    return list(dict.fromkeys(names))


def _fields(image: Any) -> Sequence[str]:
    return [str(name) for name in image] if isinstance(image, dict) else [] if image is None else [say("changes.value")]


def _cell(one: PlannedRow, column: str) -> None:
    before, after = _value(one.before, column), _value(one.after, column)
    with div(tag="td"):
        if one.kind == "remove":
            words(brief(before, SHORT), "pd-old")
        elif one.kind == "change" and before != after:
            if isinstance(before, dict) and isinstance(after, dict):
                _inner(before, after)
            else:
                words(brief(before, SHORT), _short("pd-old", before))
                words(brief(after, SHORT), _short("pd-new", after))
        else:
            value = after if after is not None else before
            cut(brief(value, WHOLE), _short("pd-new" if one.kind == "add" else "", value), most=SHORT)


def _short(classes: str, value: Any) -> str:
    """Keep a number, a date or a name on one line."""
    return f"{classes} pd-whole" if len(brief(value)) <= LINE else classes


def _inner(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Draw only what differs within a record that is one value."""
    old, new = dict(flat(before)), dict(flat(after))
    differing = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    for name in differing[:MOST_WITHIN]:
        words(name, "pd-muted pd-small")
        words(brief(old.get(name), SHORT), "pd-old")
        words(brief(new.get(name), SHORT), "pd-new")
    if len(differing) > MOST_WITHIN:
        words(count("changes.more", len(differing) - MOST_WITHIN), "pd-muted pd-small")


def _value(image: Any, column: str) -> Any:
    return image.get(column) if isinstance(image, dict) else image if column == say("changes.value") else None
