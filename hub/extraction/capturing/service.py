"""Captures of a workspace: pages stored as files, with where and when they were taken, and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast
from uuid import UUID

import msgspec

from connectors.sdk import ConnectorError, NoSettings
from connectors.sdk.pages.browser import LogIn, Pages
from connectors.sdk.registry import find_connector
from hub.connections import Connections, Contexts
from hub.errors import HubError, InvalidError, Problem
from hub.extraction.capturing import stored_captures as stored
from hub.extraction.capturing.browsers import Browsers
from hub.extraction.capturing.pages import Captured, Wanted
from hub.extraction.capturing.plain import fetch
from hub.extraction.capturing.stored_captures import CapturePage, Taken
from hub.extraction.readers import Options
from hub.extraction.reading import ReadingError
from hub.extraction.readings import Readings
from hub.extraction.sources import Given
from hub.files import Files, FileSummary
from hub.members import Member, Verb

if TYPE_CHECKING:
    from connectors.sdk.network.http import HttpClient

CONNECTOR = "web"
MOST_PAGES = 20
AT_ONCE = 4

_Take = Callable[[Wanted], Awaitable[Captured]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one address: a file with its reading, or the sentence that says why there is none."""

    url: str
    final_url: str | None = None
    title: str = ""
    file: str | None = None
    reading: str | None = None
    problem: str | None = None


class Captures:
    """Takes pages of the web for members, and for recipes as the workspace."""

    def __init__(
        self,
        *,
        files: Files,
        readings: Readings,
        connections: Connections,
        contexts: Contexts,
        browsers: Browsers,
    ) -> None:
        self._files = files
        self._readings = readings
        self._connections = connections
        self._contexts = contexts
        self._browsers = browsers

    async def capture(self, member: Member, wanted: Sequence[Wanted]) -> list[Outcome]:
        """Capture and read pages, all with the log-in of the first; each has an outcome of its own."""
        member.authorize(Verb.UPLOAD)
        member.authorize(Verb.EXTRACT)
        if any(one.connection for one in wanted):
            member.authorize(Verb.USE_CONNECTIONS)
        if not 1 <= len(wanted) <= MOST_PAGES:
            message = f"Give between 1 and {MOST_PAGES} addresses."
            raise InvalidError(message, errors=[Problem("urls", message)])
        if len({(one.connection, one.rendered) for one in wanted}) > 1:
            message = "Pages that are captured together share one log-in and one way."
            raise InvalidError(message, errors=[Problem("urls", message)])
        for one in wanted:
            one.check()
        async with self._taking(member.workspace, wanted[0]) as take:
            places = asyncio.Semaphore(1 if wanted[0].rendered else AT_ONCE)
            return await asyncio.gather(*(self._outcome(member, one, take, places) for one in wanted))

    async def take(self, workspace: UUID, wanted: Wanted) -> Given:
        """Capture a page for a recipe or an extraction and return it as the source to read."""
        wanted.check()
        async with self._taking(workspace, wanted) as take:
            captured = await take(wanted)
        file = await self._keep(workspace, wanted, captured)
        return Given(name=file.name, file=file.id, options=Options(selector=wanted.selector))

    async def list(
        self, member: Member, *, limit: int = 50, cursor: str | None = None, file: str | None = None
    ) -> CapturePage:
        """Return captures, newest first; those of one file on wish."""
        member.authorize(Verb.READ)
        return await stored.page(member.workspace, limit=limit, cursor=cursor, file=file)

    async def _outcome(self, member: Member, wanted: Wanted, take: _Take, places: asyncio.Semaphore) -> Outcome:
        file, captured = None, None
        try:
            async with places:
                captured = await take(wanted)
            file = await self._keep(member, wanted, captured)
            reading = await self._readings.of_file(member, file.id, Options(selector=wanted.selector))
        except HubError as error:
            url = captured.url if captured else None
            return Outcome(url=wanted.url, final_url=url, file=file.id if file else None, problem=error.message)
        title = reading.metadata.title or ""
        await stored.entitle(member.workspace, file.id, title)
        return Outcome(url=wanted.url, final_url=captured.url, title=title, file=file.id, reading=reading.id)

    async def _keep(self, actor: Member | UUID, wanted: Wanted, captured: Captured) -> FileSummary:
        workspace = actor.workspace if isinstance(actor, Member) else actor
        file = await self._files.store(actor, captured.name, captured.media_type, captured.content)
        by = actor.user if isinstance(actor, Member) else None
        taken = Taken(file=file.id, url=wanted.url, final_url=captured.url, rendered=captured.rendered, captured_by=by)
        await stored.keep(workspace, taken)
        return file

    @asynccontextmanager
    async def _taking(self, workspace: UUID, wanted: Wanted) -> AsyncIterator[_Take]:
        """Lend the way in which pages are taken: by the guarded client, or by one browser for all of them."""
        log_in, http, connection = await self._log_in(workspace, wanted.connection)
        if log_in and log_in.needs_browser and not wanted.rendered:
            message = "This log-in fills in a form, which takes a browser: say rendered."
            raise InvalidError(message, errors=[Problem("rendered", message)])
        if not wanted.rendered:
            yield lambda one: fetch(http, one, log_in)
            return
        try:
            async with self._browsers.open(log_in, connection) as pages:
                yield lambda one: _drawn(pages, one)
        except ConnectorError as error:
            raise ReadingError(error.message) from error

    async def _log_in(self, workspace: UUID, name: str | None) -> tuple[LogIn | None, HttpClient, UUID | None]:
        connector = find_connector(CONNECTOR)
        assert connector is not None  # noqa: S101 it comes with the hub
        if name is None:
            return None, self._contexts.make(workspace, None, connector, NoSettings()).http, None
        opened = await self._connections.open_named(workspace, name)
        if opened.connector != CONNECTOR:
            message = f"{name} is a connection to {opened.connector}; pages take one of the connector {CONNECTOR}."
            raise InvalidError(message, errors=[Problem("connection", message)])
        http = self._contexts.make(workspace, opened, connector, NoSettings()).http
        return cast("LogIn", opened.settings), http, opened.id


async def _drawn(pages: Pages, wanted: Wanted) -> Captured:
    try:
        drawn = await pages.draw(wanted.url, wanted.wait_for or "")
    except ConnectorError as error:
        raise ReadingError(error.message) from error
    return Captured(url=drawn.url, content=drawn.content, media_type="text/html", rendered=True)
