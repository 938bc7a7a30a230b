"""Sitemaps: packed, plain, nested, changed, broken, hostile."""

import base64
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk import Item, SettingsError, fill
from connectors.sdk.cursors.seen import Seen
from connectors.sitemap import MOST_FILES, Sitemap, new_page
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, Exchange, Request, WebPeer, web_peer

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def pages(**dates: str) -> str:
    """Write a sitemap of pages by name with their dates."""
    listed = "".join(
        f"<url><loc>https://s.example/{name}</loc><lastmod>{date}</lastmod></url>" for name, date in dates.items()
    )
    return f"<urlset {SPACE}>{listed}</urlset>"


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


async def read(
    around: Surroundings, peer: WebPeer, answer: Answer | str, cursor: str | None = None, **settings: Any
) -> tuple[list[str], str | None]:
    peer.always(answer if isinstance(answer, Answer) else Answer(text=answer, headers={"Content-Type": "text/xml"}))
    context = around.context(fill(Sitemap, {"url": f"{peer.base}/sitemap.xml", **settings}))
    found: list[Item] = [item async for item in new_page.function(context, cursor)]
    return [item.title for item in found if item.content is not None], found[-1].cursor if found else cursor


async def test_new_page_yields_only_what_is_new(peer, around):
    _, cursor = await read(around, peer, pages(a="2026-01-01"))
    found, cursor = await read(around, peer, pages(a="2026-02-01", b="2026-02-01"), cursor)
    again, _ = await read(around, peer, pages(b="2026-02-01"), cursor)
    assert found == ["https://s.example/b"]
    assert again == []


async def test_new_page_yields_changed_pages_when_asked_to(peer, around):
    _, cursor = await read(around, peer, pages(a="2026-01-01", b="2026-01-01"), changes=True)
    found, _ = await read(around, peer, pages(a="2026-02-01", b="2026-01-01"), cursor, changes=True)
    assert found == ["https://s.example/a"]


async def test_new_page_leaves_alone_what_was_there_when_told(peer, around):
    first, cursor = await read(around, peer, pages(a="1"), existing="skip")
    second, _ = await read(around, peer, pages(a="1", b="1"), cursor, existing="skip")
    assert (first, second) == ([], ["https://s.example/b"])


async def test_new_page_unpacks(peer, around):
    packed = base64.b64encode(gzip.compress(pages(a="1").encode())).decode()
    found, _ = await read(around, peer, Answer(base64=packed, headers={"Content-Type": "application/gzip"}))
    assert found == ["https://s.example/a"]


async def test_new_page_reads_plain_lists(peer, around):
    found, _ = await read(around, peer, "https://s.example/a\n\nhttps://s.example/b\n")
    assert found == ["https://s.example/a", "https://s.example/b"]


async def test_new_page_reads_on_over_a_mistake(peer, around):
    found, _ = await read(around, peer, pages(a="1").replace("</urlset>", "<url><loc>https://s.example/b</loc>"))
    assert found == ["https://s.example/a", "https://s.example/b"]


@pytest.mark.parametrize("text", ["", "no sitemap", "<html/>", "<rss/>", "<", "ftp://s.example/a"])
async def test_new_page_says_that_it_is_no_sitemap(text, peer, around):
    with pytest.raises(SettingsError, match="no sitemap"):
        await read(around, peer, text)


async def test_new_page_refuses_a_packed_bomb(peer, around):
    bomb = base64.b64encode(gzip.compress(b" " * (60 * 1024 * 1024))).decode()
    with pytest.raises(SettingsError, match="larger than 50 MB"):
        await read(around, peer, Answer(base64=bomb))


async def test_new_page_refuses_a_damaged_pack(peer, around):
    with pytest.raises(SettingsError, match="damaged"):
        await read(around, peer, Answer(base64=base64.b64encode(b"\x1f\x8bxxxx").decode()))


