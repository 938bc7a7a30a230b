"""An account of PagerDuty: its ways to sign in, its requests, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.granted import send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

IDENTITY = "https://identity.pagerduty.com"
VERSION = "application/vnd.pagerduty+json;version=2"
# What may come instead of an answer; it is judged here, as the key may stand in what it says
REFUSALS = range(400, 600)
ABSENT = 404
_PARTS = {"us": "", "eu": ".eu"}
_SUBDOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TOKEN: Mapping[str, Sequence[str]] = {"kind": ("token",)}
_CLIENT: Mapping[str, Sequence[str]] = {"kind": ("oauth", "app")}
_REST: Mapping[str, Sequence[str]] = {"kind": ("token", "oauth", "app")}


class Connection(Settings):
    """An account by an API key or an app of yours, or only the key of a service that is to be alerted."""

    kind: Annotated[
        Literal["token", "oauth", "app", "events"],
        field(
            "Signs in by",
            hint="token: an API key; oauth: a person agrees to your app; app: your app acts for itself; "
            "events: only sends alerts or takes webhooks.",
        ),
    ] = "token"
    region: Annotated[
        Literal["us", "eu"], field("Region", hint="eu: you sign in at app.eu.pagerduty.com; us: you sign in elsewhere.")
    ] = "us"
    token: Annotated[Secret, field("API key", when=_TOKEN)] = Secret("")
    email: Annotated[
        str,
        field(
            "Acts as",
            hint="The address of a PagerDuty user in whose name incidents are written.",
            example="oncall@example.com",
            when=_REST,
        ),
    ] = ""
    client_id: Annotated[str, field("Client id", when=_CLIENT)] = ""
    client_secret: Annotated[Secret, field("Client secret", when=_CLIENT)] = Secret("")
    subdomain: Annotated[
        str, field("Subdomain", hint="What stands before .pagerduty.com.", example="acme", when={"kind": ("app",)})
    ] = ""
    access: Annotated[
        Literal["read", "write"], field("Access", hint="read is enough for triggers and lookups.", when=_CLIENT)
    ] = "read"
    routing_key: Annotated[
        Secret, field("Integration key", hint="Of an Events API v2 integration; only for sending alerts.")
    ] = Secret("")
    webhook_secret: Annotated[
        Secret,
        field(
            "Webhook secret",
            hint="Only for events that PagerDuty sends. While it is being changed, give both, one a line.",
            multiline=True,
        ),
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a way to sign in that lacks what it needs."""
        if self.address:
            require_address(self.address)
        if self.kind == "token" and not self.token.reveal().strip():
            raise ValueError("Give the API key.")
        if self.kind in {"oauth", "app"} and not (self.client_id and self.client_secret.reveal()):
            raise ValueError("Give the client id and the client secret of the app.")
        if self.kind == "app" and not _SUBDOMAIN.fullmatch(self.subdomain):
            raise ValueError("Give the subdomain alone, such as acme for acme.pagerduty.com.")
        if self.kind == "events" and not (self.routing_key.reveal().strip() or self.webhook_secret.reveal().strip()):
            raise ValueError("Give the integration key, the webhook secret, or both.")

    @property
    def base(self) -> str:
        """Where requests about incidents go."""
        return self.address.rstrip("/") or f"https://api{_PARTS[self.region]}.pagerduty.com"

    @property
    def intake(self) -> str:
        """Where alerts go."""
        return self.address.rstrip("/") or f"https://events{_PARTS[self.region]}.pagerduty.com"


class _Trouble(msgspec.Struct):
    message: str = ""
    errors: Any = None


class _Problem(msgspec.Struct):
    error: _Trouble | str = ""


def granted(connection: Connection) -> OAuth | None:
    """Say how an app gets its tokens, and what for."""
    if connection.kind not in {"oauth", "app"}:
        return None
    scopes = {
        "incidents.read": "Read incidents and what happened to them.",
        "oncalls.read": "Tell who is on call.",
        "services.read": "Offer services to choose from.",
        "teams.read": "Offer teams to choose from.",
        "escalation_policies.read": "Offer escalation policies to choose from.",
    }
    if connection.access == "write":
        scopes["incidents.write"] = "Open and change incidents, and add notes."
        scopes["priorities.read"] = "Offer priorities to choose from, and find one by its name."
        scopes["users.read"] = "Offer people to assign."
    if connection.kind == "app":
        scopes[f"as_account-{connection.region}.{connection.subdomain.lower()}"] = "Act on this account."
    identity = connection.address.rstrip("/") or IDENTITY
    return OAuth(
        authorize_url=f"{identity}/oauth/authorize" if connection.kind == "oauth" else "",
        token_url=f"{identity}/oauth/token",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        scopes=scopes,
    )


