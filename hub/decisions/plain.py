"""Corrections written into the extraction itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.database import execute, to_jsonb
from hub.decisions.answers import Change
from hub.decisions.records import stored
from hub.extraction.results import FieldResult
from hub.ids import parse
from hub.members import Member

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class PlainCorrections:
    """Sets values at their paths."""

    async def apply(
        self,
        member: Member,
        extraction: str,
        changes: Sequence[Change],
        *,
        decision: UUID | None = None,  # noqa: ARG002  # kept nowhere yet
    ) -> None:
        """Write the values into the stored result."""
        found = (await stored(member.workspace, [extraction]))[extraction]
        records, fields = found.records or [found.record], dict(found.fields)
        for change in changes:
            *holders, last = [name or int(index) for name, index in _PART.findall(change.path)]
            value: Any = records[change.record]
            for name in holders:
                value = value[name]
            value[last] = change.value
            fields[change.path] = FieldResult(value=change.value, confidence=1.0, engine="person")
        result = msgspec.structs.replace(found, record=records[0], records=records, fields=fields)
        await execute(
            "update extractions set result = $2::jsonb where id = $1", parse("ext", extraction), to_jsonb(result)
        )
