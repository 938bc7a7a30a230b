"""How far a member is in the tour, and what was chosen on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

STEPS = 5
Source = Literal["manual", "folder", "webhook", "email"]
Target = Literal["dataset", "spreadsheet"]
Step = Annotated[int, Meta(ge=1, le=STEPS)]
Text = Annotated[str, Meta(max_length=500)]


class TourState(msgspec.Struct, frozen=True, kw_only=True):
    """The step a member is at, the choices, and what was made of them; later starts at its defaults again."""

    step: int = 1
    source: Source = "manual"
    directory: str = ""
    connection: str = ""
    schema: str = "invoice"
    target: Target = "dataset"
    table: str = ""
    place: str = ""
    review: bool = False
    file: str = ""
    extraction: str = ""
    recipe: str = ""
    item: str = ""
    ended: bool = False


class TourChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member chose or where they went; whatever is left out stays."""

    step: Step | UnsetType = UNSET
    source: Source | UnsetType = UNSET
    directory: Text | UnsetType = UNSET
    connection: Text | UnsetType = UNSET
    schema: Text | UnsetType = UNSET
    target: Target | UnsetType = UNSET
    table: Text | UnsetType = UNSET
    place: Text | UnsetType = UNSET
    review: bool | UnsetType = UNSET
    file: Text | UnsetType = UNSET
    ended: bool | UnsetType = UNSET


class TourOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen here: directories that may be used, mailboxes that are connected, the sample that fits."""

    directories: Sequence[str]
    mailboxes: Sequence[str]
    sample: str
