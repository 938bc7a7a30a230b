"""Corrections over REST: values put right, verdicts, learnt layouts and how often extractions are right."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.extraction import Extraction
from hub.extraction.learning.accuracy import Accuracy, AccuracyPoint, Grouping, Period
from hub.extraction.learning.amend import Change
from hub.extraction.learning.corrections import Corrections, Verdict
from hub.extraction.learning.hints import HintProposal, Hints
from hub.extraction.learning.kept import Correction
from hub.extraction.learning.layouts import Layouts, LayoutSummary
from hub.members import Member, Verb

OfSchema = Annotated[str | None, QueryParameter(name="schema", description="Only those of this schema.")]
By = Annotated[Grouping, QueryParameter(name="by", description="What to tell apart.")]
Each = Annotated[Period, QueryParameter(name="period", description="The length of a period.")]


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values to put right, all or none of them."""

    changes: list[Change]


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says of an extraction as a whole."""

    verdict: Verdict


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a proposed hint."""

    state: Literal["accepted", "dismissed"]


class CorrectionController(Controller):
    """Put extractions right."""

    path = "/extractions"
    tags = ["corrections"]

    @patch("/{extraction_id:str}", opt={"verb": Verb.REVIEW})
    async def correct_extraction(
        self,
        corrections: NamedDependency[Corrections],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
        data: JSONBody[Changes],
    ) -> Extraction:
        """Put values right and learn where they stand; all of the changes are made or none."""
        return await corrections.correct(member, extraction_id, data.changes)

    @post("/{extraction_id:str}/verdict", opt={"verb": Verb.REVIEW}, status_code=200)
    async def judge_extraction(
        self,
        corrections: NamedDependency[Corrections],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
        data: JSONBody[Judged],
    ) -> Extraction:
        """Mark an extraction as correct, which teaches the layout of its document, or as incorrect."""
        return await corrections.confirm(member, extraction_id, data.verdict)

    @get("/{extraction_id:str}/corrections", opt={"verb": Verb.READ})
    async def list_corrections(
        self,
        corrections: NamedDependency[Corrections],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
    ) -> Page[Correction]:
        """List what was put right, newest first: before, after, who and when."""
        return Page(await corrections.history(member, extraction_id))

    @post("/{extraction_id:str}/corrections/{correction_id:str}/undo", opt={"verb": Verb.REVIEW}, status_code=200)
    async def undo_correction(
        self,
        corrections: NamedDependency[Corrections],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
        correction_id: FromPath[str],
    ) -> Extraction:
        """Take a correction back, with what was learnt from it."""
        return await corrections.undo(member, extraction_id, correction_id)


class LayoutController(Controller):
    """See and forget learnt layouts."""

    path = "/layouts"
    tags = ["corrections"]

    @get("/", opt={"verb": Verb.READ})
    async def list_layouts(
        self,
        layouts: NamedDependency[Layouts],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        schema: OfSchema = None,
    ) -> Page[LayoutSummary]:
        """List the layouts that were learnt, newest first."""
        found = await layouts.list(member, schema=schema, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @get("/{layout_id:str}", opt={"verb": Verb.READ})
    async def show_layout(
        self, layouts: NamedDependency[Layouts], member: NamedDependency[Member], layout_id: FromPath[str]
    ) -> LayoutSummary:
        """Show a learnt layout and where its values stand."""
        return await layouts.find(member, layout_id)

    @delete("/{layout_id:str}", opt={"verb": Verb.REVIEW})
    async def forget_layout(
        self, layouts: NamedDependency[Layouts], member: NamedDependency[Member], layout_id: FromPath[str]
    ) -> None:
        """Forget a layout; its documents are read by the rules until somebody teaches it anew."""
        await layouts.forget(member, layout_id)


class AccuracyController(Controller):
    """Tell how often values are right."""

    path = "/accuracy"
    tags = ["corrections"]

    @get("/", opt={"verb": Verb.READ})
    async def show_accuracy(
        self,
        accuracy: NamedDependency[Accuracy],
        member: NamedDependency[Member],
        schema: OfSchema = None,
        by: By = "version",
        period: Each = "week",
    ) -> Page[AccuracyPoint]:
        """Show the share of values that people found right, by time and by version, engine, layout or field."""
        return Page(await accuracy.over_time(member, schema=schema, by=by, period=period))


class HintController(Controller):
    """See what corrections suggest for a schema."""

    path = "/hints"
    tags = ["corrections"]

    @get("/", opt={"verb": Verb.READ})
    async def list_hints(
        self, hints: NamedDependency[Hints], member: NamedDependency[Member], schema: OfSchema = None
    ) -> Page[HintProposal]:
        """List hints proposed for fields that are often wrong."""
        return Page(await hints.list(member, schema=schema))

    @post("/{hint_id:str}/decide", opt={"verb": Verb.EDIT_SCHEMAS}, status_code=200)
    async def decide_hint(
        self,
        hints: NamedDependency[Hints],
        member: NamedDependency[Member],
        hint_id: FromPath[str],
        data: JSONBody[Decided],
    ) -> HintProposal:
        """Put a proposed hint into the schema as a new version, or dismiss it."""
        return await hints.decide(member, hint_id, data.state)


CONTROLLERS = [CorrectionController, LayoutController, AccuracyController, HintController]
