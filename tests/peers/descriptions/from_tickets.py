"""Make the description of Zendesk's tickets out of node-zendesk, whose types repeat the documented ones.

python -m tests.peers.descriptions.from_tickets. The calls and their parameters are those that Zendesk documents under
developer.zendesk.com/api-reference/ticketing: Tickets, Ticket Comments, Incremental Exports, Search, Ticket Fields.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
PACKAGE = "node-zendesk@6.0.1"
PLACE = "package/dist/types/clients/core/tickets.d.ts"
TEXT, WHOLE, TRUTH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TICKETS = {"type": "array", "items": {"$ref": "#/components/schemas/Ticket"}}
PAGE = {"next_page": {"type": ["string", "null"]}, "count": WHOLE}
# Each call: its query parameters, and what comes back
OPERATIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "GET /api/v2/tickets": (
        {"external_id": TEXT, "sort": TEXT, "page": {"type": "object"}},
        {"tickets": TICKETS, **PAGE, "meta": {"type": "object"}, "links": {"type": "object"}},
    ),
    "GET /api/v2/tickets/{id}": ({}, {"ticket": TICKETS["items"]}),
    "POST /api/v2/tickets": ({}, {"ticket": TICKETS["items"], "audit": {"type": "object"}}),
    "PUT /api/v2/tickets/{id}": ({}, {"ticket": TICKETS["items"], "audit": {"type": "object"}}),
    "DELETE /api/v2/tickets/{id}": ({}, {}),
    "GET /api/v2/tickets/{id}/comments": (
        {"page": {"type": "object"}},
        {"comments": {"type": "array", "items": {"type": "object", "required": ["id", "body"]}}},
    ),
    "GET /api/v2/incremental/tickets/cursor": (
        {"start_time": WHOLE, "cursor": TEXT, "per_page": WHOLE, "exclude_deleted": TRUTH},
        {"tickets": TICKETS, "after_cursor": {"type": ["string", "null"]}, "end_of_stream": TRUTH},
    ),
    "GET /api/v2/search": ({"query": TEXT, "per_page": WHOLE, "page": WHOLE}, {"results": TICKETS, **PAGE}),
    "GET /api/v2/ticket_fields": (
        {"page": {"type": "object"}},
        {"ticket_fields": {"type": "array", "items": {"type": "object", "required": ["id", "title"]}}, **PAGE},
    ),
}
_MEMBER = re.compile(r"^    (\w+)(\??): ([^;]+);", re.MULTILINE)
_SIMPLE: dict[str, dict[str, Any]] = {"string": TEXT, "number": WHOLE, "boolean": TRUTH, "object": {}}


def main() -> None:
    """Write zendesk.json."""
    with TemporaryDirectory() as directory:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=directory, check=True, capture_output=True)
        with tarfile.open(next(Path(directory).glob("*.tgz"))) as packed:
            packed.extract(PLACE, directory, filter="data")
        schemas = _types(re.sub(r"/\*.*?\*/", "", (Path(directory) / PLACE).read_text(), flags=re.DOTALL))
    paths: dict[str, Any] = {}
    for operation, (asked, answered) in OPERATIONS.items():
        verb, _, path = operation.partition(" ")
        paths.setdefault(path, {})[verb.lower()] = _operation(verb, path, asked, answered)
    source = {"package": PACKAGE, "package_licence": "MIT", "made_by": "from_tickets.py"}
    written = {"x-source": source, "openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}
    (HERE / "zendesk.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _types(text: str) -> dict[str, Any]:
    """Return a ticket as it is answered, and as it is sent, where each field may be left out."""
    found: dict[str, Any] = {}
    for name in ("CustomField", "Attachment", "TicketComment", "Ticket"):
        body = re.search(rf"^export type {name} = \{{(.*?)^\}};", text, re.DOTALL | re.MULTILINE)
        assert body is not None
        members = _MEMBER.findall(body[1])
        found[name] = {"type": "object", "properties": {one: _schema(kind) for one, _, kind in members}}
        if name == "Ticket":
            found[name]["required"] = [one for one, optional, _ in members if not optional]
            found["Sent"] = {"type": "object", "properties": found[name]["properties"]}
    for name in ("Priority", "Status", "Type"):
        values = re.search(rf"^export type {name} = ([^;]+);", text, re.MULTILINE)
        assert values is not None
        found[name] = {"enum": [*re.findall(r'"(\w+)"', values[1]), None]}
    return found


def _schema(kind: str) -> dict[str, Any]:
    """Write a type as a schema; what has no value is null."""
    if kind.endswith("[]") or kind.startswith("Array<"):
        return {"type": ["array", "null"], "items": _schema(kind.removesuffix("[]").removeprefix("Array<").rstrip(">"))}
    if " | " in kind:
        return {"anyOf": [*(_schema(one) for one in kind.split(" | ")), {"type": "null"}]}
    if kind in _SIMPLE:
        simple = _SIMPLE[kind]
        return {"type": [simple["type"], "null"]} if simple else {}
    return {"$ref": f"#/components/schemas/{kind}"}


def _operation(verb: str, path: str, asked: dict[str, Any], answered: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"in": "path", "name": name, "required": True, "schema": WHOLE} for name in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [{"in": "query", "name": name, "schema": schema} for name, schema in asked.items()]
    answer = {"type": "object", "properties": answered}
    made: dict[str, Any] = {"parameters": parameters}
    made["responses"] = {"2XX": {"content": {"application/json": {"schema": answer}}} if answered else {}}
    if verb in {"POST", "PUT"}:
        sent = {
            "type": "object",
            "properties": {"ticket": {"$ref": "#/components/schemas/Sent"}},
            "required": ["ticket"],
        }
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": sent}}}
    return made


if __name__ == "__main__":
    main()
