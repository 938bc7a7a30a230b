"""The fields of a value as a tree, with the template that reads each of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.recipes.rendering import kind_of, shown
from hub.runs.previews.views import KnownField

DEEPEST = 7
MOST_NAMES = 200
LOOKED_AT = 20
SHORT = 120
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


def field_of(name: str, values: Sequence[Any], sample: Any, declared: Sequence[Any] = ()) -> KnownField:
    """Return what is known under a root name: in the chosen sample, in the others, and as it was declared."""
    found = _field(name, name, [sample, *values], "", 0)
    had = {one.name for one in found.fields}
    more = [one for one in _declared(name, declared) if one.name not in had]
    return _with(found, [*found.fields, *more])


def _with(field: KnownField, fields: Sequence[KnownField]) -> KnownField:
    return KnownField(
        name=field.name, template=field.template, kind=field.kind, text=field.text, elements=field.elements,
        within=field.within, inner=field.inner, fields=fields,
    )  # fmt: skip


def _field(name: str, path: str, values: Sequence[Any], within: str, depth: int, inner: str = "") -> KnownField:
    """Describe one place; the first of the values is the sample that is shown, the others tell what else there may be.

    `path` is how templates read it, inside a list from its element on.
    """
    value = values[0] if values else None
    usual = next((one for one in values if one is not None), None)
    cell = shown(value)
    template = _whole(within, inner) if within else f"{{{{ {path} }}}}"
    fields: list[KnownField] = []
    if depth < DEEPEST and isinstance(usual, dict):
        fields = _members(path, values, within, depth, inner)
    elif depth < DEEPEST and isinstance(usual, list) and not within:
        elements = [element for one in values if isinstance(one, list) for element in one[:LOOKED_AT]]
        if any(isinstance(element, dict) for element in elements):
            fields = _members(path, elements, path, depth, "")
    return KnownField(
        name=name,
        template=template,
        kind=kind_of(usual),
        text=cell.text[:SHORT],
        elements=len(value) if isinstance(value, list) else None,
        within=within,
        inner=inner,
        fields=fields,
    )


def _members(path: str, values: Sequence[Any], within: str, depth: int, inner: str) -> list[KnownField]:
    maps = [one for one in values if isinstance(one, dict)]
    names = list(dict.fromkeys(str(name) for one in maps for name in one))[:MOST_NAMES]
    first = values[0] if values and isinstance(values[0], dict) else {}
    made = []
    for name in names:
        rest = [one[name] for one in maps if name in one]
        beneath = _member(inner, name) if within else ""
        made.append(_field(name, _member(path, name), [first.get(name), *rest], within, depth + 1, beneath))
    return made


def _member(path: str, name: str) -> str:
    """Return how a member is read: by a dot, or in brackets where its name is no plain word."""
    if not path:
        return name
    return f"{path}.{name}" if _NAME.match(name) else f'{path}["{name.replace(chr(34), "")}"]'


def _whole(within: str, inner: str) -> str:
    """Return the template that gives a field of all elements of a list."""
    steps = "".join(f' | map: "{name}"' for name in inner.split("."))
    return f"{{{{ {within}{steps} }}}}"


def _declared(path: str, names: Sequence[Any]) -> list[KnownField]:
    """Return fields that are declared, without values: names, or the fields of an extraction schema."""
    made = []
    for one in names:
        if isinstance(one, str):
            made.append(KnownField(name=one, template=f"{{{{ {_member(path, one)} }}}}"))
        elif isinstance(one, Mapping):
            made.append(_of_schema(path, one))
    return made


def _of_schema(path: str, field: Mapping[str, Any], within: str = "", inner: str = "") -> KnownField:
    name = str(field.get("name", ""))
    here, beneath = _member(path, name), _member(inner, name) if within else ""
    listed = field.get("type") == "table" or bool(field.get("many"))
    held = field.get("fields") or field.get("columns") or ()
    template = _whole(within, beneath) if within else f"{{{{ {here} }}}}"
    into = here if listed and not within else within
    fields = [
        _of_schema(here, one, into, "" if listed and not within else beneath)
        for one in held
        if isinstance(one, Mapping)
    ]
    return KnownField(name=name, template=template, within=within, inner=beneath, fields=fields)
