"""Where in a YAML text the path of a problem stands."""

from __future__ import annotations

import re

import yaml

_PART = re.compile(r"\[(\d+)\]|\[\"([^\"]*)\"\]|([^.\[\]]+)")
_LINE = re.compile(r"\bline (\d+)\b")
LONGEST = 400_000


def line_of(text: str, path: str, message: str = "") -> int | None:
    """Return the line of the value at a path, or of the nearest thing around it; counted from 1."""
    if not path:
        named = _LINE.search(message)
        return int(named.group(1)) if named else None
    if len(text) > LONGEST:
        return None
    try:
        place = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    if place is None:
        return None
    line = place.start_mark.line
    for index, quoted, name in _PART.findall(path):
        found = _inside(place, index, quoted or name)
        if found is None:
            break
        line, place = found
    return int(line) + 1


def _inside(place: yaml.Node, index: str, name: str) -> tuple[int, yaml.Node] | None:
    if isinstance(place, yaml.SequenceNode) and index:
        number = int(index)
        return (place.value[number].start_mark.line, place.value[number]) if number < len(place.value) else None
    if isinstance(place, yaml.MappingNode) and name:
        return next(((key.start_mark.line, value) for key, value in place.value if key.value == name), None)
    return None
