"""The connection that Microsoft's services share, and calls of Microsoft Graph under it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec

from connectors.sdk import (
    Category,
    Connector,
    Context,
    CredentialsError,
    OAuth,
    Secret,
    Settings,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.network.answers import raise_for_status, refusal, seconds_until
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

GRAPH = "https://graph.microsoft.com"
SIGN_IN = "https://login.microsoftonline.com"
UNAUTHORIZED, FORBIDDEN, GONE = 401, 403, 410
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,200}")
# What a sentence of Graph's may be cut at
_LONGEST = 300
_BUSY = frozenset({"TooManyRequests", "ApplicationThrottled", "activityLimitReached", "serviceNotAvailable"})
_RESYNC = frozenset({"SyncStateNotFound", "SyncStateInvalid", "resyncRequired", "syncStateNotFound"})

T = TypeVar("T")


class Connection(Settings):
    """A Microsoft account of work, school or home, or an app that an administrator has let in."""

    kind: Annotated[
        Literal["oauth", "client_credentials"],
        field(
            "Signs in by",
            hint="oauth: a person signs in at Microsoft and agrees; client_credentials: an app of your directory, for"
            " the mailboxes and drives that an administrator has opened to it.",
        ),
    ] = "oauth"
    client_id: Annotated[
        str,
        field(
            "Application (client) id",
            hint="Of the app you registered in Microsoft Entra.",
            example="11111111-2222-3333-4444-555555555555",
        ),
    ]
    client_secret: Annotated[Secret, field("Client secret", hint="Its value, not its id.")]
    tenant: Annotated[
        str,
        field(
            "Directory (tenant) id",
            hint="common: any account; organizations: of work or school; consumers: of home.",
        ),
    ] = "common"
    mailbox: Annotated[
        str,
        field(
            "User",
            hint="The address of the user whose mail and files are used.",
            example="invoices@example.com",
            when={"kind": ("client_credentials",)},
        ),
    ] = ""
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = GRAPH

    def __post_init__(self) -> None:
        require_address(self.address)
        if not _TENANT.fullmatch(self.tenant):
            raise ValueError("A directory (tenant) is its id or domain, or common, organizations or consumers.")
        if self.kind == "client_credentials" and not self.mailbox:
            raise ValueError("Give the user whose mail and files the app works with.")
        if any(letter.isspace() or letter in "/\\?#" for letter in self.mailbox):
            raise ValueError("Give the user's address, such as invoices@example.com.")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list, and where the next one is; `delta` is where to ask for what changes afterwards."""

    value: list[T] = []
    next: str | None = msgspec.field(default=None, name="@odata.nextLink")
    delta: str | None = msgspec.field(default=None, name="@odata.deltaLink")


class ResyncError(SettingsError):
    """Graph no longer knows a place in its changes: begin again."""


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: _Error = _Error()


def family(  # noqa: PLR0913  # all but three by name
    name: str, title: str, icon: str, *, scopes: Mapping[str, str], probe: str, tried: str, category: Category
) -> Connector:
    """Return a connector of this family: what it asks for, its hosts and its check of `probe` are in place."""
    connector = Connector(
        name, title, icon=icon, connection=Connection, family="microsoft", tried=tried, category=category
    )
    connector.hosts(hosts)

    @connector.oauth
    def access(connection: Connection) -> OAuth:
        return grant(connection, scopes)

    @connector.check
    async def check(connection: Connection, context: Context[Connection, Any]) -> None:  # noqa: ARG001  # the context has it
        """Ask for what the connection is good for."""
        await graph(context, "GET", probe, Options(params={"$select": "id"}))

    return connector


def hosts(connection: Connection) -> Sequence[str]:
    """Name Graph's host, or the one that stands in for it."""
    return [host_of(connection.address)]


def grant(connection: Connection, scopes: Mapping[str, str]) -> OAuth:
    """Return where a person agrees or the app gets its tokens, and what is asked for."""
    base = f"{SIGN_IN if connection.address == GRAPH else root(connection)}/{connection.tenant}/oauth2/v2.0"
    person = connection.kind == "oauth"
    asked = {f"{GRAPH}/{scope}": reason for scope, reason in scopes.items()}
    return OAuth(
        token_url=f"{base}/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        authorize_url=f"{base}/authorize" if person else "",
        scopes={**asked, "offline_access": "To go on without asking you each hour."}
        if person
        else {f"{GRAPH}/.default": "What an administrator has granted to the app."},
    )


def root(connection: Connection) -> str:
    """Return the connection's address without a slash at its end."""
    return connection.address.rstrip("/")


async def graph(context: Context[Connection, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Ask Graph for a path such as `{me}/messages`, or follow a link that it gave; a refused token is renewed once."""
    url = _url(context.connection, path)
    given = options or Options()
    token = await context.access_token()
    answer = await context.http.request(method, url, **_signed(given, token))
    if answer.status == UNAUTHORIZED:
        token = await context.access_token(refused=token)
        answer = await context.http.request(method, url, **_signed(given, token))
    if answer.status >= 400 and answer.status not in given.get("accepts", ()):
        _refuse(method, answer, _signed(given, token))
    return answer


async def pages(
    context: Context[Connection, Any], path: str, options: Options, kind: type[T]
) -> AsyncIterator[Page[T]]:
    """Yield the pages of a list, one after the other."""
    following: str | None = path
    while following is not None:
        answer = await graph(context, "GET", following, options)
        page: Page[T] = answer.read(Page[kind])  # type: ignore[valid-type]  # the kind is known when it runs
        yield page
        if page.next == following:
            raise TemporaryError("Microsoft names the same page again and again.")
        # a link holds the parameters already
        following, options = page.next, Options(**{**options, "params": {}})


def part(identity: str) -> str:
    """Return an id as one segment of a path."""
    return quote(identity, safe="")


def _url(connection: Connection, path: str) -> str:
    if path.startswith(("http://", "https://")):
        if not path.startswith(f"{root(connection)}/"):
            raise SettingsError("Microsoft named a page at another address than the connection's.")
        return path
    me = f"users/{part(connection.mailbox)}" if connection.kind == "client_credentials" else "me"
    return f"{root(connection)}/v1.0/{path.replace('{me}', me, 1).lstrip('/')}"


def _signed(options: Options, token: str) -> Options:
    headers = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
    return Options(**{**options, "headers": headers, "accepts": range(400, 600)})


def _refuse(method: str, answer: Response, options: Options) -> None:
    """Raise the error that an answer stands for, with Graph's own sentence."""
    host = host_of(answer.url)
    said = refusal(answer.content, _Refusal).error
    words = " ".join(said.message.split()).rstrip(".")[:_LONGEST] or f"status {answer.status}"
    if answer.status == GONE or said.code in _RESYNC:
        raise ResyncError(f"Microsoft no longer knows this place in its changes: {words}.")
    if said.code in _BUSY and answer.status != 429:
        raise TemporaryError(
            f"Microsoft is busy: {words}.", retry_after=seconds_until(answer.headers.get("Retry-After"))
        )
    if answer.status == UNAUTHORIZED:
        raise CredentialsError(f"{host} does not accept the connection's token. Connect again.")
    if answer.status == FORBIDDEN:
        raise CredentialsError(
            f"Microsoft does not allow this: {words}. Connect again and agree, or ask an administrator for consent."
        )
    try:
        raise_for_status(host, answer.status, answer.headers, answer.content, options)
    except TemporaryError as error:
        if method != "GET" and answer.status >= 500:
            raise TemporaryError(error.message, retry_after=error.retry_after, uncertain=True) from error
        raise
