"""The settings of steps that ask people: review and approve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from connectors.sdk import Settings, Shape, field
from hub.recipes.durations import check_duration
from hub.recipes.stock import members, people

# Who may be asked by role: those who have it, or a higher one
ROLES = frozenset({"editor", "admin", "owner"})
MOST_PEOPLE = 50


class Review(Settings):
    """Which records a person looks at before they go on, who does, and by when."""

    below: Annotated[float, field("Ask below", hint="Values that are less sure are looked at: 0 to 1.")] = 0.9
    fields: Annotated[
        dict[str, float],
        field("Ask below, for single fields", hint="A field, a table or a column of it.", example={"total": 0.98}),
    ] = {}
    always: Annotated[bool, field("Ask about every record")] = False
    on_problems: Annotated[bool, field("Ask when a rule is broken or a field is missing")] = True
    people: Annotated[int, field("How many people", hint="2: a second person looks as well, and decides.")] = 1
    assignee: Annotated[
        str | None, field("For", hint="A member's e-mail address.", example="ann@example.com", choices=members)
    ] = None
    due: Annotated[str | None, field("Due within", example="1d", shape=Shape.DURATION)] = None
    escalate_to: Annotated[
        list[str],
        field(
            "Once due, tell",
            hint="Members' e-mail addresses, or roles.",
            example=["admin"],
            choices=people,
            when={"due": ()},
        ),
    ] = []
    expires_in: Annotated[str | None, field("Wait at most", example="7d", advanced=True, shape=Shape.DURATION)] = None
    on_expiry: Annotated[
        Literal["reject", "accept", "dead_letter"],
        field("If nobody answers in time", advanced=True, when={"expires_in": ()}),
    ] = "reject"
    on_reject: Annotated[Literal["dead_letter", "stop", "continue"], field("When it is rejected")] = "dead_letter"
    source: Annotated[
        str | None, field("Review of", hint="An extract step; the nearest one when left out.", advanced=True)
    ] = None

    def __post_init__(self) -> None:
        """Check shares, times and people."""
        _check_share("below", self.below)
        for name, share in self.fields.items():
            _check_share(f"fields.{name}", share)
        if self.people not in {1, 2}:
            raise ValueError("people: Use 1 or 2.")
        check_duration("due", self.due)
        check_duration("expires_in", self.expires_in)
        _check_people("assignee", [self.assignee] if self.assignee else [], roles=False)
        _check_people("escalate_to", self.escalate_to)
        if self.escalate_to and self.due is None:
            raise ValueError("escalate_to: Say when it is due; these are told once it is.")


class Approve(Settings):
    """What to ask, whom, and what happens when nobody answers."""

    question: Annotated[
        str, field("Question", templated=True, multiline=True, example="Pay {{ read.total }} to {{ read.supplier }}?")
    ]
    subject: Annotated[str, field("Subject", templated=True, hint="Stands in lists and mails.", advanced=True)] = (
        "{{ item.title }}"
    )
    details: Annotated[Any, field("Details", templated=True, example={"total": "{{ read.total }}"})] = None
    approvers: Annotated[
        list[str],
        field(
            "Who may answer",
            hint="Members' e-mail addresses, or roles. Nobody: every editor.",
            example=["admin"],
            choices=people,
        ),
    ] = []
    quorum: Annotated[int, field("How many must approve")] = 1
    expires_in: Annotated[str | None, field("Wait at most", example="3d", shape=Shape.DURATION)] = None
    on_expiry: Annotated[
        Literal["reject", "approve", "dead_letter"], field("If nobody answers in time", when={"expires_in": ()})
    ] = "reject"
    escalate_after: Annotated[
        str | None, field("Ask others after", example="1d", advanced=True, shape=Shape.DURATION)
    ] = None
    escalate_to: Annotated[
        list[str],
        field(
            "The others",
            hint="Members' e-mail addresses, or roles.",
            example=["owner"],
            advanced=True,
            choices=people,
            when={"escalate_after": ()},
        ),
    ] = []
    on_reject: Annotated[Literal["stop", "dead_letter", "continue"], field("When it is rejected")] = "stop"

    def __post_init__(self) -> None:
        """Check people, times and whether enough people may answer."""
        _check_people("approvers", self.approvers)
        _check_people("escalate_to", self.escalate_to)
        check_duration("expires_in", self.expires_in)
        check_duration("escalate_after", self.escalate_after)
        if bool(self.escalate_to) != (self.escalate_after is not None):
            raise ValueError("escalate_after: Say both after how long others are asked, and who they are.")
        if not 1 <= self.quorum <= MOST_PEOPLE:
            raise ValueError(f"quorum: Use 1 to {MOST_PEOPLE}.")
        named = {name.lower() for name in (*self.approvers, *self.escalate_to)}
        if self.approvers and not named & ROLES and len(named) < self.quorum:
            raise ValueError("quorum: Fewer people may answer than must approve.")


def _check_people(name: str, named: Sequence[str], *, roles: bool = True) -> None:
    """Raise ValueError naming the setting unless all are e-mail addresses or, where they may be, roles."""
    if len(named) > MOST_PEOPLE:
        raise ValueError(f"{name}: Name {MOST_PEOPLE} at most.")
    for one in named:
        if "@" not in one and not (roles and one.lower() in ROLES):
            words = "an e-mail address of a member, or one of " + ", ".join(sorted(ROLES))
            raise ValueError(f"{name}: {one[:60]!r} is not {words if roles else 'an e-mail address of a member'}.")


def _check_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"{name}: Use a share from 0 to 1, such as 0.9.")
