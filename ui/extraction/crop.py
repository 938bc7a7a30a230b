"""Cropping and turning a picture before it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from nicegui import ui

from hub.extraction.readers.options import Crop, Options
from hub.text import say
from ui.ask import dialog
from ui.extraction.document_view import DocumentView, Mark, Place
from ui.extraction.intake import Taken
from ui.pieces import bones, button, div, words
from ui.visit import Visit

Turn = Literal[0, 90, 180, 270]
TURNED: dict[Turn, Turn] = {0: 90, 90: 180, 180: 270, 270: 0}


async def crop_dialog(visit: Visit, taken: Taken, changed: Callable[[], object]) -> None:
    """Show the first page; a drawn box becomes the only part to read."""
    chosen = msgspec.structs.replace(taken.reading)
    with dialog(say("crop.title"), say("crop.text")) as opened:
        room = div("pd-crop")

        async def look() -> None:
            await _show(visit, taken, chosen, room, draw)

        async def turn() -> None:
            nonlocal chosen
            chosen = msgspec.structs.replace(chosen, rotate=TURNED[chosen.rotate], crop=None)
            await look()

        def draw(place: Place) -> None:
            nonlocal chosen
            if place.page and place.box:
                chosen = msgspec.structs.replace(chosen, crop=Crop(page=place.page, box=place.box))
                told.set_text(say("crop.only_this"))

        async def whole() -> None:
            nonlocal chosen
            chosen = msgspec.structs.replace(chosen, crop=None, rotate=0)
            told.set_text("")
            await look()

        def use() -> None:
            taken.reading = chosen
            opened.close()
            changed()

        told = words(say("crop.only_this") if chosen.crop else "", "pd-soft pd-small").props("role=status")
        with div("pd-actions").style("justify-content: flex-end"):
            button(say("crop.whole"), "crop-whole", whole, kind="quiet")
            button(say("crop.turn"), "crop-turn", turn, icon="rotate_right")
            button(say("crop.use"), "dialog-confirm", use, kind="primary")
        await look()


async def _show(visit: Visit, taken: Taken, chosen: Options, room: ui.element, draw: Callable[[Place], None]) -> None:
    """Read the page as it is turned now, and mark what was cropped."""
    room.clear()
    with room:
        bones(3)
    uncropped = msgspec.structs.replace(chosen, crop=None)
    reading = await visit.services.readings.of_file(await visit.member(), taken.file.id, uncropped)
    room.clear()
    with room:
        view = DocumentView(reading, name=taken.file.name, placed=draw, told=uncropped)
        if chosen.crop:
            title = say("crop.only_this")
            mark = Mark(field="crop", title=title, about="", tone="accent", page=chosen.crop.page, box=chosen.crop.box)
            view.show([mark])
