"""What people say and see of a fine-tuning."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from hub.database import Row
from hub.ids import show

PREFIX = "tun"


class NewFineTuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Train a provider's model on the corrected records of a schema; `suffix` goes into the new model's name."""

    provider: str
    schema: str
    base_model: Annotated[str, Meta(min_length=1, max_length=200)]
    suffix: Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")] = ""


class FineTuning(msgspec.Struct, frozen=True, kw_only=True):
    """A training and how far it is; `model` is the name to extract with once it has succeeded.

    The states are those of OpenAI's jobs: preparing (here), validating_files, queued, running, succeeded, failed,
    cancelled.
    """

    id: str
    provider: str
    schema: str
    base_model: str
    suffix: str
    state: str
    training_examples: int
    validation_examples: int
    model: str | None = None
    trained_tokens: int | None = None
    message: str = ""
    created_at: datetime
    changed_at: datetime
    ended_at: datetime | None = None


class ExampleCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many corrected documents of a schema there are to learn from, and how they would be split."""

    schema: str
    training: int
    validation: int
    needed: int
    notes: tuple[str, ...] = ()


def view(row: Row) -> FineTuning:
    """Show a stored training."""
    same = ("base_model", "suffix", "state", "training_examples", "validation_examples", "model", "trained_tokens")
    times = ("message", "created_at", "changed_at", "ended_at")
    return FineTuning(
        id=show(PREFIX, row["id"]),
        provider=show("prv", row["provider"]),
        schema=row["schema_name"],
        **{name: row[name] for name in (*same, *times)},
    )
