"""Choosing what a draft is tried with: the last items, kept samples, one that is given, read or listened for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from connectors.sdk import TriggerKind
from connectors.sdk.registry import find_trigger
from hub.ids import parse
from hub.members import Member, Verb
from hub.runs.trying import Sample
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.pieces import ago, button, div, pill, round_button, words
from ui.recipes.sample import SAMPLES
from ui.trying.listening import listen
from ui.trying.pinning import json_field, read_json
from ui.visit import Visit, tell

Chosen = Callable[[Member, str], Awaitable[None]]


class Chooser:
    """A dialog with the samples of a recipe; `chosen` is called with the id of the one that is taken."""

    def __init__(self, visit: Visit, recipe: UUID, uses: str, chosen: Chosen) -> None:
        self._visit = visit
        self._recipe = recipe
        self._uses = uses
        self._chosen = chosen

    async def ask(self, member: Member, current: str | None) -> None:
        """Open the dialog."""
        found = await self._visit.services.tries.samples(member, self._recipe)
        with dialog(say("try.choose"), say("try.choose_text")) as self._opened:
            self._box = div("pd-stack pd-tight").style("width: 100%; max-height: 46vh; overflow: auto")
            self._draw(found, current)
            with div("pd-actions"):
                self.draw_ways()
                button(say("frame.close"), "close-samples", self._opened.close, kind="quiet")

    def draw_ways(self) -> None:
        """Draw how another sample can be had."""
        if not self._visit.may(Verb.PLAN):
            return
        part = find_trigger(self._uses)
        kind = part.kind if part else None
        if kind in (TriggerKind.WEBHOOK, TriggerKind.POLL):
            button(say("try.listen"), "try-listen", self._listen, icon="hearing")
        if kind in (TriggerKind.POLL, TriggerKind.CALENDAR):
            button(say("try.read"), "try-read", self._visit.does(self._read), icon="download")
        button(say("try.give"), "try-give", self._give, icon="edit_note")

    def _draw(self, found: Sequence[Sample], current: str | None) -> None:
        self._box.clear()
        with self._box:
            if not found:
                words(say("try.no_sample"), "pd-muted")
            for one in found:
                with div("pd-line").style("flex-wrap: nowrap; width: 100%").mark(f"sample {one.id}"):
                    pill(say(f"try.{one.origin}"))
                    with div("pd-grow").style("min-width: 0"):
                        words(one.title or one.id, "pd-clip pd-strong" if one.id == current else "pd-clip")
                        words(_about(one), "pd-muted pd-small")
                    if one.origin == "test" and self._visit.may(Verb.PLAN):
                        round_button("delete", say("try.forget"), f"forget {one.id}", self._forgets(one.id, current))
                    taking = button(say("try.use"), f"use {one.id}", self._uses_it(one.id))
                    taking.style("flex: none; white-space: nowrap")

    def _uses_it(self, item: str) -> Callable[..., Awaitable[None]]:
        async def use(member: Member) -> None:
            self._opened.close()
            await self._chosen(member, item)

        return self._visit.does(use)

    def _forgets(self, item: str, current: str | None) -> Callable[..., Awaitable[None]]:
        async def forget(member: Member) -> None:
            await self._visit.services.tries.forget(member, self._recipe, parse("itm", item))
            self._draw(await self._visit.services.tries.samples(member, self._recipe), current)

        return self._visit.does(forget, done=say("try.forgotten"))

    async def _listen(self) -> None:
        self._close()
        await listen(self._visit, self._recipe, self._chosen)

    async def _read(self, member: Member) -> None:
        found = await self._visit.services.listenings.read(member, self._recipe)
        self._close()
        await self._chosen(member, found[0].id)

    def _give(self) -> None:
        self._close()
        text = msgspec.json.format(msgspec.json.encode(SAMPLES.get(self._uses, {})), indent=2).decode()
        with dialog(say("try.give"), say("try.give_text", trigger=self._uses)) as opened:
            written = json_field(say("sample.json"), text, "given-sample")

            async def keep(member: Member) -> None:
                content = read_json(str(written.value or ""))
                made = await self._visit.services.tries.keep(member, self._recipe, content, say("try.given"))
                opened.close()
                tell(say("try.kept"))
                await self._chosen(member, made.id)

            answer_buttons(opened, say("try.use"), self._visit.does(keep))

    def _close(self) -> None:
        if hasattr(self, "_opened"):
            self._opened.close()


def _about(sample: Sample) -> str:
    """Tell when a sample came, on which version, and what became of one that came in for good."""
    told = [ago(sample.accepted_at), say("recipe.version", number=sample.version)]
    return " · ".join([*told, *([say(f"state.{sample.state}")] if sample.origin == "live" else [])])
