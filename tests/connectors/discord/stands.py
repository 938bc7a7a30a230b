"""A Discord server on loopback, held to Discord's own description, in the states that the contracts want."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from connectors.discord.connection import Connection
from connectors.discord.messages import Channel
from connectors.discord.sending import Send
from connectors.sdk import Context, Record, Secret, Settings
from tests.connectors.contracts import Stand, TriggerStand
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN, Call, OpenApiPeer, Refused, Reply, openapi_peer
from tests.peers.surroundings import Surroundings

GENERAL, BOT, ANN, HOOK = "1001", "9001", "9002", "5005/hook-token"
MESSAGES, SINGLE = "/channels/{channel_id}/messages", "/channels/{channel_id}/messages/{message_id}"
HOOKED = "/webhooks/{webhook_id}/{webhook_token}"
HOOKED_SINGLE = f"{HOOKED}/messages/{{message_id}}"
FAULTS = {
    "401": Fault(status=401),
    "403": Fault(status=403),
    "429": Fault(status=429, headers={"Retry-After": "7"}),
    "500": Fault(status=500),
    "cut": Fault(kind="cut"),
    "malformed": Fault(kind="malformed"),
}


class Discord:
    """One server with one channel; `messages` are in the order of their ids."""

    def __init__(self) -> None:
        codes = {401: 0, 403: 0, 404: 10003, 400: 50035}
        self.peer = OpenApiPeer(
            "discord", prefix="/api/v10", error=lambda status, said: {"code": codes.get(status, 0), "message": said}
        )
        self.peer.tokens.add("")  # a webhook's address is all its right
        self.messages: dict[str, dict[str, Any]] = {}
        self.files: list[tuple[str, bytes]] = []
        self.writes = 0
        self.is_gone = False
        self._number = 100_000
        for verb, path, handler in (
            ("GET", "/users/@me", self._me),
            ("GET", "/users/@me/guilds", self._guilds),
            ("GET", "/guilds/{guild_id}/channels", self._channels),
            ("GET", MESSAGES, self._list),
            ("POST", MESSAGES, self._create),
*((verb, path, self._single) for verb in ("GET", "PATCH", "DELETE") for path in (SINGLE, HOOKED_SINGLE)),
            ("GET", HOOKED, lambda call: {"id": "5005"}),
            ("POST", HOOKED, self._create),
        ):  # fmt: skip
            self.peer.on(verb, path)(handler)

    def say(self, text: str, *, author: str = ANN, **more: Any) -> str:
        """Write a message and return its id."""
        self._number += 1
        identity = str(self._number)
        who = {"id": author, "username": "ann", "discriminator": "0", "avatar": None, "public_flags": 0, "flags": 0}
        who |= {"global_name": "Ann", "primary_guild": None} | ({"bot": True} if author == BOT else {})
        self.messages[identity] = {
            "id": identity, "channel_id": GENERAL, "type": 0, "content": text, "author": who, "attachments": [],
            "embeds": [], "mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False,
            "tts": False, "timestamp": "2026-11-21T10:00:00+00:00", "edited_timestamp": None, "components": [],
            "flags": 0,
        } | more  # fmt: skip
        return identity

    def _me(self, _: Call) -> Any:
        return {
            "id": BOT, "username": "bot", "discriminator": "0", "avatar": None, "public_flags": 0, "flags": 0,
            "global_name": None, "mfa_enabled": False, "locale": "en-US", "primary_guild": None,
        }  # fmt: skip

    def _guilds(self, _: Call) -> Any:
        guild = {"id": "7", "name": "Office", "icon": None, "banner": None, "owner": False, "permissions": "0"}
        return [guild | {"features": []}]

    def _channels(self, _: Call) -> Any:
        told = {"id": GENERAL, "type": 0, "name": "general", "guild_id": "7", "flags": 0, "position": 0}
        return [told, told | {"id": "1002", "type": 4, "name": "a category"}]

    def _list(self, call: Call) -> Any:
        self._see(call)
        low = int(call.arguments.get("after", 0))
        found = [one for one in self.messages.values() if int(one["id"]) > low]
        limit = call.arguments["limit"]
        chosen = found[:limit] if "after" in call.arguments else found[-limit:]
        return chosen[::-1]

    def _create(self, call: Call) -> Any:
        self.writes += 1
        self._see(call)
        body = json.loads(call.body["payload_json"]) if "payload_json" in call.body else call.body
        attached = []
        if "files[0]" in call.body:
            wrong = self.peer.schemas.wrong({"$ref": "urn:description#/components/schemas/MessageCreateRequest"}, body)
            self.peer.violations += [wrong] if wrong else []
            name = body["attachments"][0]["filename"]
            self.files.append((name, call.body["files[0]"].encode("latin-1")))
            attached = [{"id": "1", "filename": name, "size": 1, "url": "u", "proxy_url": "u"}]
        known = next(
            (one for one in self.messages.values() if body.get("nonce") and one.get("seen") == body["nonce"]), None
        )
        if known is not None and body.get("enforce_nonce"):
            return known
        cards = [{"type": "rich", **one} for one in body.get("embeds", [])]
        identity = self.say(body.get("content", ""), author=BOT, embeds=cards, attachments=attached)
        self.messages[identity]["seen"] = body.get("nonce")
        return self.messages[identity]

    def _single(self, call: Call) -> Any:
        found = self.messages.get(call.arguments["message_id"])
        if found is None:
            return Reply(status=404, body={"code": 10008, "message": "Unknown Message"})
        if call.verb == "GET":
            return found
        self.writes += 1
        if found["author"]["id"] != BOT:
            return Reply(status=403, body={"code": 50005, "message": "Cannot edit a message authored by another user"})
        if call.verb == "DELETE":
            del self.messages[found["id"]]
            return Reply(status=204)
        found |= {name: call.body[name] for name in ("content", "embeds") if name in call.body}
        return found

    def _see(self, call: Call) -> None:
        if self.is_gone or call.arguments.get("channel_id", GENERAL) != GENERAL:
            raise Refused(404, "Unknown Channel")


@asynccontextmanager
async def discord_server() -> AsyncIterator[Discord]:
    """Serve one; its peer notes what was asked or answered otherwise than described."""
    discord = Discord()
    async with openapi_peer(discord.peer):
        yield discord


def as_bot(discord: Discord) -> Connection:
    """The connection of the bot."""
    return Connection(token=Secret(TOKEN), address=discord.peer.base)


def as_webhook(discord: Discord) -> Connection:
    """The connection of the channel's webhook."""
    url = f"{discord.peer.base}/api/webhooks/{HOOK}"
    return Connection(kind="webhook", webhook=Secret(url), address=discord.peer.base)


