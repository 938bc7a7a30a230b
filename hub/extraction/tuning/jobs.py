"""Training at a provider: files go up, a job is started, followed and cancelled, files are taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from hub.errors import HubError, InvalidError
from hub.providers import OpenProvider
from hub.providers.failures import refusal_of, refused, unreachable

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.fine_tuning import FineTuningJob

ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of a job."""

    id: str
    state: str
    model: str | None = None
    trained_tokens: int | None = None
    message: str = ""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is to do: a model by name, the files to learn from, a word for the new model's name."""

    base_model: str
    training_file: str
    validation_file: str | None = None
    suffix: str = ""


class Jobs:
    """Speaks to one provider about its jobs."""

    def __init__(self, provider: OpenProvider) -> None:
        if not provider.supports.fine_tuning:
            raise InvalidError(
                f"{provider.name} offers no fine-tuning over this interface. OpenAI and Azure OpenAI do."
            )
        self._provider = provider

    async def upload(self, content: bytes, name: str) -> str:
        """Send a file to learn from and return its id there."""
        async with self._client() as client:
            stored = await client.files.create(file=(name, content, "application/jsonl"), purpose="fine-tune")
            return stored.id

    async def start(self, course: Course) -> Job:
        """Start a job."""
        async with self._client() as client:
            wanted = {"validation_file": course.validation_file, "suffix": course.suffix or None}
            job = await client.fine_tuning.jobs.create(
                model=course.base_model,
                training_file=course.training_file,
                extra_body={name: value for name, value in wanted.items() if value is not None},
            )
            return _job(job)

    async def show(self, job: str) -> Job:
        """Ask how a job is getting on."""
        async with self._client() as client:
            return _job(await client.fine_tuning.jobs.retrieve(job))

    async def cancel(self, job: str) -> Job:
        """Stop a job."""
        async with self._client() as client:
            return _job(await client.fine_tuning.jobs.cancel(job))

    async def take_back(self, *files: str | None) -> None:
        """Delete files there; one that is gone already, or cannot be reached, is left."""
        for file in filter(None, files):
            with suppress(HubError):
                async with self._client() as client:
                    await client.files.delete(file)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[AsyncOpenAI]:
        from openai import APIConnectionError, APIStatusError

        async with self._provider.http() as http:
            try:
                yield self._provider.client(http)
            except APIStatusError as error:
                raise refused(self._provider, refusal_of(error)) from error
            except APIConnectionError as error:
                raise unreachable(self._provider, error) from error


def _job(job: FineTuningJob) -> Job:
    failure = job.error.message if job.error and job.error.message else ""
    return Job(
        id=job.id, state=job.status, model=job.fine_tuned_model, trained_tokens=job.trained_tokens, message=failure
    )
