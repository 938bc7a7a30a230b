"""Feeds as they are found in the wild: every format, broken ones, and hostile ones."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.rss import Feed, new_entry
from connectors.sdk import Item, SettingsError, fill
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, WebPeer, web_peer

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>
<link href="https://a.example/"/><entry><id>urn:1</id><title type="html">Tea &amp;amp; milk</title>
<link href="https://a.example/1"/><updated>2026-11-20T10:00:00+01:00</updated><author><name>Ann</name></author>
<content type="html">&lt;p&gt;Hi&lt;script&gt;evil()&lt;/script&gt;&lt;/p&gt;</content></entry></feed>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "home_page_url": "https://j.example/",
        "items": [
            {"id": "2", "title": "Two", "content_html": "<p>2</p>", "authors": [{"name": "Bo"}], "tags": ["x"]},
            {"id": 1, "url": "https://j.example/1", "content_text": "one", "date_published": "2026-11-20T10:00:00Z"},
        ],
    }
)


def rss(*titles: str) -> str:
    """Write an RSS feed, newest first, whose entries have no ids of their own."""
    entries = "".join(f"<item><title>{title}</title></item>" for title in titles)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>R</title>{entries}</channel></rss>'


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


async def read(
    around: Surroundings, peer: WebPeer, text: str, cursor: str | None = None, **settings: Any
) -> tuple[list[Item], str | None]:
    peer.always(Answer(text=text, headers={"Content-Type": settings.pop("kind", "application/xml")}))
    context = around.context(fill(Feed, {"url": f"{peer.base}/feed", **settings}))
    found = [item async for item in new_entry.function(context, cursor)]
    return [item for item in found if item.content is not None], found[-1].cursor if found else cursor


async def test_new_entry_reads_atom(peer, around):
    (item,), _ = await read(around, peer, ATOM)
    entry = item.content
    assert (item.key, entry["title"], entry["link"]) == ("urn:1", "Tea &amp; milk", "https://a.example/1")
    assert (entry["updated"], entry["published"], entry["author"]) == ("2026-11-20T09:00:00Z", None, "Ann")
    assert entry["content"] == "<p>Hi</p>"


async def test_new_entry_reads_json_feed(peer, around):
    items, _ = await read(around, peer, JSON_FEED, kind="application/feed+json")
    assert [(item.key, item.content["content"], item.content["author"]) for item in items] == [
        ("1", "one", ""),
        ("2", "<p>2</p>", "Bo"),
    ]
    assert items[0].content["feed"] == {"title": "J", "link": "https://j.example/"}


async def test_new_entry_yields_the_oldest_first(peer, around):
    items, _ = await read(around, peer, rss("three", "two", "one"))
    assert [item.title for item in items] == ["one", "two", "three"]


async def test_new_entry_yields_only_what_is_new(peer, around):
    _, cursor = await read(around, peer, rss("two", "one"))
    items, cursor = await read(around, peer, rss("four", "three", "two", "one"), cursor)
    again, _ = await read(around, peer, rss("four", "three"), cursor)
    assert [item.title for item in items] == ["three", "four"]
    assert again == []


async def test_new_entry_leaves_alone_what_was_there_when_told(peer, around):
    first, cursor = await read(around, peer, rss("one"), existing="skip")
    second, _ = await read(around, peer, rss("two", "one"), cursor, existing="skip")
    assert first == []
    assert [item.title for item in second] == ["two"]


async def test_new_entry_reads_what_is_left_of_a_broken_feed(peer, around):
    items, _ = await read(around, peer, rss("two", "one").removesuffix("</channel></rss>"))
    assert [item.title for item in items] == ["one", "two"]


@pytest.mark.parametrize(
    "text", ["", "   ", "not a feed", "<html><body>Sign in</body></html>", "{}", '{"items": 3}', "{"]
)
async def test_new_entry_says_that_it_is_no_feed(text, peer, around):
    with pytest.raises(SettingsError):
        await read(around, peer, text, kind="text/html")


@pytest.mark.parametrize("text", ["file:///etc/passwd", "/etc/passwd", "http://127.0.0.1:9/"])
async def test_new_entry_never_opens_what_a_body_names(text, peer, around, tmp_path: Path):
    with pytest.raises(SettingsError, match="There is no RSS"):
        await read(around, peer, text)


async def test_new_entry_survives_an_entity_bomb(peer, around):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>' + rss("&e11;").partition("?>")[2]
    items, _ = await read(around, peer, bomb)
    assert all(len(item.title) < 1000 for item in items)


async def test_new_entry_reads_no_file_through_an_entity(peer, around, tmp_path: Path):
    (tmp_path / "secret").write_text("top-secret")
    external = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    items, _ = await read(around, peer, external + rss("a&e;b").partition("?>")[2])
    assert "top-secret" not in str([item.content for item in items])
