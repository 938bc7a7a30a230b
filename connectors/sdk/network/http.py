"""The one way connectors speak HTTP: pooled, guarded on every hop, failures told in three words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Unpack

import aiohttp
from yarl import URL

from connectors.sdk.errors import ConnectorError, SettingsError, TemporaryError
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.exchange import Options, Response
from connectors.sdk.network.pool import ANSWER_LIMIT, HttpPool

__all__ = ["ANSWER_LIMIT", "HttpClient", "HttpPool", "Options", "Response"]

MOST_REDIRECTS = 10
# What another origin may see of the headers after a redirect
# The idempotency key goes along: it is no credential, and a repeat must be recognised wherever it ends up
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "idempotency-key", "user-agent"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LETTERS = re.compile(r"[!-~]+")


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
