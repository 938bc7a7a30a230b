"""Microdata of a page: items marked in its elements, as the objects that a script would state."""

from __future__ import annotations

from typing import Any

from hub.extraction.readers.markup import Element

ITEMS = 2_000
# Where an element keeps its value, but in its text.
ATTRIBUTES = {
    "meta": "content",
    "link": "href",
    "a": "href",
    "img": "src",
    "time": "datetime",
    "data": "value",
    "meter": "value",
}
LONGEST = 200_000


def microdata_of(root: Element) -> list[dict[str, Any]]:
    """The items that stand in no other, each with those in it as values of its properties."""
    items: dict[Element, dict[str, Any]] = {}
    top: list[dict[str, Any]] = []
    for element in root.iter():
        scoped = element.get("itemscope") is not None and len(items) < ITEMS
        if scoped:
            items[element] = {"@type": element.get("itemtype", "").split("/")[-1]}
        names = element.get("itemprop", "").split()
        around = _around(element, items) if names else None
        if around is not None:
            value = items[element] if scoped else _value(element)
            for name in names:
                _add(items[around], name, value)
        elif scoped:
            top.append(items[element])
    return [item for item in top if item["@type"]]


def _around(element: Element, items: dict[Element, dict[str, Any]]) -> Element | None:
    """The nearest item that the element stands in."""
    return next((one for one in element.iterancestors() if one in items), None)


def _value(element: Element) -> str:
    written = element.get("content") or element.get(ATTRIBUTES.get(str(element.tag), "content"))
    return written if written is not None else " ".join("".join(map(str, element.itertext())).split())[:LONGEST]


def _add(item: dict[str, Any], name: str, value: Any) -> None:
    """A property with several values has a list of them."""
    if name not in item:
        item[name] = value
    elif isinstance(item[name], list):
        item[name].append(value)
    else:
        item[name] = [item[name], value]
