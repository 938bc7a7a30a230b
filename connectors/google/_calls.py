"""Calls of Google's services: built by Google's own client library, sent over our transport, read into structs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from multidict import CIMultiDict

from connectors.google._connection import ADDRESS, Connection, Service, root, token_url
from connectors.google._refusals import refuse
from connectors.sdk import Context, CredentialsError, SettingsError
from connectors.sdk.network.answers import not_json
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.service_account import Purpose, ServiceAccount, opened
from connectors.sdk.network.urls import host_of
from connectors.sdk.texts import storable_json

T = TypeVar("T")
UNAUTHORIZED = 401
_OURS = ("accept-encoding", "user-agent")


async def ask(context: Context[Connection, Any], service: Service, method: str, kind: type[T], **named: Any) -> T:
    """Call a method such as `files.list` and return its answer as a struct."""
    return read(await send(context, service, method, **named), kind)


async def send(
    context: Context[Connection, Any], service: Service, method: str, options: Options | None = None, **named: Any
) -> Response:
    """Call a method with its parameters by name, `body` among them, and return the answer as it came."""
    request = await built(context, service, method, **named)
    return await deliver(context, service, request.method, request.uri, _with(options, request))


async def built(context: Context[Connection, Any], service: Service, method: str, **named: Any) -> Any:
    """Return the request that Google's client library makes of a method and its parameters; nothing is sent."""
    collection, _, name = method.rpartition(".")
    address = root(context.connection)
    place = "" if address == ADDRESS else address
    if (service.description, place) not in _ready:
        await asyncio.to_thread(_collection, service.description, place, collection)
        _ready.add((service.description, place))
    try:
        return getattr(_collection(service.description, place, collection), name)(**named)
    except TypeError as error:
        raise SettingsError(f"{service.title} cannot be asked that: {str(error).rstrip('.')}.") from error


async def deliver(
    context: Context[Connection, Any], service: Service, verb: str, url: str, options: Options
) -> Response:
    """Send a request under the connection's account; a token that is refused is renewed once.

    Statuses that the options accept come back as they are.
    """
    held = await token(context, service)
    asked: Options = {**options, "accepts": range(400, 600)}
    answer = await context.http.request(verb, url, **_signed(asked, held))
    if answer.status == UNAUTHORIZED:
        held = await token(context, service, refused=held)
        answer = await context.http.request(verb, url, **_signed(asked, held))
    if answer.status >= 400 and answer.status not in options.get("accepts", ()):
        refuse(service, verb, answer, _signed(options, held))
    return answer


async def token(context: Context[Connection, Any], service: Service, refused: str | None = None) -> str:
    """Return an access token that is good now, another than the one that was refused."""
    if context.connection.kind == "oauth":
        return await context.access_token(refused=refused)
    if context.connection.key is None:
        raise CredentialsError("The connection has no key of a service account. Paste one, and connect again.")
    connection = context.connection
    scopes = tuple(service.scopes(connection.access))
    account: ServiceAccount = await context.pool(opened)
    purpose = Purpose(url=token_url(connection), scopes=scopes, act_as=connection.act_as)
    return await account.token(context, connection.key, purpose, refused)


def read(answer: Response, kind: type[T]) -> T:
    """Decode an answer; one that is broken or unlike what Google documents is the service's failure."""
    try:
        return msgspec.json.decode(storable_json(answer.content), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise not_json(host_of(answer.url), answer.headers.get("Content-Type", "")) from error


def _with(options: Options | None, request: Any) -> Options:
    headers = CIMultiDict({name: value for name, value in request.headers.items() if name.lower() not in _OURS})
    made: Options = {**(options or {}), "headers": {**headers, **(options or {}).get("headers", {})}}
    if request.body is not None:
        made["content"] = request.body
    return made


def _signed(options: Options, held: str) -> Options:
    headers: Mapping[str, str] = {**options.get("headers", {}), "Authorization": f"Bearer {held}"}
    return {**options, "headers": headers}


_ready: set[tuple[str, str]] = set()


@lru_cache(maxsize=64)
def _collection(description: str, place: str, path: str) -> Any:
    """Return the library's own object for a collection of methods such as `spreadsheets.values`."""
    found = _service(description, place)
    for name in path.split("."):
        found = getattr(found, name)()
    return found


@lru_cache(maxsize=16)
def _service(description: str, place: str) -> Any:
    """Build a service from the description in the package, at Google's address or at the one that stands in for it."""
    from pathlib import Path

    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import DISCOVERY_DOC_DIR

    document = msgspec.json.decode(Path(DISCOVERY_DOC_DIR, f"{description}.json").read_bytes(), type=dict[str, Any])
    if place:
        document |= {"rootUrl": f"{place}/", "baseUrl": f"{place}/{document['servicePath']}"}
        document.pop("mtlsRootUrl", None)
    return build_from_document(document, http=_Nothing())


class _Nothing:
    """Stands where the library wants a transport: it only builds requests here."""

    def close(self) -> None:
        """Close nothing."""
