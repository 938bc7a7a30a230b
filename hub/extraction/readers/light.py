"""Light made even and paper made white: shadows of photos and the grain of scans hide ink from recognition."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Tiles along the longer side; in steps of grey, how much lighter one part of the paper is than another when it matters.
TILES, UNEVEN, DIM = 24, 45, 150
# How many times the usual spread of the paper's grey is still paper, and the contrast that is left at least.
GRAIN, CONTRAST = 3.0, 40
# What varies more than this is no grain.
COARSE = 14


def clear(image: Image) -> Image:
    """The image with its paper white, without grain."""
    counts = image.histogram()
    darkest, below, paper = (_grey(counts, share) for share in (0.00001, 0.16, 0.5))
    if paper < DIM or paper - below > COARSE:
        return image
    white = paper - GRAIN * (paper - below)
    darkest = min(darkest, white - CONTRAST)
    steps = [min(max(round((grey - darkest) * 255 / (white - darkest)), 0), 255) for grey in range(256)]
    return image.point(steps)


def _grey(counts: list[int], share: float) -> float:
    """The grey that this share of the pixels is darker than or as dark as."""
    wanted, seen = share * sum(counts), 0
    for grey, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return float(grey)
    return 255.0


def even(image: Image) -> Image | None:
    """The image as in even light; None when it was, as in a scanner."""
    import numpy
    import PIL.Image
    from PIL import ImageFilter

    step = max(1, max(image.size) // (TILES * 8))
    coarse = image.reduce(step).filter(ImageFilter.MaxFilter(5))
    paper = coarse.resize(_tiles(coarse.size), PIL.Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    light = numpy.asarray(paper)
    darkest, lightest = numpy.percentile(light, (5, 95))
    if lightest - darkest < UNEVEN and lightest > DIM:
        return None
    around = numpy.asarray(paper.resize(image.size, PIL.Image.Resampling.BICUBIC), dtype=numpy.float32)
    bright = numpy.asarray(image, dtype=numpy.float32) * (255.0 / numpy.maximum(around, 32.0))
    return PIL.Image.fromarray(numpy.clip(bright, 0, 255).astype(numpy.uint8))


def _tiles(size: tuple[int, int]) -> tuple[int, int]:
    ratio = TILES / max(size)
    return max(2, round(size[0] * ratio)), max(2, round(size[1] * ratio))
