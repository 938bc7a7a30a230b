"""Salesforce's three ways to sign in, and the one place to which everything goes."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from connectors.sdk import OAuth, Secret, Settings, field
from connectors.sdk.network.urls import require_address

_HOST = re.compile(r"[a-z0-9-]{1,80}(\.[a-z0-9-]{1,40})?\.my\.(salesforce\.com|salesforce\.mil|sfcrmproducts\.cn)")


class Connection(Settings):
    """An external client app of your Salesforce organisation, used by a person or by itself."""

    domain: Annotated[
        str,
        field(
            "My Domain",
            hint="As Setup shows it under My Domain; that of a sandbox for a sandbox.",
            example="acme.my.salesforce.com",
        ),
    ] = ""
    kind: Annotated[
        Literal["oauth", "client_credentials", "key_pair"],
        field(
            "Signs in by",
            hint="oauth: a person agrees; client_credentials: the app, as the user it runs as; key_pair: the app, as"
            " the user it names.",
        ),
    ] = "oauth"
    client_id: Annotated[str, field("Consumer key", hint="Of your external client app.")]
    client_secret: Annotated[
        Secret | None, field("Consumer secret", when={"kind": ("oauth", "client_credentials")})
    ] = None
    user: Annotated[
        str, field("User name", hint="As which the app works.", example="hub@acme.com", when={"kind": ("key_pair",)})
    ] = ""
    private_key: Annotated[
        Secret | None,
        field("Private key", hint="It begins with -----BEGIN.", multiline=True, when={"kind": ("key_pair",)}),
    ] = None
    webhook_secret: Annotated[
        Secret,
        field(
            "Webhook secret",
            hint="Only for events that are sent here: a long one of letters and digits that you make up.",
        ),
    ] = Secret("")
    organisation: Annotated[
        str,
        field(
            "Organisation id",
            hint="Only for events that are sent here: as Setup shows it under Company Information.",
            example="00D5g000004abcd",
        ),
    ] = ""
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        """Refuse another host than one of Salesforce's, and a way to sign in that lacks what it needs."""
        if self.address:
            require_address(self.address)
        elif not _HOST.fullmatch(_host(self.domain)):
            raise ValueError(
                "Give the address that Setup shows under My Domain, such as acme.my.salesforce.com; not that of the"
                " sign-in page (login.salesforce.com) or of Lightning (lightning.force.com)."
            )
        if self.kind == "key_pair" and (not self.user or self.private_key is None):
            raise ValueError("Give the user name and the private key.")
        if self.kind != "key_pair" and self.client_secret is None:
            raise ValueError("Give the consumer secret of the app.")

    @property
    def base(self) -> str:
        """Where all requests go, whatever an answer says of other places."""
        return self.address.rstrip("/") or f"https://{_host(self.domain)}"

    @property
    def audience(self) -> str:
        """Whom a key pair's signature addresses: the sign-in of sandboxes and scratch organisations is another one."""
        is_test = any(part in self.base for part in (".sandbox.my.", ".scratch.my.", "--"))
        return "https://test.salesforce.com" if is_test else "https://login.salesforce.com"


def granted(connection: Connection) -> OAuth | None:
    """Say how the app gets its tokens, and what for; one that signs in by its key pair asks for them itself."""
    if connection.kind == "key_pair":
        return None
    scopes = {
        "api": "Read and write records as the user who agrees may.",
        "refresh_token": "Go on without signing in again.",
    }
    person = connection.kind == "oauth"
    return OAuth(
        authorize_url=f"{connection.base}/services/oauth2/authorize" if person else "",
        token_url=token_url(connection),
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes=scopes if person else {},
    )


def token_url(connection: Connection) -> str:
    """Return where tokens come from."""
    return f"{connection.base}/services/oauth2/token"


def _host(domain: str) -> str:
    """Return the host of what people copy out of Setup or their browser."""
    return domain.strip().lower().removeprefix("https://").rstrip("/")
