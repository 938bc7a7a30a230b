"""Tables inside the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from hub.client.asynchronous.connection import Connection
from hub.client.exchange import JSON
from hub.datasets.views import DatasetRecord, DatasetSummary, Imported, NewDataset, RowRevision


class Datasets:
    """Keeps rows; runs and people write them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> AsyncIterator[DatasetSummary]:
        """Yield the datasets by name."""
        return self._connection.pages(DatasetSummary, "datasets")

    async def show(self, dataset: str) -> DatasetSummary:
        """Return a dataset by id or name."""
        return await self._connection.ask(DatasetSummary, "GET", f"datasets/{dataset}")

    async def create(self, dataset: NewDataset) -> DatasetSummary:
        """Make an empty dataset."""
        return await self._connection.ask(DatasetSummary, "POST", "datasets", body=dataset)

    def records(self, dataset: str, search: str | None = None) -> AsyncIterator[DatasetRecord]:
        """Yield the rows, the newest first."""
        return self._connection.pages(DatasetRecord, f"datasets/{dataset}/records", search=search)

    def revisions(self, dataset: str, record: str) -> AsyncIterator[RowRevision]:
        """Yield a row's changes, the newest first."""
        return self._connection.pages(RowRevision, f"datasets/{dataset}/records/{record}/revisions")

    async def write(self, dataset: str, rows: Sequence[Mapping[str, Any]], *, mode: str | None = None) -> Imported:
        """Write rows; without a mode those with a known key change the row that has it."""
        return await self._connection.ask(
            Imported, "POST", f"datasets/{dataset}/import", query={"format": "json", "mode": mode}, body=rows, kind=JSON
        )

    async def export(self, dataset: str, form: str = "csv") -> bytes:
        """Return all rows as a file: `csv`, `json`, `jsonl` or `xlsx`."""
        return await self._connection.content("GET", f"datasets/{dataset}/export", query={"format": form})

    async def delete(self, dataset: str) -> None:
        """Delete a dataset with its rows."""
        await self._connection.content("DELETE", f"datasets/{dataset}")