class _AtDiscord(Stand):
    discord: Discord

    async def fail(self, fault: str) -> None:
        self.discord.peer.fail(FAULTS[fault])

    async def heal(self) -> None:
        self.discord.peer.recover()


class MessageStand(_AtDiscord, TriggerStand):
    """A channel in which people write."""

    uses = "discord.new_message"

    def __init__(self, discord: Discord, around: Surroundings) -> None:
        self.discord, self._around = discord, around

    def context(self) -> Context[Any, Any]:
        return self._around.context(Channel(channel=GENERAL, existing="read"), as_bot(self.discord))

    async def add(self, count: int) -> Sequence[str]:
        return [self.discord.say(f"News {number}") for number in range(count)]

    async def add_late(self) -> str:
        """Discord numbers messages as they come: nothing has a number below one that was listed."""
        return self.discord.say("late", timestamp="2026-11-21T09:00:00+00:00")

    async def repeat(self) -> None:
        """Discord lists a message once."""


class SendStand(_AtDiscord, WordingStand):
    """A channel that messages go to."""

    uses = "discord.send_message"

    def __init__(self, discord: Discord, around: Surroundings) -> None:
        super().__init__(around, as_bot(discord))
        self.discord = discord

    @property
    def writes(self) -> int:  # type: ignore[override]  # the peer counts
        return self.discord.writes

    @property
    def token(self) -> str | None:
        """Messages here have smaller numbers than those of today have at Discord."""
        return "0" if super().token else None

    def settings(self, words: str) -> Settings:
        return Send(channel=GENERAL, text=words)

    def bad_record(self) -> Record:
        return self.worded("KEY-BAD", "x" * 2001)

    async def rows(self) -> Sequence[Any]:
        return [one["content"] for one in self.discord.messages.values()]

    async def drift(self) -> None:
        self.discord.is_gone = True
