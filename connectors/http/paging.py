"""Answers that come in pages: next links, page numbers, cursors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from yarl import URL

from connectors.sdk import Settings, SettingsError, field
from connectors.sdk.network.http import Response

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)


MORE = ("link", "page", "cursor")


class Paging(Settings):
    """How a service says that there is more."""

    style: Annotated[
        Literal["none", "link", "page", "cursor"],
        field(
            "Style", hint="link: the next page's address is given; page: pages are numbered; cursor: a value leads on."
        ),
    ] = "none"
    items: Annotated[
        str,
        field(
            "Elements",
            hint="Where the list stands in the answer; empty when the answer is the list.",
            example="data.items",
            when={"style": MORE},
        ),
    ] = ""
    following: Annotated[
        str,
        field(
            "Next",
            hint="Where the next address or cursor stands in the answer.",
            example="meta.next",
            when={"style": ("link", "cursor")},
        ),
    ] = "next"
    parameter: Annotated[
        str,
        field(
            "Parameter", hint="The query parameter for the page number or cursor.", when={"style": ("page", "cursor")}
        ),
    ] = "page"
    first: Annotated[int, field("First page", hint="The number of the first page.", when={"style": ("page",)})] = 1
    most: Annotated[int, field("Most pages", when={"style": MORE})] = 10

    def __post_init__(self) -> None:
        if not 1 <= self.most <= 1000:
            raise ValueError("Between 1 and 1,000 pages may be read.")


class Page(msgspec.Struct):
    """One answer, its elements, and where the next page is: an address, a number or a cursor."""

    response: Response
    elements: list[Any]
    following: str | None


Ask = Callable[[str, dict[str, str]], Awaitable[Response]]


async def pages(paging: Paging, ask: Ask, url: str) -> AsyncIterator[Page]:
    """Yield page after page until there is no next one or enough have been read."""
    place, extra = url, {}
    if paging.style == "page":
        extra = {paging.parameter: str(paging.first)}
    for number in range(paging.most):
        response = await ask(place, extra)
        page = _page(paging, response, paging.first + number)
        yield page
        if page.following is None:
            return
        if paging.style == "link":
            place, extra = _same_site(url, response.url, page.following), {}
        else:
            extra = {paging.parameter: page.following}


def _page(paging: Paging, response: Response, number: int) -> Page:
    if paging.style == "none":
        return Page(response, [], None)
    elements = elements_of(paging, response)
    body = response.json()
    match paging.style:
        case "link":
            linked = _NEXT.search(response.headers.get("Link", ""))
            following = linked.group(1) if linked else at(body, paging.following)
        case "page":
            following = str(number + 1) if elements else None
        case _:
            following = at(body, paging.following)
    return Page(response, elements, str(following) if following not in (None, "", False) else None)


def elements_of(paging: Paging, response: Response) -> list[Any]:
    """Return the list in an answer."""
    elements = at(response.json() if response.content else None, paging.items)
    if not isinstance(elements, list):
        raise SettingsError(f"There is no list at {paging.items or 'the top'!r} in the answer.")
    return elements


def at(value: Any, path: str) -> Any:
    """Return what stands at a dotted path, None when nothing does; the empty path is the value itself."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _same_site(first: str, current: str, following: str) -> str:
    """Credentials go with every page, so all pages must come from where the first one did."""
    try:
        place = URL(current).join(URL(following))
        same = place.origin() == URL(first).origin()
    except ValueError as error:
        raise SettingsError("The next page's address is not a valid URL.") from error
    if not same:
        raise SettingsError(f"The next page is at another host, {place.host}.")
    return str(place)
