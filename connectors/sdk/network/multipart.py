"""Forms with files as the body of a request."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import msgspec

from connectors.sdk.network.http import Options


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a form: what it is called at the other end, and what is in it."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


def form(
    fields: Mapping[str, str] | Sequence[tuple[str, str]], files: Mapping[str, Upload] | Sequence[tuple[str, Upload]]
) -> Options:
    """Return what makes a request carry a form (RFC 7578): its body and the header that names the boundary.

    Pairs instead of a mapping may name a field several times.
    """
    boundary = secrets.token_hex(16)
    lines: list[bytes] = []
    for name, value in fields.items() if isinstance(fields, Mapping) else fields:
        lines += [_head(boundary, f'name="{_quoted(name)}"'), value.encode("utf-8", "replace"), b"\r\n"]
    for name, file in files.items() if isinstance(files, Mapping) else files:
        told = f'name="{_quoted(name)}"; filename="{_quoted(file.name)}"'
        lines += [_head(boundary, told, file.media_type), file.content, b"\r\n"]
    lines.append(f"--{boundary}--\r\n".encode())
    return Options(content=b"".join(lines), headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})


def _head(boundary: str, told: str, media_type: str = "") -> bytes:
    kind = f"Content-Type: {_plain(media_type)}\r\n" if media_type else ""
    return f"--{boundary}\r\nContent-Disposition: form-data; {told}\r\n{kind}\r\n".encode("utf-8", "replace")


def _quoted(text: str) -> str:
    """Escape as browsers do, so that no name ends its own header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _plain(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")
