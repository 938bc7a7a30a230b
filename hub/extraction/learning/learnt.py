"""What is known of a layout: the words it always has, beside what each value stands, what its tables look like.

Lengths are thousandths of the page's width, so that a scan and a print of one layout agree; heights run on from page
to page.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Relation = Literal["behind", "right_of", "below", "left_of", "above", "at"]
# How far each way to a value is trusted when it was seen once.
TRUST: dict[Relation, float] = {
    "behind": 1.0,
    "right_of": 0.95,
    "below": 0.85,
    "at": 0.7,
    "left_of": 0.65,
    "above": 0.6,
}


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A word that belongs to the layout, where it begins, behind which word, and in how many documents it was seen."""

    word: str
    left: float
    top: float
    seen: int = 1
    after: str = ""


class Shape(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a value was written: whether with digits, letters and decimals, and on how many lines."""

    digits: bool = False
    letters: bool = False
    decimals: bool = False
    lines: int = 1


class Way(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to a value: from a label, which stood at `left` and `top`, over a distance, into a line.

    `before` and `behind` are the words of the line around the value, `nth` counts the values of its type in it.
    """

    relation: Relation
    label: tuple[str, ...]
    left: float
    top: float
    # From the label's left and top to the value's.
    over: float
    down: float
    width: float
    height: float
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    nth: int = 0
    written: str = ""
    hits: int = 1
    misses: int = 0

    @property
    def trust(self) -> float:
        """How far the value at its end can be believed."""
        return TRUST[self.relation] * (self.hits + 1) / (self.hits + 2 * self.misses + 1)


class LearntField(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field in a layout; `taught` when a person had to say where it stands, `absent` how often it was not there."""

    ways: tuple[Way, ...] = ()
    shape: Shape = Shape()
    present: int = 0
    absent: int = 0
    taught: bool = False


class LearntColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column: where its values begin and end, and whether every row has one."""

    name: str
    left: float
    right: float
    always: bool = True


class LearntTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table: the words above its columns, the words that end it, and the distance of its rows."""

    columns: tuple[LearntColumn, ...]
    head: tuple[str, ...]
    # Where the first row stood.
    left: float
    top: float
    pitch: float
    end: tuple[str, ...] = ()
    hits: int = 1
    misses: int = 0
    taught: bool = False


class LearntLayout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one layout of a schema's documents; `sources` are the newest of those it was learnt from."""

    id: str = ""
    sources: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    samples: int = 0
    fields: dict[str, LearntField] = msgspec.field(default_factory=dict)
    tables: dict[str, LearntTable] = msgspec.field(default_factory=dict)
