"""Opsgenie's API key and its two regions, its requests, and what its refusals mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.granted import signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

ADDRESSES = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}
PAGES = {"us": "https://app.opsgenie.com", "eu": "https://app.eu.opsgenie.com"}


class Connection(Settings):
    """The key of an API integration."""

    key: Annotated[
        Secret, field("API key", hint="Of an API integration; triggers and lookups do with the right to read.")
    ]
    region: Annotated[
        Literal["us", "eu"], field("Region", hint="eu: you sign in at app.eu.opsgenie.com; us: you sign in elsewhere.")
    ] = "us"
    webhook_token: Annotated[
        Secret,
        field("Webhook token", hint="Only for events that Opsgenie sends. Make up a long one and give it there."),
    ] = Secret("")
    webhook_header: Annotated[
        str, field("Webhook header", hint="Where Opsgenie sends the webhook token.", advanced=True)
    ] = "X-Token"
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a key that is empty, and an address that is none."""
        if not self.key.reveal().strip():
            raise ValueError("Give the API key of an API integration.")
        if self.address:
            require_address(self.address)

    @property
    def base(self) -> str:
        """Where requests go."""
        return self.address.rstrip("/") or ADDRESSES[self.region]

    def page(self, alert: str) -> str:
        """Return where people see an alert."""
        return f"{self.address.rstrip('/') or PAGES[self.region]}/alert/detail/{alert}/details"


class _Problem(msgspec.Struct):
    message: str = ""
    errors: Any = None


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request under the connection's key."""
    connection: Connection = context.connection
    key = connection.key.reveal().strip()
    given: Options = options or {}
    sent = signed({**given, "accepts": {*given.get("accepts", ()), 422, 429}}, {"Authorization": f"GenieKey {key}"})
    answer = await context.http.request(method, f"{connection.base}/v2/{path}", **sent)
    if answer.status == 422:
        raise SettingsError(f"Opsgenie refused this: {_reasons(answer).replace(key, '****')}.")
    if answer.status == 429:
        period = answer.headers.get("X-RateLimit-Period-In-Sec", "")
        if "Retry-After" not in answer.headers and period.isdecimal():
            raise TemporaryError("Opsgenie allows no more requests for now.", retry_after=float(period))
        raise_for_status(host_of(connection.base), answer.status, answer.headers, b"", {})
    return answer


def _reasons(answer: Response) -> str:
    """Return what is wrong by field, which says more than the sentence before it."""
    problem = refusal(answer.content, _Problem)
    by_field = problem.errors if isinstance(problem.errors, dict) else {}
    told = "; ".join(f"{name} {reason}" for name, reason in by_field.items())
    return storable(told or problem.message or "it does not say why").rstrip(".")[:300]
