"""Hostile content costs its connector an error and nothing else: children spin, hoard and crash, the process lives."""

import base64
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.rss import Feed, new_entry
from connectors.sdk import ConnectorError, Settings, SettingsError, TemporaryError, Trigger
from connectors.sitemap import Sitemap, new_page
from connectors.web import page_changed
from connectors.web.watching import Watch
from hub.connections.confinement import Confinement
from hub.jail import Jail, Limits
from tests.jail.inmates import acts
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, WebPeer, web_peer

ROOT = Path(__file__).parents[2]
IMPATIENT = Limits(cpu_seconds=1, output=1 << 20, memory=512 << 20)
# Memory runs out long before time does, however slowly a busy machine hands it out
PATIENT = Limits(seconds=300, cpu_seconds=300, memory=512 << 20)
GOOD_FEED = '<rss version="2.0"><channel><title>R</title><item><title>one</title></item></channel></rss>'
ENDLESS_FEED = GOOD_FEED.replace("one", "one</title><description>" + "&lt;!--" * 200_000 + "</description><title>")
ENDLESS_PAGE = "<p>x</p>" * 20_000


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail(1, code=[ROOT]) as made:
        yield made


@pytest.fixture(scope="module")
def confinement(jail: Jail) -> Confinement:
    return Confinement(jail, IMPATIENT)


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around(confinement: Confinement) -> AsyncIterator[Surroundings]:
    async with surroundings(confinement=confinement) as made:
        yield made


async def titles(around: Surroundings, trigger: Trigger, settings: Settings) -> list[str]:
    """Return what one reading brings."""
    return [item.title async for item in trigger.function(around.context(settings), None) if item.content is not None]


@pytest.mark.parametrize(
    ("act", "payload", "error", "said"),
    [
        (acts.spin, None, TemporaryError, "longer than"),
        (acts.hoard, None, SettingsError, "more memory"),
        (acts.flood, 2 << 20, SettingsError, "more than can be kept"),
        (acts.crash, None, SettingsError, "broken"),
        (acts.stumble, None, SettingsError, "broken"),
    ],
)
async def test_tells_in_a_sentence_how_reading_ended_and_reads_on(
    act: Any, payload: Any, error: type[ConnectorError], said: str, confinement: Confinement
) -> None:
    with pytest.raises(error, match=said):
        await confinement.run(act, payload)
    assert await confinement.run(acts.double, [2]) == [4]


async def test_a_feed_that_takes_for_ever_is_given_up(peer: WebPeer, around: Surroundings) -> None:
    settings = Feed(url=f"{peer.base}/feed")
    peer.always(Answer(text=ENDLESS_FEED))
    with pytest.raises(TemporaryError, match="longer than"):
        await titles(around, new_entry, settings)
    peer.always(Answer(text=GOOD_FEED))
    assert await titles(around, new_entry, settings) == ["one"]


async def test_a_page_on_which_a_selector_takes_for_ever_is_given_up(peer: WebPeer, around: Surroundings) -> None:
    peer.always(Answer(text=ENDLESS_PAGE, headers={"Content-Type": "text/html"}))
    with pytest.raises(TemporaryError, match="longer than"):
        await titles(around, page_changed, Watch(url=f"{peer.base}/page", selector="p ~ p ~ p"))
    assert await titles(around, page_changed, Watch(url=f"{peer.base}/page")) == []


async def test_a_small_sitemap_that_unpacks_into_all_memory_is_refused(peer: WebPeer, jail: Jail) -> None:
    packed = gzip.compress(b"<urlset>" + b"<a/>" * 12_000_000)
    settings = Sitemap(url=f"{peer.base}/sitemap.xml")
    peer.always(Answer(base64=base64.b64encode(packed).decode()))
    async with surroundings(confinement=Confinement(jail, PATIENT)) as around:
        with pytest.raises(SettingsError):
            await titles(around, new_page, settings)
        peer.always(Answer(text="https://s.example/a"))
        assert await titles(around, new_page, settings) == ["https://s.example/a"]


@pytest.mark.parametrize("answer", [Answer(status=304), Answer(text='{"items": []}')], ids=["nothing new", "JSON"])
async def test_what_needs_no_parser_needs_no_child(answer: Answer, peer: WebPeer) -> None:
    closed = Jail(1)
    closed.close()
    peer.always(answer)
    async with surroundings(confinement=Confinement(closed)) as around:
        assert await titles(around, new_entry, Feed(url=f"{peer.base}/feed")) == []
