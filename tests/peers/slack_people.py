"""People at Slack: what they write, press, choose and fill in, as Slack sends it to the hub."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

SIGNING_SECRET, TEAM, BOT = "5af3test0signing0secret", "T0TEAM", "U0BOT"


class People:
    """The people of one workspace; `url` is where Slack answers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = count(1)

    def event(self, **event: Any) -> dict[str, Any]:
        """An event in its envelope of the Events API."""
        number = next(self._numbers)
        moment = f"{int(time.time())}.{number:06d}"
        held = {"ts": moment, "event_ts": moment, "team": TEAM} | event
        return {
            "token": "legacy", "team_id": TEAM, "api_app_id": "A0APP", "type": "event_callback", "event": held,
            "event_id": f"Ev{number:08d}", "event_time": int(time.time()), "event_context": "4-x",
            "is_ext_shared_channel": False, "context_enterprise_id": None,
            "authorizations": [{
                "enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False,
            }],
        }  # fmt: skip

    def message(self, user: str, text: str, **more: Any) -> dict[str, Any]:
        """A message in somebody's direct conversation with the bot."""
        return self.event(
            type="message", channel_type="im", channel=f"D{user[1:]}", user=user, text=_escaped(text), **more
        )

    def mention(self, user: str, text: str, channel: str = "C0GENERAL", **more: Any) -> dict[str, Any]:
        """A mention of the bot in a channel."""
        said = f"<@{BOT}> {_escaped(text)}"
        return self.event(type="app_mention", channel=channel, user=user, text=said, **more)

    def command(self, user: str, text: str, channel: str = "C0GENERAL") -> dict[str, Any]:
        """The slash command."""
        return {
            "token": "legacy", "team_id": TEAM, "team_domain": "test", "channel_id": channel, "channel_name": "general",
            "user_id": user, "user_name": "ann", "command": "/patchdeck", "text": text, "api_app_id": "A0APP",
            "is_enterprise_install": "false", "response_url": f"{self.url}/respond/{user}",
            "trigger_id": self.trigger(),
        }  # fmt: skip

    def press(self, user: str, message: dict[str, Any], label: str) -> dict[str, Any]:
        """A press of a button, or a choice in the menu, of a message that the bot has sent."""
        channel = str(message.get("channel", "C0GENERAL"))
        ephemeral = "response_type" in message or "user" in message
        where = {"message_ts": message.get("ts", "1.1"), "channel_id": channel, "is_ephemeral": ephemeral}
        shown = {"ts": message.get("ts"), "thread_ts": message.get("thread_ts"), "user": BOT, "type": "message"}
        body = {"message": shown | {"text": message.get("text"), "blocks": message["blocks"]}} if not ephemeral else {}
        return self._interaction(user, "block_actions", actions=[self._action(message["blocks"], label)], **body) | {
            "container": {"type": "message"} | where, "channel": {"id": channel, "name": "directmessage"},
            "response_url": f"{self.url}/respond/{user}",
        }  # fmt: skip

    def press_in_view(self, user: str, view: dict[str, Any], label: str) -> dict[str, Any]:
        """A press of a button in a form or in the App Home."""
        return self._interaction(user, "block_actions", actions=[self._action(view["blocks"], label)]) | {
            "container": {"type": "view", "view_id": view.get("id")}, "view": _open(view, {}),
        }  # fmt: skip

    def choose(self, user: str, view: dict[str, Any], answers: dict[str, str], changed: str) -> dict[str, Any]:
        """A choice in a form that tells the bot at once; `answers` are all that stand in it, by label."""
        block, action, element = next(one for one in _inputs(view) if one[2] == changed)
        del element
        values = _values(view, answers)
        acted = values[block][action] | {"action_id": action, "block_id": block}
        return self._interaction(user, "block_actions", actions=[acted]) | {
            "container": {"type": "view", "view_id": view["id"]}, "view": _open(view, values),
        }  # fmt: skip

    def submit(self, user: str, view: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
        """A form that is sent, with answers by label; those that it was opened with stay."""
        missing = [
            label
            for block, _, label in _inputs(view)
            if not _optional(view, block) and not _answer(view, label, answers)
        ]
        assert not missing, f"Slack would not let this be sent: {missing}"
        return self._interaction(user, "view_submission", view=_open(view, _values(view, answers))) | {
            "response_urls": [],
        }  # fmt: skip

    def shortcut(self, user: str, message: dict[str, Any], channel: str = "C0GENERAL") -> dict[str, Any]:
        """The shortcut on a message."""
        return self._interaction(user, "message_action", callback_id="extract_file", message=message) | {
            "channel": {"id": channel, "name": "general"}, "message_ts": message["ts"],
            "response_url": f"{self.url}/respond/{user}",
        }  # fmt: skip

    def describe(self, name: str, content: bytes, mimetype: str = "text/plain", **more: Any) -> dict[str, Any]:
        """How Slack describes a file that lies there."""
        identity = f"F{next(self._numbers):08d}"
        return {
            "id": identity, "name": name, "mimetype": mimetype, "size": len(content), "mode": "hosted",
            "url_private": f"{self.url}/files-pri/{identity}/{name}",
        } | more  # fmt: skip

    def trigger(self) -> str:
        """An id by which a form may be opened."""
        return f"{next(self._numbers)}.{uuid.uuid4().hex}"

    def _interaction(self, user: str, kind: str, **more: Any) -> dict[str, Any]:
        who = {"id": user, "username": "ann", "name": "ann", "team_id": TEAM}
        return {
            "type": kind, "user": who, "team": {"id": TEAM, "domain": "test"}, "enterprise": None, "token": "legacy",
            "api_app_id": "A0APP", "trigger_id": self.trigger(), "is_enterprise_install": False,
        } | more  # fmt: skip

    def _action(self, blocks: list[dict[str, Any]], label: str) -> dict[str, Any]:
        for block in blocks:
            for element in block.get("elements", ()):
                acted = {"type": element["type"], "action_id": element.get("action_id"), "action_ts": str(time.time())}
                if element["type"] == "button" and element["text"]["text"] == label:
                    return acted | {"value": element.get("value"), "text": element["text"]}
                for option in element.get("options", ()):
                    if option["text"]["text"] == label:
                        return acted | {"selected_option": option}
        raise AssertionError(f"nothing to press says {label!r}: {labels(blocks)}")


def signed(body: bytes, *, age: int = 0, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers by which Slack signs a request, made by the SDK's own signer."""
    moment = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=moment, body=body)
    kind = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
    return {
        "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": str(signature), "Content-Type": kind,
    }  # fmt: skip


def encoded(payload: dict[str, Any]) -> bytes:
    """A request's body as Slack encodes it: events as JSON, commands as a form, the rest as JSON in a form."""
    if payload.get("type") == "event_callback":
        return json.dumps(payload).encode()
    return urlencode(payload if "command" in payload else {"payload": json.dumps(payload)}).encode()


def words(blocks: list[dict[str, Any]]) -> str:
    """What stands in blocks."""
    return "\n".join("".join(_spoken(block)) for block in blocks if block["type"] != "actions")


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    """What stands on what can be pressed or chosen."""
    found: list[str] = []
    for block in blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            found += [option["text"]["text"] for option in element.get("options", ())]
            found += [element["text"]["text"]] if element["type"] == "button" else []
    return found


def _spoken(block: Any) -> Iterator[str]:
    if isinstance(block, dict):
        if isinstance(block.get("text"), str):
            yield block["text"]
        for value in block.values():
            yield from _spoken(value)
    for one in block if isinstance(block, list) else ():
        yield from _spoken(one)


def _open(view: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return view | {"state": {"values": values}, "team_id": TEAM, "app_id": "A0APP", "bot_id": "B0BOT"}


def _inputs(view: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The inputs of a form: block, action and label."""
    return [
        (block["block_id"], block["element"]["action_id"], block["label"]["text"])
        for block in view["blocks"]
        if block["type"] == "input"
    ]


def _optional(view: dict[str, Any], identity: str) -> bool:
    return bool(next(block for block in view["blocks"] if block.get("block_id") == identity).get("optional"))


def _answer(view: dict[str, Any], label: str, answers: dict[str, str]) -> str:
    if label in answers:
        return answers[label]
    element = next(block["element"] for block in view["blocks"] if block.get("label", {}).get("text") == label)
    return str(element.get("initial_value") or element.get("initial_option", {}).get("text", {}).get("text") or "")


def _values(view: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    """What stands in a form, as Slack tells it: menus are answered by what their entries say."""
    unknown = set(answers) - {label for _, _, label in _inputs(view)}
    assert not unknown, f"the form does not ask {unknown}: {[label for *_, label in _inputs(view)]}"
    found: dict[str, Any] = {}
    for block, action, label in _inputs(view):
        element = next(one["element"] for one in view["blocks"] if one.get("block_id") == block)
        said = _answer(view, label, answers)
        if element["type"] == "static_select":
            groups = element.get("option_groups") or [element]
            options = [option for group in groups for option in group["options"]]
            chosen = next((one for one in options if one["text"]["text"] == said), None)
            assert chosen is not None or not said, f"{label} has no entry {said!r}"
            found[block] = {action: {"type": "static_select", "selected_option": chosen}}
        else:
            found[block] = {action: {"type": element["type"], "value": said or None}}
    return found


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
