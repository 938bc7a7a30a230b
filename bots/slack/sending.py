"""Replies on their way to Slack: to whom they belong, with buttons, and with questions that can be settled later."""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING, Any

import msgspec

from bots.replies import Reply
from bots.slack.calling import SlackRefusedError, call
from bots.slack.files import SlackFiles
from bots.slack.hearing import Origin
from bots.slack.rendering import OPEN_FORM, Blocks, fallback, plain, render, settled
from bots.slack.views import told
from connectors.sdk import ConnectorError
from hub.identities import Buttons, ChatNotices, Identity, Kept

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

# Words and blocks alone count: nothing in them links, unfolds or calls somebody.
_INERT = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False, "parse": "none", "link_names": False}
_FORM = "Open as a form"
_GONE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "messages_tab_disabled"})
_NO_CHANNEL = "I cannot write to the channel you chose (invite me, or say notices here again), so I tell you here."

_MOMENT = re.compile(r"\d+\.\d+")

log = logging.getLogger(__name__)


class Sender:
    """Sends replies of one bot."""

    def __init__(self, client: AsyncWebClient, files: SlackFiles, notices: ChatNotices, own_url: str) -> None:
        self._client = client
        self._files = files
        self._notices = notices
        self._url = own_url
        self._buttons = Buttons()

    async def answer(self, origin: Origin, reply: Reply, identity: Identity | None) -> None:
        """Answer where something was said: in its thread, to this person alone, or in the form that is open."""
        if reply.settles and identity is not None and await self._settled(origin, reply, identity):
            return
        if origin.view:
            await self._into_form(origin, reply, identity)
        elif origin.response_url and (origin.ephemeral or reply.private):
            await self._to_one(origin, reply, identity)
        elif origin.direct:
            await self._post(origin.channel or origin.user, origin.thread, reply, identity)
        else:
            await self._in_channel(origin, reply, identity)

    async def tell(self, identity: Identity, reply: Reply) -> None:
        """Send a notice to the account, or into the channel that it chose."""
        if identity.room:
            try:
                await self._post(identity.room, "", reply, identity, shared=True)
                return
            except SlackRefusedError as error:
                if error.code not in _GONE:
                    raise
            reply = msgspec.structs.replace(reply, text=f"{_NO_CHANNEL}\n\n{reply.text}")
        await self._post(identity.chat, "", reply, identity)

    async def follow(self, identity: Identity, message: str, reply: Reply) -> None:
        """Tell what came of something in the thread of the message that told of its start."""
        channel, _, rest = message.partition("/")
        moment = rest.partition("/")[0]
        thread = moment if _MOMENT.fullmatch(moment) else ""
        try:
            await self._post(channel, thread, reply, identity)
        except SlackRefusedError as error:
            if error.code not in _GONE:
                raise
            await self._post(identity.chat, "", reply, identity)

    async def settle(self, identity: Identity, subject: str, outcome: str) -> int:
        """Say in every message that asks about a subject what was decided, and take its buttons away."""
        posted = await self._notices.messages(identity, subject)
        for one in posted:
            channel, _, moment = one.message.partition("/")
            await self._replace(channel, moment, settled(msgspec.json.decode(one.text), outcome), outcome)
        return len(posted)

    async def buttons(self, identity: Identity | None, reply: Reply, *, shared: bool = False) -> list[str]:
        """Keep what a reply's buttons stand for and return what they carry; strangers get none."""
        if identity is None or not reply.buttons:
            return []
        kept = [Kept(one.command, one.once) for one in reply.buttons]
        return list(await self._buttons.keep(identity, kept, shared=shared))

    async def _settled(self, origin: Origin, reply: Reply, identity: Identity) -> bool:
        """Replace the question that was answered, where it was pressed and wherever else it was asked."""
        replaced = await self.settle(identity, reply.settles or "", reply.text)
        if origin.pressed and origin.ephemeral and origin.response_url:
            return await self._respond(origin, {"replace_original": True, "text": fallback(reply.text)})
        if origin.message and origin.blocks:
            blocks = settled(msgspec.convert(origin.blocks, Blocks), reply.text)
            await self._replace(origin.channel, origin.message, blocks, reply.text)
            return True
        return replaced > 0 and not (origin.view or origin.ephemeral)

    async def _post(
        self, channel: str, thread: str, reply: Reply, identity: Identity | None, *, shared: bool = False
    ) -> None:
        blocks = await self._blocks(reply, identity, shared=shared)
        where = {"channel": channel} | ({"thread_ts": thread} if thread else {})
        sent = await call(self._client.chat_postMessage, text=fallback(reply.text), blocks=blocks, **where, **_INERT)
        channel, moment = str(sent.get("channel", channel)), str(sent.get("ts", ""))
        if identity is not None and reply.subject is not None:
            kept = msgspec.json.encode([one for one in blocks if one["type"] != "actions"]).decode()
            await self._notices.posted(identity, f"{channel}/{moment}", reply.subject, kept)
        if identity is not None and reply.follows is not None:
            await self._notices.follow(identity, f"{channel}/{thread or moment}/{moment}", reply.follows)
        if reply.files:
            await self._files.send(channel, thread or moment, reply.files)

    async def _in_channel(self, origin: Origin, reply: Reply, identity: Identity | None) -> None:
        """Answer in a channel's thread, to one person where that is right; where the bot may not, directly."""
        alone = reply.private or origin.outside or identity is None
        try:
            if alone:
                await self._quietly(origin, reply, identity)
            else:
                await self._post(origin.channel, origin.thread, reply, identity, shared=True)
        except SlackRefusedError as error:
            if error.code not in _GONE:
                raise
            await self._post(origin.user, "", reply, identity)

    async def _quietly(self, origin: Origin, reply: Reply, identity: Identity | None) -> None:
        blocks = await self._blocks(reply, identity)
        thread = {"thread_ts": origin.thread} if origin.thread else {}
        await call(
            self._client.chat_postEphemeral, channel=origin.channel, user=origin.user, text=fallback(reply.text),
            blocks=blocks, parse="none", link_names=False, **thread,
        )  # fmt: skip
        await self._files_alone(origin, reply)

    async def _to_one(self, origin: Origin, reply: Reply, identity: Identity | None) -> None:
        """Answer a command or a press by its address, which only this person sees; else in the direct conversation."""
        blocks = await self._blocks(reply, identity)
        body: dict[str, Any] = {"replace_original": False, "text": fallback(reply.text), "blocks": blocks}
        if await self._respond(origin, body):
            if identity is not None and reply.follows is not None:
                await self._notices.follow(identity, f"{origin.user}/{reply.follows}", reply.follows)
            await self._files_alone(origin, reply)
        else:
            await self._post(origin.user, "", reply, identity)

    async def _respond(self, origin: Origin, body: dict[str, Any]) -> bool:
        """Answer by an address; False when it answers no more, as after half an hour or five answers."""
        try:
            await self._files.http.post(origin.response_url, json={"response_type": "ephemeral", **body})
        except ConnectorError as error:
            log.info("an answer was not taken: %s", type(error).__name__)
            return False
        return True

    async def _files_alone(self, origin: Origin, reply: Reply) -> None:
        """Send files to the direct conversation, as only a posted message can carry them."""
        if reply.files:
            opened = await call(self._client.conversations_open, users=origin.user)
            await self._files.send(str(opened["channel"]["id"]), "", reply.files)

    async def _into_form(self, origin: Origin, reply: Reply, identity: Identity | None) -> None:
        """Show what came of a form in it; one that was closed meanwhile is answered in the direct conversation."""
        values = await self.buttons(identity, reply)
        try:
            await call(self._client.views_update, view_id=origin.view, view=told(reply, self._url, values))
        except SlackRefusedError:
            await self._post(origin.user, "", reply, identity)

    async def _replace(self, channel: str, moment: str, blocks: Blocks, outcome: str) -> None:
        # Deleted by somebody, or the same already
        with contextlib.suppress(SlackRefusedError):
            await call(
                self._client.chat_update, channel=channel, ts=moment, text=fallback(outcome), blocks=blocks,
                parse="none", link_names=False,
            )  # fmt: skip

    async def _blocks(self, reply: Reply, identity: Identity | None, *, shared: bool = False) -> Blocks:
        blocks = render(reply, self._url, await self.buttons(identity, reply, shared=shared))
        if reply.form and identity is not None:
            element = {"type": "button", "text": plain(_FORM), "action_id": OPEN_FORM, "style": "primary"}
            blocks.append({"type": "actions", "elements": [element]})
        return blocks[:50]
