"""Waiting for a person: reviews and approvals asked, answered, escalated and expired; one object for every face."""

from hub.decisions.asks import (
    APPROVAL,
    REVIEW,
    Ask,
    Decided,
    Reason,
    ask_all,
    cancel_for_recipe,
    cancel_for_run,
    decided,
    take_up,
)
from hub.decisions.due import Due
from hub.decisions.notices import Notices
from hub.decisions.records import (
    ReviewRecord,
    Thresholds,
    corrected,
    extractions_in,
    reasons_of,
    records_of,
    sentence_of,
    stored,
)
from hub.decisions.service import Answer, Change, Decisions
from hub.decisions.views import DecisionPage, DecisionState, DecisionSummary, Given, Question, Wanted

__all__ = [
    "APPROVAL",
    "REVIEW",
    "Answer",
    "Ask",
    "Change",
    "Decided",
    "DecisionPage",
    "DecisionState",
    "DecisionSummary",
    "Decisions",
    "Due",
    "Given",
    "Notices",
    "Question",
    "Reason",
    "ReviewRecord",
    "Thresholds",
    "Wanted",
    "ask_all",
    "cancel_for_recipe",
    "cancel_for_run",
    "corrected",
    "decided",
    "extractions_in",
    "reasons_of",
    "records_of",
    "sentence_of",
    "stored",
    "take_up",
]
