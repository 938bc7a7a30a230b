"""The audit trail."""

from __future__ import annotations

from litestar import Controller, get
from litestar.di import NamedDependency

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page
from hub.audit import Audit, AuditEntry, Verification
from hub.ids import foreign_cursor
from hub.members import Member, Verb


class AuditController(Controller):
    """Read and verify who did what."""

    path = "/audit"
    tags = ["audit"]

    @get("/", opt={"verb": Verb.SEE_AUDIT})
    async def list_entries(
        self,
        audit: NamedDependency[Audit],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[AuditEntry]:
        """List entries, newest first."""
        if cursor is not None and not (cursor.isdecimal() and len(cursor) < 19):
            raise foreign_cursor()
        found = await audit.entries(member, before=int(cursor) if cursor else None, limit=limit + 1)
        return page(found, limit, "number")

    @get("/verification", opt={"verb": Verb.SEE_AUDIT})
    async def verify(self, audit: NamedDependency[Audit], member: NamedDependency[Member]) -> Verification:
        """Recompute the whole chain of hashes and tell where it first breaks, if it does."""
        return await audit.verify(member)


CONTROLLERS = (AuditController,)
