"""Seeding the demo and checking what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from hub.composition import Services
from hub.database import execute, fetch, fetch_one, from_jsonb, transaction
from hub.demo.recipes import KINDS, Kind, document
from hub.extraction.evaluation.compare import compare
from hub.ids import new_id
from hub.members import Member, Role
from hub.recipes import from_plain

SAMPLES = Path(__file__).parent / "samples"
SLUG = "demo"
PATIENCE = 120.0
LOOK_EVERY = 0.3


class Sample(msgspec.Struct, frozen=True):
    """One sample document and the record it must give."""

    path: Path
    kind: Kind
    expected: Mapping[str, Any]


class Outcome(msgspec.Struct, frozen=True):
    """What came of one sample: what names it best; `differences` is empty when all is as expected."""

    name: str
    values: Sequence[str]
    differences: Sequence[str]


def samples() -> list[Sample]:
    """Return the samples by name."""
    kinds = {kind.schema: kind for kind in KINDS}
    found = []
    for answer in sorted(SAMPLES.glob("*.expected.json")):
        plain = msgspec.json.decode(answer.read_bytes())
        path = answer.with_name(answer.name.removesuffix(".expected.json"))
        found.append(Sample(path, kinds[plain["schema"]], plain["record"]))
    return found


async def seed(services: Services, folder: Path) -> Member:
    """Make the demo workspace and its recipes, and put the samples where they are watched; safe to repeat."""
    member = Member(workspace=await _workspace(), user=None, role=Role.OWNER)
    (folder / "outbox").mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (folder / "inbox" / kind.table).mkdir(parents=True, exist_ok=True)
        await services.recipes.apply(member, from_plain(document(kind, folder)), publish=True)
    for sample in samples():
        _put(sample.path, folder / "inbox" / sample.kind.table / sample.path.name)
    return member


async def outcomes(member: Member, folder: Path) -> AsyncIterator[Outcome]:
    """Yield what came of each sample, as it arrives in its dataset and its workbook."""
    waiting = {sample.path.name: sample for sample in samples()}
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while waiting and asyncio.get_running_loop().time() < deadline:
        for kind in {sample.kind.table: sample.kind for sample in waiting.values()}.values():
            arrived = await _arrived(member.workspace, kind)
            rows = await asyncio.to_thread(_workbook, folder, kind) if arrived.keys() & waiting.keys() else []
            for name in sorted(arrived.keys() & waiting.keys()):
                yield _outcome(waiting.pop(name), arrived[name], [row for row in rows if row["document"] == name])
        await asyncio.sleep(LOOK_EVERY)
    for name in waiting:
        yield Outcome(name, [], ["it did not arrive"])


def _put(sample: Path, place: Path) -> None:
    """Put a sample into its folder in one piece; one that lies there already is not touched."""
    content = sample.read_bytes()
    if not place.exists() or place.read_bytes() != content:
        draft = place.parents[1] / f"{place.name}.part"
        draft.write_bytes(content)
        draft.replace(place)


def _outcome(sample: Sample, row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Outcome:
    """Compare the stored record, the row's columns and the workbook's line with the expected record."""
    record = {name: value for name, value in row["record"].items() if name in sample.expected}
    columns = {name: _at(sample.expected, path) for name, path in sample.kind.columns.items()}
    differences = [*_wrong("", sample.expected, record), *_wrong("column ", columns, _only(row, columns))]
    if len(lines) == 1:
        differences += _wrong("workbook column ", columns, _only(lines[0], columns))
    else:
        differences.append(f"the workbook has {len(lines)} rows of it")
    return Outcome(
        sample.path.name, [str(row[name]) for name in sample.kind.told if row[name] is not None], differences
    )


def _wrong(where: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [
        f"{where}{one.path}: expected {one.expected!r}, got {one.actual!r}" for one in compare(expected, found).wrong
    ]


def _at(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value[name] if value is not None else None
    return value


def _only(row: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in columns}


def _workbook(folder: Path, kind: Kind) -> list[dict[str, Any]]:
    """Return the lines of a kind's workbook by their columns, dates as text."""
    import openpyxl

    path = folder / "outbox" / f"{kind.table}.xlsx"
    if not path.exists():
        return []
    names, *lines = openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    return [{str(name): _plain(cell) for name, cell in zip(names, line, strict=True)} for line in lines]


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else cell


async def _arrived(workspace: UUID, kind: Kind) -> dict[str, Mapping[str, Any]]:
    """Return the rows of a kind whose items have gone all the way, by document."""
    rows = await fetch(
        "select r.content from dataset_rows r join datasets d on d.id = r.dataset"
        " join items i on i.id = r.item and i.state = 'delivered'"
        " where d.workspace = $1 and d.name = $2 and d.deleted_at is null",
        workspace,
        kind.table,
    )
    found = [from_jsonb(row["content"]) for row in rows]
    return {row["document"]: row for row in found}


async def _workspace() -> UUID:
    """Return the demo workspace; on a hub that has an owner it is theirs, else the first owner's to be."""
    async with transaction():
        await execute(
            "insert into workspaces (id, name, slug) values ($1, 'Demo', $2) on conflict do nothing", new_id(), SLUG
        )
        row = await fetch_one("select id from workspaces where slug = $1", SLUG)
        if row is None:
            raise LookupError("The demo workspace could not be made.")
        identity: UUID = row["id"]
        await execute(_GIVE, identity, Role.OWNER)
    return identity


_GIVE = """
insert into memberships (workspace, "user", role)
select $1, m."user", m.role from memberships m
where m.role = $2 and not exists (select from memberships d where d.workspace = $1)
order by m.created_at, m."user" limit 1"""
