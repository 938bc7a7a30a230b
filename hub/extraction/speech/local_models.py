"""Engines on this machine: one child process for each recording, ended with it, so that no model stays in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from importlib.util import find_spec
from pathlib import Path

import msgspec

from hub.extraction.reading import ReadingError
from hub.extraction.speech.hearing import Heard
from hub.extraction.speech.sounds import Piece
from hub.jail import Jail, JailError, Limits

MEGABYTE = 1024 * 1024
# For a piece of five minutes on a slow and busy machine.
LIMITS = Limits(seconds=1800, cpu_seconds=3600, memory=16 * 1024 * MEGABYTE, output=16 * MEGABYTE)


class Listen(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the jail: a piece, the language it is in, and where the model lies."""

    piece: Piece
    language: str = ""
    directory: str = ""


class LocalEngine(msgspec.Struct, frozen=True, kw_only=True):
    """A function of ours that hears, the package and the extra it needs, and the languages it knows, none for all."""

    function: str
    package: str
    extra: str
    languages: Collection[str] = ()

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.package) is not None


class LocalTranscriber:
    """Hears with an engine in a child process; one recording at a time."""

    def __init__(self, engine: LocalEngine, directory: Path | None = None) -> None:
        self._engine = engine
        self._directory = directory
        self._turn = asyncio.Lock()

    async def hear(self, pieces: AsyncIterator[Piece], language: str) -> AsyncIterator[Heard]:
        """Yield what was said, piece by piece."""
        self._check(language)
        code = [self._directory] if self._directory else []
        directory = str(self._directory or "")
        async with self._turn:
            with Jail(1, calls_a_child=1_000, code=code, threads=True) as jail:
                async for piece in pieces:
                    listen = Listen(piece=piece, language=language, directory=directory)
                    yield await self._heard(jail, listen)

    def _check(self, language: str) -> None:
        engine = self._engine
        if not engine.installed:
            command = f"pip install 'patchdeck[{engine.extra}]'"
            raise ReadingError(f"The engine for speech that is configured is not installed. Run {command}.")
        if self._directory and not self._directory.is_dir():
            raise ReadingError("PATCHDECK_TRANSCRIBE_MODEL_DIR names no directory. Put a Whisper model there.")
        if language and engine.languages and language not in engine.languages:
            raise ReadingError(
                f"The engine for speech that is installed knows only: {', '.join(engine.languages)}. "
                "Name a Whisper model in PATCHDECK_TRANSCRIBE_MODEL_DIR, or a service in PATCHDECK_TRANSCRIBE_BASE_URL."
            )

    async def _heard(self, jail: Jail, listen: Listen) -> Heard:
        try:
            return await jail.run(self._engine.function, listen, Heard, LIMITS)
        except JailError as error:
            if error.kind == "refused":
                raise ReadingError(error.message) from error
            message = "The engine for speech failed on this recording. Split it, or use another engine."
            raise ReadingError(message) from error
