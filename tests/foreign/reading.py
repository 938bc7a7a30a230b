"""Exports read for tests: the files beside this one, and small ones made on the spot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hub.foreign.shapes import Translation
from hub.foreign.translate import Export, translate
from hub.recipes.document import from_plain
from hub.recipes.names import RESERVED
from hub.recipes.validate import validate

EXPORTS = Path(__file__).parent / "exports"


def content(name: str) -> bytes:
    """Return a file's content."""
    return (EXPORTS / name).read_bytes()


def translated(plain: Any) -> Sequence[Translation]:
    """Translate a file by its name, or values."""
    given = content(plain) if isinstance(plain, str) else msgspec.json.encode(plain)
    return translate(Export(given, RESERVED)).recipes


def steps(recipe: Translation) -> Mapping[str, Any]:
    """Return a recipe's steps by id."""
    return {step["id"]: step for step in recipe.document["spec"]["steps"]}


def problems(recipe: Translation) -> Mapping[str, str]:
    """Return what keeps a recipe from running, by path."""
    return {one.path: one.message for one in validate(from_plain(recipe.document))}


def told(recipe: Translation, kind: str) -> Sequence[str]:
    """Return the places of findings of one kind."""
    return [one.place.partition(" (")[0] for one in recipe.findings if one.kind == kind]


def workflow(*nodes: Mapping[str, Any], **connections: Sequence[Sequence[str]]) -> Mapping[str, Any]:
    """Return a workflow of n8n; connections name the nodes behind each output."""
    wires = {
        start: {"main": [[{"node": end, "type": "main", "index": 0} for end in ends] for ends in outputs]}
        for start, outputs in connections.items()
    }
    return {"name": "Flow", "nodes": list(nodes), "connections": wires}


def node(name: str, kind: str, **parameters: Any) -> Mapping[str, Any]:
    """Return a node of n8n."""
    return {"name": name, "type": f"n8n-nodes-base.{kind}", "typeVersion": 1, "parameters": parameters}
