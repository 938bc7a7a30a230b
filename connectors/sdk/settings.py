"""What a user fills in: `Settings` structs whose fields say how they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

import msgspec

S = TypeVar("S", bound="Settings")


class _KeywordOnly(msgspec.StructMeta):
    """Lets settings stand in the order a person is asked, required or not."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> type:
        return super().__new__(cls, name, bases, namespace, **{"kw_only": True, **config})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Settings(msgspec.Struct, metaclass=_KeywordOnly, frozen=True, forbid_unknown_fields=True):
    """Base of every connection and settings struct; `__post_init__` may raise ValueError with a sentence."""


class Secret:
    """A credential: never printed, never encoded, opened only by the connector that needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the plain text, for use in a call and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Shape(StrEnum):
    """What a setting holds where its type does not tell: forms ask for it, previews warn of anything else.

    HTML: what templates put into it is escaped.
    """

    PLAIN = ""
    DURATION = "duration"
    MOMENT = "moment"
    FILE = "file"
    LIST = "list"
    HTML = "html"


class Choice(msgspec.Struct, frozen=True):
    """A value that the service has for a setting, and a word about it."""

    value: str
    text: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """How one setting is asked for: the part of a form that its type does not tell."""

    title: str
    hint: str = ""
    example: Any = None
    templated: bool = False
    record: bool = False
    multiline: bool = False
    advanced: bool = False
    choices: Callable[..., Any] | Sequence[str] | None = None
    picture: Callable[..., Any] | None = None
    shape: Shape = Shape.PLAIN
    when: Mapping[str, Sequence[Any]] = {}


def field(  # noqa: PLR0913  # all but the title by name
    title: str,
    *,
    hint: str = "",
    example: Any = None,
    templated: bool = False,
    record: bool = False,
    multiline: bool = False,
    advanced: bool = False,
    choices: Callable[..., Any] | Sequence[str] | None = None,
    picture: Callable[..., Any] | None = None,
    shape: Shape = Shape.PLAIN,
    when: Mapping[str, Sequence[Any]] = MappingProxyType({}),
) -> Field:
    """Describe a setting inside `Annotated[...]`.

    A setting is literal unless `templated`; `record` marks the templated mapping that makes up the written record
    (such as `columns`); `choices` names values, or the coroutine `(context) -> list[str | Choice]` that asks the
    service: the settings its context names are what must be filled in first. Of a mapping it lists the names, of a
    list the elements. `when` shows the setting only while others have one of some values, or any where none is named.
    `picture`, the coroutine `(context) -> Picture`, shows the choices where they stand.
    """
    return Field(
        title=title,
        hint=hint,
        example=example,
        templated=templated,
        record=record,
        multiline=multiline,
        advanced=advanced,
        choices=choices,
        picture=picture,
        shape=shape,
        when=dict(when),
    )


@cache
def fields_of(settings: type[Settings]) -> Mapping[str, Field]:
    """Return the declared `Field` of every setting by name, in order; a setting without one is a mistake."""
    hints = get_type_hints(settings, include_extras=True)
    found = {name: _declared(hints[name]) for name in settings.__struct_fields__}
    missing = [name for name, declared in found.items() if declared is None]
    if missing:
        raise TypeError(f"{settings.__module__}.{settings.__qualname__}: no field() for {', '.join(missing)}")
    return MappingProxyType({name: declared for name, declared in found.items() if declared is not None})


def _declared(hint: Any) -> Field | None:
    return next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Field)), None)


def fill(settings: type[S], values: Mapping[str, Any]) -> S:
    """Make the struct out of plain values; raises `msgspec.ValidationError` naming the path of what is wrong.

    A number, a truth value or a moment where only a text fits is written out: a template that is one expression keeps
    the type of its value. Lists and maps stay what they are.
    """
    try:
        return msgspec.convert(values, settings, strict=False, dec_hook=open_secret)
    except msgspec.ValidationError:
        written = _written(values, settings)
        if written == values:
            raise
    return msgspec.convert(written, settings, strict=False, dec_hook=open_secret)


def has_secret(hint: Any) -> bool:
    """Tell whether a type hint is a `Secret`, optional or not."""
    return any(part is Secret for part in _parts(hint))


def _parts(hint: Any) -> list[Any]:
    arguments = get_args(hint)
    return [hint] if not arguments else [part for argument in arguments for part in _parts(argument)]


def _written(value: Any, hint: Any) -> Any:
    """Return a value with numbers, truth values and moments as text wherever the hint takes a text and none of them."""
    options = get_args(hint) if get_origin(hint) in _UNIONS else (hint,)
    if isinstance(value, _PLAIN):
        return _text_of(value) if str in options and not _PLAIN_OR_ANY.intersection(options) else value
    for option in options:
        if isinstance(value, Mapping) and isinstance(option, type) and issubclass(option, msgspec.Struct):
            hints = get_type_hints(option)
            return {name: _written(one, hints.get(name, Any)) for name, one in value.items()}
        held = get_args(option)
        origin = get_origin(option)
        if not held or not isinstance(origin, type):
            continue
        if isinstance(value, Mapping) and issubclass(origin, Mapping):
            return {name: _written(one, held[-1]) for name, one in value.items()}
        if isinstance(value, list) and issubclass(origin, Sequence):
            return [_written(one, held[0]) for one in value]
    return value


def _text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(msgspec.to_builtins(value))


_UNIONS = frozenset({Union, UnionType})
_PLAIN = (bool, int, float, Decimal, datetime, date, time)
_PLAIN_OR_ANY = frozenset({*_PLAIN, Any, object})


def open_secret(kind: type, value: Any) -> Any:
    """Make a `Secret` of a text, for `msgspec.convert`."""
    if kind is Secret and isinstance(value, (str, Secret)):
        return value if isinstance(value, Secret) else Secret(value)
    raise ValueError(f"Expected a text, got {type(value).__name__}.")
