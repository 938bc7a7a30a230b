"""Pages of files over REST: pictures to look at evidence in."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, QueryParameter

from hub.errors import NotFoundError
from hub.extraction.pages import WIDTH, Pages
from hub.extraction.readers.options import Options, Recognition
from hub.extraction.readers.pictures import LEAST, MOST
from hub.members import Member, Verb

Width = Annotated[int, QueryParameter(ge=LEAST, le=MOST, description="Width of the picture in pixels.")]
Turn = Annotated[
    Literal[0, 90, 180, 270], QueryParameter(description="Degrees to turn the page clockwise, as the reading was told.")
]
Recognised = Annotated[Recognition, QueryParameter(description="Which pages are images, as the reading was told.")]
Name = Annotated[str, PathParameter(description="The page's number, counted from 1, as a PNG: 1.png")]
NAME = re.compile(r"([1-9]\d{0,5})\.png")


class PageController(Controller):
    """Show pages."""

    path = "/files/{file_id:str}/pages"
    tags = ["files"]

    @get("/{page:str}", opt={"verb": Verb.READ}, media_type="image/png")
    async def show_page(
        self,
        pages: NamedDependency[Pages],
        member: NamedDependency[Member],
        file_id: FromPath[str],
        page: Name,
        width: Width = WIDTH,
        rotate: Turn = 0,
        ocr: Recognised = "auto",
    ) -> Response[bytes]:
        """Draw a page of a PDF or an image as readings see it; boxes of a reading scale by the width."""
        name = NAME.fullmatch(page)
        if name is None:
            raise NotFoundError("A page is called by its number and .png: 1.png is the first.")
        options = Options(rotate=rotate, ocr=ocr)
        content = await pages.picture(member, file_id, int(name[1]), width=width, options=options)
        headers = {
            "Cache-Control": "private, max-age=3600",
            # Who signs in next at the same browser is asked who they are.
            "Vary": "Cookie, Authorization",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return Response(content, media_type="image/png", headers=headers)


CONTROLLERS = [PageController]
