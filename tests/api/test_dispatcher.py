"""The outer application: each path to its part, all lifespans together."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.api.dispatcher import Dispatcher


class Named:
    """An application that answers with its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.body", "body": self._name.encode()})


async def _never() -> MutableMapping[str, Any]:
    return {"type": "lifespan.startup"}


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/api", "api"),
        ("/api/v1/keys", "api"),
        ("/apiary", "pages"),
        ("/hooks/abc", "hooks"),
        ("/readyz", "probes"),
        ("/", "pages"),
        ("/recipes", "pages"),
        ("", "pages"),
    ],
)
async def test_sends_each_path_to_its_part(path: str, part: str) -> None:
    sent: list[Any] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    parts = {"/api": Named("api"), "/hooks": Named("hooks"), "/readyz": Named("probes")}
    await Dispatcher(parts, Named("pages"))({"type": "http", "path": path}, _never, send)
    assert sent[0]["body"].decode() == part


async def test_opens_all_lifespans_and_closes_them_in_reverse() -> None:
    told: list[str] = []
    sent: list[str] = []

    def part(name: str) -> Any:
        @asynccontextmanager
        async def lifespan() -> AsyncIterator[None]:
            told.append(f"open {name}")
            yield
            told.append(f"close {name}")

        return lifespan

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    await Dispatcher({}, Named("pages"), [part("a"), part("b")])({"type": "lifespan"}, _never, send)
    assert told == ["open a", "open b", "close b", "close a"]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


class Broken:
    """A lifespan that does not begin."""

    async def __aenter__(self) -> None:
        raise ConnectionError("no database")

    async def __aexit__(self, *_: object) -> None:
        """Have nothing to close."""


async def test_a_part_that_does_not_start_is_told() -> None:
    sent: list[Any] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    with pytest.raises(ConnectionError):
        await Dispatcher({}, Named("pages"), [Broken])({"type": "lifespan"}, _never, send)
    assert sent == [{"type": "lifespan.startup.failed", "message": "ConnectionError: no database"}]
