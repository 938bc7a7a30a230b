"""Rows, columns and charts of datasets over REST: what people change by hand, and figures over all rows."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.etags import IfMatch, expected_revision, tagged
from hub.api.paging import Page
from hub.datasets import Chart, Column, DatasetCharts, DatasetRows, Figures, RowChange
from hub.datasets.charts import Measure, Unit
from hub.members import Member, Verb

By = Annotated[str, QueryParameter(description="The column of the categories or times; empty: when rows were added.")]
InUnit = Annotated[Unit, QueryParameter(description="For every value of the column, or every day, week ... of it.")]
Measured = Annotated[Measure, QueryParameter(description="What is computed.")]
Of = Annotated[str, QueryParameter(description="The column to compute with.")]


class RowValues(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cells by their columns; text is read as the column's type, null empties a cell."""

    values: dict[str, Any]


class RowsToRemove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows to take away."""

    records: list[str]


class DatasetRowController(Controller):
    """Change rows of datasets; every change can be taken back."""

    path = "/datasets/{dataset_id:str}"
    tags = ["datasets"]

    @post("/records", opt={"verb": Verb.EDIT_DATASETS})
    async def add_record(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        data: JSONBody[RowValues],
    ) -> RowChange:
        """Add one row."""
        return await dataset_rows.add(member, dataset_id, data.values)

    @patch("/records/{record_id:str}", opt={"verb": Verb.EDIT_DATASETS})
    async def change_record(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        record_id: FromPath[str],
        data: JSONBody[RowValues],
        if_match: IfMatch = None,
    ) -> Response[RowChange]:
        """Change cells of a row; what is left out stays."""
        revision = expected_revision(if_match)
        changed = await dataset_rows.change(member, dataset_id, record_id, data.values, revision=revision)
        return tagged(changed, changed.revision)

    @delete("/records/{record_id:str}", opt={"verb": Verb.EDIT_DATASETS})
    async def remove_record(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        record_id: FromPath[str],
    ) -> None:
        """Take a row away; its history stays."""
        await dataset_rows.remove(member, dataset_id, [record_id])

    @post("/remove", status_code=200, opt={"verb": Verb.EDIT_DATASETS})
    async def remove_records(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        data: JSONBody[RowsToRemove],
    ) -> Page[RowChange]:
        """Take several rows away; the revisions in the answer put them back."""
        return Page(await dataset_rows.remove(member, dataset_id, data.records))

    @post("/revisions/{number:int}/revert", status_code=200, opt={"verb": Verb.EDIT_DATASETS})
    async def revert_change(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        number: FromPath[int],
    ) -> RowChange:
        """Take one change of a row back, where the row is still as that change left it."""
        return await dataset_rows.revert(member, dataset_id, number)

    @post("/columns", opt={"verb": Verb.EDIT_DATASETS})
    async def add_column(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        data: JSONBody[Column],
    ) -> Page[Column]:
        """Give a dataset a further column: text, number, boolean, date or json."""
        return Page(await dataset_rows.add_column(member, dataset_id, data))

    @get("/figures", opt={"verb": Verb.READ})
    async def show_figures(
        self,
        dataset_charts: NamedDependency[DatasetCharts],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        by: By = "",
        unit: InUnit = "value",
        measure: Measured = "count",
        of: Of = "",
    ) -> Figures:
        """Count or sum up all rows by a category or over time."""
        return await dataset_charts.figures(member, dataset_id, Chart(by=by, unit=unit, measure=measure, of=of))

    @get("/charts", opt={"verb": Verb.READ})
    async def list_charts(
        self,
        dataset_charts: NamedDependency[DatasetCharts],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
    ) -> Page[Chart]:
        """List the charts that are kept for a dataset."""
        return Page(await dataset_charts.list(member, dataset_id))

    @put("/charts", opt={"verb": Verb.EDIT_DATASETS})
    async def keep_charts(
        self,
        dataset_charts: NamedDependency[DatasetCharts],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        data: JSONBody[list[Chart]],
    ) -> Page[Chart]:
        """Keep these charts and no others."""
        return Page(await dataset_charts.keep(member, dataset_id, data))


CONTROLLERS = (DatasetRowController,)
