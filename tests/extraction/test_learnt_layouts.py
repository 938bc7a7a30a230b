"""Layouts learnt from one document and found again in others, on invoices that the rules cannot read."""

from __future__ import annotations

import msgspec
import pytest

from hub.extraction.assemble import assemble
from hub.extraction.engines import find_locally
from hub.extraction.findings import Finding, Findings
from hub.extraction.learning.amend import Change
from hub.extraction.learning.apply import Recognised, apply
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.learning.teach import Lesson, teach
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from tests.extraction.drawn import draw
from tests.extraction.lessons import INVOICE, learn, put_right, read_odd, said, single, taught
from tests.extraction.odd_layouts import LAYOUTS, draw_odd, scan_of, scanned

OTHERS = range(2, 12)


@pytest.mark.parametrize("seed", OTHERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_corrected_document_teaches_its_layout(layout: str, seed: int):
    reading, truth = read_odd(layout, seed)
    found = apply(reading, INVOICE, [taught(layout, 1)])
    assert said(found, single(truth)) == single(truth)
    assert {one.engine for one in found.findings.values()} == {"learnt"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_rules_alone_cannot_read_these_layouts(layout: str):
    reading, truth = read_odd(layout, 2)
    found = find_locally(reading, INVOICE).findings
    values = {path: one.value if (one := found.get(path)) else None for path in single(truth)}
    assert values != single(truth)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_learnt_is_proved_by_what_it_cites(layout: str):
    reading, truth = read_odd(layout, 3)
    findings = find_locally(reading, INVOICE, [taught(layout, 1)]).findings
    result = assemble(reading, INVOICE, findings, "a.pdf")
    fields = {path: result.fields[path] for path in single(truth)}
    assert {path: field.value for path, field in fields.items()} == single(truth)
    assert all(field.evidence[0].page == 1 and field.evidence[0].box for field in fields.values())


@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_shifted_and_stretched_scan_is_of_the_layout_too(layout: str, seed: int):
    reading, truth = read_odd(layout, seed)
    found = apply(scanned(reading, seed), INVOICE, [taught(layout, 1)])
    exact = {path: value for path, value in single(truth).items() if path in {"number", "total", "net", "tax"}}
    assert said(found, exact) == exact


def test_a_real_scan_is_read_by_what_a_print_taught():
    content, truth = draw_odd("finnish", 2)
    found = apply(read(Source(scan_of(content, 2), "a.png")), INVOICE, [taught("finnish", 1)])
    assert said(found, single(truth)) == single(truth)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_layout_is_not_taken_for_a_known_one(layout: str):
    known = [taught(other, 1) for other in LAYOUTS if other != layout]
    found = apply(read_odd(layout, 2)[0], INVOICE, known)
    assert (found.layout, found.findings) == (None, {})


def test_documents_of_other_layouts_come_out_as_before():
    known = [taught(layout, 1) for layout in LAYOUTS]
    readings = [read(Source(draw(seed)[0], "a.pdf")) for seed in range(20)]
    before = [find_locally(reading, INVOICE).findings for reading in readings]
    assert [find_locally(reading, INVOICE, known).findings for reading in readings] == before


def test_layouts_of_the_same_words_at_other_places_do_no_harm():
    known = [taught_by_the_rules(seed) for seed in range(100, 120)]
    readings = [read(Source(draw(seed)[0], "a.pdf")) for seed in range(200, 230)]
    found = [(find_locally(reading, INVOICE), find_locally(reading, INVOICE, known)) for reading in readings]
    assert sum(after.layout is not None for _, after in found) > 3
    assert [values(after.findings) for _, after in found] == [values(before.findings) for before, _ in found]


def taught_by_the_rules(seed: int) -> LearntLayout:
    """Teach a layout by everything that the rules found in a document, as if people had said it."""
    reading = read(Source(draw(seed)[0], "a.pdf"))
    fields = assemble(reading, INVOICE, find_locally(reading, INVOICE).findings, "a.pdf").fields
    every = frozenset(path for path, field in fields.items() if field.value is not None)
    layout = teach(Lesson(reading=reading, schema=INVOICE, fields=fields, corrected=every))
    assert layout is not None
    return msgspec.structs.replace(layout, id=str(seed))


def values(findings: Findings) -> dict[str, object]:
    return dict(sorted((path, one.value) for path, one in findings.items()))


def test_several_documents_make_a_layout_surer():
    reading, _ = read_odd("behind", 9)
    once = apply(reading, INVOICE, [taught("behind", 1)]).findings["total"].confidence
    thrice = apply(reading, INVOICE, [taught("behind", 1, 2, 3)]).findings["total"].confidence
    assert 0.8 < once < thrice < 1


def test_a_layout_forgets_words_that_the_next_document_lacks():
    first, third = taught("unlabelled", 1), taught("unlabelled", 1, 2, 3)
    assert third.samples == 3
    assert len(third.marks) <= len(first.marks)
    assert apply(read_odd("unlabelled", 9)[0], INVOICE, [third]).share > 0.9


def test_the_same_document_counts_once():
    reading, truth = read_odd("behind", 1)
    layout = learn(reading, put_right(truth))
    again = learn(reading, put_right(truth), (layout,))
    assert (again.samples, again.fields["total"].present) == (1, 1)


def test_what_was_learnt_wrongly_is_unlearnt_by_the_next_correction():
    reading, truth = read_odd("behind", 1)
    wrong = learn(reading, [Change(path="total", value=truth["net"])])
    second, right = read_odd("behind", 2)
    assert apply(second, INVOICE, [wrong]).findings["total"].value == right["net"]
    healed = learn(second, [Change(path="total", value=right["total"])], (wrong,))
    third, expected = read_odd("behind", 3)
    assert apply(third, INVOICE, [healed]).findings["total"].value == expected["total"]


def without_due_date(*seeds: int) -> tuple[LearntLayout, ...]:
    """Teach a layout by people who say that its documents have no due date."""
    known: tuple[LearntLayout, ...] = ()
    for seed in seeds:
        known = (learn(read_odd("sentences", seed)[0], [Change(path="due_date", value=None)], known),)
    return known


@pytest.mark.parametrize(("seeds", "is_found"), [((1,), True), ((1, 2), False)])
def test_what_the_rules_find_wrongly_is_dropped_after_two_corrections(
    seeds: tuple[int, ...], is_found: bool
):  # a parameter
    ruled = {"due_date": Finding(value="2026-01-01", confidence=0.9, engine="layout")}
    found = apply(read_odd("sentences", 5)[0], INVOICE, without_due_date(*seeds))
    assert ("due_date" in found.over(ruled)) is is_found


def test_an_absent_value_is_found_again_once_somebody_says_where_it_stands():
    reading, truth = read_odd("sentences", 3)
    known = (learn(reading, [Change(path="due_date", value=truth["due_date"])], without_due_date(1, 2)),)
    other, expected = read_odd("sentences", 4)
    assert apply(other, INVOICE, known).findings["due_date"].value == expected["due_date"]


def test_what_was_only_confirmed_does_not_overrule_the_rules():
    learnt = Recognised(
        layout="x",
        findings={
            "total": Finding(value=1.0, confidence=0.9, engine="learnt"),
            "net": Finding(value=2.0, confidence=0.9, engine="learnt"),
            "number": Finding(value="A-1", confidence=0.9, engine="learnt"),
            "tax": Finding(value=3.0, confidence=0.9, engine="learnt"),
        },
        firm=frozenset({"net"}),
    )
    ruled = {
        "total": Finding(value=9.0, confidence=0.9, engine="layout"),
        "net": Finding(value=9.0, confidence=0.9, engine="layout"),
        "tax": Finding(value=3.0, confidence=0.9, engine="layout"),
    }
    joined = learnt.over(ruled)
    assert {path: (one.value, one.engine) for path, one in joined.items()} == {
        "total": (9.0, "layout"),
        "net": (2.0, "learnt"),
        "number": ("A-1", "learnt"),
        "tax": (3.0, "learnt"),
    }
    assert joined["tax"].confidence > 0.95
