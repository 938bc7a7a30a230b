"""Corrections kept, judged, taken back and learnt from, by several people at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hub.audit import Audit
from hub.database import fetch, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, HubError, NotFoundError
from hub.extraction import Extraction, Extractions
from hub.extraction.assembly import ExtractionServices
from hub.extraction.learning.amend import Change
from hub.extraction.learning.corrections import Corrections
from hub.extraction.learning.layouts import Layouts
from hub.ids import new_id, show
from hub.members import Member
from hub.outbox import Outbox
from tests.conftest import Members
from tests.extraction.conftest import ORDER, drawn


@pytest.fixture
def layouts(services: ExtractionServices) -> Layouts:
    return services.layouts


async def judged(members: Members, extraction: Extraction) -> dict[str, bool]:
    rows = await fetch(
        "select path, is_right, extraction from judgements where workspace = $1 order by path", members.workspace
    )
    return {row["path"]: row["is_right"] for row in rows if show("ext", row["extraction"]) == extraction.id}


async def test_history_tells_before_after_who_and_when(corrections: Corrections, members: Members, order: Extraction):
    await corrections.correct(members.editor, order.id, [Change(path="total", value=20)])
    await corrections.correct(members.admin, order.id, [Change(path="total", value=21)])
    latest, first = await corrections.history(members.viewer, order.id)
    assert (first.before, first.after, latest.before, latest.after) == (16.8, 20.0, 20.0, 21.0)
    assert (first.engine, latest.engine) == (order.fields["total"].engine, "person")
    assert members.editor.user is not None
    assert first.member == show("usr", members.editor.user)
    assert first.at <= latest.at


async def test_a_correction_is_audited_and_told(corrections: Corrections, members: Members, order: Extraction):
    outbox = Outbox()
    before = await outbox.newest()
    await corrections.correct(members.editor, order.id, [Change(path="total", value=20)])
    await corrections.confirm(members.editor, order.id, "correct")
    events = [(event.kind, event.subject) for event in await outbox.read(members.workspace, before)]
    entries = await Audit().entries(members.admin)
    assert events == [("extraction.corrected", order.id), ("extraction.judged", order.id)]
    assert [entry.verb for entry in entries[:2]] == ["extraction.judge", "extraction.correct"]


async def test_undoing_brings_back_the_value_its_evidence_and_its_engine(
    extractions: Extractions, corrections: Corrections, members: Members, order: Extraction
):
    await corrections.correct(members.editor, order.id, [Change(path="total", value=20)])
    (correction,) = await corrections.history(members.viewer, order.id)
    undone = await corrections.undo(members.editor, order.id, correction.id)
    assert undone.fields["total"] == order.fields["total"]
    assert (undone.record, undone.problems) == (order.record, order.problems)
    (kept,) = await corrections.history(members.viewer, order.id)
    assert kept.undone_at is not None
    assert await judged(members, order) == {}
    with pytest.raises(ConflictError, match="already"):
        await corrections.undo(members.editor, order.id, correction.id)


@pytest.mark.parametrize(
    "change",
    [
        Change(path="lines[0]", kind="remove"),
        Change(path="lines[0]", kind="add", value={"description": "Nails", "amount": 3}),
        Change(path="lines[1].amount", value=99),
    ],
)
async def test_changes_of_rows_are_undone(
    corrections: Corrections, members: Members, order: Extraction, change: Change
):
    await corrections.correct(members.editor, order.id, [change])
    (correction,) = await corrections.history(members.viewer, order.id)
    undone = await corrections.undo(members.editor, order.id, correction.id)
    assert undone.record == order.record
    assert {path: one.engine for path, one in undone.fields.items() if one.value is not None} == {
        path: one.engine for path, one in order.fields.items() if one.value is not None
    }


async def test_an_earlier_correction_waits_for_the_later_one_to_be_undone(
    corrections: Corrections, members: Members, order: Extraction
):
    await corrections.correct(members.editor, order.id, [Change(path="lines[1].amount", value=99)])
    await corrections.correct(members.editor, order.id, [Change(path="lines[0]", kind="remove")])
    later, earlier = await corrections.history(members.viewer, order.id)
    with pytest.raises(ConflictError, match=r"later correction of lines\[0\]"):
        await corrections.undo(members.editor, order.id, earlier.id)
    await corrections.undo(members.editor, order.id, later.id)
    assert (await corrections.undo(members.editor, order.id, earlier.id)).record == order.record


async def test_what_an_undone_correction_taught_is_forgotten(
    extractions: Extractions, corrections: Corrections, members: Members
):
    first, truth = await drawn(extractions, members, "unlabelled", 1)
    await corrections.correct(members.editor, first.id, [Change(path="total", value=truth["total"])])
    (correction,) = await corrections.history(members.viewer, first.id)
    await corrections.undo(members.editor, first.id, correction.id)
    second, _ = await drawn(extractions, members, "unlabelled", 2)
    assert second.fields["total"].engine != "learnt"


Call = Callable[[Corrections, Member, str], Awaitable[object]]


CALLS: dict[str, Call] = {
    "correct": lambda service, member, extraction: service.correct(member, extraction, [Change(path="total", value=1)]),
    "confirm": lambda service, member, extraction: service.confirm(member, extraction, "correct"),
    "undo": lambda service, member, extraction: service.undo(member, extraction, show("cor", new_id())),
    "history": lambda service, member, extraction: service.history(member, extraction),
}


@pytest.mark.parametrize("name", ["correct", "confirm", "undo"])
async def test_who_may_not_review_may_not_correct(
    corrections: Corrections, members: Members, order: Extraction, name: str
):
    with pytest.raises(ForbiddenError):
        await CALLS[name](corrections, members.viewer, order.id)


@pytest.mark.parametrize("name", CALLS)
async def test_another_workspace_finds_nothing(
    corrections: Corrections, members: Members, order: Extraction, name: str
):
    with pytest.raises(NotFoundError):
        await CALLS[name](corrections, members.outsider, order.id)


async def test_a_confirmed_record_says_that_untouched_fields_are_right(
    corrections: Corrections, members: Members, order: Extraction
):
    await corrections.correct(members.editor, order.id, [Change(path="number", value="A-100")])
    await corrections.confirm(members.editor, order.id, "correct")
    said = await judged(members, order)
    assert {path for path, right in said.items() if not right} == {"number"}
    assert set(said) == set(order.fields)
    row = await fetch_one(
        "select verdict, verdict_by from extractions where workspace = $1 and verdict is not null", members.workspace
    )
    assert row is not None
    assert (row["verdict"], row["verdict_by"]) == ("correct", members.editor.user)


async def test_giving_the_value_that_was_found_confirms_it(
    corrections: Corrections, members: Members, order: Extraction
):
    await corrections.correct(members.editor, order.id, [Change(path="total", value=16.8)])
    assert await judged(members, order) == {"total": True}


async def test_a_refused_record_takes_back_what_was_called_right(
    corrections: Corrections, members: Members, order: Extraction
):
    await corrections.correct(members.editor, order.id, [Change(path="number", value="A-100")])
    await corrections.confirm(members.editor, order.id, "correct")
    await corrections.confirm(members.editor, order.id, "incorrect")
    assert await judged(members, order) == {"number": False}


async def test_a_confirmed_layout_fills_what_the_rules_leave(
    extractions: Extractions, corrections: Corrections, layouts: Layouts, members: Members
):
    first, truth = await drawn(extractions, members, "behind", 1)
    single = [Change(path=path, value=value) for path, value in truth.items()]
    await corrections.correct(members.editor, first.id, single)
    await corrections.confirm(members.editor, first.id, "correct")
    (layout,) = (await layouts.list(members.viewer, schema="invoice")).items
    second, said = await drawn(extractions, members, "behind", 2)
    assert (layout.samples, second.layout) == (1, layout.id)
    assert {path: second.fields[path].value for path in said} == said


async def _corrected_in_vain(corrections: Corrections, members: Members, order: Extraction) -> None:
    async with transaction():
        await corrections.apply(members.workspace, members.editor, order.id, [Change(path="total", value=20)])
        raise ConflictError("The decision was taken already.")


async def test_a_caller_that_fails_takes_its_corrections_along(
    extractions: Extractions, corrections: Corrections, members: Members, order: Extraction
):
    with pytest.raises(ConflictError):
        await _corrected_in_vain(corrections, members, order)
    assert await extractions.find(members.viewer, order.id) == order
    assert await corrections.history(members.viewer, order.id) == []


async def test_corrections_at_the_same_time_are_all_kept(
    extractions: Extractions, corrections: Corrections, members: Members, order: Extraction
):
    changes = {"total": 20.0, "net": 15.0, "tax": 5.0, "number": "B-7", "currency": "CHF"}
    await asyncio.gather(
        *(
            corrections.correct(members.editor, order.id, [Change(path=path, value=value)])
            for path, value in changes.items()
        )
    )
    found = await extractions.find(members.viewer, order.id)
    assert {path: found.record[path] for path in changes} == changes
    assert len(await corrections.history(members.viewer, order.id)) == len(changes)


async def test_lessons_at_the_same_time_are_all_learnt(
    extractions: Extractions, corrections: Corrections, layouts: Layouts, members: Members
):
    made = [await drawn(extractions, members, "finnish", seed) for seed in range(1, 6)]
    await asyncio.gather(
        *(
            corrections.correct(members.editor, one.id, [Change(path="total", value=truth["total"])])
            for one, truth in made
        )
    )
    (layout,) = (await layouts.list(members.viewer)).items
    assert layout.samples == len(made)


async def test_corrections_of_two_extractions_in_any_order_wait_for_each_other(
    extractions: Extractions, corrections: Corrections, members: Members, order: Extraction
):
    other = await extractions.extract_text(members.editor, f"Another {ORDER}", "invoice")
    async with asyncio.timeout(60):
        await asyncio.gather(
            *(_both(corrections, members, one, then) for one, then in [(order, other), (other, order)] * 3)
        )
    assert len(await corrections.history(members.viewer, order.id)) == 6
    assert len(await corrections.history(members.viewer, other.id)) == 6


async def _both(corrections: Corrections, members: Members, one: Extraction, then: Extraction) -> None:
    async with transaction():
        await corrections.apply(members.workspace, members.editor, one.id, [Change(path="total", value=20)])
        await corrections.apply(members.workspace, members.editor, then.id, [Change(path="total", value=21)])


async def test_learnt_layouts_are_sealed_shown_and_forgotten(
    extractions: Extractions, corrections: Corrections, layouts: Layouts, members: Members
):
    first, truth = await drawn(extractions, members, "unlabelled", 1)
    await corrections.correct(members.editor, first.id, [Change(path="number", value=truth["number"])])
    row = await fetch_one("select content from learnt_layouts where workspace = $1", members.workspace)
    assert row is not None
    assert b"werkhof" not in bytes(row["content"])
    (layout,) = (await layouts.list(members.viewer)).items
    assert [(place.path, place.relation, place.label) for place in layout.places] == [("number", "below", "vorgang")]
    with pytest.raises(HubError):
        await layouts.forget(members.outsider, layout.id)
    await layouts.forget(members.editor, layout.id)
    second, _ = await drawn(extractions, members, "unlabelled", 2)
    assert ((await layouts.list(members.viewer)).items, second.layout) == ([], None)
    assert (await extractions.find(members.viewer, first.id)).layout is None
