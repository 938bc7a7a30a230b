"""What waits for a person: reviews and approvals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from hub.client.asynchronous.connection import Connection
from hub.decisions import Answer, Change, DecisionSummary, Question


class Reviews:
    """Records that were not sure enough."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, *, state: str | None = None, recipe: str | None = None, assignee: str | None = None
    ) -> AsyncIterator[DecisionSummary]:
        """Yield reviews, those that are open unless a state is named."""
        return self._connection.pages(DecisionSummary, "reviews", state=state, recipe=recipe, assignee=assignee)

    async def show(self, review: str) -> Question:
        """Return a review with the records and their evidence."""
        return await self._connection.ask(Question, "GET", f"reviews/{review}")

    async def accept(self, review: str, changes: Sequence[Change] = (), comment: str = "") -> DecisionSummary:
        """Let the item go on, with corrections if there are any."""
        answer = Answer(decision="accept", changes=[*changes], comment=comment)
        return await self._connection.ask(DecisionSummary, "POST", f"reviews/{review}/answer", body=answer)

    async def reject(self, review: str, comment: str = "") -> DecisionSummary:
        """Stop the item."""
        answer = Answer(decision="reject", comment=comment)
        return await self._connection.ask(DecisionSummary, "POST", f"reviews/{review}/answer", body=answer)

    async def assign(self, review: str, assignee: str | None = "me") -> DecisionSummary:
        """Give a review to a member, to oneself, or to nobody."""
        body = {"assignee": assignee}
        return await self._connection.ask(DecisionSummary, "POST", f"reviews/{review}/assign", body=body)


class Approvals:
    """Steps that go on only when somebody says so."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, *, state: str | None = None, recipe: str | None = None, assignee: str | None = None
    ) -> AsyncIterator[DecisionSummary]:
        """Yield approvals, those that are open unless a state is named."""
        return self._connection.pages(DecisionSummary, "approvals", state=state, recipe=recipe, assignee=assignee)

    async def show(self, approval: str) -> Question:
        """Return an approval with what is asked."""
        return await self._connection.ask(Question, "GET", f"approvals/{approval}")

    async def approve(self, approval: str, comment: str = "") -> DecisionSummary:
        """Let the item go on."""
        answer = Answer(decision="approve", comment=comment)
        return await self._connection.ask(DecisionSummary, "POST", f"approvals/{approval}/answer", body=answer)

    async def reject(self, approval: str, comment: str = "") -> DecisionSummary:
        """Stop the item."""
        answer = Answer(decision="reject", comment=comment)
        return await self._connection.ask(DecisionSummary, "POST", f"approvals/{approval}/answer", body=answer)

    async def assign(self, approval: str, assignee: str | None = "me") -> DecisionSummary:
        """Give an approval to a member, to oneself, or to nobody."""
        body = {"assignee": assignee}
        return await self._connection.ask(DecisionSummary, "POST", f"approvals/{approval}/assign", body=body)
