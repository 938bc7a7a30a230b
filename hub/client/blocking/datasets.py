"""Tables inside the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.client.blocking.connection import Connection
from hub.client.exchange import JSON
from hub.datasets.views import DatasetRecord, DatasetSummary, Imported, NewDataset, RowRevision


class Datasets:
    """Keeps rows; runs and people write them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Iterator[DatasetSummary]:
        """Yield the datasets by name."""
        return self._connection.pages(DatasetSummary, "datasets")

    def show(self, dataset: str) -> DatasetSummary:
        """Return a dataset by id or name."""
        return self._connection.ask(DatasetSummary, "GET", f"datasets/{dataset}")

    def create(self, dataset: NewDataset) -> DatasetSummary:
        """Make an empty dataset."""
        return self._connection.ask(DatasetSummary, "POST", "datasets", body=dataset)

    def records(self, dataset: str, search: str | None = None) -> Iterator[DatasetRecord]:
        """Yield the rows, the newest first."""
        return self._connection.pages(DatasetRecord, f"datasets/{dataset}/records", search=search)

    def revisions(self, dataset: str, record: str) -> Iterator[RowRevision]:
        """Yield a row's changes, the newest first."""
        return self._connection.pages(RowRevision, f"datasets/{dataset}/records/{record}/revisions")

    def write(self, dataset: str, rows: Sequence[Mapping[str, Any]], *, mode: str | None = None) -> Imported:
        """Write rows; without a mode those with a known key change the row that has it."""
        return self._connection.ask(
            Imported, "POST", f"datasets/{dataset}/import", query={"format": "json", "mode": mode}, body=rows, kind=JSON
        )

    def export(self, dataset: str, form: str = "csv") -> bytes:
        """Return all rows as a file: `csv`, `json`, `jsonl` or `xlsx`."""
        return self._connection.content("GET", f"datasets/{dataset}/export", query={"format": form})

    def delete(self, dataset: str) -> None:
        """Delete a dataset with its rows."""
        self._connection.content("DELETE", f"datasets/{dataset}")
