"""What goes out with a request over HTTP, and what comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypedDict, TypeVar

import msgspec
from multidict import CIMultiDictProxy
from yarl import URL

from connectors.sdk.errors import TemporaryError
from connectors.sdk.network.answers import not_json
from connectors.sdk.texts import character_set, storable, storable_json

T = TypeVar("T")


class Options(TypedDict, total=False):
    """What a request may carry: one of `json`, `form` and `content` as its body, and how long it may take.

    `accepts` names statuses whose answers come back like any other, instead of as an error.
    """

    params: Mapping[str, str] | Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    json: Any
    form: Mapping[str, str] | Sequence[tuple[str, str]]
    content: bytes | str
    timeout: float
    limit: int
    accepts: Collection[int]


class Response:
    """An answer, read whole; `url` is where it came from after redirects."""

    __slots__ = ("content", "headers", "status", "url")

    def __init__(self, status: int, headers: CIMultiDictProxy[str], content: bytes, url: str) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.url = url

    def json(self) -> Any:
        """Return the decoded body; an answer that is no JSON is the service's failure."""
        try:
            return msgspec.json.decode(storable_json(self.content))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise not_json(URL(self.url).host or "", self.headers.get("Content-Type", "")) from error

    def read(self, kind: type[T]) -> T:
        """Return the decoded body as a struct; fields that the struct does not name are left out."""
        try:
            return msgspec.convert(self.json(), kind)
        except msgspec.ValidationError as error:
            raise TemporaryError(f"{URL(self.url).host} answered otherwise than it describes: {error}.") from error

    def text(self) -> str:
        """Return the body as text in the charset it names, else UTF-8."""
        charset = character_set(self.headers.get("Content-Type", ""))
        return storable(self.content.decode(charset or "utf-8", errors="replace"))
