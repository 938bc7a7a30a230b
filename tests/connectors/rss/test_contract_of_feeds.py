"""What feeds and sitemaps promise over time: nothing lost, nothing twice, whatever happens in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from connectors.rss import Feed
from connectors.sdk import Context, Settings, fill
from connectors.sitemap import Sitemap
from tests.connectors.contracts import FAULTS, TriggerContract, TriggerStand
from tests.peers.faults import told
from tests.peers.magazine import Magazine, magazine_peer
from tests.peers.surroundings import Surroundings, surroundings

# What is no sitemap is a wrong address, and not a fault that passes
NO_SITEMAP = {**FAULTS, "malformed": "SettingsError"}


@pytest.fixture
async def magazine() -> AsyncIterator[Magazine]:
    async with magazine_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


class _MagazineStand(TriggerStand):
    def __init__(self, magazine: Magazine, around: Surroundings, settings: Settings) -> None:
        self._magazine = magazine
        self._around = around
        self._settings = settings

    def context(self) -> Context[Any, Any]:
        return self._around.context(self._settings)

    async def fail(self, fault: str) -> None:
        self._magazine.faults.add(told(fault))

    async def heal(self) -> None:
        self._magazine.faults.clear()
        self._around.forget_hosts()

    async def add(self, count: int) -> Sequence[str]:
        return self._magazine.publish(count)

    async def add_late(self) -> str:
        return self._magazine.publish(late=True)[0]

    async def repeat(self) -> None:
        self._magazine.doubled = True


class FeedStand(_MagazineStand):
    uses = "rss.new_entry"


class SitemapStand(_MagazineStand):
    uses = "sitemap.new_page"


class TestNewEntry(TriggerContract):
    @pytest.fixture
    def stand(self, magazine: Magazine, around: Surroundings) -> TriggerStand:
        return FeedStand(magazine, around, fill(Feed, {"url": f"{magazine.base}/feed.xml"}))


class TestNewPage(TriggerContract):
    faults = NO_SITEMAP

    @pytest.fixture
    def stand(self, magazine: Magazine, around: Surroundings) -> TriggerStand:
        return SitemapStand(magazine, around, fill(Sitemap, {"url": f"{magazine.base}/index.xml"}))
