"""Outbound webhooks over REST: subscriptions, their secrets, and the log of what was sent."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.etags import IfMatch, created, expected_revision, tagged
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.ids import parse_cursor
from hub.members import Member, Verb
from hub.subscriptions import (
    KINDS,
    CreatedSubscription,
    EventKind,
    Message,
    MessageDetail,
    MessagePage,
    Messages,
    NewSubscription,
    Replay,
    Replayed,
    Subscription,
    SubscriptionChange,
    Subscriptions,
)
from hub.subscriptions.structs import MESSAGE, MessageState

InState = Annotated[MessageState | None, QueryParameter(name="state", description="Only in this state.")]


class WebhookController(Controller):
    """Send what happens in the workspace to other programs, after the Standard Webhooks specification."""

    path = "/webhooks"
    tags = ["webhooks"]

    @get("/", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def list_webhooks(
        self,
        subscriptions: NamedDependency[Subscriptions],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[Subscription]:
        """List webhooks, the oldest first."""
        return part(await subscriptions.list(member), limit, cursor, lambda one: one.id)

    @get("/kinds", opt={"verb": Verb.READ})
    async def list_kinds(self) -> Page[EventKind]:
        """List the kinds of events; `run.*` subscribes to a family, `*` to everything."""
        return Page(KINDS)

    @post("/", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def create_webhook(
        self,
        subscriptions: NamedDependency[Subscriptions],
        member: NamedDependency[Member],
        data: JSONBody[NewSubscription],
    ) -> Response[CreatedSubscription]:
        """Subscribe to events from now on; the answer holds the secret, which is shown this once."""
        made = await subscriptions.create(member, data)
        return created(made, made.revision, f"webhooks/{made.id}")

    @get("/{webhook_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def show_webhook(
        self, subscriptions: NamedDependency[Subscriptions], member: NamedDependency[Member], webhook_id: FromPath[str]
    ) -> Response[Subscription]:
        """Show a webhook without its secret."""
        found = await subscriptions.show(member, webhook_id)
        return tagged(found, found.revision)

    @patch("/{webhook_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def change_webhook(
        self,
        subscriptions: NamedDependency[Subscriptions],
        member: NamedDependency[Member],
        webhook_id: FromPath[str],
        data: JSONBody[SubscriptionChange],
        if_match: IfMatch = None,
    ) -> Response[Subscription]:
        """Change a webhook, pause it (`active: false`) or let it go on; whatever is left out stays."""
        changed = await subscriptions.change(member, webhook_id, data, revision=expected_revision(if_match))
        return tagged(changed, changed.revision)

    @delete("/{webhook_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def remove_webhook(
        self, subscriptions: NamedDependency[Subscriptions], member: NamedDependency[Member], webhook_id: FromPath[str]
    ) -> None:
        """Forget a webhook with its secret and its log."""
        await subscriptions.remove(member, webhook_id)

    @post("/{webhook_id:str}/rotate", status_code=200, opt={"verb": Verb.EDIT_CONNECTIONS})
    async def rotate_secret(
        self, subscriptions: NamedDependency[Subscriptions], member: NamedDependency[Member], webhook_id: FromPath[str]
    ) -> CreatedSubscription:
        """Make a new secret, shown this once; for 24 hours messages are signed with both."""
        return await subscriptions.rotate(member, webhook_id)

    @post("/{webhook_id:str}/test", status_code=200, opt={"verb": Verb.EDIT_CONNECTIONS})
    async def test_webhook(
        self, messages: NamedDependency[Messages], member: NamedDependency[Member], webhook_id: FromPath[str]
    ) -> MessageDetail:
        """Send a test event now, once, and show what the receiver answered."""
        return await messages.test(member, webhook_id)

    @post("/{webhook_id:str}/replay", status_code=200, opt={"verb": Verb.EDIT_CONNECTIONS})
    async def replay_messages(
        self,
        messages: NamedDependency[Messages],
        member: NamedDependency[Member],
        webhook_id: FromPath[str],
        data: JSONBody[Replay],
    ) -> Replayed:
        """Send everything since a time again, and what was missed while the webhook was paused or disabled."""
        return await messages.replay(member, webhook_id, data)

    @get("/{webhook_id:str}/messages", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def list_messages(
        self,
        messages: NamedDependency[Messages],
        member: NamedDependency[Member],
        webhook_id: FromPath[str],
        in_state: InState = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> MessagePage:
        """List what was sent or waits to be sent, the newest first; kept for 30 days."""
        before = parse_cursor(MESSAGE, cursor)
        return await messages.list(member, webhook_id, state=in_state, before=before, limit=limit)

    @get("/{webhook_id:str}/messages/{message_id:str}", opt={"verb": Verb.EDIT_CONNECTIONS})
    async def show_message(
        self,
        messages: NamedDependency[Messages],
        member: NamedDependency[Member],
        webhook_id: FromPath[str],
        message_id: FromPath[str],
    ) -> MessageDetail:
        """Show a message: what is sent, and every try with the receiver's answer."""
        return await messages.show(member, webhook_id, message_id)

    @post("/{webhook_id:str}/messages/{message_id:str}/resend", status_code=202, opt={"verb": Verb.EDIT_CONNECTIONS})
    async def resend_message(
        self,
        messages: NamedDependency[Messages],
        member: NamedDependency[Member],
        webhook_id: FromPath[str],
        message_id: FromPath[str],
    ) -> Message:
        """Send a message again under the same `webhook-id`."""
        return await messages.resend(member, webhook_id, message_id)


CONTROLLERS = [WebhookController]
