"""The way in to /mcp: an API key in each request, from a host and an origin that the hub knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from hub.accounts import Accounts, Pass
from hub.errors import ForbiddenError, HubError, NotFoundError, UnauthorizedError
from hub.ids import new_id, show
from hub.logs import correlate
from hub.mcp.failures import understood
from hub.mcp.tokens import Issuer
from hub.members import Member, Scope

if TYPE_CHECKING:
    from mcp.server import ServerRequestContext

METADATA = "/.well-known/oauth-protected-resource"
PATH = "/mcp"
_MEMBER = "patchdeck_member"

ASGIScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[ASGIScope, Receive, Send], Awaitable[None]]


class MisdirectedError(HubError):
    """The request names a host that this hub is not."""

    status = 421
    title = "Misdirected request"


class MethodError(HubError):
    """The protocol's messages are posted."""

    status = 405
    title = "Method Not Allowed"


class ScopeError(ForbiddenError):
    """An access token grants nothing that is known here."""


class Gate:
    """Lets requests with an API key through, with the member that it acts for, and tells others how to get one."""

    def __init__(
        self, application: Application, accounts: Accounts, public_url: str, issuer: str | None = None
    ) -> None:
        self._application = application
        self._accounts = accounts
        self._issuer = Issuer(issuer, f"{public_url.rstrip('/')}{PATH}") if issuer else None
        self._url = public_url.rstrip("/")
        self._host = (urlsplit(public_url).hostname or "").lower()

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        name = show("req", new_id())
        answer = _Answer(send, [("x-request-id", name), ("x-content-type-options", "nosniff")])
        with correlate(request=name):
            try:
                self._check_origin(headers)
                path = str(scope["path"]).rstrip("/")
                if path in {METADATA, METADATA + PATH}:
                    await answer.json(200, self.metadata())
                    return
                if path != PATH:
                    raise NotFoundError(f"There is nothing at {path[:100]}.")
                await self._admit(scope, headers, answer)
                await self._application({**scope, "path": PATH}, receive, answer.send)
            except Exception as error:  # noqa: BLE001  # the caller gets an answer it can act on, whatever went wrong
                await self._refuse(understood(error), answer)

    def metadata(self) -> dict[str, Any]:
        """Return the OAuth 2.1 protected-resource metadata; where no server is configured it says so."""
        told: dict[str, Any] = {
            "patchdeck_authentication": "No authorization server is configured. Send an API key of this hub as a"
            " bearer token; people make them under Settings, API keys."
        }
        if self._issuer:
            told = {"authorization_servers": [self._issuer.url]}
        return {
            "resource": f"{self._url}{PATH}",
            "resource_name": "Patchdeck",
            "bearer_methods_supported": ["header"],
            "scopes_supported": [scope.value for scope in Scope],
            "resource_documentation": f"{self._url}/api/docs",
            **told,
        }

    async def _admit(self, scope: ASGIScope, headers: Mapping[str, str], answer: _Answer) -> None:
        kind, _, token = headers.get("authorization", "").partition(" ")
        key = token.strip() if kind.lower() == "bearer" else headers.get("x-api-key")
        if not key:
            raise UnauthorizedError("Send an API key of this hub as `Authorization: Bearer pd_live_…`.")
        found = await self._pass(key)
        limit = self._accounts.count(found)
        if limit is not None:
            answer.headers += limit.headers
            limit.check()
        if scope["method"] != "POST":  # stateless: there is no stream to open and no session to end
            raise MethodError(f"{scope['method']} is not possible here; messages are sent with POST.")
        member = msgspec.structs.replace(found.member, via="mcp")
        scope["state"] = {**scope.get("state", {}), _MEMBER: member}

    async def _pass(self, token: str) -> Pass:
        if self._issuer is None or token.startswith(("pd_live_", "pd_test_")):
            return await self._accounts.key_pass(token)
        claims = await self._issuer.claims(token)
        if not claims.scopes:
            raise ScopeError("This access token grants none of the scopes read, run, write and admin.")
        return await self._accounts.vouched_pass(claims.email, claims.patchdeck_workspace, claims.scopes)

    def _check_origin(self, headers: Mapping[str, str]) -> None:
        """Refuse pages of other sites, also those whose name was made to point here ("DNS rebinding")."""
        host = (urlsplit(f"//{headers.get('host', '')}").hostname or "").lower()
        if not (host in {"localhost", self._host} or host.endswith(".localhost") or _is_address(host)):
            message = f"This hub is not known as {host[:100]!r}. Set PATCHDECK_PUBLIC_URL to the address people use."
            raise MisdirectedError(message)
        origin = headers.get("origin")
        if origin is None or origin == self._url:
            return
        if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            raise ForbiddenError("The request comes from a page of another site.")

    async def _refuse(self, error: HubError, answer: _Answer) -> None:
        if error.status == 401:
            told = f'Bearer realm="Patchdeck", error="invalid_token", resource_metadata="{self._url}{METADATA}{PATH}"'
            answer.headers.append(("www-authenticate", told))
        if isinstance(error, ScopeError):
            answer.headers.append(("www-authenticate", 'Bearer error="insufficient_scope", scope="read run"'))
        if error.retry_after is not None:
            answer.headers.append(("retry-after", str(max(1, round(error.retry_after)))))
        if isinstance(error, MethodError):
            answer.headers.append(("allow", "POST"))
        problem = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.message}
        await answer.json(error.status, problem, "application/problem+json")


def member_of(context: ServerRequestContext[Any]) -> Member:
    """Return who is behind a request that the gate let through."""
    request: Any = context.request
    found: Member = request.scope["state"][_MEMBER]
    return found


class _Answer:
    """Sends an answer with the headers that every one has."""

    def __init__(self, send: Send, headers: list[tuple[str, str]]) -> None:
        self._send = send
        self.headers = headers

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            ours = [(name.encode(), value.encode()) for name, value in self.headers]
            message = {**message, "headers": [*message.get("headers", []), *ours]}
        await self._send(message)

    async def json(self, status: int, plain: Any, kind: str = "application/json") -> None:
        body = msgspec.json.encode(plain)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _is_address(host: str) -> bool:
    """Tell whether a host is an IP address, which no name service can make point elsewhere."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
