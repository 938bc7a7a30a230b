"""Make the description of Bluesky's API out of the official lexicons, which the AT Protocol's own client carries.

python -m tests.peers.descriptions.from_lexicons
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
PACKAGE = "@atproto/api@0.19.19"
METHODS = (
    "app.bsky.feed.getAuthorFeed",
    "app.bsky.feed.getPosts",
    "app.bsky.feed.searchPosts",
    "app.bsky.notification.listNotifications",
    "com.atproto.repo.createRecord",
    "com.atproto.repo.deleteRecord",
    "com.atproto.repo.getRecord",
    "com.atproto.server.createSession",
)
# Records that travel where a method takes any
RECORDS = ("app.bsky.feed.post",)
_PRINT = "import('./package/dist/client/lexicons.js').then(m => console.log(JSON.stringify(m.schemas)))"
_LIMITS = {"maxLength": "maxLength", "minLength": "minLength", "enum": "enum", "const": "const"}
_NUMBERS = {"minimum": "minimum", "maximum": "maximum", "enum": "enum", "const": "const"}
_SHAPES = {
    "did": "^did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]$",
    "at-uri": "^at://",
    "handle": r"^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$",
    "datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "tid": "^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$",
    "record-key": "^[a-zA-Z0-9_~.:-]{1,512}$",
    "nsid": r"^[a-zA-Z]([a-zA-Z0-9-]{0,62})(\.[a-zA-Z0-9-]{1,63})+$",
}


def main() -> None:
    """Write bluesky.json."""
    lexicons = {one["id"]: one["defs"] for one in _lexicons()}
    made = _Description(lexicons)
    paths = {f"/xrpc/{method}": made.operation(method) for method in METHODS}
    for record in RECORDS:
        made.schema({"type": "ref", "ref": f"{record}#main"}, record)
    made.finish()
    source = {
        "package": PACKAGE,
        "package_licence": "MIT",
        "title": "Lexicons of the AT Protocol and Bluesky",
        "made_by": "from_lexicons.py",
        "operations": sorted(METHODS),
    }
    written = {"x-source": source, "openapi": "3.1.0", "paths": paths, "components": {"schemas": made.schemas}}
    (HERE / "bluesky.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


class _Description:
    """Lexicons as JSON Schema; `schemas` are those that were referred to."""

    def __init__(self, lexicons: dict[str, Any]) -> None:
        self.schemas: dict[str, Any] = {}
        self._lexicons = lexicons
        self._wanted: list[str] = []

    def operation(self, method: str) -> dict[str, Any]:
        """Return a method as a path with its verb."""
        said = self._lexicons[method]["main"]
        parameters = said.get("parameters", {})
        made: dict[str, Any] = {
            "parameters": [
                {
                    "in": "query",
                    "name": name,
                    "required": name in parameters.get("required", ()),
                    "schema": self.schema(one, method),
                }
                for name, one in sorted(parameters.get("properties", {}).items())
            ],
            "responses": {"200": {"content": self._content(said.get("output"), method)}},
        }
        if said["type"] == "query":
            return {"get": made}
        made["requestBody"] = {"required": True, "content": self._content(said.get("input"), method)}
        return {"post": made}

    def finish(self) -> None:
        """Write down everything that was referred to."""
        while self._wanted:
            reference = self._wanted.pop()
            lexicon, _, name = reference.partition("#")
            if reference not in self.schemas:
                self.schemas[reference] = {}
                self.schemas[reference] = self.schema(self._lexicons[lexicon][name or "main"], lexicon)

    def schema(self, said: dict[str, Any], lexicon: str) -> dict[str, Any]:  # noqa: PLR0911  # one for each type
        """Return a lexicon's type as JSON Schema."""
        match said["type"]:
            case "object":
                return self._object(said, lexicon)
            case "record":
                return self.schema(said["record"], lexicon)
            case "array":
                limits = {"maxItems": said["maxLength"]} if "maxLength" in said else {}
                return {"type": "array", "items": self.schema(said["items"], lexicon), **limits}
            case "ref":
                return {"$ref": self._pointer(said["ref"], lexicon)}
            case "union":
                return {"anyOf": self._variants(said, lexicon)}
            case "string":
                shape = {"pattern": _SHAPES[said["format"]]} if said.get("format") in _SHAPES else {}
                return {"type": "string", **shape, **{name: said[one] for one, name in _LIMITS.items() if one in said}}
            case "integer" | "boolean":
                return {"type": said["type"], **{name: said[one] for one, name in _NUMBERS.items() if one in said}}
            case "token":
                return {"type": "string"}
        return {}

    def _object(self, said: dict[str, Any], lexicon: str) -> dict[str, Any]:
        nullable = said.get("nullable", ())
        properties = {name: self.schema(one, lexicon) for name, one in said.get("properties", {}).items()}
        for name in nullable:
            properties[name] = {"anyOf": [properties[name], {"type": "null"}]}
        return {"type": "object", "properties": properties, "required": said.get("required", [])}

    def _variants(self, said: dict[str, Any], lexicon: str) -> list[dict[str, Any]]:
        """One of these by its $type; an open union takes others too."""
        known = [_absolute(one, lexicon) for one in said["refs"]]
        names = [one.removesuffix("#main") for one in known]
        variants: list[dict[str, Any]] = [
            {"$ref": self._pointer(one, lexicon), "required": ["$type"], "properties": {"$type": {"const": name}}}
            for one, name in zip(known, names, strict=True)
        ]
        if not said.get("closed"):
            other = {"type": "string", "not": {"enum": names}}
            variants.append({"type": "object", "required": ["$type"], "properties": {"$type": other}})
        return variants

    def _pointer(self, reference: str, lexicon: str) -> str:
        absolute = _absolute(reference, lexicon)
        self._wanted.append(absolute)
        return f"#/components/schemas/{absolute}"

    def _content(self, said: dict[str, Any] | None, lexicon: str) -> dict[str, Any]:
        if not said:
            return {}
        return {said["encoding"]: {"schema": self.schema(said["schema"], lexicon) if "schema" in said else {}}}


def _absolute(reference: str, lexicon: str) -> str:
    """Return a reference with its lexicon and `#main` in place; they may begin with lex: or be left out."""
    name = reference.removeprefix("lex:")
    name = f"{lexicon}{name}" if name.startswith("#") else name
    return name if "#" in name else f"{name}#main"


def _lexicons() -> list[dict[str, Any]]:
    with TemporaryDirectory() as directory:
        _run(directory, "npm", "pack", "--silent", PACKAGE)
        with tarfile.open(next(Path(directory).glob("*.tgz"))) as packed:
            packed.extractall(directory, filter="data")
        _run(directory, "npm", "install", "--silent", "--no-save", "--prefix", ".", PACKAGE)
        found: list[dict[str, Any]] = json.loads(_run(directory, "node", "-e", _PRINT))
        return found


def _run(directory: str, *command: str) -> bytes:
    return subprocess.run(command, cwd=directory, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
