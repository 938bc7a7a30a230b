"""Values put right by people: typed, placed and checked, on a real database."""

from __future__ import annotations

import pytest

from hub.database import fetch
from hub.errors import InvalidError
from hub.extraction import Extraction, Extractions
from hub.extraction.learning.amend import Change
from hub.extraction.learning.corrections import Corrections
from hub.extraction.learning.placing import Marked
from hub.files import Upload
from hub.ids import new_id, show
from tests.conftest import Members
from tests.extraction.conftest import ORDER, drawn
from tests.extraction.odd_layouts import draw_odd


async def test_a_second_document_of_a_corrected_layout_comes_out_right(
    extractions: Extractions, corrections: Corrections, members: Members
):
    first, truth = await drawn(extractions, members, "unlabelled", 1)
    changes = [Change(path="total", value=truth["total"]), Change(path="number", value=truth["number"])]
    corrected = await corrections.correct(members.editor, first.id, changes)
    second, said = await drawn(extractions, members, "unlabelled", 2)
    total, number = second.fields["total"], second.fields["number"]
    assert (corrected.fields["total"].engine, corrected.fields["total"].confidence) == ("person", 1.0)
    assert (total.value, total.engine) == (said["total"], "learnt")
    assert (number.value, number.engine) == (said["number"], "learnt")
    assert second.layout == corrected.layout
    assert (total.evidence[0].page, total.evidence[0].verified) == (1, True)


async def test_another_workspace_learns_nothing_of_it(
    extractions: Extractions, corrections: Corrections, members: Members
):
    first, truth = await drawn(extractions, members, "unlabelled", 1)
    await corrections.correct(members.editor, first.id, [Change(path="total", value=truth["total"])])
    content, _ = draw_odd("unlabelled", 2)
    upload = Upload(name="a.pdf", media_type="application/pdf", content=content)
    theirs = await extractions.extract_upload(members.outsider, upload, "invoice")
    assert (theirs.layout, theirs.fields["total"].engine) == (None, None)


@pytest.mark.parametrize(
    ("path", "given", "value"),
    [
        ("total", "1.234,50", 1234.5),
        ("total", 17, 17.0),
        ("issue_date", "3 February 2026", "2026-02-03"),
        ("number", "A-100", "A-100"),
        ("number", 100, "100"),
        ("currency", "€", "EUR"),
        ("supplier.name", "  Brackets & Sons ", "Brackets & Sons"),
        ("lines[0].quantity", "3", 3.0),
        ("total", None, None),
        ("total", "", None),
    ],
)
async def test_values_are_typed_by_the_schema(
    corrections: Corrections, members: Members, order: Extraction, path: str, given: object, value: object
):
    corrected = await corrections.correct(members.editor, order.id, [Change(path=path, value=given)])
    assert (corrected.fields[path].value, corrected.fields[path].engine) == (value, "person")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (Change(path="total", value="a lot"), "total"),
        (Change(path="total", value=True), "total"),
        (Change(path="total", value=float("nan")), "total"),
        (Change(path="total", value={"a": 1}), "total"),
        (Change(path="issue_date", value="2026-13-45"), "issue_date"),
        (Change(path="nothing", value=1), "nothing"),
        (Change(path="supplier", value="x"), "supplier"),
        (Change(path="total[0]", value=1), "total[0]"),
        (Change(path="lines", value=[]), "lines"),
        (Change(path="lines[0]", value={}), "lines[0]"),
        (Change(path="lines[7].amount", value=1), "lines[7].amount"),
        (Change(path="lines[99999].amount", value=1), "lines[99999].amount"),
        (Change(path="lines[9]", kind="add", value={"amount": 1}), "lines[9]"),
        (Change(path="lines[0]", kind="add", value={"colour": "red"}), "lines[0].colour"),
        (Change(path="lines[0]", kind="add", value={"amount": "a lot"}), "lines[0].amount"),
        (Change(path="lines[0]", kind="add"), "lines[0]"),
        (Change(path="lines[2]", kind="remove"), "lines[2]"),
        (Change(path="total", kind="remove"), "total"),
        (Change(path="[" * 500, value=1), "[" * 500),
        (Change(path="total", value=1, place=Marked(characters=(5, 99_999))), "total"),
        (Change(path="total", value=1, place=Marked(characters=(9, 3))), "total"),
        (Change(path="total", value=1, place=Marked(page=1, box=(0, 0, 9, 9))), "total"),
        (Change(path="total", value=1, place=Marked(page=1)), "total"),
        (Change(path="total", value=1, record=4), "record"),
        (Change(path="total", value=1e308), "total"),
        (Change(path="total", value="99999999999999999999999.00"), "total"),
    ],
)
async def test_what_does_not_fit_is_named_and_nothing_is_changed(  # fixtures
    extractions: Extractions,
    corrections: Corrections,
    members: Members,
    order: Extraction,
    change: Change,
    path: str,
):
    with pytest.raises(InvalidError) as refused:
        await corrections.correct(members.editor, order.id, [Change(path="number", value="B-2"), change])
    assert path in [problem.path for problem in refused.value.errors]
    assert await extractions.find(members.viewer, order.id) == order
    assert await corrections.history(members.viewer, order.id) == []


@pytest.mark.parametrize("count", [0, 501])
async def test_the_number_of_changes_is_bounded(
    corrections: Corrections, members: Members, order: Extraction, count: int
):
    with pytest.raises(InvalidError, match="between 1 and 500"):
        await corrections.correct(members.editor, order.id, [Change(path="total", value=1)] * count)


