"""Schemas as JSON Schema, for other programs and for language models; `json_schema_in` reads them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

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
_ASKED = {FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY, FieldType.DATE, FieldType.DATETIME}


def to_json_schema(schema: Schema) -> dict[str, Any]:
    """Describe the records of a schema for other programs; `from_json_schema` reads it back."""
    head: dict[str, Any] = {"$schema": _DRAFT, "$id": schema.name, "title": schema.metadata.title or schema.name}
    if schema.metadata.description:
        head["description"] = schema.metadata.description
    rules = {"sums": schema.spec.sums, "orders": schema.spec.orders, "metadata-labels": schema.metadata.labels}
    said = {f"x-patchdeck-{name}": msgspec.to_builtins(list(value)) for name, value in rules.items() if value}
    return {**head, **_object(schema.spec.fields), **said}


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
            body[_bound(name, type_, bound)] = int(bound) if isinstance(bound, float) and bound.is_integer() else bound
    return body


def _bound(name: str, type_: FieldType, bound: float | str) -> str:
    """Name a bound: days have none in JSON Schema, those of texts are lengths."""
    if isinstance(bound, str):
        return f"x-patchdeck-{name}"
    return {"minimum": "minLength", "maximum": "maxLength"}[name] if type_ is FieldType.STRING else name


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
