"""Where one is signed in."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from hub.accounts import Pass, Sessions, SessionSummary
from hub.api.access import SIGNED_IN
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.ids import parse
from hub.members import Member


class SessionController(Controller):
    """List and end one's own sessions."""

    path = "/sessions"
    tags = ["sessions"]

    @get("/", opt={"verb": SIGNED_IN})
    async def list_sessions(
        self,
        sessions: NamedDependency[Sessions],
        member: NamedDependency[Member],
        request: Request[Member, Pass, Any],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[SessionSummary]:
        """List the places where one is signed in, the latest used first."""
        return part(await sessions.list(member, request.auth.session), limit, cursor, lambda one: one.id)

    @delete("/", opt={"verb": SIGNED_IN})
    async def end_others(
        self, sessions: NamedDependency[Sessions], member: NamedDependency[Member], request: Request[Member, Pass, Any]
    ) -> None:
        """Sign out everywhere but here."""
        await sessions.end_others(member, request.auth.session)

    @delete("/{session_id:str}", opt={"verb": SIGNED_IN})
    async def end_session(
        self, sessions: NamedDependency[Sessions], member: NamedDependency[Member], session_id: FromPath[str]
    ) -> None:
        """End one session."""
        await sessions.end(member, parse("ses", session_id))


CONTROLLERS = (SessionController,)
