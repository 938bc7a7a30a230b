"""A connector told in structs: what the list, the palette, the API and the command line show of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from connectors.sdk.declare import Connector, Lookup, Target, Trigger
from connectors.sdk.describe import FieldDescription, describe, json_schema
from connectors.sdk.kinds import Category


class Role(StrEnum):
    """Where in a recipe a part stands."""

    TRIGGER = "trigger"
    LOOKUP = "lookup"
    TARGET = "target"


class PartSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger, lookup or target in a line; `kind` is the trigger's, the rest are a target's promises."""

    uses: str
    role: Role
    title: str
    text: str
    kind: str | None = None
    effect: str | None = None
    previews: bool = False
    reversible: bool = False
    carries_key: bool = False


class PartSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A part with all that can be set, as fields of a form and as JSON Schema."""

    summary: PartSummary
    fields: Sequence[FieldDescription]
    schema: Mapping[str, Any]


class ConnectorSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A service in a line and what it offers."""

    name: str
    title: str
    text: str
    icon: str
    family: str
    category: Category
    tried: str
    needs_connection: bool
    parts: Sequence[PartSummary]


class ConnectorSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A service with everything that can be set; `connection` is null when none is stored for it.

    `setup` says in Markdown what to do at the service to connect.
    """

    summary: ConnectorSummary
    connection: Sequence[FieldDescription] | None
    connection_schema: Mapping[str, Any] | None
    setup: str
    parts: Sequence[PartSheet]


def summary_of(connector: Connector) -> ConnectorSummary:
    """Return a connector in a line."""
    return ConnectorSummary(
        name=connector.name,
        title=connector.title,
        text=_words(connector),
        icon=connector.icon,
        family=connector.family,
        category=connector.category,
        tried=connector.tried,
        needs_connection=connector.connection is not None,
        parts=[_summary(part) for part in _parts(connector)],
    )


def sheet_of(connector: Connector) -> ConnectorSheet:
    """Return a connector with all its settings."""
    return ConnectorSheet(
        summary=summary_of(connector),
        connection=describe(connector.connection) if connector.connection else None,
        connection_schema=json_schema(connector.connection) if connector.connection else None,
        setup=connector.setup,
        parts=[
            PartSheet(summary=_summary(part), fields=describe(part.settings), schema=json_schema(part.settings))
            for part in _parts(connector)
        ],
    )


def _parts(connector: Connector) -> list[Trigger | Lookup | Target]:
    return [*connector.triggers.values(), *connector.lookups.values(), *connector.targets.values()]


def _summary(part: Trigger | Lookup | Target) -> PartSummary:
    text = part.text.partition("\n")[0]
    if isinstance(part, Trigger):
        return PartSummary(uses=part.uses, role=Role.TRIGGER, title=part.title, text=text, kind=part.kind)
    if isinstance(part, Lookup):
        return PartSummary(uses=part.uses, role=Role.LOOKUP, title=part.title, text=text)
    return PartSummary(
        uses=part.uses,
        role=Role.TARGET,
        title=part.title,
        text=text,
        effect=part.effect,
        previews=part.previewer is not None,
        reversible=part.reversible,
        carries_key=part.carries_key,
    )


def _words(connector: Connector) -> str:
    """Return what the connector's module says of it, after its name."""
    first = next(iter(_parts(connector)), None)
    words = _doc(first.function.__module__) if first else ""
    _, _, said = words.partition(": ")
    return f"{said[:1].upper()}{said[1:]}" if said else words


def _doc(module: str) -> str:
    return (sys.modules[module].__doc__ or "").partition("\n")[0]
