"""A real Alertmanager that a real Prometheus tells: it calls when alerts fire and end, is asked, and falls silent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from connectors.alerts._alert import Taken
from connectors.alerts.alertmanager import Active, Connection, Silence, active, alert, silence
from connectors.sdk import CredentialsError, Item, Receipt, Record, SettingsError, fill
from tests.peers.alertmanager import TOKEN, Alertmanager, alertmanager_peer, fired
from tests.peers.prometheus import prometheus_peer
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture(scope="module")
async def peer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Alertmanager]:
    async with alertmanager_peer(tmp_path_factory.mktemp("alertmanager")) as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
def connection(peer: Alertmanager) -> Connection:
    return fill(Connection, {"secret": TOKEN, "address": peer.base})


async def test_alert_fires_and_ends_as_two_events_of_one_subject(peer, connection):
    await peer.post([fired("Full", instance="db-1")])
    (first,) = alert.function(await peer.call(), Taken(), connection)
    await peer.post([fired("Full", instance="db-1", ended=True)])
    ending = await peer.call()
    (second,) = alert.function(ending, Taken(), connection)
    assert [item.content["status"] for item in (first, second)] == ["firing", "resolved"]
    assert first.subject == second.subject == first.content["fingerprint"]
    assert first.key != second.key
    content = {name: first.content[name] for name in ("severity", "title", "summary", "starts_at", "ends_at", "source")}
    assert content == {
        "severity": "critical",
        "title": "Full",
        "summary": "Full is wrong",
        "starts_at": "2026-11-20T10:00:00Z",
        "ends_at": None,
        "source": "alertmanager",
    }
    assert first.content["labels"]["instance"] == "db-1"
    assert second.content["ends_at"] is not None
    assert alert.function(ending, Taken(resolved=False), connection) == []


async def test_prometheus_tells_of_a_figure_from_its_rise_to_its_fall(peer, connection, tmp_path):
    async with prometheus_peer(tmp_path, peer) as prometheus:
        prometheus.queue = 120
        (risen,) = alert.function(await peer.call(), Taken(), connection)
        prometheus.queue = 3
        (fallen,) = alert.function(await peer.call(), Taken(), connection)
    assert [item.content["status"] for item in (risen, fallen)] == ["firing", "resolved"]
    assert (risen.subject, risen.content["starts_at"]) == (fallen.subject, fallen.content["starts_at"])
    assert risen.content["labels"].items() >= {"alertname": "QueueLong", "region": "north", "job": "shop"}.items()
    assert (risen.content["summary"], risen.content["severity"]) == ("120 orders wait at shop", "warning")
    assert risen.content["url"].startswith("http://prometheus.example/graph?")
    assert fallen.content["ends_at"] > fallen.content["starts_at"]


async def test_alert_told_again_is_the_same_event(peer, connection):
    await peer.post([fired("Again", instance="a")])
    (first,) = alert.function(await peer.call(), Taken(), connection)
    await peer.post([fired("Again", instance="b")])
    again = alert.function(await peer.call(), Taken(), connection)
    assert len(again) == 2
    assert first.key in {item.key for item in again}


async def test_alert_refuses_who_does_not_know_the_token(peer):
    await peer.post([fired("Secret")])
    call = await peer.call()
    with pytest.raises(CredentialsError, match="does not carry"):
        alert.function(call, Taken(), fill(Connection, {"secret": "another"}))


async def look(around: Surroundings, connection: Connection, cursor: str | None) -> tuple[list[Item], str | None]:
    settings = fill(Active, {"labels": ['team="asked"']})
    found = [item async for item in active.function(around.context(settings, connection), cursor)]
    return [item for item in found if item.content is not None], found[-1].cursor if found else cursor


async def test_active_tells_what_has_begun_and_what_has_ended(peer, connection, around):
    nothing, cursor = await look(around, connection, None)
    await peer.post([fired("Slow", team="asked", instance="1"), fired("Slow", team="asked", instance="2")])
    begun, cursor = await look(around, connection, cursor)
    same, cursor = await look(around, connection, cursor)
    await peer.post([fired("Slow", team="asked", instance="1", ended=True)])
    ended, _ = await look(around, connection, cursor)
    assert (nothing, same) == ([], [])
    assert [item.content["status"] for item in begun] == ["firing", "firing"]
    assert [(item.content["status"], item.content["labels"]["instance"]) for item in ended] == [("resolved", "1")]


async def test_silence_previews_is_found_and_taken_back(peer, connection, around):
    settings = fill(Silence, {"labels": {"alertname": "Noisy"}, "length": "10m", "comment": "Known."})
    context = around.context(settings, connection)
    record = Record(key="KEY-1")
    assert silence.previewer is not None
    assert silence.finder is not None
    assert silence.undoer is not None
    ((change,),) = await silence.previewer(context, [record])
    assert change.after["matchers"][0]["value"] == "Noisy"
    assert await silence.finder(context, record, None) is None
    receipt = await silence.function(context, record)
    found = await silence.finder(context, record, None)
    assert found is not None
    assert found.reference == receipt.reference
    kept = msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
    await silence.undoer(context, kept)
    with pytest.raises(SettingsError, match="over already"):
        await silence.undoer(context, kept)


@pytest.mark.parametrize(
    ("labels", "said"), [({}, "Name 1 to 30 labels"), ({str(n): "x" for n in range(31)}, "1 to 30")]
)
def test_silence_needs_labels(labels, said):
    with pytest.raises(ValueError, match=said):
        fill(Silence, {"labels": labels})


async def test_silence_never_takes_an_empty_value_for_all(connection, around):
    settings: Any = fill(Silence, {"labels": {"instance": ""}})
    with pytest.raises(SettingsError, match="is empty"):
        await silence.function(around.context(settings, connection), Record(key="KEY-2"))
