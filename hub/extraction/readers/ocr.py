"""Words recognised in the image of a page, with their boxes in points and how sure each is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from hub.extraction.readers.characters import clean
from hub.extraction.readers.confusions import put_right
from hub.extraction.readers.leftovers import left_over
from hub.extraction.readers.light import clear, even
from hub.extraction.readers.photos import photographed
from hub.extraction.readers.rows import Word, held
from hub.extraction.readers.scans import Scan, smaller
from hub.extraction.readers.tesseract import NAMES, Models, Seen, words_in
from hub.extraction.reading import Box
from hub.extraction.values.language import language_of

if TYPE_CHECKING:
    from PIL.Image import Image

# In pixels: how high lines should be to be read well, how high is too small, and the size an image may have.
WELL, SMALL, LARGEST = 36.0, 15.0, 4200
MOST_ENLARGED = 4.0
# Less sure words than this, and a page is told to be hard to read; fewer words than this are looked for once more.
UNSURE, FEW = 0.65, 8
# Where there are fewer than so many words, and so many times their ink is left, a photo may be what there is; less ink
# on a page, as a share of it, is none.
MANY, LEFT, INK, BLANK = 40, 4.0, 120, 0.002
# Less sure than this is noise: marks that are no letters or digits, words that run upwards or downwards, for which
# columns of digits are taken, and any others.
MARK_NOISE, ASIDE_NOISE, NOISE = 0.7, 0.85, 0.15
SHORTEST_ASIDE = 4
RULES = "|¦_[]{}—–-~=.,:;'`‘’“”\"°*"
SIGNS = frozenset("-–—•*:")
# Quotes are what keyboards write; an N and something small is the sign for "number".
ALIKE = str.maketrans("‘’‚´`“”„", "'''''\"\"\"")
NUMBER = re.compile(r"N['\"*º®?]:?")
DESCENDING = frozenset("gjpqyQ,;()ßçµ@§$")
LOW = frozenset("acemnorsuvwxz.,:;-–—_~+=<>«»·•äöü")


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a page; `unsure` when they are doubtful, or few for the ink there is."""

    words: tuple[Word, ...]
    unsure: bool = False
    # What would have helped and is not installed, and languages for which there is no model.
    advice: str | None = None
    foreign: tuple[str, ...] = ()


def recognise(scan: Scan, models: Models, region: Box | None = None) -> Recognised:
    """Read a page, or the region of it that is given in points."""
    image, left, top = _part(scan, region)
    lit = even(image)
    found, image, ratio = _read(clear(lit or image), models, scan.scale * 72)
    unsure, advice, foreign = _is_unsure(found), None, _foreign(found, models)
    if lit or unsure or foreign or _much_is_left(image, found):
        better, advice = photographed(image, found)
        if better:
            found, unsure, foreign = better, _is_unsure(better), ()
    found = put_right(found)
    pixels = scan.scale * ratio
    words = (_word(seen, box, pixels, left, top) for seen, box in zip(found, _boxes(found), strict=True))
    return Recognised(words=tuple(words), unsure=unsure, advice=advice, foreign=foreign)


def _foreign(found: Sequence[Seen], models: Models) -> tuple[str, ...]:
    """The languages of the page that no model here reads: those that were named, else the one that its words tell."""
    if models.languages:
        return models.missing
    told = language_of(" ".join(seen.text for seen in found))
    return (told,) if told and NAMES.get(told, told) not in models.names else ()


def _is_unsure(found: Sequence[Seen]) -> bool:
    """Whether the words are too doubtful to be the text of a page."""
    letters = sum(len(seen.text) for seen in found)
    return bool(found) and sum(seen.confidence * len(seen.text) for seen in found) < UNSURE * letters


def _much_is_left(image: Image, found: Sequence[Seen]) -> bool:
    """Whether there are few words and much more ink than theirs."""
    import numpy

    if len(found) >= MANY:
        return False
    ink = numpy.asarray(image) < INK
    inside = 0
    for seen in found:
        left, top, right, bottom = (max(round(edge), 0) for edge in seen.box)
        inside += int(ink[top:bottom, left:right].sum())
    left_out = int(ink.sum()) - inside
    return left_out > max(LEFT * inside, BLANK * ink.size)


def _part(scan: Scan, region: Box | None) -> tuple[Image, float, float]:
    """The image of the region and where it begins, in points."""
    if region is None:
        return scan.image, 0.0, 0.0
    left, top, right, bottom = region
    pixels = [round(edge * scan.scale) for edge in (left, top, right, bottom)]
    width, height = scan.image.size
    box = max(pixels[0], 0), max(pixels[1], 0), min(pixels[2], width), min(pixels[3], height)
    if box[0] >= box[2] or box[1] >= box[3]:
        return scan.image.crop((0, 0, 1, 1)), 0.0, 0.0
    return scan.image.crop(box), box[0] / scan.scale, box[1] / scan.scale


