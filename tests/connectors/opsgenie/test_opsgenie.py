"""Opsgenie: alerts followed by time and found, who is on call, and what its refusals mean."""

import pytest

from connectors.opsgenie import changed_alert, check, find_alerts, new_alert, on_call
from connectors.opsgenie.connection import ADDRESSES, Connection
from connectors.opsgenie.oncall import schedules
from connectors.opsgenie.settings import Find, Follow, OnCall, priorities, priority_of
from connectors.sdk import CredentialsError, NoSettings, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TriggerContract
from tests.connectors.entry_stands import Appearing
from tests.peers.faults import Fault
from tests.peers.opsgenie import KEY


def kept(number):
    return {"message": f"Disk {number} is full", "priority": "P1", "teams": ["Operations"]}


class TestNewAlert(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("opsgenie.new_alert", peer, lambda: context(Follow), kept)


class TestChangedAlert(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        filters = {"status": "open", "priorities": ["P1", "P2"], "teams": ["Operations"], "query": "Disk"}
        return Appearing("opsgenie.changed_alert", peer, lambda: context(Follow, **filters), kept)


async def test_reads_on_past_the_end_of_a_list(context, peer):
    peer.most = 300
    for number in range(450):
        peer.kept.pass_time(0.001)
        peer.kept.add(kept(number))
    found = [item async for item in new_alert(context(Follow), None)]
    assert len({item.key for item in found}) == 450
    assert max(call.arguments["offset"] for call in peer.asked("GET", "/v2/alerts")) == 0


async def test_says_when_a_list_ends_before_its_last_page(context, peer):
    peer.most = 100
    for number in range(250):
        peer.kept.add(kept(number))
    with pytest.raises(SettingsError, match="Opsgenie refused this: offset"):
        [item async for item in new_alert(context(Follow), None)]


async def test_loses_none_when_one_changes_while_pages_are_read(context, peer):
    for number in range(250):
        peer.kept.pass_time(0.001)
        peer.kept.add(kept(number))
    reading = changed_alert(context(Follow), None)
    first = await anext(reading)
    peer.kept.edit(peer.kept.rows[0], {"priority": "P2"})
    assert len({first.subject, *[item.subject async for item in reading]}) == 250


async def test_follows_only_what_fits(context, peer):
    peer.kept.add(kept(1) | {"tags": ["prod"]})
    peer.kept.add(kept(2) | {"priority": "P5", "tags": ["prod"]})
    peer.kept.add(kept(3) | {"status": "closed", "tags": ["prod"]})
    peer.kept.add(kept(4) | {"acknowledged": True, "tags": ["prod"]})
    peer.kept.add(kept(5) | {"teams": ["Other"], "tags": ["prod"]})
    peer.kept.add(kept(6))
    filters = {"query": "tag:(prod OR test)", "status": "unacknowledged", "priorities": ["P1"], "teams": ["Operations"]}
    found = [item.title async for item in new_alert(context(Follow, **filters), None)]
    assert found == ["Disk 1 is full"]


async def test_skips_what_is_there_and_reads_new_ones_whole(context, peer):
    peer.kept.add(kept(1))
    follow = context(Follow, existing="skip", whole=True)
    [base] = [item async for item in new_alert(follow, None)]
    peer.kept.pass_time(60)
    peer.kept.add(kept(2) | {"description": "Why.", "details": {"host": "web-1"}})
    [new] = [item async for item in new_alert(follow, base.cursor)]
    assert (base.content, new.content["fields"]["description"]) == (None, "Why.")
    assert new.content["fields"]["details"] == {"host": "web-1"}


async def test_finds_with_values_that_stay_values(context, peer):
    peer.kept.add(kept(1) | {"entity": "web-1", "description": "Why."})
    peer.kept.add(kept(2) | {"entity": "web-2"})
    found = await find_alerts(context(Find, where={"entity": "web-1"}))
    none = await find_alerts(context(Find, where={"entity": 'x" OR entity:"web-1'}))
    assert ([one["title"] for one in found["alerts"]], none["count"]) == (["Disk 1 is full"], 0)
    one = await find_alerts(context(Find, alert="1", by="tiny"))
    assert one["first"]["fields"]["description"] == "Why."
    assert (await find_alerts(context(Find, alert="no such alert")))["count"] == 0
    with pytest.raises(SettingsError, match="cannot search for entity OR"):
        await find_alerts(context(Find, where={"entity OR x": "1"}))
    with pytest.raises(SettingsError, match="value of entity must be a single value"):
        await find_alerts(context(Find, where={"entity": ["a"]}))
    with pytest.raises(SettingsError, match="More than 1 alerts were found"):
        await find_alerts(context(Find, limit=1))


async def test_says_who_is_on_call(context):
    night = await on_call(context(OnCall, schedule="Night shift"))
    everybody = await on_call(context(OnCall))
    assert (night["people"], everybody["people"]) == (["anna@example.com"], ["anna@example.com", "bert@example.com"])
    assert list(await schedules(context(OnCall))) == ["Day shift", "Night shift"]
    with pytest.raises(SettingsError, match="no schedule Early"):
        await on_call(context(OnCall, schedule="Early"))


async def test_waits_as_long_as_opsgenie_asks_and_repeats_no_key(around, connection, peer):
    asking = around.context(NoSettings(), connection)
    peer.fail(Fault(status=429, headers={"X-RateLimit-Period-In-Sec": "60"}, times=1))
    with pytest.raises(TemporaryError) as busy:
        await check(connection, asking)
    peer.fail(Fault(status=401, body={"message": f"Key {KEY} is not valid"}, times=1))
    with pytest.raises(CredentialsError) as refused:
        await check(connection, asking)
    peer.fail(Fault(status=422, body={"errors": {"query": f"is {KEY}\0"}}, times=1))
    with pytest.raises(SettingsError, match="Opsgenie refused this: query is") as odd:
        await check(connection, asking)
    assert busy.value.retry_after == 60.0
    assert KEY not in f"{refused.value.message} {odd.value.message}"
    await check(connection, asking)


@pytest.mark.parametrize("answer", [{"data": [{"id": ""}]}, {"data": [{"id": "a", "createdAt": "soon"}]}, {"data": 1}])
async def test_names_answers_that_lie(context, peer, answer):
    peer.fail(Fault(status=200, body=answer))
    with pytest.raises(TemporaryError) as odd:
        [item async for item in new_alert(context(Follow), None)]
    assert odd.value.message.endswith(".")


@pytest.mark.parametrize(("word", "priority"), [("p2", "P2"), ("Warning", "P3"), (" error ", "P2"), ("info", "P5")])
async def test_reads_severities_as_priorities(context, word, priority):
    assert priority_of(word) == priority
    assert priority in [one.value for one in await priorities(context(Follow))]


@pytest.mark.parametrize("given", [{"key": " "}, {"address": "ftp://x"}, {"region": "mars"}])
def test_refuses_a_connection_that_cannot_be(given):
    with pytest.raises(ValueError, match=r"API key|address|region"):
        fill(Connection, {"key": KEY, **given})


def test_goes_to_the_region(peer):
    assert [fill(Connection, {"key": KEY, "region": one}).base for one in ADDRESSES] == list(ADDRESSES.values())
