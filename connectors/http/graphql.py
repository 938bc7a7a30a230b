"""GraphQL: queries and mutations with variables, errors inside good answers, and lists in pages as Relay has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.http.connection import call
from connectors.http.paging import at
from connectors.http.poll import Reached
from connectors.sdk import (
    ConnectorError,
    Context,
    CredentialsError,
    Item,
    Settings,
    SettingsError,
    Shape,
    TemporaryError,
    field,
)
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Options
from connectors.sdk.network.urls import require_address

MOST_TOKENS = 20_000
MOST_REMEMBERED = 50_000
LONGEST_SENTENCE = 300
# What servers say in `extensions.code`
_REFUSED = frozenset({"UNAUTHENTICATED", "FORBIDDEN", "UNAUTHORIZED", "ACCESS_DENIED"})
_LATER = frozenset(
    {"THROTTLED", "RATE_LIMITED", "RATELIMITED", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"}
)
# Servers that follow the newer specification answer so where older ones say 200
_WITH_ERRORS = frozenset({400, 422})


def require_operation(query: str, kind: Literal["query", "mutation"]) -> None:
    """Raise ValueError unless a text is one GraphQL operation of a kind: a step that only reads must not write."""
    from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

    try:
        document = parse(query, max_tokens=MOST_TOKENS, no_location=True)
    except GraphQLSyntaxError as error:
        raise ValueError(f"The GraphQL text cannot be read: {error.message.removeprefix('Syntax Error: ')}") from error
    kinds = [one.operation.value for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if kinds != [kind]:
        raise ValueError(f"Write one {kind} here; this is {' and '.join(kinds) or 'none'}.")


class Asked(Settings):
    """What to ask by GraphQL, and where a list stands in the answer."""

    url: Annotated[str, field("Address", example="https://api.example.com/graphql")]
    query: Annotated[
        str, field("Query", example="query($after: String) { orders(after: $after) { nodes { id } } }", multiline=True)
    ]
    variables: Annotated[dict[str, Any], field("Variables", templated=True)] = {}
    list: Annotated[
        str,
        field(
            "List",
            hint="Where a list with pageInfo and nodes or edges stands; all its pages are read by the variable below.",
            example="orders",
        ),
    ] = ""
    after: Annotated[str, field("Page variable", hint="Takes the cursor of a page.", when={"list": ()})] = "after"
    most: Annotated[int, field("Most pages", when={"list": ()})] = 10
    timeout: Annotated[float, field("Time limit", hint="Seconds for each page.", advanced=True)] = 30.0

    def __post_init__(self) -> None:
        require_address(self.url)
        require_operation(self.query, "query")
        if not 1 <= self.most <= 1000:
            raise ValueError("Between 1 and 1,000 pages may be read.")


class Followed(Settings):
    """Which list of a GraphQL service to follow."""

    url: Annotated[str, field("Address", example="https://api.example.com/graphql")]
    query: Annotated[
        str,
        field(
            "Query",
            hint="With pageInfo { hasNextPage endCursor } when there may be several pages.",
            example="query($after: String) { all(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }",
            multiline=True,
        ),
    ]
    list: Annotated[str, field("List", hint="Where it stands in the answer, nodes or edges in it.", example="orders")]
    variables: Annotated[dict[str, Any], field("Variables")] = {}
    after: Annotated[str, field("Page variable", hint="Takes the cursor of a page.")] = "after"
    resume: Annotated[
        bool,
        field("Oldest first", hint="The list grows at its end, so that each read goes on where the last one ended."),
    ] = False
    key: Annotated[str, field("Key", hint="Where an element's own id stands.", example="id")] = "id"
    version: Annotated[
        str,
        field("Version", hint="Where it stands that an element has changed, to be told of it.", example="updatedAt"),
    ] = ""
    existing: Annotated[
        Literal["read", "skip"], field("Elements already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    most: Annotated[int, field("Most pages", advanced=True)] = 100
    timeout: Annotated[float, field("Time limit", hint="Seconds for each page.", advanced=True)] = 30.0
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        require_address(self.url)
        require_operation(self.query, "query")
        interval(self.every)
        if not 1 <= self.most <= 1000:
            raise ValueError("Between 1 and 1,000 pages may be read.")


class Mutation(Settings):
    """What to change by GraphQL."""

    url: Annotated[str, field("Address", example="https://api.example.com/graphql")]
    query: Annotated[
        str, field("Mutation", example="mutation($input: NewOrder!) { addOrder(input: $input) { id } }", multiline=True)
    ]
    variables: Annotated[
        dict[str, Any], field("Variables", example={"input": {"total": "{{ read.total }}"}}, templated=True)
    ] = {}
    key_variable: Annotated[
        str,
        field(
            "Variable for the key",
            hint="Takes the delivery's own key, so that the service can recognise a repeat; it also goes as a header.",
            advanced=True,
        ),
    ] = ""
    timeout: Annotated[float, field("Time limit", hint="Seconds to wait for the answer.", advanced=True)] = 30.0

    def __post_init__(self) -> None:
        require_address(self.url)
        require_operation(self.query, "mutation")


class Page(msgspec.Struct, frozen=True):
    """Some elements of a list, and the cursor of the next page when there is one."""

    elements: Sequence[Any]
    end: str | None
    more: bool
    data: Any


async def answer_of(
    context: Context[Any, Any], variables: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Any:
    """Send the settings' query and return the data; errors inside the answer are raised as what they are."""
    settings = context.settings
    options = Options(json={"query": settings.query, "variables": dict(variables)}, timeout=settings.timeout)
    options["headers"] = {"Accept": "application/graphql-response+json, application/json;q=0.9", **(headers or {})}
    options["accepts"] = _WITH_ERRORS
    response = await call(context, "POST", settings.url, options)
    body = response.json()
    if isinstance(body, dict) and body.get("errors"):
        raise _error(body["errors"])
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise SettingsError(f"{settings.url} gives no GraphQL answer. Check the address.")
    return body["data"]


