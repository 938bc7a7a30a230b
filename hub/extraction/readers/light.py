"""Light on a photographed page made even, so that ink is dark and paper is white everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Tiles along the longer side; in steps of grey, how much lighter one part of the paper is than another when it matters.
TILES, UNEVEN, DIM = 24, 45, 150


def even(image: Image) -> Image:
    """The image with its paper white, unless the light is even already."""
    import numpy
    import PIL.Image
    from PIL import ImageFilter

    step = max(1, max(image.size) // (TILES * 8))
    coarse = image.reduce(step).filter(ImageFilter.MaxFilter(5))
    paper = coarse.resize(_tiles(coarse.size), PIL.Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    light = numpy.asarray(paper)
    darkest, lightest = numpy.percentile(light, (5, 95))
    if lightest - darkest < UNEVEN and lightest > DIM:
        return image
    around = numpy.asarray(paper.resize(image.size, PIL.Image.Resampling.BICUBIC), dtype=numpy.float32)
    bright = numpy.asarray(image, dtype=numpy.float32) * (255.0 / numpy.maximum(around, 32.0))
    return PIL.Image.fromarray(numpy.clip(bright, 0, 255).astype(numpy.uint8))


def _tiles(size: tuple[int, int]) -> tuple[int, int]:
    ratio = TILES / max(size)
    return max(2, round(size[0] * ratio)), max(2, round(size[1] * ratio))
