"""Tables in the hub: rows with keys, every change kept with its source."""

from connectors.sdk.datasets import WriteMode
from hub.datasets.exchange import Format
from hub.datasets.service import Datasets
from hub.datasets.shape import Column
from hub.datasets.views import (
    DatasetPage,
    DatasetRecord,
    DatasetSummary,
    Export,
    Imported,
    NewDataset,
    RecordPage,
    RowRevision,
)
from hub.datasets.workspace import WorkspaceDatasets

__all__ = [
    "Column",
    "DatasetPage",
    "DatasetRecord",
    "DatasetSummary",
    "Datasets",
    "Export",
    "Format",
    "Imported",
    "NewDataset",
    "RecordPage",
    "RowRevision",
    "WorkspaceDatasets",
    "WriteMode",
]
