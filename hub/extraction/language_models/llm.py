"""The engine for language models: any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from hub.errors import InvalidError, Problem, UnavailableError
from hub.extraction.engines import Answer
from hub.extraction.findings import Finding, Findings
from hub.extraction.language_models.grounding import Grounded, Source
from hub.extraction.language_models.model_errors import ModelRefusedError, refused_by_endpoint, takes_no_schema
from hub.extraction.language_models.prompt import MOST_CHARACTERS, messages, output_format
from hub.extraction.reading import Reading
from hub.extraction.results import Usage
from hub.extraction.schemas.fields import Field, FieldType, Schema

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

ENGINE = "llm"
# How far a model's value is trusted: copied word for word, found by its meaning, or not to be found at all.
_COPIED, _MEANT, _JUDGED = 0.85, 0.75, 0.6
_TRIES = 3
_SECONDS = 120.0


class ModelConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Which model to ask, where, and what it costs per million tokens."""

    base_url: str
    model: str
    api_key: str | None = None
    input_price: float = 0.0
    output_price: float = 0.0


class LanguageModel:
    """Asks a model for the fields of a schema and keeps only what the document really says."""

    def __init__(self, config: ModelConfig, http: Callable[[], httpx2.AsyncClient]) -> None:
        self._config = config
        self._http = http

    def using(self, model: str | None) -> LanguageModel:
        """Return the engine for another model of the same service."""
        return LanguageModel(msgspec.structs.replace(self._config, model=model), self._http) if model else self

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return the model's values that stand in the document; what went wrong is told in problems."""
        if not reading.text.strip():
            return Answer({}, problems=(Problem("", "There is no text to show to the language model."),))
        from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI

        spent = Usage(model=self._config.model)
        async with self._http() as http:
            client = AsyncOpenAI(
                base_url=self._config.base_url,
                api_key=self._config.api_key or "none",
                http_client=http,
                max_retries=_TRIES - 1,
                timeout=_SECONDS,
            )
            try:
                return await self._ask(client, reading, schema, spent)
            except APIStatusError as error:
                raise refused_by_endpoint(error.status_code, error.message, error.response.headers) from error
            except APIConnectionError as error:
                message = "The language model cannot be reached. Check PATCHDECK_LLM_BASE_URL and that it is running."
                raise UnavailableError(message, retry_after=30) from error
            except APIError as error:
                raise UnavailableError(f"The language model failed: {error.message[:200]}.", retry_after=30) from error

    async def _ask(self, client: AsyncOpenAI, reading: Reading, schema: Schema, spent: Usage) -> Answer:
        """Ask, and ask once more when the answer is no JSON."""
        problem, raw, plain = "", "", False
        for _ in range(2):
            try:
                completion = await self._complete(client, reading, schema, plain=plain)
            except ModelRefusedError:
                plain = True
                completion = await self._complete(client, reading, schema, plain=True)
            spent = self._added(spent, completion)
            problem, raw = _failure(completion), _content(completion)
            if problem:
                break
            decoded = _decoded(raw)
            if decoded is not None:
                findings, doubts = _grounded(Source(reading), schema, decoded)
                return Answer(findings, spent, (*_cut(reading), *doubts), raw)
            problem = "The language model answered with something that is no JSON object."
        return Answer({}, spent, (*_cut(reading), Problem("", problem)), raw)

    async def _complete(self, client: AsyncOpenAI, reading: Reading, schema: Schema, *, plain: bool) -> ChatCompletion:
        """Send one request; an endpoint that takes no JSON Schema is told in the prompt."""
        from openai import BadRequestError

        body: dict[str, Any] = {
            "model": self._config.model,
            "messages": messages(reading, schema, with_schema=plain),
            "response_format": {"type": "json_object"} if plain else output_format(schema),
            "temperature": 0,
        }
        try:
            answer: ChatCompletion = await client.chat.completions.create(**body)
        except BadRequestError as error:
            if not plain and takes_no_schema(error.message):
                raise ModelRefusedError from error
            raise
        if getattr(answer, "choices", None) is None:
            message = (
                "What answers at PATCHDECK_LLM_BASE_URL does not speak OpenAI's chat completions. Check the address."
            )
            raise InvalidError(message)
        return answer

    def _added(self, spent: Usage, completion: ChatCompletion) -> Usage:
        used = completion.usage
        tokens_in, tokens_out = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
        cost = (tokens_in * self._config.input_price + tokens_out * self._config.output_price) / 1_000_000
        return Usage(
            model=completion.model or self._config.model,
            input_tokens=spent.input_tokens + tokens_in,
            output_tokens=spent.output_tokens + tokens_out,
            cost_usd=round(spent.cost_usd + cost, 6),
        )


