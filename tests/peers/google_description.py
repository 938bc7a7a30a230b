"""Google's own discovery documents as a judge: of every request that comes in, and of every answer that goes out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from googleapiclient.discovery_cache import DISCOVERY_DOC_DIR

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
}
_PATTERNS = {"integer": r"-?\d+", "boolean": r"true|false", "number": r"-?\d+(\.\d+)?"}
_LONG = ("int64", "uint64")
_UPLOAD = frozenset({"uploadType", "upload_id"})


class RefusalError(Exception):
    """What a service of Google's says no with."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message


class Method(msgspec.Struct, frozen=True):
    """A method of a document, and whether this address of it takes a file."""

    id: str
    verb: str
    address: re.Pattern[str]
    said: dict[str, Any]
    upload: bool


class Description:
    """One API by its document: which method a request means, and whether everything in it is as documented."""

    def __init__(self, name: str) -> None:
        self.document: dict[str, Any] = msgspec.json.decode(Path(DISCOVERY_DOC_DIR, f"{name}.json").read_bytes())
        self.schemas: dict[str, Any] = self.document.get("schemas", {})
        self.methods = list(self._walk(self.document))

    def meant(self, verb: str, path: str, *, upload: bool) -> tuple[Method, dict[str, str]] | None:
        """Return the method that a request is for, and what its path names."""
        for method in self.methods:
            found = method.address.fullmatch(path) if method.upload == upload else None
            if found and (verb == method.verb or (upload and verb == "PUT")):
                return method, found.groupdict()
        return None

    def check_parameters(
        self, method: Method, path: Mapping[str, str], query: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        """Return the parameters by name; RefusalError when one is unknown, missing, or not as documented."""
        known = {**self.document.get("parameters", {}), **method.said.get("parameters", {})}
        given = {**{name: [value] for name, value in path.items()}, **query}
        for name, values in given.items():
            if name in known:
                _check_values(name, known[name], values)
            elif not (method.upload and name in _UPLOAD):
                raise _bad(f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.')
        missing = [name for name, said in known.items() if said.get("required") and name not in given]
        if missing:
            raise RefusalError(400, "required", f"Required parameter: {', '.join(missing)}")
        repeated = {name for name, said in known.items() if said.get("repeated")}
        return {name: list(values) if name in repeated else values[0] for name, values in given.items()}

    def check_body(self, method: Method, body: Any) -> None:
        """Refuse a body that the method does not take."""
        if body is None:
            return
        if "request" not in method.said:
            raise _bad(f"{method.id} takes no body.")
        self.check(method.said["request"], body, method.said["request"]["$ref"])

    def check_answer(self, method: Method, answer: Any) -> None:
        """Refuse an answer that Google would not give."""
        if "response" in method.said:
            self.check(method.said["response"], answer, f"the answer of {method.id}")

    def check_mask(self, method: Method, fields: Mapping[str, Any]) -> None:
        """Refuse a mask that names what the answer does not have."""
        self._check_mask(method.said.get("response", {}), fields)

    def check(self, schema: Mapping[str, Any], value: Any, where: str) -> None:
        """Compare a value with its schema."""
        schema = self.schemas[schema["$ref"]] if "$ref" in schema else schema
        kind = schema.get("type", "any")
        if kind == "any" or value is None:
            return
        if kind == "object":
            self._check_object(schema, value, where)
        elif kind == "array":
            if not isinstance(value, list):
                raise _bad(f"Invalid value at '{where}': a list is expected.")
            for number, one in enumerate(value):
                self.check(schema["items"], one, f"{where}[{number}]")
        else:
            _check_plain(schema, kind, value, where)

    def _check_object(self, schema: Mapping[str, Any], value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise _bad(f"Invalid value at '{where}': an object is expected.")
        for name, one in value.items():
            inner = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if inner is None:
                raise _bad(f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field.")
            self.check(inner, one, f"{where}.{name}")

    def _check_mask(self, schema: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        schema = self.schemas[schema["$ref"]] if "$ref" in schema else schema
        if schema.get("type") == "array":
            self._check_mask(schema["items"], fields)
            return
        for name, inner in fields.items():
            known = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if name != "*" and known is None:
                raise RefusalError(400, "invalidParameter", f"Invalid field selection {name}")
            if inner and known:
                self._check_mask(known, inner)

    def _walk(self, place: Mapping[str, Any]) -> Iterator[Method]:
        for said in place.get("methods", {}).values():
            yield self._method(said, self.document["servicePath"] + said["path"], upload=False)
            for protocol in said.get("mediaUpload", {}).get("protocols", {}).values():
                yield self._method(said, protocol["path"].lstrip("/"), upload=True)
        for inner in place.get("resources", {}).values():
            yield from self._walk(inner)

    def _method(self, said: dict[str, Any], path: str, *, upload: bool) -> Method:
        whole = {name for name, one in said.get("parameters", {}).items() if one.get("pattern") == "^[^/]+$"}

        def group(found: re.Match[str]) -> str:
            inner = ".+" if found[1] and found[2] not in whole else "[^/]+?"
            return f"(?P<{found[2]}>{inner})"

        address = re.sub(r"\\\{(\\\+)?(\w+)\\\}", group, re.escape(path))
        return Method(said["id"], said["httpMethod"], re.compile(f"/{address}/?"), said, upload)


def mask_of(text: str) -> dict[str, Any]:
    """Read a mask such as `files(id,name),nextPageToken` or `sheets.properties/title`."""
    found: dict[str, Any] = {}
    for part in _parts(text):
        place = found
        head, _, inner = part.partition("(")
        names = re.split(r"[/.]", head)
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = mask_of(inner[:-1]) if inner else place.get(names[-1], {})
    return found


def masked(value: Any, mask: Mapping[str, Any]) -> Any:
    """Return of a value what a mask names."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(one, mask) for one in value]
    if isinstance(value, dict):
        return {name: masked(value[name], inner) for name, inner in mask.items() if name in value}
    return value


def _parts(text: str) -> Iterator[str]:
    depth, part = 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    if depth or not part:
        raise RefusalError(400, "invalidParameter", f"Invalid field selection {text}")
    yield part


def _check_values(name: str, said: Mapping[str, Any], values: Sequence[str]) -> None:
    if len(values) > 1 and not said.get("repeated"):
        raise _bad(f"{name} is given more than once.")
    for value in values:
        if not re.fullmatch(_PATTERNS.get(said["type"], r"(?s).*"), value):
            raise _bad(f"Invalid value at '{name}' ({said['type']}), \"{value}\"")
        if "enum" in said and value not in said["enum"]:
            raise _bad(f"Invalid value at '{name}': {value} is none of {said['enum']}")
        if "pattern" in said and not re.search(said["pattern"], value):
            raise _bad(f"Invalid value at '{name}': {value} does not match {said['pattern']}")
        if (
            not int(said.get("minimum", -(10**18)))
            <= int(value if "maximum" in said else 0)
            <= int(said.get("maximum", 10**18))
        ):
            raise _bad(f"Invalid value '{value}'. Values must be within the range of {name}.")


def _check_plain(schema: Mapping[str, Any], kind: str, value: Any, where: str) -> None:
    long = schema.get("format") in _LONG
    fits = isinstance(value, _TYPES[kind]) and not (kind in {"number", "integer"} and isinstance(value, bool))
    if kind == "string" and long:
        fits = isinstance(value, str) and value.lstrip("-").isdigit()
    if not fits:
        raise _bad(f"Invalid value at '{where}' ({kind} {schema.get('format', '')}), {value!r:.60}")
    if "enum" in schema and value not in schema["enum"]:
        raise _bad(f"Invalid value at '{where}': {value} is none of {schema['enum'][:8]}")


def _bad(message: str) -> RefusalError:
    return RefusalError(400, "badRequest", message)
