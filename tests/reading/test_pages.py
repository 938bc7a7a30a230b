"""Pictures of pages: a box of a reading, scaled to the picture, lies on its words."""

import io

import numpy
import pytest
from PIL import Image

from hub.extraction.readers import Options, Readers
from hub.extraction.readers.pictures import Picture, View
from hub.extraction.readers.source import Source
from hub.extraction.reading import Box, Reading
from hub.jail import Jail, JailError
from tests.reading.docxs import letter
from tests.reading.pdfs import cropped, greeting, invoice, nothing, pdf, rotated
from tests.reading.scans import drawn, encoded, exif_turned, scanned

WIDTH = 1000
INVOICE = drawn(pdf(invoice))[0]
SOURCES = {
    "a PDF": pdf(invoice),
    "a rotated PDF": rotated(pdf(invoice), 90),
    "a cropped PDF": cropped(pdf(invoice), 30, 20),
    "a scanned PDF": encoded([scanned(INVOICE, skew=2.0)], "PDF"),
    "a scanned PDF upside down": encoded([scanned(INVOICE, skew=-1.0, turn=180)], "PDF"),
    "a rotated PDF of a turned scan": rotated(encoded([scanned(INVOICE, turn=90)], "PDF"), 180),
    "an image": encoded([INVOICE]),
    "a skewed image": encoded([scanned(INVOICE, skew=-4.0)], "JPEG"),
    "a turned image": encoded([scanned(INVOICE, skew=1.0, turn=270)]),
    "a photo": exif_turned(INVOICE),
}


def _picture(jail: Jail, content: bytes, number: int = 1, options: Options | None = None) -> Picture:
    view = View(source=Source(content, "", options or Options()), number=number, width=WIDTH)
    return jail.run_now("hub.extraction.readers.pictures:picture", view, Picture)


def _ink(picture: Picture, box: Box, page_width: float) -> tuple[float, float]:
    """How dark the picture is inside the box, and all over."""
    pixels = 255 - numpy.asarray(Image.open(io.BytesIO(picture.content)).convert("L"), dtype=float)
    scale = picture.width / page_width
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return float(pixels[top:bottom, left:right].mean()), float(pixels.mean())


@pytest.fixture(scope="module", params=SOURCES)
def shown(request, readers: Readers, jail: Jail) -> tuple[Reading, Picture]:
    """A document's reading and the picture of its page; both take a while."""
    content = SOURCES[request.param]
    return readers.read_now(content), _picture(jail, content)


@pytest.mark.parametrize("word", ["INV-17", "118.00"])
def test_boxes_lie_on_their_words(shown: tuple[Reading, Picture], word: str) -> None:
    reading, picture = shown
    box = next(span.box for span in reading.spans if span.text == word)
    assert box is not None
    inside, all_over = _ink(picture, box, reading.pages[0].width)
    assert inside > 25
    assert inside > 2.5 * all_over


def test_is_as_wide_as_asked_for_and_of_the_shape_of_the_page(shown: tuple[Reading, Picture]) -> None:
    reading, picture = shown
    assert picture.width == pytest.approx(WIDTH, abs=2)
    assert picture.height / picture.width == pytest.approx(reading.pages[0].height / reading.pages[0].width, rel=0.01)


def test_turns_as_the_reading_was_told(readers: Readers, jail: Jail) -> None:
    options = Options(rotate=90)
    reading, picture = readers.read_now(pdf(invoice), options=options), _picture(jail, pdf(invoice), options=options)
    assert picture.height / picture.width == pytest.approx(reading.pages[0].height / reading.pages[0].width, rel=0.01)
    assert picture.height < picture.width


def test_opens_what_has_a_password(jail: Jail) -> None:
    assert _picture(jail, pdf(greeting, password="secret"), options=Options(password="secret")).pages == 1


def test_draws_every_page_of_a_tiff(jail: Jail) -> None:
    tiff = encoded([INVOICE, scanned(INVOICE, turn=90), INVOICE], "TIFF")
    assert [_picture(jail, tiff, number).pages for number in (1, 2, 3)] == [3, 3, 3]
    assert _picture(jail, tiff, 2).height > WIDTH


@pytest.mark.parametrize(("content", "pages"), [(pdf(nothing, pages=2), 2), (b"a text", 0), (letter(), 0)])
def test_has_nothing_for_pages_that_are_not_there(jail: Jail, content: bytes, pages: int) -> None:
    assert _picture(jail, content, 3) == Picture(pages=pages)
    assert _picture(jail, content, 0) == Picture(pages=pages)


@pytest.mark.parametrize("content", [pdf(greeting)[:300], encoded([INVOICE], "JPEG")[:900], b"%PDF-1.4 nothing"])
def test_refuses_broken_files_in_a_sentence(jail: Jail, content: bytes) -> None:
    with pytest.raises(JailError, match="broken"):
        _picture(jail, content)
