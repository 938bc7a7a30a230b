"""Rows of a list that are chosen, and the bar that says what can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from hub.text import count, say
from ui.pieces import button, div, words


class Picked:
    """Which rows of a list are chosen; `drawn` draws what can be done with them whenever that changes."""

    def __init__(self, names: Sequence[str], drawn: Callable[[Picked], object]) -> None:
        self._names = list(names)
        self._drawn = drawn
        self._chosen: set[str] = set()
        self._boxes: dict[str, ui.checkbox] = {}

    @property
    def chosen(self) -> list[str]:
        """The chosen rows, in the order of the list."""
        return [name for name in self._names if name in self._chosen]

    def bar(self) -> None:
        """Draw the bar over the list: choose all of the page, and what can be done with the chosen ones."""
        with div("pd-line pd-picked"):
            everything = ui.checkbox(on_change=lambda event: self._all(chosen=event.value)).props("dense")
            everything.mark("pick-all").props["aria-label"] = say("picked.all")
            everything.props["data-testid"] = "pick-all"
            self._bar = div("pd-line")
        self._show()

    def box(self, name: str, title: str) -> None:
        """Draw the box of a row."""
        box = (
            ui.checkbox(on_change=lambda event: self._one(name, chosen=event.value)).props("dense").classes("pd-above")
        )
        box.mark(f"pick {name}").props["aria-label"] = say("picked.one", title=title[:80])
        box.props["data-testid"] = f"pick-{name}"
        self._boxes[name] = box

    def _one(self, name: str, *, chosen: bool) -> None:
        (self._chosen.add if chosen else self._chosen.discard)(name)
        self._show()

    def _all(self, *, chosen: bool) -> None:
        for box in self._boxes.values():
            box.value = chosen
        self._show()

    def _show(self) -> None:
        self._bar.clear()
        with self._bar:
            if self._chosen:
                words(count("picked.number", len(self._chosen)), "pd-soft pd-small", "span")
            else:
                words(say("picked.hint"), "pd-muted pd-small", "span")
            self._drawn(self)


def act(label: str, mark: str, click: Callable[[], object], icon: str) -> None:
    """Draw what can be done with the chosen rows."""
    button(label, mark, click, kind="quiet", icon=icon)
