"""Which rows of a tab a write adds and which it changes, worked out before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.google._sheets_cells import entered, known_as, plain, same, seen
from connectors.google._sheets_tab import Cell, Tab, Table, Value, columns
from connectors.sdk import Change, ChangeKind, Receipt, Record, SettingsError, field
from connectors.sdk.records.rows import RowList, require_key_columns

_EMPTY = Cell()


class Rows(Table):
    """Which tab to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"Number": "{{ read.number }}"}, templated=True, record=True, choices=columns),
    ]
    mode: Annotated[
        Literal["append", "upsert"],
        field("Mode", hint="append adds rows at the end; upsert changes the row of the same key, or adds one."),
    ] = "append"
    key: Annotated[
        tuple[str, ...],
        field("Key columns", hint="They say which row it is.", choices=columns, when={"mode": ("upsert",)}),
    ] = ()
    values: Annotated[
        Literal["raw", "typed"],
        field(
            "Texts",
            hint="raw: they stay texts, and nothing is computed; typed: formulas, numbers and dates become such, as if"
            " somebody had typed them. Only for texts you trust.",
            advanced=True,
        ),
    ] = "raw"
    rows: RowList = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode == "upsert" and not self.key:
            raise ValueError("The mode upsert needs key columns, which say what row it is; append does without.")
        require_key_columns(self.key, self.columns)


class Line(msgspec.Struct, kw_only=True):
    """One row to write: its cells by column, where it stands (None: at the end), and how it was before."""

    record: int
    cells: dict[str, Value]
    given: Mapping[str, Any]
    place: int | None = None
    before: dict[str, Value] | None = None
    shown: dict[str, Any] | None = None


Index = dict[tuple[str, ...], list[Any]]


def planned(tab: Tab, settings: Rows, records: Sequence[Record]) -> tuple[list[Line], dict[int, str]]:
    """Return a line for each row, as if those before it were written, and why records are left out."""
    index = _index(tab, settings) if settings.mode == "upsert" else {}
    lines: list[Line] = []
    refused: dict[int, str] = {}
    for number, record in enumerate(records):
        try:
            own = [_line(settings, number, row) for row in record.rows]
            for line in own:
                _placed(tab, settings, line, index)
        except ValueError as error:
            refused[number] = str(error)
        else:
            lines += own
            _remember_new(settings, own, index)
    return lines, refused


def changes(tab: Tab, settings: Rows, records: Sequence[Record]) -> list[list[Change]]:
    """Return for each record the rows it would add or change."""
    lines, refused = planned(tab, settings, records)
    if refused:
        raise SettingsError(next(iter(refused.values())))
    shown: list[list[Change]] = [[] for _ in records]
    for line in lines:
        after = {name: plain(found) for name, found in line.cells.items()}
        if line.before is None:
            found = Change(kind=ChangeKind.ADD, reference=tab.title, after=after)
        elif line.before == line.cells:
            continue
        else:
            before = line.shown or {name: plain(value) for name, value in line.before.items()}
            found = Change(
                kind=ChangeKind.CHANGE, reference=reference(settings, records[line.record]), before=before, after=after
            )
        shown[line.record].append(found)
    return shown


def receipt(settings: Rows, record: Record, lines: Sequence[Line], number: int) -> Receipt:
    """Return the proof of one record, with the images that undo needs."""
    own = [line for line in lines if line.record == number]
    added = sum(line.before is None for line in own)
    return Receipt(
        reference=reference(settings, record),
        url=f"https://docs.google.com/spreadsheets/d/{settings.id}",
        output={"rows": len(own), "added": added, "changed": len(own) - added},
        before=[line.before for line in own],
        after=[line.cells for line in own],
    )


def reference(settings: Rows, record: Record) -> str:
    """Name what was written: the row by its key, or the tab."""
    if settings.mode == "append" or len(record.rows) != 1:
        return settings.tab
    return ", ".join(f"{name} {record.values.get(name)}" for name in settings.key)


def _line(settings: Rows, number: int, row: Mapping[str, Any]) -> Line:
    empty = [name for name in settings.key if row.get(name) in (None, "")] if settings.mode == "upsert" else []
    if empty:
        raise ValueError(f"The key column {', '.join(empty)} is empty.")
    cells = {name: entered(value, typed=settings.values == "typed") for name, value in row.items()}
    return Line(record=number, cells=cells, given=row)


def _index(tab: Tab, settings: Rows) -> Index:
    """Return where the rows of a tab stand, by every text under which their key can be meant."""
    places = [tab.place(name) for name in settings.key]
    found: Index = {}
    for number, row in enumerate(tab.rows):
        keys: list[tuple[str, ...]] = [()]
        for place in places:
            one = row[place] if place < len(row) else _EMPTY
            keys = [(*key, text) for key in keys for text in known_as(one.user_entered_value, one.formatted_value)]
        for key in keys:
            found.setdefault(key, []).append(number)
    return found


def _placed(tab: Tab, settings: Rows, line: Line, index: Index) -> None:
    """Find the row that a line means and how it is; ValueError when there are several."""
    if settings.mode == "append":
        return
    alike = index.get(_key(settings, line), [])
    if len(alike) > 1:
        named = ", ".join(f"{name} {line.given[name]}" for name in settings.key)
        raise ValueError(
            f"The tab {tab.title} has {len(alike)} rows with {named}, so it is not clear which one is meant."
        )
    if not alike:
        return
    if isinstance(alike[0], Line):
        line.place, line.before = alike[0].place, alike[0].cells
        return
    row = tab.rows[alike[0]]
    cells = {name: row[place] if (place := tab.place(name)) < len(row) else _EMPTY for name in line.cells}
    line.place = tab.head + alike[0]
    line.before = {name: one.user_entered_value for name, one in cells.items()}
    line.shown = {name: seen(one) for name, one in cells.items()}
    if all(same(line.before[name], line.cells[name]) for name in line.cells):
        line.cells = dict(line.before)


def _remember_new(settings: Rows, lines: Sequence[Line], index: Index) -> None:
    """Let later rows of the same key mean the same row, also where it is only about to be added."""
    if settings.mode == "append":
        return
    for line in lines:
        key = _key(settings, line)
        if line.place is None:
            line.place = -1 - len(index)
        index[key] = [line]


def _key(settings: Rows, line: Line) -> tuple[str, ...]:
    return tuple(next(iter(known_as(line.cells[name], ""))) for name in settings.key)
