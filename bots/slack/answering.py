"""One request of Slack's answered: words, presses, forms, shortcuts and the App Home."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from bots.conversation import Conversation, Heard, refusal
from bots.drafting.draft import PartDraft, RecipeDraft
from bots.drafting.form import Choice, draft_of, lines, meant
from bots.drafting.wizard import current
from bots.finding import clipped
from bots.grammar import parse
from bots.replies import Reply
from bots.slack.calling import SlackRefusedError, call
from bots.slack.files import SlackFiles
from bots.slack.hearing import Origin, heard_of, origin_of
from bots.slack.home import home_blocks
from bots.slack.payloads import CARRIER, Payload, SlackFile, read
from bots.slack.rendering import LINK, OPEN_FORM
from bots.slack.sending import Sender
from bots.slack.views import DRAFT, EXTRACT, REDRAW, draft_form, extract_form, home
from hub.errors import HubError, UnavailableError
from hub.identities import Identity, Update
from hub.members import Verb

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_NO_FILES = "There is no file in this message. Choose a message with one, or send me the file."
_LATE = "Slack waits three seconds for a form, and this took longer. Press once more."
_MOST_FILES = 10
# Slack shows what the acknowledgement of a form says; what comes before it would be shown over.
ACKNOWLEDGED = 1.0


class _Target(msgspec.Struct):
    """What an open form about files remembers: which, and where the answer goes."""

    files: list[tuple[str, str]]
    channel: str
    thread: str


class Answering:
    """Answers requests of one bot."""

    def __init__(
        self, conversation: Conversation, client: AsyncWebClient, sender: Sender, files: SlackFiles, url: str
    ) -> None:
        self._conversation = conversation
        self._client = client
        self._sender = sender
        self._files = files
        self._url = url

    async def answer(self, update: Update) -> None:
        """Answer one request that was taken down; what a service refuses is an answer too."""
        payload = read(update.body)
        origin = origin_of(payload)
        try:
            await self._act(payload, origin, f"{CARRIER}:{update.number}")
        except UnavailableError:
            raise  # Slack is away: again later
        except HubError as error:
            await self._sender.answer(origin, refusal(error), None)

    async def _act(self, payload: Payload, origin: Origin, key: str) -> None:
        if payload.event.type == "app_home_opened":
            if payload.event.tab in {"", "home"}:
                await self._publish_home(origin)
        elif payload.type == "view_submission":
            await self._submitted(payload, origin, key)
        elif payload.type in {"message_action", "shortcut"}:
            await self._shortcut(payload, origin)
        elif payload.type == "block_actions":
            await self._pressed(payload, origin, key)
        elif parse(payload.text).word == "new" and not parse(payload.text).argument:
            await self._open_draft(origin)
        else:
            await self._converse(origin, heard_of(payload, origin, self._files, key))

    async def _converse(self, origin: Origin, heard: Heard) -> None:
        known = await self._conversation.who(heard.account)
        if known is None and not heard.account.name:
            account = msgspec.structs.replace(heard.account, name=await self._name(origin.user))
            heard = msgspec.structs.replace(heard, account=account)
        reply = await self._conversation.answer(heard)
        await self._sender.answer(origin, reply, known or await self._conversation.who(heard.account))

    async def _pressed(self, payload: Payload, origin: Origin, key: str) -> None:
        action = payload.actions[0] if payload.actions else None
        if action is None or action.action_id == LINK:
            return
        if action.action_id == OPEN_FORM:
            await self._open_draft(origin)
        elif action.action_id == REDRAW:
            await self._redraw(payload, origin)
        elif payload.view.callback_id != DRAFT:
            await self._converse(origin, heard_of(payload, origin, self._files, key))

    async def _submitted(self, payload: Payload, origin: Origin, key: str) -> None:
        if payload.view.callback_id == DRAFT:
            heard = Heard(account=origin.account, draft=draft_of(payload.view.answers), key=key)
            await asyncio.sleep(ACKNOWLEDGED)
            await self._converse(origin, heard)
        elif payload.view.callback_id == EXTRACT:
            target = msgspec.json.decode(payload.view.private_metadata, type=_Target)
            where = msgspec.structs.replace(origin, channel=target.channel, thread=target.thread, view="")
            found = [self._files.incoming(SlackFile(id=one, name=name)) for one, name in target.files]
            text = f"extract {await self._schema(origin, payload.view.answers.get('schema', ''))}"
            await self._converse(where, Heard(account=origin.account, text=text, files=found, key=key))

    async def _schema(self, origin: Origin, answer: str) -> str:
        """Return the schema that a menu's entry stands for."""
        identity = await self._conversation.who(origin.account)
        if identity is None:
            return answer
        found = await self._conversation.asked(identity).services.schemas.list(identity.member, limit=100)
        return meant(answer, [one.name for one in found.items])

    async def _shortcut(self, payload: Payload, origin: Origin) -> None:
        if payload.type == "shortcut":
            await self._open_draft(origin)
            return
        identity = await self._conversation.who(origin.account)
        files = payload.message.files[:_MOST_FILES]
        if identity is None or not files:
            reply = Reply(text=_NO_FILES, private=True) if identity else await self._to_stranger(origin)
            await self._sender.answer(origin, reply, identity)
            return
        identity.member.authorize(Verb.EXTRACT)
        found = (await self._conversation.asked(identity).services.schemas.list(identity.member, limit=100)).items
        schemas = [Choice(one.name, one.title or one.name) for one in sorted(found, key=lambda one: one.starter)]
        message = payload.message
        names = [one.name or one.id for one in files]
        held = [(one.id, clipped(name, 80)) for one, name in zip(files, names, strict=True)]
        target = _Target(held, origin.channel, message.thread_ts or message.ts)
        await self._open(origin, extract_form(names, schemas, msgspec.json.encode(target).decode()), identity)

    async def _open_draft(self, origin: Origin) -> None:
        """Open the form, filled in with what is known of the recipe that is being drafted."""
        identity = await self._conversation.who(origin.account)
        if identity is None:
            await self._sender.answer(origin, await self._to_stranger(origin), None)
            return
        if not origin.trigger:
            await self._converse(origin, Heard(account=origin.account, text="new"))
            return
        asked = self._conversation.asked(identity)
        draft = await current(asked) or RecipeDraft(words="", name="", trigger=PartDraft(), target=PartDraft())
        await self._open(origin, draft_form(await lines(asked, draft)), identity)

    async def _open(self, origin: Origin, view: dict[str, Any], identity: Identity) -> None:
        try:
            await call(self._client.views_open, trigger_id=origin.trigger, view=view)
        except SlackRefusedError as error:
            if error.code not in {"expired_trigger_id", "trigger_expired", "exchanged_trigger_id"}:
                raise
            await self._sender.answer(origin, Reply(text=_LATE, private=True, form=True), identity)

    async def _redraw(self, payload: Payload, origin: Origin) -> None:
        """Show the lines that go with what was chosen; of two at once the form keeps the later."""
        identity = await self._conversation.who(origin.account)
        if identity is None:
            return
        asked = self._conversation.asked(identity)
        view = draft_form(await lines(asked, draft_of(payload.view.answers, named=False)))
        with contextlib.suppress(SlackRefusedError):
            await call(self._client.views_update, view_id=payload.view.id, hash=payload.view.hash, view=view)

    async def _publish_home(self, origin: Origin) -> None:
        identity = await self._conversation.who(origin.account)
        blocks = await home_blocks(self._conversation, identity, self._url)
        await call(self._client.views_publish, user_id=origin.user, view=home(blocks))

    async def _to_stranger(self, origin: Origin) -> Reply:
        return await self._conversation.answer(Heard(account=origin.account, text=""))

    async def _name(self, user: str) -> str:
        """Ask what somebody is called, so that people know their account again in the settings."""
        try:
            found = await call(self._client.users_info, user=user)
        except SlackRefusedError:
            return ""
        return str(found.get("user", {}).get("real_name") or found.get("user", {}).get("name") or "")
