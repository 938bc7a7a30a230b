"""Google's token endpoint: refresh tokens, and service accounts that sign for themselves (RFC 7523)."""

import base64
import hashlib
import secrets
import time
from collections.abc import Sequence
from functools import cache
from urllib.parse import parse_qs, urlsplit

import jwt
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.peers.google_description import RefusalError

ACCOUNT = "robot@project.iam.gserviceaccount.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALL = "*"


class Tokens:
    """Which tokens are good, until when, and for what; `given` are the forms of all that were handed out.

    `granted-token` and `renewed-token`, which the tests' surroundings hand out for OAuth, are good for everything.
    """

    def __init__(self) -> None:
        self.good: dict[str, tuple[float, Sequence[str]]] = {
            "granted-token": (time.time() + 86400, [ALL]),
            "renewed-token": (time.time() + 86400, [ALL]),
        }
        self.refreshes: dict[str, Sequence[str]] = {}
        self.codes: dict[str, tuple[str, Sequence[str]]] = {}
        self.given: list[dict[str, str]] = []
        self.lasts = 3600
        self.delegates = True
        self.says: tuple[int, str] | None = None

    def agree(self, address: str) -> dict[str, str]:
        """Do what a person does who is sent to `address` and agrees: return the query they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked["code_challenge"], asked["scope"].split()
        return {"state": asked["state"], "code": code}

    def grant(self, *scopes: str, lasts: float = 3600) -> str:
        """Return a new access token for these scopes."""
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self.good[token] = time.time() + lasts, scopes
        return token

    def revoke(self, token: str) -> None:
        """Take a token's permission away."""
        self.good.pop(token, None)

    def check(self, authorization: str, scopes: Sequence[str]) -> None:
        """Refuse a request whose token is unknown, over, or for something else."""
        ends, held = self.good.get(authorization.removeprefix("Bearer "), (0.0, ()))
        if ends < time.time():
            raise RefusalError(401, "authError", "Request had invalid authentication credentials.")
        if scopes and ALL not in held and not set(held) & set(scopes):
            raise RefusalError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")

    def answer(self, content: str, address: str) -> web.Response:
        """Hand out a token, or say why not."""
        form = {name: values[0] for name, values in parse_qs(content).items()}
        if self.says is not None:
            return web.Response(status=self.says[0], text=self.says[1], content_type="application/json")
        match form.get("grant_type"):
            case "authorization_code":
                return self._first(form)
            case "refresh_token":
                return self._granted(form, self.refreshes.get(form.get("refresh_token", "")))
            case grant if grant == JWT_BEARER:
                return self._signed(form, address)
        return _no("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")

    def _signed(self, form: dict[str, str], address: str) -> web.Response:
        """Hand out a token for what a service account has signed."""
        try:
            claims = jwt.decode(form["assertion"], key()[1], algorithms=["RS256"], audience=address, issuer=ACCOUNT)
        except jwt.InvalidTokenError as error:
            return _no("invalid_grant", f"Invalid JWT: {error}")
        if "sub" in claims and not self.delegates:
            return _no("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.")
        return self._granted(form, claims["scope"].split())

    def _granted(self, form: dict[str, str], scopes: Sequence[str] | None) -> web.Response:
        if scopes is None:
            return _no("invalid_grant", "Token has been expired or revoked.")
        self.given.append({**form, "scope": " ".join(scopes)})
        token = self.grant(*scopes, lasts=self.lasts)
        return web.json_response({"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"})

    def _first(self, form: dict[str, str]) -> web.Response:
        """Hand out the first tokens for a code, to whoever can show what its challenge was made of."""
        challenge, scopes = self.codes.pop(form["code"], ("", ()))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if challenge != base64.urlsafe_b64encode(digest).decode().rstrip("="):
            return _no("invalid_grant", "Malformed auth code.")
        self.refreshes[refresh := secrets.token_urlsafe(16)] = scopes
        token = {"access_token": self.grant(*scopes), "refresh_token": refresh, "scope": " ".join(scopes)}
        return web.json_response({**token, "expires_in": self.lasts, "token_type": "Bearer"})


@cache
def key() -> tuple[str, str]:
    """Return a service account's private and public key, made once for all tests."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def key_file() -> str:
    """Return a service account's key as Google Cloud hands it out."""
    return msgspec.json.encode(
        {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "1",
            "private_key": key()[0],
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": "https://oauth2.googleapis.com/token",
        }
    ).decode()


def _no(error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=400)
