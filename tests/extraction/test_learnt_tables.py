"""Learnt tables, sources without pages, and documents that mean harm."""

from __future__ import annotations

from time import process_time

import msgspec
import pytest

from hub.extraction.engines import find_locally
from hub.extraction.learning.amend import Change
from hub.extraction.learning.apply import apply
from hub.extraction.learning.teach import Lesson, teach
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, Span
from tests.extraction.lessons import INVOICE, cells, corrected, learn, put_right, read_odd, said, single, taught
from tests.extraction.odd_layouts import LAYOUTS, draw_odd

OTHERS = range(2, 12)


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


@pytest.mark.xdist_group("alone")
def test_comparing_with_many_layouts_takes_milliseconds():
    known = [msgspec.structs.replace(taught("finnish", 1), id=str(number)) for number in range(3)]
    reading, _ = read_odd("finnish", 2)
    apply(reading, INVOICE, known)
    start = process_time()
    apply(reading, INVOICE, known)
    assert process_time() - start < 0.1


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
    start = process_time()
    apply(reading, INVOICE, known)
    teach(Lesson(reading=reading, schema=INVOICE, fields={}, corrected=frozenset({"total"}), layouts=tuple(known)))
    assert process_time() - start < 20


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
    start = process_time()
    field = corrected(reading, [Change(path="customer.address", value=value)])["customer.address"]
    assert process_time() - start < 20
    assert field.evidence == ()
