"""Schemas as JSON Schema, out for other programs and for language models, and in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.extraction.schemas.fields import Field, FieldType, Format, Schema

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.STRING: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.MONEY: {"type": "number", "x-patchdeck-type": "money"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.ENUM: {"type": "string"},
}
_FORMATS = {Format.EMAIL: "email", Format.URL: "uri", Format.TIME: "time"}
_FORMATS_IN = {**{name: form for form, name in _FORMATS.items()}, **{form.value: form for form in Format}}
_ASKED = {FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY, FieldType.DATE, FieldType.DATETIME}


def to_json_schema(schema: Schema) -> dict[str, Any]:
    """Describe the records of a schema for other programs; `from_json_schema` reads it back."""
    head: dict[str, Any] = {"$schema": _DRAFT, "$id": schema.name, "title": schema.metadata.title or schema.name}
    if schema.metadata.description:
        head["description"] = schema.metadata.description
    return {**head, **_object(schema.spec.fields)}


def _object(fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    if field.type is FieldType.OBJECT:
        body = _object(field.fields)
    elif field.type is FieldType.TABLE:
        body = {"type": "array", "items": _object(field.fields)}
    elif field.type is FieldType.LIST:
        body = {"type": "array", "items": _scalar(field, field.of)}
    else:
        body = _scalar(field, field.type)
        if not field.required:
            body["type"] = [body["type"], "null"]
            if field.options:
                body["enum"] = [*body["enum"], None]
    return body | _words(field)


def _scalar(field: Field, type_: FieldType) -> dict[str, Any]:
    body = dict(_TYPES[type_])
    if type_ is FieldType.ENUM:
        body["enum"] = list(field.options)
    if field.format:
        body["format"] = _FORMATS.get(field.format, field.format.value)
    if field.pattern:
        body["pattern"] = field.pattern
    for name, bound in (("minimum", field.minimum), ("maximum", field.maximum)):
        if bound is not None:
            body[name if isinstance(bound, float | int) else f"x-patchdeck-{name}"] = bound
    return body


def _words(field: Field) -> dict[str, Any]:
    words: dict[str, Any] = {
        "title": field.title,
        "description": field.help,
        "examples": list(field.examples),
        "x-patchdeck-hint": field.hint,
        "x-patchdeck-labels": list(field.labels),
    }
    return {key: value for key, value in words.items() if value}


def answer_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Describe what a language model is asked for: every field named, null allowed, values as they stand in the text.

    Numbers and dates are asked for as written, because models misread 1.200,00 and 03/04; our own parsers do not.
    """
    return {
        "type": "object",
        "properties": {field.name: _asked(field) for field in fields},
        "required": [field.name for field in fields],
        "additionalProperties": False,
    }


def _asked(field: Field) -> dict[str, Any]:
    description = _description(field)
    if field.type is FieldType.OBJECT:
        return {**answer_schema(field.fields), "description": description}
    if field.type is FieldType.TABLE:
        return {"type": "array", "items": answer_schema(field.fields), "description": description}
    if field.type is FieldType.LIST:
        return {"type": "array", "items": {"type": "string"}, "description": description}
    if field.type is FieldType.BOOLEAN:
        return {"type": ["boolean", "null"], "description": description}
    body: dict[str, Any] = {"type": ["string", "null"], "description": description}
    if field.type is FieldType.ENUM:
        body["enum"] = [*field.options, None]
    return body


def _description(field: Field) -> str:
    parts = [field.title or field.name.replace("_", " "), field.hint or field.help]
    if field.type in _ASKED:
        parts.append(f"A {field.type.value}, copied exactly as it is written in the document.")
    elif field.type is not FieldType.ENUM:
        parts.append("Copied exactly from the document.")
    if field.labels:
        parts.append("Documents call it: " + ", ".join(field.labels[:8]) + ".")
    if field.examples:
        parts.append("For example: " + "; ".join(str(example) for example in field.examples[:3]) + ".")
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def looks_like_json_schema(raw: Mapping[str, Any]) -> bool:
    """Tell a JSON Schema of an object from a schema document of ours."""
    return isinstance(raw.get("properties"), Mapping) and "spec" not in raw


