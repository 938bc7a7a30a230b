"""Templates that go through a list: the same field of every element, or of the one at hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_MAP = r"""\s*\|\s*map:\s*(?:"([^"]*)"|'([^']*)')"""


def by_element(value: Any, within: str, name: str) -> Any:
    """Read a field of the element `name` where a value reads that field of all elements of the list `within`."""
    found = re.compile(rf"\{{\{{(-?)\s*{re.escape(within)}((?:{_MAP})+)")

    def written(match: re.Match[str]) -> str:
        inner = [first or second for first, second in re.findall(_MAP, match.group(2))]
        return f"{{{{{match.group(1)} {name}" + "".join(_member(one) for one in inner)

    return _each_text(value, lambda text: found.sub(written, text))


def whole(value: Any, within: str, name: str) -> Any:
    """Read a field of all elements of the list `within` where a value reads that field of the element `name`."""
    found = re.compile(rf"""\{{\{{(-?)\s*{re.escape(name)}((?:\.[A-Za-z_][\w-]*|\["[^"]*"\])+)""")

    def written(match: re.Match[str]) -> str:
        inner = re.findall(r"""\.([A-Za-z_][\w-]*)|\["([^"]*)"\]""", match.group(2))
        return f"{{{{{match.group(1)} {within}" + "".join(f' | map: "{first or second}"' for first, second in inner)

    return _each_text(value, lambda text: found.sub(written, text))


def path_of(value: Any) -> str:
    """Return the path that a value is nothing but, as in `{{ read.lines }}`; nothing for any other value."""
    found = (
        re.fullmatch(r"""\{\{-?\s*([A-Za-z_][\w.\[\]"' -]*?)\s*-?\}\}""", value.strip())
        if isinstance(value, str)
        else None
    )
    return found.group(1) if found else ""


def _member(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_][\w-]*", name) else f'["{name}"]'


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _each_text(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
