"""A field that narrows what a page shows to what says all its words."""

from __future__ import annotations

from nicegui import ui
from nicegui.element import Element

from hub.text import say
from ui.pieces import words


class Search:
    """Shows of many tiles those that say every word that was typed, else those that say most of them.

    Headings with nothing below them are hidden.
    """

    def __init__(self, label: str, mark: str, *, focused: bool = False) -> None:
        self.field = ui.input(label).props("outlined dense clearable" + " autofocus" * focused).mark(mark)
        self.field.props["data-testid"] = mark
        self.field.on_value_change(self._narrow)
        self._tiles: list[tuple[str, Element, Element | None]] = []
        self._nothing: Element | None = None

    def add(self, said: str, tile: Element, group: Element | None = None) -> None:
        """Let a tile be found by its words; `group` holds it, with its heading."""
        self._tiles.append((said.casefold(), tile, group))

    def end(self) -> None:
        """Say below the tiles, when it comes to that, that none says those words."""
        self._nothing = words(say("search.nothing"), "pd-muted").props("role=status")
        self._nothing.set_visibility(False)

    def _narrow(self) -> None:
        wanted = [_stem(word) for word in (self.field.value or "").casefold().split()]
        held = [sum(word in said for word in wanted) for said, _, _ in self._tiles]
        most = max(held, default=0)
        groups: dict[Element, bool] = {}
        for number, (_, tile, group) in zip(held, self._tiles, strict=True):
            shown = number == most and (most > 0 or not wanted)
            tile.set_visibility(shown)
            if group is not None:
                groups[group] = groups.get(group, False) or shown
        for group, shown in groups.items():
            group.set_visibility(shown)
        if self._nothing is not None:
            self._nothing.set_visibility(not any(tile.visible for _, tile, _ in self._tiles))


def _stem(word: str) -> str:
    """Return a word without the ending of many."""
    return word.removesuffix("s") if len(word) > 3 else word
