"""What runs need of recipes, compiled once and kept: versions, triggers, hooks, and the contexts of their calls."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Context, Settings, Trigger, TriggerKind, fill
from connectors.sdk.registry import find_connector
from hub.connections import Connections, Contexts, OpenConnection
from hub.database import PATIENCE, execute, fetch_one, from_jsonb
from hub.errors import GoneError, HubError, NotFoundError, UnavailableError
from hub.files import Files
from hub.outages import GONE
from hub.recipes import CompiledRecipe, RecipeDocument, Work, compile_recipe, from_plain
from hub.runs.accept import RETRY_AFTER

HOOK_KEPT = 1.0
VERSIONS_KEPT = 2000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A published recipe's trigger, ready to fire."""

    workspace: UUID
    recipe: UUID
    version: int
    compiled: CompiledRecipe
    trigger: Trigger
    settings: Settings
    opened: OpenConnection | None


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """Where an inbound webhook leads."""

    workspace: UUID
    recipe: UUID
    version: int
    compiled: CompiledRecipe | None
    trigger: Trigger
    settings: Settings
    opened: OpenConnection | None
    responds: bool

    @property
    def connection(self) -> Settings | None:
        """What callers prove themselves with, and its service is asked with."""
        return self.opened.settings if self.opened else None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a recipe and whose it is."""

    workspace: UUID
    recipe: UUID
    number: int
    compiled: CompiledRecipe


class Shape(msgspec.Struct, frozen=True):
    """What dispatch asks of a version."""

    stage_count: int
    concurrency: int | None
    long_stages: Sequence[int]


class Catalogue:
    """Reads recipes for running them; versions never change, so that they are kept."""

    def __init__(self, connections: Connections, contexts: Contexts, files: Files) -> None:
        self.connections = connections
        self.contexts = contexts
        self.files = files
        self._versions: dict[tuple[UUID, int], Version] = {}
        self._hooks: dict[str, tuple[float, Hook]] = {}
        self._limits: dict[UUID, tuple[float, int | None]] = {}

    async def version(self, recipe: UUID, number: int) -> Version:
        """Return a published version, compiled."""
        held = self._versions.get((recipe, number))
        if held is not None:
            return held
        row = await fetch_one(
            "select workspace, content from document_versions where document = $1 and number = $2", recipe, number
        )
        if row is None:
            raise NotFoundError("This version of the recipe is not there any more.")
        compiled = compile_recipe(from_plain(from_jsonb(row["content"])))
        version = Version(workspace=row["workspace"], recipe=recipe, number=number, compiled=compiled)
        if len(self._versions) >= VERSIONS_KEPT:
            self._versions.clear()
        self._versions[recipe, number] = version
        return version

    async def shape(self, recipe: UUID, version: int) -> Shape:
        """Return how many stages a version has, and its concurrency."""
        compiled = (await self.version(recipe, version)).compiled
        long = [stage.index for stage in compiled.stages if stage.work is Work.EXTRACT]
        return Shape(max(len(compiled.stages), 1), compiled.concurrency, long)

    async def live_concurrency(self, recipe: UUID) -> int | None:
        """Return the concurrency of the live version, at most a second old."""
        held = self._limits.get(recipe)
        if held is not None and held[0] > time.monotonic():
            return held[1]
        row = await fetch_one("select version from triggers where recipe = $1", recipe)
        limit = None
        if row and row["version"]:
            # A version that cannot be compiled any more is told when its run is started.
            with contextlib.suppress(HubError):
                limit = (await self.version(recipe, row["version"])).compiled.concurrency
        self._limits[recipe] = (time.monotonic() + HOOK_KEPT, limit)
        return limit

    async def entry(self, recipe: UUID, number: int) -> Entry:
        """Return a version's trigger with its settings and connection."""
        version = await self.version(recipe, number)
        trigger = version.compiled.trigger
        opened = await self.opened(version.workspace, trigger.connection)
        return Entry(
            workspace=version.workspace,
            recipe=recipe,
            version=number,
            compiled=version.compiled,
            trigger=trigger.part,
            settings=fill(trigger.part.settings, trigger.settings.render({})),
            opened=opened,
        )

    async def hook(self, token: str, *, test: bool = False) -> Hook:
        """Return where a webhook's token leads; NotFoundError when nowhere."""
        held = None if test else self._hooks.get(token)
        if held is not None and held[0] > time.monotonic():
            return held[1]
        try:
            async with asyncio.timeout(PATIENCE):
                hook = await self._read_hook(token, test)
        except GONE as error:
            raise UnavailableError(
                "The database does not answer; nothing was stored.", retry_after=RETRY_AFTER
            ) from error
        if not test:
            if len(self._hooks) >= VERSIONS_KEPT:
                self._hooks.clear()
            self._hooks[token] = (time.monotonic() + HOOK_KEPT, hook)
        return hook

    async def heard(self, hook: Hook, items: Sequence[UUID]) -> None:
        """Stop listening for a test event: one has come, and is kept for trying things out."""
        await execute(_HEARD, hook.recipe, list(items), items[-1])

    async def opened(self, workspace: UUID, connection: str | None) -> OpenConnection | None:
        """Open a connection by name, or nothing."""
        return await self.connections.open_named(workspace, connection) if connection else None

    def context(self, entry: Entry) -> Context[Any, Any]:
        """Return the context of a trigger's call."""
        return self.contexts.make(entry.workspace, entry.opened, entry.trigger.connector, entry.settings)

    def context_of(self, hook: Hook) -> Context[Any, Any]:
        """Return the context of a webhook that must ask its service before it can tell what came."""
        return self.contexts.make(hook.workspace, hook.opened, hook.trigger.connector, hook.settings)

    async def _read_hook(self, token: str, test: bool) -> Hook:
        row = await fetch_one(_HOOK, token)
        if row is None or (row["version"] is None and not test):
            raise NotFoundError("Nothing listens here. Check the address, or publish the recipe.")
        if test and not row["listening"]:
            raise NotFoundError("Nobody listens for a test event now. Press Listen on the recipe, then send it again.")
        compiled = None if row["version"] is None else (await self.version(row["recipe"], row["version"])).compiled
        document = _document(row["draft"] if test and row["draft"] else row["content"])
        trigger = find_trigger_of(document)
        if trigger.kind is not TriggerKind.WEBHOOK:
            raise NotFoundError("Nothing listens here any more: the recipe starts in another way now.")
        opened = await self.opened(row["workspace"], document.spec.trigger.connection)
        return Hook(
            workspace=row["workspace"],
            recipe=row["recipe"],
            version=row["version"] or 0,
            compiled=compiled,
            trigger=trigger,
            settings=fill(trigger.settings, document.spec.trigger.settings),
            opened=opened,
            responds=compiled is not None and compiled.responds and row["state"] == "live",
        )


def find_trigger_of(document: RecipeDocument) -> Trigger:
    """Return the declared webhook trigger of a document."""
    name, _, part = document.spec.trigger.uses.partition(".")
    connector = find_connector(name)
    trigger = connector.triggers.get(part) if connector else None
    if trigger is None:
        raise GoneError(f"The trigger {document.spec.trigger.uses} is not there any more.")
    return trigger


def _document(content: str) -> RecipeDocument:
    plain: Mapping[str, Any] = from_jsonb(content)
    return from_plain(plain)


_HEARD = """
with heard as (
    update triggers set test_until = null where recipe = $1
),
kept as (
    update items set state = 'filtered', reason = 'It is kept for trying things out.', reason_kind = 'sample',
        ended_at = now() where id = any($2::uuid[]) and test
)
update listenings set state = 'heard', item = $3 where recipe = $1 and state = 'listening'"""
_HOOK = """
select t.workspace, t.recipe, t.version, t.state, t.test_until > now() as listening, d.draft, v.content
from triggers t join documents d on d.id = t.recipe
left join document_versions v on v.document = t.recipe and v.number = t.version
where t.hook_token = $1 and d.deleted_at is null"""
