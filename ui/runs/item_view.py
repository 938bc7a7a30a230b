"""One item with everything that happened to it: its way through the steps, and what went in and out of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from nicegui import ui

from hub.errors import HubError
from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import RecipeDocument, from_plain
from hub.runs import Attempt, ItemDetail, Replay
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.live import Live, after_load
from ui.pieces import bones, button, card, div, duration, link_button, moment, note, pill, state, words
from ui.recipes.steps import TRIGGER, Mark, flow, patch_of
from ui.runs.arrived import files, receipts
from ui.runs.deliveries import delivery_rows
from ui.runs.evidence import evidence, source_of
from ui.runs.log import log, sums
from ui.runs.naming import failure_title
from ui.values import value_box
from ui.visit import Visit, tell

ENDED = frozenset({"dead", "delivered", "filtered", "cancelled"})
WAITING_STATES = frozenset({"waiting", "running", "waiting_until", "waiting_for"})


class ItemView:
    """An item that is looked at: the steps on one side, the chosen step on the other; follows the item as it goes."""

    def __init__(self, visit: Visit, item: str, document: RecipeDocument | None, *, planned: bool = False) -> None:
        self._visit = visit
        self._item = parse("itm", item)
        self._document = document
        self._planned = planned
        self._chosen: str | None = None
        self._detail: ItemDetail | None = None

    async def draw(self) -> None:
        """Draw the item and follow it."""
        live = Live(self._look, self._show, busy=lambda detail: detail.item.state not in ENDED, rings=self._visit.rings)
        await live.start()

    async def _look(self) -> ItemDetail:
        return await self._visit.services.history.item(await self._visit.member(), self._item)

    def _show(self, detail: ItemDetail) -> None:
        self._detail = detail
        with div("pd-stack"):
            self._head(detail)
            with div("pd-two-even"):
                self._flow = div()
                self._panel = div("pd-stack")
        self._choose(self._chosen or _first_look(detail))

    def _head(self, detail: ItemDetail) -> None:
        item = detail.item
        with div("pd-line"):
            state("planned" if self._planned and item.state == "delivered" else item.state)
            words(item.title or item.id, "pd-strong", "span")
            moment(item.accepted_at)
            if item.subject:
                pill(item.subject)
            sums(detail.attempts, tries=False)
        if item.closed_as:
            words(say(f"dead.was_{item.closed_as}", reason=item.closed_reason), "pd-soft")
        receipts(detail)
        if item.reason:
            tone = "bad" if item.state == "dead" else "wait"
            title = say("item.stopped_at", step=self._title(item.step)) if item.step else say(f"state.{item.state}")
            with note(tone, "error" if item.state == "dead" else "info", title, item.reason):
                if item.state in ENDED and self._may_replay():
                    button(say("item.replay"), "replay-item", lambda: self._ask_replay(item.step), icon="replay")

    def _may_replay(self) -> bool:
        return self._visit.may(Verb.RUN) and not self._planned

    def _choose(self, step: str) -> None:
        """Show a step's details; `step` may be the trigger."""
        self._chosen = step
        detail = self._detail
        if detail is None:
            return
        for box in (self._flow, self._panel):
            box.clear()
        with self._flow:
            if self._document is not None:
                flow(self._document, _marks(detail, step), self._choose)
            else:
                _plain_steps(detail, self._choose)
        with self._panel:
            self._step(detail, step)

    def _step(self, detail: ItemDetail, step: str) -> None:
        if step == TRIGGER:
            with card(say("item.arrived")):
                files(detail.content)
                value_box(detail.content, "content")
            return
        attempts = [one for one in detail.attempts if one.step == step]
        deliveries = [one for one in detail.deliveries if one.step == step]
        with card() as body:
            with div("pd-spread"):
                words(self._title(step), tag="h2")
                if detail.item.state in ENDED and self._may_replay():
                    button(say("item.replay_here"), f"replay-{step}", lambda: self._ask_replay(step), icon="replay")
            if not attempts:
                words(say("item.not_reached"), "pd-muted")
            else:
                if len(attempts) > 1:
                    sums(attempts)
                self._attempts(attempts)
                failed = any(one.state == "failed" for one in attempts)
                with ui.expansion(say("item.log"), icon="receipt_long", value=failed).props("dense") as shown:
                    log(detail.item, step, attempts, deliveries)
                shown.style("width: 100%").mark("log-of-step").props["data-testid"] = "log-of-step"
        if deliveries:
            with card(say("item.writes"), pad=False):
                delivery_rows(deliveries)
        body.mark(f"panel-{step}")

    def _title(self, step: str) -> str:
        known = {one.id: patch_of(one).title for one in self._document.spec.steps} if self._document else {}
        return known.get(step, step)

    def _attempts(self, attempts: Sequence[Attempt]) -> None:
        """Show the last try; others can be chosen when there are several."""
        box = div("pd-stack")

        def show(number: int) -> None:
            box.clear()
            with box:
                self._attempt(attempts[number])

        if len(attempts) > 1:
            names = {number: _try_name(one) for number, one in enumerate(attempts)}
            picked = ui.select(
                names, value=len(attempts) - 1, label=say("item.tries"), on_change=lambda e: show(e.value)
            )
            picked.props("outlined dense").mark("tries")
            box.move(target_index=-1)
        show(len(attempts) - 1)

    def _attempt(self, attempt: Attempt) -> None:
        with div("pd-line"):
            state("later" if attempt.state == "unknown" else attempt.state)
            words(duration(attempt.took_ms), "pd-soft pd-number", "span")
            words(count("item.try", attempt.attempt), "pd-muted pd-small", "span")
        if attempt.message:
            with note("bad", "error", failure_title(attempt.error_kind), attempt.message):
                pass
        extraction = _extraction_of(attempt.output)
        if extraction:
            self._evidence(extraction)
        words(say("item.output"), tag="h3")
        value_box(_without_extraction(attempt.output), "output")
        if attempt.input is not None:
            with ui.expansion(say("item.input"), icon="login").props("dense data-testid=input") as shown:
                shown.style("width: 100%").mark("input")
                value_box(attempt.input, "input")

    def _evidence(self, extraction: str) -> None:
        """Fetch the extraction that a step made and show where its values come from."""
        words(say("item.evidence"), tag="h3")
        box = div()

        async def fetch(member: Member) -> None:
            found = await self._visit.services.extractions.find(member, extraction)
            source = await source_of(self._visit, found)
            box.clear()
            with box:
                evidence(found, source)
                link_button(say("item.look"), f"/extractions/{found.id}", "to-extraction", icon="document_scanner")

        with box:
            bones(3)
            after_load(self._visit.does(fetch))

    def _ask_replay(self, step: str | None) -> None:
        detail = self._detail
        if detail is None:
            return
        sent = [one for one in detail.deliveries if one.state in {"sent", "unknown"}]
        with dialog(say("item.replay"), say("item.replay_text", step=step or say("item.beginning"))) as opened:
            ways = {"same": say("item.same", number=detail.item.version), "newest": say("item.newest")}
            way = ui.radio(ways, value="same").mark("replay-version")
            again = None
            if sent:
                with note("wait", "warning", count("item.sent", len(sent)), say("item.sent_text")):
                    pass
                again = ui.checkbox(say("item.again")).mark("replay-again")

            async def replay(member: Member) -> None:
                wish = Replay(step=step, newest=way.value == "newest", again=bool(again and again.value))
                await self._visit.services.runs.replay(member, self._item, wish)
                opened.close()
                tell(say("item.replayed"))

            answer_buttons(opened, say("item.replay"), self._visit.does(replay))


