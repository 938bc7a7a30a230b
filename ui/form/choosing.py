"""A button at a field that lists what the service has: with a search, a word when it fails, and a way to try again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nicegui import ui

from connectors.sdk import Choice
from connectors.sdk.describe import FieldDescription
from hub.errors import HubError
from hub.outages import GONE
from hub.text import say
from ui.form.picking import pick
from ui.pieces import button, div, round_button, words
from ui.redraw import emptied
from ui.visit import outage_sentence

if TYPE_CHECKING:
    from ui.form.around import Around

MOST_SHOWN = 200


def choose_with(
    around: Around, field: FieldDescription, element: ui.input, take: Callable[[str], None] | None = None
) -> None:
    """Draw the button inside a field; what is chosen becomes its value, unless `take` does something else with it."""

    def become(value: str) -> None:
        element.value = value

    with element.add_slot("append"):
        label = say("form.choose", title=field.title)
        # Without a word on hover, which would lie over what it opens
        made = ui.button(icon="arrow_drop_down", color=None).props("flat round").classes("pd-quiet pd-round")
        made.mark(f"choose-{field.name}").props["aria-label"] = label
        made.props["data-testid"] = f"choose-{field.name}"
        with made:
            _Menu(around, field, take or become).draw()
        if field.pictured:
            pictured = say("form.pick", title=field.title)
            round_button("image_search", pictured, f"pick-{field.name}", lambda: pick(around, field, take or become))


class _Menu:
    """The list under the button, asked for when it is opened."""

    def __init__(self, around: Around, field: FieldDescription, take: Callable[[str], None]) -> None:
        self._around = around
        self._field = field
        self._take = take
        self._all: Sequence[Choice] = ()
        self._cut = False

    def draw(self) -> None:
        """Draw the menu, empty until it is opened."""
        with ui.menu().props("no-focus role=dialog") as self._menu, div("pd-choose"):
            self._menu.props["aria-label"] = say("form.choose", title=self._field.title)
            self._search = ui.input(say("form.search")).props("outlined dense autofocus").style("width: 100%")
            self._search.props["data-testid"] = f"choose-{self._field.name}-search"
            self._search.on_value_change(self._list)
            self._body = div("pd-choose-list").props(f"data-testid=choose-{self._field.name}-list")
        self._menu.on("show", self._load)

    async def _load(self) -> None:
        with emptied(self._body):
            words(say("form.choosing"), "pd-muted pd-small").props("role=status")
            ui.linear_progress(show_value=False).props("indeterminate rounded")
        try:
            found = await self._around.choices(self._field)
        except HubError as error:
            self._fail(error.message)
        except GONE as error:
            self._fail(outage_sentence(error))
        else:
            self._all, self._cut = found.choices, found.cut
            self._list()

    def _fail(self, message: str) -> None:
        self._body.clear()
        with self._body:
            words(message, "pd-bad pd-small").props(f"role=alert data-testid=choose-{self._field.name}-failed")
            button(say("form.again"), f"choose-{self._field.name}-again", self._load, kind="quiet", icon="refresh")

    def _list(self) -> None:
        wanted = str(self._search.value or "").lower()
        fitting = [one for one in self._all if wanted in one.value.lower() or wanted in one.text.lower()]
        with emptied(self._body):
            if not fitting:
                words(say("form.none"), "pd-muted pd-small")
            for choice in fitting[:MOST_SHOWN]:
                self._choice(choice)
            if self._cut or len(fitting) > MOST_SHOWN:
                words(say("form.cut"), "pd-muted pd-small")

    def _choice(self, choice: Choice) -> None:
        def chosen() -> None:
            self._menu.close()
            self._take(choice.value)

        with div("pd-choice", "button").props("type=button").on("click", chosen) as made:
            made.mark(f"choice-{choice.value}").props["data-testid"] = f"choice-{choice.value}"
            words(choice.value, "pd-strong", "span")
            if choice.text:
                words(choice.text, "pd-muted pd-small", "span")
