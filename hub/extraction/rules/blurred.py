"""Labels as scans show them: letters that look alike, one letter wrong in a long word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from hub.extraction.rules.vocabulary import Index, Meaning, vocabulary

_SHORTEST_ALIKE, _SHORTEST_NEAR, _LONGEST = 5, 8, 40
_ALIKE = str.maketrans("l1jtfc0e5896qv", "iiiiiooosbgggu")


class Blurred(msgspec.Struct, frozen=True):
    """Labels by what they look like, and by what they are without one of their letters."""

    index: Index
    alike: dict[str, str]
    without: dict[str, tuple[str, ...]]

    def get(self, written: str) -> tuple[Meaning, ...]:
        """Return what a word means that is nearly a label; words that are too short mean nothing."""
        if _SHORTEST_ALIKE <= len(written) <= _LONGEST:
            looks = self.alike.get(_shape(written))
            near = looks or next(iter(self._near(written)), None)
            if near:
                return self.index[near]
        return ()

    def _near(self, written: str) -> Iterator[str]:
        if len(written) >= _SHORTEST_NEAR:
            for shortened in (written, *_shortened(written)):
                for label in self.without.get(shortened, ()):
                    if _is_near(written, label):
                        yield label


def blurred(index: Index) -> Blurred:
    """Prepare labels for being looked up as they appear in scans."""
    alike: dict[str, str] = {}
    without: dict[str, list[str]] = {}
    for label in index:
        if _SHORTEST_ALIKE <= len(label) <= _LONGEST:
            alike.setdefault(_shape(label), label)
        if _SHORTEST_NEAR <= len(label) <= _LONGEST:
            for shortened in {label, *_shortened(label)}:
                without.setdefault(shortened, []).append(label)
    return Blurred(index, alike, {shortened: tuple(labels) for shortened, labels in without.items()})


@cache
def blurred_vocabulary() -> Blurred:
    """Return all labels we know, prepared once."""
    return blurred(vocabulary())


def _shape(word: str) -> str:
    return word.replace("rn", "m").translate(_ALIKE)


def _shortened(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _is_near(one: str, other: str) -> bool:
    """Tell whether two words differ in one letter that is another, missing or too many."""
    begin = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rests = one[begin:], other[begin:]
    return rests[0][1:] == rests[1][1:] or rests[0][1:] == rests[1] or rests[0] == rests[1][1:]
