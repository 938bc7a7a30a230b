"""What runs in the jail: one piece of a recording out of whatever codec it was written with."""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from hub.extraction.reading import ReadingError
from hub.extraction.speech.sounds import BYTES, LONGEST_HOURS, PIECE_SECONDS, QUIET_SECONDS, RATE, Piece, Wanted

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

_BROKEN = "The recording is broken in a way that cannot be played. Export it again as WAV, MP3 or M4A."
_MICROSECONDS = 1_000_000
_BLOCK = RATE // 50


def decode(wanted: Wanted) -> Piece:
    """Decode a piece; frames that are damaged are passed over, as players do."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(io.BytesIO(wanted.content), mode="r", format=wanted.format) as container:
            if not container.streams.audio:
                raise ReadingError("There is no sound in the recording.")
            _check_length(container)
            samples, last = _samples(container, wanted.start)
            about = {name.lower(): value for name, value in container.metadata.items()} if wanted.start == 0 else {}
    except (FFmpegError, ValueError, EOFError) as error:
        raise ReadingError(_BROKEN) from error
    if not last:
        samples = samples[: _quietest(samples)]
    return Piece(
        samples=samples.tobytes(),
        start=wanted.start,
        last=last,
        title=about.get("title"),
        artist=about.get("artist"),
        created=about.get("creation_time") or about.get("date"),
    )


def _check_length(container: InputContainer) -> None:
    if container.duration and container.duration > LONGEST_HOURS * 3600 * _MICROSECONDS:
        raise ReadingError(f"The recording lasts longer than {LONGEST_HOURS} hours. Split it.")


def _samples(container: InputContainer, start: float) -> tuple[array[int], bool]:
    """The samples of a piece as long as pieces may be, and whether the recording ends with it."""
    most, samples, skip = int(PIECE_SECONDS * RATE), array("h"), None
    for frame, sound in _sounds(container, start):
        if skip is None and frame is None and start == 0:
            raise ReadingError(_BROKEN)
        if skip is None:
            skip = round((start - (frame.time or 0.0)) * RATE) if start and frame else 0
            samples.frombytes(bytes(max(-skip, 0) * BYTES))
            skip = max(skip, 0)
        kept = sound[skip * BYTES :]
        skip = max(skip - len(sound) // BYTES, 0)
        samples.frombytes(kept)
        if len(samples) >= most:
            return samples[:most], False
    return samples, True


def _sounds(container: InputContainer, start: float) -> Iterator[tuple[AudioFrame | None, bytes]]:
    """Each frame with its sound in our form; what the resampler still holds comes without one."""
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in _frames(container, start):
        yield frame, b"".join(bytes(part.planes[0])[: part.samples * BYTES] for part in resampler.resample(frame))
    yield None, b"".join(bytes(part.planes[0])[: part.samples * BYTES] for part in resampler.resample(None))


def _frames(container: InputContainer, start: float) -> Iterator[AudioFrame]:
    """Frames from a second on, or a little before; every frame's format is left to the resampler."""
    from av.error import FFmpegError, InvalidDataError

    stream = container.streams.audio[0]
    stream.codec_context.thread_count = 1
    if start:
        # Where a format cannot be entered in the middle, it is decoded from its beginning.
        with suppress(FFmpegError):
            container.seek(max(0, round((start - 1.0) * _MICROSECONDS)))
    for packet in container.demux(stream):
        try:
            yield from stream.codec_context.decode(packet)
        except InvalidDataError:
            continue


def _quietest(samples: array[int]) -> int:
    """Where to cut a full piece: in the middle of the quietest moment near its end."""
    first = len(samples) - int(QUIET_SECONDS * RATE)
    blocks = range(first, len(samples) - _BLOCK, _BLOCK)
    loud = [sum(map(abs, samples[begin : begin + _BLOCK])) for begin in blocks]
    # A pause of a fifth of a second, not the moment in which a wave crosses zero.
    around = [sum(loud[index : index + 10]) for index in range(len(loud) - 10)]
    return first + (around.index(min(around)) + 5) * _BLOCK