def _failure(completion: ChatCompletion) -> str:
    """Say in a sentence why there is no whole answer, or nothing when there is one."""
    if not completion.choices:
        return "The language model sent an answer without content."
    choice = completion.choices[0]
    if choice.message.refusal:
        return f"The language model refused: {choice.message.refusal[:300]}"
    if choice.finish_reason == "length":
        return "The language model's answer was cut off at its limit; ask for fewer fields or split the document."
    if choice.finish_reason == "content_filter":
        return "The language model's provider withheld the answer by its content filter."
    return "" if choice.message.content else "The language model sent an empty answer."


def _content(completion: ChatCompletion) -> str:
    return (completion.choices[0].message.content or "") if completion.choices else ""


def _decoded(raw: str) -> Mapping[str, Any] | None:
    """Read a JSON object, also from the code fence that some models put around it."""
    text = raw.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        decoded = json.loads(text)
    except ValueError:
        return None
    return decoded if isinstance(decoded, dict) else None


def _cut(reading: Reading) -> tuple[Problem, ...]:
    if len(reading.text) <= MOST_CHARACTERS:
        return ()
    return (Problem("", f"The language model was shown the first {MOST_CHARACTERS:,} characters only."),)


def _grounded(source: Source, schema: Schema, decoded: Mapping[str, Any]) -> tuple[Findings, list[Problem]]:
    findings: Findings = {}
    problems: list[Problem] = []
    for path, field, given, after in _values(schema.spec.fields, decoded, ""):
        start = max((end for (_, end) in _last_places(findings, after)), default=0)
        found = source.ground(field, given, start)
        if found:
            findings[path] = _finding(found)
        elif given not in (None, "", []):
            problems.append(
                Problem(path, f"The language model gave {str(given)[:80]!r}, which the document does not say.")
            )
    return findings, problems


def _values(
    fields: tuple[Field, ...], given: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Field, object, str]]:
    """Walk the values of an answer; the last part names the row before, behind which a row's values stand."""
    for field in fields:
        value, path = given.get(field.name), f"{prefix}{field.name}"
        if field.type is FieldType.OBJECT:
            yield from _values(field.fields, value if isinstance(value, dict) else {}, f"{path}.")
        elif field.type is FieldType.TABLE:
            rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
            for index, row in enumerate(rows):
                for column in field.fields:
                    yield f"{path}[{index}].{column.name}", column, row.get(column.name), f"{path}[{index - 1}]."
        elif field.type is FieldType.LIST:
            for index, entry in enumerate(value if isinstance(value, list) else []):
                yield f"{path}[{index}]", field, entry, ""
        else:
            yield path, field, value, ""


def _last_places(findings: Findings, prefix: str) -> list[tuple[int, int]]:
    if not prefix:
        return []
    return [place for path, finding in findings.items() if path.startswith(prefix) for place in finding.places]


def _finding(found: Grounded) -> Finding:
    if found.place is None:
        return Finding(value=found.value, confidence=_JUDGED, engine=ENGINE)
    return Finding(
        value=found.value, confidence=_COPIED if found.exact else _MEANT, engine=ENGINE, places=(found.place,)
    )
