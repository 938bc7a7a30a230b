"""The connection that Google's services share: whose account it is, and what each service may be asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from connectors.sdk import Category, Connector, OAuth, Secret, Settings, field
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://www.googleapis.com"
SIGN_IN = "https://accounts.google.com/o/oauth2/v2/auth"
TOKENS = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/"

ServiceName = Literal["gmail", "google_drive", "google_sheets", "bigquery", "youtube"]


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One of Google's services: its description in the client library, its host, and the permissions it needs.

    `reading` and `writing` are scopes with the reason of each, told to the person who is asked to agree.
    """

    name: str
    title: str
    description: str
    host: str
    reading: Mapping[str, str]
    writing: Mapping[str, str]

    def scopes(self, access: str) -> Mapping[str, str]:
        """Return the least that reading, or reading and writing, needs."""
        chosen = self.writing if access == "write" else self.reading
        return {f"{_SCOPE}{scope}": reason for scope, reason in chosen.items()}


_SEE_NAMES = {"drive.metadata.readonly": "To list your spreadsheets by name, so that you can choose one."}

SERVICES: Mapping[str, Service] = {
    "gmail": Service(
        name="gmail",
        title="Gmail",
        description="gmail.v1",
        host="gmail.googleapis.com",
        reading={"gmail.readonly": "To read your mail."},
        writing={"gmail.modify": "To read your mail, label it, and send mail as you."},
    ),
    "google_drive": Service(
        name="google_drive",
        title="Google Drive",
        description="drive.v3",
        host="www.googleapis.com",
        reading={"drive.readonly": "To list your files and read what is in them."},
        writing={"drive": "To read your files, and to add files and versions to any folder you choose."},
    ),
    "google_sheets": Service(
        name="google_sheets",
        title="Google Sheets",
        description="sheets.v4",
        host="sheets.googleapis.com",
        reading={"spreadsheets.readonly": "To read your spreadsheets.", **_SEE_NAMES},
        writing={
            "spreadsheets": "To read your spreadsheets and write rows into them.",
            "drive.file": "To make new spreadsheets; it reaches none that you have already.",
            **_SEE_NAMES,
        },
    ),
    "bigquery": Service(
        name="bigquery",
        title="BigQuery",
        description="bigquery.v2",
        host="bigquery.googleapis.com",
        reading={
            "bigquery": "To run queries, which BigQuery counts as work of your project even where they only read."
        },
        writing={"bigquery": "To run queries, and to add rows to your tables."},
    ),
    "youtube": Service(
        name="youtube",
        title="YouTube",
        description="youtube.v3",
        host="youtube.googleapis.com",
        reading={"youtube.readonly": "To read videos and comments."},
        writing={"youtube.readonly": "To read videos and comments."},
    ),
}


class Connection(Settings):
    """A Google account that signs in, or a service account with its key."""

    kind: Annotated[
        Literal["oauth", "service_account"],
        field(
            "Signs in by",
            hint="oauth: a person signs in at Google and agrees; service_account: an account of a Google Cloud project"
            " with a key, for what was shared with it.",
        ),
    ] = "oauth"
    client_id: Annotated[
        str,
        field(
            "Client id",
            hint="Of your own OAuth client, from Google Cloud's page Credentials.",
            example="1234567890-abc.apps.googleusercontent.com",
            when={"kind": ("oauth",)},
        ),
    ] = ""
    client_secret: Annotated[Secret | None, field("Client secret", when={"kind": ("oauth",)})] = None
    key: Annotated[
        Secret | None,
        field(
            "Key",
            hint="The whole JSON file of the service account's key.",
            multiline=True,
            when={"kind": ("service_account",)},
        ),
    ] = None
    act_as: Annotated[
        str,
        field(
            "Act as",
            hint="The address of a person in your domain, where an administrator has allowed it; Gmail needs one.",
            example="ada@example.com",
            advanced=True,
            when={"kind": ("service_account",)},
        ),
    ] = ""
    access: Annotated[
        Literal["read", "write"],
        field("May", hint="read: nothing can be changed with this connection; write: reads and writes."),
    ] = "write"
    also: Annotated[
        tuple[ServiceName, ...],
        field(
            "Also use it for",
            hint="Other services of the same account; each adds its own permissions to what Google asks you.",
            when={"kind": ("oauth",)},
        ),
    ] = ()
    address: Annotated[
        str,
        field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True),
    ] = ADDRESS

    def __post_init__(self) -> None:
        require_address(self.address)
        if self.kind == "oauth" and not self.client_id.strip():
            raise ValueError("Give the client id of your OAuth client, from Google Cloud's page Credentials.")


def family(service: Service, icon: str, tried: str, category: Category) -> Connector:
    """Return a connector of this family: its hosts and what it asks Google for are in place."""
    connector = Connector(
        service.name,
        service.title,
        icon=icon,
        connection=Connection,
        family="google",
        tried=tried,
        category=category,
    )
    connector.hosts(hosts)
    connector.oauth(access_to(service))
    return connector


def hosts(connection: Connection) -> Sequence[str]:
    """Name Google's hosts, or the one that stands in for all of them."""
    if connection.address != ADDRESS:
        return [host_of(connection.address)]
    return sorted({service.host for service in SERVICES.values()} | {host_of(ADDRESS), host_of(TOKENS)})


def access_to(service: Service) -> Callable[[Connection], OAuth | None]:
    """Return how a person grants access to a service, and to those that the connection also serves."""

    def access(connection: Connection) -> OAuth | None:
        if connection.kind != "oauth":
            return None
        scopes: dict[str, str] = {}
        for name in (service.name, *connection.also):
            scopes |= SERVICES[name].scopes(connection.access)
        return OAuth(
            token_url=token_url(connection),
            client_id=connection.client_id,
            client_secret=connection.client_secret,
            authorize_url=SIGN_IN if connection.address == ADDRESS else f"{root(connection)}/o/oauth2/v2/auth",
            scopes=scopes,
            parameters={"access_type": "offline", "prompt": "consent"},
        )

    return access


def token_url(connection: Connection) -> str:
    """Return where tokens come from."""
    return TOKENS if connection.address == ADDRESS else f"{root(connection)}/token"


def root(connection: Connection) -> str:
    """Return the connection's address without a slash at its end."""
    return connection.address.rstrip("/")
