"""One step, or the trigger, as a form instead of text: what it is called, its connection, its settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import ui

from connectors.sdk import Connector, Settings
from connectors.sdk.describe import describe
from connectors.sdk.registry import find, find_connector
from hub.connections import ConnectionSummary
from hub.errors import HubError
from hub.recipes import BUILT_INS, RecipeDocument, export, from_plain, to_plain
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.form import Form
from ui.pieces import button, div, words
from ui.recipes.condition_form import draw_cases, draw_condition, draw_yaml
from ui.recipes.steps import TRIGGER
from ui.visit import complain, sentence_of

Save = Callable[[str], Awaitable[None]]


class Part(msgspec.Struct, frozen=True):
    """What a step or trigger is made of: its title, its words, its settings, and whose it is."""

    title: str
    text: str
    settings: type[Settings]
    connector: Connector | None


def part_of(uses: str) -> Part | None:
    """Return what a recipe names; None where there is no form for it, as for conditions."""
    built_in = BUILT_INS.get(uses)
    if built_in is not None:
        return Part(built_in.title, built_in.text, built_in.settings, None) if built_in.settings else None
    found = find(uses)
    if found is None:
        return None
    title = f"{found.connector.title}: {found.title}"
    return Part(title, found.text.partition("\n")[0], found.settings, found.connector)


def edit_step(
    document: RecipeDocument,
    step: str,
    connections: Sequence[ConnectionSummary],
    save: Save,
    show: Callable[[], None],
) -> bool:
    """Open the form of a step; `save` gets the recipe's new text. Returns False where there is no form."""
    uses = str(_place(to_plain(document), step)["uses"])
    part = part_of(uses) or BUILT_INS.get(uses)
    if part is None:
        return False
    with dialog(part.title, part.text) as opened:
        form = StepForm(document, step, connections)
        with div("pd-stack pd-scroll"):
            form.draw()

        def look() -> None:
            opened.close()
            show()

        async def keep() -> None:
            try:
                await save(form.written(document))
            except HubError as error:
                complain(sentence_of(error))
                return
            opened.close()

        button(say("step.show"), "show-in-text", look, kind="quiet", icon="code")
        answer_buttons(opened, say("step.save"), keep)
    return True


class StepForm:
    """The fields of a step or of the trigger, and the recipe's text with what was filled in."""

    def __init__(self, document: RecipeDocument, step: str, connections: Sequence[ConnectionSummary]) -> None:
        self._step = step
        self._place = _place(to_plain(document), step)
        self._part = part_of(str(self._place["uses"]))
        self._connections = connections
        self._title: Callable[[], str] = str
        self._connection: Callable[[], str | None] = lambda: None
        self._values: Callable[[], Mapping[str, Any]] = dict
        self._renamed: Callable[[], Mapping[str, str]] = dict

    def draw(self) -> None:
        """Draw the fields; settings that no form knows, such as conditions, are shown as text."""
        title = ui.input(say("step.title"), value=self._place.get("title", "")).props("outlined").mark("step-title")
        title.props["data-testid"] = "step-title"
        self._title = lambda: str(title.value or "")
        settings = self._place.get("with", {})
        if self._place["uses"] == "filter":
            self._values = draw_condition(settings)
            return
        if self._place["uses"] == "branch":
            self._values, self._renamed = draw_cases(settings)
            return
        if self._part is None:
            self._values = draw_yaml(settings, "step-settings")
            return
        fields = describe(self._part.settings)
        self._connection = _connection(self._part, self._place.get("connection"), self._connections)
        form = Form(fields, settings)
        form.draw()
        self._values = form.values
        if not fields:
            words(say("step.nothing"), "pd-muted")

    def filled(self) -> dict[str, Any]:
        """Return what was filled in; InvalidError names what cannot be read."""
        return {"title": self._title().strip(), "connection": self._connection(), "with": dict(self._values())}

    def written(self, document: RecipeDocument) -> str:
        """Return the text of a recipe with what was filled in; all else in it stays."""
        plain = to_plain(document)
        place = _place(plain, self._step)
        for name, value in self.filled().items():
            if value:
                place[name] = value
            else:
                place.pop(name, None)
        _lead_on(plain, self._step, self._renamed())
        return export(from_plain(plain))


def _lead_on(plain: dict[str, Any], branch: str, renamed: Mapping[str, str]) -> None:
    """Have what came after a case come after it under its other name."""
    ways = [
        one for step in plain["spec"].get("steps", []) if isinstance(step.get("after"), list) for one in step["after"]
    ]
    for way in ways:
        if isinstance(way, dict) and way.get("step") == branch and way.get("case") in renamed:
            way["case"] = renamed[way["case"]]


def _place(plain: dict[str, Any], step: str) -> dict[str, Any]:
    """Return the plain trigger or step itself, to be changed in its place."""
    if step == TRIGGER:
        found: dict[str, Any] = plain["spec"]["trigger"]
        return found
    return next(one for one in plain["spec"]["steps"] if one["id"] == step)


def _connection(part: Part, chosen: str | None, connections: Sequence[ConnectionSummary]) -> Callable[[], str | None]:
    """Draw the choice of a connection where one is used; return how to read it."""
    if part.connector is None or part.connector.connection is None:
        return lambda: None
    family = part.connector.family
    fitting = [one.name for one in connections if _family(one.connector) == family]
    names = list(dict.fromkeys([*fitting, *([chosen] if chosen else [])]))
    picked = ui.select(names, value=chosen, label=say("step.connection"), clearable=part.connector.connection_optional)
    picked.props("outlined").mark("step-connection")
    if not names:
        picked.props["hint"] = say("step.no_connection")
    return lambda: picked.value


def _family(connector: str) -> str:
    found = find_connector(connector)
    return found.family if found else connector
