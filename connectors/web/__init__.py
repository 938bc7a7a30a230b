"""Web: pages that change or are read, drawn by a browser where they need one, and log-ins to sites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from connectors.sdk import Category, Connector, Context, Item, Settings, SettingsError, field
from connectors.sdk.network.urls import require_address
from connectors.web.connection import Connection
from connectors.web.page import look
from connectors.web.parts import parts_of_page, picture_of_page
from connectors.web.reading import Wanted, reading, source_of
from connectors.web.selector import check_selector
from connectors.web.watching import Watch, changed_pages

connector = Connector(
    "web",
    "Web page",
    icon="travel_explore",
    connection=Connection,
    connection_optional=True,
    category=Category.WEB,
    tried="Chromium and a web site of our own",
)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the hosts that may see the log-in."""
    return connection.hosts


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Sign in with a browser where the log-in needs one; else see that it is complete."""
    if connection.needs_browser:
        if not connection.username and connection.password is None:
            raise SettingsError("A log-in page needs a user name and a password.")
        async with context.browser.open(connection):
            return
    if not connection.signing_headers():
        raise SettingsError("Give cookies, headers, a log-in page, or log-in steps.")


@connector.trigger("Page changed", every=3600.0)
async def page_changed(context: Context[Any, Watch], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run when the text of a page, or of a part of it, is no longer what it was.

    Gives `url`, `title`, the text `before` and `after`, both together as `diff` with - and + before each line, and the
    lines `added` and `removed`. The first look only notes the text.
    """
    async for item in changed_pages(context, cursor):
        yield item


class Reading(Settings):
    """Which page to read, and what part of it."""

    url: Annotated[
        str,
        field(
            "Address",
            hint="Scheme and host are fixed; the rest may be a template.",
            example="https://example.com/{{ trigger.path }}",
            templated=True,
        ),
    ]
    selector: Annotated[
        str,
        field(
            "Part",
            hint="A CSS selector, or pick a part of the page; empty for the whole page.",
            choices=parts_of_page,
            picture=picture_of_page,
        ),
    ] = ""
    ignore: Annotated[
        str,
        field("Leave out", hint="A CSS selector.", choices=parts_of_page, picture=picture_of_page, advanced=True),
    ] = ""
    rendered: Annotated[
        bool, field("Draw in a browser", hint="For pages that scripts fill in; log-ins by a form always are.")
    ] = False
    wait_for: Annotated[
        str,
        field("Wait for", hint="A CSS selector of what must be on the page first.", when={"rendered": (True,)}),
    ] = ""
    robots: Annotated[
        bool,
        field("Follow robots.txt", hint="Read no page that the site asks programs not to read.", advanced=True),
    ] = True

    def __post_init__(self) -> None:
        require_address(self.url)
        for selector in (self.selector, self.ignore, self.wait_for):
            check_selector(selector)


@connector.lookup("Read a page")
async def read(context: Context[Any, Reading]) -> Any:
    """Return the text of a page, or of a part of it.

    Gives `url` (where redirects led), `title` and `text`.
    """
    settings = context.settings
    wanted = Wanted(rendered=settings.rendered, wait_for=settings.wait_for, robots=settings.robots)
    async with reading(context, wanted) as reader:
        sent = await reader.read(settings.url, {})
    page = await context.confined(look, source_of(sent, settings.selector, settings.ignore, None))
    return {"url": sent.url, "title": page.title, "text": page.text}
