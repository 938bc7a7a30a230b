"""Runs in a jail with threads: the small English model that comes in a package, which also tells speakers apart."""

from __future__ import annotations

from array import array
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hub.extraction.speech.hearing import Heard, Utterance, later
from hub.extraction.speech.local_models import Listen
from hub.extraction.speech.sounds import RATE

if TYPE_CHECKING:
    from moonshine_voice import Transcriber, TranscriptLine


def hear(listen: Listen) -> Heard:
    """Transcribe a piece; speakers keep their names from piece to piece."""
    samples = array("h", listen.piece.samples)
    loudness = array("f", (sample / 32768 for sample in samples))
    found = _transcriber().transcribe_without_streaming(loudness, RATE)
    utterances = (later(_utterance(line), listen.piece.start) for line in found.lines if line.text.strip())
    return Heard(utterances=tuple(utterances), language="en")


@lru_cache(maxsize=1)
def _transcriber() -> Transcriber:
    from moonshine_voice import ModelArch, Transcriber, get_assets_path

    return Transcriber(str(Path(get_assets_path()) / "tiny-en"), ModelArch.TINY, options={"identify_speakers": "true"})


def _utterance(line: TranscriptLine) -> Utterance:
    spans = line.speaker_spans or []
    longest = max(spans, key=lambda span: span.duration, default=None)
    return Utterance(
        text=line.text.strip(),
        start=line.start_time,
        end=line.start_time + line.duration,
        speaker=str(longest.speaker_id) if longest else "",
    )
