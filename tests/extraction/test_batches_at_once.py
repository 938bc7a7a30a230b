"""Batches in the hands of several at once: none waits for another in a circle, none is left running for nothing."""

import asyncio

import pytest

from hub.database import execute
from hub.errors import ConflictError, TooManyError
from hub.extraction.assembly import ExtractionServices
from hub.extraction.batches import service
from hub.extraction.batches.shapes import Batch, NewBatch
from hub.files import Files
from tests.conftest import Members


@pytest.fixture(autouse=True)
async def nothing_of_others(database: str) -> None:
    """Let nothing be due that other tests have left, which had no worker."""
    await execute("update batches set state = 'cancelled', ended_at = now() where state = 'running'")


@pytest.fixture
async def given(files: Files, members: Members) -> list[str]:
    """Files that are soon done, as their content is gone: what is tried of them fails at once."""
    return [(await files.store(members.editor, f"{n}.txt", "text/plain", b"%d" % n)).id for n in range(6)]


@pytest.fixture
def gone(files: Files, members: Members, given: list[str]):
    """Take the files away, which leaves their batches as they are."""

    async def take() -> None:
        await execute("update files set deleted_at = now() where workspace = $1", members.workspace)

    return take


async def made(services: ExtractionServices, members: Members, given: list[str]) -> Batch:
    return await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))


async def test_a_batch_is_cancelled_while_its_files_are_settled(
    services: ExtractionServices, members: Members, given: list[str], gone
):
    batches = [await made(services, members, given) for _ in range(30)]
    await gone()

    async def work() -> None:
        while await services.batch_work.once():
            pass

    async def cancel(batch: Batch, later: int) -> None:
        for _ in range(later):
            await services.batches.find(members.viewer, batch.id)
        await services.batches.cancel(members.editor, batch.id)

    for batch in batches:
        await asyncio.gather(work(), work(), *(cancel(batch, later) for later in range(2, 8)))
        ended = await services.batches.find(members.viewer, batch.id)
        assert (ended.state in {"cancelled", "done"}, ended.waiting) == (True, 0)


async def test_of_several_who_try_a_batch_again_one_does_and_it_ends(
    services: ExtractionServices, members: Members, given: list[str], gone
):
    batch = await made(services, members, given)
    await gone()
    while await services.batch_work.once():
        pass

    async def again() -> None:
        await services.batches.retry(members.editor, batch.id)
        while await services.batch_work.once():
            pass

    for _ in range(5):
        came = await asyncio.gather(*(again() for _ in range(8)), return_exceptions=True)
        assert {type(one) for one in came if one is not None} <= {ConflictError}
        ended = await services.batches.find(members.viewer, batch.id)
        assert (ended.state, ended.waiting, ended.failed) == ("done", 0, 6)


async def test_batches_made_at_once_share_the_room_that_there_is(
    services: ExtractionServices, members: Members, given: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "MOST_WAITING", 18)
    came = await asyncio.gather(*(made(services, members, given) for _ in range(10)), return_exceptions=True)
    assert [type(one) for one in came if not isinstance(one, Batch)] == [TooManyError] * 7
