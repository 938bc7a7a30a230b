"""Answers that never end: services that send a line for each thing that happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from connectors.sdk.context import Context
from connectors.sdk.errors import TemporaryError
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.dial import refusal_in
from connectors.sdk.network.urls import host_of
from connectors.sdk.texts import storable

LONGEST_LINE = 1024 * 1024


async def lines(
    context: Context[Any, Any], url: str, headers: Mapping[str, str], *, silence: float
) -> AsyncGenerator[str, None]:
    """Yield the lines of an answer as they come; TemporaryError when it ends or says nothing for so many seconds."""
    import httpx2

    try:
        async with context.httpx(timeout=silence) as client, client.stream("GET", url, headers=headers) as answer:
            if answer.status_code >= 400:
                content = await answer.aread()
                raise_for_status(host_of(url), answer.status_code, answer.headers, content, {"headers": headers})
            waiting = ""
            async for piece in answer.aiter_text():
                *whole, waiting = (waiting + piece).split("\n")
                for line in whole:
                    yield storable(line.strip())
                if len(waiting) > LONGEST_LINE:
                    raise TemporaryError(f"{host_of(url)} sent a line that does not end.")
    except httpx2.HTTPError as error:
        raise refusal_in(error) or TemporaryError(f"The stream of {host_of(url)} was cut.") from error
    raise TemporaryError(f"{host_of(url)} has closed the stream.")
