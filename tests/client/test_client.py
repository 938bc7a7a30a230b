"""Every noun of the client against the real API: typed answers, pages, refusals as errors, events."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.accounts import NewKey
from hub.client import (
    AsyncPatchdeck,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    Patchdeck,
    StaleError,
    UnauthorizedError,
)
from hub.client.exchange import PAGE
from hub.composition import Services
from hub.datasets.views import NewDataset
from hub.extraction import Choice
from hub.extraction.batches.shapes import NewBatch
from hub.extraction.service import Keep
from hub.members import Member, Scope
from scripts import blocking_client
from tests.api.things import RECIPE, SCHEMA, make_things
from tests.reading.pdfs import greeting, pdf

TOTALS = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: r}
spec:
  trigger: {uses: manual.submitted}
  steps:
    - {id: note, uses: set, with: {fields: {total: "{{ trigger.total }}"}}}
"""
TEXT = "Invoice INV-17\nTotal: 12.00 EUR"


def test_the_blocking_client_is_made_of_the_asynchronous_one() -> None:
    made = blocking_client.made()
    assert {path: (blocking_client.ROOT / path).read_text() for path in made} == made


async def test_stores_and_reads_files(hub: AsyncPatchdeck, tmp_path: Path) -> None:
    path = tmp_path / "grüße & co?.pdf"
    path.write_bytes(pdf(greeting))
    stored = await hub.files.upload(path)
    large = await hub.files.store("large.bin", b"x" * 9_000_000)
    assert (stored.name, stored.media_type) == (path.name, "application/pdf")
    assert await hub.files.content(stored.id) == path.read_bytes()
    assert [one.id async for one in hub.files.list()] == [large.id, stored.id]
    await hub.files.delete(stored.id)
    assert (await hub.files.show(large.id)).size == 9_000_000


async def test_extracts(hub: AsyncPatchdeck) -> None:
    made = await hub.extractions.create("invoice", text=TEXT, settings={"engine": "local"}, tags=["spring"])
    shown = await hub.extractions.show(made.id)
    assert (shown.record["number"], shown.schema.name) == ("INV-17", "invoice")
    assert shown.fields["number"].evidence[0].text == "INV-17"


async def test_tells_of_extractions_but_not_what_they_say(
    hub: AsyncPatchdeck, services: Services, member: Member
) -> None:
    start = await services.outbox.newest()
    made = await hub.extractions.create("invoice", text=TEXT, settings={"engine": "local"})
    kept = Keep(preview=True)
    preview = await services.extractions.extract_text(member, TEXT, "invoice", Choice(engine="local"), keep=kept)
    before = [one.subject for one in await services.outbox.read(member.workspace, start)]
    await services.extractions.save(member, preview.id)
    told = await services.outbox.read(member.workspace, start)
    assert (before, [one.subject for one in told]) == ([made.id], [made.id, preview.id])
    assert {one.kind for one in told} == {"extraction.done"}
    assert (told[0].body["schema"], "INV-17" in str(told)) == ("invoice", False)


async def test_extracts_many(hub: AsyncPatchdeck) -> None:
    file = await hub.files.store("a.txt", TEXT.encode())
    batch = await hub.batches.create(NewBatch(schema="invoice", files=[file.id]))
    assert [one.file async for one in hub.batches.files(batch.id)] == [file.id]
    assert (await hub.batches.cancel(batch.id)).state == "cancelled"
    assert [one.id async for one in hub.batches.list()] == [batch.id]


async def test_keeps_schemas_under_a_revision(hub: AsyncPatchdeck) -> None:
    made = await hub.schemas.create(SCHEMA, note="first")
    saved = await hub.schemas.save(made.name, SCHEMA.replace("total", "net"), revision=made.revision)
    with pytest.raises(StaleError):
        await hub.schemas.save(made.name, SCHEMA, revision=made.revision)
    assert (saved.version, (await hub.schemas.show("s")).document["spec"]["fields"][0]["name"]) == (2, "net")
    assert {"invoice", "s"} <= {one.name async for one in hub.schemas.list()}
    await hub.schemas.delete("s")


