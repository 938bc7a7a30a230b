"""A serving process: web, worker or both over one set of services, until a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Set
from pathlib import Path
from typing import Any, TypeVar

from hub import database, logs, metrics, telemetry
from hub.accounts import ACCESS_CHANNEL
from hub.composition import Built, build
from hub.config import Config
from hub.health import Check, Health, Probes, database_answers, disk_has_room
from hub.outages import AWAY
from hub.outbox.service import CHANNEL as EVENTS_CHANNEL
from temporal.engine import TemporalEngine, connect

GRACE = 6
BACKLOG = 2048
WORKER_STOP = 10.0
LOOK_AGAIN = 0.5

T = TypeVar("T")

log = logging.getLogger(__name__)


def serve(config: Config, parts: Set[str]) -> None:
    """Serve the parts of a process; returns after an orderly end."""
    import uvloop

    known = (
        config.database_url, config.master_key, config.llm_api_key, config.telegram_token, config.slack_bot_token,
        config.slack_signing_secret, config.slack_app_token,
    )  # fmt: skip
    secrets = [value for value in known if value]
    logs.configure(config.log_level, config.log_format, secrets)
    finish = telemetry.configure(config, "+".join(sorted(parts)))
    try:
        uvloop.run(_serve(config, parts))
    finally:
        finish()


async def _serve(config: Config, parts: Set[str]) -> None:
    engine = TemporalEngine()
    async with contextlib.AsyncExitStack() as stack:
        await _open_database(config)
        stack.push_async_callback(database.close)
        built = build(config, engine)
        stack.push_async_callback(built.contexts.close)
        stack.push_async_callback(built.sender.close)
        stack.callback(built.extraction.close)
        stack.push_async_callback(built.running.replies.close)
        await stack.enter_async_context(built.bell.listening(ACCESS_CHANNEL, EVENTS_CHANNEL))
        await stack.enter_async_context(_at_work(config, engine, built, works="worker" in parts))
        if "bots" in parts:
            await stack.enter_async_context(_chatting(config, built))
        if "web" in parts:
            await _web(config, engine, built)
        else:
            _say(f"ready: {' and '.join(sorted(parts))}")
            await _until_told()


async def _open_database(config: Config) -> None:
    """Open the pool, waiting for a database that is not there yet."""
    await _when_back(lambda: database.connect(str(config.database_url), max_size=config.database_connections))


async def _when_back(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask the database until it answers."""
    while True:
        try:
            return await ask()
        except AWAY as error:
            log.warning("waiting for the database: %s", error)
            await asyncio.sleep(LOOK_AGAIN)


@contextlib.asynccontextmanager
async def _at_work(config: Config, engine: TemporalEngine, built: Built, *, works: bool) -> AsyncIterator[None]:
    """Keep the engine connected and, in a worker, the runs, the sweep and the watchers going."""
    tasks = [_task(_engine_at_work(config, engine, built, works=works))]
    if works:
        tasks += [_task(built.running.sweep.forever()), _task(built.running.watch.forever())]
        tasks += [_task(built.notices.forever()), _task(built.letter_notices.forever())]
        tasks.append(_task(built.extraction.batch_work.forever()))
        tasks.append(_task(built.subscription_work.forever()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WORKER_STOP):
                await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def _chatting(config: Config, built: Built) -> AsyncIterator[None]:
    """Keep the bots going for which there are tokens."""
    tasks = [_task(bot) for bot in (_telegram(config, built), _slack(config, built)) if bot is not None]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _telegram(config: Config, built: Built) -> Coroutine[Any, Any, None] | None:
    if config.telegram_token is None:
        return None
    from bots.telegram.carrier import Telegram, TelegramSettings

    settings = TelegramSettings(
        token=config.telegram_token,
        url=config.url,
        webhook=config.telegram_webhook,
        api_url=config.telegram_api_url,
        largest_mb=config.max_upload_mb,
    )
    return Telegram(settings, built.services, built.chat_notices).forever()


def _slack(config: Config, built: Built) -> Coroutine[Any, Any, None] | None:
    if config.slack_bot_token is None:
        return None
    from bots.slack.carrier import Slack, SlackSettings

    settings = SlackSettings(
        token=config.slack_bot_token,
        url=config.url,
        app_token=config.slack_app_token,
        api_url=config.slack_api_url,
        largest_mb=config.max_upload_mb,
    )
    return Slack(settings, built.services, built.chat_notices, built.guard).forever()


async def _engine_at_work(config: Config, engine: TemporalEngine, built: Built, *, works: bool) -> None:
    """Connect to Temporal, however long that takes, and work its tasks until cancelled."""
    from temporal.worker import create_worker
    from workflows.activities import Activities

    client = await connect(str(config.temporal_address), config.temporal_namespace)
    engine.attach(client)
    if not works:
        return
    async with create_worker(client, Activities(built.running.stages, built.running.schedules)):
        await engine.schedule(0)
        await asyncio.Event().wait()


async def _web(config: Config, engine: TemporalEngine, built: Built) -> None:
    """Serve pages, API, webhooks and probes."""
    import uvicorn

    application = create_application(config, engine, built)
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host=config.host,
            port=config.port,
            loop="none",
            http="httptools",
            ws="websockets-sansio",
            lifespan="on",
            log_config=None,
            access_log=False,
            backlog=BACKLOG,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )
    announcing = _task(_announce(config, server, built))
    try:
        await server.serve()
    finally:
        announcing.cancel()


