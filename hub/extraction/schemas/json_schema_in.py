"""JSON Schemas of other programs as schemas of ours; what ours cannot say is named, nothing is dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.errors import Problem
from hub.extraction.schemas.fields import FieldType, Format
from hub.extraction.schemas.references import References, pointer
from hub.patterns import pattern

MOST_DEPTH, MOST_FIELDS = 6, 400
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_FORMATS = {"email": "email", "uri": "url", "time": "time"} | {form.value: form.value for form in Format}
_SCALARS = {"string", "integer", "number", "boolean"}
_WORDS = {"title": "title", "description": "help", "x-patchdeck-hint": "hint", "x-patchdeck-labels": "labels"}
# What says nothing about values, or was looked at on the way to them.
_READ = frozenset(
    {
        *("$schema", "$id", "$defs", "definitions", "$ref", "$anchor", "type", "properties", "required", "items"),
        *("enum", "const", "examples", "x-patchdeck-type", "x-patchdeck-minimum", "x-patchdeck-maximum"),
        *_WORDS,
    }
)
_NUMBERS = {"minimum": "minimum", "maximum": "maximum"}
_LENGTHS = {"minLength": "minimum", "maxLength": "maximum"}

Schema = Mapping[str, Any]


def looks_like_json_schema(raw: Schema) -> bool:
    """Tell a JSON Schema from a schema document of ours."""
    if "spec" in raw or "apiVersion" in raw:
        return False
    return any(key in raw for key in ("properties", "$schema", "$defs", "definitions", "$ref", "allOf"))


class Import:
    """One JSON Schema being turned into a document; `losses` names, by JSON pointer, what the document cannot say."""

    def __init__(self, raw: Schema) -> None:
        self._root = raw
        self._count = 0
        self.losses: list[Problem] = []
        self._references = References(raw, self._lose)

    def document(self) -> dict[str, Any]:
        """Return a schema document of ours, which is then checked like any other."""
        raw, path = self._references.resolved(self._root, "#", ()), "#"
        if raw.get("type") == "array" and isinstance(raw.get("items"), Mapping):
            self._lose(path, "The document is a list; each entry is taken as a record.")
            raw, path = self._references.resolved(raw["items"], "#/items", ()), "#/items"
        title = str(raw.get("title") or self._root.get("title") or "")
        name = str(self._root.get("$id") or title or "imported")
        metadata: dict[str, Any] = {"name": _slug(name), "title": title}
        if isinstance(raw.get("description"), str):
            metadata["description"] = raw["description"]
        if isinstance(raw.get("x-patchdeck-metadata-labels"), list):
            metadata["labels"] = raw["x-patchdeck-metadata-labels"]
        spec: dict[str, Any] = {"fields": self._fields(raw, path, 1, ())}
        for rules in ("sums", "orders"):
            if f"x-patchdeck-{rules}" in raw:
                spec[rules] = raw[f"x-patchdeck-{rules}"]
        own = {"description", "x-patchdeck-metadata-labels", "x-patchdeck-sums", "x-patchdeck-orders"}
        self._name_unread(
            raw, path, own | {"additionalProperties"} if raw.get("additionalProperties") is False else own
        )
        return {"apiVersion": "patchdeck/v1", "kind": "Schema", "metadata": metadata, "spec": spec}

    def _fields(self, raw: Schema, path: str, depth: int, seen: tuple[str, ...]) -> list[dict[str, Any]]:
        properties = raw.get("properties")
        required = raw.get("required") if isinstance(raw.get("required"), list) else []
        fields: list[dict[str, Any]] = []
        taken: set[str] = set()
        for key, body in properties.items() if isinstance(properties, Mapping) else ():
            place = f"{path}/properties/{pointer(str(key))}"
            field = self._field(body, place, depth, seen)
            if field is None:
                continue
            name = self._named(str(key), place, taken)
            taken.add(name)
            fields.append({"name": name, **({"required": True} if key in (required or []) else {}), **field})
        for key in required or []:
            if not isinstance(properties, Mapping) or key not in properties:
                self._lose(f"{path}/required", f"{key!r} is required but described nowhere.")
        return fields

    def _field(self, given: Any, path: str, depth: int, seen: tuple[str, ...]) -> dict[str, Any] | None:
        """Return a field, None for one that has no place here, which is then named."""
        if not isinstance(given, Mapping):
            self._lose(path, "It allows anything or nothing, which no field can; it is left out.")
            return None
        reference = given.get("$ref")
        if isinstance(reference, str) and reference in seen:
            self._lose(path, "It refers to itself; only the outermost level is kept.")
            return None
        seen = (*seen, reference) if isinstance(reference, str) else seen
        body = self._references.resolved(given, path, seen)
        self._count += 1
        if depth > MOST_DEPTH or self._count > MOST_FIELDS:
            self._lose(path, f"A schema has {MOST_FIELDS} fields at most, {MOST_DEPTH} deep; this one is left out.")
            return None
        kind = self._kind(body, path)
        if kind == "object":
            return self._object(body, path, depth, seen)
        if kind == "array":
            return self._array(body, path, depth, seen)
        return self._scalar(body, path, kind) | self._words(body, path)

    def _object(self, body: Schema, path: str, depth: int, seen: tuple[str, ...]) -> dict[str, Any] | None:
        fields = self._fields(body, path, depth + 1, seen)
        self._name_unread(body, path, _closed(body))
        if not fields:
            self._lose(path, "It is an object without fields of its own; it is left out.")
            return None
        return {"type": "object", "fields": fields} | self._words(body, path)

    def _array(self, body: Schema, path: str, depth: int, seen: tuple[str, ...]) -> dict[str, Any] | None:
        self._name_unread(body, path, set())
        items = body.get("items")
        inner: dict[str, Any] | None = {"type": "string"}
        if items is not None:
            inner = self._field(items, f"{path}/items", depth, seen)
        if inner is None or inner["type"] in {"list", "table"}:
            self._lose(path, "It lists what has no place here; it is left out.")
            return None
        if items is None:
            self._lose(path, "It does not say what it lists; texts are taken.")
        words = self._words(body, path)
        if inner["type"] == "object":
            columns = list(self._columns(inner["fields"], f"{path}/items"))
            if not columns:
                self._lose(path, "It is a table without columns of single values; it is left out.")
                return None
            self._lose_inner(inner, {"fields"}, path)
            return {"type": "table", "fields": columns} | words
        kept = {key: inner[key] for key in ("options", "pattern", "format") if key in inner}
        self._lose_inner(inner, set(kept), path)
        return {"type": "list", "of": inner["type"]} | kept | words

    def _lose_inner(self, inner: Schema, kept: set[str], path: str) -> None:
        for key in sorted(set(inner) - {"type"} - kept):
            self._lose(f"{path}/items", f"What it says about single entries ({key}) cannot be kept.")

    def _columns(self, fields: Sequence[dict[str, Any]], path: str) -> Iterator[dict[str, Any]]:
        for field in fields:
            if field["type"] in {"object", "table", "list"}:
                place = f"{path}/properties/{pointer(field['name'])}"
                self._lose(place, "A column of a table holds a single value; this one is left out.")
            else:
                yield field

    def _kind(self, body: Schema, path: str) -> str:
        ours = body.get("x-patchdeck-type")
        if ours == FieldType.MONEY.value:
            return str(ours)
        kinds = body.get("type")
        if isinstance(kinds, list):
            real = [kind for kind in kinds if kind != "null"]
            if len(real) > 1:
                self._lose(path, f"It may be of {len(real)} types; {real[0]} is taken.")
            kinds = real[0] if real else None
        if kinds is None:
            kinds = "object" if "properties" in body else "array" if "items" in body else _kind_of(body)
            if kinds is None:
                self._lose(path, "It has no type; text is taken.")
        if kinds in {*_SCALARS, "object", "array"}:
            return str(kinds)
        if kinds is not None:
            self._lose(path, f"There is no type {kinds!r}; text is taken.")
        return "string"

    def _scalar(self, body: Schema, path: str, kind: str) -> dict[str, Any]:
        allowed = [body["const"]] if "const" in body else body.get("enum")
        if "const" in body and "enum" in body:
            self._lose(f"{path}/enum", "Beside a constant value it says nothing more.")
        if isinstance(allowed, list):
            options = [option for option in allowed if isinstance(option, str) and option]
            if kind == "string" and options:
                self._name_unread(body, path, set())
                if len(options) < len([option for option in allowed if option is not None]):
                    self._lose(f"{path}/enum", "Only its texts are kept as options.")
                return {"type": "enum", "options": list(dict.fromkeys(options))}
            self._lose(f"{path}/enum", "Only texts can be options; any value is taken.")
        if kind == "string" and body.get("format") in {"date", "date-time"}:
            return self._day(body, path)
        if kind == "string":
            return {"type": "string"} | self._text(body, path)
        field: dict[str, Any] = {"type": kind}
        if kind != "boolean":
            return field | self._bounds(body, path, _NUMBERS)
        self._name_unread(body, path, set())
        return field

    def _text(self, body: Schema, path: str) -> dict[str, Any]:
        said: dict[str, Any] = self._bounds(body, path, _LENGTHS, {"pattern", "format"})
        if "format" in body:
            if body["format"] in _FORMATS:
                said["format"] = _FORMATS[body["format"]]
            else:
                self._lose(f"{path}/format", f"The format {body['format']!r} is not known here.")
        if "pattern" in body:
            if _is_pattern(body["pattern"]):
                said["pattern"] = body["pattern"]
            else:
                self._lose(f"{path}/pattern", "This pattern cannot be checked in linear time; it is left out.")
        return said

    def _day(self, body: Schema, path: str) -> dict[str, Any]:
        self._name_unread(body, path, {"format"})
        bounds = {name: body[f"x-patchdeck-{name}"] for name in _NUMBERS if f"x-patchdeck-{name}" in body}
        return {"type": "date" if body["format"] == "date" else "datetime"} | bounds

    def _bounds(
        self, body: Schema, path: str, known: Mapping[str, str], besides: frozenset[str] | set[str] = frozenset()
    ) -> dict[str, Any]:
        bounds: dict[str, Any] = {}
        for key, name in known.items():
            value = body.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                bounds[name] = value
            elif value is not None:
                self._lose(f"{path}/{key}", "It is no number.")
        if len(bounds) == 2 and bounds["minimum"] > bounds["maximum"]:
            self._lose(path, "Its least value is above its greatest; both are left out.")
            bounds = {}
        self._name_unread(body, path, set(known) | besides)
        return bounds

    def _words(self, body: Schema, path: str) -> dict[str, Any]:
        words: dict[str, Any] = {}
        for key, name in _WORDS.items():
            value = body.get(key)
            if isinstance(value, str) or (name == "labels" and isinstance(value, list)):
                words[name] = value
            elif value is not None:
                self._lose(f"{path}/{key}", "It is no text.")
        examples = body.get("examples")
        if isinstance(examples, list):
            words["examples"] = [one for one in examples if isinstance(one, str | int | float | bool)]
            if len(words["examples"]) < len(examples):
                self._lose(f"{path}/examples", "Only examples of single values are kept.")
        elif examples is not None:
            self._lose(f"{path}/examples", "Examples are a list.")
        return words

    def _named(self, key: str, path: str, taken: set[str]) -> str:
        name = key if _NAME.fullmatch(key) else re.sub(r"\W+", "_", key, flags=re.ASCII).strip("_")[:60]
        name = name if _NAME.fullmatch(name) else f"field_{name}"[:60]
        while name in taken:
            name = f"{name}_"
        if name != key:
            self._lose(path, f"A field cannot be named {key!r}; it is named {name!r}.")
        return name

    def _name_unread(self, body: Schema, path: str, read: set[str] | frozenset[str]) -> None:
        for key in sorted(set(map(str, body)) - _READ - read):
            self._lose(f"{path}/{pointer(key)}", f"{key!r} says something that a schema here cannot.")

    def _lose(self, path: str, message: str) -> None:
        self.losses.append(Problem(path, message))


def from_json_schema(raw: Schema) -> tuple[dict[str, Any], list[Problem]]:
    """Turn a JSON Schema into a document of ours, and name what that cannot say."""
    one = Import(raw)
    return one.document(), one.losses


def _closed(body: Schema) -> set[str]:
    """A schema here never allows fields it does not name."""
    return {"additionalProperties"} if body.get("additionalProperties") is False else set()


def _kind_of(body: Schema) -> str | None:
    """Tell a type from what else is said."""
    values = [body["const"]] if "const" in body else body.get("enum")
    if isinstance(values, list) and any(isinstance(value, str) for value in values):
        return "string"
    if any(key in body for key in ("pattern", "minLength", "maxLength", "format")):
        return "string"
    return "number" if any(key in body for key in ("minimum", "maximum", "multipleOf")) else None


def _is_pattern(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        pattern(text)
    except ValueError:
        return False
    return True


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9_]+", "-", text.rsplit("/", 1)[-1].removesuffix(".json").lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", slug)[:64].rstrip("-_") or "imported"