async def test_an_extraction_without_its_reading_can_still_be_put_right(
    corrections: Corrections, members: Members, order: Extraction
):
    await fetch("delete from readings where workspace = $1", members.workspace)
    corrected = await corrections.correct(members.editor, order.id, [Change(path="total", value="18.00")])
    assert (corrected.record["total"], corrected.fields["total"].evidence) == (18.0, ())


async def test_a_marked_place_becomes_the_evidence(corrections: Corrections, members: Members, order: Extraction):
    start = ORDER.index("16.80 and")
    place = Marked(characters=(start, start + 5))
    corrected = await corrections.correct(members.editor, order.id, [Change(path="total", value=16.8, place=place)])
    evidence = corrected.fields["total"].evidence[0]
    assert (evidence.characters, evidence.text, evidence.verified) == ((start, start + 5), "16.80", True)


async def test_a_place_that_says_something_else_is_not_verified(
    corrections: Corrections, members: Members, order: Extraction
):
    start = ORDER.index("2.80")
    place = Marked(characters=(start, start + 4))
    corrected = await corrections.correct(members.editor, order.id, [Change(path="total", value=16.8, place=place)])
    evidence = corrected.fields["total"].evidence[0]
    assert (evidence.text, evidence.verified) == ("2.80", False)


async def test_a_box_on_the_page_becomes_the_evidence(
    extractions: Extractions, corrections: Corrections, members: Members
):
    first, truth = await drawn(extractions, members, "behind", 1)
    found = await corrections.correct(members.editor, first.id, [Change(path="number", value=truth["number"])])
    left, top, right, bottom = found.fields["number"].evidence[0].box or (0, 0, 0, 0)
    marked = Marked(page=1, box=(left - 3, top - 3, right + 3, bottom + 3))
    corrected = await corrections.correct(
        members.editor, first.id, [Change(path="number", value=truth["number"], place=marked)]
    )
    assert corrected.fields["number"].evidence == found.fields["number"].evidence


async def test_a_value_that_stands_once_is_found_again(corrections: Corrections, members: Members, order: Extraction):
    corrected = await corrections.correct(members.editor, order.id, [Change(path="number", value="A-100")])
    assert corrected.fields["number"].evidence[0].characters == (6, 11)


async def test_of_several_places_the_one_at_the_label_is_taken(
    corrections: Corrections, members: Members, order: Extraction
):
    corrected = await corrections.correct(members.editor, order.id, [Change(path="total", value="16.80")])
    start = ORDER.index("16.80 EUR")
    assert corrected.fields["total"].evidence[0].characters == (start, start + 5)


async def test_a_value_that_the_document_does_not_say_has_no_evidence_and_a_note(
    corrections: Corrections, members: Members, order: Extraction
):
    corrected = await corrections.correct(members.editor, order.id, [Change(path="number", value="Z-999")])
    history = await corrections.history(members.viewer, order.id)
    assert corrected.fields["number"].evidence == ()
    assert "Mark where it stands" in history[0].note


async def test_rows_are_added_changed_and_taken_out(corrections: Corrections, members: Members, order: Extraction):
    added = Change(path="lines[1]", kind="add", value={"description": "Nails", "quantity": "7", "amount": 3})
    corrected = await corrections.correct(
        members.editor,
        order.id,
        [added, Change(path="lines[2].amount", value=5), Change(path="lines[0]", kind="remove")],
    )
    rows = corrected.record["lines"]
    assert [(row["description"], row["amount"]) for row in rows] == [("Nails", 3.0), ("Screws", 5.0)]
    assert corrected.records[0] == corrected.record
    assert corrected.fields["lines[1].description"].value == "Screws"
    assert (corrected.fields["lines[1].amount"].engine, corrected.fields["lines[0].quantity"].value) == ("person", 7.0)
    assert not any(path.startswith("lines[2]") for path in corrected.fields)


async def test_checks_run_again(extractions: Extractions, corrections: Corrections, members: Members):
    broken = await extractions.extract_text(members.editor, ORDER.replace("Tax 2.80", "Tax 2.00"), "invoice")
    corrected = await corrections.correct(members.editor, broken.id, [Change(path="tax", value="2.80")])
    again = await corrections.correct(members.editor, broken.id, [Change(path="tax", value="9.00")])
    assert any("net + tax" in problem.message for problem in broken.problems)
    assert not any("net + tax" in problem.message for problem in corrected.problems)
    assert any("net + tax" in problem.message for problem in again.problems)
    assert (await extractions.find(members.viewer, broken.id)).problems == again.problems


async def test_texts_of_a_database_cannot_be_broken(corrections: Corrections, members: Members, order: Extraction):
    value = "A\x00B'; drop table corrections; --\u202e"
    corrected = await corrections.correct(members.editor, order.id, [Change(path="number", value=value)])
    assert corrected.record["number"] == "A\ufffdB'; drop table corrections; --\u202e"


async def test_a_decision_is_named_in_the_history(corrections: Corrections, members: Members, order: Extraction):
    decision = new_id()
    await corrections.apply(
        members.workspace, members.editor, order.id, [Change(path="total", value=20)], decision=decision
    )
    (correction,) = await corrections.history(members.viewer, order.id)
    assert correction.decision == show("rev", decision)
