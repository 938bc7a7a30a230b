"""What faces see of decisions: a queue, and one question with everything needed to answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from hub.database import Row, from_jsonb
from hub.decisions.asks import PREFIXES, Reason
from hub.decisions.records import ReviewRecord
from hub.extraction.results import SchemaName
from hub.ids import show

DecisionState = Literal["open", "answered", "expired", "cancelled"]
PAGE = 50
LARGEST_PAGE = 500


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions to list; `assignee` is an id, `me` or `nobody`, None asks for all."""

    kind: str
    state: DecisionState | None = "open"
    recipe: UUID | None = None
    assignee: str | None = None
    cursor: str | None = None
    limit: int = PAGE


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What one person answered; `changes` are what they corrected."""

    by: str
    name: str
    decision: str
    changes: list[Any]
    comment: str
    at: datetime


class DecisionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One question in the queue; `answers` counts the people who have answered, `quorum` those who must."""

    id: str
    kind: str
    state: str
    subject: str
    question: str
    reasons: list[Reason]
    recipe: str | None
    recipe_name: str | None
    recipe_title: str | None
    item: str | None
    run: str | None
    step: str | None
    assignee: str | None
    assignee_name: str | None
    quorum: int
    answers: int
    due_at: datetime | None
    escalated_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    decided_at: datetime | None
    decision: str | None
    decided_by: list[str]


class DecisionPage(msgspec.Struct, frozen=True):
    """One page of the queue, and the cursor of the next one."""

    entries: Sequence[DecisionSummary]
    cursor: str | None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One extraction under review: its file, what was read, and the schema that says what its fields are."""

    extraction: str
    file: str | None
    reading: str | None
    schema: SchemaName


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One decision in full: for a review the documents and their records, for an approval its details.

    `given` is what people have said so far, `answer` what came of it once it is decided.
    """

    summary: DecisionSummary
    given: list[Given]
    may_answer: bool
    approvers: list[str]
    on_expiry: str
    escalate_to: list[str]
    details: Any = None
    documents: list[Document] = []
    records: list[ReviewRecord] = []
    answer: Mapping[str, Any] | None = None


def summary(row: Row) -> DecisionSummary:
    """Make a summary of a `decisions` row joined with names."""
    answer = from_jsonb(row["answer"])
    return DecisionSummary(
        id=show(PREFIXES[row["kind"]], row["id"]),
        kind=row["kind"],
        state=row["state"],
        subject=row["subject"],
        question=row["question"],
        reasons=msgspec.json.decode(row["reasons"], type=list[Reason]),
        recipe=show("rcp", row["recipe"]) if row["recipe"] else None,
        recipe_name=row["recipe_name"],
        recipe_title=row["recipe_title"],
        item=show("itm", row["item"]) if row["item"] else None,
        run=show("run", row["run"]) if row["run"] else None,
        step=row["step"],
        assignee=show("usr", row["assignee"]) if row["assignee"] else None,
        assignee_name=row["assignee_name"],
        quorum=row["quorum"],
        answers=row["answers"],
        due_at=row["due_at"],
        escalated_at=row["escalated_at"],
        expires_at=row["expires_at"],
        created_at=row["created_at"],
        decided_at=row["decided_at"],
        decision=None if answer is None else answer.get("decision"),
        decided_by=[] if answer is None else list(answer.get("people", [])),
    )


def given(row: Row) -> Given:
    """Make a person's answer of its row."""
    return Given(
        by=row["email"],
        name=row["name"],
        decision=row["word"],
        changes=from_jsonb(row["changes"]),
        comment=row["comment"],
        at=row["at"],
    )
