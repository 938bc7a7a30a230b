"""Captures over REST: pages of the web taken as files and read."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.extraction.capturing.pages import Wanted
from hub.extraction.capturing.service import MOST_PAGES, Captures, Outcome
from hub.extraction.capturing.stored_captures import CaptureSummary
from hub.members import Member, Verb

OfFile = Annotated[str | None, QueryParameter(name="file", description="Only those of this file.")]


class WantedPages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Addresses, and how to take the pages there.

    `selectors` name the parts to read; `rendered` has a browser draw the pages first, and `wait_for` has it wait until
    something is on them; `connection` names a log-in of the connector `web`.
    """

    urls: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_PAGES)]
    selectors: tuple[str, ...] = ()
    rendered: bool = False
    wait_for: str | None = None
    connection: str | None = None

    @property
    def pages(self) -> list[Wanted]:
        """One page for each address."""
        told = {name: getattr(self, name) for name in Wanted.__struct_fields__ if name != "url"}
        return [Wanted(url=url, **told) for url in self.urls]


class CaptureController(Controller):
    """Take pages of the web."""

    path = "/captures"
    tags = ["captures"]

    @post("/", opt={"verb": Verb.UPLOAD}, status_code=200)
    async def create_captures(
        self, captures: NamedDependency[Captures], member: NamedDependency[Member], data: JSONBody[WantedPages]
    ) -> Page[Outcome]:
        """Capture and read pages; each address has an outcome of its own, a file and a reading or a problem."""
        return Page(await captures.capture(member, data.pages))

    @get("/", opt={"verb": Verb.READ})
    async def list_captures(
        self,
        captures: NamedDependency[Captures],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        file: OfFile = None,
    ) -> Page[CaptureSummary]:
        """List captures, newest first, with where each file was taken from and when."""
        found = await captures.list(member, limit=limit, cursor=cursor, file=file)
        return Page(found.items, found.cursor)


CONTROLLERS = [CaptureController]
