"""Steps that wait for a person: a review of what was extracted, and an approval.

An item that waits leaves its run with its question; the answer lets it be dispatched into a new one, where the step
finds what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.sdk import fill
from hub.decisions import (
    APPROVAL,
    REVIEW,
    Ask,
    Decided,
    Reason,
    Thresholds,
    corrected,
    decided,
    extractions_in,
    reasons_of,
    records_of,
    sentence_of,
    stored,
)
from hub.extraction.results import Extraction
from hub.recipes import CompiledStep
from hub.recipes.asking import Approve, Review
from hub.recipes.durations import seconds
from hub.recipes.liquid import as_text
from hub.recipes.people import RECORD
from hub.runs.progress import Clock, Progress

if TYPE_CHECKING:
    from hub.runs.steps import Travel

Ready = Sequence[tuple[Progress, Mapping[str, Any]]]
QUESTION = "Is this what the document says?"
UNASKED: Mapping[str, Any] = {
    "decision": "passed", "decided_by": None, "people": [], "at": None, "comment": "", "changed": [],
}  # fmt: skip
ASKING = ("review", "approve")
# The state of a planned step at which a run would wait
WOULD_WAIT = "waiting_for"
_EXPIRED = {"accept": "accepted", "approve": "approved", "reject": "rejected"}


class Asking:
    """Performs `review` and `approve` for a whole group; what is asked is written down when the stage is settled."""

    async def review(self, travel: Travel, step: CompiledStep, ready: Ready, clock: Clock) -> None:
        """Let sure records pass, ask about the others, and go on with what was answered."""
        settings = _review_of(ready[0][1])
        rest = await _answered(step, ready)
        for one, values, answer in rest.known:
            _settle_review(step, settings, one, values[RECORD], answer, clock)
        found = await _doubts(travel, settings, rest.fresh)
        for (one, values), reasons in zip(rest.fresh, found, strict=True):
            if not reasons:
                output = _reviewed(values[RECORD], UNASKED)
                one.done(step.id, output, clock.trace(step.id, "done", output=output, message="It was sure enough."))
                continue
            one.asked = Ask(
                kind=REVIEW,
                question=QUESTION,
                reasons=reasons,
                evidence={"step": settings.source, "extractions": extractions_in(values[RECORD])},
                form={"decisions": ["accept", "reject"], "people": settings.people},
                assignee=settings.assignee,
                quorum=settings.people,
                due=_seconds(settings.due),
                escalate_after=_seconds(settings.due) if settings.escalate_to else None,
                escalate_to=settings.escalate_to,
                expires=_seconds(settings.expires_in),
                on_expiry=settings.on_expiry,
                subject=_title(one),
                **_about(travel, step, one),
            )
            one.due_seconds = one.asked.due or one.asked.expires
            _leave(one, step, f"It waits for a review. {sentence_of(reasons)}", REVIEW)

    async def approve(self, travel: Travel, step: CompiledStep, ready: Ready, clock: Clock) -> None:
        """Ask, and go on with what was answered."""
        rest = await _answered(step, ready)
        for one, values, answer in rest.known:
            _settle_approval(step, fill(Approve, _texts(values)), one, answer, clock)
        for one, values in rest.fresh:
            settings = fill(Approve, _texts(values))
            one.asked = Ask(
                kind=APPROVAL,
                question=settings.question,
                evidence={"details": settings.details},
                form={"decisions": ["approve", "reject"]},
                approvers=settings.approvers,
                quorum=settings.quorum,
                escalate_after=_seconds(settings.escalate_after),
                escalate_to=settings.escalate_to,
                expires=_seconds(settings.expires_in),
                on_expiry=settings.on_expiry,
                subject=settings.subject.strip() or _title(one),
                **_about(travel, step, one),
            )
            one.due_seconds = one.asked.escalate_after or one.asked.expires
            _leave(one, step, "It waits for approval.", APPROVAL)

    async def planned(self, travel: Travel, step: CompiledStep, one: Progress, clock: Clock) -> None:
        """Say whether a person would be asked, and go on as if nothing had been changed."""
        values = step.settings.render(one.scope)
        if step.uses == "approve":
            output: Any = {"approved": True, "by": [], "at": None, "comment": ""}
            words = f"A run would wait for approval here: {as_text(values['question'])}"
            one.done(step.id, output, clock.trace(step.id, WOULD_WAIT, output=output, message=words))
            return
        (reasons,) = await _doubts(travel, _review_of(values), [(one, values)])
        words = f"A run would wait for a person here. {sentence_of(reasons)}" if reasons else "It is sure enough."
        output, state = _reviewed(values[RECORD], UNASKED), WOULD_WAIT if reasons else "done"
        one.done(step.id, output, clock.trace(step.id, state, output=output, message=words))


class _Rest(msgspec.Struct, frozen=True):
    """Items whose answer is there, and items that nobody was asked about yet."""

    known: list[tuple[Progress, Mapping[str, Any], Decided]]
    fresh: list[tuple[Progress, Mapping[str, Any]]]


async def _answered(step: CompiledStep, ready: Ready) -> _Rest:
    """Sort the items; only those that have been at this step before can have been asked about."""
    back = [one.item for one, _ in ready if one.resumed == step.id]
    answers = await decided(step.id, back) if back else {}
    return _Rest(
        known=[(one, values, answers[one.item]) for one, values in ready if one.item in answers],
        fresh=[(one, values) for one, values in ready if one.item not in answers],
    )


async def _doubts(travel: Travel, settings: Review, fresh: Ready) -> list[list[Reason]]:
    """Return for each item why a person is to look at its record; one query for all of them."""
    thresholds = Thresholds(
        below=settings.below, fields=settings.fields, always=settings.always, on_problems=settings.on_problems
    )
    ids = [extractions_in(values[RECORD]) for _, values in fresh]
    known = await stored(travel.workspace, [one for own in ids for one in own])
    return [_reasons([known.get(one) for one in own], thresholds) for own in ids]


def _reasons(extractions: Sequence[Extraction | None], thresholds: Thresholds) -> list[Reason]:
    present = [one for one in extractions if one is not None]
    if len(present) < len(extractions):
        return [Reason(kind="missing", message="Its extraction was deleted, so that nothing says how sure it is.")]
    return reasons_of(records_of(present), thresholds) if present else []


def _settle_review(
    step: CompiledStep, settings: Review, one: Progress, output: Any, answer: Decided, clock: Clock
) -> None:
    if answer.state == "open":
        _leave(one, step, f"It waits for a review. {sentence_of(answer.reasons)}", REVIEW)
        return
    one.taken = answer.id
    told, word = _told(answer)
    review = {"decision": word, **told, "changed": (answer.answer or {}).get("changed", [])}
    if word != "accepted":
        _refused(step, settings.on_reject, one, answer, clock, _reviewed(output, review))
        return
    after = corrected(output, (answer.answer or {}).get("extractions", {}))
    if after != output and settings.source is not None:
        # Later runs read this newer output of the extract step back.
        words = f"{'Corrected' if review['changed'] else 'Confirmed'} by {told['decided_by']} in the step {step.id}."
        one.done(settings.source, after, clock.trace(settings.source, "done", output=after, message=words))
    made = _reviewed(after, review)
    one.done(step.id, made, clock.trace(step.id, "done", output=made))


def _settle_approval(step: CompiledStep, settings: Approve, one: Progress, answer: Decided, clock: Clock) -> None:
    if answer.state == "open":
        _leave(one, step, "It waits for approval.", APPROVAL)
        return
    one.taken = answer.id
    told, word = _told(answer)
    output = {"approved": word == "approved", "by": told["people"], "at": told["at"], "comment": told["comment"]}
    if word == "approved":
        one.done(step.id, output, clock.trace(step.id, "done", output=output))
    else:
        _refused(step, settings.on_reject, one, answer, clock, output)


def _refused(step: CompiledStep, then: str, one: Progress, answer: Decided, clock: Clock, output: Any) -> None:
    """End the item as the step says, or go on with the refusal as the step's output."""
    told, word = _told(answer)
    by = f" by {told['decided_by']}" if told["decided_by"] else ""
    said = f": {told['comment']}" if told["comment"] else "."
    reason = "Nobody answered in time." if answer.state == "expired" else f"Rejected{by}{said}"
    if word == "dead_letter" or then == "dead_letter":
        kind = "Expired" if answer.state == "expired" else "Rejected"
        one.traces.append(clock.trace(step.id, "failed", error_kind=kind, message=reason))
        one.leave("dead", step.id, reason, kind)
    elif then == "stop":
        # Not done: an item that is replayed from a later step is asked about again.
        one.traces.append(clock.trace(step.id, "refused", output=output, message=reason))
        one.leave("filtered", step.id, reason, "rejected")
    else:
        one.done(step.id, output, clock.trace(step.id, "done", output=output, message=reason))


