"""Asking how many items go again: what goes, on which version, from where; told beforehand, then followed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from nicegui import events, ui

from hub.members import Member
from hub.runs import Preview, ReplayChoice
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.live import after_load
from ui.pieces import bones, div, note, words
from ui.visit import Visit

Chosen = events.ValueChangeEventArguments[str]
_EVERYTHING = ("dead", "delivered", "filtered", "cancelled")


def ask_replay(visit: Visit, choice: ReplayChoice, *, narrows: bool = False) -> None:
    """Open the dialog for what was chosen; `narrows` offers dead letters alone or all that has ended."""
    _Asking(visit, choice, narrows=narrows)


class _Asking:
    """One open dialog and what is chosen in it."""

    def __init__(self, visit: Visit, choice: ReplayChoice, *, narrows: bool) -> None:
        self._visit = visit
        self._choice = choice
        with dialog(say("replay.title"), say("replay.text")) as opened:
            self._opened = opened
            if narrows:
                ways = {"dead": say("replay.only_dead"), "all": say("replay.everything")}
                self._radio("replay.which", ways, "replay-which", self._which)
            ways = {"same": say("replay.same"), "newest": say("replay.newest")}
            self._radio("replay.version", ways, "replay-version", self._version)
            ways = {"stopped": say("replay.stopped"), "start": say("replay.start")}
            self._radio("replay.from", ways, "replay-from", self._from)
            self._shown = div("pd-stack")
            self._go = answer_buttons(opened, say("replay.go"), visit.does(self._start))
        self._look_again()

    def _radio(self, title: str, ways: dict[str, str], mark: str, choose: Callable[[Chosen], None]) -> None:
        with div(tag="fieldset").classes("pd-fieldset"):
            words(say(title), "pd-small pd-soft", "legend")
            ui.radio(ways, value=next(iter(ways)), on_change=choose).props("dense").mark(mark).props["data-testid"] = (
                mark
            )

    def _which(self, event: Chosen) -> None:
        states = _EVERYTHING if event.value == "all" else ("dead",)
        self._change(states=states)

    def _version(self, event: Chosen) -> None:
        self._change(newest=event.value == "newest")

    def _from(self, event: Chosen) -> None:
        self._change(from_start=event.value == "start")

    def _change(self, **changes: object) -> None:
        self._choice = msgspec.structs.replace(self._choice, **changes)
        self._look_again()

    def _look_again(self) -> None:
        self._go.disable()
        self._shown.clear()
        with self._shown:
            bones(2)
            after_load(self._visit.does(self._look))

    async def _look(self, member: Member) -> None:
        asked = self._choice
        preview = await self._visit.services.replays.preview(member, asked)
        if asked is self._choice:
            self._show(preview)

    def _show(self, preview: Preview) -> None:
        self._shown.clear()
        with self._shown:
            words(count("replay.items", preview.items), "pd-strong").props("data-testid=replay-count role=status")
            if preview.sent:
                words(count("replay.sent", preview.sent), "pd-soft pd-small")
            if preview.more:
                words(say("replay.more"), "pd-soft pd-small")
            for one in preview.passed_over:
                with note("wait", "info", count("replay.not", one.items), one.reason):
                    pass
        if preview.items:
            self._go.enable()

    async def _start(self, member: Member) -> None:
        made = await self._visit.services.replays.start(member, self._choice)
        self._opened.close()
        ui.navigate.to(f"/replays/{made.id}")
