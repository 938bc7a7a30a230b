"""What the workspace used."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.members import Member, Verb
from hub.usage import MonthlyUsage, Usage


class UsageController(Controller):
    """Sum up usage."""

    path = "/usage"
    tags = ["usage"]

    @get("/", opt={"verb": Verb.READ})
    async def by_month(
        self,
        usage: NamedDependency[Usage],
        member: NamedDependency[Member],
        months: Annotated[int, QueryParameter(ge=1, le=60, description="How many months back.")] = 12,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[MonthlyUsage]:
        """List what was used by month and kind, newest month first."""
        found = await usage.by_month(member, months=months)
        return part(found, limit, cursor, lambda one: f"{one.month}.{one.kind}.{one.unit}")


CONTROLLERS = (UsageController,)
