"""Commands about what waits for people: reviews, approve, reject."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bots.asked import Asked, command
from bots.finding import clipped
from bots.replies import Button, Reply, Table
from hub.decisions import APPROVAL, REVIEW, Answer, DecisionSummary, Question, Wanted
from hub.errors import InvalidError

_SHOWN = 8
_FIELDS = 12
_KINDS = {"rev": REVIEW, "apr": APPROVAL}


@command("[id]")
async def reviews(asked: Asked) -> Reply:
    """List the reviews and approvals that wait, or show one of them."""
    if asked.argument:
        return await question(asked, _kind(asked.argument), asked.argument)
    found: list[DecisionSummary] = []
    for kind in (APPROVAL, REVIEW):
        page = await asked.services.decisions.list(asked.member, Wanted(kind=kind, limit=_SHOWN))
        found += page.entries
    if not found:
        return Reply(text="Nothing waits for an answer.")
    rows = [(one.kind, clipped(one.subject, 50), _due(one.due_at)) for one in found]
    return Reply(
        text="These wait for an answer. Press one to see it.",
        table=Table(("What", "About", "Due"), rows),
        buttons=[Button(clipped(f"{one.kind.capitalize()}: {one.subject}", 40), f"reviews {one.id}") for one in found],
    )


@command("<id> [why]", acts=True)
async def approve(asked: Asked) -> Reply:
    """Approve what is asked, or accept the values under review."""
    return await _answer(asked, "approve")


@command("<id> [why]", acts=True)
async def reject(asked: Asked) -> Reply:
    """Reject what is asked, or the values under review."""
    return await _answer(asked, "reject")


async def question(asked: Asked, kind: str, reference: str) -> Reply:
    """Show one question with buttons that answer it, for those who may."""
    found = await asked.services.decisions.find(asked.member, kind, reference)
    summary = found.summary
    if summary.state != "open":
        return Reply(text=decided(summary))
    lines = [f"{kind.capitalize()}: {clipped(summary.subject, 200)}"]
    lines += [clipped(summary.question, 500)] if summary.question else []
    lines += [f"Why: {clipped(reason.message, 200)}" for reason in summary.reasons[:4]]
    lines += [f"Due: {_due(summary.due_at)}"] if summary.due_at else []
    lines.append(asked.link(f"{kind}s/{summary.id}"))
    if not found.may_answer:
        return Reply(text="\n".join(lines), table=_values(found))
    yes = "Accept" if kind == REVIEW else "Approve"
    buttons = [
        Button(yes, f"approve {summary.id}", once=True),
        Button("Reject", f"reject {summary.id}", once=True),
    ]
    return Reply(text="\n".join(lines), table=_values(found), buttons=buttons, subject=summary.id)


def decided(summary: DecisionSummary) -> str:
    """Say who decided what and when."""
    about = clipped(summary.subject, 200)
    if summary.state == "open":
        return f"{about}: waits for {summary.quorum - summary.answers} more."
    at = f" on {summary.decided_at:%d %B %Y at %H:%M} UTC" if summary.decided_at else ""
    if summary.decision and summary.decided_by:
        return f"{about}: {summary.decision} by {' and '.join(summary.decided_by)}{at}."
    return f"{about}: {summary.state}{at}."


def kind_of(reference: str) -> str | None:
    """Return the kind of question that an id names, None when it is no such id."""
    return _KINDS.get(reference.partition("_")[0])


async def _answer(asked: Asked, word: Literal["approve", "reject"]) -> Reply:
    reference, _, comment = asked.argument.partition(" ")
    if not reference:
        raise InvalidError(f"Which one? Say reviews to see what waits, then {word} and its id.")
    kind = _kind(reference)
    decision: Literal["accept", "approve", "reject"] = "accept" if (kind, word) == (REVIEW, "approve") else word
    answer = Answer(decision=decision, comment=comment.strip())
    summary = await asked.services.decisions.answer(asked.member, kind, reference, answer)
    return Reply(text=decided(summary), settles=summary.id)


def _kind(reference: str) -> str:
    kind = kind_of(reference)
    if kind is None:
        raise InvalidError(
            f"{clipped(reference)!r} is no id of a review or an approval. Say reviews to see what waits."
        )
    return kind


def _values(found: Question) -> Table | None:
    rows = [
        (clipped(name, 40), clipped(field.value), f"{field.confidence:.0%}")
        for record in found.records[:1]
        for name, field in list(record.fields.items())[:_FIELDS]
    ]
    if rows:
        return Table(("Field", "Value", "Sure"), rows)
    if isinstance(found.details, dict):
        return Table(("", ""), [(clipped(name, 40), clipped(value)) for name, value in found.details.items()][:_FIELDS])
    return None


def _due(at: datetime | None) -> str:
    return f"{at:%d %b %H:%M} UTC" if at else ""
