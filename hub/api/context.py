"""What belongs to one request: its id, the headers every answer carries, where it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from hub.accounts import Visitor
from hub.api.limits import limit_headers
from hub.api.reference import POLICY
from hub.config import Network
from hub.ids import new_id, show

_ID = "patchdeck_request_id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
)
_NOTHING = "default-src 'none'; frame-ancestors 'none'"


def request_id(scope: Scope) -> str:
    """Return the request's id: the caller's `X-Request-ID` when it is a plain one, else a new one."""
    state = scope.setdefault("state", {})
    if _ID not in state:
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        state[_ID] = given if _GIVEN.fullmatch(given) else show("req", new_id())
    found: str = state[_ID]
    return found


async def add_headers(message: Message, scope: Scope) -> None:
    """Give every answer its id, its limits and what keeps browsers from doing silly things with it."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in (*_ALWAYS, ("x-request-id", request_id(scope)), *limit_headers(scope)):
        headers[name] = value
    headers.setdefault("cache-control", "no-store")
    headers.setdefault("content-security-policy", POLICY if scope["path"] == "/api/docs" else _NOTHING)
    if scope.get("scheme") == "https":
        headers.setdefault("strict-transport-security", "max-age=31536000")


class Visitors:
    """Tells where a request comes from, believing the headers of trusted proxies only."""

    def __init__(self, trusted: Sequence[Network], *, public_over_tls: bool) -> None:
        self._trusted = trusted
        self._public_over_tls = public_over_tls

    def of(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
        """Return the caller's address and browser."""
        address = connection.client.host if connection.client else ""
        for hop in reversed(connection.headers.get("x-forwarded-for", "").split(",")):
            if not self._is_trusted(address) or not hop.strip():
                break
            address = hop.strip()
        return Visitor(address=address, user_agent=connection.headers.get("user-agent", ""))

    def is_secure(self, connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
        """Tell whether the browser speaks TLS, to us or to a proxy."""
        if self._public_over_tls or connection.scope.get("scheme") == "https":
            return True
        address = connection.client.host if connection.client else ""
        return self._is_trusted(address) and connection.headers.get("x-forwarded-proto", "").lower() == "https"

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed.version == network.version and parsed in network for network in self._trusted)
