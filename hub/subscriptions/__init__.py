"""Outbound webhooks after the Standard Webhooks specification: who hears of what, signed, retried and logged."""

from hub.subscriptions.kinds import KINDS, EventKind
from hub.subscriptions.messages import Messages
from hub.subscriptions.sending import Sender
from hub.subscriptions.service import Subscriptions
from hub.subscriptions.structs import (
    Attempt,
    CreatedSubscription,
    Message,
    MessageDetail,
    MessagePage,
    NewSubscription,
    Replay,
    Replayed,
    Subscription,
    SubscriptionChange,
)
from hub.subscriptions.work import SubscriptionWork

__all__ = [
    "KINDS",
    "Attempt",
    "CreatedSubscription",
    "EventKind",
    "Message",
    "MessageDetail",
    "MessagePage",
    "Messages",
    "NewSubscription",
    "Replay",
    "Replayed",
    "Sender",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionWork",
    "Subscriptions",
]
