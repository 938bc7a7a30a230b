"""The panel beside the canvas: the settings of the chosen step, or what there is to know about the whole recipe."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from connectors.sdk.registry import find_trigger
from hub.connections import ConnectionSummary
from hub.errors import HubError, InvalidError
from hub.members import Member
from hub.recipes import BUILT_INS, RecipeDocument, parse
from hub.recipes.document import Group, Step, StickyNote
from hub.text import count, say
from ui.canvas.draft import Draft
from ui.canvas.graph import Picture, problems_of
from ui.canvas.surroundings import Surroundings, around_of
from ui.pieces import button, div, note, symbol, words
from ui.recipes.lookahead import Bench
from ui.recipes.parts import part_of
from ui.recipes.step_form import StepForm
from ui.recipes.steps import TRIGGER, Patch, patch_of, trigger_patch
from ui.recipes.whole_form import ask_for_settings
from ui.redraw import emptied
from ui.visit import complain, sentence_of

# Its form compares the names of its cases with those it began with
RENAMES = "branch"


class Acts(msgspec.Struct, frozen=True, kw_only=True):
    """What the panel's buttons do."""

    take_out: Callable[[Sequence[str]], Awaitable[None]]
    switch: Callable[[Sequence[str]], Awaitable[None]]
    duplicate: Callable[[Sequence[str]], Awaitable[None]]
    trigger: Callable[[], Awaitable[None]]
    around: Surroundings
    checked: Callable[[], None]
    turned: Callable[[], AbstractAsyncContextManager[None]]


