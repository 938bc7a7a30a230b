"""`patchdeck run watch` against a real server: told by the stream, by the clock when the stream is cut."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from hub.composition import Services
from hub.database import execute
from hub.ids import parse
from hub.members import Member
from tests.api.things import make_things
from tests.client.moody_hub import MoodyHub, Says

ROOT = Path(__file__).parents[2]


async def _watching(url: str, key: str, run: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "PATCHDECK_URL": url, "PATCHDECK_API_KEY": key, "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "hub", "run", "watch", run, "-o", "json")
    return await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_tells_the_end_as_it_comes(address: str, key: str, services: Services, member: Member) -> None:
    run = (await make_things(services, member))["run_id"]
    watching = await _watching(address, key, run)
    assert watching.stderr is not None
    first = await asyncio.wait_for(watching.stderr.readline(), 60)
    await execute("update runs set state = 'done', ended_at = now(), delivered = 1 where id = $1", parse("run", run))
    await services.outbox.publish(member.workspace, "run.done", run)
    said, told = await asyncio.wait_for(watching.communicate(), 60)
    assert f"{run} running" in first.decode()
    assert f"{run} done" in told.decode()
    assert (json.loads(said)["state"], watching.returncode) == ("done", 0)


async def test_goes_by_the_clock_without_a_stream(moody: MoodyHub) -> None:
    counts = {"total": 2, "delivered": 1, "filtered": 0, "waiting": 0, "dead": 0, "cancelled": 0}
    running = {"id": "run_1", "state": "running", "counts": counts}
    ended = {**running, "state": "done", "counts": {**counts, "dead": 1}}
    refused = Says(status=503, body=b"")
    moody.says(refused, Says(body=json.dumps(running).encode()), refused, Says(body=json.dumps(ended).encode()))
    watching = await _watching(moody.url, "pd_live_x", "run_1")
    _, told = await asyncio.wait_for(watching.communicate(), 60)
    assert told.decode().splitlines()[-1] == "run_1 done: 1 delivered, 1 dead of 2"
    assert watching.returncode == 1


async def test_says_why_it_may_not_look(address: str) -> None:
    watching = await _watching(address, "pd_live_wrong", "run_1")
    _, told = await asyncio.wait_for(watching.communicate(), 60)
    assert watching.returncode == 1
    assert "PATCHDECK_API_KEY" in told.decode()
