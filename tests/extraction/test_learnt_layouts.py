"""Layouts learnt from one document and found again in others, on invoices that the rules cannot read."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import msgspec
import pytest

from hub.extraction.assemble import assemble
from hub.extraction.engines import find_locally
from hub.extraction.findings import Finding, Findings
from hub.extraction.learning.amend import Amendment, Change, amend
from hub.extraction.learning.apply import Recognised, apply
from hub.extraction.learning.editing import Entry
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.learning.teach import Lesson, teach
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, Span
from hub.extraction.results import FieldResult
from hub.extraction.schemas.starter import starter
from tests.extraction.drawn import draw
from tests.extraction.odd_layouts import LAYOUTS, draw_odd, scan_of, scanned

INVOICE = starter("invoice")
OTHERS = range(2, 12)


def read_odd(layout: str, seed: int) -> tuple[Reading, dict[str, Any]]:
    """Read a drawn invoice; returns what it says by path, rows of tables opened."""
    content, truth = draw_odd(layout, seed)
    return read(Source(content, "a.pdf")), truth


def single(truth: dict[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in truth.items() if not isinstance(value, list)}


def cells(truth: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{path}[{index}].{name}": value
        for path, rows in truth.items()
        if isinstance(rows, list)
        for index, row in enumerate(rows)
        for name, value in row.items()
    }


def corrected(reading: Reading, changes: list[Change]) -> dict[str, FieldResult]:
    """Extract by the rules and let a person put some values right, without saying where they stand."""
    found = assemble(reading, INVOICE, find_locally(reading, INVOICE).findings, "a.pdf")
    entry = Entry(found.record, found.fields, found.problems)
    return amend(Amendment(reading, INVOICE, "a.pdf", entry, tuple(changes))).entry.fields


def put_right(truth: dict[str, Any]) -> list[Change]:
    return [Change(path=path, value=value) for path, value in single(truth).items()]


def learn(
    reading: Reading, changes: list[Change], known: tuple[LearntLayout, ...] = (), *, confirmed: bool = False
) -> LearntLayout:
    """Teach a layout by corrections of one document."""
    layout = teach(
        Lesson(
            reading=reading,
            schema=INVOICE,
            fields=corrected(reading, changes),
            corrected=frozenset(change.path for change in changes),
            confirmed=confirmed,
            layouts=known,
        )
    )
    assert layout is not None
    return msgspec.structs.replace(layout, id=layout.id or "first")


def taught(layout: str, *seeds: int) -> LearntLayout:
    """Teach a layout by correcting every value of some of its documents."""
    known: tuple[LearntLayout, ...] = ()
    for seed in seeds:
        reading, truth = read_odd(layout, seed)
        known = (learn(reading, put_right(truth), known),)
    return known[0]


def said(recognised: Recognised, truth: dict[str, Any]) -> dict[str, Any]:
    return {path: found.value if (found := recognised.findings.get(path)) else None for path in truth}


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


@pytest.mark.parametrize("seed", OTHERS)
def test_rows_are_learnt_from_a_corrected_table(seed: int):
    reading, truth = read_odd("finnish", 1)
    rows = [Change(path=f"lines[{index}]", kind="add", value=row) for index, row in enumerate(truth["lines"])]
    emptied = [Change(path="lines[0]", kind="remove") for _ in found_rows(reading)]
    layout = learn(reading, [*emptied, *rows])
    other, expected = read_odd("finnish", seed)
    found = apply(other, INVOICE, [layout])
    read_rows = {path: one.value for path, one in found.findings.items() if path.startswith("lines[")}
    assert read_rows == cells(expected)


@pytest.mark.parametrize("times", [15, 30])
def test_a_table_that_runs_over_pages_is_read_to_its_end(times: int):
    reading, truth = read_odd("finnish", 1)
    rows = [Change(path=f"lines[{index}]", kind="add", value=row) for index, row in enumerate(truth["lines"])]
    emptied = [Change(path="lines[0]", kind="remove") for _ in found_rows(reading)]
    layout = learn(reading, [*emptied, *rows, *put_right(truth)])
    content, expected = draw_odd("finnish", 6, times)
    long = read(Source(content, "a.pdf"))
    found = apply(long, INVOICE, [layout])
    assert len(long.pages) > 1
    assert {path: one.value for path, one in found.findings.items() if path.startswith("lines[")} == cells(expected)
    assert said(found, single(expected)) == single(expected)


def found_rows(reading: Reading) -> set[str]:
    found = find_locally(reading, INVOICE).findings
    return {path.partition("]")[0] for path in found if path.startswith("lines[")}


def test_rows_of_a_table_come_from_one_engine():
    reading, truth = read_odd("finnish", 1)
    rows = [Change(path=f"lines[{index}]", kind="add", value=row) for index, row in enumerate(truth["lines"])]
    emptied = [Change(path="lines[0]", kind="remove") for _ in found_rows(reading)]
    layout = learn(reading, [*emptied, *rows])
    other, expected = read_odd("finnish", 4)
    findings = find_locally(other, INVOICE, [layout]).findings
    engines = {one.engine for path, one in findings.items() if path.startswith("lines[")}
    assert engines == {"learnt"}
    assert {path for path in findings if path.startswith("lines[")} == set(cells(expected))


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


TEXT = """Hello {name},

here is what we agreed on the phone, filed as {number} with us.

{items}
All in all this makes {total} pounds, please send it over soon.

