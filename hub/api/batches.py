"""Batches over REST: many files extracted at once, watched, stopped, compared."""

from __future__ import annotations

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.extraction.batches.service import Batches
from hub.extraction.batches.shapes import Batch, BatchFile, FileDifferences, NewBatch
from hub.members import Member, Verb


class BatchController(Controller):
    """Extract many files."""

    path = "/batches"
    tags = ["extractions"]

    @get("/", opt={"verb": Verb.READ})
    async def list_batches(
        self,
        batches: NamedDependency[Batches],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[Batch]:
        """List batches, newest first, with how far they are."""
        found = await batches.list(member, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @post("/", opt={"verb": Verb.EXTRACT}, status_code=202)
    async def create_batch(
        self, batches: NamedDependency[Batches], member: NamedDependency[Member], data: JSONBody[NewBatch]
    ) -> Response[Batch]:
        """Take stored files to be extracted; `against` compares two ways of extracting them."""
        made = await batches.create(member, data)
        return Response(made, status_code=202, headers={"Location": f"/api/v1/batches/{made.id}"})

    @get("/{batch_id:str}", opt={"verb": Verb.READ})
    async def show_batch(
        self, batches: NamedDependency[Batches], member: NamedDependency[Member], batch_id: FromPath[str]
    ) -> Batch:
        """Show how far a batch is."""
        return await batches.find(member, batch_id)

    @get("/{batch_id:str}/files", opt={"verb": Verb.READ})
    async def list_batch_files(
        self,
        batches: NamedDependency[Batches],
        member: NamedDependency[Member],
        batch_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[BatchFile]:
        """List the files of a batch, each with what was made of it or why it failed."""
        found = await batches.files(member, batch_id, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @get("/{batch_id:str}/differences", opt={"verb": Verb.READ})
    async def compare_batches(
        self, batches: NamedDependency[Batches], member: NamedDependency[Member], batch_id: FromPath[str]
    ) -> Page[FileDifferences]:
        """List the fields that this batch and the one beside it fill differently, file by file."""
        return Page(await batches.compare(member, batch_id))

    @post("/{batch_id:str}/cancel", opt={"verb": Verb.EXTRACT}, status_code=200)
    async def cancel_batch(
        self, batches: NamedDependency[Batches], member: NamedDependency[Member], batch_id: FromPath[str]
    ) -> Batch:
        """Stop a batch; results that are there stay."""
        return await batches.cancel(member, batch_id)

    @post("/{batch_id:str}/retry", opt={"verb": Verb.EXTRACT}, status_code=202)
    async def retry_batch(
        self, batches: NamedDependency[Batches], member: NamedDependency[Member], batch_id: FromPath[str]
    ) -> Batch:
        """Try the failed files again."""
        return await batches.retry(member, batch_id)


CONTROLLERS = [BatchController]
