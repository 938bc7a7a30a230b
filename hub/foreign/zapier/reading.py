"""Zapier's export: Zaps, each with nodes by number, chained by their parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.errors import InvalidError
from hub.foreign.shapes import MOST_PARTS, Flow, Given, Opened, Origin, Part, Turned, Wire, lost
from hub.foreign.zapier import openings, steps
from hub.foreign.zapier.kinds import OTHERS, app_of

MOST_ZAPS = 200


class Zap(msgspec.Struct):
    """One Zap; its nodes are looked at piece by piece."""

    nodes: dict[str, dict[str, Any]]
    title: str | None = None
    id: int | str | None = None


class Export(msgspec.Struct):
    """The outermost shape."""

    zaps: list[Zap]


class _Zapier:
    """How Zapier's nodes read."""

    origin = Origin.ZAPIER

    def opening(self, part: Part) -> Opened | None:
        """Return the trigger that a node is."""
        app, _, action = part.kind.partition(".")
        translate = openings.OPENINGS.get(app)
        return translate(part, action) if translate else None

    def step(self, part: Part, given: Given) -> Turned:
        """Return the step that a node is."""
        app, _, action = part.kind.partition(".")
        translate = steps.STEPS.get(app)
        turned = translate(part, given, action) if translate else None
        if turned is not None:
            return turned
        did, instead = OTHERS.get(app, (f"Did {action.replace('_', ' ')} in {app}.", ""))
        return lost(did, instead or "Call the service with http.request or http.send over a connection.")


DIALECT = _Zapier()


def is_export(plain: Any) -> bool:
    """Tell whether values look like an export of Zaps."""
    return isinstance(plain, dict) and isinstance(plain.get("zaps"), list)


def read(plain: Any) -> Sequence[Flow]:
    """Return a flow for each Zap; raises InvalidError on what has the wrong shape."""
    try:
        export = msgspec.convert(plain, Export)
    except msgspec.ValidationError as error:
        raise InvalidError(f"This is not an export of Zapier: {error}.") from error
    if len(export.zaps) > MOST_ZAPS:
        raise InvalidError(f"The export has {len(export.zaps)} Zaps; {MOST_ZAPS} can be brought along at once.")
    return [_flow(place, zap) for place, zap in enumerate(export.zaps)]


def _flow(place: int, zap: Zap) -> Flow:
    if len(zap.nodes) > MOST_PARTS:
        raise InvalidError(f"A Zap has {len(zap.nodes)} steps; {MOST_PARTS} can be brought along.")
    nodes = {str(node.get("id", key)): node for key, node in zap.nodes.items()}
    parts = {key: _part(f"zaps[{place}].nodes.{key}", key, node, nodes) for key, node in nodes.items()}
    wires = [Wire(str(node["parent_id"]), key) for key, node in nodes.items() if str(node.get("parent_id")) in parts]
    return Flow(title=zap.title or f"Zap {zap.id or place + 1}", parts=parts, wires=_ways(wires, parts))


def _ways(wires: Sequence[Wire], parts: Mapping[str, Part]) -> Sequence[Wire]:
    """Number the ways out of a node that splits into paths."""
    counted: dict[str, int] = {}
    numbered: list[Wire] = []
    for wire in wires:
        split = app_of(parts[wire.start].kind) == "branching"
        numbered.append(Wire(wire.start, wire.end, counted.get(wire.start, 0) if split else 0))
        counted[wire.start] = counted.get(wire.start, 0) + 1
    return numbered


def _part(path: str, key: str, node: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> Part:
    meta, params = node.get("meta"), node.get("params")
    parent = nodes.get(str(node.get("parent_id")), {})
    begins_path = app_of(str(parent.get("selected_api") or "")) == "branching"
    told = meta.get("stepTitle") if isinstance(meta, dict) else None
    app, action = app_of(str(node.get("selected_api") or "")), str(node.get("action") or "step")
    opening = node.get("parent_id") is None
    return Part(
        key=key,
        title=told if isinstance(told, str) and told else f"{app} {action}".replace("_", " "),
        kind=f"{app}.{action}",
        settings={**(params if isinstance(params, dict) else {}), **({steps.CASE: True} if begins_path else {})},
        path=path,
        opening=opening,
        credential=app if node.get("authentication_id") else None,
    )
