"""Telegram away, busy or unwilling: said once in the log without the token, and asked again after a pause."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.outages import AWAY

REFUSED, CONFLICT, AWAY_FOR = 60.0, 15.0, 3.0

T = TypeVar("T")

log = logging.getLogger(__name__)


async def patiently(call: Callable[[], Awaitable[T]]) -> T | None:
    """Return what a call gives; None after a pause when it cannot be made now."""
    from aiogram.exceptions import (
        AiogramError,
        TelegramConflictError,
        TelegramNotFound,
        TelegramRetryAfter,
        TelegramUnauthorizedError,
    )

    try:
        return await call()
    except (TelegramUnauthorizedError, TelegramNotFound):
        log.error("Telegram does not know this bot; check PATCHDECK_TELEGRAM_TOKEN")  # noqa: TRY400  # no traceback helps
        pause = REFUSED
    except TelegramConflictError:
        log.warning("another process asks for this bot's updates; this one waits")
        pause = CONFLICT
    except TelegramRetryAfter as error:
        log.warning("Telegram wants to be asked again in %s s", error.retry_after)
        pause = float(error.retry_after)
    except AiogramError as error:
        log.warning("Telegram does not answer: %s", type(error).__name__)
        pause = AWAY_FOR
    except AWAY as error:
        log.warning("chat waits for the database: %s", type(error).__name__)
        pause = AWAY_FOR
    await asyncio.sleep(pause)
    return None