def reachable(connection: Connection) -> list[str]:
    """Name the hosts that are called: one for incidents, one for alerts."""
    return list(dict.fromkeys((host_of(connection.base), host_of(connection.intake))))


async def call(
    context: Context[Connection, Any],
    method: str,
    path: str,
    params: Sequence[tuple[str, str]] = (),
    body: Any = None,
    *,
    absent: bool = False,
) -> Response:
    """Send one request about incidents; a write goes in the name of the connection's user.

    With `absent` an answer that there is no such thing comes back like any other.
    """
    connection = context.connection
    options = Options(headers={"Accept": VERSION}, accepts=REFUSALS)
    if params:
        options["params"] = params
    if body is not None:
        options["json"] = body
    if method != "GET":
        options = signed(options, {"From": _author(connection)})
    answer = await _send(context, method, f"{connection.base}/{path}", options)
    if not (absent and answer.status == ABSENT):
        _judge(connection, answer)
    return answer


def said(answer: Response, connection: Connection) -> str:
    """Return what is wrong in the service's own words, without the connection's secrets."""
    words = _words(answer)
    for secret in (connection.token, connection.routing_key, connection.client_secret):
        words = words.replace(secret.reveal().strip() or "\0", "****")
    return storable(words).rstrip(".")[:300] or "it does not say why"


def limited(answer: Response) -> TemporaryError | None:
    """Return the error of an answer that tells in PagerDuty's own header how long to wait."""
    reset = answer.headers.get("ratelimit-reset", "")
    if answer.status != 429 or "Retry-After" in answer.headers or not (reset.isdecimal() and len(reset) < 6):
        return None
    return TemporaryError(f"PagerDuty allows no more requests for {reset} seconds.", retry_after=float(reset))


def _author(connection: Connection) -> str:
    author = connection.email.strip()
    if "@" not in author or not author.isprintable() or not author.isascii():
        raise SettingsError(
            "PagerDuty writes incidents in somebody's name: fill in the address of one of its users in the connection."
        )
    return author


async def _send(context: Context[Connection, Any], method: str, url: str, options: Options) -> Response:
    connection = context.connection
    if connection.kind == "events":
        raise SettingsError("This connection only sends alerts. Choose one with an API key or an app.")
    if connection.kind == "token":
        headers = {"Authorization": f"Token token={connection.token.reveal().strip()}"}
        return await context.http.request(method, url, **signed(options, headers))
    return await send_granted(context, method, url, options)


def _judge(connection: Connection, answer: Response) -> None:
    """Raise what a refusal means."""
    wait = limited(answer)
    if wait is not None:
        raise wait
    match answer.status:
        case 401:
            raise CredentialsError(
                "PagerDuty does not accept the connection's credentials. Check them and the region, and connect again."
            )
        case 403:
            raise CredentialsError(
                f"PagerDuty does not allow this: {said(answer, connection)}. Give the key, the app or its user more "
                "rights, and connect again."
            )
        case 404:
            raise SettingsError("PagerDuty finds nothing there, or the connection may not see it. Check the incident.")
        case 402:
            raise SettingsError(f"Your plan of PagerDuty does not allow this: {said(answer, connection)}.")
        case 400 | 409 | 422:
            raise SettingsError(f"PagerDuty refused the request: {said(answer, connection)}.")
    raise_for_status(host_of(connection.base), answer.status, answer.headers, b"", {})


def _words(answer: Response) -> str:
    """Read both shapes that refusals have: inside of `error`, or at the top for alerts."""
    try:
        trouble = msgspec.json.decode(answer.content, type=_Problem).error
        if isinstance(trouble, str):
            trouble = _Trouble(trouble) if trouble else msgspec.json.decode(answer.content, type=_Trouble)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    details = trouble.errors if isinstance(trouble.errors, list) else [trouble.errors] if trouble.errors else []
    return ": ".join(filter(None, (trouble.message.rstrip("."), "; ".join(map(str, details)))))