def _read(image: Image, models: Models, dpi: float) -> tuple[list[Seen], Image, float]:
    """The words, the image that they were read in, and how much larger that is than the given one."""
    fitting = smaller(image, LARGEST)
    ratio = fitting.width / image.width
    found = _cleaned(words_in(fitting, models, dpi=dpi * ratio))
    height = _line_height(found)
    if (height < SMALL and found) or (len(found) < FEW and max(fitting.size) < LARGEST / 3):
        factor = min(WELL / height if found else 3.0, MOST_ENLARGED, LARGEST / max(fitting.size))
        larger = _enlarged(fitting, factor)
        again = _cleaned(words_in(larger, models, dpi=dpi * ratio * factor))
        if _worth(again) > _worth(found):
            found, fitting, ratio = again, larger, ratio * factor
    found = [*found, *left_over(fitting, found, models, dpi=dpi * ratio)]
    return found, fitting, ratio


def _enlarged(image: Image, factor: float) -> Image:
    from PIL.Image import Resampling

    return image.resize((round(image.width * factor), round(image.height * factor)), Resampling.BICUBIC)


def _worth(found: Sequence[Seen]) -> float:
    """How much was made out: letters and digits, as far as they are sure."""
    return sum(seen.confidence * sum(map(str.isalnum, seen.text)) for seen in found)


def _cleaned(found: Sequence[Seen]) -> list[Seen]:
    """The words without what lines and specks on the paper are taken for."""
    kept = []
    for seen in found:
        text = _written(clean(seen.text).strip("|¦").strip())
        solid = any(map(str.isalnum, text))
        told = len(text) >= SHORTEST_ASIDE if seen.turn else solid or text.strip(RULES) or text in SIGNS
        least = ASIDE_NOISE if seen.turn else NOISE if solid else MARK_NOISE
        if text and told and seen.confidence >= least:
            kept.append(msgspec.structs.replace(seen, text=text))
    return kept


def _written(text: str) -> str:
    """The word as it would be typed."""
    plain = text.translate(ALIKE)
    if NUMBER.fullmatch(plain):
        return "N°" + plain[2:]
    # A speck before or behind a word looks like a quote that nobody closes.
    return plain.strip("'\"") if sum(map(plain.count, "'\"")) == 1 and plain.strip("'\"") else plain


def _line_height(found: Sequence[Seen]) -> float:
    heights = [seen.box[3] - seen.box[1] for seen in found if any(map(str.isalnum, seen.text))]
    return 1.3 * median(heights) if heights else 0.0


def _boxes(found: Sequence[Seen]) -> list[Box]:
    """The words' boxes made as high as their line: what is drawn of "-" or "one" is lower than of "(gap)"."""
    boxes: list[Box] = []
    for number, line in groupby(found, key=lambda seen: seen.line):
        words = list(line)
        if words[0].turn or words[0].loose:
            boxes.extend(seen.box for seen in words)
            continue
        tops, bottoms = [_top(seen) for seen in words], [_bottom(seen) for seen in words]
        top, bottom = median(tops), median(bottoms)
        for seen, own_top, own_bottom in zip(words, tops, bottoms, strict=True):
            near = number >= 0 and bottom - top > 0 and abs(own_top - top) < (bottom - top) / 2
            upper, lower = (top, bottom) if near else (own_top, own_bottom)
            boxes.append((seen.box[0], min(upper, seen.box[1]), seen.box[2], max(lower, seen.box[3])))
    return boxes


def _top(seen: Seen) -> float:
    """Where the tallest letters would end."""
    _, top, _, bottom = seen.box
    return top - (0.5 if all(letter in LOW for letter in seen.text) else 0.12) * (bottom - top)


def _bottom(seen: Seen) -> float:
    """Where the deepest letters would end."""
    _, top, _, bottom = seen.box
    return bottom if DESCENDING & set(seen.text) else bottom + 0.25 * (bottom - top)


def _word(seen: Seen, box: Box, pixels: float, left: float, top: float) -> Word:
    shown = (
        round(left + box[0] / pixels, 2),
        round(top + box[1] / pixels, 2),
        round(left + box[2] / pixels, 2),
        round(top + box[3] / pixels, 2),
    )
    return Word(
        seen.text, shown, held(shown, seen.turn), seen.turn, confidence=round(min(max(seen.confidence, 0.0), 1.0), 3)
    )
