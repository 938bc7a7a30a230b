"""What becomes of an item when a step has failed, or has done its work after all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.recipes import FAILED, CompiledStep
from hub.runs.progress import Clock, Failure, Progress


def fail(step: CompiledStep, one: Progress, failure: Failure, clock: Clock, **shown: Any) -> None:
    """Settle a failed step: try again later, go on as `on_error` says, or end as a dead letter."""
    one.tries += 1
    trace = clock.trace(step.id, "failed", attempt=one.tries, error_kind=failure.kind, message=failure.message, **shown)
    one.traces.append(trace)
    if failure.kind != "Unknown" and failure.temporary and one.tries < step.retrying.attempts:
        pause = max(step.retrying.pause(one.tries), failure.retry_after or 0.0)
        one.pause(step.id, pause, failure.message, failure.kind)
    elif failure.kind == "Unknown" or step.on_error == "dead_letter":
        one.leave("dead", step.id, failure.message, failure.kind)
    elif step.on_error == "continue":
        trace.state, one.tries = "ignored", 0
        one.done(step.id, None)
    else:
        trace.state, one.tries = "caught", 0
        one.settled[step.id], one.scope[step.id] = FAILED, None
        one.scope["error"] = {"step": step.id, "kind": failure.kind, "message": failure.message}


def passed_over(step: CompiledStep, one: Progress, failures: Sequence[Failure]) -> bool:
    """Tell whether a loop goes on with null in the place of what failed, as trying again would not help any more."""
    if step.on_error != "continue" or step.each is None or any(failure.kind == "Unknown" for failure in failures):
        return False
    return one.tries + 1 >= step.retrying.attempts or not any(failure.temporary for failure in failures)


def settle_step(step: CompiledStep, one: Progress, clock: Clock, output: Any, **shown: Any) -> None:
    """Settle a step that has done its work, with the number of the try that did it."""
    attempt, one.tries = one.tries + 1, 0
    one.done(step.id, output, clock.trace(step.id, "done", attempt=attempt, output=output, **shown))
