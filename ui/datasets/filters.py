"""Which rows of a dataset are shown: a search over all values, and filters on single columns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import get_args

import msgspec
from nicegui import ui

from hub.datasets import Column, ColumnFilter
from hub.datasets.query import Operator
from hub.members import Member
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.pieces import button, div, round_button, words
from ui.visit import Visit

OPERATORS: Sequence[Operator] = get_args(Operator)
WITHOUT_VALUE = frozenset({"is_empty", "is_set"})


class Filters:
    """What was asked for; the address of the page may ask first."""

    def __init__(self, visit: Visit, columns: Sequence[Column], changed: Callable[[], Awaitable[None]]) -> None:
        self._visit = visit
        self._columns = columns
        self._changed = changed
        self.search = visit.asked("q")
        self.chosen = _asked(visit, {column.name for column in columns})

    def draw(self) -> None:
        """Draw the search and the filters that hold."""
        with div("pd-line"):
            field = ui.input(label=say("datasets.search"), value=self.search).props("outlined dense clearable")
            field.mark("search").props("data-testid=search").style("width: 240px")

            async def searched() -> None:
                self.search = field.value or ""
                await self._changed()

            field.on("keydown.enter", searched)
            field.on("clear", searched)
            self._chips = div("pd-line pd-tight")
            button(say("datasets.filter"), "add-filter", self._ask, icon="filter_list", kind="quiet")
        self._draw_chips()

    def _draw_chips(self) -> None:
        self._chips.clear()
        with self._chips:
            for number, one in enumerate(self.chosen):
                with div("pd-pill", "span"):
                    told = say(f"datasets.is_{one.operator}", column=one.column, value=one.value)
                    words(told, tag="span")
                    drop = round_button("close", say("datasets.drop_filter", filter=told), f"drop-filter {number}",
                                        self._drops(number))  # fmt: skip
                    drop.props("size=xs dense")

    def _drops(self, number: int) -> Callable[[], Awaitable[None]]:
        async def drop() -> None:
            self.chosen.pop(number)
            self._draw_chips()
            await self._changed()

        return drop

    def _ask(self) -> None:
        if not self._columns:
            return
        with dialog(say("datasets.filter")) as opened:
            names = [column.name for column in self._columns]
            column = ui.select(names, value=names[0], label=say("datasets.column")).props("outlined")
            column.mark("filter-column").props("data-testid=filter-column").style("width: 100%")
            ways = {one: say(f"datasets.operator_{one}") for one in OPERATORS}
            way = ui.select(ways, value="contains", label=say("datasets.operator")).props("outlined")
            way.mark("filter-operator").props("data-testid=filter-operator").style("width: 100%")
            value = ui.input(say("datasets.value")).props("outlined data-testid=filter-value").mark("filter-value")
            value.style("width: 100%").bind_visibility_from(way, "value", lambda chosen: chosen not in WITHOUT_VALUE)

            async def add(_: Member) -> None:
                operator = next(one for one in OPERATORS if one == way.value)
                said = "" if operator in WITHOUT_VALUE else str(value.value or "")
                self.chosen.append(ColumnFilter(column=str(column.value), operator=operator, value=said))
                opened.close()
                self._draw_chips()
                await self._changed()

            answer_buttons(opened, say("datasets.do_filter"), self._visit.does(add))


def _asked(visit: Visit, known: set[str]) -> list[ColumnFilter]:
    """Return the filters that the address asks for; what makes no sense is left out."""
    try:
        found = msgspec.json.decode(visit.asked("where") or "[]", type=list[ColumnFilter])
    except msgspec.MsgspecError:
        return []
    return [one for one in found if one.column in known]
