"""How to speak to Airtable: one token, no more than five requests a second, lists in pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from connectors.sdk import Context, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address

ADDRESS = "https://api.airtable.com"
PAGE = 100
# What Airtable takes for a base; a few at once are no harm
A_SECOND, AT_ONCE = 5.0, 5
_REFUSED = 422
_OF_THE_TABLE = frozenset({"UNKNOWN_FIELD_NAME", "INVALID_FILTER_BY_FORMULA", "VIEW_NAME_NOT_FOUND", ""})


class Connection(Settings):
    """A personal access token that may read and write records of the bases it names."""

    token: Annotated[Secret, field("Access token", hint="A personal access token; it begins with pat.")]
    address: Annotated[
        str,
        field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True),
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        require_address(self.address)


class Entry(msgspec.Struct, kw_only=True):
    """One record of a table; fields that are empty are not there."""

    id: str
    createdTime: str = ""  # noqa: N815  # Airtable's name
    fields: dict[str, Any] = {}


class Listed(msgspec.Struct, kw_only=True):
    """One page of a table, and where the next begins."""

    records: list[Entry]
    offset: str | None = None


class Written(msgspec.Struct, kw_only=True):
    """What became of the records of one request."""

    records: list[Entry]
    createdRecords: list[str] = []  # noqa: N815  # Airtable's name


class _Said(msgspec.Struct):
    type: str = ""
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Said | str


class RecordRefusedError(SettingsError):
    """Airtable refuses what a record holds, not the table or the request."""


class Pace:
    """Lets requests of one connection go as fast as Airtable takes them and no faster."""

    def __init__(self) -> None:
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next request may go."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now - AT_ONCE / A_SECOND) + 1 / A_SECOND
        if self._next > now:
            await asyncio.sleep(self._next - now)

    async def close(self) -> None:
        """Hold nothing open."""


async def call(
    context: Context[Any, Any], method: str, path: str, body: Any = None, params: Sequence[tuple[str, str]] = ()
) -> Response:
    """Send one request under the connection's token, when its turn has come."""
    pace: Pace = await context.pool(_pace)
    await pace.turn()
    connection: Connection = context.connection
    options = Options(headers={"Authorization": f"Bearer {connection.token.reveal()}"})
    if body is not None:
        options["json"] = body
    if params:
        options["params"] = params
    options["accepts"] = (_REFUSED,)
    answer = await context.http.request(method, f"{connection.address.rstrip('/')}/v0/{path}", **options)
    if answer.status == _REFUSED:
        raise _refusal(answer.content)
    return answer


def place(base: str, table: str, *rest: str) -> str:
    """Return the path of a table, or of something in it."""
    return "/".join(quote(part, safe="") for part in (base, table, *rest))


async def listed(context: Context[Any, Any], path: str, asked: dict[str, Any]) -> AsyncIterator[list[Entry]]:
    """Yield a table's records page by page."""
    body = {**asked, "pageSize": PAGE}
    while True:
        found = (await call(context, "POST", f"{path}/listRecords", body)).read(Listed)
        yield found.records
        if not found.offset:
            return
        if found.offset == body.get("offset"):
            raise TemporaryError("Airtable lists the same page again and again.")
        body["offset"] = found.offset


def _refusal(content: bytes) -> SettingsError:
    """Return the error for what Airtable could read and does not take."""
    try:
        said = msgspec.json.decode(content, type=_Refusal).error
    except msgspec.DecodeError:
        return SettingsError("Airtable answered 422 and did not say why.")
    kind, message = (said, "") if isinstance(said, str) else (said.type, said.message)
    sentence = f"Airtable refuses this: {(message or kind)[:300].rstrip('.')}."
    return SettingsError(sentence) if kind in _OF_THE_TABLE else RecordRefusedError(sentence)


async def _pace() -> Pace:
    return Pace()
