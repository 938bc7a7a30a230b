"""Writes, which Opsgenie takes at once and does a little later: each is followed until it says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.opsgenie.connection import Connection, call
from connectors.sdk import ConnectorError, Context, SettingsError, TemporaryError
from connectors.sdk.network.http import Options
from connectors.sdk.texts import storable

# It mostly takes less than a second
_PAUSES = (0.0, 0.3, 0.6, 1.2, 2.4, 4.8)
_NOT_YET = "Opsgenie has taken the request and not yet said what came of it."


class Outcome(msgspec.Struct, kw_only=True, rename="camel"):
    """What came of a request: whether it was done, in Opsgenie's words, and the alert that it was about."""

    is_success: bool = False
    status: str = ""
    alert_id: str = ""
    alias: str = ""

    @property
    def words(self) -> str:
        """What Opsgenie says of it, to stand in a sentence."""
        return storable(self.status).strip().rstrip(".")[:300] or "it does not say why"


class _Taken(msgspec.Struct, rename="camel"):
    request_id: str


class _Told(msgspec.Struct):
    data: Outcome


async def send(context: Context[Connection, Any], method: str, path: str, options: Options) -> Outcome:
    """Send a write and wait until it is done; its request is remembered, so that a crash can be decided."""
    answer = await call(context, method, path, options)
    with taken():
        request = answer.read(_Taken).request_id
        await context.remember(request)
        outcome = await _followed(context, request)
    if not outcome.is_success:
        raise SettingsError(f"Opsgenie did not do this: {outcome.words}.")
    return outcome


@contextmanager
def taken() -> Iterator[None]:
    """Say of whatever goes wrong inside that the write was taken before."""
    try:
        yield
    except ConnectorError as error:
        after = error.retry_after if isinstance(error, TemporaryError) else None
        raise TemporaryError(error.message, retry_after=after, uncertain=True) from error


async def recalled(context: Context[Connection, Any], request: str | None) -> Outcome | None:
    """Return what came of a request that was remembered; None without one, TemporaryError before it is done."""
    if request is None:
        return None
    outcome = await _outcome(context, request)
    if outcome is None:
        raise TemporaryError(_NOT_YET, retry_after=10.0)
    return outcome


async def _followed(context: Context[Connection, Any], request: str) -> Outcome:
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        outcome = await _outcome(context, request)
        if outcome is not None:
            return outcome
    raise TemporaryError(_NOT_YET, retry_after=10.0)


async def _outcome(context: Context[Connection, Any], request: str) -> Outcome | None:
    """Ask once; a request that is not done yet is not found."""
    answer = await call(context, "GET", f"alerts/requests/{quote(request, safe='')}", {"accepts": (404,)})
    return None if answer.status == 404 else answer.read(_Told).data