async def document_of(visit: Visit, recipe: str, version: int) -> RecipeDocument | None:
    """Return the version of a recipe that an item runs on, None when it is gone."""
    services, member = visit.services, visit.opened_by
    try:
        if version:
            plain = (await services.recipe_versions.show(member, recipe, version)).document
        else:
            plain = (await services.recipes.show(member, recipe)).document
        return from_plain(plain) if plain else None
    except HubError:
        return None


def _first_look(detail: ItemDetail) -> str:
    """Return the step to show first: where it stopped, else the last that did something."""
    if detail.item.state == "dead" and detail.item.step:
        return detail.item.step
    done = [one.step for one in detail.attempts if one.state != "skipped"]
    return done[-1] if done else TRIGGER


def _marks(detail: ItemDetail, chosen: str) -> dict[str, Mark]:
    marks = {TRIGGER: Mark(state="done", chosen=chosen == TRIGGER)}
    ordered = sorted(detail.attempts, key=lambda one: one.step)
    for step, found in groupby(ordered, key=lambda one: one.step):
        attempts = list(found)
        took = sum(one.took_ms for one in attempts)
        marks[step] = Mark(state=_fared(attempts, detail), text=duration(took), chosen=chosen == step)
    item = detail.item
    if item.step and item.state in WAITING_STATES:
        marks[item.step] = Mark(state=item.state, chosen=chosen == item.step)
    if chosen not in marks:
        marks[chosen] = Mark(chosen=True)
    return marks


def _fared(attempts: Sequence[Attempt], detail: ItemDetail) -> str:
    last = max(attempts, key=lambda one: (one.started_at, one.attempt)).state
    if detail.item.state == "filtered" and detail.item.step == attempts[0].step:
        return "filtered"
    writes = {one.state for one in detail.deliveries if one.step == attempts[0].step}
    if last == "unknown":
        return "later"
    return "unknown" if "unknown" in writes else "planned" if writes == {"planned"} else last


def _plain_steps(detail: ItemDetail, choose: Any) -> None:
    """List the steps that ran, where the recipe itself is gone."""
    with div("pd-stack"):
        for step in [TRIGGER, *dict.fromkeys(one.step for one in detail.attempts)]:
            button(step, f"step-{step}", lambda *_, step=step: choose(step))


def _try_name(attempt: Attempt) -> str:
    place = f"{attempt.path} · " if attempt.path else ""
    return f"{place}{count('item.try', attempt.attempt)} · {say(f'state.{attempt.state}')}"


def _extraction_of(output: Any) -> str:
    about = output.get("extraction") if isinstance(output, Mapping) else None
    identity = about.get("id") if isinstance(about, Mapping) else None
    return identity if isinstance(identity, str) else ""


def _without_extraction(output: Any) -> Any:
    if _extraction_of(output):
        return {name: value for name, value in output.items() if name != "extraction"}
    return output
