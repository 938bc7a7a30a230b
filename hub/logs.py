"""Logs: text for people or JSON for collectors, with the ids of what they are about and without secrets."""

import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import IO, Any, Literal

import msgspec

_MASK = "********"
_LONG_ENOUGH = 6
_LIBRARIES = {
    "asyncio": logging.WARNING,
    "engineio": logging.WARNING,
    "httpx2": logging.WARNING,
    "mcp": logging.WARNING,
    "nicegui": logging.WARNING,
    "piccolo": logging.WARNING,
    "socketio": logging.WARNING,
    "temporalio": logging.WARNING,
    "uvicorn": logging.WARNING,
}
_SECRETS = re.compile(
    r"(?P<key>\bpd_(?:live|test)_)[\w-]+"
    r"|(?P<scheme>\b(?:Bearer|Basic)\s+)[\w.~+/=-]{6,}"
    r"|(?P<user>://[^\s:/@]*:)[^\s@/]+(?=@)"
    r"|(?P<name>\b(?:password|passwd|secret|token|api[_-]?key|authorization|cookie)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+"
    r"|(?P<setup>/(?:setup|reset|invitation)/)[\w-]{8,}",
    re.IGNORECASE,
)
_context: ContextVar[Mapping[str, str]] = ContextVar("patchdeck_log_context", default=MappingProxyType({}))
_known_secrets: set[str] = set()


def configure(
    level: str, form: Literal["text", "json"], secrets: Iterable[str] = (), stream: IO[str] | None = None
) -> None:
    """Send every log of this process to stderr in one form; `secrets` are values that must never appear."""
    _known_secrets.update(secret for secret in secrets if len(secret) >= _LONG_ENOUGH)
    output = logging.StreamHandler(stream or sys.stderr)
    output.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    for name, least in _LIBRARIES.items():
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(max(least, root.level))


@contextmanager
def correlate(**ids: object) -> Iterator[None]:
    """Put ids (request, run, item, workspace ...) on every log inside the block, also of tasks started there."""
    token = _context.set({**_context.get(), **{name: str(value) for name, value in ids.items()}})
    try:
        yield
    finally:
        _context.reset(token)


def masked(text: str) -> str:
    """Return a text with everything in it that looks like a secret, or is a known one, replaced."""
    for secret in _known_secrets:
        text = text.replace(secret, _MASK)
    return _SECRETS.sub(_keep_name, text)


class TextFormatter(logging.Formatter):
    """One line for people: time, level, message, ids; a traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        ids = "".join(f" {name}={value}" for name, value in _context.get().items())
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname.lower():<7} {record.getMessage()}{ids}"
        if record.exc_info:
            line += f"\n{self.formatException(record.exc_info)}"
        return masked(line)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the object."""
        entry: dict[str, Any] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
            **_context.get(),
        }
        if record.exc_info and record.exc_info[0]:
            entry["error"] = record.exc_info[0].__name__
            entry["trace"] = masked(self.formatException(record.exc_info))
        return msgspec.json.encode(entry).decode()


def _keep_name(match: re.Match[str]) -> str:
    return f"{match[match.lastgroup]}{_MASK}" if match.lastgroup else _MASK
