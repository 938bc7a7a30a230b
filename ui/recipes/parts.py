"""What a step or trigger is made of, for forms: its words, its settings, and the connections that fit it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
from nicegui import ui

from connectors.sdk import Connector, Settings, fields_of
from connectors.sdk.registry import find, find_connector
from hub.connections import ConnectionSummary
from hub.errors import Problem
from hub.recipes import BUILT_INS
from hub.text import say
from ui.form import Around

# The setting of a step or trigger that a problem lies in
_SETTING = re.compile(r"^spec\.(?:steps\[\d+\]|trigger)\.with\.(\w+)")


class Part(msgspec.Struct, frozen=True):
    """What a step or trigger is made of: its title, its words, its settings, and whose it is."""

    title: str
    text: str
    settings: type[Settings]
    connector: Connector | None
    more: str = ""


def part_of(uses: str) -> Part | None:
    """Return what a recipe names; None where there is no form for it, as for conditions."""
    built_in = BUILT_INS.get(uses)
    if built_in is not None:
        return Part(built_in.title, built_in.text, built_in.settings, None) if built_in.settings else None
    found = find(uses)
    if found is None:
        return None
    title = f"{found.connector.title}: {found.title}"
    first, _, more = found.text.partition("\n")
    return Part(title, first, found.settings, found.connector, _joined(more))


def named_problem(problem: Problem, uses: str = "") -> str:
    """Return what is wrong with the name of the setting before it, as a form that uses the part titles it."""
    inside = _SETTING.search(problem.path)
    if inside is None:
        return problem.message
    part, name = part_of(uses), inside.group(1)
    field = fields_of(part.settings).get(name) if part else None
    return f"{field.title if field else name.replace('_', ' ').capitalize()}: {problem.message}"


def _joined(text: str) -> str:
    """Return a docstring's further paragraphs, each on one line."""
    return "\n\n".join(" ".join(one.split()) for one in text.strip().split("\n\n")).replace("`", "")


def connection_of(
    part: Part, chosen: str | None, connections: Sequence[ConnectionSummary], around: Around
) -> Callable[[], str | None]:
    """Draw the choice of a connection where one is used; return how to read it."""
    if part.connector is None or part.connector.connection is None:
        return lambda: None
    family = part.connector.family
    fitting = [one.name for one in connections if _family(one.connector) == family]
    names = list(dict.fromkeys([*fitting, *([chosen] if chosen else [])]))
    picked = ui.select(names, value=chosen, label=say("step.connection"), clearable=part.connector.connection_optional)
    picked.props("outlined").mark("step-connection").style("width: 100%")
    picked.props["data-testid"] = "step-connection"
    picked.on_value_change(around.changed)
    around.problem(lambda: "connection")
    if not names:
        picked.props["hint"] = say("step.no_connection")
    return lambda: picked.value


def _family(connector: str) -> str:
    found = find_connector(connector)
    return found.family if found else connector
