"""How long an AI assistant waits for `extract_text` without a model: `python -m bench.assistants`."""

from __future__ import annotations

import asyncio
import statistics
import time

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from hub.config import client_settings

CALLS = 100
INVOICE = """Invoice number: INV-{number}
Invoice date: 2026-10-01
Due date: 2026-10-31
Supplier: Nordwind GmbH
Net: 100.00 EUR
VAT: 18.00 EUR
Total: 118.00 EUR
"""


async def measure() -> None:
    """Call the hub at PATCHDECK_URL and print the times."""
    url, key = client_settings()
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        await client.list_tools()
        bare = [await _took(client, "list_runs", {}) for _ in range(CALLS)]
        made = [await _took(client, "extract_text", _arguments(number)) for number in range(CALLS)]
    for name, times in (("list_runs", bare), ("extract_text", made)):
        print(
            f"{name:<14} p50 {statistics.median(times):6.1f} ms   p95 {statistics.quantiles(times, n=20)[-1]:6.1f} ms"
        )


def _arguments(number: int) -> dict[str, str]:
    return {"text": INVOICE.format(number=number), "schema": "invoice", "engine": "local"}


async def _took(client: Client, tool: str, arguments: dict[str, str]) -> float:
    started = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    asyncio.run(measure())
