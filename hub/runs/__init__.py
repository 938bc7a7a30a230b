"""Runs: from an accepted item to its receipt, and everything people can do with it on the way."""

from hub.runs.accept import Accepted, Arrival, Intake
from hub.runs.assembly import RunServices, run_services
from hub.runs.choosing import ReplayChoice
from hub.runs.deliveries import Deliveries, DeliveryFilter, DeliveryPage, TargetCount
from hub.runs.engine import Engine
from hub.runs.filters import Filter
from hub.runs.history import History, Overview, Page, PlanResult, StepCount, StepUse, Volume
from hub.runs.hooks import HookAnswer, Hooks
from hub.runs.letter_notices import LetterNotices
from hub.runs.letters import Cause, Letters
from hub.runs.replay_views import PassedOver, Preview, ReplayPage, ReplayView
from hub.runs.replays import Replays
from hub.runs.schedules import Schedules
from hub.runs.service import Replay, Runs, Submission
from hub.runs.stages import Stages
from hub.runs.triggers import TriggerHealth, Triggers
from hub.runs.views import Attempt, Counts, Delivery, ItemDetail, ItemSummary, RunSummary

__all__ = [
    "Accepted",
    "Arrival",
    "Attempt",
    "Cause",
    "Counts",
    "Deliveries",
    "Delivery",
    "DeliveryFilter",
    "DeliveryPage",
    "Engine",
    "Filter",
    "History",
    "HookAnswer",
    "Hooks",
    "Intake",
    "ItemDetail",
    "ItemSummary",
    "LetterNotices",
    "Letters",
    "Overview",
    "Page",
    "PassedOver",
    "PlanResult",
    "Preview",
    "Replay",
    "ReplayChoice",
    "ReplayPage",
    "ReplayView",
    "Replays",
    "RunServices",
    "RunSummary",
    "Runs",
    "Schedules",
    "Stages",
    "StepCount",
    "StepUse",
    "Submission",
    "TargetCount",
    "TriggerHealth",
    "Triggers",
    "Volume",
    "run_services",
]
