"""What Slack sent, as the conversation hears it, and where its answer belongs."""

from __future__ import annotations

import msgspec

from bots.conversation import Heard
from bots.slack.files import SlackFiles
from bots.slack.payloads import CARRIER, Payload
from bots.slack.rendering import SAY
from bots.slack.words import spoken
from hub.identities import Account

_HEARD_AS_VOICE = "slack_audio"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was said or pressed: by whom, in which channel and thread, and by which ways to answer.

    `message` and `blocks` are the message that was `pressed`; `response_url` answers to this person only; `trigger`
    opens a form; `view` is the form that was pressed. `outside`: people of other organisations read along.
    """

    team: str
    user: str
    name: str = ""
    channel: str = ""
    thread: str = ""
    message: str = ""
    blocks: list[dict[str, object]] = []
    response_url: str = ""
    ephemeral: bool = False
    pressed: bool = False
    trigger: str = ""
    view: str = ""
    outside: bool = False

    @property
    def direct(self) -> bool:
        """Whether nobody else reads along."""
        return not self.channel or self.channel.startswith("D")

    @property
    def account(self) -> Account:
        """Who it is; notices go to the direct conversation, which Slack finds by the user."""
        return Account(carrier=CARRIER, account=self.user, chat=self.user, place=self.team, name=self.name)


def origin_of(payload: Payload) -> Origin:
    """Return where a request comes from."""
    if payload.type == "event_callback":
        return _of_event(payload)
    if payload.command:
        return Origin(
            team=payload.team_id, user=payload.user_id, name=payload.user_name, channel=payload.channel_id,
            response_url=payload.response_url, ephemeral=True, trigger=payload.trigger_id,
        )  # fmt: skip
    message, container = payload.message, payload.container
    in_form = payload.view.type == "modal"
    shortcut = payload.type == "message_action"
    return Origin(
        team=payload.user.team_id or payload.team.id,
        user=payload.user.id,
        name=payload.user.name or payload.user.username,
        channel=payload.channel.id,
        thread=message.thread_ts or container.thread_ts or (message.ts if _in_channel(payload) else ""),
        message=message.ts,
        blocks=[] if shortcut else message.blocks,
        response_url=payload.response_url,
        ephemeral=container.is_ephemeral or shortcut,
        pressed=payload.type == "block_actions",
        trigger=payload.trigger_id,
        view=payload.view.id if in_form else "",
    )


def heard_of(payload: Payload, origin: Origin, files: SlackFiles, key: str) -> Heard:
    """Return what was said, sent or pressed."""
    # What is told in a channel shared with other organisations would be read outside.
    room = "" if origin.direct or origin.outside else origin.channel
    if payload.type == "block_actions":
        action = payload.actions[0]
        if action.action_id.startswith(SAY):
            return Heard(account=origin.account, text=action.answer, key=key)
        return Heard(account=origin.account, pressed=action.answer or "-", key=key, room=room)
    if payload.command:
        return Heard(account=origin.account, text=spoken(payload.text), key=key, room=room)
    event = payload.event
    bots = frozenset(one.user_id for one in payload.authorizations if one.is_bot)
    text = spoken(event.text, bots)
    shared = [one for one in event.attachments if one.is_share or one.is_msg_unfurl]
    own = bool(text) or not shared
    sent = [*event.files, *(file for one in shared for file in one.files)]
    voice = next((file for file in sent if file.subtype == _HEARD_AS_VOICE), None)
    return Heard(
        account=origin.account,
        text=text if own else spoken("\n".join(one.text for one in shared)),
        files=[files.incoming(one) for one in sent if one is not voice],
        voice=files.incoming(voice) if voice is not None else None,
        own=own,
        key=key,
        room=room,
    )


def _of_event(payload: Payload) -> Origin:
    event = payload.event
    team = event.user_team or event.team or payload.team_id
    answered_in_thread = event.type == "app_mention" or bool(event.files)
    return Origin(
        team=team,
        user=event.user,
        channel=event.channel,
        thread=event.thread_ts or (event.ts if answered_in_thread else ""),
        outside=payload.is_ext_shared_channel,
    )


def _in_channel(payload: Payload) -> bool:
    return bool(payload.channel.id) and not payload.channel.id.startswith("D")
