"""Requests to Salesforce's REST API, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

import msgspec

from connectors.salesforce.keypair import KeyPair, opened
from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.network.answers import raise_for_status, seconds_until
from connectors.sdk.network.granted import bearer, send_granted, signed
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of
from connectors.sdk.texts import storable

API = "/services/data/v62.0"
# What Salesforce refuses with a list of reasons
_TOLD = (400, 403, 404, 405, 500, 503)
_LIMIT = "REQUEST_LIMIT_EXCEEDED"
# The limit counts the requests of the last 24 hours, so that some are free again after a while
LIMIT_PAUSE = 900.0
CONCURRENT_PAUSE = 30.0
# What Salesforce would take at another moment, be it a record or a whole request
PASSING = frozenset(
    {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "INVALID_QUERY_LOCATOR", "REQUEST_RUNNING_TOO_LONG"}
)
# A query travels in the address, which may have 16,384 letters, each quotation mark being three of them
LONGEST_QUERY = 15_000
# More than any query here asks for
MOST_RECORDS = 20_000
_FOLLOWING = re.compile(r"/services/data/v\d{2,3}\.\d/query/[A-Za-z0-9-]{1,80}")


class BodyRefusedError(SettingsError):
    """Salesforce cannot read what a request brings: one of its records is the reason, the others may be good."""


class Reason(msgspec.Struct):
    """Why Salesforce did not do something."""

    message: str = ""
    code: str = msgspec.field(default="", name="errorCode")


class Page(msgspec.Struct, kw_only=True):
    """Records that a query found, how many there are altogether, and where more of them are."""

    records: list[dict[str, Any]]
    total: int = msgspec.field(name="totalSize")
    done: bool
    following: str = msgspec.field(default="", name="nextRecordsUrl")


async def call(context: Context[Any, Any], method: str, path: str, options: Options | None = None) -> Response:
    """Send one request of the REST API under the connection's credentials."""
    return await _send(context, method, f"{API}/{path}", options or {})


async def queried(context: Context[Any, Any], soql: str) -> AsyncIterator[Page]:
    """Yield what a query finds, page by page."""
    if len(quote_plus(soql, errors="replace")) > LONGEST_QUERY:
        raise SettingsError("The query is too long for Salesforce. Choose fewer fields, or ask for less at once.")
    page = (await call(context, "GET", "query", {"params": {"q": soql}})).read(Page)
    yield page
    while not page.done:
        place = page.following
        if not _FOLLOWING.fullmatch(place):
            raise TemporaryError("Salesforce answered without the place of the next page.")
        page = (await _send(context, "GET", place, {})).read(Page)
        if page.following == place:
            raise TemporaryError("Salesforce lists the same page again and again.")
        yield page


async def found(context: Context[Any, Any], soql: str) -> list[dict[str, Any]]:
    """Return all records that a query finds, which has a limit of its own."""
    records: list[dict[str, Any]] = []
    async for page in queried(context, soql):
        records += page.records
        if len(records) > MOST_RECORDS:
            raise TemporaryError("Salesforce lists more records than it was asked for.")
    return records


async def _send(context: Context[Any, Any], method: str, place: str, options: Options) -> Response:
    accepts = options.get("accepts", ())
    url = f"{context.connection.base}{place}"
    sent: Options = {**signed(options, {"Accept": "application/json"}), "accepts": {*accepts, *_TOLD}}
    access = await _access(context)
    answer = await send_granted(context, method, url, sent, access=access)
    if answer.status >= 400 and answer.status not in accepts:
        _refuse(host_of(url), answer, bearer(await access(None)))
    return answer


async def _access(context: Context[Any, Any]) -> Callable[[str | None], Awaitable[str]]:
    """Return what gives out the connection's token, another than the one that was refused."""
    if context.connection.kind == "key_pair":
        pair: KeyPair = await context.pool(opened)
        return pair.access(context)

    async def granted(refused: str | None) -> str:
        return await context.access_token(refused=refused)

    return granted


def _refuse(host: str, answer: Response, headers: Mapping[str, str]) -> None:
    """Raise what a refusal means, in Salesforce's own words."""
    told = _reasons(answer)
    codes = {one.code for one in told}
    words = "; ".join(one.message for one in told if one.message)
    wait = seconds_until(answer.headers.get("Retry-After"))
    if _LIMIT in codes:
        raise _limited(words, wait)
    content = msgspec.json.encode({"message": storable(words)})
    try:
        raise_for_status(host, answer.status, answer.headers, content, {"headers": headers})
    except SettingsError as error:
        if codes & PASSING:
            raise TemporaryError(error.message, retry_after=wait) from None
        if "JSON_PARSER_ERROR" in codes:
            raise BodyRefusedError(error.message) from None
        raise


def _limited(words: str, wait: float | None) -> TemporaryError:
    if "concurrent" in words.lower():
        sentence = "Salesforce works on too many long requests of your organisation at once."
        return TemporaryError(sentence, retry_after=wait or CONCURRENT_PAUSE)
    return TemporaryError(
        "Salesforce allows your organisation no more requests for now: those of the last 24 hours are used up."
        " Ask less often, or ask Salesforce for more of them.",
        retry_after=wait or LIMIT_PAUSE,
    )


def _reasons(answer: Response) -> Sequence[Reason]:
    try:
        return msgspec.json.decode(answer.content, type=list[Reason])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
