"""What sites say in robots.txt of programs that read them (RFC 9309), and how fast they may be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from yarl import URL

from connectors.sdk.context import Context
from connectors.sdk.errors import SettingsError

AGENT = "Patchdeck"
LARGEST = 512 * 1024
# A site without a file that can be read has no rules; one that is in trouble is asked again later
_NO_RULES = frozenset(range(400, 500)) - {408, 425, 429}
LONGEST_DELAY = 60.0


class Question(msgspec.Struct, frozen=True):
    """A robots.txt, and the addresses that are asked about."""

    text: bytes
    urls: list[str]


class Rules(msgspec.Struct, frozen=True):
    """Which of the addresses may be read, and the seconds that the site wants between two requests."""

    allowed: list[bool]
    delay: float


def read_robots(question: Question) -> Rules:
    """Read a robots.txt; what makes no sense in it forbids nothing."""
    from protego import Protego

    parsed = Protego.parse(question.text.decode("utf-8", "replace"))
    delay = parsed.crawl_delay(AGENT) or 0.0
    rate = parsed.request_rate(AGENT)
    if rate is not None and rate.requests:
        delay = max(delay, rate.seconds / rate.requests)
    return Rules([parsed.can_fetch(url, AGENT) for url in question.urls], min(max(float(delay), 0.0), LONGEST_DELAY))


async def ask_robots(context: Context[Any, Any], urls: Sequence[str]) -> tuple[dict[str, bool], dict[str, float]]:
    """Return which addresses may be read, and by host the pause that it wants; asks each site once an hour."""
    allowed: dict[str, bool] = {}
    delays: dict[str, float] = {}
    origins: dict[str, list[str]] = {}
    for url in urls:
        origins.setdefault(str(URL(url).origin()), []).append(url)
    for origin, asked in origins.items():
        text = await _text(context, origin)
        rules = await context.confined(read_robots, Question(text, asked)) if text else Rules([True] * len(asked), 0.0)
        allowed.update(zip(asked, rules.allowed, strict=True))
        host = URL(origin).host or ""
        delays[host] = max(delays.get(host, 0.0), rules.delay)
    return allowed, delays


async def _text(context: Context[Any, Any], origin: str) -> bytes:
    known = context.courtesy.robots(origin)
    if known is not None:
        return known
    async with context.courtesy.turn(URL(origin).host or ""):
        try:
            answer = await context.http.get(f"{origin}/robots.txt", accepts=_NO_RULES, limit=10 * LARGEST)
            text = answer.content[:LARGEST] if answer.status < 300 else b""
        except SettingsError:
            text = b""  # there is none, or it is none; the page itself tells what is wrong with the address
    context.courtesy.keep_robots(origin, text)
    return text
