"""Records sent to Salesforce, two hundred a request; one that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.salesforce.calls import PASSING, BodyRefusedError, call
from connectors.sdk import ConnectorError, Context, SettingsError, TemporaryError
from connectors.sdk.texts import storable

A_REQUEST = 200
# An organisation's own automation works on each record before Salesforce answers
TIMEOUT = 120.0


class Saved(msgspec.Struct, frozen=True):
    """A record that Salesforce took; `created`: it was not there before."""

    id: str
    created: bool = False


class _Problem(msgspec.Struct):
    message: str = ""
    code: str = msgspec.field(default="", name="statusCode")
    fields: list[str] = []


class _Result(msgspec.Struct):
    success: bool
    id: str | None = None
    created: bool = False
    errors: list[_Problem] = []


async def save(
    context: Context[Any, Any], method: str, key: str, bodies: Sequence[Mapping[str, Any]]
) -> list[Saved | ConnectorError]:
    """Send records, each taken or refused by itself; POST adds, PATCH changes, and with a `key` field does either.

    An error that meets the only request is raised; one of several stands for the records that it kept from being
    written, so that what became of the others is not forgotten.
    """
    saved: list[Saved | ConnectorError] = []
    waiting = [bodies[start : start + A_REQUEST] for start in range(0, len(bodies), A_REQUEST)]
    while waiting:
        part = waiting.pop(0)
        try:
            saved += await _send(context, method, key, part)
        except BodyRefusedError as error:
            if len(part) == 1:
                saved.append(error)
                continue
            middle = len(part) // 2
            waiting[:0] = [part[:middle], part[middle:]]
        except ConnectorError as error:
            if len(part) == len(bodies):
                raise
            rest = len(bodies) - len(saved) - len(part)
            return [*saved, *[error] * len(part), *[not_sent(error)] * rest]
    return saved


async def _send(
    context: Context[Any, Any], method: str, key: str, bodies: Sequence[Mapping[str, Any]]
) -> list[Saved | ConnectorError]:
    thing = context.settings.object
    path = f"composite/sobjects/{thing}/{key}" if key else "composite/sobjects"
    sent = {"allOrNone": False, "records": [{"attributes": {"type": thing}, **body} for body in bodies]}
    results = (await call(context, method, path, {"json": sent, "timeout": TIMEOUT})).read(list[_Result])
    if len(results) != len(bodies):
        raise TemporaryError("Salesforce did not say what became of each record.", uncertain=True)
    return [_outcome(result, created=method == "POST") for result in results]


def not_sent(error: ConnectorError) -> ConnectorError:
    """Return the error for records behind one that nobody knows the end of: these were certainly not written."""
    if isinstance(error, TemporaryError):
        return TemporaryError(error.message, retry_after=error.retry_after)
    return error


def _outcome(result: _Result, *, created: bool) -> Saved | ConnectorError:
    if result.success and result.id:
        return Saved(result.id, created or result.created)
    told = result.errors[:3]
    words = "; ".join(one.message.rstrip(".") or one.code for one in told) or "it gave no reason"
    named = sorted({name for one in told for name in one.fields if name not in words})
    about = f" ({', '.join(named)})" if named else ""
    codes = {one.code for one in told}
    why = "takes this for a duplicate of another record" if "DUPLICATES_DETECTED" in codes else "refuses this record"
    sentence = storable(f"Salesforce {why}: {words[:400]}{about[:100]}.")
    return TemporaryError(sentence) if codes & PASSING else SettingsError(sentence)
