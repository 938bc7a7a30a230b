"""ServiceNow: incidents followed, found, written by a key, taken back; its own client reads the peer the same way."""

import asyncio

import msgspec
import pytest
import requests
from pysnc import ServiceNowClient

from connectors.sdk import CredentialsError, NoSettings, Record, Secret, SettingsError, WebhookRequest, fill
from connectors.servicenow import (
    changed_record,
    check,
    event_received,
    find_records,
    new_record,
    preview,
    undo,
    write_record,
)
from connectors.servicenow.connection import Connection
from connectors.servicenow.events import Sent
from connectors.servicenow.settings import Find, Follow, Which, Write, fields
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.servicenow import PASSWORD, USER, ServicenowPeer
from tests.peers.surroundings import surroundings
from tests.peers.unencrypted import Unencrypted

WEBHOOK_SECRET = "made up and long"


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(ServicenowPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    given = {"user": USER, "password": PASSWORD, "webhook_secret": WEBHOOK_SECRET, "address": peer.base}
    return fill(Connection, given)


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


@pytest.fixture
def take(context, connection):
    """Return what comes of a call of a business rule."""

    async def make(body, secret=WEBHOOK_SECRET, known=connection, **settings):
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        call = WebhookRequest(body=content, headers={"x-webhook-secret": secret}, query={})
        asked = context(Sent, **settings)
        return await event_received(call, asked.settings, known, asked)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Write, **{"columns": {}, "mode": "upsert", "key": "correlation_id", **settings})

    return make


def named(number):
    return {"short_description": f"P{number}", "correlation_id": f"c{number}", "urgency": 2}


class TestNewRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("servicenow.new_record", peer, lambda: context(Follow), named)


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("servicenow.changed_record", peer, lambda: context(Follow), named)


class TestWriteRecord(TargetContract):
    many = 150

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"correlation_id": "bad", "urgency": "much"}
        return Taking("servicenow.write_record", peer, writing, named, bad=bad, missing="urgency")


async def test_gives_a_record_without_key_a_mark(writing, peer):
    peer.kept.add(named(1))
    keyless = writing(mode="insert", key="")
    await write_record(keyless, Record(key="KEY-9", rows=[{"short_description": "New", "active": True}]))
    values = peer.kept.rows[1]["values"]
    assert (values["correlation_id"], values["active"]) == ("KEY-9", "true")


async def test_changes_the_record_of_the_key_and_puts_it_back(writing, peer):
    row = peer.kept.add({"short_description": "Old", "correlation_id": "c1", "urgency": "3"})
    new = Record(key="b", rows=[{"correlation_id": "C1", "urgency": 1}])
    [[change]] = await preview(writing(), [new])
    receipt = await write_record(writing(), new)
    assert len(peer.kept.there) == 1
    assert (change.before["urgency"], change.after["urgency"], row["values"]["urgency"]) == ("3", "1", "1")
    await undo(writing(), receipt)
    assert row["values"]["urgency"] == "3"


async def test_leaves_a_record_alone_that_someone_has_changed_since(writing, peer):
    receipt = await write_record(writing(), Record(key="a", rows=[named(1)]))
    peer.kept.edit(peer.kept.rows[0], {"urgency": "1"})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_takes_no_field_that_servicenow_would_drop_or_match_with_everything(writing, context, peer):
    peer.kept.add(named(1))
    with pytest.raises(SettingsError, match="incident shows no field nothing"):
        await write_record(writing(), Record(key="a", rows=[{"correlation_id": "c1", "nothing": "x"}]))
    with pytest.raises(SettingsError, match="incident shows no field nothing"):
        await find_records(context(Find, where={"nothing": "x"}))
    assert peer.writes == 0


async def test_finds_with_values_that_stay_values(context, peer):
    peer.kept.add(named(1))
    peer.kept.add({**named(2), "urgency": ""})
    found = await find_records(context(Find, where={"urgency": "", "short_description": "P2"}))
    assert [one["title"] for one in found["records"]] == ["P2"]
    with pytest.raises(SettingsError, match="with a caret"):
        await find_records(context(Find, where={"urgency": "9^ORactive=true"}))
    asked = len(peer.calls)
    with pytest.raises(SettingsError, match="begins with javascript:"):
        await find_records(context(Find, where={"urgency": " JavaScript:gs.getUserID()"}))
    assert len(peer.calls) == asked + 1


async def test_notices_records_of_one_second_page_by_page(context, peer):
    [peer.kept.add(named(number)) for number in range(450)]
    items = [item async for item in new_record(context(Follow), None)]
    assert len({item.key for item in items}) == len(items) == 450


async def test_notices_two_changes_within_one_second(context, peer):
    row = peer.kept.add(named(1))
    [first] = [item async for item in changed_record(context(Follow), None)]
    changed = row["changed"]
    peer.kept.edit(row, {"urgency": "1"})["changed"] = changed
    [second] = [item async for item in changed_record(context(Follow), first.cursor)]
    assert (second.content["fields"]["urgency"], second.content["changed"]) == ("1", first.content["changed"])
    assert second.key != first.key
    assert [item async for item in changed_record(context(Follow), second.cursor)] == []


