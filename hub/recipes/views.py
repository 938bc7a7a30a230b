"""What the service for recipes gives back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from hub.documents import Difference
from hub.errors import Problem


class State(StrEnum):
    """Whether a recipe has never been published, takes and works on items, or only takes them."""

    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"


class TriggerView(msgspec.Struct, frozen=True, kw_only=True):
    """How a recipe's trigger fares."""

    uses: str
    kind: str
    last_event_at: datetime | None = None
    last_poll_at: datetime | None = None
    next_due_at: datetime | None = None
    failures: int = 0
    message: str = ""
    duplicates: int = 0


class RecipeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list; `changed` tells whether the draft differs from the live version."""

    id: str
    name: str
    title: str
    labels: list[str]
    state: State
    version: int | None
    changed: bool
    revision: int
    problems: list[Problem]
    trigger: TriggerView
    hook_url: str | None
    created_at: datetime
    changed_at: datetime


class RecipeView(RecipeSummary, frozen=True, kw_only=True):
    """A recipe with its draft, and the addresses of its webhook when it has one."""

    test_hook_url: str | None
    document: dict[str, Any]


class RecipePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some recipes by name, and where to go on."""

    items: list[RecipeSummary]
    cursor: str | None = None


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One published version; its document only when it was asked for."""

    number: int
    note: str
    published_at: datetime
    published_by: str | None
    active: bool
    document: dict[str, Any] | None = None


class RecipeVersionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some versions, newest first, and where to go on."""

    items: list[VersionView]
    cursor: str | None = None


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is live now, and whether publishing made a new one."""

    version: int
    fresh: bool
    recipe: RecipeView


class Change(StrEnum):
    """What applying a file did, or would do."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What applying a file changed: the drift between what was there and what the file says."""

    name: str
    change: Change
    differences: Sequence[Difference]
    version: int | None = None
    published: bool = False
    recipe: RecipeView | None = None
