"""The time machine: a draft run dry against past items, and what it would have written beside what was written."""

from hub.runs.past.service import TimeMachine
from hub.runs.past.views import ComparedItem, ComparedPage, Comparison, Wanted
from hub.runs.past.work import Comparing

__all__ = ["ComparedItem", "ComparedPage", "Comparing", "Comparison", "TimeMachine", "Wanted"]
