"""Runs in a jail with threads: Whisper models of a directory that the operator names."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from hub.extraction.reading import ReadingError
from hub.extraction.speech.hearing import Heard, Utterance, Word, later
from hub.extraction.speech.local_models import Listen

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import Segment


def hear(listen: Listen) -> Heard:
    """Transcribe a piece with the seconds of every word."""
    import numpy as np

    samples = np.frombuffer(listen.piece.samples, dtype=np.int16).astype(np.float32) / 32768
    segments, about = _model(listen.directory).transcribe(
        samples, language=listen.language or None, word_timestamps=True, vad_filter=False
    )
    utterances = tuple(later(_utterance(segment), listen.piece.start) for segment in segments)
    return Heard(utterances=utterances, language=about.language)


@lru_cache(maxsize=1)
def _model(directory: str) -> WhisperModel:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(directory, device="cpu", compute_type="int8", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise ReadingError(
            "PATCHDECK_TRANSCRIBE_MODEL_DIR holds no model of faster-whisper: model.bin, config.json, tokenizer.json "
            "and vocabulary. Put a converted Whisper model there."
        ) from error


def _utterance(segment: Segment) -> Utterance:
    # Some of the numbers are numpy's.
    words = (
        Word(word.word.strip(), float(word.start), float(word.end), float(word.probability))
        for word in segment.words or ()
    )
    return Utterance(
        text=segment.text.strip(),
        start=float(segment.start),
        end=float(segment.end),
        confidence=math.exp(min(segment.avg_logprob, 0.0)),
        words=tuple(words),
    )
