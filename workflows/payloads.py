"""What travels between workflows and activities: ids, counts and decisions, never content.

Fields are never renamed or retyped and new ones get a default, so that stored histories keep replaying.
"""

from __future__ import annotations

import msgspec


class RunInput(msgspec.Struct, frozen=True):
    """Which run to carry, through how many stages at most, and which of these take long (documents, other runs)."""

    run: str
    stages: int
    long: list[int] = []


class StageInput(msgspec.Struct, frozen=True):
    """Which stage of which run."""

    run: str
    stage: int


class StageOutcome(msgspec.Struct, frozen=True):
    """How many of the run's items go on to a later stage, and which stage that is."""

    active: int
    next_stage: int


class RunOutput(msgspec.Struct, frozen=True):
    """How many stages were worked through."""

    stages: int


class ShardInput(msgspec.Struct, frozen=True):
    """Which shard of recipes a scheduler looks after."""

    shard: int


class DueOutcome(msgspec.Struct, frozen=True):
    """How many triggers were fired, and in how many seconds to look again."""

    fired: int
    pause: float
