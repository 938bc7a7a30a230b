"""A restricted key of a Stripe account, requests under it, and what Stripe's refusals mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec

from connectors.sdk import Context, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

ADDRESS = "https://api.stripe.com"
PAGE = 100
_READ_BY_US = (400, 402, 404, 409)

T = TypeVar("T")


class Connection(Settings):
    """A key of your Stripe account; what it may do is chosen at Stripe."""

    key: Annotated[Secret, field("Restricted key", hint="It begins with rk_live_ or rk_test_.")]
    webhook_secret: Annotated[
        Secret, field("Signing secret", hint="Only for events that Stripe sends. It begins with whsec_.")
    ] = Secret("")
    account: Annotated[
        str,
        field("Connected account", hint="Only for platforms.", example="acct_1Nv0FGQ9RKHgCVdK", advanced=True),
    ] = ""
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse an address that is none, and a key that may not be kept in other people's programs."""
        require_address(self.address)
        if self.key.reveal().startswith("pk_"):
            raise ValueError("This is the publishable key, which may do nothing here. Make a restricted key.")


class Trouble(msgspec.Struct):
    """What is wrong with a request."""

    message: str = ""
    type: str = ""
    param: str = ""
    code: str = ""


class Problem(msgspec.Struct):
    """Stripe's answer to a request that it does not do."""

    error: Trouble = msgspec.field(default_factory=Trouble)


async def call(
    context: Context[Connection, Any],
    method: str,
    path: str,
    params: Sequence[tuple[str, str]] = (),
    form: Mapping[str, Any] | None = None,
    key: str = "",
) -> Response:
    """Send one request; a `key` lets Stripe recognise a repeat for a day at least."""
    connection = context.connection
    headers = {"Authorization": f"Bearer {connection.key.reveal()}"}
    if connection.account:
        headers["Stripe-Account"] = connection.account
    if key:
        headers["Idempotency-Key"] = key
    options = Options(headers=headers, accepts=_READ_BY_US)
    if params:
        options["params"] = params
    if form is not None:
        options["form"] = list(_pairs(form))
    answer = await context.http.request(method, f"{connection.address.rstrip('/')}/v1/{path}", **options)
    _judge(connection, answer, options)
    return answer


async def listed(
    context: Context[Connection, Any], path: str, params: Sequence[tuple[str, str]], kind: type[T], most: int
) -> AsyncIterator[T]:
    """Yield at most so many of a list, the newest first."""
    place, left = "", most
    while left > 0:
        asked = [*params, ("limit", str(PAGE)), *([("starting_after", place)] if place else [])]
        page = (await call(context, "GET", path, asked)).read(Listed)
        for one in page.data[:left]:
            yield _shaped(one, kind)
        place = str(page.data[-1].get("id", "")) if page.data else ""
        left -= len(page.data)
        if not page.has_more or not place:
            return


class Listed(msgspec.Struct):
    """One page of a list, and whether there is more."""

    data: list[dict[str, Any]]
    has_more: bool = False


def _shaped(value: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise TemporaryError(f"Stripe answered otherwise than it describes: {error}.") from error


def _pairs(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write a form in Stripe's way: what is inside a mapping stands as outer[inner]."""
    pairs: list[tuple[str, str]] = []
    for name, value in form.items():
        if isinstance(value, Mapping):
            pairs += [(f"{name}[{inner}]", str(one)) for inner, one in value.items()]
        else:
            pairs.append((name, str(value)))
    return pairs


def _judge(connection: Connection, answer: Response, options: Options) -> None:
    """Raise what a refusal means, in Stripe's own words where it says what is wrong."""
    if answer.status < 400:
        return
    trouble = refusal(answer.content, Problem).error
    said = storable(trouble.message).rstrip(".")[:300] or "it does not say why"
    if answer.status == 409:
        raise TemporaryError(f"Stripe is still busy with the same request: {said}.")
    if trouble.type == "idempotency_error":
        raise SettingsError("Stripe has taken another record under this key already. Replay it as a new item.")
    if answer.status in _READ_BY_US:
        about = f" ({trouble.param})" if trouble.param and trouble.param not in said else ""
        raise SettingsError(f"Stripe refused the request: {said}{about}.")
    raise_for_status(host_of(connection.address), answer.status, answer.headers, answer.content, options)
