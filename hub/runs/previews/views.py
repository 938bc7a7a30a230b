"""What previews take and give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hub.errors import Problem
from hub.recipes.rendering import Cell, Kind


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step as somebody is filling it in: what `place` names replaces what the draft has, null takes it out.

    `sample` is the place of the one whose values are shown as fields.
    """

    step: str
    place: dict[str, Any] = {}
    limit: int = 20
    sample: int = 0


class SampleName(msgspec.Struct, frozen=True, kw_only=True):
    """A sample by its id and title."""

    id: str
    title: str


class FieldPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What one value gives for each sample, how often it fails, and a warning where it does not fit."""

    path: str
    cells: Sequence[Cell]
    failing: int = 0
    warning: str = ""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A step's values over samples, and what is wrong with the step; paths begin at the step.

    `elements` and `rows` are how long the lists are that the step goes through, for each sample.
    """

    samples: Sequence[SampleName]
    fields: Sequence[FieldPreview]
    problems: Sequence[Problem]
    elements: Sequence[int | None] = ()
    rows: Sequence[int | None] = ()


class KnownField(msgspec.Struct, frozen=True, kw_only=True):
    """A value that templates can use, as it is in one sample.

    `within` is the list that it is inside of, and `inner` its place in each of the elements; `template` then gives the
    values of the whole list.
    """

    name: str
    template: str
    kind: Kind = "nothing"
    text: str = ""
    elements: int | None = None
    within: str = ""
    inner: str = ""
    fields: Sequence[KnownField] = ()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The trigger, or a step before: what it gives; `state` tells where the sample of it is from."""

    name: str
    title: str
    state: str
    field: KnownField


class KnownFields(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the values of a step can use, with one sample's values."""

    samples: Sequence[SampleName]
    sources: Sequence[Source]
