"""How QuickBooks Online is signed in to, its requests, and its answers with every amount as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from connectors.quickbooks.faults import judge
from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, TemporaryError, field
from connectors.sdk.network.answers import not_json
from connectors.sdk.network.granted import send_granted
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable_json

T = TypeVar("T")

SIGN_IN = "https://appcenter.intuit.com/connect/oauth2"
TOKENS = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
SCOPE = "com.intuit.quickbooks.accounting"
# The form of answers; older ones than this are no longer served
MINOR_VERSION = "75"
_ADDRESSES = {
    "production": "https://quickbooks.api.intuit.com",
    "sandbox": "https://sandbox-quickbooks.api.intuit.com",
}
_PAGES = {"production": "https://qbo.intuit.com", "sandbox": "https://sandbox.qbo.intuit.com"}
_COMPANY = re.compile(r"\d{1,30}")
_READER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
_WRITER = msgspec.json.Encoder(decimal_format="number")


class Connection(Settings):
    """An app of yours at Intuit that a user lets into one company."""

    environment: Annotated[
        Literal["production", "sandbox"],
        field(
            "Environment",
            hint="production: your books; sandbox: a company for trying, with the app's development keys.",
        ),
    ] = "production"
    client_id: Annotated[str, field("Client id")]
    client_secret: Annotated[Secret, field("Client secret")]
    company: Annotated[
        str,
        field(
            "Company id",
            hint="Left empty: the company that is chosen when connecting.",
            example="9341452698223170",
        ),
    ] = ""
    verifier: Annotated[
        Secret | None, field("Verifier token", hint="Only for events that QuickBooks sends: see step 6.")
    ] = None
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a company that is no number, and an address that is none."""
        if self.company_id and not _COMPANY.fullmatch(self.company_id):
            raise ValueError("The company id is a number, such as 9341452698223170.")
        if self.address:
            require_address(self.address)

    @property
    def company_id(self) -> str:
        """The company's number without the gaps that QuickBooks shows in it."""
        return re.sub(r"\s", "", self.company)

    @property
    def base(self) -> str:
        """Where requests go."""
        return self.address.rstrip("/") or _ADDRESSES[self.environment]

    @property
    def pages(self) -> str:
        """Where people look at records; '' for a stand-in, which has no pages."""
        return "" if self.address else _PAGES[self.environment]


def granted(connection: Connection) -> OAuth:
    """Say how a user lets the app in, and what for."""
    own = connection.base if connection.address else ""
    return OAuth(
        authorize_url=f"{own}/connect/oauth2" if own else SIGN_IN,
        token_url=f"{own}/oauth2/v1/tokens/bearer" if own else TOKENS,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        client_in="header",
        scopes={SCOPE: "Read and write the company's books. Intuit has no smaller permission."},
        returns={"company": "realmId"},
    )


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Any:
    """Send one request to the company and return what it answers, amounts as decimals."""
    connection: Connection = context.connection
    if not connection.company_id:
        raise CredentialsError("The connection does not know its company yet. Open the connection and connect it.")
    given: Options = options or {}
    url = f"{connection.base}/v3/company/{connection.company_id}/{path}"
    answer = await send_granted(
        context,
        method,
        url,
        {
            **given,
            "params": {**dict(given.get("params", {})), "minorversion": MINOR_VERSION},
            "headers": {**given.get("headers", {}), "Accept": "application/json"},
            "accepts": range(400, 600),
        },
    )
    judge(answer)
    return _decoded(answer)


async def post(context: Context[Any, Any], path: str, body: Any, params: Mapping[str, str]) -> Any:
    """Send something to be written; amounts go out digit by digit."""
    options = Options(content=encoded(body), headers={"Content-Type": "application/json"}, params=params)
    return await call(context, "POST", path, options)


def encoded(body: Any) -> bytes:
    """Write a body as JSON with its amounts as exact numbers."""
    return _WRITER.encode(body)


def shaped(answer: Any, kind: type[T]) -> T:
    """Return an answer as a struct; TemporaryError when it is none."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise TemporaryError(f"QuickBooks answered otherwise than it describes: {error}.") from error


def _decoded(answer: Response) -> Any:
    try:
        return _READER.decode(storable_json(answer.content))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise not_json(host_of(answer.url), answer.headers.get("Content-Type", "")) from error
