"""Where Salesforce's stand-in hands out tokens: for a code, a refresh token, an app itself, or a signed assertion."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.peers.openapi import TOKEN, Call, OpenApiPeer, Reply

TOKENS = "/services/oauth2/token"
KEY, SECRET = "3MVG9consumer-key", "c0nsumer-s3cret"
USER = "hub@acme.com"
AUDIENCES = ["https://login.salesforce.com", "https://test.salesforce.com"]
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SalesforceTokens:
    """`agree` stands for a person who agrees; `certificate` is the app's, `users` those who may be acted as."""

    def __init__(self, peer: OpenApiPeer) -> None:
        self.certificate = ""
        self.users = {USER}
        self.asked: list[Mapping[str, str]] = []
        self._peer = peer
        self._challenges: dict[str, str] = {}

    def agree(self, address: str) -> str:
        """Return the code that a person brings back from an address."""
        split = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(split.query).items()}
        assert split.path == "/services/oauth2/authorize"
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", KEY, "S256")
        assert set(asked["scope"].split()) == {"api", "refresh_token"}
        self._challenges["code-1"] = asked["code_challenge"]
        return "code-1"

    def answer(self, call: Call) -> Any:
        """Hand out a token, or say why not; the place for requests that it names is one that nobody may ask."""
        sent: Mapping[str, str] = call.body
        self.asked.append(sent)
        wrong = self._wrong({**sent, **_named(call.request.headers.get("Authorization", ""))})
        if wrong:
            return Reply(status=400, body={"error": wrong[0], "error_description": wrong[1]})
        token = TOKEN if sent["grant_type"] != JWT else f"own-token-{len(self.asked)}"
        self._peer.tokens.add(token)
        told = {"access_token": token, "instance_url": "https://evil.example", "token_type": "Bearer"}
        told |= {"id": "https://evil.example/id/00D/005", "issued_at": "1795334400000", "scope": "api refresh_token"}
        if sent["grant_type"] == "authorization_code":
            told["refresh_token"] = "refresh-1"
        return told

    def _wrong(self, sent: Mapping[str, str]) -> tuple[str, str] | None:
        if sent["grant_type"] == JWT:
            return self._unsigned(sent["assertion"])
        if (sent.get("client_id"), sent.get("client_secret")) != (KEY, SECRET):
            return "invalid_client", "invalid client credentials"
        if sent["grant_type"] == "refresh_token" and sent.get("refresh_token") != "refresh-1":
            return "invalid_grant", "expired access/refresh token"
        if sent["grant_type"] == "authorization_code":
            digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
            if self._challenges.pop(sent["code"], "") != base64.urlsafe_b64encode(digest).decode().rstrip("="):
                return "invalid_grant", "invalid code verifier"
        return None

    def _unsigned(self, assertion: str) -> tuple[str, str] | None:
        try:
            claims = jwt.decode(assertion, self.certificate, algorithms=["RS256"], audience=AUDIENCES, issuer=KEY)
        except jwt.InvalidTokenError:
            return "invalid_grant", "invalid assertion"
        return None if claims["sub"] in self.users else ("invalid_grant", "user hasn't approved this consumer")


def _named(header: str) -> dict[str, str]:
    """Return the app that names itself by HTTP basic authentication, as the flow of client credentials allows."""
    pair = base64.b64decode(header.removeprefix("Basic ")).decode() if header else ""
    return dict(zip(("client_id", "client_secret"), pair.split(":"), strict=True)) if pair else {}
