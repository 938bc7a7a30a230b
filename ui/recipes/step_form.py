"""One step, or the trigger, as a form instead of text: what it is called, its connection, its settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from connectors.sdk.describe import describe
from hub.connections import ConnectionSummary
from hub.errors import HubError, Problem
from hub.recipes import BUILT_INS, RecipeDocument, export, from_plain, to_plain
from hub.recipes.rewiring import Wiring
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.form import Around, Form
from ui.pieces import button, div, words
from ui.recipes.comparison import NEW
from ui.recipes.condition_form import draw_cases, draw_condition, draw_yaml
from ui.recipes.failing import Failing
from ui.recipes.lookahead import Bench, Lookahead, at_step
from ui.recipes.parts import Part, connection_of, part_of
from ui.recipes.repeat import EACH, ONCE, ROWS, Repeat, Ways, turned, way_of, ways_of
from ui.recipes.steps import TRIGGER
from ui.visit import complain, sentence_of

Save = Callable[[str], Awaitable[None]]


def edit_step(
    document: RecipeDocument,
    step: str,
    connections: Sequence[ConnectionSummary],
    save: Save,
    show: Callable[[], None],
    bench: Bench | None = None,
) -> bool:
    """Open the form of a step; `save` gets the recipe's new text. Returns False where there is no form."""
    uses = str(_place(to_plain(document), step)["uses"])
    part = part_of(uses) or BUILT_INS.get(uses)
    if part is None:
        return False
    with dialog(part.title, part.text) as opened:
        opened.classes("pd-wide-dialog")
        form = StepForm(document, step, connections, bench)
        with div("pd-stack pd-scroll"):
            form.draw()

        def look() -> None:
            opened.close()
            show()

        async def keep() -> None:
            try:
                await save(form.written(document))
            except HubError as error:
                form.blame(at_step(error.errors))
                complain(sentence_of(error))
                return
            opened.close()

        button(say("step.show"), "show-in-text", look, kind="quiet", icon="code")
        answer_buttons(opened, say("step.save"), keep)
    return True


