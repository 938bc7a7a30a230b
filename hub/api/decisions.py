"""Reviews and approvals over REST: what waits for a person, and the answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, OfRecipe, Page
from hub.decisions import APPROVAL, REVIEW, Answer, Decisions, DecisionState, DecisionSummary, Question, Wanted
from hub.members import Member, Verb
from hub.recipes import Recipes

InState = Annotated[DecisionState | None, QueryParameter(name="state", description="Left out: those that are open.")]
For = Annotated[
    str | None, QueryParameter(name="assignee", description="A member's id, `me`, or `nobody` for those not given yet.")
]


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to give it to: a member's id, `me`, or null for nobody."""

    assignee: str | None = "me"


def _narrowed(kind: str) -> Provide:
    """Have a list of decisions of this kind narrowed as the query says."""

    async def wanted(
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        in_state: InState = None,
        recipe: OfRecipe = None,
        assignee: For = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Wanted:
        of = await recipes.identify(member, recipe) if recipe else None
        return Wanted(kind=kind, state=in_state or "open", recipe=of, assignee=assignee, cursor=cursor, limit=limit)

    return Provide(wanted)


class ReviewController(Controller):
    """Look at what was not sure, and answer."""

    path = "/reviews"
    tags = ["reviews"]
    dependencies = {"wanted": _narrowed(REVIEW)}

    @get("/", opt={"verb": Verb.READ})
    async def list_reviews(
        self,
        decisions: NamedDependency[Decisions],
        member: NamedDependency[Member],
        wanted: NamedDependency[Wanted],
    ) -> Page[DecisionSummary]:
        """List reviews: of the open ones what is due first, of the others the newest."""
        return await _page(decisions, member, wanted)

    @get("/{review_id:str}", opt={"verb": Verb.READ})
    async def show_review(
        self, decisions: NamedDependency[Decisions], member: NamedDependency[Member], review_id: FromPath[str]
    ) -> Question:
        """Show a review: why it is asked, the records with every field's evidence, their files and schemas."""
        return await decisions.find(member, REVIEW, review_id)

    @post("/{review_id:str}/answer", status_code=200, opt={"verb": Verb.REVIEW})
    async def answer_review(
        self,
        decisions: NamedDependency[Decisions],
        member: NamedDependency[Member],
        review_id: FromPath[str],
        data: JSONBody[Answer],
    ) -> DecisionSummary:
        """Accept the records, with corrections where they are wrong, or reject them."""
        return await decisions.answer(member, REVIEW, review_id, data)

    @post("/{review_id:str}/assign", status_code=200, opt={"verb": Verb.REVIEW})
    async def assign_review(
        self,
        decisions: NamedDependency[Decisions],
        member: NamedDependency[Member],
        review_id: FromPath[str],
        data: JSONBody[Assignment | None] = None,
    ) -> DecisionSummary:
        """Take a review, or give it to somebody."""
        return await decisions.assign(member, REVIEW, review_id, (data or Assignment()).assignee)


class ApprovalController(Controller):
    """Look at what is asked, and answer."""

    path = "/approvals"
    tags = ["approvals"]
    dependencies = {"wanted": _narrowed(APPROVAL)}

    @get("/", opt={"verb": Verb.READ})
    async def list_approvals(
        self,
        decisions: NamedDependency[Decisions],
        member: NamedDependency[Member],
        wanted: NamedDependency[Wanted],
    ) -> Page[DecisionSummary]:
        """List approvals: of the open ones what is due first, of the others the newest."""
        return await _page(decisions, member, wanted)

    @get("/{approval_id:str}", opt={"verb": Verb.READ})
    async def show_approval(
        self, decisions: NamedDependency[Decisions], member: NamedDependency[Member], approval_id: FromPath[str]
    ) -> Question:
        """Show an approval: the question, its details, who may answer and who has."""
        return await decisions.find(member, APPROVAL, approval_id)

    @post("/{approval_id:str}/answer", status_code=200, opt={"verb": Verb.REVIEW})
    async def answer_approval(
        self,
        decisions: NamedDependency[Decisions],
        member: NamedDependency[Member],
        approval_id: FromPath[str],
        data: JSONBody[Answer],
    ) -> DecisionSummary:
        """Approve or reject."""
        return await decisions.answer(member, APPROVAL, approval_id, data)

    @post("/{approval_id:str}/assign", status_code=200, opt={"verb": Verb.REVIEW})
    async def assign_approval(
        self,
        decisions: NamedDependency[Decisions],
        member: NamedDependency[Member],
        approval_id: FromPath[str],
        data: JSONBody[Assignment | None] = None,
    ) -> DecisionSummary:
        """Take an approval, or pass it on."""
        return await decisions.assign(member, APPROVAL, approval_id, (data or Assignment()).assignee)


async def _page(decisions: Decisions, member: Member, wanted: Wanted) -> Page[DecisionSummary]:
    found = await decisions.list(member, wanted)
    return Page(found.entries, found.cursor)


CONTROLLERS = [ReviewController, ApprovalController]
