"""Dialogs: ask before something is done, or for what it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from hub.text import say
from ui.pieces import button, div, words
from ui.visit import Act, Visit


@contextmanager
def dialog(title: str, sentence: str = "") -> Iterator[ui.dialog]:
    """Open a dialog with a title; what it asks stands in the block."""
    with ui.dialog() as opened, ui.card().classes("pd-stack"):
        opened.props["aria-label"] = title
        words(title, tag="h2")
        if sentence:
            words(sentence, "pd-soft", "p")
        yield opened
    opened.on("hide", opened.delete)
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
    """Draw the dialog's two ways out."""
    with div("pd-actions").style("justify-content: flex-end"):
        button(say("frame.cancel"), "dialog-cancel", opened.close, kind="quiet")
        return button(verb, "dialog-confirm", click, kind=kind)
