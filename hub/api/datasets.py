"""Datasets over REST: tables in the hub, their rows, imports and exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Operation, Schema
from litestar.params import FromPath, JSONBody, QueryParameter, RawBody

from hub.api.bodies import decoded, unparsed
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.datasets import (
    ColumnFilter,
    DatasetRecord,
    DatasetRows,
    Datasets,
    DatasetSummary,
    Format,
    Imported,
    ImportedColumn,
    ImportPreview,
    NewDataset,
    RowQuery,
    RowRevision,
    Source,
    WriteMode,
)
from hub.members import Member, Verb

LARGEST_IMPORT = 100 * 1024 * 1024

Search = Annotated[str, QueryParameter(name="q", description="Part of any value, or column:value.")]
FileFormat = Annotated[Format, QueryParameter(name="format", description="How the file is written.")]
Mode = Annotated[
    WriteMode | None, QueryParameter(description="Left out: upsert where the dataset has key columns, else insert.")
]
Sheet = Annotated[str, QueryParameter(description="Which sheet of a workbook; left out: the first visible one.")]
Columns = Annotated[
    str | None,
    QueryParameter(
        description='Which columns are taken, as JSON: {"Total": {"to": "total", "type": "number"}}; left out: all.'
    ),
]
Where = Annotated[
    str | None,
    QueryParameter(description='What columns say, as JSON: [{"column": "total", "is": "at_least", "value": "9"}].'),
]
Order = Annotated[str, QueryParameter(description="A column; with a minus the other way round.")]


@dataclass
class ImportOperation(Operation):
    """An operation whose body is a file of rows."""

    def __post_init__(self) -> None:
        """Describe the body, which Litestar does not parse."""
        rows = Schema(type=OpenAPIType.STRING, description="Rows; columns by name.")
        self.request_body = unparsed({kind.media_type: rows for kind in Format})


class DatasetController(Controller):
    """Keep tables in the hub."""

    path = "/datasets"
    tags = ["datasets"]

    @get("/", opt={"verb": Verb.READ})
    async def list_datasets(
        self,
        datasets: NamedDependency[Datasets],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[DatasetSummary]:
        """List datasets by name."""
        found = await datasets.list(member, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @post("/", opt={"verb": Verb.EDIT_DATASETS})
    async def create_dataset(
        self, datasets: NamedDependency[Datasets], member: NamedDependency[Member], data: JSONBody[NewDataset]
    ) -> Response[DatasetSummary]:
        """Make an empty dataset; its columns come with its rows."""
        made = await datasets.create(member, data)
        return Response(made, status_code=201, headers={"Location": f"/api/v1/datasets/{made.id}"})

    @get("/{dataset_id:str}", opt={"verb": Verb.READ})
    async def show_dataset(
        self, datasets: NamedDependency[Datasets], member: NamedDependency[Member], dataset_id: FromPath[str]
    ) -> DatasetSummary:
        """Show a dataset by id or name."""
        return await datasets.show(member, dataset_id)

    @delete("/{dataset_id:str}", opt={"verb": Verb.EDIT_DATASETS})
    async def delete_dataset(
        self, datasets: NamedDependency[Datasets], member: NamedDependency[Member], dataset_id: FromPath[str]
    ) -> None:
        """Delete a dataset; its name becomes free."""
        await datasets.remove(member, dataset_id)

    @get("/{dataset_id:str}/records", opt={"verb": Verb.READ})
    async def list_records(
        self,
        dataset_rows: NamedDependency[DatasetRows],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        search: Search = "",
        where: Where = None,
        order: Order = "",
    ) -> Page[DatasetRecord]:
        """List rows, newest first unless ordered by a column, each with what wrote it last."""
        filters = decoded(where, "where", list[ColumnFilter]) or []
        wanted = RowQuery(filters=filters, search=search, order=order, cursor=cursor, limit=limit)
        found = await dataset_rows.list(member, dataset_id, wanted)
        return Page(found.items, found.cursor)

    @get("/{dataset_id:str}/records/{record_id:str}/revisions", opt={"verb": Verb.READ})
    async def list_revisions(
        self,
        datasets: NamedDependency[Datasets],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        record_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[RowRevision]:
        """List a row's changes, newest first, each with the run and step that made it."""
        found = await datasets.history(member, dataset_id, record_id)
        return part(found, limit, cursor, lambda one: one.revision)

    @post(
        "/{dataset_id:str}/import",
        status_code=200,
        opt={"verb": Verb.EDIT_DATASETS},
        operation_class=ImportOperation,
        request_max_body_size=LARGEST_IMPORT,
    )
    async def import_rows(
        self,
        datasets: NamedDependency[Datasets],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        body: RawBody,
        file_format: FileFormat = Format.CSV,
        mode: Mode = None,
        sheet: Sheet = "",
        columns: Columns = None,
    ) -> Imported:
        """Write the rows of a file; a dataset of that name is made when there is none."""
        mapped = decoded(columns, "columns", dict[str, ImportedColumn])
        source = Source(content=body, kind=file_format, sheet=sheet, columns=mapped)
        return await datasets.import_rows(member, dataset_id, source, mode=mode)

    @post(
        "/{dataset_id:str}/import/preview",
        status_code=200,
        opt={"verb": Verb.EDIT_DATASETS},
        operation_class=ImportOperation,
        request_max_body_size=LARGEST_IMPORT,
    )
    async def preview_import(
        self,
        datasets: NamedDependency[Datasets],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        body: RawBody,
        file_format: FileFormat = Format.CSV,
        sheet: Sheet = "",
    ) -> ImportPreview:
        """Look into a file of rows before it is imported: its columns, their types, and where they seem to belong."""
        return await datasets.preview(member, dataset_id, Source(content=body, kind=file_format, sheet=sheet))

    @get("/{dataset_id:str}/export", opt={"verb": Verb.READ}, media_type="application/octet-stream")
    async def export_rows(
        self,
        datasets: NamedDependency[Datasets],
        member: NamedDependency[Member],
        dataset_id: FromPath[str],
        file_format: FileFormat = Format.CSV,
    ) -> Response[bytes]:
        """Download all rows as a file."""
        file = await datasets.export(member, dataset_id, file_format)
        name = f"attachment; filename*=utf-8''{quote(file.name, safe='')}"
        return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": name})


CONTROLLERS = (DatasetController,)
