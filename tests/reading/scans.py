"""Scans made for the tests: pages of real PDFs drawn, turned, blurred and made noisy as scanners do."""

import io
from collections.abc import Sequence

import numpy
import pypdfium2
from PIL import Image, ImageFilter


def drawn(content: bytes, dpi: int = 200) -> list[Image.Image]:
    """The pages of a PDF as grey images."""
    document = pypdfium2.PdfDocument(content)
    return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document]


def scanned(image: Image.Image, *, skew: float = 0.0, turn: int = 0, noise: float = 6.0) -> Image.Image:
    """The image as a scanner gives it: skewed and turned clockwise, blurred, with noise of a fixed kind."""
    askew = image.rotate(-skew, resample=Image.Resampling.BICUBIC, fillcolor=250)
    blurred = numpy.asarray(askew.filter(ImageFilter.GaussianBlur(0.6)), dtype=numpy.float32) * 0.93 + 8
    grain = numpy.random.default_rng(7).normal(0, noise, blurred.shape)
    noisy = Image.fromarray(numpy.clip(blurred + grain, 0, 255).astype(numpy.uint8))
    return noisy.rotate(-turn, expand=True)


def shaded(image: Image.Image) -> Image.Image:
    """The image as photographed by a lamp on its left."""
    light = numpy.linspace(1.0, 0.35, image.width, dtype=numpy.float32)
    return Image.fromarray((numpy.asarray(image, dtype=numpy.float32) * light).astype(numpy.uint8))


def encoded(pages: Sequence[Image.Image], kind: str = "PNG", dpi: int = 200, **settings: object) -> bytes:
    """The pages as one file of that kind."""
    output = io.BytesIO()
    several = {"save_all": True, "append_images": list(pages[1:])} if len(pages) > 1 else {}
    stated = {"resolution": dpi} if kind == "PDF" else {"dpi": (dpi, dpi)}
    pages[0].save(output, kind, **stated, **several, **settings)
    return output.getvalue()


def exif_turned(image: Image.Image) -> bytes:
    """A JPG as phones write it: lying on its side, with a note how to hold it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded([image.rotate(90, expand=True)], "JPEG", quality=85, exif=exif)


def photographed(image: Image.Image) -> Image.Image:
    """The image as paper that lies on a dark, rough table, the light falling from the left."""
    table = numpy.random.default_rng(3).normal(90, 18, (340, 250))
    rough = Image.fromarray(numpy.clip(table, 0, 255).astype(numpy.uint8)).resize((2000, 2720))
    rough.paste(image.resize((1500, round(1500 * image.height / image.width))), (250, 300))
    return shaded(rough.filter(ImageFilter.GaussianBlur(0.8)))
