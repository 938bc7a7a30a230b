"""The way to a hub: asks, asks again where that is safe, reads pages and streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, TypeVar

import httpx2
import msgspec

from hub.client import exchange
from hub.client.exchange import Question, RawPage, question
from hub.outbox.service import Event

T = TypeVar("T")


class Connection:
    """One hub and one key; keeps its connections open until it is closed."""

    def __init__(self, url: str, key: str | None, transport: httpx2.BaseTransport | None = None) -> None:
        headers = {"user-agent": "patchdeck-python"} | ({"authorization": f"Bearer {key}"} if key else {})
        self.url = url.rstrip("/")
        self._client = httpx2.Client(
            base_url=f"{self.url}/api/v1/", headers=headers, timeout=exchange.SECONDS, transport=transport
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, kind: type[T], method: str, path: str, /, **parts: Any) -> T:
        """Send a request and read the answer as a struct; `parts` are those of `question`."""
        return exchange.decoded(self.content(method, path, **parts), kind)

    def content(self, method: str, path: str, /, **parts: Any) -> bytes:
        """Send a request and return the answer as it is."""
        asked, tries = question(method, path, **parts), 0
        while True:
            tries += 1
            try:
                answer = self._send(asked)
            except httpx2.TransportError as error:
                unsent = isinstance(error, httpx2.ConnectError)
                if tries == exchange.TRIES or not (asked.repeatable or unsent):
                    raise exchange.unreachable(self.url, error) from error
                time.sleep(exchange.growing(tries))
                continue
            pause = exchange.pause_after(tries, answer.status_code, answer.headers)
            if pause is None or tries == exchange.TRIES:
                return _checked(answer)
            time.sleep(pause)

    def pages(self, kind: type[T], path: str, /, **query: Any) -> Iterator[T]:
        """Yield the members of a list, asking for page after page."""
        cursor = None
        while True:
            page = self.ask(RawPage, "GET", path, query={"limit": exchange.PAGE, **query, "cursor": cursor})
            for one in page.items:
                yield exchange.decoded(bytes(one), kind)
            cursor = page.next_cursor
            if cursor is None:
                return

    def events(self, kind: str | None, after: str | None) -> Iterator[Event]:
        """Yield what happens, from now on or after an event; a stream that was cut is taken up where it was."""
        tries = 0
        while True:
            try:
                for event in self._stream(kind, after):
                    after, tries = event.cursor, 0
                    yield event
            except httpx2.TransportError as error:
                tries += 1
                if tries == exchange.TRIES:
                    raise exchange.unreachable(self.url, error) from error
            time.sleep(exchange.growing(tries + 1))

    def _stream(self, kind: str | None, after: str | None) -> Iterator[Event]:
        headers = {"accept": "text/event-stream"} | ({"last-event-id": after} if after else {})
        query = {"kind": kind} if kind else {}
        with self._client.stream("GET", "events", params=query, headers=headers) as answer:
            if answer.status_code != 200:
                answer.read()
                _checked(answer)
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield exchange.decoded(line[6:].encode(), Event)

    def _send(self, asked: Question) -> httpx2.Response:
        file = asked.file
        return self._client.request(
            asked.method,
            asked.path,
            params=dict(asked.query),
            content=asked.content,
            files={"file": (file.name, file.content, file.media_type)} if file else None,
            headers=dict(asked.headers),
        )


def _checked(answer: httpx2.Response) -> bytes:
    if answer.status_code >= 300:
        raise exchange.refusal(answer.status_code, answer.headers, answer.content)
    return answer.content


def encoded(document: Any) -> bytes:
    """Write a document for the hub: text as it is, everything else as JSON."""
    return document.encode() if isinstance(document, str) else msgspec.json.encode(document)
