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


class Sent(msgspec.Struct):
    """What became of records in their order, as far as they were sent; `failed` is what ended the sending early."""

    results: list[Saved | ConnectorError]
    failed: ConnectorError | None = None


async def save(context: Context[Any, Any], method: str, key: str, bodies: Sequence[Mapping[str, Any]]) -> Sent:
    """Send records, each taken or refused by itself; POST adds, PATCH changes, and with a `key` field does either.

    An error that meets a whole request stands for each of its records; those after it are not sent.
    """
    sent = Sent([])
    waiting = [bodies[start : start + A_REQUEST] for start in range(0, len(bodies), A_REQUEST)]
    while waiting and sent.failed is None:
        part = waiting.pop(0)
        try:
            sent.results += await _send(context, method, key, part)
        except BodyRefusedError as error:
            middle = len(part) // 2
            if middle:
                waiting[:0] = [part[:middle], part[middle:]]
            else:
                sent.results.append(error)
        except ConnectorError as error:
            sent.failed = error
            sent.results += [error] * len(part)
    return sent


async def _send(
    context: Context[Any, Any], method: str, key: str, bodies: Sequence[Mapping[str, Any]]
) -> list[Saved | ConnectorError]:
    thing = context.settings.object
    path = f"composite/sobjects/{thing}/{key}" if key else "composite/sobjects"
    sent = {"allOrNone": False, "records": [{"attributes": {"type": thing}, **body} for body in bodies]}
    answer = await call(context, method, path, {"json": sent, "timeout": TIMEOUT})
    try:
        results = answer.read(list[_Result])
    except TemporaryError as error:
        raise TemporaryError(error.message, uncertain=True) from error
    if len(results) != len(bodies):
        raise TemporaryError("Salesforce did not say what became of each record.", uncertain=True)
    return [_outcome(result, created=method == "POST") for result in results]


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
