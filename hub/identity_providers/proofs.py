"""Who somebody is, as their service says it: a token whose signature is checked, or an answer of its API."""

from __future__ import annotations

import time
from typing import Any

import jwt
import msgspec

from connectors.sdk.network.http import HttpClient, HttpPool
from connectors.sdk.network.urls import host_of
from hub.identity_providers.declared import IdentityProvider, Proof
from hub.oauth import Tokens

KEYS_KEPT = 3600.0
KEYS_AGAIN_AFTER = 60.0
LEEWAY = 60
ALGORITHMS = ["RS256", "ES256"]
LARGEST_ANSWER = 256 * 1024


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at a service: `subject` never changes; `email` is None unless the service has checked it."""

    subject: str
    email: str | None
    name: str


class ProofError(Exception):
    """What the service says of somebody cannot be believed or read."""


class _GitHubUser(msgspec.Struct):
    id: int
    login: str
    name: str | None = None


class _GitHubAddress(msgspec.Struct):
    email: str
    primary: bool = False
    verified: bool = False


class _Claims(msgspec.Struct):
    """What is read of a token (OpenID Connect Core 1.0, 2 and 5.1; Entra's `oid` and `tid`)."""

    sub: str
    nonce: str = ""
    email: str = ""
    email_verified: bool | str = False
    name: str = ""
    oid: str = ""
    tid: str = ""


class Proofs:
    """Reads what services say of people; keeps the keys that sign their tokens for an hour."""

    def __init__(self, pool: HttpPool) -> None:
        self._pool = pool
        self._keys: dict[str, tuple[float, jwt.PyJWKSet]] = {}

    async def person(self, provider: IdentityProvider, tokens: Tokens, nonce: str) -> Person:
        """Return who has signed in; ProofError or ConnectorError when that cannot be told."""
        if provider.proof is Proof.API:
            return await self._asked(provider, tokens.access)
        if tokens.identity is None:
            raise ProofError(f"{provider.title} sent no token that says who you are.")
        try:
            return await self._read(provider, tokens.identity, nonce)
        except (jwt.PyJWTError, msgspec.ValidationError, KeyError, ValueError) as error:
            raise ProofError(f"What {provider.title} says of you cannot be verified.") from error

    async def _read(self, provider: IdentityProvider, token: str, nonce: str) -> Person:
        key = await self._key(provider, jwt.get_unverified_header(token).get("kid", ""))
        found: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=ALGORITHMS,
            audience=provider.oauth.client_id,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
        claims = msgspec.convert(found, _Claims, strict=False)
        if found["iss"] != provider.issuer.replace("{tid}", claims.tid or "-"):
            raise ProofError(f"The token was not made by {provider.title}.")
        if claims.nonce != nonce:
            raise ProofError("The token was made for another sign-in.")
        checked = provider.vouches and str(claims.email_verified).lower() == "true"
        return Person(
            subject=f"{claims.tid}/{claims.oid}" if claims.oid else claims.sub,
            email=claims.email if checked and claims.email else None,
            name=claims.name[:100],
        )

    async def _key(self, provider: IdentityProvider, identity: str) -> jwt.PyJWK:
        """Return a key by its id; keys are asked for again when one is new, but not for every forged token."""
        known = self._keys.get(provider.name)
        age = time.monotonic() - known[0] if known else KEYS_KEPT
        if known is None or age >= KEYS_KEPT or (age >= KEYS_AGAIN_AFTER and not _holds(known[1], identity)):
            answer = await self._http(provider.keys_url).get(provider.keys_url, limit=LARGEST_ANSWER)
            known = self._keys[provider.name] = (time.monotonic(), jwt.PyJWKSet.from_dict(answer.json()))
        return known[1][identity]

    async def _asked(self, provider: IdentityProvider, access: str) -> Person:
        http = self._http(provider.api)
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/vnd.github+json"}
        try:
            user = msgspec.convert((await http.get(f"{provider.api}/user", headers=headers)).json(), _GitHubUser)
            answer = await http.get(f"{provider.api}/user/emails", headers=headers)
            addresses = msgspec.convert(answer.json(), list[_GitHubAddress])
        except msgspec.ValidationError as error:
            raise ProofError(f"What {provider.title} says of you cannot be read.") from error
        checked = [one for one in addresses if one.verified]
        chosen = next((one.email for one in checked if one.primary), checked[0].email if checked else None)
        return Person(subject=str(user.id), email=chosen, name=(user.name or user.login)[:100])

    def _http(self, address: str) -> HttpClient:
        return HttpClient(self._pool, hosts=[host_of(address)])


def _holds(keys: jwt.PyJWKSet, identity: str) -> bool:
    return any(key.key_id == identity for key in keys.keys)
