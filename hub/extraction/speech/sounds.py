"""What a recording is, told by its content, and pieces of its sound."""

from __future__ import annotations

import re

import msgspec

# Samples of one channel a second, each a signed number of two bytes: what engines for speech are made for.
RATE = 16_000
BYTES = 2
# Pieces are this long at most, and end where it is quietest in their last seconds.
PIECE_SECONDS, QUIET_SECONDS = 300.0, 15.0
LONGEST_HOURS = 4

_FORMATS = (
    (rb"RIFF.{4}WAVE", "wav", "audio/wav"),
    (rb"OggS", "ogg", "audio/ogg"),
    (rb"fLaC", "flac", "audio/flac"),
    (rb".{4}ftyp(?!heic|heix|mif1|avif)", "mov", "audio/mp4"),
    (rb"\x1a\x45\xdf\xa3", "matroska", "audio/webm"),
    (rb"ID3", "mp3", "audio/mpeg"),
    # A frame of MPEG audio, layer 3, without a head before it; two bytes alone begin many other things.
    (rb"\xff[\xfa\xfb\xf2\xf3\xe2\xe3][\x10-\xeb]", "mp3", "audio/mpeg"),
    (rb"\xff[\xf0\xf1\xf8\xf9][\x40-\xbf]", "aac", "audio/aac"),
)
_MAGIC = tuple((re.compile(magic, re.DOTALL), name, media) for magic, name, media in _FORMATS)


class Format(msgspec.Struct, frozen=True):
    """The container of a recording, as the decoder calls it, and its media type."""

    name: str
    media_type: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a recording to be decoded: from a second on, `PIECE_SECONDS` long at most."""

    content: bytes
    format: str
    start: float = 0.0


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Sound of one channel, with the second it begins at; `last` when nothing comes after it."""

    samples: bytes
    start: float
    last: bool
    # What the recording says of itself; with the first piece only.
    title: str | None = None
    artist: str | None = None
    created: str | None = None

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / (RATE * BYTES)


def format_of(content: bytes) -> Format | None:
    """The format of a recording, None for what is none."""
    head = content[:16]
    return next((Format(name, media) for magic, name, media in _MAGIC if magic.match(head)), None)