def create_application(config: Config, engine: TemporalEngine, built: Built) -> Any:
    """Put the faces together as one ASGI application."""
    from hub.api.app import create_api
    from hub.api.dispatcher import Dispatcher
    from hub.api.hooks import HookApplication
    from hub.mcp.app import McpApplication
    from ui.app import create_pages

    api = create_api(built.services, config)
    pages = create_pages(built.services, config)
    assistants = McpApplication(built.services, config.url, config.oauth_issuer)
    probes = Probes(Health(_checks(config, engine)))
    prefixes = {"/hooks": HookApplication(built.running.hooks), "/api": _ApiOrHealth(api, probes)}
    prefixes |= dict.fromkeys(("/healthz", "/readyz", "/metrics"), probes)
    prefixes |= dict.fromkeys(("/mcp", "/.well-known"), assistants)
    lifespans = [api.lifespan, assistants.lifespan, pages.lifespan]
    prefixes |= chat_addresses(config)
    return metrics.Measured(Dispatcher(prefixes, pages.application, lifespans))


def chat_addresses(config: Config) -> dict[str, Any]:
    """Return where chat services call, by prefix: only those that are set up to do so."""
    served: dict[str, Any] = {}
    if config.telegram_token is not None and config.telegram_webhook:
        from bots.telegram.webhook import WebhookApplication

        served["/telegram"] = WebhookApplication(config.telegram_token)
    if config.slack_bot_token is not None and config.slack_signing_secret is not None:
        from bots.slack.receiving import SlackApplication

        served["/slack"] = SlackApplication(config.slack_bot_token, config.slack_signing_secret)
    return served


class _ApiOrHealth:
    """The API, and the alias `/api/health` of the liveness probe."""

    def __init__(self, api: Any, probes: Probes) -> None:
        self._api = api
        self._probes = probes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        await (self._probes if scope["path"] == "/api/health" else self._api)(scope, receive, send)


def _checks(config: Config, engine: TemporalEngine) -> dict[str, Check]:
    checks: dict[str, Check] = {"database": database_answers, "temporal": engine.ready}
    if not config.files.startswith("s3://"):
        checks["disk"] = disk_has_room(Path(config.data_dir))
    return checks


async def _announce(config: Config, server: Any, built: Built) -> None:
    """Say when the address answers, and give the set-up link while there is no owner."""
    while not server.started:
        await asyncio.sleep(0.01)
    link = await _when_back(built.services.accounts.setup_link)
    if link is not None:
        _say(f"setup: {link.url}")
    _say(f"ready: {config.url}")


async def _until_told() -> None:
    """Wait for SIGINT or SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()


def _task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_complain)
    return task


def _complain(task: asyncio.Task[None]) -> None:
    """A background part that fails for good ends the process, so that the supervisor starts it anew."""
    if task.cancelled() or task.exception() is None:
        return
    log.error("a part of this process failed", exc_info=task.exception())
    signal.raise_signal(signal.SIGTERM)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
