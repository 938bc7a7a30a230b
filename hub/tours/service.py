"""Tours: where each member stopped, and the steps that make their recipe, by the services everybody uses."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources

import msgspec
from msgspec import UNSET

from hub.connections import Connections
from hub.database import execute, fetch, fetch_one, struct_from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.extraction.results import Extraction
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.files import Files
from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import Recipes, from_plain
from hub.runs import Runs
from hub.tours.recipe import document, first_item
from hub.tours.state import STEPS, TourChange, TourOffer, TourState

MOST_NAMES = 50
SAMPLES = {
    "invoice": "invoice-timber-en.pdf",
    "receipt": "kassenbon-baeckerei-de.pdf",
    "purchase_order": "order-clinics-en.pdf",
    "contract": "contrat-nettoyage-fr.pdf",
    "cv": "cv-engineer-en.pdf",
    "article": "article-mill-en.html",
}
# What makes another record or another recipe of the same file, so that it is tried again.
_READ_BY = frozenset({"schema", "file"})


class Tours:
    """Leads members to a recipe of their own; nothing here is for show: what is made stays."""

    def __init__(  # noqa: PLR0913, PLR0917  # collaborators
        self,
        recipes: Recipes,
        schemas: Schemas,
        extractions: Extractions,
        files: Files,
        connections: Connections,
        runs: Runs,
        directories: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        self._recipes = recipes
        self._schemas = schemas
        self._extractions = extractions
        self._files = files
        self._connections = connections
        self._runs = runs
        self._directories = directories

    async def show(self, member: Member) -> TourState:
        """Return where the member stopped."""
        member.authorize(Verb.READ)
        row = await fetch_one(_STATE, member.workspace, member.user)
        return struct_from_jsonb(row["state"], TourState) if row else TourState()

    async def offer(self, member: Member) -> TourOffer:
        """Return what can be chosen here now; directories of the machine are for those who may make recipes of them."""
        member.authorize(Verb.EDIT_RECIPES)
        state = await self.show(member)
        mailboxes = [one.name for one in await self._connections.list(member) if one.connector == "email"]
        return TourOffer(
            directories=await self._directories(), mailboxes=mailboxes, sample=SAMPLES.get(state.schema, "")
        )

    async def change(self, member: Member, change: TourChange) -> TourState:
        """Keep a choice or a step; a choice that changes what is read forgets what was read before."""
        member.authorize(Verb.EDIT_RECIPES)
        given = {name: getattr(change, name) for name in change.__struct_fields__}
        wanted = {name: value for name, value in given.items() if value is not UNSET}

        def choose(state: TourState) -> TourState:
            chosen = msgspec.structs.replace(state, **wanted)
            return chosen if _reads_as(chosen, state) else msgspec.structs.replace(chosen, extraction="")

        return await self._keep(member, choose)

    async def restart(self, member: Member) -> TourState:
        """Begin again; what was made before stays where it is."""
        member.authorize(Verb.EDIT_RECIPES)
        return await self._keep(member, lambda _: TourState())

    async def take_sample(self, member: Member) -> TourState:
        """Store the sample document that fits the schema as the member's file to try with."""
        member.authorize(Verb.EXTRACT)
        name = SAMPLES.get((await self.show(member)).schema)
        if name is None:
            raise InvalidError("There is no sample for this schema. Try it with a file of your own.")
        content = await asyncio.to_thread((resources.files("hub.demo") / "samples" / name).read_bytes)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        stored = await self._files.store(member, name, media_type, content)
        return await self.change(member, TourChange(file=stored.id))

    async def try_out(self, member: Member) -> Extraction:
        """Extract from the file that was chosen, with the schema that was chosen; asked again it answers the same."""
        state = await self.show(member)
        if state.extraction:
            try:
                return await self._extractions.find(member, state.extraction)
            except NotFoundError:
                pass  # deleted since, so it is made again
        if not state.file:
            raise InvalidError("Choose a file first: one of yours, or the sample.")
        made = await self._extractions.extract_file(member, state.file, state.schema)

        def note(now: TourState) -> TourState:
            return msgspec.structs.replace(now, extraction=made.id) if _reads_as(now, state) else now

        await self._keep(member, note)
        return made

    async def publish(self, member: Member) -> TourState:
        """Make the recipe, publish it, and give it the file that was tried as its first item."""
        member.authorize(Verb.EDIT_RECIPES)
        state = await self.show(member)
        await self._check(member, state)
        file = await self._files.describe(member, state.file)
        async with transaction():  # of two who publish at once the second finds the recipe of the first
            held = await self._keep(member, lambda now: now)
            recipe = await self._recipe(member, msgspec.structs.replace(state, recipe=held.recipe))
            await self._keep(member, lambda now: msgspec.structs.replace(now, recipe=recipe))
        await self._recipes.publish(member, recipe, note="Made in the tour")
        given = await self._runs.submit(member, parse("rcp", recipe), first_item(state, file), title=file.name)
        done = {"item": given.item or "", "step": STEPS, "ended": True}
        return await self._keep(member, lambda now: msgspec.structs.replace(now, **done))

    async def _recipe(self, member: Member, state: TourState) -> str:
        """Return the id of the tour's recipe, made anew or changed to what is chosen now."""
        schema = build_schema((await self._schemas.find(member, state.schema)).document)
        if state.recipe:
            try:
                known = await self._recipes.show(member, state.recipe)
                return (await self._recipes.save(member, known.id, from_plain(document(state, schema, known.name)))).id
            except NotFoundError:
                state = msgspec.structs.replace(state, recipe="")
        base = f"my-{state.schema.replace('_', '-')}s"[:60]
        for number in range(1, MOST_NAMES):
            name = base if number == 1 else f"{base}-{number}"
            try:
                return (await self._recipes.create(member, from_plain(document(state, schema, name)))).id
            except ConflictError:
                continue
        raise ConflictError("There are many recipes of this name already; delete some, or start from an example.")

    async def _check(self, member: Member, state: TourState) -> None:
        """Refuse to publish while a choice is missing, with the step to go back to."""
        offer = await self.offer(member)
        problems = [
            (not state.file, "file", "Choose a file to try with."),
            (state.source == "folder" and not state.directory, "directory", "Choose the directory to watch."),
            (state.source == "email" and state.connection not in offer.mailboxes, "connection", "Choose a mailbox."),
            (state.target == "spreadsheet" and not state.place, "place", "Choose where the workbook is kept."),
        ]
        missing = [Problem(path, message) for holds, path, message in problems if holds]
        if missing:
            raise InvalidError("Something is still missing.", errors=missing)

    async def _keep(self, member: Member, become: Callable[[TourState], TourState]) -> TourState:
        """Keep what the member's tour becomes; it is as it stands now, and nobody else changes it meanwhile."""
        if member.user is None:
            raise InvalidError("A tour belongs to a person; sign in as one.")
        async with transaction():
            (row,) = await fetch(_HOLD, member.workspace, member.user, to_jsonb(TourState()))
            state = become(struct_from_jsonb(row["state"], TourState))
            await execute(_KEEP, member.workspace, member.user, to_jsonb(state))
        return state


def _reads_as(state: TourState, before: TourState) -> bool:
    """Tell whether a tour reads the same by the same schema as before."""
    return all(getattr(state, name) == getattr(before, name) for name in _READ_BY)


_STATE = 'select state from tours where workspace = $1 and "user" = $2'
_HOLD = """
insert into tours (workspace, "user", state) values ($1, $2, $3)
on conflict (workspace, "user") do update set changed_at = now() returning state"""
_KEEP = 'update tours set state = $3 where workspace = $1 and "user" = $2'
