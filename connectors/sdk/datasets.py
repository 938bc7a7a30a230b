"""What connectors say to the workspace's own tables: rows to write, questions, and the changes they hear of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from connectors.sdk.records.rows import WriteMode


class DatasetTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Which dataset to write, how, and by which columns a row is known again."""

    dataset: str
    mode: WriteMode = WriteMode.UPSERT
    key: Sequence[str] = ()


class DatasetQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows to read: those whose columns equal the values (or one of a list of values)."""

    dataset: str
    where: Mapping[str, Any]
    order: str = ""
    limit: int = 1000


class DatasetChange(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one row: how it was and is, and the cursor to read on from."""

    cursor: str
    kind: str
    row: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    at: datetime
    run: str | None = None
    item: str | None = None
    step: str | None = None
