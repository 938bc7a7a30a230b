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
from ui.steps import TRIGGER
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
    plain = to_plain(document)
    place = _place(plain, step)
    part = part_of(str(place["uses"]))
    if part is None:
        return False
    with dialog(part.title, part.text) as opened:
        with div("pd-stack pd-scroll"):
            title = ui.input(say("step.title"), value=place.get("title", "")).props("outlined").mark("step-title")
            title.props["data-testid"] = "step-title"
            connection = _connection(part, place.get("connection"), connections)
            form = Form(describe(part.settings), place.get("with", {}))
            form.draw()
            if not describe(part.settings):
                words(say("step.nothing"), "pd-muted")

        def look() -> None:
            opened.close()
            show()

        async def keep() -> None:
            try:
                await save(_written(plain, place, str(title.value or ""), connection(), form.values()))
            except HubError as error:
                complain(sentence_of(error))
                return
            opened.close()

        button(say("step.show"), "show-in-text", look, kind="quiet", icon="code")
        answer_buttons(opened, say("step.save"), keep)
    return True


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


def _written(
    plain: dict[str, Any], place: dict[str, Any], title: str, connection: str | None, values: Mapping[str, Any]
) -> str:
    """Put what was filled in into the document and write it; what is empty is left out."""
    for name, value in (("title", title.strip()), ("connection", connection), ("with", dict(values))):
        if value:
            place[name] = value
        else:
            place.pop(name, None)
    return export(from_plain(plain))
