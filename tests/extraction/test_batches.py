"""Batches: many files, settled one by one, taken over from the dead, stopped, tried again, compared."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.database import execute, fetch
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from hub.extraction import Choice
from hub.extraction.assembly import ExtractionServices
from hub.extraction.batches.shapes import Batch, NewBatch
from hub.extraction.history import Selection
from hub.extraction.readers.options import Options
from hub.files import Files
from hub.ids import parse
from hub.sealing import MasterKeys, Vault, place
from tests.conftest import Members
from tests.extraction.conftest import SAMPLES

INVOICE = (SAMPLES / "invoice-timber-en.pdf").read_bytes()


@pytest.fixture(autouse=True)
async def nothing_of_others(database: str) -> None:
    """Let nothing be due that other tests have left, which had no worker."""
    await execute("update batches set state = 'cancelled', ended_at = now() where state = 'running'")


async def stored(files: Files, members: Members, *contents: bytes) -> list[str]:
    """The ids of files with these contents."""
    return [
        (await files.store(members.editor, f"{number}.pdf", "application/pdf", content)).id
        for number, content in enumerate(contents)
    ]


async def worked(services: ExtractionServices, members: Members, batch: Batch) -> Batch:
    """The batch after everything that is due was done."""
    while await services.batch_work.once():
        pass
    return await services.batches.find(members.viewer, batch.id)


async def test_a_file_that_cannot_be_read_does_not_fail_the_others(
    services: ExtractionServices, files: Files, members: Members
):
    given = await stored(files, members, INVOICE, b"%PDF-1.7 broken", INVOICE + b"\n")
    batch = await services.batches.create(
        members.editor, NewBatch(schema="invoice", files=given, title="May", tags=("may",))
    )
    ended = await worked(services, members, batch)
    listed = (await services.batches.files(members.viewer, batch.id)).items
    assert (batch.state, batch.waiting, ended.state, ended.done, ended.failed) == ("running", 3, "done", 2, 1)
    assert [one.state for one in listed] == ["done", "failed", "done"]
    assert "broken" in listed[1].message
    found = await services.extractions.list(members.viewer, Selection(batch=batch.id))
    assert {one.id for one in found.items} == {listed[0].extraction, listed[2].extraction}
    assert {tuple(one.tags) for one in found.items} == {("may",)}


async def test_a_dead_worker_s_file_is_taken_over_and_nothing_is_done_twice(
    services: ExtractionServices, files: Files, members: Members
):
    given = await stored(files, members, INVOICE)
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    ended = await worked(services, members, batch)
    # As if the worker had died between keeping the result and noting it.
    await execute(
        "update batch_files set state = 'running', extraction = null, held_until = now() - interval '1 s' "
        "where workspace = $1",
        members.workspace,
    )
    await execute("update batches set state = 'running', ended_at = null where workspace = $1", members.workspace)
    again = await worked(services, members, batch)
    rows = await fetch("select count(*) as n from extractions where workspace = $1", members.workspace)
    assert (ended.done, again.done, again.state, rows[0]["n"]) == (1, 1, "done", 1)


async def test_several_workers_share_a_batch(services: ExtractionServices, files: Files, members: Members):
    given = await stored(files, members, *(INVOICE + b"\n" * number for number in range(6)))
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    await asyncio.gather(*(services.batch_work.once() for _ in range(4)))
    ended = await worked(services, members, batch)
    tries = {one.tries for one in (await services.batches.files(members.viewer, batch.id)).items}
    assert (ended.state, ended.done, tries) == ("done", 6, {1})


async def test_a_file_that_trips_the_hub_up_stops_nothing_else(
    services: ExtractionServices, files: Files, members: Members, tmp_path: Path
):
    given = await stored(files, members, INVOICE, INVOICE + b"\n")
    read = await services.readings.of_file(members.editor, given[0])
    # What no earlier version of ours has written either.
    vault = Vault(MasterKeys.from_file(tmp_path / "master.key"))
    spoilt = await vault.seal(members.workspace, place("readings", parse("rdg", read.id), "content"), b"spoilt")
    await execute("update readings set content = $2 where id = $1", parse("rdg", read.id), spoilt)
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    ended = await worked(services, members, batch)
    listed = (await services.batches.files(members.viewer, batch.id)).items
    assert (ended.state, [one.state for one in listed]) == ("done", ["failed", "done"])
    assert "the hub's log tells more" in listed[0].message


async def test_a_large_batch_of_one_workspace_does_not_hold_up_another(
    services: ExtractionServices, files: Files, members: Members
):
    many = await stored(files, members, *(INVOICE + b"\n" * number for number in range(6)))
    first = await services.batches.create(members.editor, NewBatch(schema="invoice", files=many))
    own = (await files.store(members.outsider, "a.pdf", "application/pdf", INVOICE)).id
    second = await services.batches.create(members.outsider, NewBatch(schema="invoice", files=[own]))
    await services.batch_work.once()
    assert (await services.batches.find(members.outsider, second.id)).state == "done"
    assert (await services.batches.cancel(members.editor, first.id)).done == 1


async def test_a_file_that_ends_its_workers_fails_at_last(services: ExtractionServices, files: Files, members: Members):
    given = await stored(files, members, INVOICE)
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    # As if six workers had died over it.
    await execute(
        "update batch_files set state = 'running', tries = 6, held_until = now() - interval '1 s' where workspace = $1",
        members.workspace,
    )
    ended = await worked(services, members, batch)
    (listed,) = (await services.batches.files(members.viewer, batch.id)).items
    assert (ended.state, ended.failed) == ("done", 1)
    assert "again and again" in listed.message


async def test_more_files_than_may_wait_are_refused(services: ExtractionServices, files: Files, members: Members):
    given = await stored(files, members, INVOICE)
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    await execute(
        "insert into batch_files (batch, workspace, position, file) select batch, workspace, n, file "
        "from batch_files, generate_series(1, 19999) as n where workspace = $1",
        members.workspace,
    )
    with pytest.raises(TooManyError, match="20,000 files wait already"):
        await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    await services.batches.cancel(members.editor, batch.id)
    made = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    assert (await services.batches.cancel(members.editor, made.id)).state == "cancelled"


async def test_a_cancelled_batch_rests_and_keeps_what_it_has(
    services: ExtractionServices, files: Files, members: Members
):
    given = await stored(files, members, *(INVOICE + b"\n" * number for number in range(4)))
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    await services.batch_work.once()
    stopped = await services.batches.cancel(members.editor, batch.id)
    assert (stopped.state, stopped.done, stopped.waiting) == ("cancelled", 2, 0)
    assert not await services.batch_work.once()


async def test_failed_files_are_tried_again(services: ExtractionServices, files: Files, members: Members):
    given = await stored(files, members, b"%PDF-1.7 broken")
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    await worked(services, members, batch)
    retried = await services.batches.retry(members.editor, batch.id)
    assert (retried.state, retried.waiting) == ("running", 1)
    assert (await worked(services, members, batch)).failed == 1
    with pytest.raises(ConflictError, match="no other one beside it"):
        await services.batches.compare(members.viewer, batch.id)


async def test_two_settings_are_compared_file_by_file(services: ExtractionServices, files: Files, members: Members):
    given = await stored(files, members, INVOICE)
    asked = NewBatch(schema="invoice", files=given, against=Choice(reading=Options(pages=(5, 5))))
    batch = await services.batches.create(members.editor, asked)
    await worked(services, members, batch)
    (compared,) = await services.batches.compare(members.viewer, batch.id)
    (turned,) = await services.batches.compare(members.viewer, str(batch.against))
    total = next(one for one in compared.fields if one.path == "total")
    assert (total.first.value, total.second.value) == (1011.6, None)
    assert (turned.first, turned.second) == (compared.second, compared.first)


async def test_unknown_files_are_named_by_their_place(services: ExtractionServices, files: Files, members: Members):
    (mine,) = await stored(files, members, INVOICE)
    theirs = (await files.store(members.outsider, "a.pdf", "application/pdf", INVOICE)).id
    with pytest.raises(InvalidError) as refused:
        await services.batches.create(members.editor, NewBatch(schema="invoice", files=[mine, theirs]))
    assert [problem.path for problem in refused.value.errors] == ["files[1]"]


async def test_another_workspace_and_a_viewer_are_refused(services: ExtractionServices, files: Files, members: Members):
    given = await stored(files, members, INVOICE)
    batch = await services.batches.create(members.editor, NewBatch(schema="invoice", files=given))
    with pytest.raises(NotFoundError):
        await services.batches.find(members.outsider, batch.id)
    with pytest.raises(ForbiddenError):
        await services.batches.cancel(members.viewer, batch.id)
    assert (await services.batches.list(members.outsider)).items == []