class Panel:
    """Shows what is chosen; what was filled in is taken over when something else is chosen."""

    def __init__(self, draft: Draft, box: Element, acts: Acts, *, editable: bool) -> None:
        self._draft = draft
        self._box = box
        self._acts = acts
        self._editable = editable
        self._form: StepForm | None = None
        self._filled: dict[str, Any] = {}
        self._checked: dict[str, Any] = {}
        self._told = draft.document
        self._connections: Sequence[ConnectionSummary] = ()
        self._said: Element | None = None
        self._heading: TextElement | None = None
        self._found: Sequence[str] | None = None
        self.chosen: list[str] = []
        # What else belongs to a chosen step, drawn above its settings; names no step when none is chosen
        self.also: list[Callable[[str], object]] = []
        self.hint = "canvas.select_text"
        self.bench: Bench | None = None

    def show(self, chosen: Sequence[str], connections: Sequence[ConnectionSummary]) -> None:
        """Draw the panel for these steps."""
        self._told = self._draft.document
        known = {step.id: step for step in self._draft.document.spec.steps}
        around = {one: around_of(self._draft.document, one) for one in chosen}
        self.chosen = [one for one in chosen if one in known or one == TRIGGER or around[one] is not None]
        self._form, self._found, self._said, self._heading, self._connections = None, None, None, None, connections
        with emptied(self._box):
            if not self.chosen:
                self._whole()
            elif len(self.chosen) > 1:
                self._several([known[one] for one in self.chosen if one in known])
            elif found := around[self.chosen[0]]:
                self._around(self.chosen[0], found)
            else:
                self._one(self.chosen[0], known)

    def follow(self, chosen: Sequence[str]) -> None:
        """Show these steps after a change; a form that says what it said stays, somebody may be typing in it."""
        if self._form is None or list(chosen) != self.chosen or self._told.spec != self._draft.document.spec:
            self.show(chosen, self._connections)
        else:
            self._tell()

    def preview(self, drawn: Picture) -> Picture:
        """Return a drawing with the problems of what is being filled in instead of those that were saved."""
        if self._found is None or not self.chosen:
            return drawn
        boxes = [
            msgspec.structs.replace(one, problems=self._found) if one.id == self.chosen[0] else one
            for one in drawn.boxes
        ]
        return msgspec.structs.replace(drawn, boxes=boxes)

    async def check(self, member: Member) -> None:
        """Look at what is being filled in, and say at its step and here what is wrong with it."""
        form = self._form
        if form is None or not self._editable:
            return
        try:
            filled = form.filled()
            if filled == self._checked:
                return
            self._checked = filled
            document = parse(form.written(self._draft.document))
            problems = await self._draft.look(member, document)
            found = problems_of(document, problems).get(self.chosen[0], [])
        except InvalidError as error:
            found = [sentence_of(error)]
        if form is self._form and found != self._found:
            self._found = found
            self._say(found)
            self._acts.checked()

    def _say(self, problems: Sequence[str]) -> None:
        if self._said is None:
            return
        self._said.clear()
        with self._said:
            for message in problems:
                with note("bad", "error", message):
                    pass

    def _around(self, chosen: str, found: StickyNote | Group) -> None:
        with div("pd-stack").classes("" if self._editable else "pd-read-only") as fields:
            if isinstance(found, StickyNote):
                self._acts.around.draw_note(chosen, found)
            else:
                self._acts.around.draw_group(chosen, found)
        if not self._editable:
            fields.props("inert")

    async def settle(self) -> bool:
        """Take over what was filled in; returns whether all of it could be read."""
        if self._form is None or not self._editable:
            return True
        try:
            filled = self._form.filled()
            if filled != self._filled and self._still_there():
                document = parse(self._form.written(self._draft.document))
                self._filled = filled
                await self._draft.change(document)
                self._told = document
        except HubError as error:
            complain(sentence_of(error))
            return False
        return True

    async def _save(self) -> None:
        """Take over what was filled in and say what is wrong with it now; the form stays, somebody may be typing on."""
        async with self._acts.turned():
            if await self.settle():
                self._tell()

    def _tell(self) -> None:
        step = next((one for one in self._draft.document.spec.steps if one.id in self.chosen), None)
        if self._heading is None or (step and step.uses == RENAMES):
            self.show(self.chosen, self._connections)
            return
        self._found = None
        self._heading.text = (patch_of(step) if step else trigger_patch(self._draft.document)).title
        self._say(problems_of(self._draft.document, self._draft.problems).get(self.chosen[0], []))

    def _still_there(self) -> bool:
        known = {step.id for step in self._draft.document.spec.steps}
        return bool(self.chosen) and self.chosen[0] in known | {TRIGGER}

    def _whole(self) -> None:
        words(say("canvas.whole"), tag="h2")
        if self._draft.begun:
            self._problems()
            words(say("canvas.select"), "pd-strong")
            words(say(self.hint), "pd-soft")
        else:
            with note("run", "add_circle", say("canvas.begin"), say("canvas.begin_text")):
                pass
            words(say(self.hint), "pd-soft")
        if self._editable:
            with div("pd-actions"):
                button(say("whole.title"), "recipe-settings", self._ask_settings, icon="settings")
        for draw in self.also:
            draw("")

    def _problems(self) -> None:
        for message in problems_of(self._draft.document, self._draft.problems).get("", []):
            with note("bad", "error", message):
                pass
        if not self._draft.problems:
            with note("ok", "check_circle", say("editor.sound"), say("editor.sound_text")):
                pass
        else:
            words(count("editor.problems", len(self._draft.problems)), "pd-bad pd-strong")

    def _ask_settings(self) -> None:
        ask_for_settings(lambda: self._draft.document, self._keep_settings)

    async def _keep_settings(self, document: RecipeDocument) -> None:
        async with self._acts.turned():
            await self._draft.change(document)

    def _several(self, steps: Sequence[Step]) -> None:
        words(count("canvas.chosen", len(steps)), tag="h2")
        words(say("canvas.chosen_text"), "pd-soft")
        if self._editable and steps:
            with div("pd-actions"):
                self._buttons(steps)

    def _one(self, chosen: str, known: Mapping[str, Step]) -> None:
        document = self._draft.document
        step = known.get(chosen)
        patch = patch_of(step) if step else trigger_patch(document)
        uses = step.uses if step else document.spec.trigger.uses
        self._head(patch, uses)
        for draw in self.also:
            draw(chosen)
        self._said = div("pd-stack").props("data-testid=panel-problems aria-live=polite")
        self._say(problems_of(document, self._draft.problems).get(chosen, []))
        form = StepForm(document, chosen, self._connections, self.bench if self._editable else None)
        with div("pd-stack").classes("" if self._editable else "pd-read-only") as fields:
            form.draw()
        if not self._editable:
            fields.props("inert")
            return
        self._form, self._filled = form, form.filled()
        self._checked = self._filled
        with div("pd-actions"):
            button(say("step.save"), "panel-save", self._save, kind="primary")
            if step:
                self._buttons([step])
            else:
                button(say("canvas.trigger"), "panel-trigger", self._acts.trigger, icon="bolt")

    def _head(self, patch: Patch, uses: str) -> None:
        with div("pd-line").style("flex-wrap: nowrap; align-items: flex-start"):
            symbol(patch.icon, patch.tone)
            with div("pd-grow"):
                self._heading = words(patch.title, tag="h2").props("data-testid=panel-title")
                self._heading.style("overflow-wrap: anywhere").props["data-step"] = patch.id
                words(_about(uses) if patch.id != TRIGGER else _about_trigger(uses), "pd-muted pd-small")

    def _buttons(self, steps: Sequence[Step]) -> None:
        chosen = [step.id for step in steps]
        off = all(step.disabled for step in steps)
        label = say("canvas.switch_on" if off else "canvas.switch_off")
        button(label, "panel-switch", lambda: self._acts.switch(chosen))
        button(say("canvas.duplicate_button"), "panel-duplicate", lambda: self._acts.duplicate(chosen))
        button(say("canvas.remove_button"), "panel-remove", lambda: self._acts.take_out(chosen), kind="danger")


def _about(uses: str) -> str:
    built_in, part = BUILT_INS.get(uses), part_of(uses)
    return built_in.text if built_in else part.text if part else uses


def _about_trigger(uses: str) -> str:
    part = find_trigger(uses)
    return part.text.partition("\n")[0] if part else uses


def ask_for_title(document: RecipeDocument, step: str) -> ui.input:
    """Draw the field for a step's title, filled with the one it has."""
    titles = {one.id: one.title for one in document.spec.steps} | {TRIGGER: document.spec.trigger.title}
    asked = ui.input(say("step.title"), value=titles.get(step, "")).props("outlined autofocus data-testid=new-title")
    return asked.mark("new-title").style("width: 100%")
