"""An engine behind the network: any service that speaks OpenAI's audio transcriptions."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hub.errors import InvalidError, UnavailableError
from hub.extraction.speech.hearing import Heard, Utterance, Word, later
from hub.extraction.speech.sounds import BYTES, RATE, Piece

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_TRIES = 3
_SECONDS = 600.0
_UNREACHABLE = "The service for speech cannot be reached. Check PATCHDECK_TRANSCRIBE_BASE_URL and that it is running."
_FOREIGN = (
    "What answers at PATCHDECK_TRANSCRIBE_BASE_URL does not speak OpenAI's audio transcriptions. Check the address."
)
_REFUSED = {
    401: "The service for speech does not accept the key. Check PATCHDECK_TRANSCRIBE_API_KEY.",
    403: "The service for speech does not allow this with the key. Check PATCHDECK_TRANSCRIBE_API_KEY.",
    404: "The service for speech does not know the address or the model. Check both settings.",
    413: "The recording is too large for the service for speech. Split it.",
}
# Answers from the richest down: not every model gives every one.
_SHAPES: Sequence[Mapping[str, Any]] = (
    {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]},
    {"response_format": "diarized_json", "chunking_strategy": "auto"},
    {"response_format": "json"},
)


class EndpointConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where the service is, and which of its models to use."""

    base_url: str
    model: str
    api_key: str | None = None


class EndpointTranscriber:
    """Sends each piece as WAV and takes the most detailed answer that the model gives."""

    def __init__(self, config: EndpointConfig, http: Callable[[], httpx2.AsyncClient]) -> None:
        self._config = config
        self._http = http
        self._shapes = _SHAPES[1:] if "diarize" in config.model else _SHAPES

    async def hear(self, pieces: AsyncIterator[Piece], language: str) -> AsyncIterator[Heard]:
        """Yield what was said, piece by piece."""
        from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI

        async with self._http() as http:
            client = AsyncOpenAI(
                base_url=self._config.base_url,
                api_key=self._config.api_key or "none",
                http_client=http,
                max_retries=_TRIES - 1,
                timeout=_SECONDS,
            )
            async for piece in pieces:
                try:
                    yield await self._ask(client, piece, language)
                except APIStatusError as error:
                    raise _refusal(error.status_code, error.message) from error
                except APIConnectionError as error:
                    raise UnavailableError(_UNREACHABLE, retry_after=30) from error
                except APIError as error:
                    message = f"The service for speech failed: {error.message[:200]}."
                    raise UnavailableError(message, retry_after=30) from error

    async def _ask(self, client: AsyncOpenAI, piece: Piece, language: str) -> Heard:
        from openai import BadRequestError

        body: dict[str, Any] = {"file": ("recording.wav", _wav(piece), "audio/wav"), "model": self._config.model}
        body |= {"language": language} if language else {}
        shapes = list(self._shapes)
        while True:
            try:
                answer: Any = await client.audio.transcriptions.create(**body, **shapes[0])
            except BadRequestError as error:
                if len(shapes) > 1 and _about_shape(error.message):
                    shapes = shapes[1:]
                    continue
                raise
            self._shapes = shapes
            return _heard(answer, piece)


def _about_shape(message: str) -> bool:
    return any(name in message for name in ("response_format", "timestamp_granularities", "chunking_strategy"))


def _refusal(status: int, message: str) -> InvalidError | UnavailableError:
    if status == 429 or status >= 500:
        sentence = f"The service for speech is busy or failing (status {status}). Try again later."
        return UnavailableError(sentence, retry_after=30)
    return InvalidError(_REFUSED.get(status) or f"The service for speech refused the recording: {message[:300]}")


def _heard(answer: Any, piece: Piece) -> Heard:
    """Take what there is of segments, words and speakers; an answer of text alone is one utterance."""
    told = answer.model_dump() if hasattr(answer, "model_dump") else None
    if not isinstance(told, dict) or not isinstance(told.get("text"), str):
        raise InvalidError(_FOREIGN)
    words = [_word(one) for one in _list(told, "words")]
    utterances = [_segment(one, words) for one in _list(told, "segments") if str(one.get("text", "")).strip()]
    if not utterances and told["text"].strip():
        utterances = [Utterance(text=told["text"].strip(), start=0.0, end=piece.seconds, words=tuple(words))]
    language = str(told.get("language") or "")
    return Heard(
        utterances=tuple(later(utterance, piece.start) for utterance in utterances),
        language=language if len(language) == 2 else "",
    )


def _segment(told: Mapping[str, Any], words: Sequence[Word]) -> Utterance:
    start, end = _number(told.get("start")), _number(told.get("end"))
    own = tuple(word for word in words if start <= (word.start + word.end) / 2 <= end)
    return Utterance(
        text=str(told["text"]).strip(), start=start, end=end, speaker=str(told.get("speaker") or ""), words=own
    )


def _word(told: Mapping[str, Any]) -> Word:
    return Word(str(told.get("word") or ""), _number(told.get("start")), _number(told.get("end")))


def _list(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e9 else 0.0


def _wav(piece: Piece) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(BYTES)
        recording.setframerate(RATE)
        recording.writeframes(piece.samples)
    return written.getvalue()
