"""Write records as rows of an Excel table, find them again, and take them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.microsoft._excel import Line, Sheet, Table, same, table_of, written
from connectors.microsoft._family import Connection
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, Rejected, SettingsError


class Image(msgspec.Struct, frozen=True):
    """A row before and after its write, and where it stood."""

    index: int
    before: list[Any] | None
    after: list[Any]


class Step(msgspec.Struct):
    """What happens to one row: a line that is changed, or None for one that is added."""

    record: int
    row: Mapping[str, Any]
    standing: Line | None = None
    index: int = -1


async def write(context: Context[Connection, Sheet], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add rows in one request and change those whose key is there."""
    table = await table_of(context, context.settings.workbook, context.settings.table)
    refused = {number: reason for number, record in enumerate(records) if (reason := _wrong(context.settings, record))}
    sound = {number: record for number, record in enumerate(records) if number not in refused}
    steps = await _steps(table, context.settings, sound)
    for step in steps:
        if step.standing is not None:
            step.index = step.standing.index
            await table.change(step.index, table.cells({name: written(value) for name, value in step.row.items()}))
    added = [step for step in steps if step.standing is None]
    if added:
        first = await table.add(
            [table.cells({name: written(value) for name, value in step.row.items()}) for step in added]
        )
        for place, step in enumerate(added):
            step.index = first + place
    return [
        Rejected(message=refused[number]) if number in refused else _receipt(table, context.settings, number, steps)
        for number in range(len(records))
    ]


async def preview(context: Context[Connection, Sheet], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the rows with those that are there."""
    table = await table_of(context, context.settings.workbook, context.settings.table)
    steps = await _steps(table, context.settings, dict(enumerate(records)))
    return [[_change(table, step) for step in steps if step.record == number] for number in range(len(records))]


async def find(context: Context[Connection, Sheet], record: Record) -> Receipt | None:
    """Look for rows with these values, each for one of the record's."""
    table = await table_of(context, context.settings.workbook, context.settings.table)
    left, steps = await table.lines(), []
    for row in record.rows:
        place = next((place for place, line in enumerate(left) if _holds(table, line, row)), None)
        if place is None:
            return None
        line = left.pop(place)
        steps.append(Step(0, row, line, line.index))
    return msgspec.structs.replace(_receipt(table, context.settings, 0, steps), before=None, after=None)


async def undo(context: Context[Connection, Sheet], receipt: Receipt) -> Receipt:
    """Put rows back as they were, where nobody has changed them since."""
    if receipt.after is None:
        raise SettingsError("How the rows were before is not known, so this cannot be undone.")
    table = await table_of(context, context.settings.workbook, context.settings.table)
    lines, found = await table.lines(), []
    for image in msgspec.convert(receipt.after, list[Image]):
        near = sorted(lines, key=lambda line: abs(line.index - image.index))
        line = next((line for line in near if _equal(line.cells, image.after)), None)
        if line is None:
            raise SettingsError(f"{receipt.reference} has changed since it was written, so it stays as it is.")
        lines.remove(line)
        found.append((line.index, image))
    for index, image in sorted(found, key=lambda pair: pair[0], reverse=True):
        if image.before is None:
            await table.remove(index)
        else:
            await table.change(index, [written(cell) for cell in image.before])
    return Receipt(reference=receipt.reference)


async def _steps(table: Table, settings: Sheet, records: Mapping[int, Record]) -> list[Step]:
    """Say of each row whether it is added or changes a line; of several with one key the last counts."""
    for record in records.values():
        for row in record.rows:
            table.require(row)
    steps = [Step(number, row) for number, record in records.items() for row in record.rows]
    if not settings.key:
        return steps
    standing = {
        _key(settings, dict(zip(table.columns, line.cells, strict=False))): line for line in await table.lines()
    }
    last: dict[tuple[str, ...], Step] = {}
    for step in steps:
        key = _key(settings, step.row)
        step.standing = standing.get(key)
        last[key] = step
    return list(last.values())


def _key(settings: Sheet, row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_text(row.get(name)) for name in settings.key)


def _text(value: Any) -> str:
    """Write numbers in one way: a cell gives 17 back as 17 or as 17.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str("" if value is None else value)


def _wrong(settings: Sheet, record: Record) -> str:
    empty = [name for row in record.rows for name in settings.key if row.get(name) in (None, "")]
    if empty:
        return f"The key column {empty[0]} is empty."
    try:
        for row in record.rows:
            for value in row.values():
                written(value)
    except SettingsError as error:
        return error.message
    return ""


def _holds(table: Table, line: Line, row: Mapping[str, Any]) -> bool:
    cells = dict(zip(table.columns, line.cells, strict=False))
    return all(same(cells.get(name), value) for name, value in row.items())


def _equal(cells: Sequence[Any], image: Sequence[Any]) -> bool:
    return len(cells) == len(image) and all(same(cell, value) for cell, value in zip(cells, image, strict=True))


def _after(table: Table, step: Step) -> list[Any]:
    before = step.standing.cells if step.standing else [None] * len(table.columns)
    return [step.row.get(name, cell) for name, cell in zip(table.columns, before, strict=False)]


def _change(table: Table, step: Step) -> Change:
    before = dict(zip(table.columns, step.standing.cells, strict=False)) if step.standing else None
    return Change(
        kind=ChangeKind.CHANGE if before else ChangeKind.ADD,
        reference=f"row {step.standing.index + 1}" if step.standing else None,
        before=before,
        after=dict(zip(table.columns, _after(table, step), strict=False)) if before else dict(step.row),
    )


def _receipt(table: Table, settings: Sheet, number: int, steps: Sequence[Step]) -> Receipt:
    own = [step for step in steps if step.record == number]
    images = [Image(step.index, step.standing.cells if step.standing else None, _after(table, step)) for step in own]
    added = sum(step.standing is None for step in own)
    rows = [step.index + 1 for step in own]
    return Receipt(
        reference=f"{settings.table}, row {rows[0]}" if len(rows) == 1 else settings.table,
        output={"rows": len(own), "added": added, "changed": len(own) - added, "numbers": rows},
        after=msgspec.to_builtins(images),
    )
