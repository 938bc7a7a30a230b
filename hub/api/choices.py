"""What can be chosen for a setting of a step or trigger."""

from __future__ import annotations

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from hub.members import Member, Verb
from hub.recipes.choices import Choices, Offers, Wanted


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


CONTROLLERS = (ChoiceController,)
