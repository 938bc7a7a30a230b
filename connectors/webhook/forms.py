"""Forms with files, cut at their boundary in one pass: forms do not nest, and no work grows faster than the body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any
from urllib.parse import unquote_to_bytes

from connectors.sdk import Attachment, SettingsError
from connectors.sdk.texts import storable

MOST_PARTS = 1000
LONGEST_HEAD = 4096
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_PARAMETER = re.compile(r""";\s*(?P<name>[\w*-]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^;"\s]*)""")


def read_form(body: bytes, kind: str) -> list[tuple[str, Any]]:
    """Return the names and values of a multipart form, files as attachments."""
    boundary = _parameters(kind).get("boundary", "")
    marks = list(islice(_marks(body, boundary), MOST_PARTS + 2)) if boundary else []
    if len(marks) < 2 or len(marks) - 1 > MOST_PARTS:
        raise SettingsError("The form in the body cannot be read.")
    return [_part(body[start.end() : end.start()]) for start, end in pairwise(marks)]


def _marks(body: bytes, boundary: str) -> Iterator[re.Match[bytes]]:
    """Yield the boundary's places up to the one that closes the form."""
    line = rb"(?:^|\r?\n)--" + re.escape(boundary.encode(errors="replace")) + rb"(?P<last>--)?[ \t]*(?=\r?\n|$)"
    for mark in re.finditer(line, body):
        yield mark
        if mark["last"]:
            return


def _part(part: bytes) -> tuple[str, Any]:
    end = _HEAD_END.search(part)
    if end is None or end.start() > LONGEST_HEAD:
        raise SettingsError("The form in the body cannot be read.")
    lines = (line.partition(":") for line in part[: end.start()].decode("utf-8", "replace").splitlines())
    head = {name.strip().lower(): value.strip() for name, _, value in lines}
    told = _parameters(head.get("content-disposition", ""))
    content = part[end.end() :]
    name = storable(told.get("name", "file"))
    label = told.get("filename")
    if label is None:
        return name, storable(content.decode("utf-8", errors="replace"))
    kind = head.get("content-type", "").partition(";")[0].strip().lower() or "application/octet-stream"
    return name, Attachment(name=storable(label), media_type=storable(kind), content=content)


def _parameters(value: str) -> dict[str, str]:
    """Return what follows a header's first word; `filename*` names its own charset."""
    found = {match["name"].lower(): _unquoted(match["value"]) for match in _PARAMETER.finditer(value[:LONGEST_HEAD])}
    for name in [name for name in found if name.endswith("*")]:
        charset, _, written = found[name].partition("'")
        text = unquote_to_bytes(written.partition("'")[2])
        found[name[:-1]] = text.decode("latin-1" if charset.lower() == "iso-8859-1" else "utf-8", "replace")
    return found


def _unquoted(value: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", value[1:-1]) if value.startswith('"') else value
