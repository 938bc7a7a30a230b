"""A Node-RED export: one list with tabs, nodes, comments and what nodes share; wires by output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.errors import InvalidError
from hub.foreign.node_red import openings, steps
from hub.foreign.node_red.kinds import OTHERS, QUIET
from hub.foreign.shapes import MOST_PARTS, Flow, Given, Opened, Origin, Part, Turned, Wire, lost

_TABS = frozenset({"tab", "subflow"})
_NOTES = frozenset({"comment", "group"})


class _NodeRed:
    """How Node-RED's nodes read."""

    origin = Origin.NODE_RED

    def opening(self, part: Part) -> Opened | None:
        """Return the trigger that a node is."""
        translate = openings.OPENINGS.get(part.kind)
        return translate(part) if translate else None

    def step(self, part: Part, given: Given) -> Turned:
        """Return the step that a node is."""
        translate = steps.STEPS.get(part.kind)
        if translate is not None:
            return translate(part, given)
        if part.kind in QUIET:
            return Turned(dropped=True)
        did, instead = OTHERS.get(part.kind, (f"Was a {part.kind} node.", ""))
        return lost(did, instead or "Call the service with http.request or http.send, or leave it out.")


DIALECT = _NodeRed()


def is_export(plain: Any) -> bool:
    """Tell whether values look like an export of nodes."""
    listed = plain if isinstance(plain, list) else []
    return bool(listed) and all(isinstance(one, dict) and "type" in one and "id" in one for one in listed)


def read(plain: Any) -> Sequence[Flow]:
    """Return a flow for each tab; nodes that lie on none are one, too."""
    nodes: Sequence[Mapping[str, Any]] = [one for one in plain if isinstance(one, dict)]
    if len(nodes) > MOST_PARTS * 5:
        raise InvalidError(f"The export has {len(nodes)} nodes; {MOST_PARTS * 5} can be brought along at once.")
    tabs = {str(one["id"]): one for one in nodes if one.get("type") in _TABS}
    drawn: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for place, one in enumerate(nodes):
        if one.get("type") not in _TABS and "wires" in one:
            drawn.setdefault(str(one.get("z") or ""), []).append((place, one))
    flows = [_flow(tabs.get(tab, {}), listed) for tab, listed in drawn.items()]
    return [flow for flow in flows if flow.parts]


def _flow(tab: Mapping[str, Any], listed: Sequence[tuple[int, Mapping[str, Any]]]) -> Flow:
    parts = {
        str(one["id"]): _part(place, one) for place, one in listed if one.get("type") not in _NOTES and one.get("id")
    }
    if len(parts) > MOST_PARTS:
        raise InvalidError(f"A tab has {len(parts)} nodes; {MOST_PARTS} can be brought along.")
    notes = [_said(one) for _, one in listed if one.get("type") == "comment"]
    title = str(tab.get("label") or tab.get("name") or "Flow of Node-RED")
    return Flow(
        title=title,
        parts=parts,
        wires=_wires([one for _, one in listed], parts),
        notes=[str(tab.get("info") or ""), *notes] if tab.get("info") else notes,
    )


def _part(place: int, node: Mapping[str, Any]) -> Part:
    kind = str(node.get("type") or "unknown")
    return Part(
        key=str(node["id"]),
        title=str(node.get("name") or node.get("label") or kind),
        kind=kind,
        settings={key: value for key, value in node.items() if key not in {"id", "z", "x", "y", "wires"}},
        path=f"[{place}]",
        note=str(node.get("info") or "") if isinstance(node.get("info"), str) else "",
        disabled=node.get("d") is True,
        opening=kind in openings.OPENINGS or kind in openings.OTHERS,
    )


def _said(comment: Mapping[str, Any]) -> str:
    return "\n".join(str(comment[key]) for key in ("name", "info") if comment.get(key))


def _wires(nodes: Sequence[Mapping[str, Any]], parts: Mapping[str, Part]) -> Sequence[Wire]:
    """Return wires, and the invisible ones between link nodes."""
    found: list[Wire] = []
    for node in nodes:
        start = str(node.get("id"))
        outputs = node.get("wires")
        for output, ends in enumerate(outputs if isinstance(outputs, list) else ()):
            found.extend(Wire(start, str(end), output) for end in (ends if isinstance(ends, list) else ()))
        if node.get("type") == "link out" and isinstance(node.get("links"), list):
            found.extend(Wire(start, str(end)) for end in node["links"])
    return [wire for wire in dict.fromkeys(found) if wire.start in parts and wire.end in parts]
