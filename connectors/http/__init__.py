"""HTTP: ask any web service and send to any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec

from connectors.http.connection import Connection, access, call, signed_body
from connectors.http.graphql import Asked, Followed, Mutation, answer_of, new_elements_of, pages_of
from connectors.http.paging import Ask, Page, Paging, pages
from connectors.http.poll import Poll, new_elements
from connectors.sdk import Attachment, Category, Connector, Context, Effect, Item, Receipt, Record, Settings, field
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address
from connectors.sdk.texts import storable

IDEMPOTENCY_KEY = "Idempotency-Key"
# Requests of one step in flight at once, unless the recipe sets another number
CONCURRENCY = 16

connector = Connector(
    "http",
    "HTTP",
    icon="http",
    connection=Connection,
    connection_optional=True,
    category=Category.WEB,
    tried="web servers of our own, GraphQL by graphql-core",
)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the hosts that may see the connection's credentials."""
    return connection.hosts


connector.oauth(access)


@connector.trigger("New element", every=300.0)
async def new_element(context: Context[Connection, Poll], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each element that appears in the answer of a service.

    Gives the element as it stands in the answer.
    """
    settings = context.settings

    async def ask(url: str, extra: dict[str, str]) -> Response:
        options = Options(headers=dict(settings.headers), timeout=settings.timeout)
        if params := {**({} if url != settings.url else settings.params), **extra}:
            options["params"] = params
        return await call(context, "GET", url, options)

    async for item in new_elements(settings, ask, cursor):
        yield item


class Request(Settings):
    """What to ask for, and how to follow an answer that comes in pages."""

    url: Annotated[
        str,
        field(
            "Address",
            hint="Scheme and host are fixed; the rest may be a template.",
            example="https://api.example.com/items",
            templated=True,
        ),
    ]
    method: Annotated[Literal["GET", "POST", "HEAD"], field("Method")] = "GET"
    params: Annotated[
        dict[str, Any], field("Query", hint="Added to the address, properly escaped.", templated=True)
    ] = {}
    headers: Annotated[dict[str, str], field("Headers", templated=True)] = {}
    json: Annotated[Any, field("JSON body", templated=True, advanced=True)] = None
    timeout: Annotated[float, field("Time limit", hint="Seconds for each page.", advanced=True)] = 30.0
    paging: Annotated[Paging, field("Pages", hint="How the service says that there is more.", advanced=True)] = (
        msgspec.field(default_factory=Paging)
    )

    def __post_init__(self) -> None:
        require_address(self.url)


@connector.lookup("Ask a service")
async def request(context: Context[Connection, Request]) -> Any:
    """Send a request and return the status, headers and body of the answer, all pages together.

    Gives `status`, `headers` and `body`; with pages also `items` (the elements of all pages), `pages` and `more`.
    """
    found: list[Page] = [page async for page in pages(context.settings.paging, _ask(context), context.settings.url)]
    last = found[-1]
    output = {"status": last.response.status, "headers": _headers(last.response), "body": _body(last.response)}
    if context.settings.paging.style == "none":
        return output
    elements = [element for page in found for element in page.elements]
    return {**output, "items": elements, "pages": len(found), "more": last.following is not None}


class Send(Settings):
    """What to send and where."""

    url: Annotated[
        str,
        field(
            "Address",
            hint="Scheme and host are fixed; the rest may be a template.",
            example="https://example.com/orders",
            templated=True,
        ),
    ]
    method: Annotated[Literal["POST", "PUT", "PATCH", "DELETE", "GET"], field("Method")] = "POST"
    headers: Annotated[dict[str, str], field("Headers", templated=True)] = {}
    json: Annotated[
        Any,
        field(
            "JSON body",
            hint="A mapping, a list, or one expression.",
            example={"total": "{{ read.total }}"},
            templated=True,
        ),
    ] = None
    text: Annotated[str | None, field("Text body", hint="Instead of JSON.", templated=True, multiline=True)] = None
    timeout: Annotated[float, field("Time limit", hint="Seconds to wait for the answer.", advanced=True)] = 30.0

    def __post_init__(self) -> None:
        require_address(self.url)
        if self.json is not None and self.text is not None:
            raise ValueError("Give a JSON body or a text body, not both.")


@connector.target("Send a request", effect=Effect.SEND, carries_key=True, concurrency=CONCURRENCY)
async def send(context: Context[Connection, Send], record: Record) -> Receipt:
    """Send one request for the record under an Idempotency-Key, which a repeat carries again.

    Gives the `status`, `headers` and `body` of the answer.
    """
    settings = context.settings
    headers, content = {**settings.headers, IDEMPOTENCY_KEY: record.key}, b""
    if settings.json is not None:
        headers.setdefault("Content-Type", "application/json")
        content = msgspec.json.encode(settings.json)
    elif settings.text is not None:
        headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        content = settings.text.encode()
    options = Options(headers=headers, timeout=settings.timeout)
    if content:
        options["content"] = content
    if isinstance(context.connection, Connection):
        signed_body(context.connection, record.key, content, options)
    response = await call(context, settings.method, settings.url, options)
    body = _body(response)
    return Receipt(
        reference=_reference(response, body),
        version=response.headers.get("ETag"),
        output={"status": response.status, "headers": _headers(response), "body": body},
    )


@connector.trigger("New element by GraphQL", every=300.0)
async def graphql_element(context: Context[Connection, Followed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each element that appears in a list of a GraphQL service.

    Gives the element as the query asks for it.
    """
    async for item in new_elements_of(context, cursor):
        yield item


@connector.lookup("Ask by GraphQL")
async def graphql_query(context: Context[Connection, Asked]) -> Any:
    """Send a query and return its data.

    Gives `data` of the last page; with a list also `items`, the elements of all pages, and whether there are `more`.
    """
    settings = context.settings
    if not settings.list:
        return {"data": await answer_of(context, settings.variables)}
    found = [page async for page in pages_of(context, None)]
    items = [element for page in found for element in page.elements]
    return {"data": found[-1].data, "items": items, "more": found[-1].more}


@connector.target("Change by GraphQL", effect=Effect.SEND, carries_key=True, concurrency=CONCURRENCY)
async def graphql_change(context: Context[Connection, Mutation], record: Record) -> Receipt:
    """Send a mutation for the record under an Idempotency-Key, which a repeat carries again.

    Gives the `data` of the answer.
    """
    settings = context.settings
    own = {settings.key_variable: record.key} if settings.key_variable else {}
    data = await answer_of(context, {**settings.variables, **own}, {IDEMPOTENCY_KEY: record.key})
    first = next(iter(data.values()), None)
    made = first.get("id") if isinstance(first, dict) else None
    return Receipt(reference=str(made) if isinstance(made, (str, int)) else None, output={"data": data})


def _ask(context: Context[Connection, Request]) -> Ask:
    """Return the function that fetches one page: its address and the parameters that paging adds."""
    settings = context.settings

    async def ask(url: str, extra: dict[str, str]) -> Response:
        options = Options(headers=dict(settings.headers), timeout=settings.timeout)
        if settings.json is not None:
            options["json"] = settings.json
        if params := {**({} if url != settings.url else _texts(settings.params)), **extra}:
            options["params"] = params
        return await call(context, settings.method, url, options)

    return ask


def _texts(params: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in params.items() if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _headers(response: Response) -> dict[str, str]:
    return {name.lower(): storable(value) for name, value in response.headers.items() if name.lower() != "set-cookie"}


def _body(response: Response) -> Any:
    """Return JSON as values, text as text, and everything else as a file."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not response.content:
        return None
    if kind == "application/json" or kind.endswith("+json"):
        return response.json()
    if not kind or kind.startswith("text/") or kind.endswith("xml"):
        return response.text()
    return Attachment(name=response.url.partition("?")[0].rpartition("/")[2], media_type=kind, content=response.content)


def _reference(response: Response, body: Any) -> str | None:
    """Return what the service calls the thing it made."""
    if location := response.headers.get("Location"):
        return storable(location)
    made = body.get("id") if isinstance(body, dict) else None
    return str(made) if isinstance(made, (str, int)) else None
