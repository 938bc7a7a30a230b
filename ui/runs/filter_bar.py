"""Filters over a list: choosing one loads the page with it, so that the address says what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from nicegui import ui

from hub.errors import InvalidError
from hub.text import say
from ui.pieces import div, link_button
from ui.visit import Visit

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class FilterBar:
    """The filters of one list, in the words of `area`: `choices` are names and titles by filter, `kept` are unseen."""

    def __init__(
        self,
        visit: Visit,
        path: str,
        area: str,
        choices: Mapping[str, Mapping[str, str]],
        *,
        kept: Sequence[str] = (),
    ) -> None:
        self._path = path
        self._area = area
        self._choices = choices
        self._asked = {name: visit.asked(name) for name in (*choices, *kept, "q") if visit.asked(name)}

    @property
    def asked(self) -> Mapping[str, str]:
        """What is chosen, by filter."""
        return self._asked

    def address(self, **changes: str) -> str:
        """Return the address of the list with these filters changed; an empty one asks for nothing."""
        asked = {name: value for name, value in {**self._asked, **changes}.items() if value}
        return f"{self._path}?{urlencode(asked)}" if asked else self._path

    def draw(self) -> None:
        """Draw the filters in a line, and the way back to none."""
        with div("pd-line pd-filters"):
            for name, options in self._choices.items():
                self._choice(name, options)
            self._text()
            if self._asked:
                link_button(say("runs.clear"), self._path, "clear-filters", kind="quiet", icon="close")

    def _choice(self, name: str, options: Mapping[str, str]) -> None:
        chosen = self._asked.get(name, "")
        shown = {"": say(f"{self._area}.any_{name}"), **options}
        if chosen and chosen not in shown:
            shown[chosen] = chosen
        picked = ui.select(
            shown,
            value=chosen,
            label=say(f"{self._area}.filter_{name}"),
            on_change=lambda event: ui.navigate.to(self.address(**{name: event.value})),
        )
        picked.props("outlined dense options-dense").style("min-width: 138px").mark(f"filter-{name}")
        picked.props["data-testid"] = f"filter-{name}"

    def _text(self) -> None:
        def look() -> None:
            ui.navigate.to(self.address(q=(field.value or "").strip()))

        field = ui.input(label=say(f"{self._area}.filter_q"), value=self._asked.get("q", ""))
        field.props("outlined dense clearable maxlength=200").style(
            "min-width: 180px; flex: 1 1 180px; max-width: 320px"
        )
        field.mark("filter-q").props["data-testid"] = "filter-q"
        field.on("keydown.enter", look).on("clear", lambda: ui.navigate.to(self.address(q="")))


def since(text: str) -> datetime | None:
    """Return when a period began, or a date as it was written in the address."""
    if not text or text in PERIODS:
        return datetime.now(UTC) - PERIODS[text] if text else None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidError(say("runs.bad_date")) from error


def periods() -> dict[str, str]:
    """Return the periods to choose from."""
    return {name: say(f"runs.since_{name}") for name in PERIODS}


async def recipe_choices(visit: Visit) -> tuple[dict[str, str], dict[str, str]]:
    """Return the recipes of the workspace and the triggers they have, to choose from."""
    found = await visit.services.triggers.names(visit.opened_by)
    recipes = {one.id: one.title or one.name for one in found}
    return recipes, {one.uses: one.uses for one in sorted(found, key=lambda one: one.uses) if one.uses}
