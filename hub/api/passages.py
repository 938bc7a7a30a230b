"""How a run went through the steps of its recipe, over REST."""

from __future__ import annotations

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from hub.api.paging import Limit
from hub.ids import parse
from hub.members import Member, Verb
from hub.runs.passages import Passage, Passages, Passed

SHOWN = 20


class PassageController(Controller):
    """Look at a run step by step."""

    path = "/runs/{run_id:str}/passage"

    @get("/", opt={"verb": Verb.READ})
    async def show_passage(
        self, passages: NamedDependency[Passages], member: NamedDependency[Member], run_id: FromPath[str]
    ) -> Passage:
        """Show how many items each step let through, failed on and holds."""
        return await passages.show(member, parse("run", run_id))

    @get("/{step:str}", opt={"verb": Verb.READ})
    async def list_passed(
        self,
        passages: NamedDependency[Passages],
        member: NamedDependency[Member],
        run_id: FromPath[str],
        step: FromPath[str],
        limit: Limit = SHOWN,
    ) -> list[Passed]:
        """List what a step did to items, those on which it failed first."""
        return list(await passages.items(member, parse("run", run_id), step, limit))


CONTROLLERS = [PassageController]
