"""Golden sets of a workspace: kept, checked, and demanded before a version of a schema is activated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import transaction
from hub.errors import ConflictError, HubError, InvalidError, Problem
from hub.extraction import store
from hub.extraction.choice import Choice
from hub.extraction.engines import EngineName
from hub.extraction.evaluation.judge import Judged, judge
from hub.extraction.evaluation.report import tally
from hub.extraction.extractor import Asked, Extractor
from hub.extraction.golden import kept
from hub.extraction.golden.kept import GoldenDocument, GoldenReport, GoldenRow, GoldenSet, GoldenSettings
from hub.extraction.readings import Readings
from hub.extraction.results import Extraction, SchemaName
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.workspace import Resolved, Schemas
from hub.extraction.sources import Given
from hub.files import Files
from hub.ids import parse, show
from hub.members import Member, Verb

MOST = 200


class Addition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document for a golden set: a file with its records, or an extraction whose records are right as they are."""

    file: str | None = None
    records: list[dict[str, Any]] | None = None
    extraction: str | None = None
    note: str = ""


class Golden:
    """Keeps golden sets and holds schemas against them."""

    def __init__(
        self, *, schemas: Schemas, readings: Readings, extractor: Extractor, files: Files, audit: Audit
    ) -> None:
        self._schemas = schemas
        self._readings = readings
        self._extractor = extractor
        self._files = files
        self._audit = audit

    async def find(self, member: Member, schema: str) -> GoldenSet:
        """Return the golden set of a schema, named by id or name."""
        member.authorize(Verb.READ)
        return await kept.found(member.workspace, await self._name(member, schema))

    async def set_up(self, member: Member, schema: str, settings: GoldenSettings) -> GoldenSet:
        """Say what share of fields must be right, and whether versions are held back that do not reach it."""
        member.authorize(Verb.EDIT_SCHEMAS)
        if not 0 < settings.threshold <= 1:
            message = "The threshold is a share, above 0 and at most 1, such as 0.95."
            raise InvalidError(message, errors=[Problem("threshold", message)])
        name = await self._name(member, schema)
        async with transaction():
            await kept.set_up(member.workspace, name, settings)
            await self._audit.record(member, "golden.set_up", name, msgspec.to_builtins(settings))
        return await kept.found(member.workspace, name)

    async def add(self, member: Member, schema: str, addition: Addition) -> GoldenSet:
        """Add a document; one whose file is in the set already gets the new records."""
        member.authorize(Verb.EDIT_SCHEMAS)
        name = await self._name(member, schema)
        file, records = await self._given(member, name, addition)
        async with transaction():
            await kept.hold(member.workspace, name)
            if await kept.count(member.workspace, name) >= MOST:
                raise InvalidError(f"A golden set has at most {MOST} documents. Take some out first.")
            identity = await kept.add(
                member.workspace, name, parse("fil", file), records, addition.note[:500], member.user
            )
            await self._audit.record(member, "golden.add", name, {"document": show(kept.PREFIX, identity)})
        return await kept.found(member.workspace, name)

    async def remove(self, member: Member, schema: str, document: str) -> None:
        """Take a document out of a golden set; its file stays."""
        member.authorize(Verb.EDIT_SCHEMAS)
        name = await self._name(member, schema)
        async with transaction():
            await kept.remove(member.workspace, name, document)
            await self._audit.record(member, "golden.remove", name, {"document": document})

    async def try_out(self, member: Member, schema: str) -> GoldenReport:
        """Check the active version of a schema and keep the report."""
        member.authorize(Verb.EXTRACT)
        resolved = await self._schemas.resolve_for(member, schema)
        return await self.check(member.workspace, resolved.schema)

    async def check(self, workspace: UUID, schema: Schema) -> GoldenReport:
        """Extract every document of the set with a schema, compare, and keep the report."""
        golden = await kept.found(workspace, schema.name)
        engine = golden.settings.engine
        judged = [await self._judged(workspace, schema, engine, one) for one in golden.documents]
        counted = tally(value for values, _ in judged for value in values)
        accuracy = round(counted.right / counted.fields, 4) if counted.fields else 1.0
        report = GoldenReport(
            passed=accuracy >= golden.settings.threshold and not any(problem for _, problem in judged),
            accuracy=accuracy,
            threshold=golden.settings.threshold,
            right=counted.right,
            fields=counted.fields,
            invented=counted.invented,
            documents=[_row(one, *outcome) for one, outcome in zip(golden.documents, judged, strict=True)],
            checked_at=datetime.now(UTC),
        )
        await kept.keep_report(workspace, schema.name, report)
        return report

    async def admit(self, workspace: UUID, schema: Schema) -> None:
        """Refuse a version that does not reach what its golden set demands; ConflictError tells the wrong values."""
        golden = await kept.found(workspace, schema.name)
        if not golden.settings.required or not golden.documents:
            return
        report = await self.check(workspace, schema)
        if not report.passed:
            raise ConflictError(
                f"This version reads {report.accuracy:.1%} of its golden set right, {report.threshold:.1%} are "
                "demanded, so that it was not activated. A version can be stored without activating it, to try it.",
                errors=_wrong(report),
            )

    async def _judged(
        self, workspace: UUID, schema: Schema, engine: EngineName, document: GoldenDocument
    ) -> tuple[list[Judged], str]:
        given = Given(name=document.name, file=document.file)
        try:
            if document.is_gone:
                raise InvalidError("The file was deleted. Add it again, or take the document out of the golden set.")
            read = await self._readings.read(workspace, given)
            asked = Asked(
                workspace=workspace, schema=Resolved(schema=schema), given=given, choice=Choice(engine=engine)
            )
            made = (await self._extractor.apply(asked, given, read)).extraction
        except HubError as error:
            nothing = Extraction(id="", schema=SchemaName(name=schema.name), status="failed")
            return judge(schema, document.records, nothing), error.message
        return judge(schema, document.records, made), ""

    async def _given(self, member: Member, name: str, addition: Addition) -> tuple[str, Sequence[dict[str, Any]]]:
        if addition.extraction:
            made = await store.find(member.workspace, addition.extraction)
            file = addition.file or made.file
            if made.schema.name.lower() != name.lower() or not file.startswith("fil_"):
                message = "Name an extraction of a stored file that was made with this schema."
                raise InvalidError(message, errors=[Problem("extraction", message)])
            await self._files.describe(member, file)
            return file, addition.records or made.records
        if not addition.file or not addition.records:
            message = "Give a file with its records, or an extraction."
            raise InvalidError(message, errors=[Problem("file", message)])
        await self._files.describe(member, addition.file)
        return addition.file, addition.records

    async def _name(self, member: Member, schema: str) -> str:
        return (await self._schemas.find(member, schema)).name


def _row(document: GoldenDocument, values: list[Judged], problem: str) -> GoldenRow:
    fields = [one for one in values if one.verdict != "absent"]
    wrong = [one for one in fields if one.verdict != "right"]
    return GoldenRow(
        id=document.id,
        name=document.name,
        right=len(fields) - len(wrong),
        fields=len(fields),
        wrong=wrong[:50],
        problem=problem,
    )


def _wrong(report: GoldenReport) -> list[Problem]:
    """Name what is wrong, a screen full of it at most."""
    found = [Problem(row.name, row.problem) for row in report.documents if row.problem]
    found += [Problem(f"{row.name}: {one.path}", _told(one)) for row in report.documents for one in row.wrong]
    return found[:50]


def _told(value: Judged) -> str:
    if value.actual is None:
        return f"Expected {value.expected!r}, found nothing."
    if value.expected is None:
        return f"Expected nothing, found {value.actual!r}."
    return f"Expected {value.expected!r}, found {value.actual!r}."
