"""Whether the hub can work: each part is asked, and the one that is down is named."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from hub import metrics
from hub.database import fetch, fetch_one

Check = Callable[[], Awaitable[None]]
_PATIENCE = 3.0
_LEAST_FREE = 64 * 1024 * 1024
_RETRY_AFTER = "5"


class PartHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one part answered; `detail` is a sentence when it did not."""

    status: str
    milliseconds: float
    detail: str = ""


class Report(msgspec.Struct, frozen=True):
    """All parts; `status` is down when one of them is."""

    status: str
    parts: Mapping[str, PartHealth]


class DownError(Exception):
    """A part cannot work; the message says why and what to do."""


class Health:
    """Asks the parts that are configured, all at once, with a limit on the wait."""

    def __init__(self, checks: Mapping[str, Check], patience: float = _PATIENCE) -> None:
        self._checks = checks
        self._patience = patience
        self._open: dict[str, asyncio.Future[None]] = {}

    async def ready(self) -> Report:
        """Return how every part stands."""
        answers = await asyncio.gather(*(self._ask(name, check) for name, check in self._checks.items()))
        parts = dict(zip(self._checks, answers, strict=True))
        for name, part in parts.items():
            metrics.UP.labels(name).set(part.status == "up")
        down = any(part.status != "up" for part in parts.values())
        return Report(status="down" if down else "up", parts=parts)

    async def _ask(self, name: str, check: Check) -> PartHealth:
        """Wait a moment for one part; a question that is still open is not asked again, only given up on."""
        started = time.perf_counter()
        asked = self._open.get(name)
        if asked is None or asked.done():  # an answer that nobody waited for is an old one
            asked = asyncio.ensure_future(check())
            self._open[name] = asked
        await asyncio.wait({asked}, timeout=self._patience)
        took = round((time.perf_counter() - started) * 1000, 1)
        if not asked.done():
            late = f"{name} did not answer within {self._patience:g} s."
            return PartHealth(status="down", milliseconds=took, detail=late)
        self._open.pop(name, None)
        error = asked.exception()
        if error is None:
            return PartHealth(status="up", milliseconds=took)
        return PartHealth(status="down", milliseconds=took, detail=str(error) or type(error).__name__)


async def database_answers() -> None:
    """Ask the database for something it has to read, and whether it takes writes."""
    row = await fetch_one("select pg_is_in_recovery() as replica, to_regclass('items') is null as empty")
    if row is None or row["replica"]:
        raise DownError("The database only reads. Point PATCHDECK_DATABASE_URL at the primary.")
    if row["empty"]:
        raise DownError("The database has no tables yet: patchdeck db migrate.")


def disk_has_room(folder: Path) -> Check:
    """Return a check that a folder's disk is not about to be full."""

    async def check() -> None:
        free = shutil.disk_usage(folder).free
        if free < _LEAST_FREE:
            raise DownError(f"Only {free // 1024 // 1024} MB are free on the disk of {folder}. Make room there.")

    return check


class Probes:
    """`/healthz`, `/readyz` and `/metrics` as a small ASGI application."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        _: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        headers = {"content-type": "application/json", "cache-control": "no-store"}
        status = 200
        match str(scope["path"]).rstrip("/"):
            case "/metrics":
                await _count_items()
                headers["content-type"] = metrics.CONTENT_TYPE
                body = metrics.rendered()
            case "/readyz":
                report = await self._health.ready()
                body = msgspec.json.encode(report)
                if report.status != "up":
                    status, headers["retry-after"] = 503, _RETRY_AFTER
            case _:
                body = b'{"status":"up"}'
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _count_items() -> None:
    """Count what waits and what died, over all processes; while the database is lost the last numbers stand."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        for row in await fetch(_ITEMS_PRESENT):
            metrics.ITEMS_PRESENT.labels(row["state"]).set(row["count"])


# One partial index for each state, so this stays quick with millions of items that are done
_ITEMS_PRESENT = " union all ".join(
    f"select '{state}' as state, count(*) as count from items where state = '{state}'"  # noqa: S608  # our own words
    for state in ("waiting", "waiting_until", "waiting_for", "dead")
)
