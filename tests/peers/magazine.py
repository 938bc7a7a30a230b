"""A magazine whose feed and sitemap grow with every article."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from tests.peers.faults import Faults

_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


class Magazine:
    """Its articles by address, each with the moment it came out; a sitemap holds 500 of them."""

    def __init__(self) -> None:
        self.base = ""
        self.articles: dict[str, datetime] = {}
        self.doubled = False
        self.faults = Faults(lambda status, message: {"message": message})

    def publish(self, count: int = 1, *, late: bool = False) -> list[str]:
        """Bring out articles; a late one says that it is older than the newest."""
        newest = max(self.articles.values(), default=_BEGUN)
        made = {
            f"https://magazine.example/a{len(self.articles) + n:05}/": newest + timedelta(minutes=-3 if late else n + 1)
            for n in range(count)
        }
        self.articles |= made
        return list(made)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give out the feed, the index, or one of the sitemaps."""
        if request.path == "/feed.xml":
            return _xml(self._feed())
        pages = sorted(self.articles)
        if request.path == "/index.xml":
            places = "".join(
                f"<sitemap><loc>{self.base}/{start}.xml</loc></sitemap>" for start in range(0, max(len(pages), 1), 500)
            )
            return _xml(f"<sitemapindex {_SPACE}>{places}</sitemapindex>")
        start = int(request.path.strip("/").removesuffix(".xml"))
        listed = [*pages[start : start + 500], *(pages[-1:] if self.doubled else ())]
        return _xml(f"<urlset {_SPACE}>{''.join(f'<url><loc>{page}</loc></url>' for page in listed)}</urlset>")

    def _feed(self) -> str:
        newest_first = sorted(self.articles, key=lambda page: self.articles[page], reverse=True)
        listed = [*(newest_first[:1] if self.doubled else ()), *newest_first]
        entries = "".join(
            f"<item><title>{page}</title><guid>{page}</guid>"
            f"<pubDate>{self.articles[page]:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for page in listed
        )
        return f'<rss version="2.0"><channel><title>Magazine</title>{entries}</channel></rss>'


def _xml(text: str) -> web.Response:
    return web.Response(text=f'<?xml version="1.0"?>{text}', content_type="application/xml")


@asynccontextmanager
async def magazine_peer() -> AsyncIterator[Magazine]:
    """Run it on a free port of loopback."""
    peer = Magazine()
    server = web.Server(lambda request: peer.faults.answer(request, peer.answer))  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()
