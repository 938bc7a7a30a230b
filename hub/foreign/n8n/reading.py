"""An n8n workflow as it is exported: nodes by name, and connections by output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.errors import InvalidError
from hub.foreign.n8n.conditions import BRANCHES
from hub.foreign.n8n.kinds import LANGUAGE_MODELS, OTHERS, short
from hub.foreign.n8n.openings import OPENINGS
from hub.foreign.n8n.steps import STEPS
from hub.foreign.shapes import MOST_PARTS, Flow, Given, Loss, Opened, Origin, Part, Remark, Turned, Wire, lost

NOTE = "stickyNote"


class Workflow(msgspec.Struct):
    """The outermost shape; everything below is looked at piece by piece."""

    nodes: list[dict[str, Any]]
    connections: dict[str, dict[str, Any]] = {}
    name: str = ""
    settings: dict[str, Any] | None = None


class _N8n:
    """How n8n's nodes read."""

    origin = Origin.N8N

    def opening(self, part: Part) -> Opened | None:
        """Return the trigger that a node is."""
        translate = OPENINGS.get(short(part.kind))
        return translate(part) if translate else None

    def step(self, part: Part, given: Given) -> Turned:
        """Return the step that a node is."""
        kind = short(part.kind)
        translate = STEPS.get(kind) or BRANCHES.get(kind)
        if translate is not None and not (part.opening and kind not in STEPS):
            return _named(translate(part, given), part)
        known = OTHERS.get(kind) or (LANGUAGE_MODELS if "langchain" in part.kind else None)
        if known is None:
            return lost(f"Was a {kind} node.", "Call the service with http.request or http.send, or leave it out.")
        return lost(known.did, known.instead, known.why)


DIALECT = _N8n()


def is_workflow(plain: Any) -> bool:
    """Tell whether values look like a workflow."""
    return isinstance(plain, dict) and isinstance(plain.get("nodes"), list) and "connections" in plain


def read(plain: Any) -> Flow:
    """Return the flow of a workflow; raises InvalidError on what has the wrong shape."""
    try:
        workflow = msgspec.convert(plain, Workflow)
    except msgspec.ValidationError as error:
        raise InvalidError(f"This is not a workflow of n8n: {error}.") from error
    if len(workflow.nodes) > MOST_PARTS:
        raise InvalidError(f"The workflow has {len(workflow.nodes)} nodes; {MOST_PARTS} can be brought along at once.")
    parts = {part.key: part for part in map(_part, range(len(workflow.nodes)), workflow.nodes) if part.key}
    zone = (workflow.settings or {}).get("timezone")
    return Flow(
        title=workflow.name,
        parts={key: part for key, part in parts.items() if short(part.kind) != NOTE},
        wires=_wires(workflow.connections, parts),
        notes=[_text(part.settings.get("content")) for part in parts.values() if short(part.kind) == NOTE],
        time_zone=zone if isinstance(zone, str) and "/" in zone else "",
    )


def _part(place: int, node: Mapping[str, Any]) -> Part:
    kind, name = _text(node.get("type")), _text(node.get("name"))
    settings = node.get("parameters")
    kept = settings if isinstance(settings, dict) else {}
    on_error = node.get("onError") in {"continueRegularOutput", "continueErrorOutput"} or node.get("continueOnFail")
    return Part(
        key=name,
        title=name,
        kind=kind or "unknown",
        settings=kept,
        path=f"nodes[{place}]",
        note=_text(node.get("notes")),
        disabled=node.get("disabled") is True,
        opening=short(kind) in OPENINGS or short(kind).endswith("Trigger"),
        credential=_credential(node.get("credentials")),
        on_error="continue" if on_error else "",
    )


def _credential(credentials: Any) -> str | None:
    """Return the name of the first credentials; exports hold names and ids, not the secrets."""
    for one in credentials.values() if isinstance(credentials, dict) else ():
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and name.strip():
            return name.strip()[:100]
    return None


def _wires(connections: Mapping[str, Mapping[str, Any]], parts: Mapping[str, Part]) -> Sequence[Wire]:
    """Return the main connections; those of language models to their tools are none of the flow's."""
    found: list[Wire] = []
    for start, kinds in connections.items():
        outputs = kinds.get("main") if isinstance(kinds, dict) else None
        for output, ends in enumerate(outputs if isinstance(outputs, list) else ()):
            for end in ends if isinstance(ends, list) else ():
                name = _text(end.get("node")) if isinstance(end, dict) else ""
                if start in parts and name in parts:
                    found.append(Wire(start, name, output))
    return list(dict.fromkeys(found))


def _named(turned: Turned, part: Part) -> Turned:
    """Say of a step with credentials that a connection is to be made."""
    if turned.connection is None or turned.dropped:
        return turned
    remark = Remark(
        kind=Loss.CONNECTION,
        did=f"Used the credentials {part.credential!r}." if part.credential else "Used credentials.",
        why="Credentials are not part of an export.",
        instead=f"Make a connection named {turned.connection!r}, or choose another one.",
    )
    return msgspec.structs.replace(turned, remarks=[*turned.remarks, remark])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
