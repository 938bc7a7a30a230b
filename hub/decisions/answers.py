"""The rules of answering: what may be said, by whom, and when enough people have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from hub.decisions.asks import APPROVAL, REVIEW
from hub.errors import InvalidError, Problem
from hub.extraction.learning.amend import Change

WORDS = {REVIEW: ("accept", "reject"), APPROVAL: ("approve", "reject")}
PAST = {"accept": "accepted", "approve": "approved", "reject": "rejected"}
MOST_CHANGES = 500
LONGEST_COMMENT = 4_000


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says: `accept` or `reject` a review with corrections, `approve` or `reject` an approval."""

    decision: Literal["accept", "approve", "reject"]
    changes: list[Change] = []
    comment: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and whose it is."""

    user: UUID
    email: str
    answer: Answer


def check(kind: str, answer: Answer) -> None:
    """Refuse an answer that this kind of question cannot have."""
    words = WORDS[kind]
    if answer.decision not in words:
        raise _refused("decision", f"Say {' or '.join(words)}.")
    if answer.changes and kind != REVIEW:
        raise _refused("changes", "An approval changes no values; reject it and say what is wrong.")
    if answer.changes and answer.decision == "reject":
        raise _refused("changes", "A rejected record is not corrected; accept it with the corrections, or leave them.")
    if len(answer.changes) > MOST_CHANGES:
        raise _refused("changes", f"Correct {MOST_CHANGES} values at most.")
    if len(answer.comment) > LONGEST_COMMENT:
        raise _refused("comment", f"Use {LONGEST_COMMENT:,} characters at most.")


def outcome(kind: str, quorum: int, said: Sequence[Said]) -> str | None:
    """Return `accept`, `approve` or `reject` once enough people have answered, None before.

    One rejection ends an approval. Of a review by two, the second sees what the first said and decides.
    """
    last = said[-1].answer.decision
    if kind == APPROVAL and last == "reject":
        return last
    return last if len(said) >= quorum else None


def _refused(path: str, message: str) -> InvalidError:
    return InvalidError(message, errors=[Problem(path, message)])
