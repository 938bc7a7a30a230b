"""What faces see of trying things out: samples, what steps gave for them, pins, marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Literal

import msgspec

from connectors.sdk import Change
from hub.database import Row, from_jsonb
from hub.ids import show

TryState = Literal["done", "failed", "filtered", "skipped", "waits", "unknown"]
Origin = Literal["live", "test"]
Source = Literal["pin", "try", "run", "none"]
LONGEST_LOOKED_INTO = 100_000


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """An item to try a recipe with: one that came in, or one kept for this."""

    id: str
    title: str
    origin: Origin
    state: str
    version: int
    accepted_at: datetime


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a step gave for a sample, where that is from, and whether something has changed since."""

    step: str
    value: Any = None
    state: TryState | Literal["none"] = "none"
    source: Source = "none"
    at: datetime | None = None
    run: str | None = None
    stale: bool = False
    message: str = ""


class KnownSample(msgspec.Struct, frozen=True, kw_only=True):
    """A sample with what is known of steps: its content is `trigger` in templates."""

    sample: Sample
    content: Any
    outputs: list[Known]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """The latest try of a step over a sample; `element` is the place of one loop element, None for the whole step."""

    step: str
    element: int | None = None
    state: TryState
    input: Any = None
    output: Any = None
    elements: int | None = None
    changes: Sequence[Change] = ()
    problem: str | None = None
    message: str = ""
    log: Sequence[str] = ()
    took_ms: float = 0.0
    tokens: int = 0
    cost_usd: float = 0.0
    at: datetime
    stale: bool = False


class TryResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a try did, step by step; the last one is the step that was asked for, unless the sample ended before."""

    sample: Sample
    steps: list[Tried]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How a step stands for one sample, as the drawing shows it."""

    pinned: bool = False
    stale: bool = False
    tried: Literal["ok", "failed"] | None = None


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """An output that tries take in the place of a step's own."""

    step: str
    value: Any
    at: datetime


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to know of a draft for one sample: what each step gives, the latest tries, pins and marks."""

    sample: Sample | None
    content: Any
    outputs: list[Known]
    tries: list[Tried]
    pins: list[Pin]
    marks: dict[str, Mark]


class Attempted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to try a step with: a sample, or given content that is kept as one; neither: the newest sample.

    `up_to` does all steps before it anew; `element` takes one element of the list that the step loops over.
    """

    item: str | None = None
    content: Any = None
    up_to: bool = False
    element: int | None = None


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Waiting for one event of a trigger; `item` is the sample it was kept as."""

    id: str
    kind: Literal["webhook", "poll"]
    state: Literal["listening", "heard", "over", "cancelled", "failed"]
    until: datetime
    looks: int
    message: str
    test_path: str | None = None
    item: str | None = None


def sample_of(row: Row) -> Sample:
    """Make a sample of an `items` row."""
    return Sample(
        id=show("itm", row["id"]),
        title=row["title"] or glimpse(row["content"]),
        origin="test" if row["test"] else "live",
        state=row["state"],
        version=row["version"],
        accepted_at=row["accepted_at"],
    )


def scope_of(known: KnownSample, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the names that templates see for a sample, besides `run` and `recipe`."""
    sample = known.sample
    item = {"id": sample.id, "title": sample.title, "key": None, "accepted_at": sample.accepted_at.isoformat()}
    given = {one.step: one.value for one in known.outputs}
    return {"vars": dict(variables or {}), "item": item, "trigger": known.content, **given}


def glimpse(content: str) -> str:
    """Return the first values of an item that has no title, so that people tell it from others."""
    if len(content) > LONGEST_LOOKED_INTO:
        return ""
    found = (text for text in _texts(from_jsonb(content)) if text)
    return " · ".join(islice(found, 3))[:80]


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield short values, those of the body first; headers and the like tell nothing."""
    if isinstance(value, dict):
        if depth == 0 and "body" in value:
            yield from _texts(value["body"], 1)
            return
        for one in value.values():
            if depth < 3:
                yield from _texts(one, depth + 1)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)[:40]
