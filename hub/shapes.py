"""From plain values to structs, with every mistake told as an exact path and a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from hub.errors import Problem

T = TypeVar("T")

_AT = re.compile(r"(?s)^(.*?)(?: - at (?:`key` in )?`(.*)`)?$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(.*)`$")
_TYPE = re.compile(r"^Expected `(.*?)`(?:, got `(.*?)`)?$")
_PATTERN = re.compile(r"^Expected `str` matching regex '(.*)'$")
_BOUND = re.compile(r"^Expected `(\w+)`(?: of length)? (>=|<=|>|<) (-?[\d.]+)$")
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_UNITS = {"array": "entries", "str": "characters", "object": "names"}
_MOMENT = "Invalid RFC3339 encoded"
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "null": "nothing",
    "array": "a list",
    "object": "a map of names and values",
}


def convert(
    value: Any,
    kind: type[T],
    path: str,
    problems: list[Problem],
    *,
    words: Mapping[str, str] = {},
) -> T | None:
    """Convert, or add a problem below `path` and return None; `words` says patterns in sentences."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        problems.append(problem_of(error, kind, path, words))
        return None


def problem_of(error: msgspec.ValidationError, kind: Any, path: str, words: Mapping[str, str] = {}) -> Problem:
    """Turn a validation error into a path below `path` and a sentence."""
    match = _AT.match(str(error))
    said, at = (match.group(1), match.group(2)) if match else (str(error), None)
    place = join(path, (at or "$").removeprefix("$").replace("[...]", "").removeprefix("."))
    if found := _UNKNOWN.match(said):
        name = found.group(1)
        return Problem(join(place, name), f"There is no {name[:60]!r} here.{suggest(name, _names(kind, at))}")
    if found := _MISSING.match(said):
        return Problem(join(place, found.group(1)), "This is missing.")
    if found := _TYPE.match(said):
        wanted, got = _words(found.group(1)), found.group(2)
        return Problem(place, f"Expected {wanted}{f', got {_words(got)}' if got else ''}.")
    if found := _PATTERN.match(said):
        return Problem(place, words.get(found.group(1), _sentence(said)))
    if said.startswith("Invalid enum value"):
        return Problem(place, f"{said.removeprefix('Invalid enum value ')} is not known.{_choices(_hint(kind, at))}")
    return Problem(place, bound_of(said) or _sentence(said))


def bound_of(said: str) -> str:
    """Say in words what msgspec says of a bound or a moment, '' where it says something else."""
    if said.startswith(_MOMENT):
        return "Expected a day or a moment such as 2026-11-21 or 2026-11-21T09:00:00Z."
    found = _BOUND.match(said)
    if found is None:
        return ""
    kind, sign, number = found.groups()
    if kind in _UNITS:
        return f"Expected {_BOUNDS[sign]} {number} {_UNITS[kind]}."
    return f"Expected {_words(kind)} of {_BOUNDS[sign]} {number}."


def join(path: str, name: str) -> str:
    """Append a name or an index to a path."""
    if not path or not name:
        return path or name
    return f"{path}{name}" if name.startswith("[") else f"{path}.{name}"


def suggest(name: str, known: Any) -> str:
    """Return ` Did you mean 'x'?` when a known name is close, else nothing."""
    close = get_close_matches(name.lower(), [str(one) for one in known], n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else ""


def _sentence(said: str) -> str:
    said = said.replace("`", "'")
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _words(types: str) -> str:
    return " or ".join(_WORDS.get(part.strip(), part.strip()) for part in types.split("|"))


def _names(kind: Any, at: str | None) -> list[str]:
    """Return the keys allowed at a place, as far as the structs tell."""
    found = _first_struct(_hint(kind, at))
    return [field.encode_name for field in msgspec.structs.fields(found)] if found else []


def _choices(hint: Any) -> str:
    options = [str(choice) for part in _flat(hint) if get_origin(part) is Literal for choice in get_args(part)]
    options += [
        str(one.value) for part in _flat(hint) if isinstance(part, type) and issubclass(part, Enum) for one in part
    ]
    return f" Use {' or '.join(', '.join(options).rsplit(', ', 1))}." if options else ""


def _hint(kind: Any, at: str | None) -> Any:
    """Follow an error's path through the structs to the type declared there."""
    for part in re.findall(r"[A-Za-z_]+|\[[^\]]*\]", (at or "").removeprefix("$")):
        owner = _first_struct(kind)
        if part.startswith("["):
            kind = owner
        elif owner is None:
            return None
        else:
            kind = next((one.type for one in msgspec.structs.fields(owner) if one.encode_name == part), None)
    return kind


def _first_struct(hint: Any) -> type[msgspec.Struct] | None:
    return next((part for part in _flat(hint) if isinstance(part, type) and issubclass(part, msgspec.Struct)), None)


def _flat(hint: Any) -> list[Any]:
    inner = () if get_origin(hint) is Literal else get_args(hint)
    return [hint, *(found for argument in inner for found in _flat(argument))]
