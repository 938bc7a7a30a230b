"""Speak to a running hub for commands: addresses, keys, pages, and refusals as sentences."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPResponse
from typing import Any

import click
import msgspec

from hub.config import client_settings

_PATIENCE = 60.0
_PAGE = 200
_HINTS = {
    401: "Set PATCHDECK_API_KEY to a key of this hub; `patchdeck key create NAME` makes one.",
    503: "`patchdeck doctor` says which part is down.",
}


class RefusedError(click.ClickException):
    """The hub did not do it; the message is its own, with the fields it names."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Hub:
    """A hub as commands see it: paths below `/api/v1` in, decoded JSON out."""

    def __init__(self) -> None:
        """Take address and key from PATCHDECK_URL and PATCHDECK_API_KEY, also in `.env`."""
        self.url, self._key = client_settings()

    def get(self, path: str, **query: Any) -> Any:
        """Return what is at a path; parameters that are None are left out."""
        return self._decoded(self._open("GET", path, query))

    def list(self, path: str, **query: Any) -> list[Any]:
        """Return all of a list, page after page."""
        found: list[Any] = []
        cursor = None
        while True:
            page = self.get(path, **{"limit": _PAGE, **query}, cursor=cursor)
            found += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return found

    def post(self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        """Send JSON; bytes are sent as they are, with the content type in `headers`."""
        return self._decoded(self._open("POST", path, query, body, headers))

    def put(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> Any:
        """Replace what is at a path."""
        return self._decoded(self._open("PUT", path, {}, body, headers))

    def patch(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> Any:
        """Change some of what is at a path."""
        return self._decoded(self._open("PATCH", path, {}, body, headers))

    def delete(self, path: str) -> Any:
        """Remove what is at a path."""
        return self._decoded(self._open("DELETE", path, {}))

    def download(self, path: str, **query: Any) -> bytes:
        """Return what is at a path as bytes, for files and exports."""
        with self._open("GET", path, query) as answer:
            return answer.read()

    def events(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield the JSON of each server-sent event, until the hub ends the stream."""
        with self._open("GET", path, query, headers={"accept": "text/event-stream"}, patience=None) as answer:
            for line in answer:
                if line.startswith(b"data:") and (text := line[5:].strip()):
                    yield json.loads(text)

    def pulse(self, path: str, **query: Any) -> Iterator[None]:
        """Yield once the stream of events at a path is open, with each event, and now and then while it is quiet."""
        with self._open("GET", path, query, headers={"accept": "text/event-stream"}) as answer:
            for line in answer:
                if not line.strip():
                    yield

    def _decoded(self, answer: HTTPResponse) -> Any:
        with answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _open(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        patience: float | None = _PATIENCE,
    ) -> HTTPResponse:
        given = {name: value for name, value in query.items() if value is not None}
        address = f"{self.url}/api/v1/{path.lstrip('/')}" + (f"?{urllib.parse.urlencode(given)}" if given else "")
        sent = {"accept": "application/json", "user-agent": "patchdeck-cli", **(headers or {})}
        if self._key:
            sent["authorization"] = f"Bearer {self._key}"
        if body is not None and not isinstance(body, bytes):
            body = msgspec.json.encode(body)
            sent["content-type"] = "application/json"
        request = urllib.request.Request(address, data=body, headers=sent, method=method)  # noqa: S310  # http(s): checked
        try:
            answer: HTTPResponse = urllib.request.urlopen(request, timeout=patience)  # noqa: S310  # the same
        except urllib.error.HTTPError as refusal:
            raise _refused(refusal) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise click.ClickException(
                f"No hub answers at {self.url} ({reason}). Start one with `patchdeck up`, or set PATCHDECK_URL."
            ) from None
        return answer


def _refused(refusal: urllib.error.HTTPError) -> RefusedError:
    """Turn problem+json into sentences: what happened, the fields, what to do."""
    with refusal:
        text = refusal.read()
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    lines = [str(problem.get("detail") or problem.get("title") or f"The hub answered {refusal.code}.")]
    lines += [f"  {field.get('path')}: {field.get('message')}" for field in problem.get("errors") or ()]
    if refusal.code in _HINTS:
        lines.append(_HINTS[refusal.code])
    if refusal.code >= 500 and problem.get("request_id"):
        lines.append(f"In the log as {problem['request_id']}.")
    return RefusedError(refusal.code, "\n".join(lines))
