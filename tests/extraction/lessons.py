"""Lessons for tests: people who put drawn invoices right, and the layouts that this teaches."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.extraction.assemble import assemble
from hub.extraction.engines import find_locally
from hub.extraction.learning.amend import Amendment, Change, amend
from hub.extraction.learning.apply import Recognised
from hub.extraction.learning.editing import Entry
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.learning.teach import Lesson, teach
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading
from hub.extraction.results import FieldResult
from hub.extraction.schemas.starter import starter
from tests.extraction.odd_layouts import draw_odd

INVOICE = starter("invoice")


def read_odd(layout: str, seed: int) -> tuple[Reading, dict[str, Any]]:
    """Read a drawn invoice; returns what it says by path, rows of tables opened."""
    content, truth = draw_odd(layout, seed)
    return read(Source(content, "a.pdf")), truth


def single(truth: dict[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in truth.items() if not isinstance(value, list)}


def cells(truth: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{path}[{index}].{name}": value
        for path, rows in truth.items()
        if isinstance(rows, list)
        for index, row in enumerate(rows)
        for name, value in row.items()
    }


def corrected(reading: Reading, changes: list[Change]) -> dict[str, FieldResult]:
    """Extract by the rules and let a person put some values right, without saying where they stand."""
    found = assemble(reading, INVOICE, find_locally(reading, INVOICE).findings, "a.pdf")
    entry = Entry(found.record, found.fields, found.problems)
    return amend(Amendment(reading, INVOICE, "a.pdf", entry, tuple(changes))).entry.fields


def put_right(truth: dict[str, Any]) -> list[Change]:
    return [Change(path=path, value=value) for path, value in single(truth).items()]


def learn(
    reading: Reading, changes: list[Change], known: tuple[LearntLayout, ...] = (), *, confirmed: bool = False
) -> LearntLayout:
    """Teach a layout by corrections of one document."""
    layout = teach(
        Lesson(
            reading=reading,
            schema=INVOICE,
            fields=corrected(reading, changes),
            corrected=frozenset(change.path for change in changes),
            confirmed=confirmed,
            layouts=known,
        )
    )
    assert layout is not None
    return msgspec.structs.replace(layout, id=layout.id or "first")


def taught(layout: str, *seeds: int) -> LearntLayout:
    """Teach a layout by correcting every value of some of its documents."""
    known: tuple[LearntLayout, ...] = ()
    for seed in seeds:
        reading, truth = read_odd(layout, seed)
        known = (learn(reading, put_right(truth), known),)
    return known[0]


def said(recognised: Recognised, truth: dict[str, Any]) -> dict[str, Any]:
    return {path: found.value if (found := recognised.findings.get(path)) else None for path in truth}
