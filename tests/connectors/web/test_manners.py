"""How sites are treated: their robots.txt, their pace, and lists of pages of which one is broken."""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from connectors.sdk import Item, SettingsError, TemporaryError, fill
from connectors.web import Reading, page_changed, read
from connectors.web.watching import Watch
from tests.peers.site import Site, site_peer
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, Exchange, Request, web_peer

ROBOTS = "User-agent: *\nDisallow: /private\nCrawl-delay: 0.3\n\nUser-agent: Other\nDisallow: /\n"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with site_peer() as running:
        yield running


@pytest.fixture
async def around(site: Site) -> AsyncIterator[Surroundings]:
    async with surroundings(guard=site.guard) as made:
        yield made


class Watched:
    """What a look at some pages gave: items, how far it reached, and what went wrong."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.cursor: str | None = None
        self.error: Exception | None = None

    async def look(self, around: Surroundings, urls: list[str], **settings: Any) -> Watched:
        """Look at the pages and note what comes of it, as the hub does."""
        given = {"url": urls[0], "more": urls[1:], "pause": 0, **settings}
        following = Watched()
        following.cursor = self.cursor
        try:
            async for item in page_changed.function(around.context(fill(Watch, given)), self.cursor):
                following.cursor = item.cursor or following.cursor
                following.items += [item] if item.content is not None else []
        except TemporaryError as error:
            following.error = error
        except SettingsError as error:
            following.error = error
        return following


async def test_a_list_of_pages_is_read_one_by_one_at_the_pace_of_the_site(site, around):
    site.page("/robots.txt", ROBOTS, Content_Type="text/plain")
    urls = [site.page(f"/{name}", f"<p>{name} 1</p>") for name in "abc"]
    started = time.monotonic()
    first = await Watched().look(around, urls)
    assert time.monotonic() - started >= 0.6
    site.page("/b", "<p>b 2</p>")
    site.page("/c", "<p>c 2</p>")
    second = await first.look(around, urls)
    assert [item.content["diff"] for item in second.items] == ["- b 1\n+ b 2", "- c 1\n+ c 2"]
    assert [item.subject for item in second.items] == urls[1:]
    assert [request.path for request in site.asked].count("/robots.txt") == 1


async def test_a_broken_page_keeps_no_other_waiting(site, around):
    urls = [site.page("/a", "<p>1</p>"), site.url("/gone"), site.page("/c", "<p>1</p>")]
    first = await Watched().look(around, urls)
    site.page("/c", "<p>2</p>")
    second = await first.look(around, urls)
    assert [item.content["after"] for item in second.items] == ["2"]
    assert "page.test answered 404" in str(second.error)
    third = await second.look(around, urls)
    assert third.items == []


async def test_a_site_in_trouble_keeps_no_other_site_waiting(site, around):
    site.pages["/robots.txt"] = web.Response(status=503, headers={"Retry-After": "86400"})
    async with web_peer() as other:
        html = {"Content-Type": "text/html"}
        urls = [site.page("/a", "<p>1</p>"), f"{other.base}/b"]
        rules = Exchange(Request(path="/robots.txt"), Answer(status=404))
        other.play([rules, Exchange(Request(path="/b"), Answer(text="<p>1</p>", headers=html))])
        first = await Watched().look(around, urls)
        other.play([rules, Exchange(Request(path="/b"), Answer(text="<p>2</p>", headers=html))])
        second = await first.look(around, urls)
    assert ("answered 503" in str(first.error), [item.subject for item in second.items]) == (True, urls[1:])
    assert getattr(first.error, "retry_after", 0) is None


async def test_robots_txt_is_followed_unless_the_site_agrees(site, around):
    site.page("/robots.txt", ROBOTS, Content_Type="text/plain")
    url = site.page("/private/list", "<p>ours</p>")
    with pytest.raises(SettingsError, match=r"robots.txt asks programs not to read"):
        await read.function(around.context(fill(Reading, {"url": url})))
    found = await read.function(around.context(fill(Reading, {"url": url, "robots": False})))
    assert found["text"] == "ours"
    assert [request.path for request in site.asked] == ["/robots.txt", "/private/list"]


@pytest.mark.parametrize(
    "robots",
    [
        web.Response(status=404),
        web.Response(status=403),
        web.Response(body=b"\xff\xfe\0Disallow: /"),
        web.Response(text="<html><body>Sign in</body></html>", content_type="text/html"),
        web.Response(body=b"Disallow: " + b"*a" * 2_000_000),
    ],
    ids=["missing", "forbidden", "binary", "page", "huge"],
)
async def test_a_robots_txt_that_is_none_forbids_nothing(robots, site, around):
    site.pages["/robots.txt"] = robots
    found = await read.function(around.context(fill(Reading, {"url": site.page("/a", "<p>free</p>")})))
    assert found["text"] == "free"


async def test_a_site_in_trouble_is_asked_again_later(site, around):
    site.pages["/robots.txt"] = web.Response(status=503, headers={"Retry-After": "120"})
    url = site.page("/a", "<p>free</p>")
    with pytest.raises(TemporaryError, match="answered 503") as failed:
        await read.function(around.context(fill(Reading, {"url": url})))
    assert failed.value.retry_after == 120
    with pytest.raises(TemporaryError, match="has asked to be left alone"):
        await read.function(around.context(fill(Reading, {"url": url, "robots": False})))
    assert [request.path for request in site.asked] == ["/robots.txt"]


async def test_a_cursor_of_one_page_is_still_known(site, around):
    known = Watched()
    text = base64.b85encode(zlib.compress(b"1")).decode()
    known.cursor = msgspec.json.encode({"text": text, "changes": 3, "etag": "v1"}).decode()
    (item,) = (await known.look(around, [site.page("/a", "<p>2</p>")])).items
    assert (item.content["before"], str(item.key)[:2]) == ("1", "4:")
