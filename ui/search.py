"""A field that narrows what a page shows to what says all its words."""

from __future__ import annotations

from nicegui import ui
from nicegui.element import Element

from hub.text import say
from ui.pieces import words


class Search:
    """Shows of many tiles those that say every word that was typed, and hides headings with nothing below them."""

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
        wanted = (self.field.value or "").casefold().split()
        groups: dict[Element, bool] = {}
        for said, tile, group in self._tiles:
            shown = all(word in said for word in wanted)
            tile.set_visibility(shown)
            if group is not None:
                groups[group] = groups.get(group, False) or shown
        for group, shown in groups.items():
            group.set_visibility(shown)
        if self._nothing is not None:
            self._nothing.set_visibility(not any(tile.visible for _, tile, _ in self._tiles))
