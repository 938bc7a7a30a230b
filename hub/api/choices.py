"""What can be chosen for a setting of a step or trigger."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from hub.members import Member, Verb
from hub.recipes.choices import Choices, Offers, Wanted
from hub.recipes.pictures import Pictures, PictureView

Name = Annotated[str, PathParameter(description="The id that came with the picture's parts.")]


class ChoiceController(Controller):
    """Ask services for the values of settings."""

    path = "/choices"
    tags = ["connectors"]

    @post("/", status_code=200, opt={"verb": Verb.USE_CONNECTIONS})
    async def list_choices(
        self, offers: NamedDependency[Offers], member: NamedDependency[Member], data: JSONBody[Wanted]
    ) -> Choices:
        """List what the service has for a setting: tables, columns, folders, schemas, members and the like."""
        return await offers.list(member, data)

    @post("/picture", status_code=200, opt={"verb": Verb.USE_CONNECTIONS})
    async def take_picture(
        self, pictures: NamedDependency[Pictures], member: NamedDependency[Member], data: JSONBody[Wanted]
    ) -> PictureView:
        """Show what can be chosen where it stands, such as the parts of a web page with their boxes in pixels.

        The JPEG is at `address` for ten minutes, for whoever asked for it; it is stored nowhere.
        """
        return await pictures.take(member, data)

    @get("/pictures/{picture_id:str}", opt={"verb": Verb.USE_CONNECTIONS}, media_type="image/jpeg")
    async def show_picture(
        self, pictures: NamedDependency[Pictures], member: NamedDependency[Member], picture_id: Name
    ) -> Response[bytes]:
        """Return the JPEG of a picture that was taken within the last minutes."""
        headers = {
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return Response(pictures.image(member, picture_id), media_type="image/jpeg", headers=headers)


CONTROLLERS = (ChoiceController,)
