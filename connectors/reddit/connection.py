"""Reddit's ways to sign in, and asking it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://oauth.reddit.com"
SIGN_IN = "https://www.reddit.com/api/v1"
_READ_BY_US = (401, 429)


class Connection(Settings):
    """An app of your own at Reddit, which reads by itself or in the name of an account."""

    kind: Annotated[
        Literal["app", "oauth"],
        field("Reads", hint="app: by itself, what everybody sees; oauth: also what an account may see."),
    ] = "app"
    client_id: Annotated[str, field("Client id", hint="Below the app's name, at reddit.com/prefs/apps.")]
    client_secret: Annotated[Secret, field("Client secret")]
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        require_address(self.address)
        if not self.client_id.strip().isascii() or not self.client_id.strip():
            raise ValueError("Give the client id of your app.")


def granted(connection: Connection) -> OAuth:
    """Say how the app gets its tokens, and what for."""
    server = SIGN_IN if connection.address == ADDRESS else f"{connection.address.rstrip('/')}/api/v1"
    return OAuth(
        authorize_url=f"{server}/authorize" if connection.kind == "oauth" else "",
        token_url=f"{server}/access_token",
        client_id=connection.client_id.strip(),
        client_secret=connection.client_secret,
        client_in="header",
        scopes={"read": "Read posts."},
        parameters={"duration": "permanent"} if connection.kind == "oauth" else {},
    )


async def ask(context: Context[Connection, Any], path: str, params: dict[str, str]) -> Response:
    """Ask for a list under the app's token; one that is refused is renewed once."""
    token = await context.access_token()
    answer = await _send(context, path, params, token)
    if answer.status == 401:
        token = await context.access_token(refused=token)
        answer = await _send(context, path, params, token)
    if answer.status == 401:
        raise CredentialsError("Reddit answered 401: it does not accept the app's token. Connect again.")
    wait = answer.headers.get("x-ratelimit-reset", "")
    if answer.status == 429 and "Retry-After" not in answer.headers and wait.isdecimal():
        raise TemporaryError(f"Reddit allows no more requests for {wait} seconds.", retry_after=float(wait))
    headers = {"Authorization": f"Bearer {token}"}
    raise_for_status(
        host_of(context.connection.address), answer.status, answer.headers, answer.content, {"headers": headers}
    )
    return answer


async def _send(context: Context[Connection, Any], path: str, params: dict[str, str], token: str) -> Response:
    connection = context.connection
    # Reddit wants to know which app it is, and slows down those that do not say it
    headers = {"Authorization": f"Bearer {token}", "User-Agent": f"web:patchdeck:{connection.client_id.strip()}"}
    options = Options(params=params, headers=headers, accepts=_READ_BY_US)
    return await context.http.get(connection.address.rstrip("/") + path, **options)
