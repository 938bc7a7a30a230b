"""A field that narrows what a page shows to what says all its words; the browser does it while one types."""

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
        field = ui.input(label).props("outlined dense clearable" + " autofocus" * focused).mark(mark)
        field.props["data-testid"] = mark
        room = f"document.getElementById('{field.html_id}').closest('.q-dialog, main')"
        field.on("update:model-value", js_handler=f"(text) => pdSearch.narrow({room}, text)")

    def add(self, said: str, tile: Element, group: Element | None = None) -> None:
        """Let a tile be found by its words; `group` holds it, with its heading."""
        tile.props["data-said"] = said.casefold()
        if group is not None:
            group.props["data-said-group"] = True

    def end(self) -> None:
        """Say below the tiles, when it comes to that, that none says those words."""
        words(say("search.nothing"), "pd-muted hidden").props("role=status data-said-none")