async def test_publishes_and_runs_recipes(hub: AsyncPatchdeck) -> None:
    applied = await hub.recipes.apply(TOTALS, publish=True)
    submitted = await hub.recipes.run("r", {"total": 12}, key="one")
    again = await hub.recipes.run("r", {"total": 12}, key="one")
    assert (applied.published, submitted.duplicate, again.duplicate) == (True, False, True)
    assert submitted.item is not None
    assert (await hub.items.show(submitted.item)).item.recipe_name == "r"
    assert (await hub.recipes.pause("r")).state == "paused"
    assert [one.name async for one in hub.recipes.list()] == ["r"]
    assert [one.id async for one in hub.items.list(recipe="r")] == [submitted.item]


async def test_looks_at_what_is_there(hub: AsyncPatchdeck, services: Services, member: Member) -> None:
    things = await make_things(services, member)
    run = await hub.runs.show(things["run_id"])
    review = await hub.reviews.show(things["review_id"])
    approval = await hub.approvals.assign(things["approval_id"])
    assert (run.state, [one.id async for one in hub.runs.items(run.id)]) == ("running", [things["item_id"]])
    assert [one.id async for one in hub.runs.list(state="running")] == [run.id]
    assert [one.id async for one in hub.reviews.list()] == [review.summary.id]
    assert approval.assignee is not None
    assert await hub.runs.retry(run.id) == 1
    assert [one.id async for one in hub.datasets.records(things["dataset_id"])] == [things["record_id"]]


async def test_reads_lists_longer_than_a_page(hub: AsyncPatchdeck) -> None:
    await hub.datasets.create(NewDataset(name="numbers", key=["number"]))
    written = await hub.datasets.write("numbers", [{"number": number} for number in range(PAGE * 2 + 1)])
    found = [one.values["number"] async for one in hub.datasets.records("numbers")]
    assert (written.added, sorted(found)) == (PAGE * 2 + 1, list(range(PAGE * 2 + 1)))
    assert (await hub.datasets.export("numbers")).startswith(b"number")


async def test_raises_refusals_as_errors(hub: AsyncPatchdeck, address: str, services: Services, member: Member) -> None:
    reading = await services.keys.create(member, NewKey(name="reads", scopes=(Scope.READ,)))
    with pytest.raises(NotFoundError, match="no such"):
        await hub.files.show("fil_00000000000000000000000000")
    with pytest.raises(InvalidError) as refused:
        await hub.extractions.create("invoice", text=TEXT, settings={"engine": "guess"})
    async with AsyncPatchdeck(address, "pd_live_wrong") as stranger:
        with pytest.raises(UnauthorizedError):
            await stranger.runs.show("run_1")
    async with AsyncPatchdeck(address, reading.key) as reader:
        with pytest.raises(ForbiddenError):
            await reader.recipes.apply(RECIPE)
    assert [one.path for one in refused.value.errors] == ["settings.engine"]


async def test_follows_events(hub: AsyncPatchdeck, services: Services, member: Member) -> None:
    events = hub.events("recipe.", after=await services.outbox.newest())
    await hub.recipes.apply(TOTALS, publish=True)
    async with asyncio.timeout(60):
        found = [(await anext(events)).kind, (await anext(events)).kind]
    await events.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert found == ["recipe.created", "recipe.published"]


async def test_does_the_same_while_blocking(address: str, key: str) -> None:
    def work() -> tuple[str, list[str]]:
        with Patchdeck(address, key) as hub:
            file = hub.files.store("a.txt", TEXT.encode())
            made = hub.extractions.create("invoice", file=file.id)
            return made.record["number"], [one.id for one in hub.files.list()] + [file.id]

    number, files = await asyncio.to_thread(work)
    assert (number, len(files), len(set(files))) == ("INV-17", 2, 1)
