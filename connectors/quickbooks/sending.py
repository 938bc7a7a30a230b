"""What is asked of the books, one by one under a request's own id, or gathered into batches of thirty."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from connectors.quickbooks.connection import call, encoded, post, shaped
from connectors.quickbooks.faults import refusal
from connectors.quickbooks.query import Found, ask, records_of
from connectors.sdk import ConnectorError, Context, TemporaryError

T = TypeVar("T")

MOST_TOGETHER = 30


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to ask or to write: a statement for a query, else what is written."""

    does: Literal["query", "create", "update", "delete", "void"]
    thing: str
    statement: str = ""
    body: Mapping[str, Any] = {}


Sender = Callable[[Operation], Awaitable[list[Found]]]


def request_id(key: str, *parts: Any) -> str:
    """Return an id under which QuickBooks does the same request once; what differs gets another."""
    digest = hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16)
    for part in parts:
        digest.update(b"\0" + encoded(part))
    return digest.hexdigest()


class Single:
    """Sends each operation by itself; `key` makes a write happen once, '' leaves it without an id."""

    def __init__(self, context: Context[Any, Any], key: str = "") -> None:
        self._context = context
        self._key = key

    async def send(self, operation: Operation) -> list[Found]:
        """Return the records that were found, or the one that was written."""
        if operation.does == "query":
            return await ask(self._context, operation.thing, operation.statement)
        params: dict[str, str] = {"operation": operation.does} if operation.does in {"delete", "void"} else {}
        if self._key:
            params["requestid"] = request_id(self._key, operation.does, operation.body)
        answer = await post(self._context, operation.thing.lower(), operation.body, params)
        return [written(answer, operation.thing)]


class Batch:
    """Gathers what writers side by side ask, and sends it once all of them wait.

    `failure` is why a whole request came to nothing. Queries and writes go apart: a request with an id is answered as
    before when it comes again, and no query may be.
    """

    def __init__(self, context: Context[Any, Any], key: str, writers: int) -> None:
        self._context = context
        self._key = key
        self._writers = writers
        self._waiting: list[tuple[Operation, asyncio.Future[list[Found]]]] = []
        self.failure: ConnectorError | None = None

    async def send(self, operation: Operation) -> list[Found]:
        """Wait until it was sent with others, and return the records that were found or written."""
        future: asyncio.Future[list[Found]] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, future))
        await self._send_when_all_wait()
        return await future

    async def run(self, writer: Awaitable[T]) -> T | ConnectorError:
        """Return what one of the writers comes to; its failure is its own."""
        try:
            return await writer
        except ConnectorError as error:
            return error
        finally:
            self._writers -= 1
            await self._send_when_all_wait()

    async def _send_when_all_wait(self) -> None:
        if not self._waiting or len(self._waiting) < self._writers:
            return
        waiting, self._waiting = self._waiting, []
        for writes in (False, True):
            together = [one for one in waiting if (one[0].does != "query") == writes]
            if together:
                await self._send(together, writes=writes)

    async def _send(self, together: Sequence[tuple[Operation, asyncio.Future[list[Found]]]], *, writes: bool) -> None:
        items = [_item(number, operation) for number, (operation, _) in enumerate(together)]
        params = {"requestid": request_id(self._key, items)} if writes and self._key else {}
        try:
            answers = _by_number(await post(self._context, "batch", {"BatchItemRequest": items}, params))
        except ConnectorError as error:
            self.failure = error
            for _, future in together:
                future.set_exception(error)
            return
        for number, (operation, future) in enumerate(together):
            _settle(future, operation, answers.get(str(number)))


def written(answer: Any, thing: str) -> Found:
    """Return the record that an answer to a write tells."""
    found = answer.get(thing) if isinstance(answer, Mapping) else None
    if not isinstance(found, Mapping) or not found.get("Id"):
        raise TemporaryError(f"QuickBooks answered a write without the {thing.lower()}.", uncertain=True)
    return found


async def company_name(context: Context[Any, Any]) -> str:
    """Return the name of the connection's company."""
    found = shaped(await call(context, "GET", f"companyinfo/{context.connection.company_id}"), _Company)
    return found.company.name


class _Named(msgspec.Struct):
    name: str = msgspec.field(default="", name="CompanyName")


class _Company(msgspec.Struct):
    company: _Named = msgspec.field(name="CompanyInfo")


class _Answers(msgspec.Struct):
    items: list[dict[str, Any]] = msgspec.field(name="BatchItemResponse")


def _item(number: int, operation: Operation) -> dict[str, Any]:
    if operation.does == "query":
        return {"bId": str(number), "Query": operation.statement}
    return {"bId": str(number), "operation": operation.does, operation.thing: operation.body}


def _by_number(answer: Any) -> dict[str, Mapping[str, Any]]:
    return {str(item.get("bId")): item for item in shaped(answer, _Answers).items}


def _settle(future: asyncio.Future[list[Found]], operation: Operation, answer: Mapping[str, Any] | None) -> None:
    """Hand one writer its part of the answer."""
    try:
        if answer is None:
            raise TemporaryError("QuickBooks left a part of a batch without an answer.", uncertain=True)
        refused = refusal(answer)
        if refused is not None:
            raise refused
        if operation.does == "query":
            future.set_result(records_of(answer, operation.thing))
        else:
            future.set_result([written(answer, operation.thing)])
    except ConnectorError as error:
        future.set_exception(error)
