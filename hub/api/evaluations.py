"""Trust over REST: how far confidences keep their word, and the golden sets that versions of schemas must pass."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.extraction.confidence.calibrations import Calibrations, ReliabilityReport
from hub.extraction.golden.kept import GoldenReport, GoldenSet, GoldenSettings
from hub.extraction.golden.service import Addition, Golden
from hub.members import Member, Verb

OfSchema = Annotated[str | None, QueryParameter(name="schema", description="Only values of this schema.")]


class EvaluationController(Controller):
    """Tell how far extractions can be trusted."""

    path = "/evaluations"
    tags = ["evaluations"]

    @get("/reliability", opt={"verb": Verb.READ})
    async def show_reliability(
        self, calibrations: NamedDependency[Calibrations], member: NamedDependency[Member], schema: OfSchema = None
    ) -> ReliabilityReport:
        """Compare confidences with what people found right: bins, ECE, Brier score, errors per 1,000 fields."""
        return await calibrations.report(member, schema)


class GoldenController(Controller):
    """Keep the golden set of a schema."""

    path = "/schemas/{schema_id:str}/golden"
    tags = ["schemas"]

    @get("/", opt={"verb": Verb.READ})
    async def show_golden(
        self, golden: NamedDependency[Golden], member: NamedDependency[Member], schema_id: FromPath[str]
    ) -> GoldenSet:
        """Show the documents, what versions must reach on them, and the last check."""
        return await golden.find(member, schema_id)

    @put("/", opt={"verb": Verb.EDIT_SCHEMAS})
    async def set_golden(
        self,
        golden: NamedDependency[Golden],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        data: JSONBody[GoldenSettings],
    ) -> GoldenSet:
        """Say what share of fields must be right, and whether a version is held back that does not reach it."""
        return await golden.set_up(member, schema_id, data)

    @post("/documents", opt={"verb": Verb.EDIT_SCHEMAS}, status_code=200)
    async def add_golden(
        self,
        golden: NamedDependency[Golden],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        data: JSONBody[Addition],
    ) -> GoldenSet:
        """Add a stored file with its records, or an extraction whose records are right as they are."""
        return await golden.add(member, schema_id, data)

    @delete("/documents/{golden_id:str}", opt={"verb": Verb.EDIT_SCHEMAS})
    async def remove_golden(
        self,
        golden: NamedDependency[Golden],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        golden_id: FromPath[str],
    ) -> None:
        """Take a document out; its file stays."""
        await golden.remove(member, schema_id, golden_id)

    @post("/check", opt={"verb": Verb.EXTRACT}, status_code=200)
    async def check_golden(
        self, golden: NamedDependency[Golden], member: NamedDependency[Member], schema_id: FromPath[str]
    ) -> GoldenReport:
        """Extract every document with the active version and compare."""
        return await golden.try_out(member, schema_id)


CONTROLLERS = [EvaluationController, GoldenController]
