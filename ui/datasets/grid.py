"""The grid of a dataset: rows page by page, cells changed in place, each change taken back by one key."""

from __future__ import annotations

from typing import Any

import msgspec
from nicegui import events, ui

from hub.datasets import Column, DatasetRecord, DatasetSummary, RowChange, RowQuery
from hub.errors import HubError, InvalidError
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import confirm
from ui.datasets.adding import add_column, add_row
from ui.datasets.filters import Filters
from ui.datasets.history import row_history
from ui.pieces import button, card, div, empty, words
from ui.visit import Visit, complain

PAGE = 100
# Longer cells are shown in part, and changed over the API or by a recipe.
LONGEST = 2000
_SAID = ("sort", "history", "choose", "choose_all")


class Grid:
    """What of a dataset is looked at, and what was changed while looking."""

    def __init__(self, visit: Visit, dataset: DatasetSummary) -> None:
        self._visit = visit
        self._dataset = dataset
        self._columns = list(dataset.columns)
        self._may = visit.may(Verb.EDIT_DATASETS)
        self._order = ""
        self._cursors: list[str | None] = [None]
        self._next: str | None = None
        self._rows: dict[str, DatasetRecord] = {}
        self._wrong: dict[str, dict[str, tuple[str, str]]] = {}
        self._done: list[list[int]] = []
        self._chosen: list[str] = []

    async def draw(self) -> None:
        """Draw filters, the tools, the grid and the way to further rows."""
        self._filters = Filters(self._visit, self._columns, self._look_anew)
        with div("pd-spread").style("margin: 12px 0"):
            self._filters.draw()
            if self._may:
                self._tools()
        with card(pad=False):
            self._element = ui.element("pd-grid").mark("grid").props("data-testid=grid")
            for name, heard in (("changed", self._changed), ("sorted", self._sorted), ("chosen", self._choose),
                                ("looked", self._looked), ("undone", self._undo)):  # fmt: skip
                self._element.on(name, heard, js_handler="(e) => emit(e.detail)")
            self._nothing = div()
            with div("pd-pad pd-spread"):
                self._where = words("", "pd-soft pd-small pd-number").props("aria-live=polite")
                with div("pd-actions"):
                    self._back = button(say("datasets.before"), "page-before", self._go_back, kind="quiet")
                    self._on = button(say("datasets.after"), "page-after", self._go_on, kind="quiet")
        await self._look(self._visit.opened_by)

    def _tools(self) -> None:
        with div("pd-actions"):
            self._undo_button = button(say("datasets.undo"), "undo", self._undo, icon="undo", kind="quiet")
            self._remove_button = button(
                say("datasets.remove"), "remove-rows", self._remove, icon="delete", kind="quiet"
            )
            button(say("datasets.add_column"), "add-column", self._add_column, icon="view_column", kind="quiet")
            button(say("datasets.add_row"), "add-row", self._add_row, icon="add")
        self._offer()

    async def _look(self, member: Member) -> None:
        wanted = RowQuery(
            filters=self._filters.chosen, search=self._filters.search, order=self._order, cursor=self._cursors[-1],
            limit=PAGE,
        )  # fmt: skip
        found = await self._visit.services.dataset_rows.list(member, self._dataset.id, wanted)
        self._rows = {record.id: record for record in found.items}
        self._next = found.cursor
        self._wrong.clear()
        self._show()

    async def _look_anew(self) -> None:
        self._cursors = [None]
        await self._visit.try_to(self._look)

    def _show(self) -> None:
        """Hand the rows to the browser, which sets every cell as text."""
        first = (len(self._cursors) - 1) * PAGE
        self._element.props["content"] = {
            "label": self._dataset.title or self._dataset.name,
            "columns": [{"name": one.name, "kind": one.type, "sort": self._sort_of(one.name)} for one in self._columns],
            "rows": [self._row(record) for record in self._rows.values()],
            "from": first,
            "total": first + len(self._rows) + (1 if self._next else 0),
            "editable": self._may,
            "say": {key: say(f"datasets.grid_{key}") for key in _SAID},
        }
        self._element.update()
        self._element.set_visibility(bool(self._columns))
        self._nothing.clear()
        if not self._rows:
            with self._nothing:
                self._say_nothing()
        last = first + len(self._rows)
        self._where.text = say("datasets.shown", first=f"{first + 1:,}", last=f"{last:,}") if self._rows else ""
        self._back.set_enabled(len(self._cursors) > 1)
        self._on.set_enabled(self._next is not None)

    def _say_nothing(self) -> None:
        if self._filters.chosen or self._filters.search:
            empty("search_off", say("datasets.no_match"), say("datasets.no_match_text"))
        else:
            empty("table_rows", say("datasets.empty"), say("datasets.empty_text"))

    def _row(self, record: DatasetRecord) -> dict[str, Any]:
        texts = [text_of(record.values.get(one.name)) for one in self._columns]
        names = [one.name for one in self._columns]
        wrong = {names.index(name): told for name, told in self._wrong.get(record.id, {}).items()}
        return {
            "id": record.id,
            "cells": [text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in texts],
            "locked": [place for place, text in enumerate(texts) if len(text) > LONGEST],
            "wrong": wrong,
        }

    def _sort_of(self, name: str) -> str:
        return {name: "asc", f"-{name}": "desc"}.get(self._order, "")

    async def _changed(self, event: events.GenericEventArguments) -> None:
        """Write a cell; what is refused stays as it was typed, with the reason."""
        column, text = self._columns[int(event.args["column"])].name, str(event.args["text"])
        record = self._rows.get(str(event.args["row"]))
        if record is None:
            return
        kept = self._wrong.setdefault(record.id, {})
        kept.pop(column, None)

        async def write(member: Member) -> None:
            try:
                change = await self._visit.services.dataset_rows.change(
                    member, self._dataset.id, record.id, {column: text}, revision=record.revision
                )
            except HubError as error:
                problems = error.errors if isinstance(error, InvalidError) else ()
                kept[column] = (text, problems[0].message if problems else error.message)
                raise
            self._keep(change)

        await self._visit.try_to(write)
        self._show()

    def _keep(self, change: RowChange) -> None:
        if change.record is not None:
            self._rows[change.record.id] = change.record
        self._done.append([change.revision])
        self._offer()

    async def _sorted(self, event: events.GenericEventArguments) -> None:
        name = self._columns[int(event.args["column"])].name
        self._order = {name: f"-{name}", f"-{name}": ""}.get(self._order, name)
        await self._look_anew()

    def _choose(self, event: events.GenericEventArguments) -> None:
        self._chosen = [str(one) for one in event.args["rows"]]
        self._offer()

    def _offer(self) -> None:
        """Offer what can be done now."""
        if not self._may:
            return
        self._undo_button.set_enabled(bool(self._done))
        self._remove_button.set_enabled(bool(self._chosen))
        chosen = len(self._chosen)
        self._remove_button.set_text(count("datasets.remove_rows", chosen) if chosen else say("datasets.remove"))

    async def _looked(self, event: events.GenericEventArguments) -> None:
        await row_history(self._visit, self._dataset, str(event.args["row"]))

    async def _undo(self) -> None:
        if not self._done:
            complain(say("datasets.nothing_to_undo"))
            return
        revisions = self._done[-1]

        async def undo(member: Member) -> None:
            for revision in revisions:
                await self._visit.services.dataset_rows.revert(member, self._dataset.id, revision)
            await self._look(member)

        if await self._visit.try_to(undo, done=say("datasets.undone")):
            self._done.pop()
            self._offer()

    def _remove(self) -> None:
        chosen = list(self._chosen)

        async def remove(member: Member) -> None:
            gone = await self._visit.services.dataset_rows.remove(member, self._dataset.id, chosen)
            self._done.append([one.revision for one in gone])
            self._chosen = []
            self._offer()
            await self._look(member)

        confirm(self._visit, count("datasets.remove_rows", len(chosen)), say("datasets.remove_text"), remove)

    def _add_row(self) -> None:
        async def added(member: Member, values: dict[str, Any]) -> None:
            self._keep(await self._visit.services.dataset_rows.add(member, self._dataset.id, values))
            self._cursors = [None]
            await self._look(member)

        add_row(self._visit, self._columns, self._dataset.key, added)

    def _add_column(self) -> None:
        async def added(member: Member, column: Column) -> None:
            self._columns[:] = await self._visit.services.dataset_rows.add_column(member, self._dataset.id, column)
            await self._look(member)

        add_column(self._visit, added)

    async def _go_on(self) -> None:
        self._cursors.append(self._next)
        await self._visit.try_to(self._look)

    async def _go_back(self) -> None:
        self._cursors.pop()
        await self._visit.try_to(self._look)


def text_of(value: Any) -> str:
    """Write a value as it can be typed again."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return say("values.yes") if value else say("values.no")
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return msgspec.json.encode(value).decode()
