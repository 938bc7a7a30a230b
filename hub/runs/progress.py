"""One item on its way through a stage: what its templates see, which steps are settled, and how it leaves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, from_jsonb, to_jsonb, to_text
from hub.decisions import Ask
from hub.ids import show


class Trace(msgspec.Struct, kw_only=True):
    """One attempt to be written down."""

    step: str
    state: str
    path: str = ""
    attempt: int = 1
    input: Any = None
    output: Any = None
    error_kind: str | None = None
    message: str | None = None
    started_at: datetime
    took_ms: float = 0.0
    tokens: int = 0
    cost_usd: float = 0.0


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a step failed: the error's name, a sentence, and whether and when trying again may help."""

    kind: str
    message: str
    temporary: bool = False
    retry_after: float | None = None
    uncertain: bool = False


class Progress:
    """An item while a worker has it; nothing here outlives the stage."""

    __slots__ = (
        "asked",
        "due_seconds",
        "generation",
        "item",
        "origin",
        "paths",
        "reason",
        "reason_kind",
        "resumed",
        "scope",
        "settled",
        "state",
        "step",
        "taken",
        "title",
        "traces",
        "tries",
    )

    def __init__(self, row: Row, scope: dict[str, Any]) -> None:
        self.item: UUID = row["id"]
        self.origin: UUID = row["id"]
        self.title: str = row["title"]
        self.generation: int = row["generation"]
        self.tries: int = row["tries"]
        self.resumed: str | None = row["step"]
        self.scope = scope
        self.settled: dict[str, str] = {}
        self.paths: dict[str, dict[str, Any]] = {}
        self.traces: list[Trace] = []
        self.state = "running"
        self.step: str | None = None
        self.reason: str | None = None
        self.reason_kind: str | None = None
        self.due_seconds: float | None = None
        self.asked: Ask | None = None
        self.taken: UUID | None = None

    @property
    def active(self) -> bool:
        """Whether it is still to be worked on in this stage."""
        return self.state == "running"

    def done(self, step: str, output: Any, trace: Trace | None = None) -> None:
        """Settle a step with its output."""
        self.settled[step] = "done"
        self.scope[step] = output
        if trace is not None:
            self.traces.append(trace)

    def skip(self, step: str) -> None:
        """Settle a step that nothing led to: its output is null and its followers are skipped."""
        self.settled[step] = "skipped"
        self.scope[step] = None

    def leave(self, state: str, step: str | None, reason: str | None = None, kind: str | None = None) -> None:
        """Leave the stage: filtered, dead, delivered, waiting_until or waiting_for."""
        self.state, self.step, self.reason, self.reason_kind = state, step, reason, kind

    def pause(self, step: str, seconds: float, reason: str, kind: str | None = None) -> None:
        """Leave the run until a due time."""
        self.leave("waiting_until", step, reason, kind)
        self.due_seconds = seconds


class Clock:
    """Takes the time of one step for its trace."""

    __slots__ = ("_began", "started_at")

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self._began = time.perf_counter()

    @property
    def took_ms(self) -> float:
        """Milliseconds since the start."""
        return (time.perf_counter() - self._began) * 1000

    def trace(self, step: str, state: str, **named: Any) -> Trace:
        """Make a trace that ends now."""
        return Trace(step=step, state=state, started_at=self.started_at, took_ms=self.took_ms, **named)


def progress_of(rows: Sequence[Row], surroundings: dict[str, Any]) -> list[Progress]:
    """Make the progress of item rows; `surroundings` are the names every item sees alike."""
    works = []
    for row in rows:
        item = {
            "id": show("itm", row["id"]),
            "title": row["title"],
            "key": row["key"],
            "accepted_at": row["accepted_at"].isoformat(),
        }
        works.append(Progress(row, {**surroundings, "trigger": from_jsonb(row["content"]), "item": item}))
    return works


def trace_columns(works: Sequence[Progress]) -> list[list[Any]]:
    """Return the columns of all traces, for one insert."""
    pairs = [(work.item, trace) for work in works for trace in work.traces]
    return [
        [item for item, _ in pairs],
        [trace.step for _, trace in pairs],
        [trace.path for _, trace in pairs],
        [trace.attempt for _, trace in pairs],
        [trace.state for _, trace in pairs],
        [None if trace.input is None else to_jsonb(trace.input) for _, trace in pairs],
        [None if trace.output is None else to_jsonb(trace.output) for _, trace in pairs],
        [trace.error_kind for _, trace in pairs],
        [to_text(trace.message) for _, trace in pairs],
        [trace.started_at for _, trace in pairs],
        [trace.took_ms for _, trace in pairs],
        [trace.tokens for _, trace in pairs],
        [trace.cost_usd for _, trace in pairs],
    ]
