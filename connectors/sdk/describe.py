"""Settings structs told in words: one description feeds the form, the API, the docs and the JSON Schema."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from connectors.sdk.settings import Field, Secret, Settings, Shape, fields_of


class FieldKind(StrEnum):
    """What sort of value a setting holds, and so which widget asks for it."""

    TEXT = "text"
    MULTILINE = "multiline"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DURATION = "duration"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    LIST = "list"
    MAPPING = "mapping"
    SECRET = "secret"  # noqa: S105  # the name of a kind
    GROUP = "group"
    GROUPS = "groups"
    FILE = "file"
    ANY = "any"


class FieldDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as a form needs it.

    `templated` settings take Liquid; `record` marks the mapping that makes up the written row; `asks` means that the
    service can list the values, `pictured` that it can show them in a picture;
    `fields` are those of a group, or of each element of a list of groups; `when` names
    the settings, and their values, without which this one means nothing (no value named: any); `shape` tells what an
    open type is meant to hold; `multiline` secrets have line breaks that count; `meanings` are what a hint such as
    "read: nothing is changed; write: rows are added" says of each choice; `extends` lists may hold others than the
    choices as well.
    """

    name: str
    title: str
    kind: FieldKind
    hint: str = ""
    required: bool = False
    default: Any = None
    example: Any = None
    choices: Sequence[str] = ()
    extends: bool = False
    asks: bool = False
    pictured: bool = False
    templated: bool = False
    record: bool = False
    advanced: bool = False
    fields: Sequence[FieldDescription] = ()
    when: Mapping[str, Sequence[Any]] = {}
    shape: Shape = Shape.PLAIN
    multiline: bool = False
    meanings: Mapping[str, str] = {}


@cache
def describe(settings: type[Settings]) -> tuple[FieldDescription, ...]:
    """Return every setting of a struct, in order."""
    hints = get_type_hints(settings)
    declared = fields_of(settings)
    defaults = {found.name: found for found in msgspec.structs.fields(settings)}
    return tuple(_describe(name, hints[name], declared[name], defaults[name]) for name in declared)


@cache
def json_schema(settings: type[Settings]) -> Mapping[str, Any]:
    """Return the JSON Schema of a struct's values as they stand in a recipe, where templated ones may be text."""
    return _object(describe(settings), (settings.__doc__ or "").partition("\n")[0])


def _describe(name: str, hint: Any, declared: Field, found: msgspec.structs.FieldInfo) -> FieldDescription:
    plain = _without_none(hint)
    choices = declared.choices
    listed = tuple(choices) if isinstance(choices, Sequence) else _values(plain) or _values(_element(plain))
    return FieldDescription(
        name=name,
        title=declared.title,
        kind=_kind(plain, declared),
        hint=declared.hint or _told(plain),
        required=found.required,
        default=_default(found),
        example=declared.example,
        choices=listed,
        extends=isinstance(choices, Sequence) and _element(plain) is str,
        asks=callable(choices),
        pictured=declared.picture is not None,
        templated=declared.templated,
        record=declared.record,
        advanced=declared.advanced,
        fields=_inner(plain),
        when=declared.when,
        shape=declared.shape,
        multiline=declared.multiline,
        meanings=_meanings(declared.hint, listed),
    )


def _meanings(hint: str, choices: Sequence[str]) -> dict[str, str]:
    """Return what a hint says of each choice; nothing when it speaks of them in another way."""
    found: dict[str, str] = {}
    for part in hint.split("; ") if choices else ():
        names, colon, meaning = part.partition(": ")
        named = _BETWEEN.split(names)
        if not colon or not set(named) <= set(choices):
            return {}
        found |= dict.fromkeys(named, f"{meaning[:1].upper()}{meaning[1:].rstrip('.')}.")
    return found


def _kind(hint: Any, declared: Field) -> FieldKind:
    origin = get_origin(hint) or hint
    named = isinstance(declared.choices, Sequence)
    listed = isinstance(origin, type) and issubclass(origin, Sequence) and not issubclass(origin, str)
    if _values(hint) or (named and not listed):
        return FieldKind.CHOICE
    if declared.shape in _SHAPES or (declared.multiline and origin is str):
        return _SHAPES.get(declared.shape, FieldKind.MULTILINE)
    if not isinstance(origin, type):
        return FieldKind.ANY
    if issubclass(origin, msgspec.Struct):
        return FieldKind.GROUP
    if listed:
        return FieldKind.CHOICES if named else _kind_of_list(hint)
    return next((kind for base, kind in _KINDS if issubclass(origin, base)), FieldKind.ANY)


