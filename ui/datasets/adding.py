"""A row or a column more, asked for in a dialog."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from hub.datasets import Column
from hub.errors import InvalidError
from hub.members import Member
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.pieces import div
from ui.visit import Visit

TYPES = ("text", "number", "date", "boolean", "json")
RowAdded = Callable[[Member, dict[str, Any]], Awaitable[None]]
ColumnAdded = Callable[[Member, Column], Awaitable[None]]


def add_row(visit: Visit, columns: Sequence[Column], key: Sequence[str], added: RowAdded) -> None:
    """Ask for the values of a new row; those of the key are required."""
    with dialog(say("datasets.add_row")) as opened:
        fields: dict[str, ui.input] = {}
        with div("pd-stack pd-scroll"):
            for column in columns:
                label = column.name if column.name in key else say("form.optional", title=column.name)
                field = ui.input(label).props("outlined").mark(f"new {column.name}").style("width: 100%")
                field.props["data-testid"] = f"new {column.name}"
                field.props["hint"] = "" if column.type == "text" else say(f"datasets.hint_{column.type}")
                fields[column.name] = field

        async def add(member: Member) -> None:
            for field in fields.values():
                field.props["error"] = False
            values = {name: field.value for name, field in fields.items() if field.value}
            try:
                await added(member, values)
            except InvalidError as error:
                for one in error.errors:
                    if one.path in fields:
                        fields[one.path].props["error"] = True
                        fields[one.path].props["error-message"] = one.message
                raise
            opened.close()

        answer_buttons(opened, say("datasets.add_row"), visit.does(add))


def add_column(visit: Visit, added: ColumnAdded) -> None:
    """Ask what a further column is called and what it holds."""
    with dialog(say("datasets.add_column")) as opened:
        name = ui.input(say("datasets.name")).props("outlined data-testid=column-name").mark("column-name")
        name.style("width: 100%")
        kinds = {one: say(f"datasets.type_{one}") for one in TYPES}
        kind = ui.select(kinds, value="text", label=say("datasets.holds")).props("outlined").mark("column-type")
        kind.style("width: 100%")

        async def add(member: Member) -> None:
            await added(member, Column(str(name.value), str(kind.value)))
            opened.close()

        answer_buttons(opened, say("datasets.add_column"), visit.does(add))
