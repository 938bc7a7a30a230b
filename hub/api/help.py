"""The guide over REST: its pages as Markdown, and a search."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from hub.api.paging import Page
from hub.help import Found, Guide
from hub.help.guide import START
from hub.members import Member, Verb

Words = Annotated[str, QueryParameter(name="q", description="Words that a section holds, or that begin so.")]
Name = Annotated[str, QueryParameter(description="Such as recipes or connectors/email.")]


class GuideEntry(msgspec.Struct, frozen=True):
    """A page of the guide in its table of contents."""

    name: str
    title: str


class GuideText(msgspec.Struct, frozen=True):
    """A page of the guide as it is written."""

    name: str
    title: str
    markdown: str


class HelpController(Controller):
    """Read the guide."""

    path = "/help"
    tags = ["help"]

    @get("/", opt={"verb": Verb.READ})
    async def list_pages(self, guide: NamedDependency[Guide], member: NamedDependency[Member]) -> Page[GuideEntry]:
        """List the pages of the guide."""
        return Page([GuideEntry(one.name, one.title) for one in await guide.list(member)])

    @get("/page", opt={"verb": Verb.READ})
    async def show_page(
        self, guide: NamedDependency[Guide], member: NamedDependency[Member], name: Name = START
    ) -> GuideText:
        """Show a page as Markdown."""
        found = await guide.show(member, name)
        return GuideText(found.name, found.title, found.markdown)

    @get("/search", opt={"verb": Verb.READ})
    async def search_guide(
        self, guide: NamedDependency[Guide], member: NamedDependency[Member], words: Words = ""
    ) -> Page[Found]:
        """Find the sections that hold all of the words."""
        return Page(await guide.search(member, words))


CONTROLLERS = (HelpController,)
