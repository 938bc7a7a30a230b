"""Recipes as people keep them: drafts, versions, what runs, and what is shown of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import TriggerKind
from connectors.sdk.registry import find_trigger
from hub import source
from hub.audit import Audit
from hub.database import Row, fetch, transaction
from hub.documents import Document, Documents, Draft, Kind, compare
from hub.errors import ConflictError, InvalidError, Problem
from hub.ids import show
from hub.members import Member, Role, Verb
from hub.outbox import Outbox
from hub.recipes import triggers
from hub.recipes.alarm import Alarm, Nudge
from hub.recipes.document import RecipeDocument, from_plain, to_plain
from hub.recipes.known import SchemaNames, callers_of, known_in
from hub.recipes.listening import Listening
from hub.recipes.validate import validate
from hub.recipes.views import (
    Applied,
    Change,
    Publication,
    RecipePage,
    RecipeSummary,
    RecipeView,
)

RECIPE = Kind(name="recipe", prefix="rcp", word="recipe", edit=Verb.EDIT_RECIPES)

log = logging.getLogger(__name__)


class Recipes:
    """Keeps recipes; a draft may be wrong, what is published has passed every check."""

    def __init__(
        self,
        documents: Documents,
        audit: Audit,
        outbox: Outbox,
        public_url: str,
        schemas: SchemaNames | None = None,
        listening: Listening | None = None,
    ) -> None:
        self._documents = documents
        self._audit = audit
        self._outbox = outbox
        self._public_url = public_url.rstrip("/")
        self._schemas = schemas
        self._listening = listening
        self._alarm: Alarm | None = None
        self._nudge: Nudge | None = None

    def connect(self, alarm: Alarm, nudge: Nudge) -> None:
        """Say who is to be told when a recipe goes live; called once, where services are put together."""
        self._alarm, self._nudge = alarm, nudge

    async def list(self, member: Member, *, limit: int = 50, cursor: str | None = None, search: str = "") -> RecipePage:
        """Return recipes by name."""
        page = await self._documents.list(member, RECIPE, limit=limit, cursor=cursor, search=search)
        rows = await triggers.rows([document.id for document in page.documents])
        items = [self._summary(member, document, rows.get(document.id)) for document in page.documents]
        return RecipePage(items=items, cursor=page.cursor)

    async def show(self, member: Member, reference: str | UUID) -> RecipeView:
        """Return a recipe by its id or name."""
        return await self._view(member, await self._documents.find(member, RECIPE, reference))

    async def identify(self, member: Member, reference: str) -> UUID:
        """Return the id behind an id or a name."""
        return (await self._documents.find(member, RECIPE, reference)).id

    async def validate(self, member: Member, document: RecipeDocument, recipe: UUID | None = None) -> Sequence[Problem]:
        """Return everything that keeps a document, of a recipe that is there already, from running here."""
        member.authorize(Verb.READ)
        problems = validate(document, await known_in(member.workspace, self._schemas))
        if self._listening is None:
            return problems
        return [*problems, *await self._listening.problems(member.workspace, document, recipe)]

    async def create(self, member: Member, document: RecipeDocument, *, strict: bool = False) -> RecipeView:
        """Store a new draft; `strict` stores nothing while there are problems."""
        member.authorize(Verb.EDIT_RECIPES)
        draft = await self._draft(member, document, strict)
        async with transaction():
            made = await self._documents.create(member, RECIPE, draft)
            await triggers.register_draft(member.workspace, made.id, document)
            await self._tell(member, made.id, "created")
        return await self._view(member, made)

    async def save(
        self,
        member: Member,
        reference: str | UUID,
        document: RecipeDocument,
        *,
        revision: int | None = None,
        strict: bool = False,
    ) -> RecipeView:
        """Replace the draft; a new name must be free and the old one must not be called by other recipes."""
        member.authorize(Verb.EDIT_RECIPES)
        current = await self._documents.find(member, RECIPE, reference)
        draft = await self._draft(member, document, strict, current.id)
        async with transaction():
            saved = await self._documents.save(member, RECIPE, current.id, draft, revision=revision)
            if saved.name.lower() != current.name.lower():
                await self._check_free(member, current)
            if saved.revision != current.revision:
                await self._tell(member, current.id, "changed")
        return await self._view(member, saved)

    async def apply(
        self, member: Member, document: RecipeDocument, *, publish: bool = False, dry: bool = False, note: str = ""
    ) -> Applied:
        """Make the recipe of this name be as the document says, and tell the drift; nothing when it already is."""
        member.authorize(Verb.READ if dry else Verb.EDIT_RECIPES)
        names = await self._documents.names(member.workspace, RECIPE)
        name = document.metadata.name
        identity = names.get(name.lower())
        wanted = canonical(document)
        current = await self._documents.find(member, RECIPE, identity) if identity else None
        differences = compare(current.content if current else {}, wanted)
        change = Change.CREATED if current is None else Change.CHANGED if differences else Change.UNCHANGED
        if dry:
            return Applied(name=name, change=change, differences=differences)
        if current is None:
            view = await self.create(member, document, strict=True)
        else:
            view = await self.save(member, current.id, document, strict=True)
        published = await self.publish(member, view.name, note=note) if publish else None
        return Applied(
            name=name,
            change=change,
            differences=differences,
            version=published.version if published else view.version,
            published=published is not None and published.fresh,
            recipe=published.recipe if published else view,
        )

    async def publish(
        self, member: Member, reference: str | UUID, *, revision: int | None = None, note: str = ""
    ) -> Publication:
        """Make the draft the version that runs; a draft equal to it changes nothing."""
        member.authorize(Verb.EDIT_RECIPES)
        member.authorize(Verb.USE_CONNECTIONS)
        current = await self._documents.find(member, RECIPE, reference)
        draft = await self._draft(member, from_plain(current.content), False, current.id)
        if list(draft.problems) != current.problems:
            wanted = current.revision if revision is None else revision
            current = await self._documents.save(member, RECIPE, current.id, draft, revision=wanted)
            revision = None
        async with transaction():
            await triggers.hold(current.id)
            published = await self._documents.publish(member, RECIPE, current.id, revision=revision, note=note)
            number = published.version.number
            if published.fresh:
                before, document = await self.published(current.id), from_plain(published.version.content)
                # Once more, now that nobody else can publish, rename or delete until this is done
                await self._draft(member, document, True, current.id)
                await triggers.register_version(member.workspace, current.id, document, number, before)
                await self._tell(member, current.id, "published", version=number)
        if published.fresh:
            await self._wake(current.id)
        return Publication(version=number, fresh=published.fresh, recipe=await self.show(member, current.id))

    async def pause(self, member: Member, reference: str | UUID) -> RecipeView:
        """Keep taking items but work on none."""
        return await self._set_state(member, reference, triggers.PAUSED, "paused")

    async def resume(self, member: Member, reference: str | UUID) -> RecipeView:
        """Work on what has come meanwhile, and go on."""
        return await self._set_state(member, reference, triggers.LIVE, "resumed")

    async def remove(self, member: Member, reference: str | UUID) -> None:
        """Delete a recipe that no other one calls; what was done stays readable, what waits is cancelled."""
        member.authorize(Verb.EDIT_RECIPES)
        current = await self._documents.find(member, RECIPE, reference)
        async with transaction():
            await triggers.hold(current.id)
            await triggers.end(current.id)
            await self._documents.remove(member, RECIPE, current.id)
            await self._check_free(member, current)
            await self._tell(member, current.id, "deleted")

    async def clone(self, member: Member, reference: str | UUID, name: str) -> RecipeView:
        """Store a copy as a draft under another name, with an address of its own."""
        current = await self._documents.find(member, RECIPE, reference)
        plain = {**current.content, "metadata": {**current.content["metadata"], "name": name}}
        return await self.create(member, from_plain(plain))

    async def rotate_hook(self, member: Member, reference: str | UUID) -> RecipeView:
        """Give the webhook a new address; the old one stops within seconds."""
        member.authorize(Verb.EDIT_RECIPES)
        current = await self._documents.find(member, RECIPE, reference)
        async with transaction():
            await triggers.hold(current.id)
            await triggers.rotate(current.id)
            await self._audit.record(member, "recipe.hook_rotated", show("rcp", current.id), {"name": current.name})
        return await self.show(member, current.id)

    async def published(self, recipe: UUID) -> RecipeDocument | None:
        """Return the document that runs; for the engine, which has been allowed already."""
        rows = await fetch(
            "select v.content from triggers t"
            " join document_versions v on v.document = t.recipe and v.number = t.version where t.recipe = $1",
            recipe,
        )
        return from_plain(msgspec.json.decode(rows[0]["content"])) if rows else None

    async def _view(self, member: Member, document: Document) -> RecipeView:
        row = (await triggers.rows([document.id])).get(document.id)
        summary = self._summary(member, document, row)
        plain = {field: getattr(summary, field) for field in summary.__struct_fields__}
        test = summary.hook_url.replace("/hooks/", "/hooks/test/") if summary.hook_url else None
        return RecipeView(**plain, test_hook_url=test, document=document.content)

    def _summary(self, member: Member, document: Document, row: Row | None) -> RecipeSummary:
        uses = str(document.content["spec"]["trigger"]["uses"])
        return RecipeSummary(
            id=show("rcp", document.id),
            name=document.name,
            title=document.title,
            labels=document.labels,
            state=triggers.state_of(row),
            version=document.active_version,
            changed=document.changed,
            revision=document.revision,
            problems=document.problems,
            trigger=triggers.view_of(row, uses),
            hook_url=self._hook_url(member, row, uses),
            created_at=document.created_at,
            changed_at=document.changed_at,
        )

    def _hook_url(self, member: Member, row: Row | None, uses: str) -> str | None:
        """Return the address for those who may let others in by it: it is a secret of sorts."""
        part = find_trigger(uses)
        if row is None or row["hook_token"] is None or part is None or part.kind is not TriggerKind.WEBHOOK:
            return None
        return f"{self._public_url}/hooks/{row['hook_token']}" if member.role >= Role.EDITOR else None

    async def _draft(self, member: Member, document: RecipeDocument, strict: bool, recipe: UUID | None = None) -> Draft:
        problems = await self.validate(member, document, recipe)
        if strict and problems:
            raise InvalidError("The recipe has problems; nothing was stored.", errors=problems)
        metadata = document.metadata
        return Draft(
            name=metadata.name,
            title=metadata.title,
            labels=metadata.labels,
            content=canonical(document),
            problems=problems,
        )

    async def _set_state(self, member: Member, reference: str | UUID, state: str, word: str) -> RecipeView:
        member.authorize(Verb.EDIT_RECIPES)
        current = await self._documents.find(member, RECIPE, reference)
        if current.active_version is None:
            raise ConflictError(f"{current.name} has not been published yet, so that it cannot be {word}.")
        async with transaction():
            await triggers.hold(current.id)
            if changed := await triggers.set_state(current.id, state):
                await self._audit.record(member, f"recipe.{word}", show("rcp", current.id), {"name": current.name})
                await self._tell(member, current.id, word)
        if changed and state == triggers.LIVE:
            await self._wake(current.id)
        return await self.show(member, current.id)

    async def _check_free(self, member: Member, current: Document) -> None:
        """Refuse to take a name away that other published recipes call."""
        if callers := await callers_of(member.workspace, current.name, current.id):
            raise ConflictError(f"{current.name} is called by {', '.join(callers)}; change these recipes first.")

    async def _tell(self, member: Member, recipe: UUID, word: str, **body: Any) -> None:
        await self._outbox.publish(member.workspace, f"recipe.{word}", show("rcp", recipe), body)

    async def _wake(self, recipe: UUID) -> None:
        """Let polls and waiting items go on at once; when this fails, the sweep does it within seconds."""
        if self._nudge:
            self._nudge.nudge([recipe])
        if self._alarm:
            try:
                await self._alarm.schedule(0)
            except ConnectionError as error:
                log.warning("recipe %s goes live with the next sweep: %s", recipe, error)


def canonical(document: RecipeDocument) -> dict[str, Any]:
    """Return the plain document in the order in which it is exported, so that equal files give equal versions."""
    ordered: dict[str, Any] = source.ordered(to_plain(document))
    return ordered
