"""The wire of OAuth 2.0: the address a person is sent to, and the requests that fetch tokens and renew them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import msgspec
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidGrantError,
    MissingTokenError,
    UnauthorizedClientError,
)
from yarl import URL

from connectors.sdk import CredentialsError, SettingsError
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import HttpClient, HttpPool, Options
from connectors.sdk.oauth import OAuth
from hub.errors import InvalidError

VERIFIER_LETTERS = 96
SECONDS = 20.0
LARGEST_ANSWER = 64 * 1024
MOST_SCOPES = 200
# What is refused so is told in the answer, in words that OAuth knows
_TOLD = frozenset({200, 201, 400, 401})


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a service handed out; `scopes` are those it really granted, `identity` a signed token about the person."""

    access: str
    refresh: str | None = None
    identity: str | None = None
    expire_at: datetime | None = None
    scopes: Sequence[str] = ()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A person about to be sent to a service: where to, and what must be kept until they are back."""

    address: str
    verifier: str


class GrantRefusedError(CredentialsError):
    """The service says that what it granted is void."""


def authorization(declared: OAuth, redirect_url: str, state: str, verifier: str | None = None) -> Request:
    """Return the address at which a person agrees, with PKCE (RFC 7636) where the service takes it.

    Without a `verifier` a new one is made.
    """
    client: Any = WebApplicationClient(declared.client_id)
    verifier = verifier or client.create_code_verifier(VERIFIER_LETTERS)
    challenge = client.create_code_challenge(verifier, "S256") if declared.pkce else None
    try:
        address = client.prepare_request_uri(
            declared.authorize_url,
            redirect_uri=redirect_url,
            scope=list(declared.scopes),
            state=state,
            code_challenge=challenge,
            code_challenge_method="S256" if challenge else None,
            **declared.parameters,
        )
    except OAuth2Error as error:
        raise InvalidError("The service's sign-in address must begin with https://.") from error
    return Request(address=address, verifier=verifier)


async def exchange(pool: HttpPool, declared: OAuth, code: str, redirect_url: str, verifier: str) -> Tokens:
    """Turn the code that a person brought back into tokens."""
    client: Any = WebApplicationClient(declared.client_id)
    proof = verifier if declared.pkce else None
    body = client.prepare_request_body(
        code=code, redirect_uri=redirect_url, code_verifier=proof, include_client_id=False
    )
    return await _ask(pool, declared, client, body)


async def renew(pool: HttpPool, declared: OAuth, refresh: str) -> Tokens:
    """Get a new access token; the refresh token stays the same when the service sends none."""
    client: Any = WebApplicationClient(declared.client_id)
    found = await _ask(pool, declared, client, client.prepare_refresh_body(refresh_token=refresh))
    return found if found.refresh else msgspec.structs.replace(found, refresh=refresh)


async def own(pool: HttpPool, declared: OAuth) -> Tokens:
    """Get tokens for the client itself, without any person."""
    client: Any = BackendApplicationClient(declared.client_id)
    body = client.prepare_request_body(scope=list(declared.scopes) or None, include_client_id=False)
    return await _ask(pool, declared, client, body)


async def _ask(pool: HttpPool, declared: OAuth, client: Any, body: str) -> Tokens:
    host = URL(declared.token_url).host or ""
    options = Options(headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"})
    _identify(declared, body, options)
    options["timeout"], options["limit"], options["accepts"] = SECONDS, LARGEST_ANSWER, range(400, 600)
    response = await HttpClient(pool, hosts=[host]).post(declared.token_url, **options)
    if response.status not in _TOLD:
        sent = {"headers": options["headers"], "form": parse_qsl(str(options["content"]))}
        raise_for_status(host, response.status, response.headers, response.content, sent)
    try:
        return _tokens(client.parse_request_body_response(response.text()))
    except (MissingTokenError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise SettingsError(f"{host} answered without a token that can be used. Check the token address.") from error
    except InvalidGrantError as error:
        raise GrantRefusedError(f"{host} has taken its permission back, or it has run out. Connect again.") from error
    except (InvalidClientError, UnauthorizedClientError) as error:
        raise CredentialsError(f"{host} does not accept the client id or the client secret. Check them.") from error
    except OAuth2Error as error:
        secret = declared.client_secret.reveal() if declared.client_secret else ""
        said = _words(error).replace(secret, "****") if secret else _words(error)
        raise SettingsError(f"{host} refused: {said}.") from error


def _identify(declared: OAuth, body: str, options: Options) -> None:
    """Say who asks: in the body, or by HTTP basic authentication with both parts encoded (RFC 6749, 2.3.1)."""
    secret = declared.client_secret.reveal() if declared.client_secret else ""
    if declared.client_in == "header" and secret:
        pair = f"{quote_plus(declared.client_id)}:{quote_plus(secret)}"
        options["headers"] = {
            **options["headers"],
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        }
        options["content"] = body
        return
    named = f"&client_secret={quote_plus(secret)}" if secret else ""
    options["content"] = f"{body}&client_id={quote_plus(declared.client_id)}{named}"


def _words(error: OAuth2Error) -> str:
    return str(error.description or error.error or "it gave no reason").strip().rstrip(".")[:200]


def _tokens(found: Any) -> Tokens:
    seconds, scope = found.get("expires_in"), found.get("scope") or ""
    words = scope if isinstance(scope, str) else " ".join(map(str, scope))
    return Tokens(
        access=str(found["access_token"]),
        refresh=str(found["refresh_token"]) if found.get("refresh_token") else None,
        identity=str(found["id_token"]) if found.get("id_token") else None,
        expire_at=datetime.now(UTC) + timedelta(seconds=max(0, int(seconds))) if seconds is not None else None,
        scopes=sorted(words.replace(",", " ").split())[:MOST_SCOPES],  # some services write commas
    )
