"""The services that can vouch for people: where each signs people in and how it says who somebody is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import msgspec

from connectors.sdk import Secret
from connectors.sdk.oauth import OAuth
from hub.config import Config, Hidden

GOOGLE_ISSUER = "https://accounts.google.com"


class Proof(StrEnum):
    """How a service says who somebody is: a signed token (OpenID Connect), or an answer of its API."""

    TOKEN = "token"  # noqa: S105  # a way, not a token
    API = "api"


class IdentityProvider(msgspec.Struct, frozen=True, kw_only=True):
    """One service: `keys_url` holds the keys that sign its tokens, `api` is where it is asked about people.

    `issuer` must stand in its tokens; `{tid}` in it is the tenant that the token names.
    `vouches`: what it says of an address is checked by it, so that the address may be trusted as the person's.
    """

    name: Literal["google", "microsoft", "github"]
    title: str
    oauth: OAuth
    proof: Proof
    vouches: bool
    issuer: str = ""
    keys_url: str = ""
    api: str = ""


def declared_providers(config: Config) -> Sequence[IdentityProvider]:
    """Return the services for which the operator has given a client id and secret."""
    found = []
    if config.google_sign_in_id and config.google_sign_in_secret:
        found.append(_google(config.google_sign_in_id, config.google_sign_in_secret, config.google_sign_in_url))
    if config.microsoft_sign_in_id and config.microsoft_sign_in_secret:
        found.append(
            _microsoft(config.microsoft_sign_in_id, config.microsoft_sign_in_secret, config.microsoft_sign_in_url)
        )
    if config.github_sign_in_id and config.github_sign_in_secret:
        found.append(_github(config.github_sign_in_id, config.github_sign_in_secret, config.github_sign_in_url))
    return found


def _google(client: str, secret: Hidden, address: str | None) -> IdentityProvider:
    """Google's OpenID Connect (developers.google.com/identity/openid-connect)."""
    stand_in = address.rstrip("/") if address else None
    return IdentityProvider(
        name="google",
        title="Google",
        proof=Proof.TOKEN,
        vouches=True,
        issuer=stand_in or GOOGLE_ISSUER,
        keys_url=f"{stand_in}/oauth2/v3/certs" if stand_in else "https://www.googleapis.com/oauth2/v3/certs",
        oauth=OAuth(
            authorize_url=f"{stand_in or GOOGLE_ISSUER}/o/oauth2/v2/auth",
            token_url=f"{stand_in}/token" if stand_in else "https://oauth2.googleapis.com/token",
            client_id=client,
            client_secret=Secret(str(secret)),
            scopes={"openid": "to know who you are", "email": "your address", "profile": "your name"},
            parameters={"prompt": "select_account"},
        ),
    )


def _microsoft(client: str, secret: Hidden, address: str) -> IdentityProvider:
    """Microsoft Entra's OpenID Connect; its tokens name addresses that nobody has checked, so it does not vouch."""
    base = address.rstrip("/")
    return IdentityProvider(
        name="microsoft",
        title="Microsoft",
        proof=Proof.TOKEN,
        vouches=False,
        issuer=f"{base.rpartition('/')[0]}/{{tid}}/v2.0",
        keys_url=f"{base}/discovery/v2.0/keys",
        oauth=OAuth(
            authorize_url=f"{base}/oauth2/v2.0/authorize",
            token_url=f"{base}/oauth2/v2.0/token",
            client_id=client,
            client_secret=Secret(str(secret)),
            scopes={"openid": "to know who you are", "email": "your address", "profile": "your name"},
            parameters={"prompt": "select_account"},
        ),
    )


def _github(client: str, secret: Hidden, address: str | None) -> IdentityProvider:
    """GitHub's OAuth apps; who somebody is says its API, with the addresses that it has checked."""
    base = (address or "https://github.com").rstrip("/")
    return IdentityProvider(
        name="github",
        title="GitHub",
        proof=Proof.API,
        vouches=True,
        api=f"{base}/api/v3" if address else "https://api.github.com",
        oauth=OAuth(
            authorize_url=f"{base}/login/oauth/authorize",
            token_url=f"{base}/login/oauth/access_token",
            client_id=client,
            client_secret=Secret(str(secret)),
            scopes={"read:user": "your name", "user:email": "your address"},
        ),
    )
