"""Seeding the demo and checking what came of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from hub.composition import Services
from hub.database import execute, fetch_one
from hub.demo.recipes import KINDS, Kind, document
from hub.extraction.evaluation import compare
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
    """What came of one sample; `differences` is empty when all is as expected."""

    name: str
    differences: list[str]


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
        shutil.copy2(sample.path, folder / "inbox" / sample.kind.table / sample.path.name)
    return member


async def outcomes(services: Services, member: Member, folder: Path) -> AsyncIterator[Outcome]:
    """Yield what came of each sample, as it arrives in its dataset."""
    waiting = {sample.path.name: sample for sample in samples()}
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while waiting and asyncio.get_running_loop().time() < deadline:
        for kind in {sample.kind.table: sample.kind for sample in waiting.values()}.values():
            for name, record in (await _records(member.workspace, kind)).items():
                sample = waiting.pop(name, None)
                if sample is not None:
                    yield Outcome(name, _differences(sample, record, folder))
        await asyncio.sleep(LOOK_EVERY)
    for name in waiting:
        yield Outcome(name, ["it did not arrive"])


def _differences(sample: Sample, record: Mapping[str, Any], folder: Path) -> list[str]:
    """Compare the stored record with the expected one, and look for the row in the workbook."""
    found = {name: value for name, value in record.items() if name in sample.expected}
    score = compare(sample.expected, found)
    told = [f"{one.path}: expected {one.expected!r}, got {one.actual!r}" for one in score.wrong]
    return told if _in_workbook(sample, folder) else [*told, "its row is missing in the workbook"]


def _in_workbook(sample: Sample, folder: Path) -> bool:
    import openpyxl

    path = folder / "outbox" / f"{sample.kind.table}.xlsx"
    if not path.exists():
        return False
    book = openpyxl.load_workbook(path, read_only=True)
    return any(sample.path.name in row for row in book.worksheets[0].iter_rows(values_only=True))


async def _records(workspace: UUID, kind: Kind) -> dict[str, Mapping[str, Any]]:
    """Return the records of a kind whose items have gone all the way, by document."""
    row = await fetch_one(
        "select coalesce(jsonb_object_agg(r.content->>'document', r.content->'record'), '{}') as records"
        " from dataset_rows r join datasets d on d.id = r.dataset"
        " join items i on i.id = r.item and i.state = 'delivered'"
        " where d.workspace = $1 and d.name = $2 and d.deleted_at is null",
        workspace,
        kind.table,
    )
    records: dict[str, Mapping[str, Any]] = msgspec.json.decode(row["records"]) if row else {}
    return records


async def _workspace() -> UUID:
    await execute(
        "insert into workspaces (id, name, slug) values ($1, 'Demo', $2) on conflict do nothing", new_id(), SLUG
    )
    row = await fetch_one("select id from workspaces where slug = $1", SLUG)
    if row is None:
        raise LookupError("The demo workspace could not be made.")
    identity: UUID = row["id"]
    return identity
