"""How mail providers grant access by OAuth 2.0: Google's and Microsoft's ways are known, others can be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

import msgspec
from yarl import URL

from connectors.sdk import OAuth, Secret

GRANTED = ("google", "microsoft", "oauth")
# Where mail is read and sent
HOSTS = MappingProxyType(
    {
        "google": ("imap.gmail.com", "smtp.gmail.com"),
        "microsoft": ("outlook.office365.com", "smtp.office365.com"),
    }
)
_GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,200}")


class Other(msgspec.Struct, frozen=True):
    """The addresses and scopes of a provider that is not known here."""

    authorize_url: str
    token_url: str
    scopes: Sequence[str]


def require_client(client_id: str, tenant: str) -> None:
    """Raise ValueError unless there is a client id and the directory is a plain name."""
    if not client_id:
        raise ValueError("Give the client id of the application that you registered at the provider.")
    if not _TENANT.fullmatch(tenant):
        raise ValueError("A directory (tenant) is its id or domain, or common, organizations or consumers.")


def require_addresses(authorize_url: str, token_url: str) -> None:
    """Raise ValueError unless both are whole addresses."""
    for name, text in (("sign-in", authorize_url), ("token", token_url)):
        if URL(text).scheme not in {"http", "https"} or not URL(text).host:
            raise ValueError(f"Give the whole {name} address, such as https://login.example.com/oauth2/{name[:5]}.")


def grant_of(kind: str, *, client_id: str, client_secret: Secret, tenant: str, other: Other) -> OAuth:
    """Return where a person agrees, where tokens come from, and what is asked for."""
    if kind == "google":
        return OAuth(
            authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
            token_url=_GOOGLE_TOKENS,
            client_id=client_id,
            client_secret=client_secret,
            scopes={"https://mail.google.com/": "To read and send mail by IMAP and SMTP: the only one for that."},
            parameters={"access_type": "offline", "prompt": "consent"},
        )
    if kind == "microsoft":
        base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
        return OAuth(
            authorize_url=f"{base}/authorize",
            token_url=f"{base}/token",
            client_id=client_id,
            client_secret=client_secret,
            scopes={
                "https://outlook.office.com/IMAP.AccessAsUser.All": "To read mail by IMAP.",
                "https://outlook.office.com/SMTP.Send": "To send mail by SMTP.",
                "offline_access": "To go on without asking you each hour.",
            },
        )
    return OAuth(
        authorize_url=other.authorize_url,
        token_url=other.token_url,
        client_id=client_id,
        client_secret=client_secret,
        scopes=dict.fromkeys(other.scopes, ""),
    )
