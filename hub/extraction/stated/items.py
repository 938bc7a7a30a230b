"""Items of schema.org inside a source, and their properties laid flat with the place of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any

import msgspec

from hub.extraction.reading import Reading
from hub.extraction.rules.vocabulary import key

ITEMS, DEPTH, PROPERTIES = 100, 8, 2_000
# Properties that only say what the one around them means: the name of a brand, the amount of a price.
OF_ITS_PARENT = frozenset(("name", "value", "text", "@value", "identifier", "price", "url"))
MARKUP = re.compile(r"<[^<>]{1,2000}>")
ADDRESS = (("streetAddress",), ("postalCode", "addressLocality"), ("addressRegion",), ("addressCountry",))


class Property(msgspec.Struct, frozen=True):
    """One value: where its item has it ("offers.price"), and where the source has it."""

    path: str
    value: str | float | bool
    selector: str

    @property
    def keys(self) -> frozenset[str]:
        """What the property may be called: its whole path, its own name, or that of the one around it."""
        *around, own = self.path.split(".")
        names = {key(self.path.replace(".", " ")), key(own)}
        if around and own in OF_ITS_PARENT:
            names.add(key(around[-1]))
        return frozenset(names)


class Item(msgspec.Struct, frozen=True):
    """One item with its types, its single values, and its lists of items by property."""

    types: tuple[str, ...]
    file: str
    properties: tuple[Property, ...]
    lists: dict[str, tuple[tuple[Property, ...], ...]]


def items_of(reading: Reading) -> Iterator[Item]:
    """The items that the scripts and the markup of a source state; broken ones state nothing."""
    for file in reading.embedded:
        if file.kind != "schema.org":
            continue
        try:
            stated = json.loads(file.content)
        except (ValueError, RecursionError):
            continue
        for content, selector in _objects(stated):
            yield _item(content, selector, file.name)


def _objects(stated: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """The items at the top: one, a list of them, or those of a graph."""
    waiting: list[tuple[Any, str]] = [(stated, "$")]
    for _ in range(ITEMS):
        if not waiting:
            return
        content, selector = waiting.pop(0)
        if isinstance(content, list):
            waiting.extend((one, f"{selector}[{number}]") for number, one in enumerate(content[:ITEMS]))
        elif isinstance(content, dict):
            if "@graph" in content:
                waiting.append((content["@graph"], f"{selector}.@graph"))
            if "@type" in content:
                yield content, selector


def _item(content: dict[str, Any], selector: str, file: str) -> Item:
    lists = {}
    for name, value in content.items():
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            rows = enumerate(value[:PROPERTIES])
            lists[name] = tuple(tuple(_flat(row, "", f"{selector}.{name}[{number}]")) for number, row in rows)
        elif isinstance(value, dict) and isinstance(value.get("itemListElement"), list):
            rows = enumerate(value["itemListElement"][:PROPERTIES])
            lists[name] = tuple(tuple(_flat(row, "", f"{selector}.{name}[{number}]")) for number, row in rows)
    return Item(_types(content), file, tuple(_flat(content, "", selector))[:PROPERTIES], lists)


def _types(content: dict[str, Any]) -> tuple[str, ...]:
    types = content["@type"] if isinstance(content["@type"], list) else [content["@type"]]
    return tuple(str(one).rpartition("/")[2] for one in types[:10])


def _flat(value: Any, path: str, selector: str, depth: int = 0) -> Iterator[Property]:
    if isinstance(value, str):
        # Programs put pieces of pages in.
        yield Property(path, unescape(MARKUP.sub(" ", value)), selector)
    elif isinstance(value, int | float):
        yield Property(path, value, selector)
    elif isinstance(value, list) and depth < DEPTH:
        for number, one in enumerate(value[:ITEMS]):
            yield from _flat(one, path, f"{selector}[{number}]", depth + 1)
    elif isinstance(value, dict) and depth < DEPTH:
        if (address := _address(value)) is not None:
            yield Property(path, address, selector)
        for name, one in value.items():
            if not name.startswith("@") or name == "@value":
                yield from _flat(one, f"{path}.{name}" if path else name, f"{selector}.{name}", depth + 1)


def _address(value: dict[str, Any]) -> str | None:
    """A postal address as it is written on a letter."""
    if value.get("@type") != "PostalAddress":
        return None

    def text(name: str) -> str:
        part = value.get(name)
        return str(part.get("name", "")) if isinstance(part, dict) else str(part or "")

    rows: Sequence[str] = [" ".join(filter(None, map(text, row))) for row in ADDRESS]
    return ", ".join(filter(None, rows)) or None
