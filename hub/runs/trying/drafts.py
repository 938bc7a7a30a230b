"""The part of a draft that a try needs: a step with all that lead to it, whatever is unfinished elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from hub.database import fetch_one, from_jsonb
from hub.errors import InvalidError, NotFoundError, Problem
from hub.members import Member
from hub.recipes import CompiledRecipe, RecipeDocument, compile_recipe, from_plain
from hub.recipes.document import Step
from hub.recipes.graph import Graph, draw

_STEP = re.compile(r"^spec\.steps\[(\d+)\]")


class Draft:
    """A recipe as it stands, with what is known to be wrong with it."""

    def __init__(self, document: RecipeDocument, problems: Sequence[Problem], version: int) -> None:
        self.document = document
        self.version = version
        self._problems = problems
        self.steps: Mapping[str, Step] = {step.id: step for step in document.spec.steps}
        self.graph: Graph = draw(document.spec.steps, [])
        self.order: Sequence[str] = [document.spec.steps[index].id for index in self.graph.order]

    def before(self, step: str | None) -> list[str]:
        """Return the steps that lead to one, in their order; all of them for None."""
        if step is None:
            return list(self.order)
        self.check(step)
        leading = self.graph.before.get(step, frozenset())
        return [one for one in self.order if one in leading]

    def check(self, step: str) -> None:
        """Raise NotFoundError unless there is such a step."""
        if step not in self.steps:
            raise NotFoundError(f"The draft has no step {step[:100]!r}.")

    def compiled(self, step: str) -> CompiledRecipe:
        """Return a step with those that lead to it, ready to be done; InvalidError names what is in the way."""
        kept = {*self.before(step), step}
        problems = [problem for problem in self._problems if self._concerns(problem, kept)]
        if not problems:
            return compile_recipe(self.document, only=kept)
        raise InvalidError("This step cannot be tried yet: mend what is wrong with it and before it.", errors=problems)

    def _concerns(self, problem: Problem, kept: set[str]) -> bool:
        found = _STEP.match(problem.path)
        return found is not None and self.document.spec.steps[int(found[1])].id in kept


async def draft_of(member: Member, recipe: UUID) -> Draft:
    """Return a recipe's draft, or what is published when nothing has changed since."""
    row = await fetch_one(_DOCUMENT, member.workspace, recipe)
    if row is None:
        raise NotFoundError("There is no such recipe.")
    problems = msgspec.json.decode(row["problems"], type=list[Problem]) if row["draft"] is not None else []
    return Draft(from_plain(from_jsonb(row["draft"] or row["content"])), problems, row["active_version"] or 0)


_DOCUMENT = """
select d.draft, d.problems, d.active_version, v.content from documents d
left join document_versions v on v.document = d.id and v.number = d.active_version
where d.workspace = $1 and d.id = $2 and d.kind = 'recipe' and d.deleted_at is null"""
