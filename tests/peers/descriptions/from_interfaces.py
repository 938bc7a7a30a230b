"""Make descriptions out of vendors' own TypeScript clients, which OpenAPI Generator wrote from unpublished ones.

python -m tests.peers.descriptions.from_interfaces: all. Read are calls, their parameters, and interfaces.
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
_THINGS = ("deals", "organizations", "persons")
SERVICES: dict[str, dict[str, Any]] = {
    "pipedrive": {
        "package": "pipedrive@33.7.0",
        "licence": "MIT",
        "folder": "dist/versions/v2",
        "prefix": "/api/v2",
        "operations": [
            *(f"{verb} /{thing}" for thing in _THINGS for verb in ("GET", "POST")),
            *(f"{verb} /{thing}/{{id}}" for thing in _THINGS for verb in ("GET", "PATCH", "DELETE")),
            *(f"GET /{thing}/search" for thing in _THINGS),
            *(f"GET /{thing[:-1]}Fields" for thing in _THINGS),
        ],
    },
}
_WORDS = re.compile(r"/\*.*?\*/", re.DOTALL)
_CALL = re.compile(
    r"^        (\w+): \(([^)]*)\) => __awaiter.*?localVarPath = `([^`]+)`.*?method: '(\w+)'(.*?)^        \}\),",
    re.DOTALL | re.MULTILINE,
)
_SIMPLE: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "any": {},
    "void": {},
    "null": {"type": "null"},
}


def main() -> None:
    """Write the description of each service."""
    for name, service in SERVICES.items():
        with TemporaryDirectory() as directory:
            place = _unpacked(Path(directory), service["package"]) / service["folder"]
            schemas = _interfaces(place / "models")
            paths = _paths(place / "api", service["operations"], service["prefix"])
        source = {
            "package": service["package"],
            "package_licence": service["licence"],
            "made_by": "from_interfaces.py",
            "operations": sorted(service["operations"]),
        }
        kept = _reached(paths, schemas)
        written = {"x-source": source, "openapi": "3.1.0", "paths": paths, "components": {"schemas": kept}}
        (HERE / f"{name}.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _unpacked(directory: Path, package: str) -> Path:
    subprocess.run(["npm", "pack", "--silent", package], cwd=directory, check=True, capture_output=True)
    with tarfile.open(next(directory.glob("*.tgz"))) as packed:
        packed.extractall(directory, filter="data")
    return directory / "package"


def _interfaces(place: Path) -> dict[str, Any]:
    """Return the schemas of all models."""
    found: dict[str, Any] = {}
    for file in sorted(place.glob("*.d.ts")):
        text = _WORDS.sub("", file.read_text())
        for name, values in re.findall(r"export declare const (\w+): \{(.*?)\n\};", text, re.DOTALL):
            found[name] = {
                "enum": [json.loads(one) for one in re.findall(r'readonly [^:]+: ("[^"]*"|[\d.]+);', values)]
            }
        for name, other in re.findall(r"export type (\w+) = ([^;]+);", text):
            if not other.startswith("typeof"):
                found[name] = _schema(other)
        for name, body in re.findall(r"export interface (\w+) \{(.*?)^\}", text, re.DOTALL | re.MULTILINE):
            members = re.findall(r"^    '([^']+)'(\??): (\{.*?\n    \}|[^;]+);?$", body, re.DOTALL | re.MULTILINE)
            required = [member for member, optional, _ in members if not optional]
            found[name] = {"type": "object", "properties": {member: _schema(kind) for member, _, kind in members}}
            found[name] |= {"required": required} if required else {}
    return found


def _paths(place: Path, operations: list[str], prefix: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for file in sorted(place.glob("*-api.js")):
        told = file.with_suffix(".d.ts").read_text()
        for name, _, path, verb, text in _CALL.findall(file.read_text()):
            if f"{verb} {path}" in operations:
                paths.setdefault(prefix + path, {})[verb.lower()] = _operation(name, path, text, told)
    return paths


def _operation(name: str, path: str, text: str, told: str) -> dict[str, Any]:
    """Read one call: what it sends stands in its code, of which types in its declaration."""
    declared = re.search(rf"^    {name}: \((.*)\) => Promise<RequestArgs>;", told, re.MULTILINE)
    kinds = dict(re.findall(r"(\w+)\??: ([^,]+(?:\|[^,]+)*)", declared[1])) if declared else {}
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": one, "required": True, "schema": _schema(kinds[one])}
        for one in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [
        {"in": "query", "name": sent, "schema": _schema(kinds[own])}
        for sent, own in re.findall(r"localVarQueryParameter\['([^']+)'\] = (\w+);", text)
    ]
    answered = re.search(rf"^    {name}\([^\n]*?=> Promise<(\w+)>>;", told, re.MULTILINE)
    answer = _schema(answered[1]) if answered else {}
    made: dict[str, Any] = {
        "parameters": parameters,
        "responses": {"2XX": {"content": {"application/json": {"schema": answer}}}},
    }
    if body := re.search(r"serializeDataIfNeeded\)\((\w+)", text):
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(kinds[body[1]])}}}
    return made


def _schema(kind: str) -> dict[str, Any]:
    """Write a type of TypeScript's as a schema."""
    kind = kind.strip()
    inner = re.fullmatch(r"(?:Array|Set)<(.+)>", kind)
    if kind.startswith("{"):
        return {"type": "object", "additionalProperties": True}
    if " & " in kind:
        return {"allOf": [_schema(one) for one in kind.split(" & ")]}
    if inner:
        return {"type": "array", "items": _schema(inner[1])}
    parts = kind.split(" | ")
    if all(one.startswith("'") for one in parts):
        return {"enum": [one.strip("'") for one in parts]}
    if len(parts) > 1:
        return {"anyOf": [_schema(one) for one in parts]}
    return dict(_SIMPLE.get(kind, {"$ref": f"#/components/schemas/{kind}"}))


def _reached(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    wanted = _named(paths)
    while wanted:
        kept |= {name: schemas[name] for name in wanted}
        wanted = {name for one in wanted for name in _named(schemas[one])} - kept.keys()
    return kept


def _named(node: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(node)))


if __name__ == "__main__":
    main()
