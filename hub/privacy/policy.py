"""A workspace's policy: what is done with personal data before a document leaves for a provider."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from hub.privacy.finders import BY_MODEL, Kind

VALIDATED = tuple(kind for kind in Kind if kind not in BY_MODEL)


class Action(StrEnum):
    """Send as it is, say what was in it, put placeholders in its place, or do not send at all."""

    ALLOW = "allow"
    FLAG = "flag"
    MASK = "mask"
    REFUSE = "refuse"


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to look for and what to do with it; models on this machine are exempt unless they are not to be."""

    action: Action = Action.FLAG
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=20)] = VALIDATED
    exempt_local: bool = True


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force; revision 0 is the one every workspace begins with."""

    policy: Policy
    revision: int = 0
    changed_at: datetime | None = None
