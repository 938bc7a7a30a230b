"""What of learning runs in the jail: documents are hostile to pattern matching here as well."""

from __future__ import annotations

import msgspec

from hub.extraction.learning.amend import Amended, Amendment, amend
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.learning.teach import Lesson, teach
from hub.jail import Limits

AMEND = "hub.extraction.learning.inside:amended"
LEARN = "hub.extraction.learning.inside:learnt"
LIMITS = Limits(seconds=60, cpu_seconds=60)


class Taught(msgspec.Struct, frozen=True):
    """The layout after a lesson; None when the lesson teaches nothing."""

    layout: LearntLayout | None = None


def learnt(lesson: Lesson) -> Taught:
    """Learn from one document."""
    return Taught(teach(lesson))


def amended(amendment: Amendment) -> Amended:
    """Put values right and find where they stand."""
    return amend(amendment)
