"""Probes: the part that is down is named."""

import asyncio
from pathlib import Path

import httpx2
import msgspec

from hub import metrics
from hub.health import DownError, Health, Probes, database_answers, disk_has_room

PATIENCE = 60


async def fails() -> None:
    raise DownError("Temporal does not answer.")


async def never_ends() -> None:
    await asyncio.Event().wait()


def client(health: Health) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(Probes(health)), base_url="http://hub")


async def test_is_ready_when_all_parts_answer(database: str, tmp_path: Path) -> None:
    health = Health({"database": database_answers, "disk": disk_has_room(tmp_path)}, PATIENCE)
    async with client(health) as http:
        answer = await http.get("/readyz")
    assert answer.status_code == 200
    assert {name: part["status"] for name, part in answer.json()["parts"].items()} == {"database": "up", "disk": "up"}


async def test_names_the_part_that_is_down(database: str) -> None:
    async with client(Health({"database": database_answers, "temporal": fails}, PATIENCE)) as http:
        answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["parts"]["temporal"]["detail"] == "Temporal does not answer."
    assert answer.json()["parts"]["database"]["status"] == "up"


async def test_does_not_wait_for_ever() -> None:
    report = await Health({"temporal": never_ends}).ready()
    assert report.parts["temporal"].detail == "temporal did not answer within 3 s."


async def test_lives_without_asking_anybody() -> None:
    async with client(Health({"database": never_ends})) as http:
        answer = await http.get("/healthz")
    assert (answer.status_code, msgspec.json.decode(answer.content)) == (200, {"status": "up"})


async def test_serves_metrics(database: str) -> None:
    metrics.ITEMS_ACCEPTED.inc(3)
    async with client(Health({})) as http:
        answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "patchdeck_items_accepted_total" in answer.text
    assert 'patchdeck_items_present{state="dead"}' in answer.text


async def test_counts_requests_by_part_and_status(database: str) -> None:
    application = metrics.Measured(Probes(Health({"temporal": fails})))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://hub") as http:
        await http.get("/readyz")
        answer = await http.get("/metrics")
    assert 'patchdeck_requests_total{part="readyz",status="503"}' in answer.text
    assert 'patchdeck_request_seconds_bucket{le="+Inf",part="readyz"}' in answer.text
