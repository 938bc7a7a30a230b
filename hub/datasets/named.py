"""Datasets by id or name, within the acting member's workspace."""

from __future__ import annotations

from hub.database import fetch_one
from hub.datasets import shape
from hub.datasets.shape import Dataset
from hub.datasets.workspace import PREFIX
from hub.errors import NotFoundError
from hub.ids import parse
from hub.members import Member

LONGEST_NAME = 100


async def found(member: Member, reference: str) -> Dataset | None:
    """Return a dataset, None when there is none of that name; an id that leads nowhere is not found either."""
    if reference.startswith(f"{PREFIX}_"):
        row = await fetch_one(f"{shape.SELECT} and id = $2", member.workspace, parse(PREFIX, reference))
        return Dataset.of(row) if row else None
    return await shape.find(member.workspace, reference)


async def find(member: Member, reference: str) -> Dataset:
    """Return a dataset; NotFoundError when there is none."""
    dataset = await found(member, reference)
    if dataset is None:
        raise absent(reference)
    return dataset


async def locked(member: Member, reference: str) -> Dataset:
    """Return a dataset that nobody else writes before this transaction ends."""
    dataset = await shape.lock(member.workspace, (await find(member, reference)).name)
    if dataset is None:
        raise absent(reference)
    return dataset


def absent(reference: str) -> NotFoundError:
    """Say that a dataset is not there."""
    return NotFoundError(f"There is no dataset {reference[:LONGEST_NAME]} here.")