async def test_shows_what_the_vendors_own_client_shows(context, peer):
    peer.kept.add(named(1))
    peer.kept.add(named(2))
    [_, item] = [item async for item in changed_record(context(Follow), None)]

    shown = await asyncio.to_thread(_seen_by_the_vendors_client, peer.base)
    ours = item.content["fields"]
    changed = {name: ours[name] for name in ("sys_updated_on", "sys_mod_count")}
    assert shown | {"urgency": "2", **changed} == ours
    assert peer.kept.rows[1]["values"]["urgency"] == "1"


def _seen_by_the_vendors_client(base):
    """Find an incident, set its urgency, and return what it was before."""
    session = requests.Session()
    session.auth = (USER, PASSWORD)
    session.mount("https://", Unencrypted(base))
    client = ServiceNowClient(base.replace("http://", "https://"), session, auto_retry=False)
    incident = client.GlideRecord("incident")
    incident.add_query("correlation_id", "c2")
    incident.query()
    assert incident.next()
    incident.set_value("urgency", "1")
    incident.update()
    return dict(incident.serialize())


async def test_repeats_no_password_that_an_answer_repeats(context, peer):
    peer.fail(Fault(status=401, body={"error": {"message": f"Not {PASSWORD}"}}))
    with pytest.raises(CredentialsError) as told:
        await find_records(context(Find, where={"urgency": "1"}))
    assert PASSWORD not in told.value.message


async def test_renews_a_granted_token(around, peer):
    given = {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": peer.base}
    connection = fill(Connection, given)
    peer.tokens.discard(TOKEN)
    await check(connection, around.context(NoSettings(), connection))
    assert len(peer.calls) == 1


async def test_offers_fields(context, peer):
    peer.kept.add(named(1))
    assert "correlation_id" in await fields(context(Which))


@pytest.mark.parametrize("table", ["", "../sys_user", "Incident", "incident?x", "a" * 81])
def test_refuses_what_can_be_no_table(table):
    with pytest.raises(ValueError, match="name of the table"):
        fill(Which, {"table": table})


def told(row, event="update", table="incident"):
    return {"table": table, "sys_id": row["id"], "event": event}


async def test_tells_the_record_of_a_call_as_it_stands(take, peer):
    row = peer.kept.add(named(1))
    [first] = await take(told(row, "insert"))
    [again] = await take(told(row, "insert"))
    row["values"]["urgency"] = "1"
    [changed] = await take(told(row, "insert"))
    assert (first.title, first.subject, first.key) == ("P1", row["id"], again.key)
    assert (first.content["event"], first.content["fields"]["urgency"]) == ("insert", "2")
    # A second change within the same second
    assert (changed.content["changed"], changed.key == first.key) == (first.content["changed"], False)


async def test_takes_only_the_table_and_the_events_that_are_asked_for(take, peer):
    row = peer.kept.add(named(1))
    assert await take(told(row, table="sys_user")) == []
    assert await take(told(row, "insert"), events=["update"]) == []
    assert len(await take(told(row), events=["update"])) == 1
    assert len(peer.calls) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no event of ServiceNow"),
        (b"[" * 50_000, "no event of ServiceNow"),
        (b'{"table": "incident"}', "no event of ServiceNow"),
        (b'{"table": 1, "sys_id": []}', "no event of ServiceNow"),
        ({"table": "incident", "sys_id": "../sys_user/6816f79cc0a8016401c5a33be04be441"}, "32 letters and digits"),
        ({"table": "incident", "sys_id": "f" * 32}, "no such record in incident"),
    ],
)
async def test_refuses_a_call_that_names_no_record(take, body, said):
    with pytest.raises(SettingsError, match=said):
        await take(body)


@pytest.mark.parametrize("secret", ["", "guessed", "ä"])
async def test_believes_no_call_without_the_secret(take, peer, secret):
    with pytest.raises(CredentialsError, match="does not bring this connection's webhook secret"):
        await take(told(peer.kept.add(named(1))), secret)
    assert peer.calls == []


@pytest.mark.parametrize("known", [fill(Connection, {"instance": "acme", "user": USER, "password": PASSWORD}), None])
async def test_believes_no_call_while_there_is_no_secret(take, peer, known):
    with pytest.raises(CredentialsError, match="nobody can tell that ServiceNow is calling"):
        await take(told(peer.kept.add(named(1))), "", known)


async def test_takes_both_secrets_while_one_is_exchanged(take, peer, connection):
    both = msgspec.structs.replace(connection, webhook_secret=Secret(f"new\n{WEBHOOK_SECRET}"))
    body = told(peer.kept.add(named(1)))
    assert [len(await take(body, secret, both)) for secret in ("new", WEBHOOK_SECRET)] == [1, 1]
