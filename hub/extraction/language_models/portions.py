"""Which parts of a document a model is shown, and in which portions: relevant pages, cut at lines, overlapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from hub.extraction.reading import Reading, spans_between
from hub.extraction.rules.vocabulary import column_concepts, concepts_of, own_labels, tokens, vocabulary
from hub.extraction.schemas.fields import FieldType, Leaf, Schema, leaves

# A document up to this size is shown whole.
ENOUGH = 12_000
OVERLAP = 800
_BLOCK = 4_000
_LONGEST_LABEL = 4


class Range(msgspec.Struct, frozen=True):
    """Characters of a reading's text, the end not included."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many characters these are."""
        return self.end - self.start


class Portion(msgspec.Struct, frozen=True):
    """What one request shows: ranges in the order of the text."""

    ranges: tuple[Range, ...]

    @property
    def size(self) -> int:
        """How many characters it shows."""
        return sum(one.size for one in self.ranges)

    def halves(self, text: str) -> tuple[Portion, Portion]:
        """Cut it in two at the end of a line, for answers that became too long."""
        wanted, taken = self.size // 2, 0
        for index, one in enumerate(self.ranges):
            if taken + one.size > wanted or index == len(self.ranges) - 1:
                at = min(one.end, _line_end(text, one.start, one.start + max(1, wanted - taken)))
                first = (*self.ranges[:index], Range(one.start, at))
                return Portion(first), Portion((Range(at, one.end), *self.ranges[index + 1 :]))
            taken += one.size
        return self, Portion(())


class Shown(msgspec.Struct, frozen=True):
    """The ranges to show, and a sentence about what was left out."""

    ranges: tuple[Range, ...]
    note: str = ""


def shown(reading: Reading, schema: Schema) -> Shown:
    """Choose the pages that name what is asked for; all of them when they are few or names tell too little."""
    whole = Shown((Range(0, len(reading.text)),))
    if len(reading.text) <= ENOUGH:
        return whole
    blocks = list(_blocks(reading))
    wanted = list(leaves(schema.spec.fields))
    named = [_named(reading.text[block.start : block.end], wanted, schema) for block in blocks]
    tabled = any(leaf.field.type is FieldType.TABLE for leaf in wanted)
    if tabled or 2 * len(frozenset().union(*named)) < len(wanted):
        return whole
    kept = [index for index, found in enumerate(named) if found or index in {0, len(blocks) - 1}]
    if len(kept) > 0.8 * len(blocks):
        return whole
    return Shown(tuple(_joined([blocks[index] for index in kept])), _note(reading, kept, len(blocks)))


def portions(text: str, ranges: Sequence[Range], most: int) -> list[Portion]:
    """Pack ranges into portions of at most `most` characters; where one is cut, the next begins a little before."""
    packed: list[Portion] = []
    current: list[Range] = []
    room = most
    for one in ranges:
        start = one.start
        while one.end - start > room:
            end = _line_end(text, start, start + room)
            current.append(Range(start, end))
            packed.append(Portion(tuple(current)))
            current, room = [], most
            start = _line_start(text, max(start + 1, end - min(OVERLAP, most // 4)), end)
        if start < one.end:
            current.append(Range(start, one.end))
            room -= one.end - start
    if current:
        packed.append(Portion(tuple(current)))
    return packed


def pages_of(reading: Reading, portion: Portion) -> list[int]:
    """Return the numbers of the pages that a portion shows."""
    spans = (span for one in portion.ranges for span in spans_between(reading, one.start, one.end))
    return sorted({span.page for span in spans if span.page is not None})


def _blocks(reading: Reading) -> Iterator[Range]:
    """Cut a reading at its pages, or at lines where it has none."""
    if len(reading.pages) > 1 and reading.spans:
        starts = [next(group).start for _, group in groupby(reading.spans, key=lambda span: span.page)]
        starts[0] = 0
        yield from (Range(*pair) for pair in zip(starts, [*starts[1:], len(reading.text)], strict=True))
        return
    start = 0
    while start < len(reading.text):
        end = min(len(reading.text), start + _BLOCK)
        end = len(reading.text) if end == len(reading.text) else _line_end(reading.text, start, end)
        yield Range(start, end)
        start = end


def _named(text: str, wanted: Sequence[Leaf], schema: Schema) -> frozenset[str]:
    """Return the paths of the fields whose labels stand in a text."""
    words = [word for _, _, word in tokens(text)]
    keys = {"".join(words[at : at + size]) for size in range(1, _LONGEST_LABEL + 1) for at in range(len(words))}
    known = vocabulary()
    meant = {meaning.concept for key in keys & known.keys() for meaning in known[key]}
    return frozenset(
        leaf.path
        for leaf in wanted
        if keys & own_labels(leaf.field).keys() or meant & concepts_of(leaf, schema.name) or _heads(leaf, keys, meant)
    )


def _heads(leaf: Leaf, keys: set[str], meant: set[str]) -> bool:
    return any(keys & own_labels(column).keys() or meant & column_concepts(column) for column in leaf.field.fields)


def _joined(ranges: Sequence[Range]) -> Iterator[Range]:
    """Join ranges that touch."""
    start, end = ranges[0].start, ranges[0].end
    for one in ranges[1:]:
        if one.start > end:
            yield Range(start, end)
            start = one.start
        end = one.end
    yield Range(start, end)


def _note(reading: Reading, kept: Sequence[int], count: int) -> str:
    what = "pages" if len(reading.pages) > 1 else "parts"
    numbers = ", ".join(str(index + 1) for index in kept)
    return f"The language model was shown {what} {numbers} of {count}; the others name none of the fields asked for."


def _line_end(text: str, start: int, limit: int) -> int:
    """Find the end of the last line that fits, or the limit where no line ends."""
    found = text.rfind("\n", start + (limit - start) // 2, limit)
    return found + 1 if found >= 0 else limit


def _line_start(text: str, wanted: int, limit: int) -> int:
    """Find where a line starts at or behind a place, at most at the limit."""
    found = text.find("\n", wanted - 1, limit)
    return found + 1 if found >= 0 else wanted
