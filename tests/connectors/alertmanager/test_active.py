"""Asking a real Alertmanager again and again: nothing lost, nothing twice, also where what is in front of it fails."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest

from connectors.alerts.alertmanager import Active, Connection
from connectors.sdk import Context, fill
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.peers.alertmanager import TOKEN, Alertmanager, alertmanager_peer, fired
from tests.peers.faults import told
from tests.peers.surroundings import Surroundings, surroundings

_TEAMS = itertools.count()


@pytest.fixture(scope="module")
async def peer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Alertmanager]:
    async with alertmanager_peer(tmp_path_factory.mktemp("alertmanager")) as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


class ActiveStand(TriggerStand):
    """The alerts of one team."""

    uses = "alertmanager.active"

    def __init__(self, peer: Alertmanager, around: Surroundings) -> None:
        self._peer = peer
        self._around = around
        self._team = f"team-{next(_TEAMS)}"
        self._count = 0
        self._newest: dict[str, Any] = {}

    def context(self) -> Context[Any, Any]:
        connection = fill(Connection, {"secret": TOKEN, "address": self._peer.front, "sends": True})
        return self._around.context(fill(Active, {"labels": [f'team="{self._team}"']}), connection)

    async def fail(self, fault: str) -> None:
        self._peer.faults.add(told(fault))

    async def heal(self) -> None:
        self._peer.faults.clear()

    async def add(self, count: int) -> Sequence[str]:
        return await self._fire(count, "2026-11-20T10:00:00Z")

    async def add_late(self) -> str:
        return (await self._fire(1, "2026-11-20T09:59:00Z"))[0]

    async def repeat(self) -> None:
        await self._peer.post([self._newest])

    async def _fire(self, count: int, moment: str) -> list[str]:
        """Let alerts fire and return the fingerprints that the server gives them."""
        numbers = range(self._count, self._count + count)
        self._count += count
        alerts = [{**fired("Many", team=self._team, number=f"{n}"), "startsAt": moment} for n in numbers]
        self._newest = alerts[-1]
        await self._peer.post(alerts)
        address = f'{self._peer.base}/api/v2/alerts?filter=team="{self._team}"'
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            known = {one["labels"]["number"]: one["fingerprint"] for one in await answer.json()}
        return [known[f"{n}"] for n in numbers]


class TestActive(TriggerContract):
    @pytest.fixture
    def stand(self, peer: Alertmanager, around: Surroundings) -> TriggerStand:
        return ActiveStand(peer, around)
