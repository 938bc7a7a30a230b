"""The client itself: one hub, one key, and what can be done there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import httpx2

from hub.client.asynchronous.connection import Connection
from hub.client.asynchronous.datasets import Datasets
from hub.client.asynchronous.documents import Batches, Extractions, Files, Schemas
from hub.client.asynchronous.people import Approvals, Reviews
from hub.client.asynchronous.recipes import Items, Recipes, Runs
from hub.config import client_settings
from hub.outbox.service import Event


class AsyncPatchdeck:
    """A hub by address and API key; what is left out comes from PATCHDECK_URL and PATCHDECK_API_KEY.

    A POST bears an idempotency key, so that asking again does nothing twice; 429 and 503 are asked again when the hub
    says so, lost connections too where that is safe. Refusals are raised as the errors of `hub.client`.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        known_url, known_key = client_settings() if url is None or key is None else (url, None)
        self._connection = Connection(url or known_url, key or known_key, transport)
        self.files = Files(self._connection)
        self.extractions = Extractions(self._connection)
        self.batches = Batches(self._connection)
        self.schemas = Schemas(self._connection)
        self.recipes = Recipes(self._connection)
        self.runs = Runs(self._connection)
        self.items = Items(self._connection)
        self.reviews = Reviews(self._connection)
        self.approvals = Approvals(self._connection)
        self.datasets = Datasets(self._connection)

    def events(self, kind: str | None = None, after: str | None = None) -> AsyncIterator[Event]:
        """Follow what happens, from now on or after an event; `kind` keeps those that begin with it (`run.`)."""
        return self._connection.events(kind, after)

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
