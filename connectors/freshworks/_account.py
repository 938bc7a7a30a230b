"""What Freshdesk and Freshservice have in common: an account's key, requests, and what refusals mean."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, ClassVar

import msgspec

from connectors.freshworks._product import Product
from connectors.sdk import Category, Connector, Context, CredentialsError, Secret, Settings, SettingsError, field
from connectors.sdk.network.answers import refusal
from connectors.sdk.network.granted import signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.records.entries import moment
from connectors.sdk.texts import storable

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
UNAUTHORIZED, GONE = 401, 404
_REFUSED = (400, 405, 409)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NEXT = re.compile(r'rel="?next"?')
_LONGEST = 400


class Account(Settings):
    """An account of one of the products; each says which in a struct of its own."""

    product: ClassVar[Product]

    domain: Annotated[str, field("Domain", hint="The first word of the account's address.", example="acme")] = ""
    key: Annotated[Secret, field("API key", hint="Of the agent in whose name everything happens.")]
    webhook_secret: Annotated[
        Secret, field("Webhook secret", hint="Only for events that are sent here: a long text that you make up.")
    ] = Secret("")
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        """Refuse what can be no account's name."""
        if self.address:
            require_address(self.address)
        elif not _NAME.fullmatch(self._name):
            suffix = self.product.suffix
            raise ValueError(
                f"Give the domain alone, such as acme for acme{suffix}; addresses of your own do not work."
            )
        if not self.key.reveal().strip():
            raise ValueError("Give the API key of an agent.")

    @property
    def base(self) -> str:
        """Where requests go."""
        return self.address.rstrip("/") or f"https://{self._name}{self.product.suffix}"

    @property
    def _name(self) -> str:
        return self.domain.strip().lower().removesuffix(self.product.suffix)


class _Problem(msgspec.Struct):
    field: str | None = None
    message: str | None = None


class _Refusal(msgspec.Struct):
    description: str | None = None
    message: str | None = None
    errors: list[_Problem] = []


def product_of(connection: type[Account], icon: str, tried: str) -> Connector:
    """Return the connector of a product: its hosts and its check are in place."""
    product = connection.product
    connector = Connector(
        product.name, product.title, icon=icon, connection=connection, tried=tried, category=Category.BUSINESS
    )
    connector.hosts(hosts)
    connector.check(check)
    return connector


def hosts(connection: Account) -> Sequence[str]:
    """Name the account's one host."""
    return [host_of(connection.base)]


async def check(connection: Account, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Read one ticket."""
    await call(context, "GET", "tickets", {"params": {"per_page": "1"}})


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request under the account's key."""
    account: Account = context.connection
    title = account.product.title
    given: Options = options or {}
    pair = base64.b64encode(f"{account.key.reveal().strip()}:X".encode()).decode()
    sent: Options = signed(given, {"Authorization": f"Basic {pair}", "Accept": "application/json"})
    sent["accepts"] = {*given.get("accepts", ()), UNAUTHORIZED, GONE, *_REFUSED}
    answer = await context.http.request(method, f"{account.base}/api/v2/{path}", **sent)
    if answer.status == UNAUTHORIZED:
        raise CredentialsError(f"{title} does not accept the API key. Check it and connect again.")
    if answer.status in given.get("accepts", ()):
        return answer
    if answer.status == GONE:
        raise SettingsError(f"{title} has no {path}, or the agent of the API key may not see it.")
    if answer.status in _REFUSED:
        raise SettingsError(f"{title} refused it: {_reasons(answer)}.")
    return answer


def has_next(answer: Response) -> bool:
    """Tell whether a list has another page."""
    return _NEXT.search(answer.headers.get("Link", "")) is not None


def told_at(answer: Response) -> datetime:
    """Return when an answer was given, by the service's own clock where it says so."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def when_of(text: str | None, product: Product) -> datetime:
    """Read a time in an answer, which is in UTC and not before there were computers."""
    when = moment(text, product.title)
    return max(when if when.tzinfo else when.replace(tzinfo=UTC), BEGINNING)


def _reasons(answer: Response) -> str:
    """Say what is wrong, field by field, in the service's words."""
    said = refusal(answer.content, _Refusal)
    told = [": ".join(part for part in (one.field, one.message) if part) for one in said.errors]
    words = "; ".join(one for one in told if one) or said.message or said.description or ""
    return storable(" ".join(words.split())).rstrip(".")[:_LONGEST] or "it does not say why"
