"""Make descriptions out of the vendors' own Python clients, which OpenAPI Generator wrote from unpublished ones.

python -m tests.peers.descriptions.from_models: all. Read are calls, their parameters, and models with their types.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
# Of each service: its package, where in it the models lie, which modules send requests, and the calls that are needed
SERVICES: dict[str, dict[str, Any]] = {
    "hubspot": {
        "package": "hubspot-api-client==12.0.0",
        "licence": "Apache-2.0",
        "models": ["hubspot/crm/objects/models", "hubspot/crm/properties/models"],
        "clients": ["hubspot/crm/objects/api/[a-z]*.py", "hubspot/crm/properties/api/[a-z]*.py"],
        "operations": [
            "DELETE /crm/v3/objects/{objectType}/{objectId}",
            "GET /crm/v3/objects/{objectType}",
            "GET /crm/v3/objects/{objectType}/{objectId}",
            "GET /crm/v3/properties/{objectType}",
            "PATCH /crm/v3/objects/{objectType}/{objectId}",
            "POST /crm/v3/objects/{objectType}",
            "POST /crm/v3/objects/{objectType}/search",
        ],
    },
    "opsgenie": {
        "package": "opsgenie-sdk==2.1.5",
        "licence": "Apache-2.0",
        "models": ["opsgenie_sdk/models", "opsgenie_sdk/api/alert"],
        "clients": ["opsgenie_sdk/api/alert/__init__.py"],
        "operations": [
            "DELETE /v2/alerts/{identifier}",
            "DELETE /v2/alerts/{identifier}/tags",
            "GET /v2/alerts",
            "GET /v2/alerts/requests/{requestId}",
            "GET /v2/alerts/{identifier}",
            "GET /v2/alerts/{identifier}/notes",
            "POST /v2/alerts",
            "POST /v2/alerts/{identifier}/acknowledge",
            "POST /v2/alerts/{identifier}/assign",
            "POST /v2/alerts/{identifier}/close",
            "POST /v2/alerts/{identifier}/escalate",
            "POST /v2/alerts/{identifier}/notes",
            "POST /v2/alerts/{identifier}/responders",
            "POST /v2/alerts/{identifier}/tags",
            "POST /v2/alerts/{identifier}/unacknowledge",
        ],
    },
}
_REQUIRED = re.compile(r"Invalid value for `(\w+)`, must not be `None`")
_TABLES = frozenset({"openapi_types", "attribute_map", "discriminator_value_class_map"})
_BOUNDS = {"less": "maximum", "greater": "minimum"}
_SIMPLE = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "object": "object"}


def main() -> None:
    """Write the description of each service."""
    for name, service in SERVICES.items():
        with TemporaryDirectory() as directory:
            place = _unpacked(Path(directory), service["package"])
            paths: dict[str, Any] = {}
            schemas: dict[str, Any] = {}
            for folder in service["models"]:
                schemas |= _models(place / folder)
            for client in service["clients"]:
                _add_operations(paths, sorted(place.glob(client)), service["operations"])
        source = {
            "package": service["package"],
            "package_licence": service["licence"],
            "made_by": "from_models.py",
            "operations": service["operations"],
        }
        kept = _reached(paths, schemas)
        written = {"x-source": source, "openapi": "3.0.3", "paths": paths, "components": {"schemas": kept}}
        (HERE / f"{name}.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _unpacked(directory: Path, package: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory), package]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(directory.glob("*.whl"))) as packed:
        packed.extractall(directory)
    return directory


def _models(place: Path) -> dict[str, Any]:
    """Return the schemas of all models of a folder."""
    found: dict[str, Any] = {}
    kinds: dict[str, dict[str, str]] = {}
    for file in sorted(place.glob("[a-z]*.py")):
        text = file.read_text()
        for model in (one for one in ast.parse(text).body if isinstance(one, ast.ClassDef)):
            told = {
                target.id: ast.literal_eval(one.value)
                for one in model.body
                if isinstance(one, ast.Assign)
                for target in one.targets
                if isinstance(target, ast.Name) and target.id in _TABLES
            }
            if "attribute_map" not in told:
                continue
            names = told["attribute_map"]
            properties = {names[name]: _schema(kind) for name, kind in told["openapi_types"].items()}
            for name, values in _allowed(model):
                inner = properties[names[name]]
                inner.get("items", inner)["enum"] = values
            required = sorted({names[name] for name in _REQUIRED.findall(text) if name in names})
            found[model.name] = {"type": "object", "properties": properties}
            found[model.name] |= {"required": required} if required else {}
            if "discriminator_value_class_map" in told:
                kinds[model.name] = told["discriminator_value_class_map"]
    return found | {name: _told_apart(name, by_value, found) for name, by_value in kinds.items()}


def _told_apart(name: str, by_value: dict[str, str], models: dict[str, Any]) -> dict[str, Any]:
    """Write a model whose field `type` names the kind as one closed schema for each kind."""
    base = models[name]
    return {
        "anyOf": [
            {
                **base,
                "properties": {
                    **base["properties"],
                    **models.get(by_value.get(value, name), base)["properties"],
                    "type": {"type": "string", "enum": [value]},
                },
                "additionalProperties": False,
            }
            for value in base["properties"]["type"]["enum"]
        ]
    }


def _allowed(model: ast.ClassDef) -> Iterator[tuple[str, list[Any]]]:
    for setter in (one for one in model.body if isinstance(one, ast.FunctionDef)):
        for line in setter.body:
            if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "allowed_values":
                yield setter.name, ast.literal_eval(line.value)


def _add_operations(paths: dict[str, Any], clients: list[Path], wanted: list[str]) -> None:
    for file in clients:
        for client in (one for one in ast.parse(file.read_text()).body if isinstance(one, ast.ClassDef)):
            for call in (one for one in client.body if isinstance(one, ast.FunctionDef)):
                text = ast.unparse(call)
                sent = re.search(r"call_api\(\s*'([^']+)', '([A-Z]+)'", text)
                if sent and f"{sent[2]} {sent[1]}" in wanted:
                    paths.setdefault(sent[1], {})[sent[2].lower()] = _operation(call, text)


def _operation(call: ast.FunctionDef, text: str) -> dict[str, Any]:
    """Read one call: its arguments are described in its words, its answers stand in its code."""
    words = ast.get_docstring(call) or ""
    kinds = dict(re.findall(r":type (\w+): ([\w\[\], ()]+)", words))
    kinds |= {own: kind for kind, own in re.findall(r":param ([\w\[\], ()]+) (\w+):", words)}
    required = set(re.findall(r":param (?:\S+ )?(\w+):[^\n]*\(required\)", words))
    bounds = re.findall(r"parameter `(\w+)` when .*? a value (less|greater) than or equal to `(\d+)`", text)
    limits = {own: {_BOUNDS[way]: int(edge) for one, way, edge in bounds if one == own} for own in kinds}
    parameters = [
        {
            "in": place,
            "name": name,
            "required": place == "path" or own in required,
            "schema": _schema(kinds[own]) | limits[own],
        }
        for place, pattern in (
            ("path", r"path_params\['(\w+)'\] = local_var_params\['(\w+)'\]"),
            ("query", r"query_params\.append\(\('([^']+)', local_var_params\['(\w+)'\]"),
        )
        for name, own in re.findall(pattern, text)
    ]
    made: dict[str, Any] = {"parameters": parameters, "responses": {"204": {}}}
    if body := re.search(r"body_params = local_var_params\['(\w+)'\]", text):
        content = {"application/json": {"schema": _schema(kinds[body[1]])}}
        made["requestBody"] = {"required": body[1] in required, "content": content}
    if answers := re.search(r"response_types_map = (\{[^}]+\})", text):
        made["responses"] = {
            str(status): {"content": {"application/json": {"schema": _schema(kind)}}}
            for status, kind in ast.literal_eval(answers[1]).items()
            if kind
        }
    elif answer := re.search(r"response_type='(\w+)'", text):
        made["responses"] = {"2XX": {"content": {"application/json": {"schema": _schema(answer[1])}}}}
    return made


def _schema(kind: str) -> dict[str, Any]:
    """Write a type of Python's as a schema; dict[str, str] of these clients also holds null."""
    kind = kind.strip().removesuffix(", optional")
    if kind in _SIMPLE:
        return {"type": _SIMPLE[kind]}
    if kind in {"datetime", "date"}:
        return {"type": "string", "format": "date-time"}
    if inner := re.fullmatch(r"list\[(.+)\]", kind):
        return {"type": "array", "items": _schema(inner[1])}
    if inner := re.fullmatch(r"dict[\[(]str, (.+)[\])]", kind):
        return {"type": "object", "additionalProperties": {**_schema(inner[1]), "nullable": True}}
    return {"$ref": f"#/components/schemas/{kind}"}


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
