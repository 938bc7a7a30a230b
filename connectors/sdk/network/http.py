"""The one way connectors speak HTTP: pooled, guarded on every hop, failures told in three words."""

from __future__ import annotations

import asyncio
import io
import re
import socket
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDictProxy
from yarl import URL

from connectors.sdk.errors import ConnectorError, SettingsError, TemporaryError
from connectors.sdk.network.answers import not_json, raise_for_status
from connectors.sdk.network.guard import Guard
from connectors.sdk.texts import character_set, storable, storable_json

T = TypeVar("T")

TIMEOUT = 30.0
CONNECT_TIMEOUT = 10.0
ANSWER_LIMIT = 25 * 1024 * 1024
MOST_REDIRECTS = 10
MOST_CONNECTIONS = 256
KEEP_ALIVE = 15.0
PIECES_FROM = 512 * 1024
# What another origin may see of the headers after a redirect
# The idempotency key goes along: it is no credential, and a repeat must be recognised wherever it ends up
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "idempotency-key", "user-agent"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LETTERS = re.compile(r"[!-~]+")


class Options(TypedDict, total=False):
    """What a request may carry: one of `json`, `form` and `content` as its body, and how long it may take.

    `accepts` names statuses whose answers come back like any other, instead of as an error.
    """

    params: Mapping[str, str] | Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    json: Any
    form: Mapping[str, str] | Sequence[tuple[str, str]]
    content: bytes | str
    timeout: float
    limit: int
    accepts: Collection[int]


class Response:
    """An answer, read whole; `url` is where it came from after redirects."""

    __slots__ = ("content", "headers", "status", "url")

    def __init__(self, status: int, headers: CIMultiDictProxy[str], content: bytes, url: str) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.url = url

    def json(self) -> Any:
        """Return the decoded body; an answer that is no JSON is the service's failure."""
        try:
            return msgspec.json.decode(storable_json(self.content))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise not_json(URL(self.url).host or "", self.headers.get("Content-Type", "")) from error

    def read(self, kind: type[T]) -> T:
        """Return the decoded body as a struct; fields that the struct does not name are left out."""
        try:
            return msgspec.convert(self.json(), kind)
        except msgspec.ValidationError as error:
            raise TemporaryError(f"{URL(self.url).host} answered otherwise than it describes: {error}.") from error

    def text(self) -> str:
        """Return the body as text in the charset it names, else UTF-8."""
        charset = character_set(self.headers.get("Content-Type", ""))
        return storable(self.content.decode(charset or "utf-8", errors="replace"))


