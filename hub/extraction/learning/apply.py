"""Applying what was learnt: the nearest layout gives its fields their values, without any model."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.extraction.findings import Finding, Findings
from hub.extraction.learning.follow import Scene, best
from hub.extraction.learning.frame import Frame
from hub.extraction.learning.learnt import LearntField, LearntLayout
from hub.extraction.learning.marks import ENOUGH, Match, match
from hub.extraction.learning.tables import read_table
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import FieldType, Leaf, Schema, leaves
from hub.extraction.values.conventions import conventions_of

# So often must people have said that a layout has no such value before a finding of the rules is dropped.
_ABSENT = 2


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """What a known layout says of a document.

    `firm` are the paths where people had to teach what the rules got wrong, `absent` those of which they said that
    the layout does not have them.
    """

    layout: str | None = None
    share: float = 0.0
    findings: Findings = msgspec.field(default_factory=dict)
    firm: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def over(self, ruled: Findings) -> Findings:
        """Join with what the rules found: a firm value beats theirs, another one only fills what they left."""
        kept = {path: one for path, one in ruled.items() if _root(path) not in self.absent}
        filled = {_root(path) for path in kept}
        won = {
            path: _agreed(one, kept.get(path))
            for path, one in self.findings.items()
            if _root(path) in self.firm or _root(path) not in filled or _same(one, kept.get(path))
        }
        taken = {_root(path) for path in won if "[" in path}
        return {**{path: one for path, one in kept.items() if _root(path) not in taken}, **won}


def apply(reading: Reading, schema: Schema, layouts: Sequence[LearntLayout]) -> Recognised:
    """Find what the nearest of some layouts says of a document; nothing when it is of none of them."""
    if not layouts or not reading.spans:
        return Recognised()
    frame = Frame(reading)
    layout, matched = nearest(frame, layouts)
    if layout is None:
        return Recognised()
    scene = Scene(frame, matched, conventions_of(reading.text))
    findings: Findings = {}
    absent: set[str] = set()
    firm: set[str] = set()
    for leaf in leaves(schema.spec.fields):
        found = _of_leaf(scene, layout, leaf)
        findings |= found
        if _is_absent(layout.fields.get(leaf.path)):
            absent.add(leaf.path)
        if found and _is_firm(layout, leaf.path):
            firm.add(leaf.path)
    return Recognised(
        layout=layout.id,
        share=matched.share,
        findings=findings,
        firm=frozenset(firm),
        absent=frozenset(absent - {_root(path) for path in findings}),
    )


def nearest(frame: Frame, layouts: Sequence[LearntLayout]) -> tuple[LearntLayout | None, Match]:
    """Return the layout that most of a document's words fit, None when too few fit any."""
    matches = [(layout, match(layout, frame)) for layout in layouts]
    layout, matched = max(matches, key=lambda pair: pair[1].share, default=(None, Match(0.0)))
    return (layout, matched) if matched.share >= ENOUGH else (None, matched)


def _of_leaf(scene: Scene, layout: LearntLayout, leaf: Leaf) -> Findings:
    if leaf.field.type is FieldType.TABLE:
        table = layout.tables.get(leaf.path)
        return read_table(scene, leaf.path, leaf.field, table) if table else {}
    learnt = layout.fields.get(leaf.path)
    if learnt is None or leaf.field.type is FieldType.LIST or _is_absent(learnt):
        return {}
    finding = best(scene, leaf.field, learnt)
    return {leaf.path: finding} if finding else {}


def _is_absent(learnt: LearntField | None) -> bool:
    return learnt is not None and learnt.absent >= _ABSENT and learnt.absent > learnt.present


def _is_firm(layout: LearntLayout, path: str) -> bool:
    """What was only confirmed the rules found by themselves; they are believed where both differ."""
    table, field = layout.tables.get(path), layout.fields.get(path)
    return (table is not None and table.taught) or (field is not None and field.taught)


def _same(one: Finding, other: Finding | None) -> bool:
    return other is not None and one.value == other.value


def _agreed(one: Finding, other: Finding | None) -> Finding:
    """What the rules found too is surer than either says."""
    if not _same(one, other) or other is None:
        return one
    confidence = 1 - (1 - one.confidence) * (1 - other.confidence)
    return msgspec.structs.replace(one, confidence=round(min(0.99, confidence), 3))


def _root(path: str) -> str:
    return path.partition("[")[0]
