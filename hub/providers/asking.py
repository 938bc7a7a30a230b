"""One question to a provider: sent in the words it understands, answered, or failed with what to do next."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from hub.errors import UnavailableError
from hub.providers.failures import refusal_of, refused, unreachable, wrong_service
from hub.providers.structs import LOCAL, OpenProvider

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: rules, the content (text, and pictures as PNG), the JSON Schema of the answer."""

    rules: str
    content: str
    pictures: Sequence[bytes] = ()
    schema: Mapping[str, Any] | None = None
    name: str = "answer"
    temperature: float = 0.0
    most_tokens: int | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What came back; `failure` says in a sentence why there is no whole answer, '' when there is one."""

    content: str
    failure: str = ""
    # The limit of the answer's length was reached.
    is_cut: bool = False
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


class _Dialect(msgspec.Struct):
    """What an endpoint has been found to take; each refusal teaches."""

    schema: bool
    limit_name: str
    format: bool = True
    temperature: bool = True


class Asking:
    """Asks one provider; what it learns about the endpoint it keeps for the next question."""

    def __init__(self, provider: OpenProvider, client: AsyncOpenAI) -> None:
        self._provider = provider
        self._client = client
        self._dialect = _Dialect(schema=provider.takes_schema, limit_name=provider.limit_name)

    async def ask(self, question: Question) -> Said:
        """Return what the model says; HubError when the provider cannot be reached or refuses."""
        from openai import APIConnectionError, APIError, APIStatusError, BadRequestError, UnprocessableEntityError

        while True:
            try:
                completion = await self._client.chat.completions.create(**self._body(question))
            except (BadRequestError, UnprocessableEntityError) as error:
                if not self._learn(error.message):
                    raise refused(self._provider, refusal_of(error)) from error
                continue
            except APIStatusError as error:
                raise refused(self._provider, refusal_of(error)) from error
            except APIConnectionError as error:
                raise unreachable(self._provider, error) from error
            except (APIError, ValueError) as error:
                message = f"{self._provider.name} sent an answer that cannot be read: {str(error)[:200]}"
                raise UnavailableError(message, retry_after=30) from error
            if not _is_completion(completion):
                raise wrong_service(self._provider)
            return _said(completion, self._provider)

    def _body(self, question: Question) -> dict[str, Any]:
        rules, shape = question.rules, None
        if question.schema is not None and self._dialect.schema:
            asked = {"name": question.name, "strict": True, "schema": question.schema}
            shape = {"type": "json_schema", "json_schema": asked}
        elif question.schema is not None:
            rules += "\n\nThe JSON Schema of the answer:\n" + json.dumps(question.schema, ensure_ascii=False)
            shape = {"type": "json_object"} if self._dialect.format else None
        body: dict[str, Any] = {
            "model": self._provider.model.name,
            "messages": [{"role": "system", "content": rules}, {"role": "user", "content": _content(question)}],
        }
        if shape:
            body["response_format"] = shape
        if self._dialect.temperature:
            body["temperature"] = question.temperature
        if question.most_tokens is not None:
            body[self._dialect.limit_name] = question.most_tokens
        return body

    def _learn(self, message: str) -> bool:
        """Tell whether a refusal names something that can be left out, and leave it out from now on."""
        lower, dialect = message.lower(), self._dialect
        if "temperature" in lower and dialect.temperature:
            dialect.temperature = False
        elif "max_tokens" in lower and dialect.limit_name == "max_tokens":
            dialect.limit_name = "max_completion_tokens"
        elif "max_completion_tokens" in lower and dialect.limit_name == "max_completion_tokens":
            dialect.limit_name = "max_tokens"
        elif any(word in lower for word in ("response_format", "json_schema", "structured output", "json_object")):
            if not dialect.schema and not dialect.format:
                return False
            dialect.schema, dialect.format = False, dialect.schema
        else:
            return False
        return True


@asynccontextmanager
async def asking(provider: OpenProvider, *, tries: int = 3) -> AsyncIterator[Asking]:
    """Lend a way to ask a provider; its connections are closed at the end."""
    async with provider.http() as http:
        yield Asking(provider, provider.client(http, tries=1 if provider.id == LOCAL else tries))


def _is_completion(completion: Any) -> bool:
    """Tell whether this has the parts of an answer: the SDK makes its struct of anything that is JSON."""
    choices = getattr(completion, "choices", None)
    return isinstance(choices, list) and all(getattr(one, "message", None) is not None for one in choices)


def _content(question: Question) -> str | list[dict[str, Any]]:
    if not question.pictures:
        return question.content
    from base64 import b64encode

    shown = [f"data:image/png;base64,{b64encode(picture).decode()}" for picture in question.pictures]
    return [
        {"type": "text", "text": question.content},
        *({"type": "image_url", "image_url": {"url": url}} for url in shown),
    ]


def _said(completion: ChatCompletion, provider: OpenProvider) -> Said:
    used = completion.usage
    choice = completion.choices[0] if completion.choices else None
    content = choice.message.content if choice else None
    return Said(
        content=content or "",
        failure=_failure(completion),
        is_cut=choice is not None and choice.finish_reason == "length",
        # A model file's server would tell where the file lies.
        model=provider.model.name if provider.id == LOCAL else completion.model or provider.model.name,
        input_tokens=max(0, used.prompt_tokens or 0) if used else 0,
        output_tokens=max(0, used.completion_tokens or 0) if used else 0,
    )


def _failure(completion: ChatCompletion) -> str:
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
