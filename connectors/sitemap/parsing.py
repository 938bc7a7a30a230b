"""Sitemaps as lists of pages, read in a child process."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec
from yarl import URL

from connectors.sdk import SettingsError

if TYPE_CHECKING:
    from lxml import etree

# The protocol allows 50 MB and 50,000 addresses a file
LARGEST_FILE = 50 * 1024 * 1024


class Source(msgspec.Struct, frozen=True):
    """What came from where."""

    content: bytes
    url: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page as recipes see it; `path` can follow a fixed host in the address of an HTTP step."""

    url: str
    path: str
    modified: str
    changes: str
    priority: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The sitemaps that a file names, each with its date of change, and the pages that it lists."""

    sitemaps: dict[str, str] = {}
    pages: list[Page] = []


def read_sitemap(source: Source) -> Listing:
    """Read a sitemap or an index of sitemaps, packed or not."""
    from lxml import etree

    content = _unpacked(source.content)
    if content.lstrip()[:1] != b"<":
        return Listing(pages=_lines(content, source.url))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    root = etree.fromstring(content, parser)
    kind = etree.QName(root).localname if root is not None else ""
    if kind not in {"urlset", "sitemapindex"}:
        raise SettingsError(f"There is no sitemap at {source.url}. Check the address.")
    entries = [_values(entry) for entry in root if isinstance(entry.tag, str)]
    places = [values for values in entries if values.get("loc", "").startswith(("http://", "https://"))]
    if kind == "sitemapindex":
        return Listing(sitemaps={values["loc"]: values.get("lastmod", "") for values in places})
    return Listing(pages=[_page(values["loc"], values) for values in places])


def _unpacked(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(content, LARGEST_FILE)
    except zlib.error as error:
        raise SettingsError("The packed sitemap is damaged.") from error
    if unpacker.unconsumed_tail:
        raise SettingsError("The packed sitemap is larger than 50 MB.")
    return plain


def _lines(content: bytes, url: str) -> list[Page]:
    """Read a sitemap of one address a line."""
    lines = [line.strip() for line in content.decode("utf-8", errors="replace").splitlines() if line.strip()]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        raise SettingsError(f"There is no sitemap at {url}. Check the address.")
    return [_page(line, {}) for line in lines]


def _values(entry: etree._Element) -> dict[str, str]:
    """Return what an entry says, by names without their namespace."""
    return {part.tag.rpartition("}")[2]: (part.text or "").strip() for part in entry if isinstance(part.tag, str)}


def _page(place: str, values: dict[str, str]) -> Page:
    return Page(
        url=place,
        path=_path(place),
        modified=values.get("lastmod", ""),
        changes=values.get("changefreq", ""),
        priority=values.get("priority", ""),
    )


def _path(place: str) -> str:
    try:
        return URL(place).raw_path_qs.removeprefix("/")
    except ValueError:
        return ""
