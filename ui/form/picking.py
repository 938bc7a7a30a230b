"""Choosing on a picture: what can be chosen stands in a list and, with the same numbers, on the picture beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from nicegui import events, ui

from connectors.sdk.describe import FieldDescription
from hub.errors import HubError
from hub.outages import GONE
from hub.recipes.pictures import PictureView
from hub.text import say
from ui.ask import dialog
from ui.pieces import button, div, words
from ui.visit import outage_sentence, sentence_of

if TYPE_CHECKING:
    from ui.form.around import Around

_SAID = ("find", "list", "boxes", "picture", "absent", "broken", "none")


async def pick(around: Around, field: FieldDescription, take: Callable[[str], None]) -> None:
    """Open the dialog; what is picked is given to `take`."""
    with dialog(say("pick.title", title=field.title)) as opened:
        opened.classes("pd-parts-dialog")
        room = div("pd-parts-room").props("data-testid=pick-room")
        with div("pd-actions").style("justify-content: flex-end"):
            button(say("frame.cancel"), "dialog-cancel", opened.close, kind="quiet")

    def taken(value: str) -> None:
        opened.close()
        take(value)

    await _Picking(around, field, room, taken).draw()


class _Picking:
    """The inside of the dialog, which has the picture drawn."""

    def __init__(self, around: Around, field: FieldDescription, room: ui.element, take: Callable[[str], None]) -> None:
        self._around = around
        self._field = field
        self._room = room
        self._take = take

    async def draw(self) -> None:
        """Ask for the picture and show it, or why there is none."""
        self._room.clear()
        with self._room:
            words(say("pick.drawing"), "pd-muted").props("role=status")
            ui.linear_progress(show_value=False).props("indeterminate rounded")
        try:
            found = await self._around.picture(self._field)
        except HubError as error:
            self._fail(sentence_of(error))
        except GONE as error:
            self._fail(outage_sentence(error))
        else:
            self._show(found)

    def _fail(self, message: str) -> None:
        if self._room.is_deleted:
            return
        self._room.clear()
        with self._room, div("pd-stack"):
            words(message, "pd-bad").props("role=alert data-testid=pick-failed")
            words(say("pick.failed"), "pd-soft", "p")
            with div("pd-actions"):
                button(say("form.again"), "pick-again", self.draw, icon="refresh")

    def _show(self, found: PictureView) -> None:
        if self._room.is_deleted:
            return
        values = {part.number: part.value for part in found.parts}

        def chosen(event: events.GenericEventArguments) -> None:
            self._take(values[int(event.args["number"])])

        self._room.clear()
        with self._room:
            words(say("pick.text"), "pd-soft", "p")
            made = ui.element("pd-parts").props("data-testid=pick-parts")
        made.on("chosen", chosen, js_handler="(e) => emit(e.detail)")
        said = {key: say(f"pick.{key}") for key in _SAID}
        said["part"] = say("pick.part", number="{number}", text="{text}")
        made.props["content"] = {
            "image": found.address,
            "width": found.width,
            "height": found.height,
            "parts": msgspec.to_builtins(found.parts),
            "say": said,
        }