Warm regards
Harbour Boards, Whitby
"""
PAGE = (
    "<h1>Puutyö kiittää</h1><table><tr><td>Viite</td><td>{number}</td></tr><tr><td>Maksettava</td><td>{total}</td>"
    "</tr></table><p>{items}</p><p>Terveisin {name}, Puutyö Turusta, lämmin kiitos tilauksesta</p>"
)


@pytest.mark.parametrize(("content", "name"), [(TEXT, "a.txt"), (PAGE, "a.html")])
def test_sources_without_pages_have_layouts_too(content: str, name: str):
    first = content.format(name="Ida", number="K774-12", total="1,204.50", items="two boards\n")
    other = content.format(name="Marie-Claire", number="B118-90", total="77.10", items="one board\nsix nails\nglue\n")
    changes = [Change(path="number", value="K774-12"), Change(path="total", value=1204.5)]
    layout = learn(read(Source(first.encode(), name)), changes)
    found = apply(read(Source(other.encode(), name)), INVOICE, [layout])
    assert said(found, {"number": "", "total": ""}) == {"number": "B118-90", "total": 77.1}


def test_comparing_with_many_layouts_takes_milliseconds():
    known = [msgspec.structs.replace(taught("finnish", 1), id=str(number)) for number in range(3)]
    reading, _ = read_odd("finnish", 2)
    apply(reading, INVOICE, known)
    start = perf_counter()
    apply(reading, INVOICE, known)
    assert perf_counter() - start < 0.1


def test_a_document_without_words_teaches_nothing():
    empty = Reading(media_type="text/plain", source="00", text="")
    assert teach(Lesson(reading=empty, schema=INVOICE, fields={}, confirmed=True)) is None
    assert apply(empty, INVOICE, [taught("behind", 1)]).findings == {}


def test_evidence_that_the_text_no_longer_says_teaches_nothing():
    reading, truth = read_odd("behind", 1)
    fields = corrected(reading, put_right(truth))
    other = msgspec.structs.replace(reading, text=f"{'x' * 40}{reading.text}", spans=moved(reading))
    layout = teach(Lesson(reading=other, schema=INVOICE, fields=fields, corrected=frozenset(truth)))
    assert layout is None or not any(field.ways for field in layout.fields.values())


def moved(reading: Reading) -> tuple[Span, ...]:
    return tuple(msgspec.structs.replace(span, start=span.start + 40, end=span.end + 40) for span in reading.spans)


@pytest.mark.parametrize("word", ["total", "9" * 300, "-", "\u202e1\u202c", "1" + "0" * 30])
def test_hostile_pages_are_searched_in_bounded_time(word: str):
    words = 20_000
    text = " ".join([word] * words)
    step = len(word) + 1
    spans = tuple(
        Span(str(number), word, number * step, number * step + len(word), 1, place(number)) for number in range(words)
    )
    reading = Reading(media_type="application/pdf", source="00", text=text, spans=spans)
    known = [taught(layout, 1) for layout in LAYOUTS]
    start = perf_counter()
    apply(reading, INVOICE, known)
    teach(Lesson(reading=reading, schema=INVOICE, fields={}, corrected=frozenset({"total"}), layouts=tuple(known)))
    assert perf_counter() - start < 20


def place(number: int) -> tuple[float, float, float, float]:
    left, top = number % 40 * 14.0, number // 40 * 1.5
    return left, top, left + 10, top + 9


COLUMNS = """Orion Trading Group      Reference A-1
4 Harbour Lane           Written 2026-01-02
Whitby YO21 3PU          By hand Ida
"""


def test_lines_of_a_column_are_found_between_those_of_another():
    reading = read(Source(COLUMNS.encode(), "a.txt"))
    change = Change(path="customer.address", value="4 Harbour Lane, Whitby YO21 3PU")
    field = corrected(reading, [change])["customer.address"]
    assert [one.text for one in field.evidence] == ["4 Harbour Lane", "Whitby YO21 3PU"]
    assert all(one.verified for one in field.evidence)


def test_a_table_that_cannot_be_read_again_is_not_learnt():
    reading, truth = read_odd("finnish", 1)
    fields = corrected(reading, put_right(truth))
    half = {path: field for path, field in fields.items() if not path.startswith("lines[1]")}
    half["lines[0].amount"] = msgspec.structs.replace(fields["total"], value=-1.0)
    lesson = Lesson(reading=reading, schema=INVOICE, fields=half, corrected=frozenset({"lines[0].amount"}))
    layout = teach(lesson)
    assert layout is None or layout.tables == {}


def test_words_beside_a_value_in_its_line_are_left_out():
    first = "Alpha Ltd · 4 Harbour Lane · VAT GB1\nthank you for all of it, we liked it a lot here\n"
    other = "Alpha Ltd · 99 Mill Road · VAT GB1\nthank you for all of it, we liked it a lot here\n"
    layout = learn(read(Source(first.encode(), "a.txt")), [Change(path="supplier.address", value="4 Harbour Lane")])
    found = apply(read(Source(other.encode(), "a.txt")), INVOICE, [layout])
    assert found.findings["supplier.address"].value == "99 Mill Road"


@pytest.mark.parametrize("value", ["a" * 20_000, "a " * 10_000, "·" * 400])
def test_long_values_are_not_looked_for_without_end(value: str):
    reading = read(Source(("a " * 20_000).encode(), "a.txt"))
    start = perf_counter()
    field = corrected(reading, [Change(path="customer.address", value=value)])["customer.address"]
    assert perf_counter() - start < 20
    assert field.evidence == ()