class HttpClient:
    """Requests over the process's pool; with `hosts` it reaches only these (`*.example.com` names subdomains).

    What goes to `hosts` is a connection's, so outside the operator's networks it goes encrypted. `heard` is told the
    headers of every answer.
    """

    def __init__(
        self,
        pool: HttpPool,
        *,
        hosts: Iterable[str] | None = None,
        heard: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        self._pool = pool
        self._heard = heard
        self._hosts = None if hosts is None else frozenset(host.casefold() for host in hosts)

    async def get(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Ask for a resource."""
        return await self.request("GET", url, **options)

    async def post(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send something new."""
        return await self.request("POST", url, **options)

    async def put(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Replace a resource."""
        return await self.request("PUT", url, **options)

    async def patch(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Change part of a resource."""
        return await self.request("PATCH", url, **options)

    async def delete(self, url: str | URL, **options: Unpack[Options]) -> Response:
        """Remove a resource."""
        return await self.request("DELETE", url, **options)

    async def request(self, method: str, url: str | URL, **options: Unpack[Options]) -> Response:
        """Send a request, follow redirects and return the answer; anything but success raises a `ConnectorError`.

        Of an address as text, escapes that nothing needs are undone; a `URL` made with `encoded=True` is sent as it is.
        """
        target = self._checked(url)
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._send(method, target, options)
            if self._heard is not None:
                self._heard(response.headers)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                if response.status not in options.get("accepts", ()):
                    sent = {**options, "url": target}
                    raise_for_status(target.host or "", response.status, response.headers, response.content, sent)
                return response
            following = self._checked(location, base=target)
            method, options = _redirected(method, options, response.status, same_origin=_origin(target, following))
            target = following
        raise SettingsError(f"{target.host} redirects in a circle. Check the address.")

    def _checked(self, url: str | URL, base: URL | None = None) -> URL:
        try:
            target = _parsed(url) if base is None else base.join(URL(url))
        except ValueError as error:
            raise SettingsError("The address is not a valid URL.") from error
        if target.scheme not in {"http", "https"} or not target.host:
            raise SettingsError("An address begins with http:// or https:// and a host.")
        if target.raw_user is not None or target.raw_password is not None:
            raise SettingsError("An address may not hold a user name or password; use a connection.")
        if self._hosts is not None and not _listed(target.host.casefold(), self._hosts):
            raise SettingsError(f"This connection may not call {target.host}. Add the host to the connection first.")
        return target

    async def _send(self, method: str, target: URL, options: Options) -> Response:
        host = target.host or ""
        try:
            if self._hosts is not None and target.scheme == "http":
                await self._pool.guard.require_inner(host, target.port or 80)
            return await self._pool.send(method, target, options)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _lost(host, error) from error
        except ValueError as error:
            raise SettingsError(f"The request to {host} cannot be sent: a header or the body is not valid.") from error


class HttpPool:
    """The process's kept connections, opened on first use in the running loop, each to a guarded address."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._session: aiohttp.ClientSession | None = None

    async def send(self, method: str, target: URL, options: Options) -> Response:
        """Send one request and read its answer whole; follows nothing and judges nothing."""
        session = self._session
        if session is None:
            session = self._session = self._open()
        async with session.request(
            method,
            target,
            params=options.get("params"),
            headers=options.get("headers"),
            **_body(options),
            timeout=_timeout(options.get("timeout", TIMEOUT)),
            allow_redirects=False,
        ) as answer:
            content = await _read(answer, options.get("limit", ANSWER_LIMIT))
            return Response(answer.status, answer.headers, content, str(answer.url))

    async def close(self) -> None:
        """Close all kept connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=MOST_CONNECTIONS,
                keepalive_timeout=KEEP_ALIVE,
                resolver=_GuardedResolver(self.guard),
                socket_factory=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Patchdeck"},
            json_serialize=_encode,
            trust_env=False,
        )

    def _socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, place = address
        self.guard.check(str(place[0]), place[1])
        return socket.socket(family, kind, protocol)


class _GuardedResolver(AbstractResolver):
    """Hands aiohttp only addresses that the guard permits, so that it connects to what was checked."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # aiohttp's signature
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._guard.addresses(host, port)
        ]

    async def close(self) -> None:
        """Keep nothing open."""


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    length = answer.content_length
    if length is not None and length <= limit and "Content-Encoding" not in answer.headers:
        return await answer.read()
    pieces, size = [], 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise SettingsError(f"{answer.url.host} answered with more than {limit // 1024 // 1024} MB.")
    return b"".join(pieces)


def _body(options: Options) -> dict[str, Any]:
    if "json" in options:
        return {"json": options["json"]}
    body = options.get("form", options.get("content"))
    # A large one is sent in pieces, so that others have their turn meanwhile
    return {"data": io.BytesIO(body) if isinstance(body, bytes) and len(body) > PIECES_FROM else body}


def _redirected(method: str, options: Options, status: int, *, same_origin: bool) -> tuple[str, Options]:
    """Rewrite a request as its redirect asks; another origin sees no credentials and no parameters."""
    following = Options(**options)
    following.pop("params", None)
    if status == 303 or (status in {301, 302} and method == "POST"):
        method = "HEAD" if method == "HEAD" else "GET"
        for body in ("json", "form", "content"):
            following.pop(body, None)  # type: ignore[misc]  # each is a key of Options
    if not same_origin and "headers" in following:
        following["headers"] = {
            name: value for name, value in following["headers"].items() if name.casefold() in _HARMLESS
        }
    return method, following


def _parsed(url: str | URL) -> URL:
    """Return an address whose letters are fit for a request; raises ValueError."""
    if isinstance(url, URL) and not _LETTERS.fullmatch(str(url)):
        raise ValueError("An encoded address has only printable letters of ASCII.")
    return url if isinstance(url, URL) else URL(url)


def _origin(first: URL, second: URL) -> bool:
    return first.origin() == second.origin()


def _listed(host: str, hosts: frozenset[str]) -> bool:
    return host in hosts or any(f"*.{rest}" in hosts for rest in _parents(host))


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels))]


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return _TIMEOUT if seconds == TIMEOUT else aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT)


_TIMEOUT = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=CONNECT_TIMEOUT)


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _lost(host: str, error: aiohttp.ClientError | TimeoutError) -> ConnectorError:
    """Translate what aiohttp raises when there was no whole answer."""
    if isinstance(error, aiohttp.InvalidURL):
        return SettingsError("The address is not a valid URL.")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return SettingsError(f"The certificate of {host} is not valid.")
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return TemporaryError(f"{host} cannot be reached.")
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
        return TemporaryError(f"{host} did not answer in time.", uncertain=True)
    return TemporaryError(f"The connection to {host} was cut.", uncertain=True)
