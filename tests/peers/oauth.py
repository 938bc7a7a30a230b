"""An OAuth 2.0 service on loopback, strict about RFC 6749 and 7636, with a resource that asks for its tokens.

Codes serve once and only with the verifier, the redirect address and the client they were made for; refresh tokens
are replaced at each use, and one that is used twice is void (RFC 9700, 4.14.2).
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from aiohttp import web

CLIENT, SECRET = "patchdeck at test", "s3cret &+/="
SCOPES: tuple[str, ...] = ("orders.read", "profile")


class OAuthPeer:
    """The service: what it handed out, how often it was asked, and how it fails when told to."""

    def __init__(self) -> None:
        self.address = ""
        self.redirect_urls: set[str] = set()
        self.valid: set[str] = set()
        self.refreshes: set[str] = set()
        self.token_requests: list[str] = []
        self.lasts = 3600
        self.status = 200
        self.delay = 0.0
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()
        self.opened.set()
        self.rotates = True
        self.agrees = True
        self.says = ""
        self.forbids = False
        self.scopes = SCOPES
        self.company = ""
        self._codes: dict[str, dict[str, str]] = {}

    def connection(self, kind: str = "oauth") -> dict[str, object]:
        """Return the settings of an `http` connection to this service."""
        return {
            "hosts": ["127.0.0.1"],
            "kind": kind,
            "secret": SECRET,
            "client_id": CLIENT,
            "authorize_url": f"{self.address}/authorize",
            "token_url": f"{self.address}/token",
            "scopes": list(SCOPES),
        }

    def agree(self, address: str) -> dict[str, str]:
        """Do what a person does who is sent to `address`: return the query they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
        return self._back(asked)

    def _back(self, asked: Mapping[str, str]) -> dict[str, str]:
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert set(asked["scope"].split()) <= set(self.scopes)
        assert len(asked["state"]) >= 32
        if not self.agrees:
            return {"state": asked["state"], "error": "access_denied"}
        code = secrets.token_urlsafe(24)
        self._codes[code] = dict(asked)
        company = {"realmId": self.company} if self.company else {}  # as Intuit names what a person chose
        return {"state": asked["state"], "code": code, **company}

    async def authorize(self, request: web.Request) -> web.Response:
        """Agree at once and send the person back."""
        back = self._back(request.query)
        raise web.HTTPFound(f"{request.query['redirect_uri']}?{urlencode(back)}")

    def hold(self) -> None:
        """Let the next to ask for a token be noticed, and wait until the peer is `opened` again."""
        self.asked.clear()
        self.opened.clear()

    async def token(self, request: web.Request) -> web.Response:
        """Hand out tokens."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.token_requests.append(form.get("grant_type", ""))
        self.asked.set()
        await self.opened.wait()
        await asyncio.sleep(self.delay)
        if self.status != 200 or self.says:
            text = self.says or '{"error": "server_error"}'
            return web.Response(text=text, content_type="application/json", status=self.status)
        if not self._is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        return self._granted(form)

    def _granted(self, form: Mapping[str, str]) -> web.Response:
        match form.get("grant_type"):
            case "authorization_code" if self._fits(form):
                return self._tokens(refresh=True)
            case "refresh_token" if form.get("refresh_token") in self.refreshes:
                if self.rotates:
                    self.refreshes.discard(form["refresh_token"])
                return self._tokens(refresh=self.rotates)
            case "client_credentials":
                return self._tokens(refresh=False)
        return web.json_response({"error": "invalid_grant", "error_description": "It is void."}, status=400)

    async def me(self, request: web.Request) -> web.Response:
        """Say who asks, when the token is good."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.forbids:
            return web.json_response({"error": "insufficient_scope"}, status=403)
        if token not in self.valid:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response({"name": "Ada"})

    def _fits(self, form: Mapping[str, str]) -> bool:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return (
            asked is not None
            and asked["redirect_uri"] == form.get("redirect_uri")
            and secrets.compare_digest(asked["code_challenge"], challenge)
        )

    def _is_client(self, request: web.Request, form: Mapping[str, str]) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(given).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET) and "client_secret" not in form
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def _tokens(self, *, refresh: bool) -> web.Response:
        access = secrets.token_urlsafe(24)
        self.valid.add(access)
        answer: dict[str, object] = {"access_token": access, "token_type": "bearer", "expires_in": self.lasts}
        answer["scope"] = " ".join(self.scopes)
        if refresh:
            answer["refresh_token"] = made = secrets.token_urlsafe(24)
            self.refreshes.add(made)
        return web.json_response(answer)


@asynccontextmanager
async def oauth_peer() -> AsyncIterator[OAuthPeer]:
    """Serve until the block ends."""
    peer = OAuthPeer()
    application = web.Application()
    tokens = [web.post(path, peer.token) for path in ("/token", "/oauth2/v1/tokens/bearer")]
    application.add_routes([web.get("/authorize", peer.authorize), *tokens, web.get("/me", peer.me)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()
