"""Answering: one review beside its source, by keyboard alone if one likes; and one approval."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from nicegui import ui
from nicegui.element import Element

from hub.decisions import APPROVAL, REVIEW, Answer, DecisionSummary, Question, Wanted
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.frame import crumbs, page
from ui.pieces import button, card, div, heading, link_button, moment, note, round_button, state, words
from ui.reviews.listing import due, greet, reason_of
from ui.reviews.view import ReviewView
from ui.services import Services
from ui.values import value_box
from ui.visit import Visit

QUEUE = 200
PAST = {"accept": "accepted", "approve": "approved", "reject": "rejected"}
KEYS = ("Enter", "E", "A", "R", "J", "K", "?")


def create(services: Services) -> None:
    """Serve the pages at /reviews/{review} and /approvals/{approval}."""

    @page("/reviews/{review}", services, "reviews", say("nav.reviews"))
    async def review_page(visit: Visit) -> None:
        question = await services.decisions.find(visit.opened_by, REVIEW, visit.named("review"))
        subject = question.summary.subject or say("review.untitled")
        crumbs((say("nav.reviews"), "/reviews"), (subject, visit.path))
        await ReviewPage(visit, question).draw(subject)

    @page("/approvals/{approval}", services, "approvals", say("nav.approvals"))
    async def approval_page(visit: Visit) -> None:
        question = await services.decisions.find(visit.opened_by, APPROVAL, visit.named("approval"))
        crumbs((say("nav.approvals"), "/approvals"), (question.summary.question, visit.path))
        await ApprovalPage(visit, question).draw()


class ReviewPage:
    """One review: its records, what others said, and the way to the next one."""

    def __init__(self, visit: Visit, question: Question) -> None:
        self._visit = visit
        self._question = question
        self._view = ReviewView(visit, question)

    async def draw(self, subject: str) -> None:
        """Draw it."""
        summary = self._question.summary
        queue = await self._queue()
        greet(self._visit)
        with heading(
            subject, reason_of(summary) if not summary.reasons else count("review.fields", len(summary.reasons))
        ):
            if summary.due_at and summary.state == "open":
                due(summary.due_at)
            await self._assigning()
            self._ways(queue)
        with div("pd-stack"):
            decided(self._question)
            await self._view.draw()
        if self._question.may_answer:
            self._bar(queue)

    async def _queue(self) -> list[str]:
        found = await self._visit.services.decisions.list(self._visit.opened_by, Wanted(kind=REVIEW, limit=QUEUE))
        return [one.id for one in found.entries]

    def _ways(self, queue: list[str]) -> None:
        """Offer the review before and the next one."""
        own = self._question.summary.id
        at = queue.index(own) if own in queue else -1
        before, after = (queue[at - 1] if at > 0 else None), (queue[at + 1] if at + 1 < len(queue) else None)
        for target, icon, key, name in ((before, "chevron_left", "k", "before"), (after, "chevron_right", "j", "next")):
            made = round_button(icon, say(f"review.{name}"), f"review-{name}",
                                lambda target=target: ui.navigate.to(f"/reviews/{target}"))  # fmt: skip
            _key(made, key)
            made.set_enabled(target is not None)

    async def _assigning(self) -> None:
        summary = self._question.summary
        if summary.state != "open" or not self._visit.may(Verb.REVIEW):
            return
        people = await self._visit.services.memberships.list(self._visit.opened_by)
        names = {"": say("reviews.unassigned"), **{one.id: one.name or one.email for one in people
                                                   if one.role != "viewer"}}  # fmt: skip

        async def give(chosen: str) -> None:
            async def assign(member: Member) -> None:
                await self._visit.services.decisions.assign(member, REVIEW, summary.id, chosen or None)

            await self._visit.try_to(assign, done=say("review.assigned"))

        picked = ui.select(names, value=summary.assignee if summary.assignee in names else "", label=say("review.who"),
                           on_change=lambda event: give(event.value))  # fmt: skip
        picked.props("outlined dense options-dense").style("min-width: 150px").mark("assignee")

    def _bar(self, queue: list[str]) -> None:
        own = self._question.summary.id
        rest = [one for one in queue if one != own]
        at = queue.index(own) if own in queue else 0
        then = f"/reviews/{rest[at % len(rest)]}" if rest else "/reviews"

        async def accept() -> None:
            await self._answer(Answer(decision="accept", changes=self._view.changes), then)

        with div("pd-answer-bar").props("role=group") as bar:
            bar.props["aria-label"] = say("review.answer")
            _key(button(say("review.accept"), "accept", accept, kind="primary", icon="check"), "a")
            _key(button(say("review.edit"), "edit", lambda: ui.run_javascript("pd.edit()"), icon="edit"), "e")
            _key(button(say("review.reject"), "reject", lambda: self._reject(then), kind="danger", icon="close"), "r")
            div("pd-grow")
            words(count("review.waiting", len(queue)), "pd-muted pd-small pd-wide", "span")
            _key(round_button("keyboard", say("review.keys"), "keys", _show_keys), "?")
        ui.run_javascript("pd.begin_fields()")

    def _reject(self, then: str) -> None:
        with dialog(say("review.reject"), say("review.reject_text")) as opened:
            said = ui.textarea(say("review.why")).props("outlined autogrow autofocus data-testid=reason").mark("reason")
            said.style("width: 100%")

            async def reject() -> None:
                opened.close()
                await self._answer(Answer(decision="reject", comment=said.value.strip()), then)

            answer_buttons(opened, say("review.reject"), reject, kind="danger-full")

    async def _answer(self, answer: Answer, then: str) -> None:
        async def send(member: Member) -> None:
            made = await self._visit.services.decisions.answer(member, REVIEW, self._question.summary.id, answer)
            ui.navigate.to(f"{then}?said={_said(made, answer)}")

        await self._visit.try_to(send)


class ApprovalPage:
    """One approval: the question, its details, and the answer."""

    def __init__(self, visit: Visit, question: Question) -> None:
        self._visit = visit
        self._question = question

    async def draw(self) -> None:
        """Draw it."""
        question, summary = self._question, self._question.summary
        with heading(summary.question, summary.subject):
            if summary.due_at and summary.state == "open":
                due(summary.due_at)
            if summary.item:
                link_button(say("approval.item"), f"/items/{summary.item}", "to-item", icon="inventory_2")
        with div("pd-two" if question.details is not None else "pd-narrow"):
            if question.details is not None:
                with card(say("approval.details")):
                    value_box(question.details, "details")
            with div("pd-stack"):
                decided(question)
                with card(say("review.answer")):
                    _asked(question)
                    if question.may_answer:
                        self._answering()
                    elif summary.state == "open":
                        words(say("approval.not_yours"), "pd-soft")

    def _answering(self) -> None:
        said = ui.textarea(say("approval.comment")).props("outlined autogrow data-testid=comment").mark("comment")

        def answers(word: Literal["approve", "reject"]) -> Callable[..., Awaitable[None]]:
            async def send(member: Member) -> None:
                answer = Answer(decision=word, comment=said.value.strip())
                made = await self._visit.services.decisions.answer(member, APPROVAL, self._question.summary.id, answer)
                ui.navigate.to(f"/approvals?said={_said(made, answer)}")

            return self._visit.does(send)

        with div("pd-actions"):
            _key(button(say("approval.approve"), "approve", answers("approve"), kind="primary", icon="check"), "a")
            _key(button(say("approval.reject"), "reject", answers("reject"), kind="danger", icon="close"), "r")


def _said(made: DecisionSummary, answer: Answer) -> str:
    return "second_needed" if made.state == "open" else PAST[answer.decision]


def decided(question: Question) -> None:
    """Say how far the answering is: who said what, who is still needed, what came of it."""
    summary = question.summary
    if summary.state != "open":
        with note("mute", "task_alt", say(f"reviews.state_{summary.state}"), _who(question)):
            pass
    elif summary.quorum > 1:
        sentence = _who(question) or say("review.nobody_yet")
        with note("wait", "group", say("review.quorum", quorum=summary.quorum, answers=summary.answers), sentence):
            pass


def _who(question: Question) -> str:
    told = [
        say("review.said", name=one.name or one.by, word=say(f"review.word_{one.decision}"),
            changed=count("review.values", len(one.changes))) + (f" “{one.comment}”" if one.comment else "")
        for one in question.given
    ]  # fmt: skip
    return " ".join(told)


def _asked(question: Question) -> None:
    summary = question.summary
    with div("pd-line"):
        state(summary.state if summary.state != "open" else "waiting", say(f"reviews.state_{summary.state}"))
        moment(summary.created_at)
    if question.approvers:
        words(say("approval.asked", people=", ".join(question.approvers)), "pd-soft")
    if summary.expires_at:
        with div("pd-line pd-small pd-muted"):
            words(say(f"approval.expiry_{question.on_expiry}"), tag="span")
            moment(summary.expires_at)


def _key(made: Element, key: str) -> None:
    """Let a key press a button, as long as nobody is typing."""
    made.props["data-key"] = key
    made.props["aria-keyshortcuts"] = key.upper()
    if "round" not in made.props:
        with made:
            words(key.upper(), "pd-keycap", "kbd").props("aria-hidden=true")


def _show_keys() -> None:
    with dialog(say("review.keys")), div("pd-keys"):
        for key in KEYS:
            words(key, "pd-keycap", "kbd")
            words(say(f"review.key_{key if key != '?' else 'help'}"), "pd-soft", "span")
