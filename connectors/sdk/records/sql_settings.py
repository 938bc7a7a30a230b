"""Settings that the connectors of SQL databases share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from connectors.sdk.intervals import interval
from connectors.sdk.records.rows import WriteMode
from connectors.sdk.records.sql import ColumnType
from connectors.sdk.settings import Settings, Shape, field

LONGEST_LOOK_BACK = 86_400

Writing = Annotated[WriteMode, field("Mode", hint="insert adds, update changes what is there, upsert does either.")]
CreateTable = Annotated[
    bool | dict[str, ColumnType],
    field("Create the table", hint="When it is missing: with types from the values, or as listed.", advanced=True),
]


class Asking(Settings):
    """What to ask a database, and how much of an answer to take."""

    sql: Annotated[
        str,
        field(
            "SQL",
            hint="Write values as :names.",
            example="select name from customers where id = :id",
            multiline=True,
        ),
    ]
    params: Annotated[dict[str, Any], field("Values", hint="One for each :name.", templated=True)] = {}
    limit: Annotated[int, field("Most rows", hint="More than this is an error.", advanced=True)] = 1000
    timeout: Annotated[float, field("Most seconds", advanced=True)] = 30.0


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
