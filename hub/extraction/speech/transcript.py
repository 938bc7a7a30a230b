"""A transcript as a reading: a line for each utterance, every word with its seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from hub.extraction.readers.characters import clean
from hub.extraction.readers.source import WORDS
from hub.extraction.reading import Metadata, Reading, ReadingError, Span
from hub.extraction.speech.hearing import Heard, Utterance, Word
from hub.extraction.speech.sounds import Piece

NOTHING = "Nothing was understood in the recording. Is there speech in it, and in the language that was told?"


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What the transcript is of: bytes and type of the source, its first piece, and how long it lasts."""

    content: bytes
    media_type: str
    first: Piece
    seconds: float


def transcript(recording: Recording, heard: Sequence[Heard], language: str) -> Reading:
    """Write down what was heard; speakers are named where there are two or more."""
    utterances = [utterance for part in heard for utterance in part.utterances if clean(utterance.text).strip()]
    names = _names(utterances)
    page = _Page()
    for utterance in utterances:
        page.line(utterance, names.get(utterance.speaker, "") if len(names) > 1 else "")
    told = next((part.language for part in heard if part.language), "")
    return Reading(
        media_type=recording.media_type,
        source=hashlib.sha256(recording.content).hexdigest(),
        text="".join(page.parts),
        spans=tuple(page.spans),
        language=language or told,
        metadata=_metadata(recording, names),
        problems=() if page.spans else (NOTHING,),
    )


def _names(utterances: Sequence[Utterance]) -> dict[str, str]:
    """Speakers by the engine's names, numbered in the order in which they begin to speak."""
    heard = dict.fromkeys(utterance.speaker for utterance in utterances if utterance.speaker)
    return {speaker: f"Speaker {number}" for number, speaker in enumerate(heard, 1)}


def _metadata(recording: Recording, names: dict[str, str]) -> Metadata:
    properties = {"duration": f"{recording.seconds:.1f}"}
    if names:
        properties["speakers"] = str(len(names))
    first = recording.first
    return Metadata(title=first.title, author=first.artist, created=first.created, properties=properties)


class _Page:
    """The text while it is written."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.spans: list[Span] = []
        self._length = 0

    def line(self, utterance: Utterance, speaker: str) -> None:
        """Add an utterance; words take its seconds where the engine does not tell their own."""
        label = [Word(word, utterance.start, utterance.start) for word in f"{speaker}:".split()] if speaker else []
        for number, word in enumerate([*label, *_words(utterance)]):
            self._write(" " if number else "")
            self._word(word)
        self._write("\n")

    def _word(self, word: Word) -> None:
        start = self._length
        self._write(word.text)
        seconds = (round(word.start, 2), round(max(word.start, word.end), 2))
        identity = f"w{len(self.spans) + 1}"
        confidence = round(min(max(word.confidence, 0.0), 1.0), 4)
        self.spans.append(Span(identity, word.text, start, self._length, confidence=confidence, seconds=seconds))
        if len(self.spans) > WORDS:
            raise ReadingError(f"The recording has more than {WORDS:,} words. Split it.")

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)


def _words(utterance: Utterance) -> list[Word]:
    """The words of the text; those of the engine where they are the same ones."""
    texts = clean(utterance.text).split()
    timed = [word for word in utterance.words if word.text.strip()]
    if len(timed) == len(texts):
        return [Word(text, word.start, word.end, word.confidence) for text, word in zip(texts, timed, strict=True)]
    return [Word(text, utterance.start, utterance.end, utterance.confidence) for text in texts]
