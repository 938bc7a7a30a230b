"""Recordings in, transcripts out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec

import msgspec

from hub.extraction.readers.options import Options
from hub.extraction.readers.source import check_size
from hub.extraction.reading import Reading, ReadingError
from hub.extraction.speech.hearing import Transcriber
from hub.extraction.speech.sounds import LONGEST_HOURS, Format, Piece, Wanted, format_of
from hub.extraction.speech.transcript import Recording, transcript
from hub.jail import Jail, JailError, Limits

DECODE = "hub.extraction.speech.decode:decode"
LIMITS = Limits(seconds=120, cpu_seconds=120)
NO_ENGINE = (
    "This is a recording, and no engine for speech is set up. Run pip install 'patchdeck[speech]' for English, name a "
    "directory with a Whisper model in PATCHDECK_TRANSCRIBE_MODEL_DIR, or a service in PATCHDECK_TRANSCRIBE_BASE_URL."
)
NO_DECODER = "Recordings need a decoder. Run pip install 'patchdeck[audio]' and start the hub again."
_REASONS = {
    "time": "Decoding the recording takes too long. Export it again as WAV, MP3 or M4A.",
    "memory": "Decoding the recording needs more memory than it may use. Export it again as WAV, MP3 or M4A.",
}
_BROKEN = "The recording is broken in a way that cannot be played. Export it again as WAV, MP3 or M4A."


class Speech:
    """Reads recordings: decoded in the jail piece by piece, then heard by the engine there is."""

    def __init__(self, jail: Jail, transcriber: Transcriber | None) -> None:
        self._jail = jail
        self._transcriber = transcriber

    def understands(self, content: bytes) -> bool:
        """Whether this is a recording."""
        return format_of(content) is not None

    async def read(self, content: bytes, options: Options) -> Reading:
        """Transcribe a recording; the first language of the options is a hint."""
        check_size(len(content))
        kind = format_of(content)
        if kind is None:
            raise ReadingError(_BROKEN)
        if self._transcriber is None:
            raise ReadingError(NO_ENGINE)
        if find_spec("av") is None:
            raise ReadingError(NO_DECODER)
        pieces = _Pieces(self._jail, content, kind)
        language = options.languages[0].partition("-")[0] if options.languages else ""
        heard = [part async for part in self._transcriber.hear(pieces.all(), language)]
        assert pieces.first is not None  # noqa: S101 there is one, or decoding was refused
        about = Recording(content=content, media_type=kind.media_type, first=pieces.first, seconds=pieces.seconds)
        return transcript(about, heard, language)


class _Pieces:
    """A recording cut into pieces as they are asked for, so that a long one never lies decoded in memory."""

    def __init__(self, jail: Jail, content: bytes, kind: Format) -> None:
        self._jail = jail
        self._content = content
        self._kind = kind
        self.first: Piece | None = None
        self.seconds = 0.0

    async def all(self) -> AsyncIterator[Piece]:
        """Yield one piece after the other."""
        while True:
            piece = await self._decoded()
            self.first = self.first or msgspec.structs.replace(piece, samples=b"")
            self.seconds += piece.seconds
            if piece.samples:
                yield piece
            if piece.last:
                return
            if self.seconds > LONGEST_HOURS * 3600:
                raise ReadingError(f"The recording lasts longer than {LONGEST_HOURS} hours. Split it.")

    async def _decoded(self) -> Piece:
        wanted = Wanted(content=self._content, format=self._kind.name, start=self.seconds)
        try:
            return await self._jail.run(DECODE, wanted, Piece, LIMITS)
        except JailError as error:
            message = error.message if error.kind == "refused" else _REASONS.get(error.kind, _BROKEN)
            raise ReadingError(message) from error
