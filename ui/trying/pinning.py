"""Pinning outputs: a dialog in which one is written as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from nicegui import ui

from hub.errors import InvalidError
from hub.members import Member
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.visit import Visit, tell


def ask_for_pin(visit: Visit, recipe: UUID, step: str, value: Any, then: Callable[[Member], Awaitable[None]]) -> None:
    """Let somebody write down what a step is to give while people try."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    with dialog(say("try.pin_title", step=step), say("try.pin_text")) as opened:
        written = json_field(say("try.pin_json"), text, "pin-json")

        async def keep(member: Member) -> None:
            await visit.services.pins.put(member, recipe, step, read_json(str(written.value or "")))
            opened.close()
            tell(say("try.pinned_done"))
            await then(member)

        answer_buttons(opened, say("try.keep_pin"), visit.does(keep))


def json_field(label: str, text: str, mark: str) -> ui.textarea:
    """Draw a field for JSON."""
    field = ui.textarea(value=text, label=label).props(
        "outlined autogrow input-class='pd-mono' input-style='max-height: 50vh'"
    )
    field.props["data-testid"] = mark
    return field.mark(mark).style("width: 100%")


def read_json(text: str) -> Any:
    """Read what was written in the field."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidError(say("sample.bad_json", reason=str(error))) from error
