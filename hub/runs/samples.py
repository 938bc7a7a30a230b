"""What a plan is made with: the recipe as it would run, and one item to run it on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import ConnectorError, Item, TriggerKind, fill
from hub.database import fetch_one, from_jsonb
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.members import Member
from hub.recipes import CompiledRecipe, compile_recipe, from_plain
from hub.runs.catalogue import Catalogue
from hub.runs.history import History


class Samples:
    """Finds recipe and item for a plan; reads without moving a cursor."""

    def __init__(self, catalogue: Catalogue, history: History) -> None:
        self._catalogue = catalogue
        self._history = history

    async def recipe(self, member: Member, recipe: UUID, *, draft: bool) -> tuple[CompiledRecipe, int]:
        """Return the draft, or the published version, ready to run; InvalidError names what is wrong with a draft."""
        row = await fetch_one(_DOCUMENT, member.workspace, recipe)
        if row is None:
            raise NotFoundError("There is no such recipe.")
        if row["draft"] is not None and (draft or row["active_version"] is None):
            problems = msgspec.json.decode(row["problems"], type=list[Problem])
            if problems:
                raise InvalidError("The draft cannot run yet: mend its problems first.", errors=problems)
            return compile_recipe(from_plain(from_jsonb(row["draft"]))), row["active_version"] or 0
        if row["active_version"] is None:
            raise ConflictError("The recipe has neither a draft nor a published version.")
        return (await self._catalogue.version(recipe, row["active_version"])).compiled, row["active_version"]

    async def choose(
        self, member: Member, recipe: UUID, compiled: CompiledRecipe, content: Any, item: UUID | None
    ) -> Item:
        """Return what to plan with: a stored item, given content, what the trigger reads now, or the last item."""
        if item is not None:
            row = await self._history.item_row(member, item)
            if row["recipe"] != recipe:
                raise NotFoundError("This recipe has no such item.")
            return Item(content=from_jsonb(row["content"]), title=row["title"])
        if content is not None:
            return Item(content=content, title="Sample")
        trigger = compiled.trigger.part
        if trigger.kind is TriggerKind.POLL:
            return await self._live_read(member, compiled)
        last = await fetch_one(
            "select content, title from items where recipe = $1 and workspace = $2 order by id desc limit 1",
            recipe,
            member.workspace,
        )
        if last is None:
            raise InvalidError(
                "There is no item to plan with yet. Send a sample.", errors=[Problem("item", "Give a sample item.")]
            )
        return Item(content=from_jsonb(last["content"]), title=last["title"])

    async def _live_read(self, member: Member, compiled: CompiledRecipe) -> Item:
        """Read one item for real without moving the cursor."""
        trigger = compiled.trigger
        opened = await self._catalogue.opened(member.workspace, trigger.connection)
        settings = fill(trigger.part.settings, trigger.settings.render({}))
        context = self._catalogue.contexts.make(member.workspace, opened, trigger.part.connector, settings)
        try:
            async for item in trigger.part.function(context, None):
                if item.content is not None:
                    return item  # type: ignore[no-any-return]  # triggers yield items
        except ConnectorError as error:
            raise InvalidError(error.message) from error
        raise InvalidError(
            "The trigger has nothing to read now. Give a sample item.", errors=[Problem("item", "Give a sample item.")]
        )


_DOCUMENT = """
select draft, problems, active_version from documents
where workspace = $1 and id = $2 and kind = 'recipe' and deleted_at is null"""
