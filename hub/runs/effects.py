"""Deliveries: how writes reach a target through the ledger, once."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.sdk import (
    ConnectorError,
    Context,
    Receipt,
    Settings,
    SettingsError,
    Target,
    TemporaryError,
)
from hub.connections import Contexts, OpenConnection
from hub.database import transaction
from hub.runs.incoming import Storage, stored_content
from hub.runs.ledger import Destination, Entry, Ledger, Settled
from hub.runs.outcomes import UNEXPECTED, Sending, failure_of, settled, take, unexpected
from hub.runs.pace import DeferredError, Pace
from hub.runs.progress import Failure

FLUSH_AFTER = 0.05
CHUNK = 1000


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A group of sendings for one target over one connection."""

    to: Destination
    target: Target
    opened: OpenConnection | None
    concurrency: int
    timeout: float | None = None


class Effects:
    """Delivers sendings: pending first, then the call, then the receipt; a crash in between is decided, not guessed."""

    def __init__(self, ledger: Ledger, contexts: Contexts, storage: Storage, pace: Pace) -> None:
        self._ledger = ledger
        self._pace = pace
        self._storage = storage
        self._contexts = contexts

    async def deliver(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Deliver every sending once and leave its receipt or failure in it."""
        if call.target.atomic:
            await self._deliver_atomically(call, sendings)
        else:
            await self._deliver_paced(call, sendings)

    async def _deliver_paced(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Deliver in windows, as fast as the connection may be used; what would wait for long is put off."""
        many = call.target.many
        size = CHUNK if many else self._pace.window(call.opened, call.concurrency)
        for start in range(0, len(sendings), size):
            window = sendings[start : start + size]
            try:
                await self._pace.wait(call.opened, 1 if many else len(window))
            except DeferredError as error:
                for sending in sendings[start:]:
                    sending.deferred = error.pause
                return
            if many:
                await self._deliver_together(call, window)
            else:
                await self._send_window(call, await self._open(call, window))
            await self._pace.heed(
                call.opened, (sending.failure.retry_after for sending in window if sending.failure is not None)
            )

    async def _send_window(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Send a window at once; receipts are written when sixteen are there or fifty milliseconds have passed."""
        if len(sendings) == 1:
            await self._send(call, sendings[0])
            await self._settle(call, sendings)
            return
        running = {
            asyncio.create_task(self._send(call, sending), context=contextvars.Context()): sending
            for sending in sendings
        }
        waiting: set[asyncio.Task[None]] = set(running)
        try:
            while waiting:
                ended, waiting = await asyncio.wait(waiting, timeout=FLUSH_AFTER)
                await self._settle(call, [running[task] for task in ended])
                for task in ended:
                    task.result()
        finally:
            for task in waiting:
                task.cancel()

    async def _send(self, call: Call, sending: Sending) -> None:
        async def remember(token: str) -> None:
            await self._ledger.remember([sending.write.key], token)

        context = self._context(call, sending.settings, remember)
        try:
            async with asyncio.timeout(call.timeout):
                with self._contexts.health.noted(call.opened):
                    answer = await call.target.function(context, sending.record)
                take(sending, await self._filed(call, answer))
        except Exception as error:  # noqa: BLE001  # one delivery's fault must not become its whole batch's
            sending.failure = unexpected(error, call.target.uses)

    async def _answer_all(self, sendings: Sequence[Sending], call: Call, context: Context[Any, Any]) -> None:
        try:
            with self._contexts.health.noted(call.opened):
                async with asyncio.timeout(call.timeout):
                    answers = await call.target.function(context, [sending.record for sending in sendings])
        except Exception as error:  # noqa: BLE001  # one step's fault must not hold its whole run
            failure = unexpected(error, call.target.uses)
            for sending in sendings:
                sending.failure = failure
            return
        for sending, answer in zip(sendings, answers, strict=True):
            take(sending, answer)

    async def _filed(self, call: Call, answer: Any) -> Any:
        """Store files that a service answered with, and keep references in their places."""
        if not isinstance(answer, Receipt) or answer.output is None:
            return answer
        output = await stored_content(call.to.workspace, answer.output, self._storage)
        return msgspec.structs.replace(answer, output=output) if output is not answer.output else answer

    async def _deliver_together(self, call: Call, sendings: Sequence[Sending]) -> None:
        fresh = await self._open(call, sendings)
        if not fresh:
            return
        keys = [sending.write.key for sending in fresh]

        async def remember(token: str) -> None:
            await self._ledger.remember(keys, token)

        context = self._context(call, fresh[0].settings, remember)
        await self._answer_all(fresh, call, context)
        await self._settle(call, fresh)

    async def _deliver_atomically(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Write rows and ledger in one transaction, so that there is nothing in between to decide."""
        try:
            async with transaction():
                fresh = await self._open(call, sendings)
                if not fresh:
                    return
                await self._answer_all(fresh, call, self._context(call, fresh[0].settings, None))
                if any(sending.failure is not None and sending.failure.kind == UNEXPECTED for sending in fresh):
                    raise _RolledBackError
                await self._settle(call, fresh)
        except _RolledBackError:
            await self._settle(call, await self._open(call, sendings))

    async def _open(self, call: Call, sendings: Sequence[Sending]) -> list[Sending]:
        """Write sendings down as pending; those the ledger knows are answered from it or decided first."""
        known = await self._ledger.open(call.to, [sending.write for sending in sendings])
        if not known:
            return list(sendings)
        fresh = []
        for sending in sendings:
            entry = known.get(sending.write.key)
            if entry is None or await self._decide(call, sending, entry):
                fresh.append(sending)
        return fresh

    async def _decide(self, call: Call, sending: Sending, entry: Entry) -> bool:
        """Tell whether a known delivery has to be made (again); its end is asked for where it is not known."""
        if entry.state == "sent":
            sending.output, sending.receipt = entry.output, Receipt(reference=entry.reference, output=entry.output)
            return False
        if entry.state == "accepted":
            await self._check(call, sending, entry)
            return False
        found = await self._find(call, sending, entry)
        if found is not None or sending.failure is not None:
            return False
        if call.target.finder is None and not call.target.carries_key and sending.when_unknown != "resend":
            sending.failure = Failure(
                kind="Unknown",
                message="It is not known whether this was delivered before the hub stopped. Look at the service: if "
                "it is not there, replay the item and say that it may be sent again.",
                uncertain=True,
            )
            await self._ledger.settle(
                call.to.workspace, [Settled(key=sending.write.key, state="unknown", message=sending.failure.message)]
            )
            return False
        await self._ledger.reopen([sending.write.key], call.to.run)
        return True

    async def _find(self, call: Call, sending: Sending, entry: Entry) -> Receipt | None:
        """Ask the target whether a pending write happened; None: it did not, or it cannot tell."""
        if call.target.finder is None:
            return None
        context = self._context(call, sending.settings, None)
        try:
            receipt: Receipt | None = await call.target.finder(context, sending.record, entry.token)
        except ConnectorError as error:
            sending.failure = Failure(
                kind=error.word,
                message=error.message,
                temporary=isinstance(error, TemporaryError),
                uncertain=True,
            )
            return None
        if receipt is not None:
            sending.receipt, sending.output = receipt, receipt.output
            await self._ledger.settle(call.to.workspace, [settled(sending)])
        return receipt

    async def _check(self, call: Call, sending: Sending, entry: Entry) -> None:
        """Ask about long work that the service had accepted."""
        if call.target.checker is None or entry.token is None:
            sending.failure = Failure(
                kind="SettingsError", message="The service took the work, but cannot be asked about it."
            )
            return
        try:
            take(sending, await call.target.checker(self._context(call, sending.settings, None), entry.token))
        except ConnectorError as error:
            sending.failure = failure_of(error)
            if not isinstance(error, SettingsError):
                return  # that it could not be asked says nothing about the work, which stays accepted
        await self._settle(call, [sending])

    async def _settle(self, call: Call, sendings: Sequence[Sending]) -> None:
        await self._ledger.settle(call.to.workspace, [settled(sending) for sending in sendings])

    def _context(self, call: Call, settings: Settings, remember: Any) -> Context[Any, Any]:
        return self._contexts.make(call.to.workspace, call.opened, call.target.connector, settings, remember)


class _RolledBackError(Exception):
    """The target failed in a way that took the shared transaction with it."""
