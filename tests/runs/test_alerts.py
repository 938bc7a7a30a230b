"""Alerts from a monitoring system's call to what is written: once for each state, signed ones only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.connectors.cloudwatch.test_cloudwatch import alarm
from tests.peers.sns import TOPIC, NotificationService, notification_peer

WRITTEN = """  steps:
  - id: note
    uses: dataset.write_rows
    with:
      dataset: %s
      key: [alert, status]
      columns: {alert: "{{ trigger.fingerprint }}", status: "{{ trigger.status }}"}
"""


@pytest.fixture
async def amazon() -> AsyncIterator[NotificationService]:
    async with notification_peer() as running:
        yield running


def grafana(status: str) -> Any:
    alert = {"status": status, "fingerprint": "f1", "labels": {"alertname": "A"}, "startsAt": "2026-11-20T10:00:00Z"}
    return {"alerts": [alert, {**alert, "fingerprint": "f2"}]}


async def test_a_repeated_alert_is_written_once_and_its_end_is_another_event(hub, members):
    spec = "spec:\n  trigger: {uses: grafana.alert}\n" + WRITTEN % "grafana_alerts"
    recipe = await hub.publish(members.owner, spec, "grafana-alerts")
    answers = [await hub.post(recipe, grafana(status)) for status in ("firing", "firing", "resolved")]
    await hub.ended(recipe, 4)
    told = [[one["duplicate"] for one in answer.json()["items"]] for answer in answers]
    assert told == [[False, False], [True, True], [False, False]]
    rows = await hub.rows(members.owner, "grafana_alerts")
    assert sorted((row["alert"], row["status"]) for row in rows) == [
        ("f1", "firing"),
        ("f1", "resolved"),
        ("f2", "firing"),
        ("f2", "resolved"),
    ]


async def test_a_webhook_that_asks_its_service_first(hub, members, amazon):
    settings = msgspec.json.encode({"topic": TOPIC, "address": amazon.base}).decode()
    spec = f"spec:\n  trigger: {{uses: cloudwatch.alert, with: {settings}}}\n" + WRITTEN % "amazon_alarms"
    recipe = await hub.publish(members.owner, spec, "amazon-alarms")

    async def send(call: Any) -> tuple[int, Any]:
        answer = await hub.call(f"/hooks/{recipe.token}", content=call.body, headers=dict(call.headers))
        return answer.status_code, answer.json()

    now = datetime.now(UTC).isoformat()
    assert await send(amazon.confirmation()) == (202, {"items": []})
    status, said = await send(amazon.call(alarm("ALARM", now)))
    assert (status, said["duplicate"]) == (202, False)
    refused = await send(amazon.post({"Type": "Notification", "Message": "x"}, Message=alarm("OK")))
    assert (refused[0], "not signed by Amazon" in refused[1]["detail"]) == (401, True)
    away = await send(amazon.call(alarm("OK", now), SigningCertURL=f"{amazon.base.rpartition(':')[0]}:1/cert.pem"))
    assert away[0] == 401
    await hub.ended(recipe)
    assert len(await hub.rows(members.owner, "amazon_alarms")) == 1
