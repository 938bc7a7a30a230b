"""What Slack sends, as far as it is read here, and what makes two of them the same."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

from hub.identities import Received

CARRIER = "slack"
# Messages of these kinds are said by people; edits, joins and bots are nobody's words.
_SAID = frozenset({"", "file_share", "thread_broadcast"})
_HEARD = frozenset({"message", "app_mention", "app_home_opened"})
_MOMENT = re.compile(r"(\d{9,11})\.(\d{6})")


class SlackFile(msgspec.Struct, frozen=True):
    """A file of a message."""

    id: str
    name: str = ""
    mimetype: str = "application/octet-stream"
    size: int = 0
    url_private: str = ""
    subtype: str = ""
    file_access: str = ""


class Attachment(msgspec.Struct, frozen=True):
    """A message within a message: somebody shared what another wrote."""

    text: str = ""
    is_share: bool = False
    is_msg_unfurl: bool = False
    files: list[SlackFile] = []


class Message(msgspec.Struct, frozen=True):
    """A message or a mention, as events and interactions bring it."""

    type: str = ""
    subtype: str = ""
    user: str = ""
    bot_id: str = ""
    team: str = ""
    user_team: str = ""
    text: str = ""
    channel: str = ""
    channel_type: str = ""
    ts: str = ""
    event_ts: str = ""
    thread_ts: str = ""
    tab: str = ""
    files: list[SlackFile] = []
    attachments: list[Attachment] = []
    blocks: list[dict[str, Any]] = []


class Named(msgspec.Struct, frozen=True):
    """A user, team, channel or the bot, as payloads name them."""

    id: str = ""
    name: str = ""
    username: str = ""
    user_id: str = ""
    team_id: str = ""
    is_bot: bool = False


class Option(msgspec.Struct, frozen=True):
    """A chosen entry of a menu."""

    value: str = ""


class Action(msgspec.Struct, frozen=True):
    """What was pressed, chosen or filled in."""

    action_id: str = ""
    type: str = ""
    value: str = ""
    selected_option: Option = Option()
    selected_options: list[Option] = []

    @property
    def answer(self) -> str:
        """What it says, whatever kind of element it is."""
        chosen = self.selected_options[0].value if self.selected_options else self.selected_option.value
        return chosen or self.value


class State(msgspec.Struct, frozen=True):
    """The answers of a form, by block and action."""

    values: dict[str, dict[str, Action]] = {}


class View(msgspec.Struct, frozen=True):
    """A form or a page that is open at Slack."""

    id: str = ""
    type: str = ""
    hash: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    state: State = State()

    @property
    def answers(self) -> dict[str, str]:
        """What the form says, by the blocks' ids."""
        return {block: action.answer for block, held in self.state.values.items() for action in held.values()}


class Container(msgspec.Struct, frozen=True):
    """Where something was pressed."""

    type: str = ""
    is_ephemeral: bool = False
    thread_ts: str = ""


class Payload(msgspec.Struct, frozen=True):
    """Any request of Slack's."""

    type: str = ""
    event_id: str = ""
    event: Message = Message()
    authorizations: list[Named] = []
    is_ext_shared_channel: bool = False
    team_id: str = ""
    command: str = ""
    text: str = ""
    user_id: str = ""
    user_name: str = ""
    channel_id: str = ""
    user: Named = Named()
    team: Named = Named()
    channel: Named = Named()
    message: Message = Message()
    container: Container = Container()
    actions: list[Action] = []
    view: View = View()
    callback_id: str = ""
    response_url: str = ""
    trigger_id: str = ""


def read(body: Any) -> Payload:
    """Read a request; what is null is as if it were not there. `msgspec.ValidationError` when it is none."""
    return msgspec.convert(_without_nulls(body), Payload)


def received(body: Any) -> Received | None:
    """Return a request to write down, None when nobody says anything in it.

    Events are numbered by their moment, so that one person's stay in order; what is pressed or filled in stands alone,
    as Slack waits for it three seconds only.
    """
    payload = read(body)
    if payload.type == "event_callback":
        event = payload.event
        if event.type not in _HEARD or event.bot_id or event.subtype not in _SAID or not event.user:
            return None
        if event.type == "message" and event.channel_type != "im":
            return None
        number = _number_at(event.event_ts or event.ts, payload.event_id)
        return Received(number=number, conversation=f"{payload.team_id}/{event.user}", body=body)
    known = payload.command or payload.type in {"block_actions", "view_submission", "message_action", "shortcut"}
    if not known or not (payload.user_id or payload.user.id):
        return None
    number = _hashed(f"{payload.type}{payload.command} {payload.trigger_id or msgspec.json.encode(body).hex()}", 62)
    return Received(number=number, conversation=f"#{number}", body=body)


def bot_of(token: str) -> str:
    """Return a name for the bot that does not tell its token."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _number_at(moment: str, key: str) -> int:
    found = _MOMENT.fullmatch(moment)
    if found is None:
        return _hashed(key, 62)
    return ((int(found[1]) * 1_000_000 + int(found[2])) << 11) | _hashed(key, 11)


def _hashed(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> (64 - bits)


def _without_nulls(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _without_nulls(value) for name, value in body.items() if value is not None}
    return [_without_nulls(one) for one in body if one is not None] if isinstance(body, list) else body