def _told(answer: Decided) -> tuple[dict[str, Any], str]:
    """Return who decided when with which words, and the word of the decision itself."""
    found = answer.answer or {}
    at = answer.decided_at.isoformat() if answer.decided_at else None
    people = list(found.get("people", []))
    told = {
        "decided_by": people[-1] if people else None,
        "people": people,
        "at": at,
        "comment": found.get("comment", ""),
    }
    if answer.state == "expired":
        return told, _EXPIRED.get(answer.on_expiry, answer.on_expiry)
    return told, str(found.get("decision"))


def _reviewed(output: Any, review: Mapping[str, Any]) -> Any:
    if isinstance(output, list):
        return {"records": output, "review": review}
    return {**(output or {}), "review": review}


def _leave(one: Progress, step: CompiledStep, reason: str, kind: str) -> None:
    one.leave("waiting_for", step.id, reason[:1000], kind)


def _about(travel: Travel, step: CompiledStep, one: Progress) -> dict[str, Any]:
    return {"item": one.item, "recipe": travel.recipe, "run": travel.run, "step": step.id}


def _title(one: Progress) -> str:
    recipe = one.scope["recipe"]
    return one.title or recipe["title"] or recipe["name"]


def _review_of(values: Mapping[str, Any]) -> Review:
    return fill(Review, {name: value for name, value in values.items() if name != RECORD})


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write question and subject out: a template that is one expression keeps the type of its value."""
    return {**values, "question": as_text(values["question"]), "subject": as_text(values["subject"])}


def _seconds(duration: str | None) -> float | None:
    return None if duration is None else seconds(duration)
