"""What a WebDAV server lists, read in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from lxml import etree

MOST_ENTRIES = 100_000
_DAV = "{DAV:}"


class Source(msgspec.Struct, frozen=True):
    """An answer to PROPFIND, and the path of the address that was asked."""

    content: bytes
    path: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder: `name` is '' for what was asked about itself, `tag` as the server gives it."""

    name: str
    is_folder: bool = False
    size: int | None = None
    tag: str = ""
    modified: str = ""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in an answer; `strangers` counts entries that lie elsewhere than was asked."""

    entries: list[Entry] = []
    strangers: int = 0
    whole: bool = True


def read_listing(source: Source) -> Listing:
    """Read an answer to PROPFIND; one that is no XML, or not what was asked for, is not whole."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source.content, parser)
    except etree.XMLSyntaxError:
        return Listing(whole=False)
    if root.tag != f"{_DAV}multistatus":
        return Listing(whole=False)
    entries: list[Entry] = []
    strangers = 0
    for response in root.iterfind(f"{_DAV}response"):
        name = _name(response.findtext(f"{_DAV}href") or "", source.path)
        if name is None:
            strangers += 1
        elif len(entries) <= MOST_ENTRIES:
            entries.append(_entry(name, response))
    return Listing(entries=entries, strangers=strangers)


def _name(href: str, path: str) -> str | None:
    """Return the name right below the path, '' for the path itself, None for anything else."""
    try:
        given = [unquote(part) for part in urlsplit(href.strip()).path.split("/") if part]
    except ValueError:
        return None
    asked = [unquote(part) for part in path.split("/") if part]
    if given == asked:
        return ""
    if given[:-1] != asked or not given:
        return None
    name = given[-1]
    leads_elsewhere = name in {".", ".."} or "/" in name or "\\" in name or "\0" in name
    return None if leads_elsewhere else name


def _entry(name: str, response: etree._Element) -> Entry:
    found = {}
    for part in response.iterfind(f"{_DAV}propstat"):
        status = (part.findtext(f"{_DAV}status") or " 200 ").split()
        if "200" in status:
            found.update({child.tag: child for child in part.iterfind(f"{_DAV}prop/*") if isinstance(child.tag, str)})
    kind = found.get(f"{_DAV}resourcetype")
    size = _text(found.get(f"{_DAV}getcontentlength"))
    return Entry(
        name=name,
        is_folder=kind is not None and kind.find(f"{_DAV}collection") is not None,
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
        tag=_text(found.get(f"{_DAV}getetag"))[:200],
        modified=_text(found.get(f"{_DAV}getlastmodified"))[:60],
    )


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""