class StepForm:
    """The fields of a step or of the trigger, and the recipe's text with what was filled in.

    With a `bench` it looks ahead: it lists choices, offers the fields of earlier steps, and shows what values give.
    """

    def __init__(
        self,
        document: RecipeDocument,
        step: str,
        connections: Sequence[ConnectionSummary],
        bench: Bench | None = None,
    ) -> None:
        self._document = document
        self._step = step
        self._place = _place(to_plain(document), step)
        self._uses = str(self._place["uses"])
        self._part = part_of(self._uses)
        self._ways = Ways()
        if step != TRIGGER and (self._part or self._uses in BUILT_INS):
            self._ways = ways_of(self._uses, self._part.settings if self._part else None)
        self._connections = connections
        self._ahead = Lookahead(bench, document, step, self._uses) if bench else None
        self._around: Around = self._ahead or Around()
        self._forget()

    def _forget(self) -> None:
        self._title: Callable[[], str] = str
        self._connection: Callable[[], str | None] = lambda: None
        self._values: Callable[[], Mapping[str, Any]] = dict
        self._renamed: Callable[[], Mapping[str, str]] = dict
        self._when: Callable[[], Any] = lambda: None
        self._repeat: Repeat | None = None
        self._failing: Failing | None = None

    def draw(self) -> None:
        """Draw the fields, and beside them those that their values can use."""
        with div("pd-step-form") as self._room:
            self._body = div("pd-stack pd-step-fields")
            if self._ahead and self._step != TRIGGER:
                self._ahead.tree()
        if self._ahead:
            self._ahead.record = self._ways.record
            self._ahead.read_with(self.filled)
            self._ahead.taken = self._taken
        self._fill()
        if self._ahead:
            self._ahead.begin(self._room)

    def _fill(self) -> None:
        """Draw the place as it is, in the room of what was drawn before."""
        self._forget()
        self._body.clear()
        if self._ahead:
            self._ahead.clear()
        with self._body:
            title = ui.input(say("step.title"), value=self._place.get("title", "")).props("outlined").mark("step-title")
            title.props["data-testid"] = "step-title"
            self._title = lambda: str(title.value or "")
            self._settings(self._place.get("with", {}))
            if self._step != TRIGGER:
                self._only_when()
                self._failing = Failing(self._document, self._step, self._place, self._around)
                self._failing.draw()

    def _settings(self, settings: Mapping[str, Any]) -> None:
        """Draw the settings; those that no form knows are shown as text."""
        through = way_of(self._place) != ONCE
        if through:
            self._draw_repeat()
        if self._uses == "filter":
            self._values = draw_condition(settings, around=self._around)
        elif self._uses == "branch":
            self._values, self._renamed = draw_cases(settings, self._around)
        elif self._part is None:
            self._values = draw_yaml(settings, "step-settings")
        else:
            self._draw_part(self._part, settings)
        if not through:
            self._draw_repeat()

    def _draw_part(self, part: Part, settings: Mapping[str, Any]) -> None:
        fields = describe(part.settings)
        if part.more:
            with ui.expansion(say("step.about"), icon="help_outline").props("dense").mark("about"):
                words(part.more, "pd-soft pd-small").style("white-space: pre-line")
        self._connection = connection_of(part, self._place.get("connection"), self._connections, self._around)
        # The list of rows is asked for above, where it is chosen whether there is one
        rows = {ROWS} if self._ways.record else frozenset[str]()
        shown = [field for field in fields if field.name not in rows]
        form = Form(
            shown, {k: v for k, v in settings.items() if k not in rows}, around=self._around, path=lambda: "with"
        )
        form.draw()
        self._values = form.values
        if self._ahead:
            self._ahead.row()
        if not fields:
            words(say("step.nothing"), "pd-muted")

    def _draw_repeat(self) -> None:
        if self._step == TRIGGER or not self._ways.any:
            return
        self._repeat = Repeat(self._ways, self._place, self._around, self._turn)
        self._repeat.draw()

    def _only_when(self) -> None:
        """Draw the condition under which the step is done at all, or the button that adds one."""
        condition = self._place.get("when")
        if condition is None:
            button(say("step.when_add"), "when-add", lambda: self._set_when({"all": [NEW]}), kind="quiet", icon="add")
            return
        with div("pd-stack pd-group", "fieldset"):
            words(say("step.when"), "pd-small pd-strong", "legend")
            self._when = draw_condition(condition, "when", self._around, lambda: "when")
            button(say("step.when_remove"), "when-remove", lambda: self._set_when(None), kind="quiet", icon="close")

    def _set_when(self, condition: Mapping[str, Any] | None) -> None:
        self._become({**self._now(), "when": condition})

    def _turn(self) -> None:
        """Go through the list in the way that was chosen; templates follow."""
        way = self._repeat.way if self._repeat else ONCE
        self._become(turned(self._now(), way, self._ways.record))

    async def _taken(self, within: str, path: str) -> None:
        """Ask what is meant by a field that is in every element of a list."""
        record = bool(self._ways.record) and path.startswith(f"with.{self._ways.record}")
        if path.startswith("when") or way_of(self._now()) != ONCE:
            return

        def take(way: str) -> None:
            opened.close()
            if way != ONCE:
                self._become(turned(self._now(), way, self._ways.record, within))

        ways = [(ROWS, record), (EACH, self._ways.loops and path.startswith("with")), (ONCE, True)]
        with dialog(say("lists.ask", name=within), say("lists.ask_text")) as opened:
            for way, offered in ways:
                if offered:
                    label = say("lists.whole" if way == ONCE else f"lists.{way}")
                    button(label, f"lists-{way}", lambda way=way: take(way), kind="second")

    def _now(self) -> dict[str, Any]:
        """Return the place as it is filled in."""
        found = {**self._place, **self.filled()}
        return {name: value for name, value in found.items() if value is not None}

    def _become(self, place: Mapping[str, Any]) -> None:
        self._place = {name: value for name, value in place.items() if value is not None}
        self._fill()
        self._around.changed()

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show problems, whose paths begin at the step, at what they belong to."""
        self._around.blame(problems)

    def filled(self) -> dict[str, Any]:
        """Return what was filled in; InvalidError names what cannot be read."""
        found = {"title": self._title().strip(), "connection": self._connection(), "with": dict(self._values())}
        if self._step == TRIGGER:
            return found
        found["when"] = self._when()
        found |= self._failing.read() if self._failing else {}
        kept = {"each": self._place.get("each"), "as": self._place.get("as")}
        return self._repeat.written({**found, **kept}) if self._repeat else {**found, **kept}

    def written(self, document: RecipeDocument) -> str:
        """Return the text of a recipe with what was filled in; all else in it stays."""
        plain = to_plain(document)
        place, filled = _place(plain, self._step), self.filled()
        caught = filled.pop("on_error", None)
        for name, value in filled.items():
            if value or (value is not None and value == place.get(name)):
                place[name] = value
            else:
                place.pop(name, None)
        _lead_on(plain, self._step, self._renamed())
        written = from_plain(plain)
        return export(written if caught == place.get("on_error") else _caught(written, self._step, caught))


def _lead_on(plain: dict[str, Any], branch: str, renamed: Mapping[str, str]) -> None:
    """Have what came after a case come after it under its other name."""
    ways = [
        one for step in plain["spec"].get("steps", []) if isinstance(step.get("after"), list) for one in step["after"]
    ]
    for way in ways:
        if isinstance(way, dict) and way.get("step") == branch and way.get("case") in renamed:
            way["case"] = renamed[way["case"]]


def _caught(document: RecipeDocument, step: str, on_error: str | None) -> RecipeDocument:
    """Say what a step's failure does; a step that follows it then keeps the ways that led to it before."""
    wiring = Wiring(document)
    wiring.lead(step, wiring.before(step), on_error or "dead_letter")
    return wiring.document()


def _place(plain: dict[str, Any], step: str) -> dict[str, Any]:
    """Return the plain trigger or step itself, to be changed in its place."""
    if step == TRIGGER:
        found: dict[str, Any] = plain["spec"]["trigger"]
        return found
    return next(one for one in plain["spec"]["steps"] if one["id"] == step)
