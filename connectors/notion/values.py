"""Properties of pages as plain values, and values as Notion wants them written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from connectors.notion.connection import Page
from connectors.sdk import SettingsError

LONGEST_TEXT = 2_000
MOST_PIECES = 100
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0", ""}


def plain(page: Page) -> dict[str, Any]:
    """Return a page as an item shows it."""
    properties = {name: shown(value) for name, value in page.properties.items()}
    return {
        "id": page.id,
        "url": page.url,
        "title": title_of(page),
        "created": page.created_time,
        "edited": page.last_edited_time,
        "properties": properties,
    }


def title_of(page: Page) -> str:
    """Return the text of the property that is the page's title."""
    return next((_text(one.get("title")) for one in page.properties.values() if one.get("type") == "title"), "")


def shown(value: Mapping[str, Any]) -> Any:
    """Return one property's value; of a type that is not known, what stands there."""
    kind = value.get("type", "")
    return _SHOWN.get(kind, _as_it_is)(value.get(kind))


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    return "".join(str(one.get("plain_text") or "") for one in value or [] if isinstance(one, Mapping))


def _name(value: Any) -> Any:
    return value.get("name") if isinstance(value, Mapping) else None


def _names(value: Any) -> list[Any]:
    return [_name(one) for one in value or []]


def _date(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    return value.get("start") if not value.get("end") else {"start": value.get("start"), "end": value.get("end")}


def _person(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    email = (value.get("person") or {}).get("email")
    return {"id": value.get("id"), "name": value.get("name"), "email": email}


def _file(value: Any) -> Any:
    place = value.get("external") or value.get("file") or {}
    return {"name": value.get("name"), "url": place.get("url")}


def _unique(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    return f"{value['prefix']}-{value.get('number')}" if value.get("prefix") else value.get("number")


def _rollup(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    inner = value.get(value.get("type", ""))
    return [shown(one) for one in inner] if isinstance(inner, list) else _formula(value)


def _formula(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    inner = value.get(value.get("type", ""))
    return _date(inner) if value.get("type") == "date" else inner


_SHOWN: dict[str, Callable[[Any], Any]] = {
    "title": _text,
    "rich_text": _text,
    "select": _name,
    "status": _name,
    "multi_select": _names,
    "date": _date,
    "people": lambda value: [_person(one) for one in value or []],
    "created_by": _person,
    "last_edited_by": _person,
    "files": lambda value: [_file(one) for one in value or []],
    "relation": lambda value: [one.get("id") for one in value or []],
    "unique_id": _unique,
    "rollup": _rollup,
    "formula": _formula,
}


def written(name: str, kind: str, value: Any) -> dict[str, Any]:
    """Return a value as a property of a type; SettingsError when it cannot be one."""
    if kind not in _WRITTEN:
        raise SettingsError(f"The property {name} is of type {kind or 'unknown'}, which Notion fills in by itself.")
    try:
        return {kind: _WRITTEN[kind](value)}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError(f"{str(value)[:100]!r} cannot be a {kind} of the property {name}.") from error


def _pieces(value: Any) -> list[dict[str, Any]]:
    text = "" if value is None else str(value)
    parts = [text[start : start + LONGEST_TEXT] for start in range(0, len(text), LONGEST_TEXT)]
    if len(parts) > MOST_PIECES:
        raise ValueError
    return [{"text": {"content": part}} for part in parts]


def _number(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise TypeError
    number = value if isinstance(value, int) else float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _option(value: Any) -> Any:
    return None if value in (None, "") else {"name": str(value)}


def _several(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _span(value: Any) -> Any:
    if value in (None, ""):
        return None
    return {"start": value["start"], "end": value.get("end")} if isinstance(value, Mapping) else {"start": str(value)}


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value if value is not None else "").lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _word(value: Any) -> Any:
    return None if value in (None, "") else str(value)


def _identity(value: Any) -> str:
    return str(value["id"] if isinstance(value, Mapping) else value)


def _link(value: Any) -> dict[str, Any]:
    place = value if isinstance(value, Mapping) else {"url": value}
    url = str(place["url"])
    return {"name": str(place.get("name") or url)[:100], "external": {"url": url}}


_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "title": _pieces,
    "rich_text": _pieces,
    "number": _number,
    "select": _option,
    "status": _option,
    "multi_select": lambda value: [{"name": str(one)} for one in _several(value)],
    "date": _span,
    "people": lambda value: [{"object": "user", "id": _identity(one)} for one in _several(value)],
    "relation": lambda value: [{"id": _identity(one)} for one in _several(value)],
    "files": lambda value: [_link(one) for one in _several(value)],
    "checkbox": _truth,
    "url": _word,
    "email": _word,
    "phone_number": _word,
}
