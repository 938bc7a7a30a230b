"""Usage: one row for each thing used, summed by month when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from hub.database import execute, fetch, to_jsonb
from hub.members import Member, Verb


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """An amount of something: `pages` read, `tokens` spent, `items` delivered; detail says by what."""

    kind: str
    quantity: Decimal | int
    unit: str
    cost_usd: Decimal = Decimal(0)
    detail: Mapping[str, Any] = {}


class MonthlyUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of one kind in one month (UTC), the month as `2026-11`."""

    month: str
    kind: str
    unit: str
    quantity: Decimal
    cost_usd: Decimal


class Usage:
    """Records what a workspace uses and sums it up."""

    async def record(self, workspace: UUID, used: Sequence[Used]) -> None:
        """Append rows within the current transaction, in one statement."""
        if not used:
            return
        await execute(
            "insert into usage (workspace, kind, quantity, unit, cost_usd, detail) select $1, * from unnest("
            "$2::text[], $3::numeric[], $4::text[], $5::numeric[], $6::jsonb[])",
            workspace,
            [one.kind for one in used],
            [one.quantity for one in used],
            [one.unit for one in used],
            [one.cost_usd for one in used],
            [to_jsonb(one.detail) for one in used],
        )

    async def by_month(self, member: Member, *, months: int = 12) -> Sequence[MonthlyUsage]:
        """Return the sums of the last months by kind and unit, newest month first."""
        member.authorize(Verb.READ)
        rows = await fetch(
            "select to_char(at, 'YYYY-MM') as month, kind, unit, sum(quantity) as quantity, sum(cost_usd) as cost_usd "
            "from usage where workspace = $1 and at >= date_trunc('month', now()) - make_interval(months => $2 - 1) "
            "group by 1, 2, 3 order by 1 desc, 2, 3",
            member.workspace,
            months,
        )
        return [MonthlyUsage(**row) for row in rows]
