"""Forms of PDFs: what was filled in stands in the text at its place, and is stated under the names of the fields."""

import pytest
from reportlab.pdfgen.canvas import Canvas

from hub.extraction.readers import Options, Readers
from hub.extraction.reading import Reading, ReadingError, spans_between
from tests.reading.pdfs import greeting, nothing, pdf, rotated, with_files


def application(canvas: Canvas) -> None:
    """Labels on the page, and beside them fields, filled in but for the last."""
    form = canvas.acroForm
    canvas.setFont("Helvetica", 10)
    for top, label in ((700, "Name"), (670, "Born on"), (640, "Member"), (610, "Country"), (580, "Empty")):
        canvas.drawString(72, top, label)
    form.textfield(name="person.full", tooltip="Full name", x=150, y=695, width=200, height=16, value="Ann Example")
    form.textfield(name="dob", tooltip="Date of birth", x=150, y=665, width=200, height=16, value="1990-05-01")
    form.checkbox(name="member", tooltip="Is a member", x=150, y=635, size=12, checked=True)
    form.checkbox(name="declined", x=250, y=635, size=12)
    form.choice(name="country", value="Norway", options=["Norway", "Spain"], x=150, y=600, width=100, height=16)
    form.textfield(name="empty", x=150, y=575, width=200, height=16)


def _stated(reading: Reading) -> dict[str, tuple[str | float, str]]:
    return {one.path: (one.value, one.label) for file in reading.embedded for one in file.values}


def test_what_was_filled_in_stands_beside_its_label(readers: Readers) -> None:
    reading = readers.read_now(pdf(application))
    assert [line for line in reading.text.split("\n") if line] == [
        "Name   Ann Example",
        "Born on   1990-05-01",
        "Member   ☑",
        "Country   Norway",
        "Empty",
    ]
    (ann,) = (span for span in reading.spans if span.text == "Ann")
    assert ann.page == 1
    assert ann.box == pytest.approx((150.0, 132.9, 168.0, 144.9), abs=1)


def test_states_the_fields_by_their_names_and_labels(readers: Readers) -> None:
    reading = readers.read_now(pdf(application))
    assert [file.kind for file in reading.embedded] == ["form"]
    assert _stated(reading) == {
        "person.full": ("Ann Example", "Full name"),
        "dob": ("1990-05-01", "Date of birth"),
        "member": ("Yes", "Is a member"),
        "country": ("Norway", ""),
    }


def test_stated_values_cite_their_words(readers: Readers) -> None:
    reading = readers.read_now(pdf(application))
    values = {one.path: one for one in reading.embedded[0].values}
    start, end = values["person.full"].characters or (0, 0)
    assert [span.text for span in spans_between(reading, start, end)] == ["Ann", "Example"]
    assert values["member"].characters is None


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_fields_of_turned_pages_stand_where_they_are_shown(readers: Readers, angle: int) -> None:
    reading = readers.read_now(rotated(pdf(application), angle))
    label, value = (next(span.box for span in reading.spans if span.text == text) for text in ("Name", "Ann"))
    assert label is not None
    assert value is not None
    along = (0, 1) if angle == 180 else (1, 0)
    assert abs(label[along[1]] - value[along[1]]) < 30
    assert abs(label[along[0]] - value[along[0]]) > 30


def test_a_document_without_form_states_nothing(readers: Readers) -> None:
    assert readers.read_now(pdf(greeting)).embedded == ()


def test_opens_a_pdf_by_its_password(readers: Readers) -> None:
    locked = pdf(greeting, password="secret")
    assert readers.read_now(locked, options=Options(password="secret")).text == "Hello World\n"


@pytest.mark.parametrize(
    ("password", "reason"),
    [(None, r"^The PDF is encrypted\. Give its password"), ("wrong", "cannot be opened with this password")],
)
def test_says_which_password_is_missing(readers: Readers, password: str | None, reason: str) -> None:
    with pytest.raises(ReadingError, match=reason):
        readers.read_now(pdf(greeting, password="secret"), options=Options(password=password))


def test_reads_what_is_attached_to_a_pdf(readers: Readers) -> None:
    files = {"inner.pdf": pdf(greeting), "rows.csv": b"a,b,c\n1,2,3\n4,5,6\n", "broken.pdf": b"%PDF-1.4 no"}
    reading = readers.read_now(with_files(pdf(nothing), files))
    read = {file.name: file.reading.media_type for file in reading.embedded if file.reading}
    assert read == {"inner.pdf": "application/pdf", "rows.csv": "text/csv"}
    assert any(problem.startswith("broken.pdf: The PDF is broken") for problem in reading.problems)
