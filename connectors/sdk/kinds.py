"""What kinds of services, triggers and targets there are."""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """What a target does to the world; approval policy reads it."""

    CREATE = "create"
    CHANGE = "change"
    DESTROY = "destroy"
    SEND = "send"


class TriggerKind(StrEnum):
    """Who moves first: we ask (poll), the service calls (webhook), the clock (calendar), or the hub itself (native)."""

    POLL = "poll"
    WEBHOOK = "webhook"
    CALENDAR = "calendar"
    NATIVE = "native"


class Category(StrEnum):
    """Under which heading people look for a service."""

    HUB = "hub"
    MAIL = "mail"
    FILES = "files"
    TABLES = "tables"
    WEB = "web"
    SOCIAL = "social"
    CHAT = "chat"
    BUSINESS = "business"
    MONITORING = "monitoring"
