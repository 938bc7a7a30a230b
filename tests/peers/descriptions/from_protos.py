"""Make the description of Reddit's API out of Reddit's own protocol files, which say address, parameters and answer.

python -m tests.peers.descriptions.from_protos
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
PACKAGE = "@devvit/protos@0.14.6"
BELOW = "package/schema/devvit/plugin/redditapi"
FILES = ("common/common_msg.proto", "listings/listings_msg.proto", "listings/listings_svc.proto")
CALLS = ("New", "SearchPosts")
_CALL = re.compile(r"rpc (\w+)\((\w+)\) returns \(([\w.]+)\) \{(.*?)\n  \}", re.DOTALL)
_SETTING = re.compile(r"\.(method|path) = '([^']+)'")
_LINE = re.compile(r"message (?P<message>\w+) \{|(?P<end>\})|(?P<map>map<[^>]+>) (?P<mapped>\w+) = \d+"
                   r"|(?P<many>repeated )?(?:optional )?(?P<kind>[\w.]+) (?P<name>\w+) = \d+")  # fmt: skip
_PLAIN = {"string": "string", "bool": "boolean", "double": "number", "float": "number"}
_WHOLE = re.compile(r"u?int(32|64)")


def main() -> None:
    """Write reddit.json."""
    messages, service = _files()
    schemas = _messages(messages)
    paths: dict[str, Any] = {}
    for name, asked, answered, body in _CALL.findall(service):
        if name in CALLS:
            said = dict(_SETTING.findall(body))
            path, _, _ = said["path"].partition("?")
            paths[path] = {said["method"].lower(): _operation(path, schemas[asked], answered.rpartition(".")[2])}
    source = {
        "package": PACKAGE,
        "package_licence": "BSD-3-Clause",
        "title": "Reddit's API, as its developer platform describes it",
        "made_by": "from_protos.py",
        "operations": sorted(paths),
    }
    wanted = ("Listing", "WrappedRedditObject", "RedditObject")
    kept = {name: schema for name, schema in schemas.items() if name.partition(".")[0] in wanted}
    written = {"x-source": source, "openapi": "3.1.0", "paths": paths, "components": {"schemas": kept}}
    (HERE / "reddit.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _messages(text: str) -> dict[str, Any]:
    """Return all messages as schemas; one inside another has both names."""
    found: dict[str, Any] = {}
    inside: list[str] = []
    for line in _LINE.finditer(re.sub(r"//.*", "", text)):
        if line["message"]:
            inside.append(line["message"])
            found[".".join(inside)] = {"type": "object", "properties": {}, "additionalProperties": False}
        elif line["end"]:
            inside = inside[:-1]
        elif inside and line["map"]:
            found[".".join(inside)]["properties"][line["mapped"]] = {"type": ["object", "null"]}
        elif inside:
            schema = _schema(line["kind"], ".".join(inside), found)
            schema = {"type": ["array", "null"], "items": schema} if line["many"] else schema
            found[".".join(inside)]["properties"][line["name"]] = schema
    return found


def _schema(kind: str, inside: str, known: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema; of the wrapped kinds each may be missing."""
    short = kind.rpartition(".")[2]
    plain = short.removesuffix("Value").lower() if kind.startswith("google.protobuf") else short
    if plain in _PLAIN:
        return {"type": [_PLAIN[plain], "null"]}
    if _WHOLE.fullmatch(plain):
        return {"type": ["integer", "null"]}
    name = f"{inside}.{short}" if f"{inside}.{short}" in known else short
    if short[:1].isupper() and not kind.startswith("google.protobuf") and (name in known or short.endswith("Object")):
        return {"anyOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "null"}]}
    return {}


def _operation(path: str, asked: dict[str, Any], answered: str) -> dict[str, Any]:
    named = re.findall(r"\{(.+?)\}", path)
    parameters = [
        {"in": "path" if name in named else "query", "name": name, "required": name in named, "schema": schema}
        for name, schema in asked["properties"].items()
    ]
    answer = {"$ref": f"#/components/schemas/{answered}"}
    return {
        "parameters": parameters,
        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
    }


def _files() -> tuple[str, str]:
    """Return the messages and the service's calls, as they stand in the package."""
    with TemporaryDirectory() as directory:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=directory, check=True, capture_output=True)
        with tarfile.open(next(Path(directory).glob("*.tgz"))) as packed:
            packed.extractall(directory, filter="data")
        *messages, service = (Path(directory, BELOW, file).read_text() for file in FILES)
    return "\n".join(messages), service


if __name__ == "__main__":
    main()
