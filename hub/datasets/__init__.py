"""Tables in the hub: rows with keys, every change kept with its source."""

from connectors.sdk.records.rows import WriteMode
from hub.datasets.charts import Bar, Chart, DatasetCharts, Figures
from hub.datasets.exchange import Format
from hub.datasets.imports import FileColumn, ImportedColumn, ImportPreview, Source
from hub.datasets.query import ColumnFilter, RowQuery
from hub.datasets.rows import DatasetRows, RowChange
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
    "Bar",
    "Chart",
    "Column",
    "ColumnFilter",
    "DatasetCharts",
    "DatasetPage",
    "DatasetRecord",
    "DatasetRows",
    "DatasetSummary",
    "Datasets",
    "Export",
    "Figures",
    "FileColumn",
    "Format",
    "ImportPreview",
    "Imported",
    "ImportedColumn",
    "NewDataset",
    "RecordPage",
    "RowChange",
    "RowQuery",
    "RowRevision",
    "Source",
    "WorkspaceDatasets",
    "WriteMode",
]
