"""Batches as members ask for them and see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from hub.extraction.choice import Choice
from hub.extraction.differences import Difference

MOST_FILES = 1_000

State = Literal["running", "done", "cancelled"]
FileState = Literal["waiting", "running", "done", "failed", "cancelled"]


class NewBatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which schema to apply to which files, and how.

    With `against` the same files are extracted a second time with those settings, to compare the two.
    """

    schema: str
    files: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_FILES)]
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    settings: Choice = Choice()
    against: Choice | None = None
    tags: tuple[str, ...] = ()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch and how far it is; `against` is the id of the batch it is compared with."""

    id: str
    title: str
    schema: str
    settings: Choice
    tags: list[str]
    against: str | None
    state: State
    files: int
    done: int
    failed: int
    waiting: int
    cost_usd: float
    confidence: float | None
    created_at: datetime
    ended_at: datetime | None


class BatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Batches, newest first, and where to go on."""

    items: Sequence[Batch]
    cursor: str | None = None


class BatchFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a batch: where it is, what was made of it, or why it failed."""

    position: int
    file: str
    name: str
    state: FileState
    tries: int
    extraction: str | None
    confidence: float | None
    problems: int
    message: str


class BatchFilePage(msgspec.Struct, frozen=True, kw_only=True):
    """Files of a batch in their order, and where to go on."""

    items: Sequence[BatchFile]
    cursor: str | None = None


class FileDifferences(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of one file that two settings fill differently."""

    file: str
    name: str
    first: str
    second: str
    fields: Sequence[Difference]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a worker holds: whoever holds it later has a higher fence."""

    workspace: UUID
    batch: UUID
    position: int
    file: UUID
    fence: int
    tries: int
    schema_name: str
    settings: Choice
    tags: tuple[str, ...]
    created_by: UUID | None
