"""Subscriptions and messages, as people give and see them, and as the worker holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

SUBSCRIPTION = "whk"
MESSAGE = "msg"

Address = Annotated[str, Meta(min_length=1, max_length=2000)]
Kinds = Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(min_length=1, max_length=100)]
Description = Annotated[str, Meta(max_length=500)]
SubscriptionState = Literal["active", "paused", "disabled"]
MessageState = Literal["waiting", "sent", "failed"]


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to send which events; `with_values` adds what documents say, which is left out otherwise."""

    url: Address
    kinds: Kinds
    description: Description = ""
    with_values: bool = False


class SubscriptionChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; whatever is left out stays. `active` pauses, resumes, and enables what the hub disabled."""

    url: Address | UnsetType = UNSET
    kinds: Kinds | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    with_values: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription without its secret; `reason` says why the hub disabled it."""

    id: str
    url: str
    kinds: Sequence[str]
    description: str
    with_values: bool
    state: SubscriptionState
    reason: str
    failing_since: datetime | None
    previous_secret_until: datetime | None
    waiting: int
    revision: int
    created_at: datetime


class CreatedSubscription(Subscription, frozen=True, kw_only=True):
    """A subscription with a fresh secret: the only time it can be read."""

    secret: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one receiver; `id` is its `webhook-id`, the same at every try."""

    id: str
    type: str
    subject: str
    at: datetime
    state: MessageState
    tries: int
    next_at: datetime | None
    ended_at: datetime | None
    status: int | None
    problem: str


class MessagePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some messages, the newest first."""

    items: Sequence[Message]
    next_cursor: str | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: what the receiver answered, or why there was no answer."""

    number: int
    at: datetime
    status: int | None
    took_ms: int
    answer: str
    problem: str


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A message with its tries and what is sent."""

    message: Message
    attempts: Sequence[Attempt]
    payload: dict[str, Any]


class Replay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Since when to send everything again."""

    since: datetime


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages are sent again, and how many that were never made are sent now."""

    again: int
    missed: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this process sends now."""

    id: UUID
    workspace: UUID
    subscription: UUID
    kind: str
    subject: str
    body: dict[str, Any]
    at: datetime
    fence: int
    tries: int
    url: str
    with_values: bool
    secret: bytes
    previous_secret: bytes | None
