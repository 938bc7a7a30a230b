"""A token or an application at GitLab, its requests, and what its refusals mean."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

ADDRESS = "https://gitlab.com"
PAGE = 100
UNAUTHORIZED = 401
_READ_BY_US = (400, UNAUTHORIZED, 404, 409, 422, 429)
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_OAUTH: Mapping[str, tuple[str, ...]] = {"kind": ("oauth",)}


class Connection(Settings):
    """A token of a project, a group or a person, or an application through which a person signs in."""

    kind: Annotated[
        Literal["token", "oauth"],
        field("Signs in by", hint="token: an access token; oauth: a person signs in through your application."),
    ] = "token"
    token: Annotated[
        Secret, field("Access token", hint="Of a project, a group or a person.", when={"kind": ("token",)})
    ] = Secret("")
    client_id: Annotated[str, field("Application id", hint="On the application's page.", when=_OAUTH)] = ""
    client_secret: Annotated[Secret, field("Secret", hint="On the application's page.", when=_OAUTH)] = Secret("")
    webhook_token: Annotated[
        Secret, field("Webhook token", hint="Only for events that GitLab sends. You choose it there.")
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Of your own GitLab.", example="https://gitlab.example.com", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse an address that is none, and an application without its id."""
        require_address(self.address)
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the id of the application.")


class Problem(msgspec.Struct):
    """What GitLab says when it does not do something: a text, or what is wrong by field."""

    message: Any = ""
    error: Any = ""
    error_description: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, in a line."""
        said = self.message or self.error_description or self.error
        if isinstance(said, Mapping):
            said = "; ".join(f"{name} {_listed(one)}" for name, one in said.items())
        return storable(_listed(said)).rstrip(".")[:300]


def granted(connection: Connection) -> OAuth | None:
    """Say how a person grants access; reading and writing issues has no smaller scope than api."""
    if connection.kind != "oauth":
        return None
    address = connection.address.rstrip("/")
    return OAuth(
        authorize_url=f"{address}/oauth/authorize",
        token_url=f"{address}/oauth/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes={"api": "Reads and writes issues, merge requests and comments."},
    )


async def call(
    context: Context[Connection, Any],
    method: str,
    path: str,
    params: Mapping[str, str] | None = None,
    body: Any = None,
) -> Response:
    """Send a request for a path below api/v4, or for the address of a next page; a refused token is renewed once."""
    url = path if path.startswith("http") else f"{context.connection.address.rstrip('/')}/api/v4/{path}"
    options = Options(accepts=_READ_BY_US)
    if params:
        options["params"] = params
    if body is not None:
        options["json"] = body
    token = await _token(context)
    answer = await context.http.request(method, url, **_signed(options, token))
    if answer.status == UNAUTHORIZED and context.connection.kind == "oauth":
        token = await context.access_token(refused=token)
        answer = await context.http.request(method, url, **_signed(options, token))
    _judge(context.connection, answer, _signed(options, token))
    return answer


async def pages(context: Context[Connection, Any], path: str, params: Mapping[str, str]) -> AsyncIterator[Response]:
    """Yield the pages of a list, as its Link headers lead from one to the next."""
    answer = await call(context, "GET", path, {**params, "per_page": str(PAGE)})
    while True:
        yield answer
        following = next_page(answer)
        if following is None:
            return
        answer = await call(context, "GET", following)


def next_page(answer: Response) -> str | None:
    """Return the address of the next page, None on the last."""
    found = _NEXT.search(answer.headers.get("Link", ""))
    return found[1] if found else None


def project_path(project: str) -> str:
    """Return where a project is, by its number or its path with groups."""
    return f"projects/{quote(project.strip().strip('/'), safe='')}"


async def _token(context: Context[Connection, Any]) -> str:
    connection = context.connection
    if connection.kind == "oauth":
        return await context.access_token()
    if not connection.token.reveal():
        raise CredentialsError("The connection holds no access token. Put one in.")
    return connection.token.reveal()


def _signed(options: Options, token: str) -> Options:
    return {**options, "headers": {"Authorization": f"Bearer {token}", "Accept": "application/json"}}


def _judge(connection: Connection, answer: Response, options: Options) -> None:
    """Raise what a refusal means; GitLab says when a limit ends, with or without how long to wait."""
    if answer.status < 400:
        return
    said = refusal(answer.content, Problem).sentence
    reset = answer.headers.get("RateLimit-Reset", "")
    if answer.status == 429 and "Retry-After" not in answer.headers and reset.isdecimal() and len(reset) < 16:
        wait = max(1.0, int(reset) - time.time())
        raise TemporaryError(f"GitLab allows no more requests for {int(wait)} seconds.", retry_after=wait)
    if answer.status == 404:
        raise SettingsError(
            f"GitLab finds nothing there, or the token may not see it ({said or 'not found'}). Check the project and "
            "number."
        )
    if answer.status in {400, 409, 422}:
        raise SettingsError(f"GitLab refused the request: {said or 'it does not say why'}.")
    raise_for_status(host_of(connection.address), answer.status, answer.headers, answer.content, options)


def _listed(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
