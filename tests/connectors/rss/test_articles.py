"""Whole articles: the page behind each entry, read as its site allows, and what happens where there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from connectors.rss import Feed, new_entry
from connectors.sdk import Item, TemporaryError, fill
from tests.peers.site import INSIDE, Site, site_peer
from tests.peers.surroundings import Surroundings, surroundings

WORDS = "The bank has raised its rates again, which surprised many who had expected it to wait until spring. " * 3
PAGE = f"""<!DOCTYPE html><html><head><title>Rates</title></head><body>
<nav><a href="/">Home</a></nav>
<article><h1>Rates rise</h1><p>{WORDS}</p><p>What comes next is not known, said one of them.</p>
</article><aside>Buy our mattress</aside><footer>Imprint</footer></body></html>"""


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with site_peer() as running:
        yield running


@pytest.fixture
async def around(site: Site) -> AsyncIterator[Surroundings]:
    async with surroundings(guard=site.guard) as made:
        yield made


def feed(site: Site, *links: str) -> str:
    """Put a feed with these links there, the newest first, and return its address."""
    entries = "".join(f"<item><title>{link[-5:]}</title><link>{link}</link></item>" for link in links)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>R</title>{entries}</channel></rss>'
    return site.page("/feed", body, Content_Type="application/rss+xml", ETag='"v1"')


async def read(around: Surroundings, url: str, cursor: str | None, into: list[Item]) -> str | None:
    """Read the feed as the hub does: what came before a failure is kept."""
    context = around.context(fill(Feed, {"url": url, "full_text": True}))
    async for item in new_entry.function(context, cursor):
        into.append(item)  # noqa: PERF401  # what comes before a failure counts
    return into[-1].cursor


async def test_each_entry_brings_the_text_of_its_page_and_nothing_around_it(site, around):
    found: list[Item] = []
    await read(around, feed(site, site.page("/rates", PAGE)), None, found)
    text = found[0].content["text"]
    assert text.splitlines()[0] == "Rates rise"
    assert "What comes next" in text
    assert not any(other in text for other in ("Home", "mattress", "Imprint"))


async def test_an_entry_without_an_article_says_so_and_is_kept(site, around):
    site.page("/robots.txt", "User-agent: *\nDisallow: /closed", Content_Type="text/plain")
    links = [site.url("/gone"), site.url("/closed/1"), site.page("/list.pdf", "%PDF", Content_Type="application/pdf")]
    links += [site.url(f"/to/{INSIDE}"), "mailto:ann@example.com", site.page("/empty", "<html></html>")]
    found: list[Item] = []
    await read(around, feed(site, *links), None, found)
    said = [item.content["problem"] for item in reversed(found)]
    expected = [
        "answered 404",
        "robots.txt asks",
        "no page but application/pdf",
        "public internet",
        "no page",
        "no article",
    ]
    assert [part in problem for part, problem in zip(expected, said, strict=True)] == [True] * len(expected)
    assert site.inside == []


async def test_reading_goes_on_where_a_site_asked_to_wait(site, around):
    links = [site.url("/busy"), site.page("/rates", PAGE)]
    site.pages["/busy"] = web.Response(status=429, headers={"Retry-After": "0"})
    found: list[Item] = []
    url = feed(site, *links)
    with pytest.raises(TemporaryError, match="429"):
        await read(around, url, None, found)
    assert [item.title for item in found] == ["rates"]
    site.page("/busy", PAGE)
    again: list[Item] = []
    cursor = await read(around, url, found[-1].cursor, again)
    assert [(item.title, item.content["text"][:10]) for item in again] == [("/busy", "Rates rise")]
    assert "v1" in str(cursor)


async def test_a_site_that_wants_a_day_off_does_not_hold_up_the_feed(site, around):
    site.pages["/busy"] = web.Response(status=503, headers={"Retry-After": "86400"})
    found: list[Item] = []
    await read(around, feed(site, site.url("/busy")), None, found)
    assert "answered 503" in found[0].content["problem"]


@pytest.mark.parametrize("page", ["<div>" * 50_000, "<p>" + "a " * 3_000_000, "<a href=x>" * 30_000, "\0\xff" * 1000])
async def test_hostile_pages_cost_their_entry_its_text_at_most(page, site, around):
    found: list[Item] = []
    await read(around, feed(site, site.page("/rates", page)), None, found)
    assert found[0].content.keys() >= {"title", "text"}


def test_whole_articles_are_a_choice():
    given: Any = fill(Feed, {"url": "https://example.com/feed"})
    assert given.full_text is False
