"""Images of pages held upright: which way a scan was turned, how far it is askew, and its size in points.

Reading and showing a page both go through here, so that a word's box lies on the word in the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsFloat

import msgspec

from hub.extraction.readers.tesseract import orientation

if TYPE_CHECKING:
    from numpy import int16, uint8
    from numpy.typing import NDArray
    from PIL.Image import Image

# An image that states less than this was not scanned with it: cameras and programs write 72 whatever they mean.
FEWEST_DPI, MOST_DPI, LONGEST = 90.0, 1200.0, 3000.0
# How long the longer side of a page is taken to be when the image does not tell: that of A4.
USUAL_LENGTH = 842.0
# How sure Tesseract must be that a page is turned; upright pages give 4 and more.
SURE = 2.5
# In degrees: how far off a scan may be and be straightened, and what is not worth it.
MOST_SKEW, LEAST_SKEW = 12.0, 0.15
# Pixels along the longer side on which the posture is measured.
LOOK, SKEW_LOOK = 2200, 1000
FEWEST_MARKS = 300


class Posture(msgspec.Struct, frozen=True):
    """What makes an image upright: turn it so far clockwise, then straighten it by `skew` degrees clockwise."""

    turn: int = 0
    skew: float = 0.0


class Scan(msgspec.Struct, frozen=True):
    """An upright grey image of a page, its size in points, and how it was made upright."""

    image: Image
    width: float
    height: float
    posture: Posture

    @property
    def scale(self) -> float:
        """Pixels a point."""
        return self.image.width / self.width


def points_a_pixel(size: tuple[int, int], stated: object) -> float:
    """The size of a pixel, by the dots per inch that the image states if they can be true."""
    longer = max(size)
    dpi = _number(stated[0] if isinstance(stated, tuple) and stated else stated)
    if FEWEST_DPI <= dpi <= MOST_DPI and longer * 72 / dpi <= LONGEST:
        return 72 / dpi
    return USUAL_LENGTH / longer


def upright(image: Image, scale: float, turn: int | None = None) -> Scan:
    """Hold a grey image of so many pixels a point upright; `turn` is by how much to turn it when that is known."""
    posture = posture_of(image, scale * 72, turn)
    shown = straight(image, posture)
    return Scan(shown, round(shown.width / scale, 2), round(shown.height / scale, 2), posture)


def posture_of(image: Image, dpi: float, turn: int | None = None) -> Posture:
    """How to hold the image, and how to turn it where that is not known."""
    turn = _turn(image, dpi) if turn is None else turn
    return Posture(turn, _skew(_turned(image, turn)))


def straight(image: Image, posture: Posture) -> Image:
    """The image in that posture; it grows by what sticks out, and new corners are white."""
    turned = _turned(image, posture.turn)
    if not posture.skew:
        return turned
    from PIL.Image import Resampling

    white = 255 if turned.mode == "L" else (255, 255, 255)
    return turned.rotate(-posture.skew, resample=Resampling.BICUBIC, expand=True, fillcolor=white)


def _turned(image: Image, turn: int) -> Image:
    from PIL.Image import Transpose

    turns = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
    return image.transpose(turns[turn]) if turn else image


def _turn(image: Image, dpi: float) -> int:
    look = smaller(image, LOOK)
    turned, sure = orientation(look, dpi=dpi * look.width / image.width)
    return (360 - turned) % 360 if sure >= SURE else 0


def smaller(image: Image, longest: int) -> Image:
    """The image with its longer side cut down to so many pixels."""
    from PIL.Image import Resampling

    ratio = longest / max(image.size)
    if ratio >= 1:
        return image
    size = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
    return image.resize(size, Resampling.BOX)


def _skew(image: Image) -> float:
    """By how many degrees clockwise to straighten: where the rows of ink stand out most from the white between."""
    import numpy

    pixels = numpy.asarray(smaller(image, SKEW_LOOK))
    # Ink is darker than the paper around it, whatever the light.
    rows, columns = numpy.nonzero(pixels < _paper(pixels) - 60)
    if len(rows) < FEWEST_MARKS:
        return 0.0
    step = max(1, len(rows) // 60_000)
    rows, columns = rows[::step].astype(numpy.float32), columns[::step].astype(numpy.float32)

    def contrast(angle: float) -> float:
        slant = numpy.round(rows + columns * numpy.tan(numpy.radians(angle))).astype(numpy.int64)
        counts = numpy.bincount(slant - slant.min())
        return float((numpy.diff(counts) ** 2).sum())

    best = max(numpy.arange(-MOST_SKEW, MOST_SKEW + 0.1, 0.5), key=contrast)
    best = max(numpy.arange(best - 0.5, best + 0.51, 0.1), key=contrast)
    flat = abs(best) < LEAST_SKEW or abs(best) > MOST_SKEW - 0.5 or contrast(best) < 1.1 * contrast(0.0)
    return 0.0 if flat else round(float(best), 2)


def _paper(pixels: NDArray[uint8]) -> NDArray[int16]:
    """How light the paper is around each pixel."""
    import numpy
    import PIL.Image

    blurred = PIL.Image.fromarray(pixels).reduce(8).resize((pixels.shape[1], pixels.shape[0]))
    return numpy.asarray(blurred).astype(numpy.int16)


def _number(stated: object) -> float:
    return float(stated) if isinstance(stated, SupportsFloat) else 0.0
