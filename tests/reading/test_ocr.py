"""Images and scanned pages: their words, with boxes on the page as it is held upright."""

import io
import os
import re
import struct
import zlib

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter

from bench.measure import cpu_seconds
from hub.errors import InvalidError
from hub.extraction.readers import Options, Readers
from hub.extraction.readers.options import Crop
from hub.extraction.readers.photos import advice, photographed
from hub.extraction.readers.tesseract import lacking, models_for
from hub.extraction.reading import Box, Reading, ReadingError
from tests.reading.pdfs import greeting, invoice, lettre, nothing, pdf, rotated
from tests.reading.scans import drawn, encoded, exif_turned, scanned, shaded
from tests.reading.scans import photographed as on_a_table

WORDS = {"Acme", "GmbH", "Hauptstraße", "INV-17", "2024-05-01", "49.00", "98.00", "118.00", "Description"}
SECONDS_A_PAGE = 6.0


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return drawn(pdf(invoice))[0]


def _words(reading: Reading) -> set[str]:
    return {span.text for span in reading.spans}


def _box(reading: Reading, text: str) -> Box:
    box = next(span.box for span in reading.spans if span.text == text)
    assert box is not None
    return box


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_reads_words_of_images_of_every_kind(readers: Readers, page: Image.Image, kind: str) -> None:
    reading = readers.read_now(encoded([scanned(page)], kind))
    assert WORDS - _words(reading) == set()
    assert reading.media_type == f"image/{kind.lower()}"
    assert reading.pages[0].scanned
    assert reading.problems == ()


def test_sets_boxes_in_points_where_the_words_stand(readers: Readers, page: Image.Image) -> None:
    text, image = readers.read_now(pdf(invoice)), readers.read_now(encoded([page]))
    assert (image.pages[0].width, image.pages[0].height) == pytest.approx((595.3, 841.9), abs=0.5)
    assert _box(image, "INV-17") == pytest.approx(_box(text, "INV-17"), abs=3)
    assert _box(image, "118.00") == pytest.approx(_box(text, "118.00"), abs=3)


def test_says_how_sure_each_word_is(readers: Readers, page: Image.Image) -> None:
    sure = [span.confidence for span in readers.read_now(encoded([scanned(page)])).spans]
    assert all(0 < one <= 1 for one in sure)
    assert min(sure) < 1


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_holds_turned_pages_upright(readers: Readers, page: Image.Image, turn: int) -> None:
    reading = readers.read_now(encoded([scanned(page, turn=turn)]))
    assert reading.pages[0].rotation == 360 - turn
    assert WORDS - _words(reading) == set()
    assert _box(reading, "118.00")[0] > _box(reading, "Acme")[0]


@pytest.mark.parametrize("skew", [-6.0, -1.2, 2.5])
def test_straightens_skewed_pages(readers: Readers, page: Image.Image, skew: float) -> None:
    reading = readers.read_now(encoded([scanned(page, skew=skew)]))
    assert reading.pages[0].skew == pytest.approx(-skew, abs=0.3)
    assert WORDS - _words(reading) == set()
    assert "Total EUR   118.00" in reading.text


def test_turns_photos_as_the_camera_noted(readers: Readers, page: Image.Image) -> None:
    reading = readers.read_now(exif_turned(page))
    assert reading.pages[0].rotation == 0
    assert WORDS - _words(reading) == set()


def test_evens_out_light(readers: Readers, page: Image.Image) -> None:
    assert WORDS - _words(readers.read_now(encoded([shaded(scanned(page, noise=2))]))) == set()


def test_enlarges_small_images(readers: Readers) -> None:
    small = drawn(pdf(greeting), dpi=72)[0].crop((80, 170, 220, 220))
    assert "Hello World" in readers.read_now(encoded([small], dpi=72)).text


