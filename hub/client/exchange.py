"""What both kinds of client share: questions, answers, refusals, and when to ask again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

import msgspec

from hub.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    HubError,
    InvalidError,
    NotFoundError,
    Problem,
    StaleError,
    TooLargeError,
    TooManyError,
    UnauthorizedError,
    UnavailableError,
)

T = TypeVar("T")

SECONDS = 60.0
TRIES = 5
FIRST_PAUSE = 0.5
# Whoever is told to come back later than this is told so instead of made to wait.
LONGEST_PAUSE = 60.0
PAGE = 200
JSON = "application/json"
YAML = "application/yaml"
_REFUSALS: Mapping[int, type[HubError]] = {
    400: InvalidError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    412: StaleError,
    413: TooLargeError,
    422: InvalidError,
    429: TooManyError,
    503: UnavailableError,
}


class UnreachableError(HubError):
    """No hub answers at the address, or the connection to it was cut."""

    status = 0
    title = "Not reachable"


class UnreadableError(HubError):
    """The hub answered something that this client does not know; take the client of the hub's version."""

    status = 0
    title = "Not readable"


class File(msgspec.Struct, frozen=True):
    """A file that goes along as a form, which may be larger than other bodies."""

    name: str
    content: bytes
    media_type: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One request; `repeatable` tells whether sending it twice is the same as sending it once."""

    method: str
    path: str
    query: Mapping[str, str]
    content: bytes | None
    file: File | None
    headers: Mapping[str, str]
    repeatable: bool


class RawPage(msgspec.Struct, frozen=True):
    """Some of a list, its members not looked at yet."""

    items: list[msgspec.Raw]
    next_cursor: str | None = None


class Told(msgspec.Struct, frozen=True):
    """A refusal as `application/problem+json`."""

    title: str = ""
    detail: str = ""
    request_id: str = ""
    errors: tuple[Problem, ...] = ()


def question(
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    kind: str = JSON,
    revision: int | None = None,
) -> Question:
    """Write a request: parameters that are None are left out, a POST bears a key by which a repeat is known."""
    headers = {"accept": JSON}
    file = body if isinstance(body, File) else None
    content = body if isinstance(body, bytes) else None if body is None or file else msgspec.json.encode(body)
    if content is not None:
        headers["content-type"] = kind
    if revision is not None:
        headers["if-match"] = f'"{revision}"'
    if method == "POST":
        headers["idempotency-key"] = uuid4().hex
    return Question(
        method=method,
        path=quote(path),
        query={name: _plain(value) for name, value in (query or {}).items() if value is not None},
        content=content,
        file=file,
        headers=headers,
        repeatable=method in {"GET", "POST"},
    )


def pause_after(tries: int, status: int, headers: Mapping[str, str]) -> float | None:
    """Return how long to wait before asking again after an answer; None where asking again is of no use."""
    asked = _asked(headers.get("retry-after", ""))
    if status == 409 and asked is not None:  # the first request with this key is still being worked on
        return asked
    if status not in {429, 503}:
        return None
    pause = growing(tries) if asked is None else asked
    return pause if pause <= LONGEST_PAUSE else None


def growing(tries: int) -> float:
    """Return a pause that doubles with each try, a little more or less."""
    spread: float = FIRST_PAUSE * 2 ** (tries - 1) * random.uniform(0.8, 1.2)  # noqa: S311  # spreads calls
    return spread


def decoded(content: bytes, kind: type[T]) -> T:
    """Read an answer as a struct."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"The hub's answer cannot be read: {error}. Is the client of another version?") from error


def refusal(status: int, headers: Mapping[str, str], content: bytes) -> HubError:
    """Turn a refusal into the error that the hub raised."""
    try:
        told = msgspec.json.decode(content, type=Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        told = Told()
    message = told.detail or told.title or f"The hub answered {status}."
    if status >= 500 and told.request_id:
        message = f"{message} In its log as {told.request_id}."
    error = _REFUSALS.get(status, HubError)(
        message, errors=told.errors, retry_after=_asked(headers.get("retry-after", ""))
    )
    error.status = status
    return error


def unreachable(url: str, error: Exception) -> UnreachableError:
    """Say that nobody answered."""
    return UnreachableError(f"No hub answers at {url} ({str(error) or type(error).__name__}).")


def _asked(retry_after: str) -> float | None:
    if retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        until = parsedate_to_datetime(retry_after).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else str(value)
