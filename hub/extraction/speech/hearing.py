"""What an engine for speech gives, and what one is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from hub.extraction.speech.sounds import Piece


class Word(msgspec.Struct, frozen=True):
    """A word with its seconds and how sure the engine is of it."""

    text: str
    start: float
    end: float
    confidence: float = 1.0


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """Something said in one go; `speaker` is the engine's own name for who said it, '' where it does not tell."""

    text: str
    start: float
    end: float
    speaker: str = ""
    confidence: float = 1.0
    words: tuple[Word, ...] = ()


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was said in one piece, with seconds of the whole recording, and in which language, '' if unknown."""

    utterances: tuple[Utterance, ...] = ()
    language: str = ""


class Transcriber(Protocol):
    """Turns speech into text."""

    def hear(self, pieces: AsyncIterator[Piece], language: str) -> AsyncIterator[Heard]:
        """Yield what was said, piece by piece; `language` is a hint (ISO 639-1), '' for none."""
        ...


def later(utterance: Utterance, by: float) -> Utterance:
    """The same utterance some seconds later."""
    words = tuple(Word(word.text, word.start + by, word.end + by, word.confidence) for word in utterance.words)
    return msgspec.structs.replace(utterance, start=utterance.start + by, end=utterance.end + by, words=words)
