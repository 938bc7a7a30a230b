"""Photos and crumpled receipts, read by a second engine where it is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hub.extraction.readers.tesseract import Seen

if TYPE_CHECKING:
    from PIL.Image import Image

# In pixels: more costs memory and time and shows no more words.
LONGEST = 1600
ADVICE = (
    "Photos, and languages that have no model here, are read better with the engine for photos: install it with "
    "`pip install 'patchdeck[photos]'`."
)


def photographed(image: Image, found: Sequence[Seen]) -> tuple[list[Seen], str | None]:
    """The words of a photo if more of them can be made out than were found; else none, and what would help."""
    installed = all(find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2"))
    if not installed:
        return [], advice(installed=False)
    words = list(_words(image))
    return (words if _letters(words) > _letters(found) else []), None


def advice(*, installed: bool) -> str | None:
    """What would help with photos, nothing when it is there."""
    return None if installed else ADVICE


def _letters(found: Sequence[Seen]) -> float:
    return sum(seen.confidence * len(seen.text) for seen in found)


def _words(image: Image) -> Iterator[Seen]:
    """Words with boxes cut from their line's by their share of its letters."""
    import numpy

    result = _engine()(numpy.asarray(image.convert("RGB")))
    if result.boxes is None:
        return
    for number, (corners, text, score) in enumerate(zip(result.boxes, result.txts, result.scores, strict=True)):
        left, top = float(min(corners[:, 0])), float(min(corners[:, 1]))
        right, bottom = float(max(corners[:, 0])), float(max(corners[:, 1]))
        letter = (right - left) / max(len(text), 1)
        place = 0
        for word in text.split():
            place = text.index(word, place)
            box = left + place * letter, top, left + (place + len(word)) * letter, bottom
            yield Seen(word, box, float(score), number, loose=True)
            place += len(word)


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    threads = "EngineConfig.onnxruntime"
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "error",
            "Global.max_side_len": LONGEST,
            f"{threads}.intra_op_num_threads": 1,
            f"{threads}.inter_op_num_threads": 1,
        }
    )
