"""A token or an OAuth app at GitHub or a GitHub Enterprise Server, its requests, and what its refusals mean."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

ADDRESS = "https://api.github.com"
VERSION = "2022-11-28"
PAGE = 100
# What GitHub asks to wait after a secondary rate limit that does not say how long
PAUSE = 60.0
NOT_MODIFIED = 304
_READ_BY_US = (NOT_MODIFIED, 401, 403, 404, 410, 422, 429)
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_OAUTH: Mapping[str, tuple[str, ...]] = {"kind": ("oauth",)}


class Connection(Settings):
    """A personal access token, or an OAuth app through which a person signs in."""

    kind: Annotated[
        Literal["token", "oauth"],
        field("Signs in by", hint="token: a personal access token; oauth: a person signs in through your OAuth app."),
    ] = "token"
    token: Annotated[
        Secret,
        field(
            "Access token", hint="Fine-grained or classic; it begins with github_ or ghp_.", when={"kind": ("token",)}
        ),
    ] = Secret("")
    client_id: Annotated[str, field("Client id", hint="On the page of the OAuth app.", when=_OAUTH)] = ""
    client_secret: Annotated[Secret, field("Client secret", hint="On the page of the OAuth app.", when=_OAUTH)] = (
        Secret("")
    )
    access: Annotated[Literal["all", "public"], field("Repositories", hint="public asks for less.", when=_OAUTH)] = (
        "all"
    )
    webhook_secret: Annotated[
        Secret, field("Webhook secret", hint="Only for events that GitHub sends. You choose it there.")
    ] = Secret("")
    address: Annotated[
        str,
        field(
            "Address",
            hint="Of GitHub Enterprise Server it is https://your-host/api/v3.",
            example="https://github.example.com/api/v3",
            advanced=True,
        ),
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse an address that is none, and an app without its id."""
        require_address(self.address)
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the client id of the OAuth app.")


class Problem(msgspec.Struct):
    """What GitHub says when it does not do something."""

    message: str = ""
    errors: list[Any] = []

    @property
    def sentence(self) -> str:
        """What is wrong, with the fields that it is about."""
        about = "; ".join(_told(one) for one in self.errors[:3])
        return storable(f"{self.message.rstrip('.')}: {about}" if about else self.message).rstrip(".")[:300]


def granted(connection: Connection) -> OAuth | None:
    """Say how a person grants access; an Enterprise Server has its sign-in beside its API."""
    if connection.kind != "oauth":
        return None
    own = connection.address.rstrip("/").removesuffix("/api/v3")
    pages = "https://github.com" if connection.address == ADDRESS else own
    scopes = (
        {"repo": "Reads and writes issues of all repositories that you choose, also private ones."}
        if connection.access == "all"
        else {"public_repo": "Reads and writes issues of public repositories."}
    )
    return OAuth(
        authorize_url=f"{pages}/login/oauth/authorize",
        token_url=f"{pages}/login/oauth/access_token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes=scopes,
    )


async def call(
    context: Context[Connection, Any],
    method: str,
    path: str,
    params: Mapping[str, str] | None = None,
    body: Any = None,
    etag: str = "",
) -> Response:
    """Send a request for a path, or for the whole address of a next page; a refused token is renewed once."""
    url = path if path.startswith("http") else f"{context.connection.address.rstrip('/')}/{path}"
    options = Options(accepts=_READ_BY_US)
    if params:
        options["params"] = params
    if body is not None:
        options["json"] = body
    token = await _token(context)
    answer = await context.http.request(method, url, **_signed(options, token, etag))
    if answer.status == 401 and context.connection.kind == "oauth":
        token = await context.access_token(refused=token)
        answer = await context.http.request(method, url, **_signed(options, token, etag))
    _judge(context.connection, answer, _signed(options, token, etag))
    return answer


async def pages(
    context: Context[Connection, Any], path: str, params: Mapping[str, str], etag: str = ""
) -> AsyncIterator[Response]:
    """Yield the pages of a list, as its Link headers lead from one to the next; none when the first is unchanged."""
    answer = await call(context, "GET", path, {**params, "per_page": str(PAGE)}, etag=etag)
    while answer.status != NOT_MODIFIED:
        yield answer
        following = next_page(answer)
        if following is None:
            return
        answer = await call(context, "GET", following)


def next_page(answer: Response) -> str | None:
    """Return the address of the next page, None on the last."""
    found = _NEXT.search(answer.headers.get("Link", ""))
    return found[1] if found else None


async def _token(context: Context[Connection, Any]) -> str:
    connection = context.connection
    if connection.kind == "oauth":
        return await context.access_token()
    if not connection.token.reveal():
        raise CredentialsError("The connection holds no access token. Put one in.")
    return connection.token.reveal()


def _signed(options: Options, token: str, etag: str) -> Options:
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": VERSION,
    }
    return {**options, "headers": headers | ({"If-None-Match": etag} if etag else {})}


def _judge(connection: Connection, answer: Response, options: Options) -> None:
    """Raise what a refusal means; GitHub tells of a limit by 403 or 429, with or without how long to wait."""
    if answer.status < 400:
        return
    sentence = refusal(answer.content, Problem).sentence
    if answer.status in {403, 429} and "Retry-After" not in answer.headers:
        wait = _wait(answer, sentence)
        if wait is not None:
            raise TemporaryError(f"GitHub allows no more requests for {int(wait)} seconds.", retry_after=wait)
    if answer.status == 404:
        raise SettingsError(
            "GitHub finds nothing there, or the token may not see it. Check the repository and number, and which "
            "repositories the token may reach."
        )
    if answer.status == 410:
        raise SettingsError(f"GitHub says that this is gone: {sentence or 'it was deleted or turned off'}.")
    if answer.status == 422:
        raise SettingsError(f"GitHub refused the request: {sentence or 'it does not say why'}.")
    raise_for_status(host_of(connection.address), answer.status, answer.headers, answer.content, options)


def _wait(answer: Response, sentence: str) -> float | None:
    """Return how long to wait, None when the refusal is about something else than a limit."""
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal() and len(reset) < 16:
        return max(1.0, int(reset) - time.time())
    return PAUSE if answer.status == 429 or "secondary rate limit" in sentence.lower() else None


def _told(error: Any) -> str:
    """Say one of the things that are wrong, which come as texts or as field and code."""
    if not isinstance(error, Mapping):
        return str(error)[:100]
    told = error.get("message") or f"{error.get('field', 'a field')} is {error.get('code', 'wrong')!s}"
    return str(told).replace("_", " ")[:150]
