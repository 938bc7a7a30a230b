"""Templates rendered over samples, with a word about what is not there; slow ones are cut off."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from hub.recipes.liquid import TemplateError, as_text
from hub.recipes.templates import Rendered, Segments, compile_page, compile_value
from hub.shapes import suggest

MOST_SECONDS = 1.0
LONGEST = 400
LARGEST = 4_000
TOO_LONG = "This takes too long, so it was not rendered for every sample."
NO_ELEMENT = "The list is empty here."

Kind = Literal["nothing", "text", "number", "boolean", "list", "map", "file"]
_OF_LISTS = frozenset({"size", "first", "last"})


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What one template gives for one sample: of which kind, as people read it, and whole when it is short.

    `absent` names a part of a path that this sample does not have.
    """

    kind: Kind = "nothing"
    text: str = ""
    value: Any = None
    cut: bool = False
    problem: str = ""
    absent: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A value with templates, and whether it sees an element of the step's loop and a row of its list.

    A `page` is HTML, into which templates put everything escaped, as runs do.
    """

    path: str
    value: Any
    page: bool = False
    looped: bool = False
    rowed: bool = False


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be rendered over which scopes; `each` and `rows` are the lists of which the first element is taken."""

    places: Sequence[Place]
    scopes: Sequence[Mapping[str, Any]]
    each: Any = None
    alias: str = "element"
    rows: Any = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What all places give for one sample, and how many elements its lists have."""

    cells: Sequence[Cell]
    elements: int | None = None
    rows: int | None = None


def render(sheet: Sheet) -> list[Row]:
    """Render every place for every sample, until the time is over."""
    until = time.thread_time() + MOST_SECONDS
    each, rows = _compiled(sheet.each), _compiled(sheet.rows)
    places = [(place, _compiled(place.value, page=place.page)) for place in sheet.places]
    made = []
    for scope in sheet.scopes:
        looped, elements = inside(scope, each, sheet.each, sheet.alias)
        rowed, counted = inside(looped, rows, sheet.rows, "row")
        cells = []
        for place, compiled in places:
            seen = rowed if place.rowed else looped if place.looped else scope
            empty = (place.looped and elements == 0) or (place.rowed and counted == 0)
            cells.append(Cell(text=NO_ELEMENT) if empty else _cell(seen, compiled, until))
        made.append(Row(cells=cells, elements=elements, rows=counted))
    return made


def inside(
    scope: Mapping[str, Any], compiled: Rendered | str, asked: Any, name: str
) -> tuple[Mapping[str, Any], int | None]:
    """Return what is known inside the first element of a list, and how long the list is; None where there is none."""
    if asked is None or isinstance(compiled, str):
        return scope, None
    try:
        found = compiled.render(scope)
    except TemplateError:
        return scope, None
    listed = found if isinstance(found, list) else [] if found is None else [found]
    loop = {} if name == "row" else {"loop": {"index": 0, "number": 1}}
    return {**scope, **loop, name: listed[0] if listed else None}, len(listed)


def shown(value: Any, absent: str = "") -> Cell:
    """Return a value as a cell."""
    encoded = msgspec.json.encode(value)
    text = as_text(value) if not isinstance(value, (dict, list)) else encoded.decode(errors="replace")
    cut = len(encoded) > LARGEST
    return Cell(kind=kind_of(value), text=text[:LONGEST], value=None if cut else value, cut=cut, absent=absent)


def kind_of(value: Any) -> Kind:
    """Tell what sort of value it is; a stored file is a map with its id and media type."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "file" if {"file", "media_type"} <= value.keys() else "map"
    if isinstance(value, list):
        return "list"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "text"


def absent(path: Segments, scope: Mapping[str, Any]) -> str:
    """Say which part of a path a sample does not have; nothing where all is there or nothing can be said."""
    value: Any = scope.get(str(path[0]))
    here = str(path[0])
    for name in path[1:]:
        if isinstance(value, dict):
            if name not in value and name != "size":
                return f"{here} has no {str(name)[:60]!r}.{suggest(str(name), value)}"
            value = value.get(name)
        elif isinstance(value, list):
            if not isinstance(name, int) and name not in _OF_LISTS:
                return f"{here} is a list: go through its elements, or take one, such as {here}[0].{name}."
            return ""
        elif value is None or name == "size":
            return ""
        else:
            return f"{here} is a {kind_of(value)} and has no {str(name)[:60]!r}."
        here = f"{here}.{name}"
    return ""


def _cell(scope: Mapping[str, Any], compiled: Rendered | str, until: float) -> Cell:
    if isinstance(compiled, str):
        return Cell(problem=compiled)
    if time.thread_time() > until:
        return Cell(problem=TOO_LONG)
    missing = next((told for path in sorted(compiled.paths, key=str) if (told := absent(path, scope))), "")
    try:
        return shown(compiled.render(scope), missing)
    except TemplateError as error:
        return Cell(problem=str(error))


def _compiled(value: Any, *, page: bool = False) -> Rendered | str:
    """Compile a value, or say why it cannot be."""
    try:
        return compile_page(value) if page and isinstance(value, str) else compile_value(value)
    except TemplateError as error:
        return str(error)
