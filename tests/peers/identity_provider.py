"""Google's, Microsoft's and GitHub's ways of signing in, on loopback, as their documentation describes them.

Strict about RFC 6749 and 7636: a code serves once, for the redirect address, client and verifier it was made for.
OpenID Connect Core 1.0 for the tokens; GitHub's REST description for `/user` and `/user/emails`. `person` is who signs
in; `forge` changes the claims of the next token, `stranger` signs it with a key that nobody has published.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "patchdeck-client", "s3cret-of-the-client"
TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


class IdentityPeer:
    """All three services at one address; `redirect_urls` are those that were registered with it."""

    def __init__(self) -> None:
        self.address = ""
        self.redirect_urls: set[str] = set()
        self.person: dict[str, Any] = {
            "sub": "1001",
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada Byron",
        }
        self.forge: dict[str, Any] = {}
        self.stranger = False
        self.agrees = True
        self.away = False
        self._key = rsa.generate_private_key(65537, 2048)
        self._other = rsa.generate_private_key(65537, 2048)
        self._codes: dict[str, dict[str, str]] = {}
        self._granted: set[str] = set()

    async def authorize(self, request: web.Request) -> web.Response:
        """Agree at once, as somebody does who is signed in there, and send the browser back."""
        asked = dict(request.query)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] in self.redirect_urls
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 32
        code = secrets.token_urlsafe(24)
        self._codes[code] = asked
        back = {"code": code} if self.agrees else {"error": "access_denied"}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode({**back, 'state': asked['state']})}")

    async def token(self, request: web.Request) -> web.Response:
        """Turn a code into tokens, once."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if self.away:
            return web.json_response({"error": "server_error"}, status=503)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = secrets.token_urlsafe(24)
        self._granted.add(access)
        answer = {"access_token": access, "token_type": "bearer", "scope": asked["scope"]}
        if "openid" in asked["scope"]:
            answer["id_token"] = self._id_token(request.path, asked)
        return web.json_response(answer)

    async def keys(self, _request: web.Request) -> web.Response:
        """Publish the key that signs tokens."""
        published = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**published, "kid": "one", "use": "sig", "alg": "RS256"}]})

    async def user(self, request: web.Request) -> web.Response:
        """Say who asks (GitHub)."""
        if not self._is_granted(request):
            return web.json_response({"message": "Bad credentials"}, status=401)
        return web.json_response({"id": int(self.person["sub"]), "login": "ada", "name": self.person["name"]})

    async def emails(self, request: web.Request) -> web.Response:
        """List the addresses of who asks (GitHub)."""
        if not self._is_granted(request):
            return web.json_response({"message": "Bad credentials"}, status=401)
        checked = self.person["email_verified"]
        return web.json_response(
            [
                {"email": "old@example.com", "primary": False, "verified": False, "visibility": None},
                {"email": self.person["email"], "primary": True, "verified": checked, "visibility": "private"},
            ]
        )

    def _is_granted(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self._granted

    def _id_token(self, path: str, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        microsoft = {"oid": f"oid-{self.person['sub']}", "tid": TENANT} if "v2.0" in path else {}
        issuer = f"{self.address}/{TENANT}/v2.0" if microsoft else self.address
        claims = {
            **self.person, **microsoft, "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 3600,
            "nonce": asked["nonce"], **self.forge,
        }  # fmt: skip
        key = self._other if self.stranger else self._key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


@asynccontextmanager
async def identity_peer() -> AsyncIterator[IdentityPeer]:
    """Run the services on a free port of loopback."""
    peer, app = IdentityPeer(), web.Application()
    for path in ("/o/oauth2/v2/auth", "/common/oauth2/v2.0/authorize", "/login/oauth/authorize"):
        app.router.add_get(path, peer.authorize)
    for path in ("/token", "/common/oauth2/v2.0/token", "/login/oauth/access_token"):
        app.router.add_post(path, peer.token)
    for path in ("/oauth2/v3/certs", "/common/discovery/v2.0/keys"):
        app.router.add_get(path, peer.keys)
    app.router.add_get("/api/v3/user", peer.user)
    app.router.add_get("/api/v3/user/emails", peer.emails)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    peer.address = f"http://{host}:{port}"
    try:
        yield peer
    finally:
        await runner.cleanup()
