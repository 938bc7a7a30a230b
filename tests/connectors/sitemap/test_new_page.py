"""Sitemaps: packed, plain, nested, changed, broken, hostile."""

import base64
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk import Item, SettingsError, fill
from connectors.sitemap import MOST_FILES, Sitemap, new_page
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, WebPeer, web_peer

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
    with pytest.raises(SettingsError, match="more than 50 sitemaps"):
        await read(around, peer, f"<sitemapindex {SPACE}>{listed}</sitemapindex>")


async def test_new_page_reads_no_file_through_an_entity(peer, around, tmp_path: Path):
    (tmp_path / "secret").write_text("top-secret")
    head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    found, _ = await read(around, peer, head + pages(a="1", b="1").replace("s.example/b", "s.example/&e;"))
    assert "top-secret" not in str(found)
