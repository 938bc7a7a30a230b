"""Recordings: what they are, decoded piece by piece, heard by a real engine and by a service, written down."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import moonshine_voice
import pytest

from hub.config import Config
from hub.config.values import Hidden
from hub.errors import HubError, InvalidError, UnavailableError
from hub.extraction.readers import Options, Readers
from hub.extraction.reading import Reading, ReadingError
from hub.extraction.speech.configured import transcriber_of
from hub.extraction.speech.hearing import Heard, Transcriber, Utterance
from hub.extraction.speech.service import Speech
from hub.extraction.speech.sounds import PIECE_SECONDS, RATE, Piece, format_of
from hub.jail import Jail
from tests.peers.speech import SpeechPeer, speech_peer
from tests.peers.whisper import write_model

# Real speech, which the engine's package brings: "Ever tried. Ever failed. No matter. Try again. Fail again."
BECKETT = (Path(moonshine_voice.__file__).parent / "assets" / "beckett.wav").read_bytes()
VERBOSE: dict[str, Any] = {
    "task": "transcribe",
    "language": "english",
    "duration": 3.0,
    "text": "Total twelve euros. Thank you.",
    "segments": [
        {"id": 0, "start": 0.0, "end": 1.5, "text": " Total twelve euros."},
        {"id": 1, "start": 1.6, "end": 2.5, "text": " Thank you."},
    ],
    "words": [
        {"word": "Total", "start": 0.1, "end": 0.4},
        {"word": "twelve", "start": 0.5, "end": 0.9},
        {"word": "euros", "start": 1.0, "end": 1.4},
        {"word": "Thank", "start": 1.7, "end": 1.9},
        {"word": "you", "start": 2.0, "end": 2.3},
    ],
}


class Recorder:
    """An engine that hears nothing and remembers what it was given."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    async def hear(self, pieces: AsyncIterator[Piece], language: str) -> AsyncIterator[Heard]:
        """Say how long each piece was."""
        async for piece in pieces:
            self.pieces.append(piece)
            text = f"{piece.seconds:.2f} seconds"
            yield Heard(utterances=(Utterance(text=text, start=piece.start, end=piece.start + piece.seconds),))


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail(1) as jail:
        yield jail


@pytest.fixture
async def peer() -> AsyncIterator[SpeechPeer]:
    async with speech_peer() as peer:
        yield peer


async def heard(jail: Jail, content: bytes, transcriber: Transcriber | None, **options: Any) -> Reading:
    """Read a recording as the hub does."""
    return await Readers(jail, speech=Speech(jail, transcriber)).read(content, "recording", Options(**options))


def asking(peer: SpeechPeer, key: str = "right-key", model: str = "whisper-1") -> Transcriber | None:
    return transcriber_of(Config(transcribe_base_url=peer.base, transcribe_api_key=Hidden(key), transcribe_model=model))


def tone(seconds: float, silent: Sequence[tuple[float, float]] = ()) -> bytes:
    """A WAV with a tone that is silent now and then."""
    wave_form = [round(8000 * math.sin(index * 2 * math.pi * 440 / RATE)) for index in range(RATE)]
    samples = array("h", wave_form) * math.ceil(seconds)
    samples = samples[: round(seconds * RATE)]
    for start, end in silent:
        first, last = round(start * RATE), round(end * RATE)
        samples[first:last] = array("h", bytes(2 * (last - first)))
    written = io.BytesIO()
    with wave.open(written, "wb") as recording:
        recording.setparams((1, 2, RATE, 0, "NONE", ""))
        recording.writeframes(samples.tobytes())
    return written.getvalue()


