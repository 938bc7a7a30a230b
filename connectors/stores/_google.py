"""Who asks Google Cloud Storage: a person who agreed, or a service account that signs for itself (RFC 7523)."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://storage.googleapis.com"
SIGN_IN = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPES = {
    "https://www.googleapis.com/auth/devstorage.read_write": "To list, read and write objects in your buckets.",
}
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS = 3600
# A token that ends sooner is not used any more
MARGIN = 120.0
UNAUTHORIZED = 401


class Key(msgspec.Struct, frozen=True):
    """What matters of a service account's key file."""

    client_email: str
    private_key: str
    private_key_id: str = ""
    project_id: str = ""


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = LASTS


class GoogleConnection(Settings):
    """A service account with its key, or a Google account that signs in."""

    kind: Annotated[
        Literal["service_account", "oauth"],
        field(
            "Signs in by",
            hint="service_account: an account of a Google Cloud project with a key; oauth: a person signs in at Google"
            " and agrees.",
        ),
    ] = "service_account"
    key: Annotated[
        Secret | None,
        field(
            "Key",
            hint="The whole JSON file of the service account's key.",
            multiline=True,
            when={"kind": ("service_account",)},
        ),
    ] = None
    client_id: Annotated[
        str, field("Client id", hint="Of your own OAuth client, from Google Cloud.", when={"kind": ("oauth",)})
    ] = ""
    client_secret: Annotated[Secret | None, field("Client secret", when={"kind": ("oauth",)})] = None
    project: Annotated[
        str, field("Project id", hint="To list its buckets; a key names its own.", example="invoices-17", advanced=True)
    ] = ""
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse addresses that are none, and kinds without what they need."""
        require_address(self.address)
        if self.kind == "service_account" and self.key is None:
            raise ValueError("Paste the JSON file of the service account's key.")
        if self.kind == "oauth" and not self.client_id:
            raise ValueError("Give the client id of your OAuth client.")

    @property
    def root(self) -> str:
        """The address without a slash at its end."""
        return self.address.rstrip("/")

    @property
    def token_url(self) -> str:
        """Where tokens come from."""
        return TOKENS if self.address == ADDRESS else f"{self.root}/token"

    @property
    def project_id(self) -> str:
        """The project whose buckets are listed, '' when nobody has named one."""
        return self.project or (key_of(self).project_id if self.kind == "service_account" else "")

    @property
    def oauth(self) -> OAuth | None:
        """How a person grants access, None for service accounts."""
        if self.kind != "oauth":
            return None
        return OAuth(
            token_url=self.token_url,
            client_id=self.client_id,
            client_secret=self.client_secret,
            authorize_url=SIGN_IN if self.address == ADDRESS else f"{self.root}/o/oauth2/v2/auth",
            scopes=SCOPES,
            parameters={"access_type": "offline", "prompt": "consent"},
        )


class ServiceAccount:
    """The token of one service account, shared by all calls of a process."""

    def __init__(self) -> None:
        self._token, self._ends = "", 0.0
        self._turn = asyncio.Lock()

    async def token(self, context: Context[Any, Any], refused: str | None) -> str:
        """Return a token that is good, another than the refused one."""
        async with self._turn:
            if not self._token or self._token == refused or self._ends - MARGIN < time.monotonic():
                granted = await _ask(context)
                self._token, self._ends = granted.access_token, time.monotonic() + granted.expires_in
            return self._token

    async def close(self) -> None:
        """Forget the token."""
        self._token = ""


async def call(context: Context[Any, Any], method: str, url: str, options: Options) -> Response:
    """Send a request with a token; one that is refused is renewed once."""
    held = await token(context)
    answer = await context.http.request(method, url, **_with(options, held))
    if answer.status == UNAUTHORIZED:
        renewed = await token(context, held)
        answer = await context.http.request(method, url, **_with(options, renewed))
    if answer.status == UNAUTHORIZED:
        raise CredentialsError(f"{host_of(url)} does not accept the account's token. Connect again.")
    return answer


def key_of(connection: GoogleConnection) -> Key:
    """Read a service account's key file."""
    try:
        return msgspec.json.decode(connection.key.reveal() if connection.key else "", type=Key)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise _unusable() from None


async def token(context: Context[Any, Any], refused: str | None = None) -> str:
    """Return a token that is good, another than the refused one."""
    if context.connection.kind == "oauth":
        return await context.access_token(refused=refused)
    account: ServiceAccount = await context.pool(_opened)
    return await account.token(context, refused)


async def _opened() -> ServiceAccount:
    return ServiceAccount()


async def _ask(context: Context[Any, Any]) -> _Granted:
    url = context.connection.token_url
    form = {"grant_type": GRANT, "assertion": _signed(key_of(context.connection), url)}
    answer = await context.http.post(url, form=form, accepts=(400, 401, 403))
    if answer.status >= 400:
        raise CredentialsError(
            "Google refuses the service account's key. Check that the key still exists, and connect again."
        )
    raise_for_status(host_of(url), answer.status, answer.headers, answer.content, {"form": form})
    try:
        return msgspec.json.decode(answer.content, type=_Granted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TemporaryError("Google answered without a token that can be used.") from error


def _signed(key: Key, audience: str) -> str:
    import jwt

    now = int(time.time())
    claims = {"iss": key.client_email, "scope": " ".join(SCOPES), "aud": audience, "iat": now, "exp": now + LASTS}
    try:
        return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.private_key_id})
    except (jwt.InvalidKeyError, ValueError, TypeError) as error:
        raise _unusable() from error


def _unusable() -> CredentialsError:
    return CredentialsError(
        "This is not the key of a service account. Paste the whole JSON file that Google Cloud gave you, and connect"
        " again."
    )


def _with(options: Options, token: str) -> Options:
    headers = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
    return {**options, "headers": headers, "accepts": (*options.get("accepts", ()), UNAUTHORIZED)}