def from_json_schema(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a JSON Schema of an object into a schema document, which is then checked like any other."""
    title = str(raw.get("title") or raw.get("$id") or "imported")
    metadata = {"name": _slug(str(raw.get("$id") or title)), "title": title}
    if isinstance(raw.get("description"), str):
        metadata["description"] = raw["description"]
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Schema",
        "metadata": metadata,
        "spec": {"fields": _fields_in(raw, raw)},
    }


def _fields_in(raw: Mapping[str, Any], root: Mapping[str, Any]) -> list[dict[str, Any]]:
    properties = raw.get("properties")
    required = raw.get("required") or []
    if not isinstance(properties, Mapping):
        return []
    return [
        {"name": name, "required": name in required, **_field_in(body, root)}
        for name, body in properties.items()
        if isinstance(body, Mapping)
    ]


def _field_in(body: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    body = _resolved(body, root)
    field: dict[str, Any] = {"type": _type_in(body)}
    if field["type"] == "object":
        field["fields"] = _fields_in(body, root)
    elif field["type"] == "list":
        items = _resolved(body.get("items") or {}, root)
        inner = _field_in(items, root)
        if inner["type"] == "object":
            field = {"type": "table", "fields": inner["fields"]}
        else:
            field |= {"of": inner["type"]} | {
                key: inner[key] for key in ("options", "pattern", "format") if key in inner
            }
    elif field["type"] == "enum":
        field["options"] = [str(option) for option in body.get("enum", [body.get("const")]) if option is not None]
    return field | _words_in(body)


def _resolved(body: Any, root: Mapping[str, Any]) -> dict[str, Any]:
    """Follow one local reference, and the first alternative that is not null."""
    if not isinstance(body, Mapping):
        return {}
    reference = body.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part, {}) if isinstance(target, Mapping) else {}
        rest = {key: value for key, value in body.items() if key != "$ref"}
        body = {**target, **rest} if isinstance(target, Mapping) else rest
    for key in ("anyOf", "oneOf"):
        alternatives = [one for one in body.get(key) or [] if isinstance(one, Mapping) and one.get("type") != "null"]
        if alternatives:
            return {**body, **_resolved({k: v for k, v in alternatives[0].items() if k != key}, root)}
    return dict(body)


def _type_in(body: Mapping[str, Any]) -> str:
    ours = body.get("x-patchdeck-type")
    if ours in set(FieldType):
        return str(ours)
    kinds = body.get("type")
    kind = next((one for one in kinds if one != "null"), "string") if isinstance(kinds, list) else kinds
    if "enum" in body or "const" in body:
        return "enum"
    if kind == "string" and body.get("format") in {"date", "date-time"}:
        return "date" if body["format"] == "date" else "datetime"
    if kind == "array":
        return "list"
    if kind is None:
        return "object" if "properties" in body else "string"
    return str(kind)


def _words_in(body: Mapping[str, Any]) -> dict[str, Any]:
    pairs = {
        "title": body.get("title"),
        "help": body.get("description"),
        "pattern": body.get("pattern"),
        "minimum": body.get("minimum", body.get("x-patchdeck-minimum")),
        "maximum": body.get("maximum", body.get("x-patchdeck-maximum")),
        "examples": body.get("examples"),
        "hint": body.get("x-patchdeck-hint"),
        "labels": body.get("x-patchdeck-labels"),
        "format": _FORMATS_IN.get(body.get("format") or ""),
    }
    return {key: value for key, value in pairs.items() if value is not None}


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.rsplit("/", 1)[-1].removesuffix(".json").lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", slug)[:64] or "imported"
