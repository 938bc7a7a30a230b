"""The first-run tour over REST: where the member stopped, and its steps."""

from __future__ import annotations

from litestar import Controller, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from hub.extraction.results import Extraction
from hub.members import Member, Verb
from hub.tours import TourChange, TourOffer, Tours, TourState


class TourController(Controller):
    """Be led to a first recipe."""

    path = "/tour"
    tags = ["tour"]

    @get("/", opt={"verb": Verb.READ})
    async def show_tour(self, tours: NamedDependency[Tours], member: NamedDependency[Member]) -> TourState:
        """Show where you stopped and what you chose."""
        return await tours.show(member)

    @get("/offer", opt={"verb": Verb.EDIT_RECIPES})
    async def show_offer(self, tours: NamedDependency[Tours], member: NamedDependency[Member]) -> TourOffer:
        """Show what can be chosen here: directories, mailboxes, a sample."""
        return await tours.offer(member)

    @patch("/", opt={"verb": Verb.EDIT_RECIPES})
    async def change_tour(
        self, tours: NamedDependency[Tours], member: NamedDependency[Member], data: JSONBody[TourChange]
    ) -> TourState:
        """Keep a choice, or go to a step."""
        return await tours.change(member, data)

    @post("/restart", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def restart_tour(self, tours: NamedDependency[Tours], member: NamedDependency[Member]) -> TourState:
        """Begin again; what was made stays."""
        return await tours.restart(member)

    @post("/sample", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def take_sample(self, tours: NamedDependency[Tours], member: NamedDependency[Member]) -> TourState:
        """Try with the sample document of the schema."""
        return await tours.take_sample(member)

    @post("/try", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def try_out(self, tours: NamedDependency[Tours], member: NamedDependency[Member]) -> Extraction:
        """Extract from the chosen file."""
        return await tours.try_out(member)

    @post("/publish", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def publish_recipe(self, tours: NamedDependency[Tours], member: NamedDependency[Member]) -> TourState:
        """Publish the recipe and run its first item."""
        return await tours.publish(member)


CONTROLLERS = (TourController,)