async def test_new_page_refuses_an_index_without_end(peer, around):
    listed = "".join(f"<sitemap><loc>{peer.base}/{n}.xml</loc></sitemap>" for n in range(MOST_FILES + 1))
    with pytest.raises(SettingsError, match=r"more than 1,000 sitemaps"):
        await read(around, peer, f"<sitemapindex {SPACE}>{listed}</sitemapindex>")


def index(peer: WebPeer, **dates: str) -> Exchange:
    """Answer with an index of sitemaps by name with their dates."""
    listed = "".join(
        f"<sitemap><loc>{peer.base}/{name}</loc><lastmod>{date}</lastmod></sitemap>" for name, date in dates.items()
    )
    return Exchange(Request(path="/index"), Answer(text=f"<sitemapindex {SPACE}>{listed}</sitemapindex>"))


async def follow(around: Surroundings, peer: WebPeer, cursor: str | None, **settings: Any) -> list[Item]:
    peer.asked.clear()
    context = around.context(fill(Sitemap, {"url": f"{peer.base}/index", **settings}))
    return [item async for item in new_page.function(context, cursor)]


async def test_new_page_asks_only_for_files_that_have_changed(peer, around):
    files = [
        Exchange(Request(path="/one"), Answer(text=pages(a="1"))),
        Exchange(Request(path="/two"), Answer(text=pages(b="1"))),
    ]
    peer.play([index(peer, one="2026-01-01", two="2026-01-01"), *files])
    first = await follow(around, peer, None)
    peer.play(
        [
            index(peer, one="2026-01-01", two="2026-01-02"),
            files[0],
            Exchange(Request(path="/two"), Answer(text=pages(c="1"))),
        ]
    )
    second = await follow(around, peer, first[-1].cursor)
    assert sorted(item.title for item in first if item.content) == ["https://s.example/a", "https://s.example/b"]
    assert [item.title for item in second if item.content] == ["https://s.example/c"]
    assert [asked.path for asked in peer.asked] == ["/index", "/two"]


async def test_new_page_skips_what_was_there_also_when_its_first_look_is_cut_off(peer, around):
    files = [
        Exchange(Request(path="/one"), Answer(text=pages(a="1"))),
        Exchange(Request(path="/two"), Answer(text=pages(b="1"))),
    ]
    peer.play([index(peer, one="1", two="1"), *files])
    cut_off = (await follow(around, peer, None, existing="skip"))[0].cursor
    rest = await follow(around, peer, cut_off, existing="skip")
    peer.play([index(peer, one="1", two="2"), Exchange(Request(path="/two"), Answer(text=pages(b="1", c="1")))])
    later = await follow(around, peer, rest[-1].cursor, existing="skip")
    assert [item.title for item in [*rest, *later] if item.content] == ["https://s.example/c"]


async def test_new_page_keeps_to_the_paths_that_matter(peer, around):
    found, _ = await read(around, peer, pages(news_1="1", shop="1"), paths=["news_*"])
    assert found == ["https://s.example/news_1"]


async def test_new_page_knows_the_cursors_of_before(peer, around):
    known = Seen()
    known.add("https://s.example/a")
    found, _ = await read(around, peer, pages(a="1", b="1"), known.dump())
    assert found == ["https://s.example/b"]


async def test_new_page_reads_a_full_file_in_one_go(peer, around):
    found, cursor = await read(around, peer, pages(**{f"p{n}": "1" for n in range(20_000)}))
    again, _ = await read(around, peer, pages(**{f"p{n}": "1" for n in range(20_001)}), cursor)
    assert (len(set(found)), again) == (20_000, ["https://s.example/p20000"])


async def test_new_page_reads_no_file_through_an_entity(peer, around, tmp_path: Path):
    (tmp_path / "secret").write_text("top-secret")
    head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    found, _ = await read(around, peer, head + pages(a="1", b="1").replace("s.example/b", "s.example/&e;"))
    assert "top-secret" not in str(found)
