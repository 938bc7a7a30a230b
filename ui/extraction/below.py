"""What stands below the form of an extraction: what was learnt, corrections with undo, how it was made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui
from nicegui.element import Element

from hub.errors import HubError
from hub.extraction.learning.kept import Correction
from hub.members import Member, Verb
from hub.text import count, say
from ui.extraction.view import ExtractionView
from ui.live import after_load
from ui.pieces import button, card, div, duration, link_button, moment, note, words
from ui.values import brief, value_box
from ui.visit import Visit, tell


class Below:
    """Follows an extraction: every change may teach a layout and has its line in the history."""

    def __init__(self, visit: Visit, view: ExtractionView, *, is_preview: bool) -> None:
        self._visit = visit
        self._is_preview = is_preview
        self._view = view
        self._people: dict[str, str] = {}

    def draw(self, above: Element) -> None:
        """Draw what follows the form, and above it what people should know first."""
        if self._is_preview:
            with above:
                self._preview()
        with above:
            self._learnt = div("pd-stack")
        self._history = div()
        _made(self._visit, self._view)
        self._followed = div()
        self._view.changed.append(self._soon)

    def _preview(self) -> None:
        """Say that it will be forgotten, and offer to keep it."""

        async def save(member: Member) -> None:
            await self._visit.services.extractions.save(member, self._view.found.id)
            ui.navigate.to(f"/extractions/{self._view.found.id}")

        with note("wait", "hourglass_top", say("extraction.preview"), say("extraction.preview_text")):
            if self._visit.may(Verb.EXTRACT):
                button(say("extraction.keep"), "keep-preview", self._visit.does(save), kind="primary")

    def _soon(self) -> None:
        """Follow at a place of our own: the field that was clicked may be drawn anew meanwhile."""
        with self._followed:
            after_load(self._follow)

    async def _follow(self) -> None:
        try:
            await self._show_learnt()
            await self._show_history()
        except HubError:
            return

    async def _show_learnt(self) -> None:
        """Say what is known of the document's layout, and since when this document is read by it."""
        found = self._view.found
        if not found.layout:
            self._learnt.clear()
            return
        layout = await self._visit.services.layouts.find(await self._visit.member(), found.layout)
        self._learnt.clear()
        learnt = [path for path, one in self._view.fields.items() if one.engine == "learnt"]
        taught = [path for path, one in self._view.fields.items() if one.engine == "person" and one.evidence]
        with self._learnt:
            if learnt:
                title = count("learnt.used", len(learnt))
                text = count("learnt.used_text", layout.samples, fields=self._titles(learnt))
            elif taught:
                title, text = say("learnt.taught"), say("learnt.taught_text", fields=self._titles(taught))
            else:
                title, text = say("learnt.confirmed"), say("learnt.confirmed_text")
            with note("plum", "school", title, text):
                link_button(say("learnt.look"), f"/quality?tab=layouts#{layout.id}", "to-layout")

    def _titles(self, paths: Sequence[str]) -> str:
        names = list(dict.fromkeys(self._view.names.short(path) for path in paths))
        return ", ".join(names[:4]) + ("…" if len(names) > 4 else "")

    async def _show_history(self) -> None:
        corrections = self._visit.services.corrections
        found = await corrections.history(await self._visit.member(), self._view.found.id)
        if found and not self._people:
            people = await self._visit.services.memberships.list(self._visit.opened_by)
            self._people = {one.id: one.name or one.email for one in people}
        self._history.clear()
        if found:
            with self._history, card(say("extraction.history"), pad=False) as body:
                body.mark("corrections")
                for one in found:
                    self._correction(one)

    def _correction(self, one: Correction) -> None:
        with div("pd-row pd-cols-pair"):
            with div("pd-grow"):
                with div("pd-line"):
                    words(self._view.names.title(one.path), "pd-strong", "span")
                    words(brief(one.before, 80), "pd-old", "span")
                    words("→", "pd-muted", "span").props("aria-hidden=true")
                    words(brief(one.after, 80), "pd-new", "span")
                with div("pd-line pd-small pd-muted"):
                    words(self._people.get(one.member or "", say("extraction.somebody")), tag="span")
                    moment(one.at)
                    if one.label:
                        words(say("extraction.beside", relation=one.relation, label=one.label), tag="span")
                if one.note:
                    words(one.note, "pd-small pd-soft")
            if one.undone_at:
                words(say("extraction.undone"), "pd-muted pd-small", "span")
            elif self._visit.may(Verb.REVIEW):
                button(say("extraction.undo"), f"undo {one.path}", self._undoes(one), kind="quiet", icon="undo")

    def _undoes(self, one: Correction) -> Callable[..., Awaitable[None]]:
        async def undo(member: Member) -> None:
            made = await self._visit.services.corrections.undo(member, self._view.found.id, one.id)
            await self._view.take(made)
            tell(say("extraction.undo_done"))

        return self._visit.does(undo)


def _made(visit: Visit, view: ExtractionView) -> None:
    """Say what the extraction took, and fetch the model's own words when they are asked for."""
    found = view.found
    folded = ui.expansion(say("extraction.how"), icon="info").props("dense").style("width: 100%").mark("how")
    with folded, div("pd-stack").style("padding: 6px 0 12px"):
        read, took = duration(found.timing_ms.read), duration(found.timing_ms.extract)
        words(say("extraction.took", read=read, extract=took), "pd-soft")
        usage = found.usage
        if usage.model:
            tokens, cost = f"{usage.input_tokens + usage.output_tokens:,}", f"{usage.cost_usd:.4f}"
            words(say("extraction.asked", model=usage.model, tokens=tokens, cost=cost), "pd-soft")
            _answer(visit, view)
        else:
            words(say("extraction.no_model"), "pd-soft")
        value_box(found.record if len(found.records) < 2 else found.records, "record")


def _answer(visit: Visit, view: ExtractionView) -> None:
    box = div()

    async def fetch(member: Member) -> None:
        answer = await visit.services.extractions.answer(member, view.found.id)
        box.clear()
        with box:
            words(answer or say("extraction.no_answer"), "pd-pre", "pre")

    button(say("extraction.raw"), "raw-answer", visit.does(fetch), icon="forum")
