"""Files, extractions, batches and schemas."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.client.asynchronous.connection import Connection, encoded
from hub.client.exchange import JSON, YAML, File
from hub.extraction.batches.shapes import Batch, BatchFile, NewBatch
from hub.extraction.results import Extraction
from hub.extraction.schemas.views import SchemaSummary, SchemaView
from hub.files import FileSummary

_BINARY = "application/octet-stream"


class Files:
    """Stored files."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> AsyncIterator[FileSummary]:
        """Yield the files, the newest first."""
        return self._connection.pages(FileSummary, "files")

    async def upload(self, path: Path) -> FileSummary:
        """Store a file of this machine."""
        return await self.store(path.name, path.read_bytes())

    async def store(self, name: str, content: bytes, media_type: str | None = None) -> FileSummary:
        """Store content under a name; without a media type it is told by the name."""
        kind = media_type or mimetypes.guess_type(name)[0] or _BINARY
        return await self._connection.ask(FileSummary, "POST", "files", body=File(name, content, kind))

    async def show(self, file: str) -> FileSummary:
        """Return what is known about a file."""
        return await self._connection.ask(FileSummary, "GET", f"files/{file}")

    async def content(self, file: str) -> bytes:
        """Return what a file holds."""
        return await self._connection.content("GET", f"files/{file}/content")

    async def delete(self, file: str) -> None:
        """Delete a file's content."""
        await self._connection.content("DELETE", f"files/{file}")


class Extractions:
    """Records out of documents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self,
        schema: str,
        *,
        file: str | None = None,
        text: str | None = None,
        url: str | None = None,
        settings: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
    ) -> Extraction:
        """Apply a schema to one of a stored file, a text and a page of the web.

        `settings` are those of the REST interface, such as `{"engine": "local"}`.
        """
        given = {"file": file, "text": text, "url": url, "settings": settings, "tags": tags or None}
        body = {"schema": schema, **{name: value for name, value in given.items() if value is not None}}
        return await self._connection.ask(Extraction, "POST", "extractions", body=body)

    async def show(self, extraction: str) -> Extraction:
        """Return an extraction with each field's evidence."""
        return await self._connection.ask(Extraction, "GET", f"extractions/{extraction}")


class Batches:
    """Many files at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> AsyncIterator[Batch]:
        """Yield the batches, the newest first."""
        return self._connection.pages(Batch, "batches")

    async def create(self, batch: NewBatch) -> Batch:
        """Have files extracted; workers take them one by one."""
        return await self._connection.ask(Batch, "POST", "batches", body=batch)

    async def show(self, batch: str) -> Batch:
        """Return a batch and how far it is."""
        return await self._connection.ask(Batch, "GET", f"batches/{batch}")

    def files(self, batch: str) -> AsyncIterator[BatchFile]:
        """Yield the files of a batch in their order."""
        return self._connection.pages(BatchFile, f"batches/{batch}/files")

    async def cancel(self, batch: str) -> Batch:
        """Take no more files of a batch."""
        return await self._connection.ask(Batch, "POST", f"batches/{batch}/cancel")

    async def retry(self, batch: str) -> Batch:
        """Try the files again that have failed."""
        return await self._connection.ask(Batch, "POST", f"batches/{batch}/retry")


class Schemas:
    """What extractions look for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, search: str | None = None) -> AsyncIterator[SchemaSummary]:
        """Yield the schemas: the starters, then the workspace's own."""
        return self._connection.pages(SchemaSummary, "schemas", search=search)

    async def show(self, schema: str) -> SchemaView:
        """Return a schema by id or name."""
        return await self._connection.ask(SchemaView, "GET", f"schemas/{schema}")

    async def create(self, document: Mapping[str, Any] | str, note: str = "") -> SchemaView:
        """Store a new schema, given as a mapping or as YAML."""
        return await self._connection.ask(
            SchemaView, "POST", "schemas", query={"note": note}, body=encoded(document), kind=_kind(document)
        )

    async def save(
        self, schema: str, document: Mapping[str, Any] | str, *, revision: int | None = None, note: str = ""
    ) -> SchemaView:
        """Store another version; with a revision only if nobody was faster."""
        return await self._connection.ask(
            SchemaView,
            "PUT",
            f"schemas/{schema}",
            query={"note": note},
            body=encoded(document),
            kind=_kind(document),
            revision=revision,
        )

    async def delete(self, schema: str) -> None:
        """Delete a schema; what was extracted with it stays."""
        await self._connection.content("DELETE", f"schemas/{schema}")


def _kind(document: Mapping[str, Any] | str) -> str:
    return YAML if isinstance(document, str) else JSON
