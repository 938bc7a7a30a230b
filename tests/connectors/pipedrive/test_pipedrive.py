"""Pipedrive: persons followed, found, written by e-mail address, and taken back."""

import pytest

from connectors.pipedrive import changed_record, check, find_records, new_record, oauth, preview, undo, write_record
from connectors.pipedrive.connection import Connection
from connectors.pipedrive.fields import Field, written
from connectors.pipedrive.settings import Find, Follow, Which, Write, fields
from connectors.sdk import NoSettings, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.pipedrive import BRANCH, PipedrivePeer
from tests.peers.surroundings import surroundings

ANNA = {"name": "Anna", "email": "Anna@Example.com", "owner_id": "7", BRANCH: "Crafts", "label_ids": [3]}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(PipedrivePeer()) as running:
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
    return {"name": f"P{number}", "email": f"p{number}@example.com", "job_title": "Baker"}


class TestNewRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("pipedrive.new_record", peer, lambda: context(Follow), named)


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("pipedrive.changed_record", peer, lambda: context(Follow), named)


class TestWriteRecord(TargetContract):
    many = 200

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"email": "x@example.com", "label_ids": [99]}
        return Taking("pipedrive.write_record", peer, writing, named, bad=bad, missing="job_title")


async def test_writes_values_as_their_fields_take_them(writing, peer):
    await write_record(writing(), Record(key="a", rows=[ANNA]))
    kept = peer.kept.rows[0]["values"]
    assert (kept["email"], kept["owner_id"], kept[BRANCH], kept["label_ids"]) == ("anna@example.com", 7, 2, [3])
    assert await preview(writing(), [Record(key="a", rows=[ANNA])]) == [[]]


async def test_changes_one_address_of_several_and_puts_it_back(writing, peer):
    other = {"value": "second@example.com", "primary": False}
    emails = [{"value": "anna@example.com", "primary": True}, other]
    peer.kept.add({"name": "Anna", "email": "anna@example.com", "emails": emails, "job_title": "Baker"})
    by_name = writing(key="name", mode="update", columns={"name": ""})
    new = Record(key="b", rows=[{"name": "ANNA", "email": "new@example.com", "job_title": "Smith"}])
    [[change]] = await preview(by_name, [new])
    receipt = await write_record(by_name, new)
    assert (change.before["job_title"], change.after["job_title"]) == ("Baker", "Smith")
    assert peer.kept.rows[0]["values"]["emails"] == [{"value": "new@example.com", "primary": True}, other]
    await undo(by_name, receipt)
    assert peer.kept.rows[0]["values"]["emails"] == emails


async def test_leaves_a_person_alone_that_someone_has_changed_since(writing, peer):
    receipt = await write_record(writing(), Record(key="a", rows=[ANNA]))
    peer.kept.edit(peer.kept.rows[0], {"owner_id": 8})
    with pytest.raises(SettingsError, match=r"person email Anna@Example\.com has changed since"):
        await undo(writing(), receipt)


@pytest.mark.parametrize(
    ("row", "said"),
    [({BRANCH: "Nothing"}, "'Nothing' cannot be a value of the field Branch"), ({"owner_id": "me"}, "'me' cannot be")],
)
async def test_says_what_a_field_does_not_take(writing, peer, row, said):
    with pytest.raises(SettingsError, match=said):
        await write_record(writing(), Record(key="a", rows=[{"email": "a@example.com", **row}]))
    assert peer.writes == 0


@pytest.mark.parametrize("value", ["NaN", "inf", float("nan"), "1e999", "much", [1]])
@pytest.mark.parametrize("kind", ["monetary", "int"])
def test_takes_no_number_that_is_none(kind, value):
    with pytest.raises(SettingsError, match="cannot be a value of the field Value"):
        written(Field(code="value", name="Value", type=kind), value)


async def test_finds_by_own_fields_and_by_owner(context, peer):
    peer.kept.add({"name": "A", BRANCH: 2, "owner_id": 7})
    peer.kept.add({"name": "B", BRANCH: 2, "owner_id": 8})
    both = await find_records(context(Find, where={BRANCH: 2, "owner_id": 8}))
    mine = await find_records(context(Find, where={"owner_id": 7}))
    assert (both["first"]["title"], both["count"], mine["first"]["title"]) == ("B", 1, "A")
    with pytest.raises(SettingsError, match="Pipedrive finds persons by email, name"):
        await find_records(context(Find, where={"job_title": "Baker"}))


async def test_tells_no_old_person_as_new_that_was_changed(context, peer):
    old = peer.kept.add(named(1))
    [first] = [item async for item in new_record(context(Follow), None)]
    peer.kept.pass_time(3600)
    peer.kept.edit(old, {"job_title": "Smith"})
    peer.kept.add(named(2))
    items = [item async for item in new_record(context(Follow), first.cursor)]
    changed = [item async for item in changed_record(context(Follow), first.cursor)]
    assert ([item.title for item in items], [item.title for item in changed]) == (["P2"], ["P1", "P2"])


async def test_skips_what_is_there_when_it_is_told_to(context, peer):
    peer.kept.add(named(1))
    [base] = [item async for item in new_record(context(Follow, existing="skip"), None)]
    peer.kept.pass_time(1)
    peer.kept.add(named(2))
    items = [item async for item in new_record(context(Follow, existing="skip"), base.cursor)]
    assert (base.content, [item.title for item in items]) == (None, ["P2"])


async def test_waits_until_the_limit_is_reset(context, peer):
    peer.fail(Fault(status=429, headers={"x-ratelimit-reset": "3"}))
    with pytest.raises(TemporaryError, match="for 3 seconds") as told:
        await find_records(context(Find, where={"email": "a"}))
    assert told.value.retry_after == 3


async def test_renews_a_granted_token_and_asks_for_the_least(around, peer):
    given = {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": peer.base}
    connection = fill(Connection, given)
    peer.tokens.discard(TOKEN)
    await check(connection, around.context(NoSettings(), connection))
    asked = oauth(connection)
    assert asked is not None
    assert list(asked.scopes) == ["deals:read", "contacts:read"]


async def test_offers_fields_with_their_names(context):
    assert (BRANCH, "Branch") in [(one.value, one.text) for one in await fields(context(Which))]
