"""Parts of a page that may fail on their own: the error stands in the part's place, with a way to try again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hub.errors import HubError
from hub.members import Member
from hub.outages import GONE
from hub.text import say
from ui.pieces import button, div, note
from ui.visit import Visit, outage_sentence, sentence_of

FAILED: tuple[type[Exception], ...] = (HubError, *GONE)


async def panel(
    visit: Visit, draw: Callable[[Member], Awaitable[None]], mark: str = "panel", classes: str = ""
) -> None:
    """Draw a part of a page; when what it asks for cannot be had, the rest of the page stands all the same."""
    box = div(classes)

    async def again() -> None:
        box.clear()
        with box:
            try:
                await draw(await visit.member())
            except FAILED as error:
                box.clear()
                sentence = sentence_of(error) if isinstance(error, HubError) else outage_sentence(error)
                with note("bad", "error", say("panel.failed"), sentence):
                    button(say("panel.again"), f"again {mark}", again, icon="refresh")

    await again()
