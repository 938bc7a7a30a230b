"""Who asks Google Cloud Storage: a person who agreed, or a service account."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, field
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.service_account import Purpose, ServiceAccount, key_in, opened
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://storage.googleapis.com"
SIGN_IN = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com/token"
SCOPES = {
    "https://www.googleapis.com/auth/devstorage.read_write": "To list, read and write objects in your buckets.",
}
UNAUTHORIZED = 401


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
        return self.project or (key_in(self.key).project_id if self.kind == "service_account" else "")

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


async def token(context: Context[Any, Any], refused: str | None = None) -> str:
    """Return a token that is good, another than the refused one."""
    if context.connection.kind == "oauth":
        return await context.access_token(refused=refused)
    account: ServiceAccount = await context.pool(opened)
    purpose = Purpose(url=context.connection.token_url, scopes=tuple(SCOPES))
    return await account.token(context, context.connection.key, purpose, refused)


def _with(options: Options, token: str) -> Options:
    headers = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
    return {**options, "headers": headers, "accepts": (*options.get("accepts", ()), UNAUTHORIZED)}
