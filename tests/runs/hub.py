"""A whole hub in this process: real services, a real worker on a real Temporal, and a sink that records."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from hub.api.hooks import HookApplication
from hub.composition import Built
from hub.database import Row, execute, fetch, fetch_one
from hub.ids import parse, show
from hub.members import Member
from hub.outages import AWAY
from hub.recipes import parse as parse_recipe
from hub.runs import Filter, ItemDetail, ItemSummary, RunSummary
from temporal.engine import TemporalEngine

PATIENCE = 120.0
_UNHELD = "select 1 where not exists (select 1 from triggers where recipe = $1 and leased_until > now())"
_RESTED = """
select 1 from triggers where recipe = $1 and leased_until is null and next_due_at > now() + interval '1 minute'"""
ENDED = ("delivered", "filtered", "dead", "cancelled")


class Published(msgspec.Struct, frozen=True):
    """A recipe that is live, and who made it."""

    id: UUID
    name: str
    token: str | None
    member: Member


class Hub:
    """What tests do with a hub: publish, post, wait, look."""

    def __init__(self, built: Built, root: Path, engine: TemporalEngine) -> None:
        self.built = built
        self.engine = engine
        self.root = root
        self.services = built.services
        self.running = built.running
        self.sweeping = asyncio.Lock()

    async def publish(self, member: Member, text: str, name: str = "orders") -> Published:
        """Apply and publish steps, or a whole spec, under a name of the member's workspace."""
        document = parse_recipe(f"apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {{name: {name}}}\n{text}")
        await self.services.recipes.apply(member, document, publish=True)
        view = await self.services.recipes.show(member, name)
        token = view.hook_url.rsplit("/", 1)[1] if view.hook_url else None
        published = Published(parse("rcp", view.id), name, token, member)
        await self._looked(published)
        return published

    async def _looked(self, recipe: Published) -> None:
        """Wait until publishing has looked for waiting items, so that it takes none that a second hub is given."""
        async with asyncio.timeout(PATIENCE):
            while recipe.id in self.running.dispatcher._draining:
                await asyncio.sleep(0.01)

    async def post(self, recipe: Published, body: Any, *, test: bool = False, **headers: str) -> httpx.Response:
        """Call the recipe's webhook with a JSON body."""
        return await self.call(f"/hooks/{'test/' if test else ''}{recipe.token}", json=body, headers=_dashed(headers))

    async def call(self, path: str, **request: Any) -> httpx.Response:
        """Call an inbound address."""
        transport = httpx.ASGITransport(app=HookApplication(self.running.hooks))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            return await client.post(path, **request)

    async def ended(self, recipe: Published, count: int = 1) -> Sequence[ItemDetail]:
        """Wait until so many items of a recipe have ended and return them all, the oldest first."""
        return await self.reached(recipe, *ENDED, count=count)

    async def reached(self, recipe: Published, *states: str, count: int = 1) -> Sequence[ItemDetail]:
        """Wait until so many items are in these states and none in others, then return them."""
        async with asyncio.timeout(PATIENCE):
            while True:
                items = await self.items(recipe)
                if len(items) >= count and all(item.state in states for item in items):
                    return [await self.item(recipe, item.id) for item in items]
                await asyncio.sleep(0.03)

    async def items(self, recipe: Published) -> Sequence[ItemSummary]:
        """Return a recipe's items, the oldest first."""
        page = await self.services.history.items(recipe.member, Filter(recipe=recipe.id, limit=500))
        return sorted(page.entries, key=lambda item: item.id)

    async def item(self, recipe: Published, item: str) -> ItemDetail:
        """Return one item with all that happened to it."""
        return await self.services.history.item(recipe.member, parse("itm", item))

    async def runs(self, recipe: Published, kind: str | None = None) -> Sequence[RunSummary]:
        """Return a recipe's runs, the newest first."""
        page = await self.services.history.list(recipe.member, Filter(recipe=recipe.id, kind=kind, limit=500))
        return page.entries

    async def runs_of(self, member: Member, kind: str) -> Sequence[RunSummary]:
        """Return a workspace's runs of a kind, the newest first."""
        return (await self.services.history.list(member, Filter(kind=kind))).entries

    async def run_ended(self, member: Member, run: str) -> RunSummary:
        """Wait for the end of a run."""
        async with asyncio.timeout(PATIENCE):
            while (found := await self.services.history.show(member, parse("run", run))).state == "running":
                await asyncio.sleep(0.03)
        return found

    async def retry(self, recipe: Published, run: RunSummary) -> int:
        """Retry what died in a run."""
        return await self.services.runs.retry(recipe.member, parse("run", run.id))

    async def set_back(self, item: ItemDetail, state: str, kind: str | None = None) -> None:
        """Put an item into a state as a crash or a race would leave it."""
        await execute(
            "update items set state = $2, reason_kind = $3, ended_at = null where id = $1",
            parse("itm", item.item.id), state, kind,
        )  # fmt: skip

    async def claimed(self, recipe: Published) -> UUID:
        """Wait until items of a recipe have been claimed into a run, and return it."""
        row = await self.until("select id from runs where recipe = $1 and state = 'running'", recipe.id)
        return UUID(str(row["id"]))

    async def lapse(self, run: UUID) -> None:
        """Let a run's lease be over, as when its worker has been gone for a while."""
        await execute("update runs set leased_until = now() where id = $1", run)

    async def hurry(self, recipe: Published) -> None:
        """Let what waits for a time go on at once; a poll under way ends first, as it would set the time again."""
        await execute("update items set due_at = now() where recipe = $1 and state = 'waiting_until'", recipe.id)
        await self.until(_UNHELD, recipe.id)
        await execute(
            "update triggers set next_due_at = now() where recipe = $1 and next_due_at is not null", recipe.id
        )
        await self.wake()

    async def rested(self, recipe: Published) -> None:
        """Wait until a recipe's trigger has polled and is not due for long."""
        await self.until(_RESTED, recipe.id)

    async def wake(self) -> None:
        """Let the scheduler look at once for what is due; a Temporal that is too busy to answer is asked again."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(ConnectionError):
                    await self.engine.schedule(0)
                    return
                await asyncio.sleep(0.03)

    async def rows(self, member: Member, dataset: str) -> Sequence[Mapping[str, Any]]:
        """Return what a dataset holds, in the order of writing; nothing when it is not there."""
        found = await fetch(
            "select r.content from dataset_rows r join datasets d on d.id = r.dataset"
            " where d.workspace = $1 and d.name = $2 order by r.id", member.workspace, dataset,
        )  # fmt: skip
        return [msgspec.json.decode(row["content"]) for row in found]

    async def trigger(self, recipe: Published) -> Row:
        """Return the row of a recipe's trigger."""
        row = await fetch_one("select * from triggers where recipe = $1", recipe.id)
        assert row is not None
        return row

    async def until(self, sql: str, *arguments: Any) -> Row:
        """Wait until a statement returns a row, and return it."""
        async with asyncio.timeout(PATIENCE):
            while (row := await fetch_one(sql, *arguments)) is None:
                await asyncio.sleep(0.03)
        return row


@asynccontextmanager
async def swept(hub: Hub, pause: float = 0.05) -> AsyncIterator[None]:
    """Sweep many times a second, so that short pauses take no longer than they say; fails as the hub's own sweep would.

    What that waits out, such as a deadlock with a run, is no failure.
    """

    async def forever() -> None:
        while True:
            async with hub.sweeping:
                with suppress(*AWAY):
                    await hub.running.sweep.once()
            await asyncio.sleep(pause)

    sweeping = asyncio.create_task(forever())
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping


def shown(item: UUID) -> str:
    """Return an item's id as the API shows it."""
    return show("itm", item)


def states(items: Sequence[ItemDetail]) -> list[str]:
    """Return the states of items."""
    return [one.item.state for one in items]


def attempts(item: ItemDetail, step: str) -> list[tuple[int, str]]:
    """Return number and state of every try of a step."""
    return [(one.attempt, one.state) for one in item.attempts if one.step == step]


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
