"""A source as it was read, with the places of its values marked on it: pages, text or transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import events, ui

from hub.extraction.readers.options import Options
from hub.extraction.reading import Box
from hub.extraction.results import Evidence, FieldResult
from hub.extraction.views import ReadingView, WordView
from hub.text import say
from ui.extraction.fields import Fields
from ui.extraction.sureness import tone_of
from ui.values import brief

# Beyond this a text is cut: a browser lays out no book.
MOST_CHARACTERS = 300_000
_SAID = (
    "toolbar", "before", "after", "smaller", "larger", "fit", "draw", "no_picture", "stage", "pages", "page", "place",
    "marks", "transcript", "play", "sound",
)  # fmt: skip


# Read as nobody told otherwise.
AS_IT_IS = Options()


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a field's value: `about` says what stands there and how sure it is."""

    field: str
    title: str
    about: str
    tone: str
    page: int | None = None
    box: Box | None = None
    characters: tuple[int, int] | None = None
    seconds: tuple[float, float] | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True, rename={"begin": "from", "until": "to"}):
    """A line of a transcript: when it is said, and its characters of the text."""

    start: float
    end: float
    begin: int
    until: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a person pointed at: a box drawn on a page, or selected characters; `field` was chosen before."""

    field: str = ""
    page: int | None = None
    box: Box | None = None
    characters: tuple[int, int] | None = None


class DocumentView:
    """Shows a source, read as it was `told`; without `placed`, which takes what people point at, they cannot point."""

    def __init__(
        self,
        reading: ReadingView | None,
        *,
        name: str,
        placed: Callable[[Place], Any] | None = None,
        words: bool = False,
        told: Options = AS_IT_IS,
    ) -> None:
        self._fixed = _fixed(reading, name, draws=placed is not None)
        self._fixed["pictures"] += f"&rotate={told.rotate}&ocr={told.ocr}"
        if words and reading:
            self._fixed["words"] = _words_by_page(reading.words)
        self._element = ui.element("pd-document").mark("document").props("data-testid=document")
        if placed:
            self._element.on("drawn", lambda event: placed(_drawn(event)), js_handler="(e) => emit(e.detail)")
            self._element.on("picked", lambda event: placed(_picked(event)), js_handler="(e) => emit(e.detail)")
        self.show(())

    def show(self, marks: Sequence[Mark], record: int = 0) -> None:
        """Mark these places, and no others; another record is looked at from its first place on."""
        self._element.props["content"] = {**self._fixed, "record": record, "marks": msgspec.to_builtins(marks)}
        self._element.update()


def marks_of(fields: Mapping[str, FieldResult], names: Fields) -> Iterator[Mark]:
    """Return the places of all values, in the order of the fields."""
    for path in names.ordered(fields):
        found = fields[path]
        for proof in found.evidence:
            if proof.box or proof.characters or proof.seconds:
                yield Mark(
                    field=path,
                    title=names.title(path),
                    about=about(found, proof),
                    tone=tone_of(found),
                    page=proof.page,
                    box=proof.box,
                    characters=proof.characters,
                    seconds=proof.seconds,
                )


def text_at(reading: ReadingView, place: Place) -> str:
    """Return the words at a place that a person pointed at."""
    if place.characters is not None:
        return " ".join(reading.text[place.characters[0] : place.characters[1]].split())
    inside = [word.text for word in reading.words if word.page == place.page and _is_inside(word.box, place.box)]
    return " ".join(inside)


def _is_inside(word: Box | None, box: Box | None) -> bool:
    """Tell whether the middle of a word lies in a box."""
    if word is None or box is None:
        return False
    across, down = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


def about(found: FieldResult, proof: Evidence) -> str:
    """Say what stands at a place and how sure the value is."""
    shown = brief(found.value, 80)
    sure = say("extraction.sure", share=f"{found.confidence:.0%}")
    seen = f" · “{brief(proof.text, 80)}”" if proof.text and proof.text != shown else ""
    return f"{shown} · {sure}{seen}"


def _fixed(reading: ReadingView | None, name: str, *, draws: bool) -> dict[str, Any]:
    """Return what does not change while the source is looked at."""
    pages = reading.pages if reading and reading.file else ()
    text = reading.text[:MOST_CHARACTERS] if reading and not pages else ""
    return {
        "name": name,
        "version": [reading.id, reading.revision] if reading else [],
        "pages": [{"number": one.number, "width": one.width, "height": one.height} for one in pages],
        "pictures": f"/api/v1/files/{reading.file}/pages/{{page}}.png?width={{width}}" if reading else "",
        "text": text,
        "sound": f"/api/v1/files/{reading.file}/content" if reading and reading.media_type.startswith("audio/") else "",
        "segments": msgspec.to_builtins(list(_segments(reading))) if reading and not pages else [],
        "tools": {"draw": draws},
        "say": {key: _message(key) for key in _SAID},
    }


def _message(key: str) -> str:
    """Return a message whose places the browser fills."""
    return say(f"document.{key}", page="{page}", pages="{pages}", name="{name}", number="{number}", time="{time}")


def _segments(reading: ReadingView) -> Iterator[Segment]:
    """Return the lines of a recording's transcript; none for what has no times."""
    line: list[WordView] = []
    for word in reading.words:
        if line and "\n" in reading.text[line[-1].end : word.start]:
            yield from _segment(line)
            line = []
        line.append(word)
    yield from _segment(line)


def _segment(line: Sequence[WordView]) -> Iterator[Segment]:
    times = [word.seconds for word in line if word.seconds]
    if times:
        yield Segment(start=times[0][0], end=times[-1][1], begin=line[0].start, until=line[-1].end)


def _words_by_page(words: Sequence[WordView]) -> dict[int, list[Box]]:
    found: dict[int, list[Box]] = {}
    for word in words:
        if word.page is not None and word.box is not None:
            found.setdefault(word.page, []).append(word.box)
    return found


def _drawn(event: events.GenericEventArguments) -> Place:
    told = event.args
    return msgspec.convert({"field": told["field"], "page": told["page"], "box": told["box"]}, Place)


def _picked(event: events.GenericEventArguments) -> Place:
    told = event.args
    return msgspec.convert({"field": told["field"], "characters": [told["from"], told["to"]]}, Place)
