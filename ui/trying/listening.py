"""Listening for one event in view: the address to send to, how long there is left, and a way to stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from nicegui import ui

from hub.errors import HubError
from hub.ids import parse
from hub.members import Member
from hub.outages import GONE
from hub.runs.trying import Listening
from hub.text import count, say
from ui.ask import dialog
from ui.live import look_every
from ui.pieces import button, copy_button, div, note, words
from ui.visit import Visit, outage_sentence, tell

LOOK_EVERY = 1.0
LONGEST = 600.0


async def listen(visit: Visit, recipe: UUID, heard: Callable[[Member, str], Awaitable[None]]) -> None:
    """Open a dialog that waits for one event; `heard` is called with the sample it became."""

    async def begin(member: Member) -> None:
        listening = await visit.services.listenings.begin(member, recipe)
        view = await visit.services.recipes.show(member, recipe)
        _Waiting(visit, recipe, heard).draw(listening, view.test_hook_url or "")

    await visit.try_to(begin)


class _Waiting:
    """One dialog that waits."""

    def __init__(self, visit: Visit, recipe: UUID, heard: Callable[[Member, str], Awaitable[None]]) -> None:
        self._visit = visit
        self._recipe = recipe
        self._heard = heard

    def draw(self, listening: Listening, address: str) -> None:
        """Draw how it stands and look again until it is over."""
        self._id = parse("lsn", listening.id)
        sentence = "try.listen_hook" if listening.test_path else "try.listen_poll"
        with dialog(say("try.listen"), say(sentence)) as self._opened:
            if listening.test_path:
                with div("pd-line").style("flex-wrap: nowrap"):
                    words(address, "pd-mono pd-grow").mark("test-hook-url").props("data-testid=test-hook-url")
                    copy_button(address, "copy-test-hook")
            self._bar = ui.linear_progress(value=1.0, show_value=False).props(
                "rounded instant-feedback aria-hidden=true"
            )
            self._said = words("", "pd-muted pd-small").props("role=status data-testid=listening")
            self._over = div()
            with div("pd-actions").style("justify-content: flex-end"):
                button(say("frame.cancel"), "stop-listening", self._stop)
            self._timer = look_every(LOOK_EVERY, self._look)
        self._opened.on("hide", self._leave)
        self._say(listening)

    async def _look(self) -> None:
        try:
            member = await self._visit.member()
            listening = await self._visit.services.listenings.show(member, self._recipe, self._id)
        except HubError as error:
            self._end(error.message)
            return
        except GONE as error:
            self._said.text = outage_sentence(error)
            return
        self._say(listening)
        if listening.state == "heard" and listening.item is not None:
            self._timer.deactivate()
            self._opened.close()
            tell(say("try.event_kept"))
            await self._heard(member, listening.item)
        elif listening.state != "listening":
            self._end(listening.message or say("try.listen_over"))

    def _say(self, listening: Listening) -> None:
        left = max(0, int((listening.until - datetime.now(UTC)).total_seconds()))
        time = say("try.seconds_left", minutes=left // 60, seconds=f"{left % 60:02d}")
        looks = [count("try.looks", listening.looks)] if listening.kind == "poll" and listening.looks else []
        self._said.text = " ".join([f"{say('try.listening')}, {time}.", *looks, listening.message])
        self._bar.value = min(1.0, left / LONGEST)

    def _end(self, reason: str) -> None:
        self._timer.deactivate()
        self._said.text = ""
        self._over.clear()
        with self._over, note("wait", "hearing_disabled", reason):
            pass

    def _stop(self) -> None:
        self._opened.close()

    async def _leave(self) -> None:
        """Stop listening once the dialog is closed; what was heard or is over stays as it is."""
        self._timer.deactivate()

        async def cancel(member: Member) -> None:
            await self._visit.services.listenings.cancel(member, self._recipe, self._id)

        await self._visit.try_to(cancel)