def _kind_of_list(hint: Any) -> FieldKind:
    if _inner(hint):
        return FieldKind.GROUPS
    return FieldKind.CHOICES if _values(_element(hint)) else FieldKind.LIST


_KINDS: tuple[tuple[type, FieldKind], ...] = (
    (Secret, FieldKind.SECRET),
    (str, FieldKind.TEXT),
    (bool, FieldKind.BOOLEAN),
    (int, FieldKind.NUMBER),
    (float, FieldKind.NUMBER),
    (Mapping, FieldKind.MAPPING),
)
_SHAPES = {Shape.DURATION: FieldKind.DURATION, Shape.MOMENT: FieldKind.MOMENT, Shape.FILE: FieldKind.FILE}


def _element(hint: Any) -> Any:
    """Return what a list holds."""
    origin = get_origin(hint)
    listed = isinstance(origin, type) and issubclass(origin, Sequence)
    return get_args(hint)[0] if listed and get_args(hint) else None


def _told(hint: Any) -> str:
    """Return what a group's own struct says of it."""
    if isinstance(hint, type) and issubclass(hint, Settings):
        return (hint.__doc__ or "").partition("\n")[0]
    return ""


def _values(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return tuple(str(value) for value in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(str(member.value) for member in hint)
    return ()


def _without_none(hint: Any) -> Any:
    """Return what an optional hint holds; a union of several stays one."""
    if get_origin(hint) is Annotated:
        return _without_none(get_args(hint)[0])
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint
    held = [part for part in get_args(hint) if part is not type(None)]
    return held[0] if len(held) == 1 else Any


def _inner(hint: Any) -> tuple[FieldDescription, ...]:
    for part in (hint, *get_args(hint)):
        if isinstance(part, type) and issubclass(part, Settings):
            return describe(part)
    return ()


def _default(found: msgspec.structs.FieldInfo) -> Any:
    if found.default_factory is not msgspec.NODEFAULT:
        return msgspec.to_builtins(found.default_factory())
    if found.default is msgspec.NODEFAULT or isinstance(found.default, Secret):
        return None
    return msgspec.to_builtins(found.default)


_BETWEEN = re.compile(r", | or ")
_SCHEMAS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.TEXT: {"type": "string"},
    FieldKind.MULTILINE: {"type": "string"},
    FieldKind.SECRET: {"type": "string", "format": "password", "writeOnly": True},
    FieldKind.NUMBER: {"type": "number"},
    FieldKind.BOOLEAN: {"type": "boolean"},
    FieldKind.DURATION: {"type": "string"},
    FieldKind.LIST: {"type": "array"},
    FieldKind.MAPPING: {"type": "object"},
    FieldKind.MOMENT: {},
    FieldKind.FILE: {},
    FieldKind.ANY: {},
}


def _object(fields: Sequence[FieldDescription], description: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {described.name: _property(described) for described in fields},
        "additionalProperties": False,
    }
    required = [described.name for described in fields if described.required]
    return schema | ({"description": description} if description else {}) | ({"required": required} if required else {})


def _property(described: FieldDescription) -> dict[str, Any]:
    schema = _shape(described)
    if described.templated and schema.get("type") != "string":
        schema = {"anyOf": [schema, {"type": "string", "pattern": r"\{[{%]"}]} if schema else {}
    schema["title"] = described.title
    if described.hint:
        schema["description"] = described.hint
    if described.example is not None:
        schema["examples"] = [described.example]
    if described.default is not None:
        schema["default"] = described.default
    return schema


def _shape(described: FieldDescription) -> dict[str, Any]:
    if described.kind is FieldKind.CHOICE:
        return {"type": "string", "enum": list(described.choices)}
    if described.kind is FieldKind.GROUP:
        return _object(described.fields, "")
    if described.kind is FieldKind.CHOICES:
        told = "examples" if described.extends else "enum"
        return {"type": "array", "items": {"type": "string", told: list(described.choices)}}
    if described.kind is FieldKind.GROUPS:
        return {"type": "array", "items": _object(described.fields, "")}
    return dict(_SCHEMAS[described.kind])
