"""A service that is asked again and again: which elements of its answer are new."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec

from connectors.http.paging import Ask, Paging, at, elements_of, pages
from connectors.sdk import Item, Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.seen import Seen
from connectors.sdk.urls import require_address

MOST_REMEMBERED = 50_000


class Poll(Settings):
    """What to ask, and how to tell one element from another."""

    url: Annotated[str, field("Address", example="https://api.example.com/orders")]
    params: Annotated[dict[str, str], field("Query", hint="Added to the address, properly escaped.")] = {}
    headers: Annotated[dict[str, str], field("Headers")] = {}
    key: Annotated[
        str, field("Key", hint="Where an element's own id stands; empty when the whole element tells.", example="id")
    ] = "id"
    version: Annotated[
        str,
        field("Version", hint="Where it stands that an element has changed, to be told of it.", example="updated_at"),
    ] = ""
    existing: Annotated[
        Literal["read", "skip"], field("Elements already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    timeout: Annotated[float, field("Time limit", hint="Seconds for each page.", advanced=True)] = 30.0
    paging: Annotated[
        Paging,
        field("Pages", hint="Where the list stands, and how the service says that there is more.", advanced=True),
    ] = msgspec.field(default_factory=Paging)
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        require_address(self.url)
        interval(self.every)


async def new_elements(settings: Poll, ask: Ask, cursor: str | None) -> AsyncIterator[Item]:
    """Yield the elements that have not been read yet, in the order of the answer."""
    seen = Seen.load(cursor or "", MOST_REMEMBERED)
    found: dict[str, Any] = {}
    async for page in pages(settings.paging, ask, settings.url):
        for element in elements_of(settings.paging, page.response):
            found.setdefault(_key(settings, element), element)
    fresh = {key: element for key, element in found.items() if key not in seen}
    for key in found:
        seen.add(key)
    if cursor is None and settings.existing == "skip":
        fresh = {}
    following = seen.dump()
    for number, (key, element) in enumerate(fresh.items(), 1):
        yield Item(key=key, title=_title(element), content=element, cursor=following if number == len(fresh) else None)
    if not fresh and following != cursor:
        yield Item(content=None, cursor=following)


def _key(settings: Poll, element: Any) -> str:
    if not settings.key:
        return hashlib.sha256(msgspec.json.encode(element, order="deterministic")).hexdigest()
    parts = [at(element, settings.key)] + ([at(element, settings.version)] if settings.version else [])
    if parts[0] in (None, ""):
        raise SettingsError(f"An element of the answer has nothing at {settings.key!r} to know it by.")
    return " ".join(part if isinstance(part, str) else msgspec.json.encode(part).decode() for part in parts)[:500]


def _title(element: Any) -> str:
    named = (at(element, name) for name in ("title", "name", "subject", "number", "id"))
    return next((str(value)[:100] for value in named if isinstance(value, (str, int)) and value != ""), "")
