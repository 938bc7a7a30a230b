"""Runs: from an accepted item to its receipt, and everything people can do with it on the way."""

from hub.runs.accept import Accepted, Arrival, Intake
from hub.runs.assembly import RunServices, run_services
from hub.runs.engine import Engine
from hub.runs.history import Filter, History, Overview, Page, PlanResult, StepCount, Volume
from hub.runs.hooks import HookAnswer, Hooks
from hub.runs.schedules import Schedules
from hub.runs.service import Replay, Runs, Submission
from hub.runs.stages import Stages
from hub.runs.views import Attempt, Counts, Delivery, ItemDetail, ItemSummary, RunSummary

__all__ = [
    "Accepted",
    "Arrival",
    "Attempt",
    "Counts",
    "Delivery",
    "Engine",
    "Filter",
    "History",
    "HookAnswer",
    "Hooks",
    "Intake",
    "ItemDetail",
    "ItemSummary",
    "Overview",
    "Page",
    "PlanResult",
    "Replay",
    "RunServices",
    "RunSummary",
    "Runs",
    "Schedules",
    "Stages",
    "StepCount",
    "Submission",
    "Volume",
    "run_services",
]
