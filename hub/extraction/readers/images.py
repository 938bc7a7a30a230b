"""Images: every frame a page, held upright, its words recognised."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.options import Options
from hub.extraction.readers.recognition import Recognition
from hub.extraction.readers.scans import Scan, points_a_pixel, upright
from hub.extraction.readers.source import Source
from hub.extraction.reading import Page, Reading, ReadingError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # several JPEGs in one, opened as such
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
    "BMP": "image/bmp",
}
# Pillow would load all that it has, for kinds that nobody scans.
PLUGINS = ("Bmp", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
PIXELS = 100_000_000
# Frames beyond are no pages of a scan but an animation.
FRAMES = 500
BROKEN = "The image is broken or was cut off. Send it again, or save it anew as PNG or JPG."
TOO_LARGE = "The image has {size:,.0f} million pixels; up to {most:,.0f} million can be read. Make it smaller."
OTHER_KIND = "This kind of image cannot be read. Save it as PNG, JPG, WebP or TIFF."
# What Pillow raises for broken files.
FAILURES = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError)


def read_image(source: Source) -> Reading:
    """Recognise the words of every frame."""
    options = source.options
    with opened(source.content) as image:
        draft = Draft(source, FORMATS[image.format or ""])
        recognition = Recognition(draft)
        wanted = [number for number in range(1, frames(image) + 1) if options.wants(number)]
        for number in wanted:
            if not recognition.goes_on(number, wanted[-1]):
                break
            _read_frame(image, number, recognition, options)
        recognition.close()
        return draft.finish()


def frames(image: Image) -> int:
    """How many pages the image has: the frames of a TIFF; what else moves shows its first."""
    if image.format != "TIFF":
        return 1
    count = int(getattr(image, "n_frames", 1))
    if count > FRAMES:
        raise ReadingError(f"The image has {count:,} pages; up to {FRAMES} can be read. Split it.")
    return count


@contextmanager
def opened(content: bytes) -> Iterator[Image]:
    """The image, not yet decoded."""
    import PIL.Image

    for name in PLUGINS:
        import_module(f"PIL.{name}ImagePlugin")
    PIL.Image.MAX_IMAGE_PIXELS = None  # the limit is ours, checked for each frame
    if content[4:8] == b"ftyp":
        raise ReadingError(OTHER_KIND)
    with _told():
        image = PIL.Image.open(io.BytesIO(content), formats=[name for name in FORMATS if name != "MPO"])
    with image:
        yield image


def frame(image: Image, number: int, mode: str = "L") -> tuple[Image, float]:
    """A frame as cameras mean it to be shown, in grey or colour, and the size of its pixels in points."""
    from PIL import ImageOps

    with _told():
        image.seek(number - 1)
        size = image.width * image.height
        if size > PIXELS:
            raise ReadingError(TOO_LARGE.format(size=size / 1e6, most=PIXELS / 1e6))
        point = points_a_pixel(image.size, image.info.get("dpi"))
        flat = _flat(image, mode)
        return ImageOps.exif_transpose(flat), point


@contextmanager
def _told() -> Iterator[None]:
    """Tell what is wrong with an image in a sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except FAILURES as error:
            raise ReadingError(BROKEN) from error


def _read_frame(image: Image, number: int, recognition: Recognition, options: Options) -> None:
    grey, point = frame(image, number)
    scan = upright(grey, 1 / point, options.rotate or None)
    page = page_of(scan, number)
    if options.ocr == "never":
        recognition.show(page)
    else:
        recognition.read(scan, page)


def page_of(scan: Scan, number: int, rotation: int = 0) -> Page:
    """The page as it is shown; `rotation` is that of the file."""
    return Page(
        number=number,
        width=scan.width,
        height=scan.height,
        rotation=(rotation + scan.posture.turn) % 360,
        scanned=True,
        skew=scan.posture.skew,
    )


def _flat(image: Image, mode: str) -> Image:
    """The frame in that mode; what shows through is white."""
    import PIL.Image

    if image.mode in {"I", "I;16", "I;16B", "F"}:
        return _eight_bits(image).convert(mode)
    if "A" in image.getbands() or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = PIL.Image.new("RGBA", coloured.size, "white")
        return PIL.Image.alpha_composite(paper, coloured).convert(mode)
    return image.convert(mode)


def _eight_bits(image: Image) -> Image:
    """An image of finer steps in 256 of them."""
    import numpy
    import PIL.Image

    values = numpy.asarray(image, dtype=numpy.float32)
    low, high = float(values.min()), float(values.max())
    return PIL.Image.fromarray(((values - low) * (255.0 / max(high - low, 1e-6))).astype(numpy.uint8))
