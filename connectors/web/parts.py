"""The parts of a page to pick from: as a list, or where they stand on a picture of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from connectors.sdk import Choice, Context, Settings, field
from connectors.sdk.network.urls import require_address
from connectors.sdk.pages.browser import Drawn, Picture, PicturedPart
from connectors.web.blocks import Block, find_blocks
from connectors.web.connection import Connection
from connectors.web.page import Source
from connectors.web.reading import Reader, Wanted, reading, source_of


class Place(Settings):
    """A page, and what must be known to open it."""

    url: Annotated[str, field("Address")]
    rendered: Annotated[bool, field("Draw in a browser")] = False
    wait_for: Annotated[str, field("Wait for")] = ""
    robots: Annotated[bool, field("Follow robots.txt")] = True

    def __post_init__(self) -> None:
        require_address(self.url)

    @property
    def wanted(self) -> Wanted:
        """How the page is read."""
        return Wanted(rendered=self.rendered, wait_for=self.wait_for if self.rendered else "", robots=self.robots)


async def parts_of_page(context: Context[Any, Place]) -> list[Choice]:
    """Return the parts of the page that can be picked: the selector of each and how its text begins."""
    place = context.settings
    async with reading(context, place.wanted) as reader:
        sent = await reader.read(place.url, {})
    found = await context.confined(find_blocks, source_of(sent, "", "", None))
    return [Choice(block.selector, block.text) for block in found]


async def picture_of_page(context: Context[Any, Place]) -> Picture:
    """Return the same parts on a picture of the page; what scripts add is only there where recipes see it too."""
    place, log_in = context.settings, context.connection if isinstance(context.connection, Connection) else None
    blocks: Sequence[Block] = ()

    async def find(drawn: Drawn) -> Sequence[str]:
        nonlocal blocks
        source = Source(content=drawn.content, kind=drawn.kind, url=drawn.url, selector="", ignore="", before=None)
        blocks = await context.confined(find_blocks, source)
        return [block.selector for block in blocks]

    scripts = place.rendered or bool(log_in and log_in.needs_browser)
    async with context.browser.open(log_in) as pages:
        photo = await Reader(context, place.wanted, pages).photograph(place.url, find, scripts=scripts)
    parts = [
        PicturedPart(value=block.selector, text=block.text, box=box)
        for block, box in zip(blocks, photo.boxes, strict=True)
    ]
    return Picture(image=photo.image, width=photo.width, height=photo.height, parts=parts)
