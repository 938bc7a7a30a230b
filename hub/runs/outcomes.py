"""How deliveries end: what a target's answer or error means for the sending and for its row of the ledger."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from connectors.sdk import ConnectorError, Pending, Receipt, Record, Rejected, Settings, TemporaryError
from hub.outages import GONE
from hub.runs.ledger import Settled, Write
from hub.runs.progress import Failure

UNEXPECTED = "InternalError"

log = logging.getLogger(__name__)


class Sending(msgspec.Struct, kw_only=True):
    """One delivery to make, and how it went."""

    write: Write
    settings: Settings
    when_unknown: str = "ask"
    output: Any = None
    receipt: Receipt | None = None
    failure: Failure | None = None
    pending: Pending | None = None
    deferred: float | None = None

    @property
    def record(self) -> Record:
        """What the target is given."""
        return Record(key=self.write.key, rows=self.write.rows)


def failure_of(error: ConnectorError) -> Failure:
    """Translate a connector's error."""
    if isinstance(error, TemporaryError):
        return Failure(
            kind="TemporaryError",
            message=error.message,
            temporary=True,
            retry_after=error.retry_after,
            uncertain=error.uncertain,
        )
    return Failure(kind=error.word, message=error.message)


def unexpected(error: Exception, uses: str) -> Failure:
    """Translate whatever a connector call raised; what is no connector error is logged and named as a fault of ours."""
    if isinstance(error, ConnectorError):
        return failure_of(error)
    if isinstance(error, TimeoutError):
        return Failure(kind="TemporaryError", message=f"{uses} took too long.", temporary=True, uncertain=True)
    if isinstance(error, GONE):
        raise error
    log.error("%s failed in an unexpected way", uses, exc_info=error)
    return Failure(
        kind=UNEXPECTED, message=f"{uses} failed in an unexpected way; the hub's log says more.", uncertain=True
    )


def take(sending: Sending, answer: Any) -> None:
    """Leave a target's answer in its sending."""
    if isinstance(answer, Receipt):
        sending.receipt, sending.output = answer, answer.output
    elif isinstance(answer, Pending):
        sending.pending = answer
    elif isinstance(answer, Rejected):
        sending.failure = Failure(
            kind=answer.kind,
            message=answer.message,
            temporary=answer.kind == "TemporaryError",
            retry_after=answer.retry_after,
            uncertain=answer.uncertain,
        )
    else:
        raise TypeError(f"A target returned {type(answer).__name__} in place of a receipt.")


def settled(sending: Sending) -> Settled:
    """Return how the ledger is to remember a sending."""
    key = sending.write.key
    if sending.receipt is not None:
        receipt = sending.receipt
        return Settled(
            key=key,
            state="sent",
            reference=receipt.reference,
            version=receipt.version,
            url=receipt.url,
            output=receipt.output,
            before=receipt.before,
            after=receipt.after,
        )
    if sending.pending is not None:
        return Settled(key=key, state="accepted", token=sending.pending.token, after_seconds=sending.pending.after)
    failure = sending.failure
    if failure is None:
        return Settled(key=key, state="not_attempted")
    # A request whose end is not known stays pending: the next try decides it as after a crash.
    return Settled(key=key, state="pending" if failure.uncertain else "failed", message=failure.message)
