"""Chat services: which are set up, how their bots fare, and what Slack needs to know of this hub."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

import msgspec
import yaml

from hub.database import Row, execute, fetch
from hub.members import Member, Verb

# A bot says this often how it fares; one that says nothing for three times as long is not there.
EVERY = 20.0
EXAMPLE = "https://patchdeck.example.com"
STATES = Literal["not_set_up", "starting", "connected", "refused"]
Way = Literal["http", "socket"]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What the config says about the chat services, without any secret."""

    url: str
    telegram: bool = False
    slack: bool = False
    slack_ways: Sequence[Way] = ()


class CarrierSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One chat service: whether it is set up and connected, as which bot where, and what it complained of last.

    `ways` are those by which Slack's messages can come in: `http` (Slack calls) and `socket` (the hub calls).
    """

    name: str
    state: STATES
    detail: str = ""
    place: str = ""
    bot: str = ""
    ways: Sequence[str] = ()
    seen_at: datetime | None = None


class Faring(msgspec.Struct, frozen=True, kw_only=True):
    """How a bot fares: connected or refused, as whom, where."""

    state: Literal["connected", "refused"]
    detail: str = ""
    place: str = ""
    bot: str = ""
    way: str = ""


class Carriers:
    """Tells which chat services there are, and takes down how their bots fare."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    async def list(self, member: Member) -> Sequence[CarrierSummary]:
        """Return every chat service with its state."""
        member.authorize(Verb.READ)
        told = {row["carrier"]: row for row in await fetch(_LIST, EVERY * 3)}
        set_up = {"slack": self._setup.slack, "telegram": self._setup.telegram}
        ways = {"slack": self._setup.slack_ways}
        return [_summary(name, told.get(name), ways.get(name, ()), on=on) for name, on in set_up.items()]

    def slack_manifest(self, member: Member, way: Way | None = None) -> str:
        """Return the manifest of the Slack app of this hub: by HTTP where the hub is reachable over https."""
        member.authorize(Verb.READ)
        return manifest(self._setup.url, way or self.slack_way)

    @property
    def url(self) -> str:
        """Where Slack would call this hub."""
        return self._setup.url

    @property
    def slack_way(self) -> Way:
        """How Slack and this hub can reach each other: by the config, else by the hub's address."""
        if self._setup.slack_ways:
            return "socket" if "socket" in self._setup.slack_ways else "http"
        return "http" if self._setup.url.startswith("https://") else "socket"

    async def note(self, carrier: str, faring: Faring) -> None:
        """Take down how a bot fares now."""
        await execute(_NOTE, carrier, faring.state, faring.detail, faring.place, faring.bot, faring.way)


def manifest(url: str, way: Way) -> str:
    """Return the manifest that is checked in, with the address of a hub, or for Socket Mode with none."""
    template = files("hub.identities").joinpath("slack_manifest.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(template.replace(EXAMPLE, url.rstrip("/")))
    settings = content["settings"]
    settings["socket_mode_enabled"] = way == "socket"
    if way == "socket":
        for part in (*content["features"]["slash_commands"], *settings.values()):
            _forget_addresses(part)
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def _forget_addresses(part: Any) -> None:
    if isinstance(part, dict):
        part.pop("url", None)
        part.pop("request_url", None)


def _summary(name: str, row: Row | None, ways: Sequence[str], *, on: bool) -> CarrierSummary:
    if not on:
        return CarrierSummary(name=name, state="not_set_up")
    if row is None:
        return CarrierSummary(name=name, state="starting", ways=ways)
    return CarrierSummary(
        name=name, state=row["state"], detail=row["detail"], place=row["place"], bot=row["bot"],
        ways=[row["way"]] if row["way"] else ways, seen_at=row["seen_at"],
    )  # fmt: skip


_LIST = "select * from chat_carriers where seen_at > now() - $1 * interval '1 second'"
_NOTE = """
insert into chat_carriers (carrier, state, detail, place, bot, way) values ($1, $2, $3, $4, $5, $6)
on conflict (carrier) do update set state = excluded.state, detail = excluded.detail, place = excluded.place,
bot = excluded.bot, way = excluded.way, seen_at = now()"""