def page_of(data: Any, path: str) -> Page:
    """Return the elements that stand at a path: of a list, of `nodes`, or of `edges`."""
    found = at(data, path)
    if isinstance(found, list):
        return Page(found, None, False, data)
    if not isinstance(found, dict):
        raise SettingsError(f"There is no list at {path!r} in the answer.")
    elements = found.get("nodes")
    if elements is None and isinstance(found.get("edges"), list):
        elements = [edge.get("node") for edge in found["edges"] if isinstance(edge, dict)]
    if not isinstance(elements, list):
        raise SettingsError(f"There are neither nodes nor edges at {path!r} in the answer.")
    info = found.get("pageInfo") or {}
    end = info.get("endCursor")
    return Page([one for one in elements if one is not None], end, bool(info.get("hasNextPage") and end), data)


async def pages_of(context: Context[Any, Any], after: str | None) -> AsyncIterator[Page]:
    """Yield page after page of the settings' list, from a cursor on."""
    settings = context.settings
    for _ in range(settings.most):
        variables = {**settings.variables, **({settings.after: after} if after is not None else {})}
        page = page_of(await answer_of(context, variables), settings.list)
        yield page
        if not page.more or page.end == after:
            return
        after = page.end


async def new_elements_of(context: Context[Any, Followed], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the elements that have not been read yet, page by page."""
    settings = context.settings
    known = msgspec.json.decode(cursor, type=Reached) if cursor else Reached()
    seen = Seen.load(known.seen, MOST_REMEMBERED)
    skipping = known.skipping or (cursor is None and settings.existing == "skip")
    encoded = cursor
    async for page in pages_of(context, known.position if settings.resume else None):
        for element in page.elements:
            key = _key(settings, element)
            new = key not in seen
            seen.add(key)
            if new and not skipping:
                yield Item(key=key, title=_title(element), content=element)
        known.position = page.end or known.position
        position = known.position if settings.resume else None
        encoded = msgspec.json.encode(Reached(seen.dump(), position, skipping and page.more)).decode()
        if page.more:
            yield Item(content=None, cursor=encoded)
    if encoded != cursor:
        yield Item(content=None, cursor=encoded)


def _key(settings: Followed, element: Any) -> str:
    parts = [at(element, path) for path in (settings.key, settings.version) if path]
    if not parts or parts[0] in (None, ""):
        raise SettingsError(f"An element of the list has nothing at {settings.key!r} to know it by. Ask for it.")
    return " ".join(part if isinstance(part, str) else msgspec.json.encode(part).decode() for part in parts)[:500]


def _title(element: Any) -> str:
    named = (at(element, name) for name in ("title", "name", "subject", "number", "id"))
    return next((str(value)[:100] for value in named if isinstance(value, (str, int)) and value != ""), "")


def _error(errors: Any) -> ConnectorError:
    """Return what the first error of an answer means, told in the service's words."""
    first = errors[0] if isinstance(errors, list) else errors
    first = first if isinstance(first, dict) else {"message": str(first)}
    said = " ".join(str(first.get("message") or "no reason").split())[:LONGEST_SENTENCE].rstrip(".")
    code = str(at(first, "extensions.code") or first.get("type") or "").upper()
    if code in _REFUSED:
        return CredentialsError(f"The service refuses: {said}. Check the credentials and connect again.")
    if code in _LATER:
        return TemporaryError(f"The service cannot answer now: {said}.")
    return SettingsError(f"The service says: {said}. Check the query and its variables.")
