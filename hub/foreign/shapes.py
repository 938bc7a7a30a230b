"""What all foreign exports are brought to before a recipe is made of them, and what is told afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from hub.foreign.sight import Sight

MOST_PARTS = 400


class Origin(StrEnum):
    """Which tool an export comes from."""

    N8N = "n8n"
    ZAPIER = "zapier"
    NODE_RED = "node_red"


TITLES = {Origin.N8N: "n8n", Origin.ZAPIER: "Zapier", Origin.NODE_RED: "Node-RED"}


class Loss(StrEnum):
    """What happened to a part of the source, from worst to harmless."""

    NOT_TRANSLATED = "not_translated"
    EXPRESSION = "expression"
    PARTLY = "partly"
    SECRET = "secret"  # noqa: S105  # says that one was found
    CONNECTION = "connection"
    LEFT_OUT = "left_out"


# These keep a part from counting as translated, or as wholly so
LOST = frozenset({Loss.NOT_TRANSLATED})
MAIMED = frozenset({Loss.EXPRESSION, Loss.PARTLY})


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What a translator has to say about one part: what it did, why that is not so here, what to do instead."""

    kind: Loss
    did: str
    why: str
    instead: str = ""


def no_liquid(text: str, name: str, why: str) -> Remark:
    """Say that an expression has no counterpart, so that its value is not translated."""
    return Remark(
        kind=Loss.EXPRESSION,
        did=f"{name} was {text.strip()[:200]}",
        why=f"This cannot be written as Liquid: {why}.",
        instead=f"Write {name} anew; until then it says not_translated, which keeps the recipe from running.",
    )


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the honest list, with its place in the source and, where there is one, its step in the draft."""

    kind: Loss
    place: str
    path: str
    step: str | None
    did: str
    why: str
    instead: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One box of a foreign flow; `path` says where it stands in the file."""

    key: str
    title: str
    kind: str
    settings: Mapping[str, Any]
    path: str
    note: str = ""
    disabled: bool = False
    opening: bool = False
    credential: str | None = None
    on_error: str = ""


class Wire(msgspec.Struct, frozen=True):
    """One line between two parts, and the output of the first that it leaves by."""

    start: str
    end: str
    output: int = 0


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign flow: its parts by key, and what was written beside them."""

    title: str
    parts: Mapping[str, Part]
    wires: Sequence[Wire]
    notes: Sequence[str] = ()
    time_zone: str = ""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a translator sees of a part's surroundings."""

    sight: Sight
    seen: Mapping[str, Sight]
    outputs: frozenset[int]
    forked: bool
    follows: Sequence[Part]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger that a part became, and what the first steps see of its items."""

    uses: str
    settings: Mapping[str, Any] = {}
    connection: str | None = None
    sight: Sight = Sight(whole=("trigger",))
    remarks: Sequence[Remark] = ()
    by_hand: bool = False


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a part became.

    `out` is where its data stands in its output (None: it hands on what came in), `named` where single values do.
    `begins` names the list in its output that the next steps go through, `ends` says that it takes a list as one.
    """

    uses: str = ""
    settings: Mapping[str, Any] = {}
    connection: str | None = None
    out: str | None = None
    named: Mapping[str, str] = {}
    renames: Mapping[str, str] = {}
    cases: Mapping[int, str] = {}
    begins: str = ""
    ends: bool = False
    dropped: bool = False
    lost: bool = False
    remarks: Sequence[Remark] = ()


class Tally(msgspec.Struct, frozen=True):
    """How many parts of the source became what; comments and notes do not count."""

    parts: int = 0
    whole: int = 0
    partly: int = 0
    lost: int = 0


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """One recipe made of a foreign flow: a document that is no more than a draft, and what is to be known of it."""

    origin: Origin
    title: str
    document: dict[str, Any]
    findings: list[Finding]
    tally: Tally


def lost(did: str, instead: str, why: str = "There is no step here that does this.") -> Turned:
    """Return a step that stands where a part stood and cannot run."""
    return Turned(lost=True, remarks=[Remark(kind=Loss.NOT_TRANSLATED, did=did, why=why, instead=instead)])
