"""People who are asked: what a recipe's questions are, and how they are answered."""

from collections.abc import Sequence
from typing import Literal

from hub.database import Row, fetch, fetch_one
from hub.decisions import Answer, Change, Decisions, DecisionSummary, Question, Wanted
from hub.ids import show
from hub.members import Member
from tests.runs.hub import Hub, Published

State = Literal["open", "answered", "expired", "cancelled"]


class People:
    """Asks and answers in one workspace, reviews or approvals."""

    def __init__(self, hub: Hub, member: Member, kind: str, spec: str) -> None:
        self.hub = hub
        self.member = member
        self.kind = kind
        self.spec = spec

    @property
    def decisions(self) -> Decisions:
        """The service behind every face."""
        return self.hub.services.decisions

    async def publish(self, settings: str, spec: str = "") -> Published:
        """Publish a recipe whose step of this kind has such settings."""
        return await self.hub.publish(self.member, (spec or self.spec).replace("SETTINGS", settings))

    async def asked(self, state: State = "open", count: int = 1) -> DecisionSummary:
        """Wait for so many questions in a state and return the first."""
        return (await self.all(state, count))[0]

    async def all(self, state: State = "open", count: int = 1) -> Sequence[DecisionSummary]:
        """Wait for so many questions in a state and return them."""
        await self.hub.until(
            "select 1 from decisions where workspace = $1 and state = $2 having count(*) >= $3",
            self.member.workspace, state, count,
        )  # fmt: skip
        return (await self.decisions.list(self.member, Wanted(kind=self.kind, state=state, limit=500))).entries

    async def shown(self, asked: DecisionSummary, who: Member | None = None) -> Question:
        """Look at a question."""
        return await self.decisions.find(who or self.member, self.kind, asked.id)

    async def answer(
        self, who: Member, asked: DecisionSummary, decision: str, comment: str = "", **changes: object
    ) -> DecisionSummary:
        """Answer a question, with corrected values by name."""
        made = [Change(path=name, value=value) for name, value in changes.items()]
        answer = Answer(decision=decision, comment=comment, changes=made)  # type: ignore[arg-type]  # as callers send it
        return await self.decisions.answer(who, self.kind, asked.id, answer)

    async def stored(self) -> Sequence[Row]:
        """Return the workspace's questions as they lie in the database."""
        return await fetch("select * from decisions where workspace = $1 order by id", self.member.workspace)


def user_id(member: Member) -> str:
    """Return a member's id as the API shows it."""
    assert member.user is not None
    return show("usr", member.user)


async def address(member: Member) -> str:
    """Return a member's e-mail address."""
    row = await fetch_one("select email from users where id = $1", member.user)
    assert row is not None
    return str(row["email"])
