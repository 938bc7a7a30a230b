"""Trying a draft out: samples, pins, tries of single steps, and listening for an event."""

from hub.runs.trying.listenings import Listenings
from hub.runs.trying.pins import Pins
from hub.runs.trying.service import Tries
from hub.runs.trying.views import (
    Attempted,
    Board,
    Known,
    KnownSample,
    Listening,
    Mark,
    Pin,
    Sample,
    Tried,
    TryResult,
    scope_of,
)

__all__ = [
    "Attempted",
    "Board",
    "Known",
    "KnownSample",
    "Listening",
    "Listenings",
    "Mark",
    "Pin",
    "Pins",
    "Sample",
    "Tried",
    "Tries",
    "TryResult",
    "scope_of",
]
