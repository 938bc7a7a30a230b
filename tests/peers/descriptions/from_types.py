"""Make the description of Mastodon's API out of masto, a client whose types say what each call takes and gives.

python -m tests.peers.descriptions.from_types
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.peers.descriptions.trimming import without_words

HERE = Path(__file__).parent
PACKAGE, READER = "masto@8.0.0", ("ts-json-schema-generator@2.9.0", "typescript@5.9.3")
# The types' modules below dist/mastodon
MODULES = {
    "entities/v1/index.js": ["Account", "AccountCredentials", "Notification", "Status", "StatusSource"],
    "rest/v1/accounts.js": ["ListAccountStatusesParams", "LookupAccountParams"],
    "rest/v1/notifications.js": ["ListNotificationsParams"],
    "rest/v1/statuses.js": ["CreateStatusParams", "UpdateStatusParams"],
    "rest/v1/timelines.js": ["ListTimelineParams"],
}
# What is asked, by the query or in the body, and what comes back
OPERATIONS = {
    "GET /api/v1/accounts/lookup": ("LookupAccountParams", "Account"),
    "GET /api/v1/accounts/verify_credentials": ("", "AccountCredentials"),
    "GET /api/v1/accounts/{id}/statuses": ("ListAccountStatusesParams", "Status[]"),
    "GET /api/v1/notifications": ("ListNotificationsParams", "Notification[]"),
    "GET /api/v1/timelines/home": ("ListTimelineParams", "Status[]"),
    "GET /api/v1/timelines/public": ("ListTimelineParams", "Status[]"),
    "GET /api/v1/timelines/tag/{hashtag}": ("ListTimelineParams", "Status[]"),
    "GET /api/v1/statuses/{id}": ("", "Status"),
    "GET /api/v1/statuses/{id}/source": ("", "StatusSource"),
    "POST /api/v1/statuses": ("CreateStatusParams", "Status"),
    "PUT /api/v1/statuses/{id}": ("UpdateStatusParams", "Status"),
    "DELETE /api/v1/statuses/{id}": ("", "Status"),
}


def main() -> None:
    """Write mastodon.json."""
    with TemporaryDirectory() as directory:
        schemas = _schemas(Path(directory))
    paths: dict[str, Any] = {}
    for operation, (asked, answered) in OPERATIONS.items():
        verb, _, path = operation.partition(" ")
        paths.setdefault(path, {})[verb.lower()] = _operation(path, verb, schemas.get(asked), answered)
    source = {
        "package": PACKAGE,
        "package_licence": "MIT",
        "title": "Mastodon REST API",
        "made_by": "from_types.py",
        "operations": sorted(OPERATIONS),
    }
    kept = without_words({name: schema for name, schema in schemas.items() if not name.startswith("List")}, named=True)
    written = {"x-source": source, "openapi": "3.1.0", "paths": without_words(paths, named=True)}
    written["components"] = {"schemas": kept}
    (HERE / "mastodon.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _schemas(directory: Path) -> dict[str, Any]:
    """Return the types as JSON Schema, under the names that travel."""
    _run(directory, "npm", "pack", "--silent", PACKAGE)
    with tarfile.open(next(directory.glob("*.tgz"))) as packed:
        packed.extractall(directory, filter="data")
    _run(directory, "npm", "install", "--silent", "--no-save", "--prefix", ".", *READER)
    program = directory / "node_modules/.bin/ts-json-schema-generator"
    schemas: dict[str, Any] = {}
    for place, names in MODULES.items():
        entry = directory / "package/dist/mastodon/peer.ts"
        fields = " ".join(f"{name}: {name};" for name in names)
        entry.write_text(f'import {{ {", ".join(names)} }} from "./{place}";\nexport interface Peer {{ {fields} }}')
        # What is asked is written out whole: its types have the names of others among the answers
        exposed = "export" if place.startswith("entities") else "none"
        arguments = ["--path", str(entry), "--type", "Peer", "--no-type-check", "--expose", exposed]
        made = json.loads(_run(directory, str(program), *arguments))["definitions"]
        schemas |= made.pop("Peer")["properties"] | made
    # The reader makes nothing of this one: its names are the keys of another type
    schemas["StatusVisibility"] = {"enum": ["public", "unlisted", "private", "direct"]}
    return {name: _travelling(schema) for name, schema in schemas.items()}


def _run(directory: Path, *command: str) -> bytes:
    return subprocess.run(command, cwd=directory, check=True, capture_output=True).stdout


def _operation(path: str, verb: str, asked: Any, answered: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(.+?)\}", path)
    ]
    if verb == "GET":
        known = (asked or {}).get("properties", {})
        required = (asked or {}).get("required", ())
        parameters += [
            {"in": "query", "name": name, "required": name in required, "schema": schema}
            for name, schema in sorted(known.items())
        ]
    answer: dict[str, Any] = {"$ref": f"#/components/schemas/{answered.removesuffix('[]')}"}
    answer = {"type": "array", "items": answer} if answered.endswith("[]") else answer
    made: dict[str, Any] = {
        "parameters": parameters,
        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
    }
    if verb in {"POST", "PUT"}:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    return made


def _travelling(node: Any, inside: str = "") -> Any:
    """Write names with underscores, as masto does on the way, and references as OpenAPI does."""
    if isinstance(node, list):
        return [_snake(one) if inside == "required" else _travelling(one) for one in node]
    if isinstance(node, str):
        return node.replace("#/definitions/", "#/components/schemas/") if inside == "$ref" else node
    if not isinstance(node, dict):
        return node
    if inside == "properties" and node.get("visibility", {}).get("type") == "null":
        # The reader loses this one where it writes types out whole
        node = node | {"visibility": {"anyOf": [{"$ref": "#/definitions/StatusVisibility"}, {"type": "null"}]}}
    return {
        _snake(name) if inside == "properties" else name: _travelling(one, "" if inside == "properties" else name)
        for name, one in node.items()
    }


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda found: f"_{found[0].lower()}", name)


if __name__ == "__main__":
    main()