def converted(content: bytes, container: str, codec: str, rate: int, bits: int | None = None) -> bytes:
    """The same sound in another format, in stereo."""
    written = io.BytesIO()
    with av.open(io.BytesIO(content), mode="r") as source, av.open(written, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return written.getvalue()


async def test_a_real_engine_hears_a_recording(jail: Jail):
    reading = await heard(jail, BECKETT, transcriber_of(Config()), language="en")
    words = reading.text.lower()
    assert ("ever tried.\never failed.\n" in words, "try again." in words) == (True, True)
    assert (reading.media_type, reading.language, reading.pages) == ("audio/wav", "en", ())
    assert reading.metadata.properties["duration"] == "10.0"
    tried = next(span for span in reading.spans if span.text == "tried.")
    assert tried.seconds is not None
    assert 0 <= tried.seconds[0] < tried.seconds[1] < 3
    assert all(reading.text[span.start : span.end] == span.text for span in reading.spans)


@pytest.mark.parametrize(
    ("container", "codec", "rate", "media_type"),
    [
        ("mp3", "libmp3lame", 44100, "audio/mpeg"),
        ("ipod", "aac", 44100, "audio/mp4"),
        ("ogg", "libopus", 48000, "audio/ogg"),
        ("flac", "flac", 44100, "audio/flac"),
        ("wav", "pcm_s16le", 44100, "audio/wav"),
        ("webm", "libopus", 48000, "audio/webm"),
        ("adts", "aac", 44100, "audio/aac"),
    ],
)
async def test_every_usual_format_is_decoded(jail: Jail, container: str, codec: str, rate: int, media_type: str):
    content, recorder = converted(tone(3), container, codec, rate), Recorder()
    reading = await heard(jail, content, recorder)
    assert reading.media_type == media_type
    assert recorder.pieces[0].seconds == pytest.approx(3, abs=0.15)
    assert 4000 < max(array("h", recorder.pieces[0].samples)) < 16000


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame")])
async def test_a_long_recording_is_cut_where_it_is_quiet_and_nothing_is_lost(jail: Jail, container: str, codec: str):
    long = tone(PIECE_SECONDS + 20, silent=[(PIECE_SECONDS - 6, PIECE_SECONDS - 5)])
    content = converted(long, container, codec, RATE)
    recorder = Recorder()
    await heard(jail, content, recorder)
    first, second = recorder.pieces
    assert (first.last, second.last) == (False, True)
    assert PIECE_SECONDS - 6.2 < first.seconds < PIECE_SECONDS - 4.8
    assert second.start == first.seconds
    assert first.seconds + second.seconds == pytest.approx(PIECE_SECONDS + 20, abs=0.3)
    assert max(map(abs, array("h", second.samples)[:800])) < 500


async def test_a_service_gives_words_with_their_seconds(jail: Jail, peer: SpeechPeer):
    peer.script.append(VERBOSE)
    reading = await heard(jail, tone(3), asking(peer), language=("de", "en"))
    assert reading.text == "Total twelve euros.\nThank you.\n"
    assert [span.seconds for span in reading.spans] == [(0.1, 0.4), (0.5, 0.9), (1.0, 1.4), (1.7, 1.9), (2.0, 2.3)]
    (asked,) = peer.asked
    assert asked.seconds == pytest.approx(3)
    assert asked.rate == RATE
    assert asked.fields["language"] == ["de"]
    assert asked.fields["timestamp_granularities[]"] == ["word", "segment"]


async def test_a_model_that_tells_speakers_is_asked_for_them(jail: Jail, peer: SpeechPeer):
    peer.formats = {"diarized_json", "json"}
    segments = [
        {"id": "1", "type": "transcript.text.segment", "start": 0, "end": 1, "text": "Who pays?", "speaker": "B"},
        {"id": "2", "type": "transcript.text.segment", "start": 1, "end": 2, "text": "I do.", "speaker": "A"},
        {"id": "3", "type": "transcript.text.segment", "start": 2, "end": 3, "text": "Thanks.", "speaker": "B"},
    ]
    peer.script.append({"task": "transcribe", "duration": 3, "text": "Who pays? I do. Thanks.", "segments": segments})
    reading = await heard(jail, tone(3), asking(peer, model="gpt-4o-transcribe-diarize"))
    assert reading.text == "Speaker 1: Who pays?\nSpeaker 2: I do.\nSpeaker 1: Thanks.\n"
    assert len(peer.asked) == 1


async def test_a_model_that_gives_only_text_is_enough(jail: Jail, peer: SpeechPeer):
    peer.formats = {"json"}
    peer.script.append({"text": "Total twelve euros."})
    reading = await heard(jail, tone(2), asking(peer))
    assert reading.text == "Total twelve euros.\n"
    assert {span.seconds for span in reading.spans} == {(0.0, 2.0)}


async def test_silence_is_told(jail: Jail, peer: SpeechPeer):
    peer.script.append({"text": "", "language": "english", "duration": 1, "segments": [], "words": []})
    reading = await heard(jail, tone(1, silent=[(0, 1)]), asking(peer))
    assert (reading.text, reading.problems[0][:26]) == ("", "Nothing was understood in ")


@pytest.mark.parametrize(
    ("script", "key", "error", "sentence"),
    [
        ({}, "wrong-key", InvalidError, "PATCHDECK_TRANSCRIBE_API_KEY"),
        ({"status": 413}, "right-key", InvalidError, "too large for the service"),
        ({"status": 404}, "right-key", InvalidError, "does not know the address or the model"),
        ({"status": 422}, "right-key", InvalidError, "Something went wrong"),
        ({"hello": 1}, "right-key", InvalidError, "does not speak OpenAI's audio transcriptions"),
    ],
)
async def test_what_a_service_refuses_is_told(
    jail: Jail, peer: SpeechPeer, script: dict[str, Any], key: str, error: type[HubError], sentence: str
):
    peer.script.append(script)
    with pytest.raises(error, match=sentence) as refused:
        await heard(jail, tone(1), asking(peer, key))
    assert key not in str(refused.value)


async def test_a_service_that_is_down_is_told(jail: Jail):
    transcriber = transcriber_of(Config(transcribe_base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await heard(jail, tone(1), transcriber)


async def test_without_an_engine_the_command_is_told(jail: Jail):
    with pytest.raises(ReadingError, match=r"pip install 'patchdeck\[speech\]'"):
        await heard(jail, tone(1), None)


async def test_an_engine_for_english_refuses_another_language(jail: Jail):
    with pytest.raises(ReadingError, match="knows only: en"):
        await heard(jail, tone(1), transcriber_of(Config()), language="de")


async def test_a_whisper_model_of_a_directory_is_run(jail: Jail, tmp_path: Path):
    directory = write_model(tmp_path / "model")
    reading = await heard(jail, tone(1), transcriber_of(Config(transcribe_model_dir=directory)), language="de")
    assert (reading.language, len(reading.spans) > 0) == ("de", True)
    assert all(span.seconds is not None and 0 <= span.seconds[0] <= span.seconds[1] for span in reading.spans)
    assert all(0 <= span.confidence <= 1 for span in reading.spans)


async def test_a_directory_without_a_model_is_told(jail: Jail, tmp_path: Path):
    with pytest.raises(ReadingError, match="holds no model of faster-whisper"):
        await heard(jail, tone(1), transcriber_of(Config(transcribe_model_dir=tmp_path)))
    with pytest.raises(ReadingError, match="names no directory"):
        await heard(jail, tone(1), transcriber_of(Config(transcribe_model_dir=tmp_path / "none")))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 5000, "broken in a way"),
        (BECKETT[:44], "broken in a way"),
        (b"OggS" + bytes(range(256)) * 20, "broken in a way"),
        (b"\x00\x00\x00\x20ftypM4A " + b"\x00" * 500, "broken in a way"),
        (b"fLaC" + b"\xff" * 500, "broken in a way"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 500, "broken in a way"),
        (b"\x1a\x45\xdf\xa3" + b"\x00" * 500, "broken in a way"),
    ],
)
async def test_what_cannot_be_played_is_refused(jail: Jail, content: bytes, sentence: str):
    with pytest.raises(ReadingError, match=sentence):
        await heard(jail, content, Recorder())


async def test_a_damaged_recording_is_heard_as_far_as_it_goes(jail: Jail):
    whole, recorder = converted(tone(6), "mp3", "libmp3lame", 44100), Recorder()
    middle = len(whole) // 2
    await heard(jail, whole[:middle] + b"\x00" * 3000 + whole[middle + 3000 :], recorder)
    assert 4 < recorder.pieces[0].seconds < 6.5


@pytest.mark.parametrize("content", [b"plain text", b"\xff\xd8\xff\xe0 a picture", b"\xff\xfeU\x00T\x00", b"%PDF-1.7"])
def test_what_is_no_recording_is_left_to_the_readers(content: bytes):
    assert format_of(content) is None
