"""The kinds of events that can be subscribed to, in words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.errors import InvalidError, Problem

EVERYTHING = "*"
TEST = "webhook.test"


class EventKind(msgspec.Struct, frozen=True):
    """A kind of event and when it happens."""

    kind: str
    title: str


KINDS = (
    EventKind("run.done", "A run has ended"),
    EventKind("item.dead", "An item could not be delivered and was set aside"),
    EventKind("extraction.done", "Records were extracted from a document"),
    EventKind("extraction.corrected", "Somebody corrected an extraction, or took a correction back"),
    EventKind("extraction.judged", "Somebody judged an extraction"),
    EventKind("review.asked", "Somebody is asked to review an item"),
    EventKind("review.assigned", "A review was given to somebody"),
    EventKind("review.due", "A review is due"),
    EventKind("review.escalated", "A review is overdue and was passed on"),
    EventKind("review.answered", "Somebody answered a review that waits for more answers"),
    EventKind("review.decided", "A review is decided or has expired"),
    EventKind("approval.asked", "Somebody is asked to approve something"),
    EventKind("approval.assigned", "An approval was given to somebody"),
    EventKind("approval.due", "An approval is due"),
    EventKind("approval.escalated", "An approval is overdue and was passed on"),
    EventKind("approval.answered", "Somebody answered an approval that waits for more answers"),
    EventKind("approval.decided", "An approval is decided or has expired"),
    EventKind("recipe.created", "A recipe was created"),
    EventKind("recipe.changed", "The draft of a recipe was changed"),
    EventKind("recipe.published", "A version of a recipe was published"),
    EventKind("recipe.paused", "A recipe was paused"),
    EventKind("recipe.resumed", "A recipe was resumed"),
    EventKind("recipe.deleted", "A recipe was deleted"),
    EventKind("batch.created", "A batch of files was taken to be extracted"),
    EventKind("batch.done", "Every file of a batch is extracted or has failed"),
    EventKind("dataset.changed", "Rows of a dataset were written"),
    EventKind("subscription.disabled", "A webhook was disabled because its receiver does not take its messages"),
)


def checked_kinds(given: Sequence[str]) -> list[str]:
    """Return each kind once; InvalidError names the ones that there are not."""
    known = {one.kind for one in KINDS}
    families = {f"{kind.partition('.')[0]}.*" for kind in known}
    unknown = [one for one in given if one not in known | families | {EVERYTHING}]
    if unknown:
        message = (
            f"There is no kind of event {unknown[0][:60]!r}; "
            f"there are {', '.join(sorted(families))}, and `GET /api/v1/webhooks/kinds` lists each one."
        )
        raise InvalidError(message, errors=[Problem("kinds", message)])
    return list(dict.fromkeys(given))
