"""The history of extractions over REST: narrowed, compared, repeated, saved, tagged, exported, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import replace

from hub.api.downloads import CSV, csv_file
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.extraction import Choice, Extraction, Extractions, ExtractionSummary
from hub.extraction.differences import Difference
from hub.extraction.history import Selection
from hub.members import Member, Verb

OfSchema = Annotated[str | None, QueryParameter(name="schema", description="Only those made with this schema.")]
Since = Annotated[datetime | None, QueryParameter(description="Only those made at this time or later.")]
Until = Annotated[datetime | None, QueryParameter(description="Only those made before this time.")]
Status = Annotated[
    Literal["done", "failed", "preview"] | None,
    QueryParameter(description="Only those in this state; previews are left out unless they are asked for."),
]
OfEngine = Annotated[str | None, QueryParameter(name="engine", description="Only those asked of this engine.")]
Tag = Annotated[str | None, QueryParameter(description="Only those with this tag.")]
Verdict = Annotated[
    Literal["correct", "incorrect", "none"] | None, QueryParameter(description="Only those a person judged so.")
]
OfBatch = Annotated[str | None, QueryParameter(name="batch", description="Only those of this batch.")]
OfFile = Annotated[str | None, QueryParameter(name="file", description="Only those made from this file.")]
Search = Annotated[str, QueryParameter(name="q", description="Part of a file's name.")]
First = Annotated[str, QueryParameter(description="The id of one extraction.")]
Second = Annotated[str, QueryParameter(description="The id of the other.")]
WithFile = Annotated[
    bool, QueryParameter(name="with_file", description="Also delete its file where nothing else was made of it.")
]


class Repeat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do differently: what is left out stays as it was."""

    schema: str | None = None
    settings: Choice | None = None


class Tags(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tags of an extraction, all of them."""

    tags: list[str]


async def _narrowed(  # one for each way to narrow the list
    schema: OfSchema = None,
    since: Since = None,
    until: Until = None,
    status: Status = None,
    engine: OfEngine = None,
    tag: Tag = None,
    verdict: Verdict = None,
    batch: OfBatch = None,
    search: Search = "",
) -> Selection:
    """Read what the history is narrowed to, shown or downloaded."""
    return Selection(
        schema=schema, since=since, until=until, status=status, engine=engine, tag=tag, verdict=verdict, batch=batch,
        search=search,
    )  # fmt: skip


class HistoryController(Controller):
    """Look through extractions and keep them in order."""

    path = "/extractions"
    tags = ["extractions"]
    dependencies = {"wanted": Provide(_narrowed)}

    @get("/", opt={"verb": Verb.READ})
    async def list_extractions(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        wanted: NamedDependency[Selection],
        file: OfFile = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[ExtractionSummary]:
        """List extractions, newest first."""
        found = await extractions.list(member, replace(wanted, file=file, limit=limit, cursor=cursor))
        return Page(found.items, found.cursor)

    @get("/export.csv", opt={"verb": Verb.READ}, media_type=CSV)
    async def export_extractions(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        wanted: NamedDependency[Selection],
    ) -> Response[bytes]:
        """Write extractions as CSV, a row for each record; with `schema` every field has a column of its own."""
        return csv_file("extractions", await extractions.export(member, wanted))

    @get("/tags", opt={"verb": Verb.READ})
    async def list_tags(self, extractions: NamedDependency[Extractions], member: NamedDependency[Member]) -> Page[str]:
        """List the tags in use, most used first."""
        return Page(await extractions.tags(member))

    @get("/compare", opt={"verb": Verb.READ})
    async def compare_extractions(
        self, extractions: NamedDependency[Extractions], member: NamedDependency[Member], first: First, second: Second
    ) -> Page[Difference]:
        """List the fields that two extractions fill differently."""
        return Page(await extractions.compare(member, first, second))

    @get("/{extraction_id:str}/answer", opt={"verb": Verb.READ})
    async def show_answer(
        self, extractions: NamedDependency[Extractions], member: NamedDependency[Member], extraction_id: FromPath[str]
    ) -> dict[str, Any]:
        """Show what the language model answered word for word, null when none was asked."""
        return {"answer": await extractions.answer(member, extraction_id)}

    @post("/{extraction_id:str}/repeat", opt={"verb": Verb.EXTRACT})
    async def repeat_extraction(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
        data: JSONBody[Repeat],
    ) -> Response[Extraction]:
        """Extract from the same file again, with other settings or another schema; the first result stays."""
        made = await extractions.repeat(member, extraction_id, data.settings, data.schema)
        return Response(made, status_code=201, headers={"Location": f"/api/v1/extractions/{made.id}"})

    @post("/{extraction_id:str}/save", opt={"verb": Verb.EXTRACT}, status_code=200)
    async def save_extraction(
        self, extractions: NamedDependency[Extractions], member: NamedDependency[Member], extraction_id: FromPath[str]
    ) -> Extraction:
        """Keep a preview for good."""
        return await extractions.save(member, extraction_id)

    @put("/{extraction_id:str}/tags", opt={"verb": Verb.EXTRACT})
    async def tag_extraction(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
        data: JSONBody[Tags],
    ) -> Tags:
        """Replace the tags of an extraction."""
        return Tags(tags=list(await extractions.tag(member, extraction_id, data.tags)))

    @delete("/{extraction_id:str}", opt={"verb": Verb.EDIT_DATASETS})
    async def delete_extraction(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
        with_file: WithFile = False,
    ) -> None:
        """Delete an extraction."""
        await extractions.delete(member, [extraction_id], files=with_file)


CONTROLLERS = [HistoryController]
