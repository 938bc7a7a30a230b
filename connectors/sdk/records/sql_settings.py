"""Settings that triggers on the rows of any SQL database share."""

from __future__ import annotations

from typing import Annotated, Literal

from connectors.sdk.intervals import interval
from connectors.sdk.settings import Settings, Shape, field

LONGEST_LOOK_BACK = 86_400


class Following(Settings):
    """How a trigger follows a table."""

    existing: Annotated[
        Literal["read", "skip"], field("Rows already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    look_back: Annotated[
        float,
        field(
            "Look back",
            hint="Seconds, or steps of a number: for rows that were committed late.",
            advanced=True,
        ),
    ] = 60.0
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be."""
        interval(self.every)
        if not 0 <= self.look_back <= LONGEST_LOOK_BACK:
            raise ValueError(f"Looking back can be 0 to {LONGEST_LOOK_BACK}.")
