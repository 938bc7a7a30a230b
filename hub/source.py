"""YAML and JSON as people write them: hostile input refused, surprises of old YAML left out, stable output."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import yaml

from hub.errors import InvalidError, Problem
from hub.shapes import join

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 50_000
MAX_TEXT = 200_000

_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$")
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_ODD = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's few types: `no`, `12:30`, `010` and dates stay the text that was written."""


class _Dumper(yaml.SafeDumper):
    """Quotes whatever either YAML could read as something else; never writes anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Write every value out in full."""
        return True


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", _NULL, ["~", "n", "N", ""]),
    ("bool", _BOOL, list("tTfF")),
    ("int", _INT, list("-+0123456789")),
    ("float", _FLOAT, list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, _first)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quote what has odd characters, which readers fold or drop, and write several lines as such."""
    style = '"' if _ODD.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def read(text: str | bytes) -> Any:
    """Return the plain values of a YAML or JSON text; raises InvalidError on what is malformed or hostile."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        raise _refused(f"The document is larger than {MAX_BYTES // 1000} kB.")
    try:
        decoded = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _refused("The document is not UTF-8 text.") from error
    plain = _read_json(decoded) if decoded.lstrip()[:1] == "{" else None
    if plain is None:
        plain = _read_yaml(decoded)
    check(plain)
    return plain


def check(plain: Any) -> None:
    """Refuse values that cannot be kept: deep, huge, not JSON, with NUL characters."""
    problems: list[Problem] = []
    left = [MAX_VALUES]
    _check(plain, "", 0, left, problems)
    if left[0] < 0:
        problems.append(Problem("", f"The document has more than {MAX_VALUES} values."))
    if problems:
        raise InvalidError("This document cannot be kept.", errors=problems[:50])


def write(plain: dict[str, Any] | list[dict[str, Any]]) -> str:
    """Write stable YAML."""
    text: str = yaml.dump(ordered(plain), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def ordered(value: Any, key: str = "") -> Any:
    """Sort the keys of a document; maps below a setting keep their order, which is that of columns in a file."""
    if isinstance(value, list):
        return [ordered(one) for one in value]
    if not isinstance(value, dict):
        return value
    if key == "with":
        return {name: value[name] for name in sorted(value)}
    return {name: ordered(value[name], name) for name in sorted(value)}


def _read_json(text: str) -> Any:
    """Return None when the text is YAML in flow style after all."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    except RecursionError as error:
        raise _refused("The document is nested too deeply.") from error


def _read_yaml(text: str) -> Any:
    try:
        _measure(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # built on the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _refused(f"This is not valid YAML: {place}{error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise _refused("This is not valid YAML: it has characters that are not allowed.") from error
    except (RecursionError, ValueError) as error:
        raise _refused("This is not valid YAML: a value in it cannot be read.") from error


def _measure(text: str) -> None:
    """Count depth and values, aliases at full size, before anything is built."""
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    values = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise _refused(f"The alias *{event.anchor} contains itself or names nothing.")
            values += sizes[event.anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, values))
            values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            if anchor:
                sizes[anchor] = values - before
        elif isinstance(event, yaml.ScalarEvent):
            values += 1
            if event.anchor:
                sizes[event.anchor] = 1
        if len(opened) > MAX_DEPTH or values > MAX_VALUES:
            raise _refused("The document is nested too deeply or has too many values.")


def _construct_map(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    made: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "a key must be text in quotes", key_node.start_mark)
        if key in made:
            raise yaml.constructor.ConstructorError(None, None, f"{key[:60]!r} is there twice", key_node.start_mark)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_map)


def _check(value: Any, path: str, depth: int, left: list[int], problems: list[Problem]) -> None:
    left[0] -= 1
    if left[0] < 0 or len(problems) > 50:
        return
    if depth > MAX_DEPTH:
        problems.append(Problem(path, "This is nested too deeply."))
    elif isinstance(value, dict):
        for key, inner in value.items():
            problems.extend(_text_problems(key, path))
            _check(inner, join(path, key), depth + 1, left, problems)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check(inner, f"{path}[{index}]", depth + 1, left, problems)
    else:
        problems.extend(_scalar_problems(value, path))


def _scalar_problems(value: Any, path: str) -> list[Problem]:
    if isinstance(value, str):
        return _text_problems(value, path)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return [Problem(path, "This number is too large; write it as text in quotes.")]
    if isinstance(value, float) and not math.isfinite(value):
        return [Problem(path, "This is not a number that can be kept.")]
    if not isinstance(value, (int, float, bool, type(None))):
        return [Problem(path, "This kind of value cannot be kept; write it as text in quotes.")]
    return []


def _text_problems(text: str, path: str) -> list[Problem]:
    if len(text) > MAX_TEXT:
        return [Problem(path, f"This text is longer than {MAX_TEXT} characters.")]
    if "\0" in text or _SURROGATE.search(text):
        return [Problem(path, "This text has characters that cannot be kept.")]
    return []


def _refused(message: str) -> InvalidError:
    return InvalidError(message, errors=[Problem("", message)])
