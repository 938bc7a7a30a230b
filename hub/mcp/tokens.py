"""OAuth 2.1, the resource server's side: access tokens of the operator's authorization server, besides API keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import msgspec

from hub.errors import UnauthorizedError, UnavailableError
from hub.members import Scope

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
NEEDED = ("exp", "iss", "aud", "email")
LEEWAY = 30
KEPT_SECONDS = 600.0
AGAIN_AFTER = 30.0
PATIENCE = 5.0


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says of its holder; `patchdeck_workspace` is the slug of one of several workspaces.

    An address counts as verified only where its server says so: at some anybody may type in somebody else's.
    """

    email: str
    email_verified: bool = False
    scope: str = ""
    scp: list[str] | str = []
    patchdeck_workspace: str | None = None

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes among them that are ours."""
        said = {*self.scope.split(), *(self.scp.split() if isinstance(self.scp, str) else self.scp)}
        return frozenset(scope for scope in Scope if scope.value in said)


class Issuer:
    """Checks signature, issuer, audience and time of tokens against the keys that their server publishes."""

    def __init__(self, url: str, audience: str) -> None:
        self.url = url
        self._audience = audience
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def claims(self, token: str) -> Claims:
        """Return what a good token says; UnauthorizedError tells why another one is refused."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            said = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self.url,
                leeway=LEEWAY,
                options={"require": list(NEEDED)},
            )
            claims = msgspec.convert(said, Claims)
        except (jwt.PyJWTError, msgspec.ValidationError) as error:
            raise UnauthorizedError(f"This access token is not good here: {error}.") from error
        if not claims.email_verified:
            raise UnauthorizedError("The access token does not say that its address is verified (`email_verified`).")
        return claims

    async def _key(self, name: str) -> jwt.PyJWK:
        async with self._asking:
            passed = time.monotonic() - self._asked_at
            if passed > KEPT_SECONDS or (name not in self._keys and passed > AGAIN_AFTER):
                self._keys = await self._published()
                self._asked_at = time.monotonic()
        if name not in self._keys:
            raise UnauthorizedError("This access token is signed with a key that its server does not publish.")
        return self._keys[name]

    async def _published(self) -> Mapping[str, jwt.PyJWK]:
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False) as http:
                described = await self._described(http)
                answer = await http.get(str(described["jwks_uri"]))
                found = jwt.PyJWKSet.from_dict(answer.raise_for_status().json())
        except (httpx2.HTTPError, jwt.PyJWTError, KeyError, ValueError) as error:
            message = f"The authorization server {self.url} does not tell its keys; nothing was done."
            raise UnavailableError(message, retry_after=PATIENCE) from error
        return {key.key_id or "": key for key in found.keys if key.public_key_use in {None, "sig"}}

    async def _described(self, http: httpx2.AsyncClient) -> Mapping[str, Any]:
        """Return the server's metadata, as RFC 8414 or as OpenID Connect places it."""
        parts = urlsplit(self.url)
        root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        answer = await http.get(f"{root}/.well-known/oauth-authorization-server{path}")
        if answer.status_code == 404:
            answer = await http.get(f"{root}{path}/.well-known/openid-configuration")
        found: Mapping[str, Any] = answer.raise_for_status().json()
        if found["issuer"] != self.url:
            raise ValueError("it names another issuer")
        return found
