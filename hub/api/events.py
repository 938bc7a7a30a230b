"""Changes as they happen, by server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.params import FromQuery, HeaderParameter
from litestar.response import Stream

from hub.accounts import Accounts, Pass
from hub.api.access import COOKIE, given_key
from hub.errors import HubError
from hub.members import Member, Verb
from hub.outbox import Outbox


class EventController(Controller):
    """Stream what changes in the workspace."""

    path = "/events"
    tags = ["events"]

    @get("/", opt={"verb": Verb.READ}, media_type="text/event-stream")
    async def stream(
        self,
        outbox: NamedDependency[Outbox],
        accounts: NamedDependency[Accounts],
        member: NamedDependency[Member],
        request: Request[Member, Pass, Any],
        kind: FromQuery[str | None] = None,
        last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
    ) -> Stream:
        """Follow events from now on, or after `Last-Event-ID`; `kind` keeps those that begin with it (`run.`).

        The stream ends when the session or key does.
        """
        if last_event_id is not None:
            await outbox.read(member.workspace, last_event_id, 1)  # refuses what is no cursor before the stream begins
        messages = _messages(outbox, accounts, request, member, kind or "", last_event_id)
        return Stream(messages, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _messages(
    outbox: Outbox,
    accounts: Accounts,
    request: Request[Member, Pass, Any],
    member: Member,
    kind: str,
    after: str | None,
) -> AsyncGenerator[str]:
    yield ": connected\nretry: 2000\n\n"
    async for event in outbox.follow(member.workspace, after):
        if not await _still_may(accounts, request, member):
            return
        if event is None:
            yield ": quiet\n\n"
        elif event.kind.startswith(kind):
            yield f"id: {event.cursor}\nevent: {event.kind}\ndata: {msgspec.json.encode(event).decode()}\n\n"


async def _still_may(accounts: Accounts, connection: ASGIConnection[Any, Any, Any, Any], member: Member) -> bool:
    key = given_key(connection.headers)
    try:
        if key is not None:
            now = await accounts.authenticate_key(key)
        else:
            now = await accounts.authenticate_session(connection.cookies.get(COOKIE, ""))
    except HubError:
        return False
    return now.workspace == member.workspace and now.may(Verb.READ)


CONTROLLERS = (EventController,)