def test_reads_text_that_shows_through_as_on_white(readers: Readers) -> None:
    image = Image.new("RGBA", (900, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((40, 60), "Invoice number 4711", fill="black", font_size=60)
    assert "Invoice number 4711" in readers.read_now(encoded([image])).text


def test_rebuilds_tables(readers: Readers, page: Image.Image) -> None:
    (table,) = readers.read_now(encoded([scanned(page)])).tables
    assert [cell.text for cell in table.rows[0]] == ["Description", "Quantity", "Unit price", "Amount"]
    assert [cell.text for cell in table.rows[2]] == ["Consulting", "1", "20.00", "20.00"]


def test_reads_every_page_of_a_tiff(readers: Readers, page: Image.Image) -> None:
    other = drawn(pdf(greeting))[0]
    reading = readers.read_now(encoded([scanned(page), scanned(other), scanned(page, turn=90)], "TIFF"))
    assert [(one.number, one.rotation) for one in reading.pages] == [(1, 0), (2, 0), (3, 270)]
    assert [span.page for span in reading.spans if span.text in {"INV-17", "Hello"}] == [1, 2, 3]


def test_reads_only_the_pages_asked_for(readers: Readers, page: Image.Image) -> None:
    other = drawn(pdf(greeting))[0]
    reading = readers.read_now(encoded([page, other, page], "TIFF"), options=Options(pages=(2, 2)))
    assert [one.number for one in reading.pages] == [2]
    assert reading.text == "Hello World\n"


def test_reads_pages_of_a_scanned_pdf(readers: Readers, page: Image.Image) -> None:
    reading = readers.read_now(encoded([scanned(page, skew=1.5), scanned(page, turn=180)], "PDF"))
    assert [one.scanned for one in reading.pages] == [True, True]
    assert [one.rotation for one in reading.pages] == [0, 180]
    assert {span.page for span in reading.spans if span.text == "INV-17"} == {1, 2}
    assert reading.problems == ()


def test_adds_the_rotation_of_the_pdf(readers: Readers, page: Image.Image) -> None:
    lying = rotated(encoded([scanned(page, turn=90)], "PDF"), 270)
    reading = readers.read_now(lying)
    assert (reading.pages[0].rotation, reading.pages[0].width < reading.pages[0].height) == (270, True)
    assert WORDS - _words(reading) == set()


def test_leaves_pages_with_text_as_they_are(readers: Readers, page: Image.Image) -> None:
    writer = PdfWriter()
    for content in (pdf(greeting), encoded([scanned(page)], "PDF"), pdf(greeting)):
        writer.append(PdfReader(io.BytesIO(content)))
    output = io.BytesIO()
    writer.write(output)
    reading = readers.read_now(output.getvalue())
    assert [one.scanned for one in reading.pages] == [False, True, False]
    assert [span.confidence for span in reading.spans if span.text == "Hello"] == [1.0, 1.0]
    assert "INV-17" in _words(reading)


def test_recognises_pages_never_or_always_when_told_so(readers: Readers, page: Image.Image) -> None:
    never = readers.read_now(encoded([page], "PDF"), options=Options(ocr="never"))
    always = readers.read_now(pdf(greeting), options=Options(ocr="always"))
    assert never.problems == ("No words were found on page 1; images were not recognised, as asked for.",)
    assert (always.pages[0].scanned, always.text) == (True, "Hello World\n")


def test_turns_pages_as_told(readers: Readers) -> None:
    lying = readers.read_now(rotated(pdf(greeting), 90), options=Options(rotate=270))
    assert (lying.pages[0].rotation, _box(lying, "Hello")) == (0, _box(readers.read_now(pdf(greeting)), "Hello"))
    image = drawn(pdf(greeting))[0].rotate(-90, expand=True)
    assert readers.read_now(encoded([image]), options=Options(rotate=270)).text == "Hello World\n"


@pytest.mark.parametrize("kind", ["PDF", "PNG", "text"])
def test_reads_only_the_region_asked_for(readers: Readers, page: Image.Image, kind: str) -> None:
    content = pdf(invoice) if kind == "text" else encoded([page], kind)
    whole = readers.read_now(content)
    left, top, right, bottom = _box(whole, "118.00")
    crop = Crop(page=1, box=(left - 130, top - 6, right + 6, bottom + 6))
    reading = readers.read_now(content, options=Options(crop=crop))
    assert [span.text for span in reading.spans] == ["Total", "EUR", "118.00"]
    assert _box(reading, "118.00") == pytest.approx(_box(whole, "118.00"), abs=2)


def test_says_so_of_empty_pages(readers: Readers) -> None:
    blank = Image.new("L", (1654, 2339), 255)
    assert readers.read_now(encoded([blank])).problems == ("No words were found on page 1.",)
    assert readers.read_now(pdf(nothing)).problems == ("No words were found on page 1.",)


def test_says_which_pages_were_hard_to_read(readers: Readers) -> None:
    blurred = drawn(pdf(greeting), dpi=40)[0]
    (problem, *_) = readers.read_now(encoded([blurred], dpi=100)).problems
    assert re.match("Page 1 was hard to read|No words were found on page 1", problem)


def test_says_how_to_install_languages() -> None:
    assert models_for(("en", "ka")).missing == ("ka",)
    assert lacking(["fr", "zh-Hant"]) == (
        "There is no text recognition for the language fr, zh-Hant here, so letters with accents may be wrong. "
        "Install it with `apt-get install tesseract-ocr-fra tesseract-ocr-chi-tra`."
    )


def test_reads_languages_without_a_model_with_the_other_engine(readers: Readers) -> None:
    french = drawn(pdf(lettre))[0]
    reading = readers.read_now(encoded([scanned(french)]))
    assert (reading.language, reading.problems) == ("fr", ())
    assert {"société", "siège", "à"} <= _words(reading)


def test_reads_photos_with_the_engine_for_them(page: Image.Image) -> None:
    better, problem = photographed(page, [])
    assert {"INV-17", "118.00"} <= {seen.text for seen in better}
    assert problem is None


def test_reads_photos_of_paper_on_a_table(readers: Readers, page: Image.Image) -> None:
    reading = readers.read_now(encoded([on_a_table(page)], "JPEG", dpi=72, quality=85))
    assert WORDS - _words(reading) == set()
    assert reading.problems == ()


def test_says_how_to_install_the_engine_for_photos() -> None:
    assert advice(installed=True) is None
    assert "pip install 'patchdeck[photos]'" in str(advice(installed=False))


@pytest.mark.xdist_group("alone")
def test_a_scanned_page_takes_few_seconds_of_one_core(readers: Readers, page: Image.Image) -> None:
    content = encoded([drawn(pdf(invoice), dpi=300)[0]], "PDF", dpi=300)
    readers.read_now(content)
    before = cpu_seconds(os.getpid())
    readers.read_now(content)
    assert cpu_seconds(os.getpid()) - before < SECONDS_A_PAGE


def _png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + width // 8) * min(height, 2_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_png_of(60_000, 60_000), "3,600 million pixels; up to 100 million can be read"),
        (encoded([Image.new("L", (800, 600), 200)], "JPEG")[:400], "broken or was cut off"),
        (encoded([Image.new("L", (800, 600), 200)])[:60], "broken or was cut off"),
        (encoded([Image.new("L", (800, 600), 200)], "TIFF")[:200], "broken or was cut off|kind of image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "broken or was cut off|kind of image"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(200), "Save it as PNG, JPG, WebP or TIFF"),
    ],
    ids=["a bomb", "half a JPG", "half a PNG", "half a TIFF", "noise", "HEIC"],
)
def test_refuses_what_is_no_image_in_a_sentence(readers: Readers, content: bytes, reason: str) -> None:
    with pytest.raises(ReadingError, match=reason):
        readers.read_now(content)
    assert readers.read_now(b"still here").text == "still here"


@pytest.mark.parametrize(
    "options",
    [
        Options(language="klingon"),
        Options(pages=(3, 2)),
        Options(pages=(0, 2)),
        Options(crop=Crop(page=1, box=(10, 10, 5, 20))),
        Options(crop=Crop(page=0, box=(1, 1, 5, 20))),
    ],
)
def test_refuses_ways_of_reading_that_make_no_sense(readers: Readers, options: Options) -> None:
    with pytest.raises(InvalidError, match="Give"):
        readers.read_now(b"text", options=options)


def test_knows_the_same_way_of_reading_again() -> None:
    assert Options().fingerprint == Options(password="secret").fingerprint == ""
    assert Options(language="de").fingerprint == Options(language=("de",)).fingerprint
    assert Options(language="de").fingerprint != Options(language="en").fingerprint
