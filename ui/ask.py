"""Dialogs: ask before something is done, or for what it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from hub.text import say
from ui.pieces import button, div, words
from ui.visit import Act, Visit


@contextmanager
def dialog(title: str, sentence: str = "", then: str = "") -> Iterator[ui.dialog]:
    """Open a dialog with a title; what it asks stands in the block, `then` is where to go once it is closed."""
    # At the root: a dialog opened out of another one would go with it
    with ui.context.client.layout, ui.dialog() as opened, ui.card().classes("pd-stack"):
        opened.props["aria-label"] = title
        words(title, tag="h2")
        if sentence:
            words(sentence, "pd-soft", "p")
        yield opened

    def closed() -> None:
        if then:
            ui.navigate.to(then)
        opened.delete()

    opened.on("hide", closed)
    opened.open()


def confirm(visit: Visit, title: str, sentence: str, act: Act, *, done: str = "", grave: bool = True) -> None:
    """Ask before doing something that cannot simply be taken back; the title is also what the button says."""
    with dialog(title, sentence) as opened:

        async def do() -> None:
            if await visit.try_to(act, done=done):
                opened.close()

        answer_buttons(opened, title, do, kind="danger-full" if grave else "primary")


def answer_buttons(
    opened: ui.dialog, verb: str, click: Callable[[], Awaitable[None]], *, kind: str = "primary"
) -> ui.button:
    """Draw the dialog's two ways out; while a click is being answered, and once it was, another does nothing more."""
    going = asyncio.Lock()

    async def once() -> None:
        # At the root: the dialog may be gone before the click is answered, and with it the place to tell so
        if opened.value and not going.locked():
            async with going:
                with ui.context.client.layout:
                    await click()

    with div("pd-actions").style("justify-content: flex-end"):
        button(say("frame.cancel"), "dialog-cancel", opened.close, kind="quiet")
        return button(verb, "dialog-confirm", once, kind=kind)
