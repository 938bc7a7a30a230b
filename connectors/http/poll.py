"""A service that is asked again and again: which elements of its answer are new."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.http.paging import Ask, Paging, at, elements_of, pages
from connectors.sdk import Item, Settings, SettingsError, Shape, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Response
from connectors.sdk.network.urls import require_address

MOST_REMEMBERED = 50_000


class Position(Settings):
    """A value of the answer that is sent with the next read, so that only what is newer comes."""

    path: Annotated[
        str,
        field(
            "Value",
            hint="Where it stands in the answer; behind *. in each element, of which the greatest counts.",
            example="meta.latest or *.updated_at",
        ),
    ] = ""
    parameter: Annotated[str, field("Parameter", hint="The query parameter that takes it.", when={"path": ()})] = (
        "since"
    )
    first: Annotated[
        str, field("At first", hint="What to send before there is a value; empty for nothing.", when={"path": ()})
    ] = ""


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
    position: Annotated[
        Position,
        field("Go on from", hint="A value of the answer, such as a time or token, that the next read sends along."),
    ] = msgspec.field(default_factory=Position)
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


class Reached(msgspec.Struct, omit_defaults=True):
    """Which elements are known, the position to go on from, and whether the first look is still going on."""

    seen: str = ""
    position: Any = None
    skipping: bool = False


async def new_elements(settings: Poll, ask: Ask, cursor: str | None) -> AsyncIterator[Item]:
    """Yield the elements that have not been read yet, page by page, in the order of the answer."""
    known = _known(cursor)
    seen = Seen.load(known.seen, MOST_REMEMBERED)
    skipping = known.skipping or (cursor is None and settings.existing == "skip")
    sent = known.position if known.position is not None else settings.position.first or None
    position, count, encoded = known.position, 0, cursor
    async for page in pages(settings.paging, _from(ask, settings, sent), settings.url):
        elements = elements_of(settings.paging, page.response)
        count += len(elements)
        if count > MOST_REMEMBERED:
            raise SettingsError(f"The service has more than {MOST_REMEMBERED:,} elements. Ask for fewer.")
        for element in elements:
            key = _key(settings, element)
            new = key not in seen
            seen.add(key)
            if new and not skipping:
                yield Item(key=key, title=_title(element), content=element)
        position = _position(settings, page.response, elements, position)
        # The new position holds once all pages were read: what is newest may come first
        reached = Reached(
            seen.dump(), known.position if page.following else position, skipping and bool(page.following)
        )
        encoded = msgspec.json.encode(reached).decode()
        if page.following and elements:
            yield Item(content=None, cursor=encoded)
    if encoded != cursor:
        yield Item(content=None, cursor=encoded)


def _known(cursor: str | None) -> Reached:
    """Read a cursor; once they were the known elements alone."""
    try:
        return msgspec.json.decode(cursor or "{}", type=Reached)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Reached(seen=cursor or "")


def _from(ask: Ask, settings: Poll, position: Any) -> Ask:
    """Send the position with each page; the address of a next page holds it already."""
    if not settings.position.path or position is None:
        return ask
    value = position if isinstance(position, str) else msgspec.json.encode(position).decode()

    async def ask_from(url: str, extra: dict[str, str]) -> Response:
        own = {settings.position.parameter: value} if url == settings.url else {}
        return await ask(url, {**own, **extra})

    return ask_from


def _position(settings: Poll, response: Response, elements: Sequence[Any], last: Any) -> Any:
    path = settings.position.path
    if not path.startswith("*."):
        found = [at(response.json(), path)] if path else []
    else:
        found = [at(element, path[2:]) for element in elements] + [last]
    values = [value for value in found if isinstance(value, str | int | float) and value != ""]
    if not values:
        return last
    alike = all(isinstance(value, str) for value in values) or not any(isinstance(value, str) for value in values)
    return max(values, key=None if alike else str)


def _key(settings: Poll, element: Any) -> str:
    if not settings.key:
        return hashlib.sha256(msgspec.json.encode(element, order="deterministic")).hexdigest()
    parts = [at(element, settings.key)] + ([at(element, settings.version)] if settings.version else [])
    if parts[0] in (None, ""):
        raise SettingsError(f"An element of the answer has nothing at {settings.key!r} to know it by.")
    return " ".join(part if isinstance(part, str) else msgspec.json.encode(part).decode() for part in parts)


def _title(element: Any) -> str:
    named = (at(element, name) for name in ("title", "name", "subject", "number", "id"))
    return next((str(value)[:100] for value in named if isinstance(value, (str, int)) and value != ""), "")
