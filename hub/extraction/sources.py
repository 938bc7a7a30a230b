"""What a recipe may extract from: texts, files, attachments, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction.capturing.pages import Wanted
from hub.extraction.readers.options import Options
from hub.extraction.results import Extraction

_MOST = 50


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """What a step may capture and how: `hosts` it may open, "*.example.com" for all below one."""

    hosts: Sequence[str] = ()
    rendered: bool = False
    selectors: Sequence[str] = ()


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One source: a stored file or a text and how to read it, a page to capture, or what was read, by its id."""

    name: str
    file: str | None = None
    text: str | None = None
    reading: str | None = None
    page: Wanted | None = None
    options: Options = Options()


def sources_of(source: Any, capture: Capture | None = None) -> list[Given]:
    """Return the sources that a step's setting names; raises InvalidError for what is none.

    Addresses come from what arrived, so they are opened only on hosts that the step's own settings name.
    """
    found = [_allowed(given, capture or Capture()) for given in _walk(source)]
    if len(found) > _MOST:
        message = f"There are {len(found)} sources; a step takes {_MOST}. Use `each`."
        raise InvalidError(message, errors=[Problem("source", message)])
    return found


def _allowed(given: Given, capture: Capture) -> Given:
    if given.page is None:
        return given
    host = (urlsplit(given.page.url).hostname or "").lower()
    if not any(fnmatchcase(host, allowed.lower()) for allowed in capture.hosts):
        message = f"This step may not open {host[:100] or 'such an address'}. Name the host in its setting `hosts`."
        raise InvalidError(message, errors=[Problem("hosts", message)])
    page = msgspec.structs.replace(given.page, rendered=capture.rendered, selectors=tuple(capture.selectors))
    return msgspec.structs.replace(given, page=page)


def best_first(made: Sequence[Extraction]) -> list[Extraction]:
    """Put the extraction with the fewest problems first: of a mail's attachments one is the invoice."""

    def missing(one: Extraction) -> tuple[int, int]:
        absent = sum(field.value is None for path, field in one.fields.items() if "[" not in path)
        return len(one.problems), absent

    return sorted(made, key=missing)


def _walk(source: Any) -> Iterator[Given]:
    if source is None or source == "":
        return
    if isinstance(source, str):
        is_file = source.startswith("fil_") and len(source) == 30
        yield Given(name="file", file=source) if is_file else Given(name="text.txt", text=source)
    elif isinstance(source, Mapping):
        yield _of_mapping(source)
    elif isinstance(source, Sequence):
        for one in source:
            yield from _walk(one)
    else:
        message = "A source is a file, a text, or a list of them."
        raise InvalidError(message, errors=[Problem("source", message)])


def _of_mapping(source: Mapping[str, Any]) -> Given:
    name = str(source.get("name") or source.get("title") or "")
    for key in ("file", "id", "reference"):
        if isinstance(source.get(key), str) and str(source[key]).startswith("fil_"):
            return Given(name=name or "file", file=source[key])
    if isinstance(source.get("file"), Mapping):
        return _of_mapping({"name": name, **source["file"]})
    if isinstance(source.get("html"), str) and source["html"].strip():
        return Given(name=name or "text.html", text=source["html"])
    if isinstance(source.get("text"), str):
        return Given(name=name or "text.txt", text=source["text"])
    if isinstance(source.get("url"), str):
        return Given(name=name or "page.html", page=Wanted(url=source["url"]))
    message = str(source.get("problem") or "This source names no file and has no text.")
    raise InvalidError(message, errors=[Problem("source", message)])
