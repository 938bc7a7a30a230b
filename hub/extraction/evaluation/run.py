"""Extraction of a folder of documents whose records are known, several at a time in the jail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from hub.errors import HubError, InvalidError
from hub.extraction.engines import Engine, LocalEngine
from hub.extraction.evaluation.judge import judge
from hub.extraction.evaluation.report import DocumentRow
from hub.extraction.extract import extract_reading
from hub.extraction.readers import Readers
from hub.extraction.results import Extraction, SchemaName
from hub.extraction.schemas.fields import Schema

SUFFIX = ".expected.json"


class Expected(msgspec.Struct, frozen=True):
    """What `NAME.expected.json` holds: a schema, and the record or records of the document.

    The schema is a name, or a file beside it.
    """

    schema: str
    record: dict[str, Any] = msgspec.field(default_factory=dict)
    records: list[dict[str, Any]] = msgspec.field(default_factory=list)

    @property
    def all(self) -> list[dict[str, Any]]:
        """The records, one where only one was named."""
        return self.records or [self.record]


class Case(msgspec.Struct, frozen=True):
    """A document with what is expected of it."""

    name: str
    path: Path
    schema: Schema
    expected: Expected


class Evaluation:
    """Reads and extracts cases and judges what comes out."""

    def __init__(self, readers: Readers, engine: Engine, local: LocalEngine, *, at_once: int = 2) -> None:
        self._readers = readers
        self._engine = engine
        self._local = local
        self._places = asyncio.Semaphore(at_once)

    async def run(self, cases: Sequence[Case], progress: Callable[[], None] = lambda: None) -> list[DocumentRow]:
        """Return a row for each case in their order; one that cannot be read misses all its fields."""

        async def one(case: Case) -> DocumentRow:
            async with self._places:
                row = await self._judged(case)
            progress()
            return row

        return list(await asyncio.gather(*(one(case) for case in cases)))

    async def _judged(self, case: Case) -> DocumentRow:
        start = perf_counter()
        pages, scanned = 1, False
        try:
            reading = await self._readers.read(case.path.read_bytes(), case.path.name)
            pages, scanned = max(1, len(reading.pages)), any(page.scanned for page in reading.pages)
            read = perf_counter()
            done = await extract_reading(reading, case.schema, self._engine, file=case.path.name, local=self._local)
            made, problem = done.extraction, ""
        except (HubError, OSError) as error:
            read = perf_counter()
            made = Extraction(id="", schema=SchemaName(name=case.schema.name), status="failed")
            problem = error.message if isinstance(error, HubError) else f"The file cannot be read: {error}."
        values = judge(case.schema, case.expected.all, made)
        fields = [one for one in values if one.verdict != "absent"]
        return DocumentRow(
            document=case.name,
            schema=case.schema.name,
            fields=len(fields),
            right=sum(one.verdict == "right" for one in fields),
            invented=sum(one.verdict == "invented" for one in fields),
            wrong=[one.path for one in fields if one.verdict != "right"],
            pages=pages,
            scanned=scanned,
            read_ms=round((read - start) * 1000),
            ms=round((perf_counter() - read) * 1000),
            cost_usd=made.usage.cost_usd,
            problem=problem,
            values=fields,
        )


def cases(folder: Path, schema_named: Callable[[str], Schema]) -> list[Case]:
    """Return the documents of a folder, and of those in it, that have a NAME.expected.json beside them."""
    found = []
    for beside in sorted(folder.rglob(f"*{SUFFIX}")):
        path = Path(str(beside).removesuffix(SUFFIX))
        if path.is_file():
            expected = _expected(beside)
            schema = _schema(beside, expected.schema, schema_named)
            found.append(Case(str(path.relative_to(folder)), path, schema, expected))
    return found


def _schema(beside: Path, name: str, schema_named: Callable[[str], Schema]) -> Schema:
    near = beside.parent / name
    try:
        return schema_named(str(near) if near.suffix and near.is_file() else name)
    except HubError as error:
        raise InvalidError(f"{beside.name} names the schema {name!r}. {error.message}") from error


def _expected(path: Path) -> Expected:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Expected)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise InvalidError(f"{path.name} cannot be read: {error}. It holds a schema and a record.") from error
