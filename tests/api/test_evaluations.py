"""Golden sets and the reliability of confidences over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub.composition import Services
from tests.api.conftest import session_headers
from tests.conftest import Members

HEAD = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: meter}\n"
GOOD, BLIND = f"{HEAD}spec: {{fields: {{reading: integer}}}}\n", f"{HEAD}spec: {{fields: {{wattage: integer}}}}\n"


@pytest.fixture
async def editor(services: Services, members: Members) -> dict[str, str]:
    headers: dict[str, str] = await session_headers(services, members.editor)
    return headers


@pytest.fixture
async def letter(client: httpx.AsyncClient, editor: dict[str, str]) -> str:
    sent = {"file": ("letter.txt", b"Reading: 4711\n", "text/plain")}
    made = await client.post("/api/v1/files", headers=editor, files=sent)
    return str(made.json()["id"])


@pytest.fixture
async def meter(client: httpx.AsyncClient, editor: dict[str, str]) -> str:
    made = await client.post("/api/v1/schemas", headers=editor, content=GOOD)
    return f"/api/v1/schemas/{made.json()['id']}"


async def test_a_version_must_pass_the_golden_set_to_be_activated(
    client: httpx.AsyncClient, editor: dict[str, str], letter: str, meter: str
):
    added = {"file": letter, "records": [{"reading": 4711}], "note": "A clear one"}
    kept = await client.post(f"{meter}/golden/documents", headers=editor, json=added)
    demanded = await client.put(f"{meter}/golden", headers=editor, json={"threshold": 1.0, "required": True})
    passed = await client.post(f"{meter}/golden/check", headers=editor)
    refused = await client.put(meter, headers=editor, content=BLIND)
    shown = await client.get(f"{meter}/golden", headers=editor)
    assert [one.status_code for one in (kept, demanded, passed, refused, shown)] == [200, 200, 200, 409, 200]
    assert (passed.json()["passed"], passed.json()["accuracy"]) == (True, 1.0)
    assert refused.json()["errors"] == [
        {"path": "letter.txt: reading", "message": "Expected 4711, found nothing."},
    ]
    assert (shown.json()["last"]["passed"], shown.json()["documents"][0]["note"]) == (False, "A clear one")


async def test_a_document_is_taken_out_of_the_golden_set(
    client: httpx.AsyncClient, editor: dict[str, str], letter: str, meter: str
):
    added = {"file": letter, "records": [{"reading": 1}]}
    kept = (await client.post(f"{meter}/golden/documents", headers=editor, json=added)).json()
    path = f"{meter}/golden/documents/{kept['documents'][0]['id']}"
    assert (await client.delete(path, headers=editor)).status_code == 204
    assert (await client.delete(path, headers=editor)).status_code == 404
    assert (await client.get(f"{meter}/golden", headers=editor)).json()["documents"] == []


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"file": 3},
        {"file": "fil_nothing", "records": [{}]},
        {"records": [{}]},
        {"file": "x", "records": "many"},
        {"extraction": "ext_"},
        {"surprise": 1},
    ],
)
async def test_what_is_no_golden_document_is_refused(
    client: httpx.AsyncClient, editor: dict[str, str], meter: str, sent: dict[str, Any]
):
    answer = await client.post(f"{meter}/golden/documents", headers=editor, json=sent)
    assert answer.status_code in {400, 404, 422}
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_verdicts_show_in_the_reliability(client: httpx.AsyncClient, editor: dict[str, str], meter: str):
    sent = {"text": "Reading: 4711", "schema": "meter"}
    made = (await client.post("/api/v1/extractions", headers=editor, json=sent)).json()
    await client.post(f"/api/v1/extractions/{made['id']}/verdict", headers=editor, json={"verdict": "correct"})
    found = (await client.get("/api/v1/evaluations/reliability", headers=editor, params={"schema": "METER"})).json()
    confidence = made["fields"]["reading"]["confidence"]
    assert (found["all"]["values"], found["all"]["right"]) == (1, 1.0)
    assert found["engines"]["layout"]["bins"][0]["confidence"] == pytest.approx(confidence, abs=0.001)
    assert found["all"]["expected_errors"] == pytest.approx(1000 * (1 - confidence), abs=1)
