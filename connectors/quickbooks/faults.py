"""What the faults of QuickBooks mean, by their codes; they come with refusals and inside good answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.sdk import ConnectorError, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.answers import raise_for_status, seconds_until
from connectors.sdk.network.http import Response
from connectors.sdk.network.urls import host_of
from connectors.sdk.texts import storable, storable_json

# Intuit asks to wait so long when requests came too fast
PAUSE = 60.0
STALE, TAKEN = "5010", "6240"
_SIGN_IN = frozenset({"100", "3200"})
_NO_ACCESS = frozenset({"120", "3100", "3202"})
_TOO_FAST = "3001"
_INSIDE = frozenset({"10000", "10001"})
# Written by the gateway before the books, in XML whatever was asked for
_XML_TOO_FAST = b"ThrottleExceeded"
_ADVICE = {
    "610": "It was deleted or made inactive: choose another, or make it active again in QuickBooks.",
    "2020": "QuickBooks cannot do without this field: fill it in.",
    "2500": "Something that is named there does not exist or is inactive: choose another.",
    "6000": "",
    "6140": "The number is in use: write another one.",
    "6190": "The company's subscription has ended: renew it in QuickBooks.",
    "6210": "The books are closed for this date: take a later one, or open the period in QuickBooks.",
    TAKEN: "Customers, vendors and employees cannot share a name: write another one.",
    "6540": "It is part of a deposit: take it out of the deposit in QuickBooks first.",
}


class StaleError(TemporaryError):
    """Somebody changed the record between our reading and our writing."""


class TakenError(SettingsError):
    """The name belongs to another customer, vendor or employee."""


class _Trouble(msgspec.Struct):
    code: str | int = ""
    message: str | None = None
    detail: str | None = None


def judge(answer: Response) -> None:
    """Raise what a refusal means; faults inside a good answer count as well."""
    fault = fault_of(_read(answer.content))
    retry_after = seconds_until(answer.headers.get("Retry-After"))
    if fault is not None:
        raise _meant(fault, retry_after, answer.status)
    if answer.status >= 400 and _XML_TOO_FAST in answer.content:
        raise _too_fast(retry_after)
    if answer.status == 401:
        raise _not_accepted()
    # Without the words of whoever answered in place of QuickBooks: they might repeat our token
    raise_for_status(host_of(answer.url), answer.status, answer.headers, b"", {})


def refusal(item: Mapping[str, Any]) -> ConnectorError | None:
    """Return what one answer of a batch means when it is a fault."""
    fault = fault_of(item)
    return None if fault is None else _meant(fault)


def fault_of(answer: Any) -> Mapping[str, Any] | None:
    """Return the fault of an answer; the books write it with capitals, the gateway before them without."""
    if not isinstance(answer, Mapping):
        return None
    found = answer.get("Fault") or answer.get("fault")
    return found if isinstance(found, Mapping) else None


def _read(content: bytes) -> Any:
    # Lists of records are long, and carry no fault
    if b"ault" not in content[:400]:
        return None
    try:
        return msgspec.json.decode(storable_json(content))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _meant(fault: Mapping[str, Any], retry_after: float | None = None, status: int = 400) -> ConnectorError:
    kind, trouble = _told(fault)
    code = str(trouble.code).lstrip("0")
    said = storable(trouble.detail or trouble.message or "it does not say why").strip().rstrip(".")[:300]
    if status >= 500 or code in _INSIDE or kind == "SystemFault":
        return TemporaryError(f"QuickBooks had a fault of its own: {said}.", retry_after=retry_after)
    if code in _SIGN_IN or kind in {"AUTHENTICATION", "AuthenticationFault"}:
        return _not_accepted()
    if code in _NO_ACCESS:
        return CredentialsError(
            "QuickBooks does not let this connection into the company. Check the company id and the environment, and "
            "connect again as an administrator of that company."
        )
    if code == _TOO_FAST:
        return _too_fast(retry_after)
    if code == STALE:
        return StaleError("Somebody changed the record in QuickBooks at the same moment.")
    refused = TakenError if code == TAKEN else SettingsError
    return refused(f"QuickBooks refused this: {said}. {_ADVICE.get(code, '')}".strip())


def _told(fault: Mapping[str, Any]) -> tuple[str, _Trouble]:
    """Return the type of a fault and its first error, whichever way they are spelled."""
    told = _lowered(fault)
    errors = told.get("error")
    first = errors[0] if isinstance(errors, list) and errors else {}
    try:
        trouble = msgspec.convert(_lowered(first), _Trouble)
    except msgspec.ValidationError:
        trouble = _Trouble()
    return str(told.get("type")), trouble


def _lowered(value: Any) -> dict[str, Any]:
    return {str(name).lower(): one for name, one in value.items()} if isinstance(value, Mapping) else {}


def _not_accepted() -> CredentialsError:
    return CredentialsError("QuickBooks does not accept the connection's token. Connect again.")


def _too_fast(retry_after: float | None) -> TemporaryError:
    return TemporaryError(
        "QuickBooks was asked too often; it allows 500 requests a minute.",
        retry_after=PAUSE if retry_after is None else retry_after,
    )
