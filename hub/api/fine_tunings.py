"""Fine-tunings over REST: what there is to learn from, and the trainings made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.extraction.tuning.service import FineTunings
from hub.extraction.tuning.views import ExampleCount, FineTuning, NewFineTuning
from hub.members import Member, Verb

OfSchema = Annotated[str, QueryParameter(name="schema", description="The schema whose corrected records are meant.")]
OfPart = Annotated[
    Literal["training", "validation"], QueryParameter(name="part", description="Which of the two files.")
]


class FineTuningController(Controller):
    """Train models on corrected records."""

    path = "/fine-tunings"
    tags = ["fine-tunings"]

    @get("/", opt={"verb": Verb.READ})
    async def list_fine_tunings(
        self,
        fine_tunings: NamedDependency[FineTunings],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[FineTuning]:
        """List trainings, newest first, as they were last seen."""
        return part(await fine_tunings.list(member), limit, cursor, lambda one: one.id)

    @post("/", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def start_fine_tuning(
        self, fine_tunings: NamedDependency[FineTunings], member: NamedDependency[Member], data: JSONBody[NewFineTuning]
    ) -> Response[FineTuning]:
        """Send corrected records to a provider and start a training there."""
        started = await fine_tunings.start(member, data)
        return Response(started, status_code=202, headers={"Location": f"/api/v1/fine-tunings/{started.id}"})

    @get("/examples", opt={"verb": Verb.EXTRACT})
    async def count_examples(
        self, fine_tunings: NamedDependency[FineTunings], member: NamedDependency[Member], schema: OfSchema
    ) -> ExampleCount:
        """Tell how many corrected documents of a schema there are to learn from."""
        return await fine_tunings.count(member, schema)

    @get("/export", opt={"verb": Verb.EXTRACT}, media_type="application/jsonl")
    async def export_examples(
        self,
        fine_tunings: NamedDependency[FineTunings],
        member: NamedDependency[Member],
        schema: OfSchema,
        chosen: OfPart = "training",
    ) -> Response[bytes]:
        """Write corrected records as chat lines, split by layout, as the privacy policy lets them leave."""
        content = await fine_tunings.export(member, schema, chosen)
        headers = {"Content-Disposition": f'attachment; filename="{chosen}.jsonl"'}
        return Response(content, media_type="application/jsonl", headers=headers)

    @get("/{fine_tuning_id:str}", opt={"verb": Verb.READ})
    async def show_fine_tuning(
        self,
        fine_tunings: NamedDependency[FineTunings],
        member: NamedDependency[Member],
        fine_tuning_id: FromPath[str],
    ) -> FineTuning:
        """Show a training, after asking the provider how it is getting on."""
        return await fine_tunings.show(member, fine_tuning_id)

    @post("/{fine_tuning_id:str}/cancel", status_code=200, opt={"verb": Verb.EDIT_CONNECTIONS})
    async def cancel_fine_tuning(
        self,
        fine_tunings: NamedDependency[FineTunings],
        member: NamedDependency[Member],
        fine_tuning_id: FromPath[str],
    ) -> FineTuning:
        """Stop a training."""
        return await fine_tunings.cancel(member, fine_tuning_id)


CONTROLLERS = [FineTuningController]
