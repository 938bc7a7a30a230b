"""HubSpot: contacts followed, found, written by e-mail address, and taken back."""

from datetime import timedelta

import pytest

from connectors.hubspot import (
    changed_record,
    check,
    find,
    find_records,
    new_record,
    oauth,
    preview,
    undo,
    write_record,
)
from connectors.hubspot.connection import ADDRESS, Connection
from connectors.hubspot.settings import Find, Follow, Which, Write, properties
from connectors.sdk import CredentialsError, NoSettings, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.peers.faults import Fault
from tests.peers.hubspot import HubspotPeer
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings

ANNA = {"email": "Anna@Example.com", "firstname": "Anna", "score": 7.0, "vip": True, "topics": ["a", "b"]}
KEPT = {"email": "anna@example.com", "firstname": "Anna", "score": "7", "vip": "true", "topics": "a;b"}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(HubspotPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"token": TOKEN, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Write, **{"columns": {"email": ""}, "mode": "upsert", "key": "email", **settings})

    return make


def named(number):
    return {"email": f"p{number}@example.com", "lastname": f"P{number}", "score": number}


class TestNewRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("hubspot.new_record", peer, lambda: context(Follow), named)


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("hubspot.changed_record", peer, lambda: context(Follow), named)


class TestWriteRecord(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"email": "x@example.com", "score": "much"}
        return Taking("hubspot.write_record", peer, writing, named, bad=bad, missing="lastname")


async def test_writes_values_as_hubspot_keeps_them(writing, peer):
    receipt = await write_record(writing(), Record(key="a", rows=[ANNA]))
    again = await preview(writing(), [Record(key="a", rows=[ANNA])])
    assert (peer.kept.rows[0]["values"], again) == (KEPT, [[]])
    assert receipt.output == {"id": "501", "url": None, "added": True}


async def test_changes_the_contact_of_the_key_and_puts_it_back(writing, peer):
    peer.kept.add(KEPT)
    new = Record(key="b", rows=[{"email": "anna@example.com", "score": 9, "topics": None}])
    [[change]] = await preview(writing(), [new])
    receipt = await write_record(writing(), new)
    assert (change.before["score"], change.after["score"], peer.kept.rows[0]["values"]["topics"]) == ("7", "9", "")
    await undo(writing(), receipt)
    assert peer.kept.rows[0]["values"] == KEPT


async def test_leaves_a_contact_alone_that_someone_has_changed_since(writing, peer):
    receipt = await write_record(writing(), Record(key="a", rows=[ANNA]))
    peer.kept.edit(peer.kept.rows[0], {"score": "8"})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_finds_by_search_where_a_property_is_not_unique(writing, peer):
    peer.kept.add({"lastname": "Smith"})
    by_name = writing(key="lastname", columns={"lastname": ""}, mode="update")
    receipt = await write_record(by_name, Record(key="a", rows=[{"lastname": "Smith", "score": 1}]))
    peer.kept.add({"lastname": "Smith"})
    with pytest.raises(SettingsError, match="a key must be unique"):
        await write_record(by_name, Record(key="b", rows=[{"lastname": "Smith"}]))
    with pytest.raises(SettingsError, match="no record with lastname Doe to update"):
        await write_record(by_name, Record(key="c", rows=[{"lastname": "Doe"}]))
    assert receipt.reference == "lastname Smith"


async def test_leaves_the_decision_to_people_without_a_key(writing):
    with pytest.raises(SettingsError, match="look and decide"):
        await find(writing(mode="insert", key=""), Record(key="a", rows=[ANNA]), None)


async def test_loses_none_when_one_changes_while_pages_are_read(context, peer):
    rows = [peer.kept.add(named(number)) for number in range(150)]
    [row.update(changed=row["changed"] + timedelta(seconds=at)) for at, row in enumerate(rows)]
    peer.kept.pass_time(1000)
    reading = changed_record(context(Follow), None)
    first = await anext(reading)
    peer.kept.edit(rows[0], {"score": "1"})
    titles = {first.title, *[item.title async for item in reading]}
    assert len(titles) == 150


async def test_says_that_more_changed_in_one_moment_than_is_listed(context, peer):
    peer.counted_before = 9_900
    [peer.kept.add(named(number)) for number in range(150)]
    with pytest.raises(SettingsError, match="More than 10000 records changed in one moment"):
        assert [item async for item in changed_record(context(Follow), None)]


async def test_skips_what_is_there_when_it_is_told_to(context, peer):
    peer.kept.add(named(1))
    [base] = [item async for item in new_record(context(Follow, existing="skip"), None)]
    peer.kept.pass_time(1)
    peer.kept.add(named(2))
    items = [item async for item in new_record(context(Follow, existing="skip"), base.cursor)]
    assert (base.content, [item.title for item in items]) == (None, ["P2"])


async def test_finds_by_several_properties_and_only_so_many(context, peer):
    for number in range(3):
        peer.kept.add({"lastname": "Smith", "score": str(number % 2)})
    found = await find_records(context(Find, where={"lastname": "Smith", "score": 0}, properties=["score"]))
    assert (found["count"], found["first"]["fields"]["score"]) == (2, "0")
    with pytest.raises(SettingsError, match="More than 1 records"):
        await find_records(context(Find, where={"lastname": "Smith"}, limit=1))
    with pytest.raises(SettingsError, match="must be a single value"):
        await find_records(context(Find, where={"lastname": {"operator": "NEQ"}}))


async def test_waits_as_long_as_the_window_of_a_limit(context, peer):
    body = {"status": "error", "message": "You have reached your limit", "policyName": "SECONDLY"}
    peer.fail(Fault(status=429, body=body))
    with pytest.raises(TemporaryError, match="within ten seconds") as told:
        await find_records(context(Find, where={"email": "a"}))
    assert told.value.retry_after == 10


async def test_says_that_a_scope_is_missing(context, peer):
    peer.fail(Fault(status=403))
    with pytest.raises(CredentialsError, match="a scope is missing"):
        await find_records(context(Find, where={"email": "a"}))


async def test_renews_a_granted_token_and_asks_for_the_least(around, peer):
    given = {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": peer.base}
    connection = fill(Connection, given)
    peer.tokens.discard(TOKEN)
    await check(connection, around.context(NoSettings(), connection))
    asked, real = oauth(connection), oauth(fill(Connection, {**given, "address": ADDRESS}))
    assert real is not None
    assert real.token_url == f"{ADDRESS}/oauth/2026-03/token"
    assert asked is not None
    assert [scope for scope in asked.scopes if scope.endswith(".write")] == []


async def test_offers_properties(context):
    assert ("score", "Score") in [(one.value, one.text) for one in await properties(context(Which))]


@pytest.mark.parametrize("kind", ["", "../x", "contacts/1", "a?b"])
def test_refuses_what_can_be_no_object(kind):
    with pytest.raises(ValueError, match="Choose the object"):
        fill(Which, {"object": kind})
