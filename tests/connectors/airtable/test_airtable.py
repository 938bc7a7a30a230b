"""Airtable: records of a table followed, found, written ten a request, and taken back."""

import asyncio

import msgspec
import pytest
from pyairtable import Api

from connectors.airtable import changed_record, check, find, new_record, preview, query, undo, write_records
from connectors.airtable.connection import Connection
from connectors.airtable.formulas import filled, has_key, names_in
from connectors.airtable.settings import Base, Changed, Find, New, Records, Table, bases, fields, moments, tables, views
from connectors.sdk import NoSettings, Receipt, Record, Rejected, SettingsError, fill
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.peers.airtable import BASE, NAMES, TABLE, TOKEN, airtable_peer
from tests.peers.faults import Fault, told
from tests.peers.surroundings import surroundings


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with airtable_peer() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"token": TOKEN, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, {"base": BASE, "table": NAMES[1], **settings}), connection)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Records, **{"columns": {"Number": ""}, "mode": "upsert", "key": ["Number"], **settings})

    return make


class Standing:
    """What stands for triggers and targets have in common: the peer."""

    def __init__(self, peer, context):
        self.peer = peer
        self._made = context

    def context(self):
        return self._made()

    async def fail(self, fault):
        self.peer.faults.add(told(fault))

    async def heal(self):
        self.peer.faults.clear()


class Appearing(Standing, TriggerStand):
    uses = "airtable.new_record"

    async def add(self, count):
        self.peer.pass_time(10)
        return [self.peer.add(Number=f"INV-{at}")["id"] for at in range(count)]

    async def add_late(self):
        self.peer.pass_time(-60)
        late = self.peer.add(Number="late")["id"]
        self.peer.pass_time(60)
        return late

    async def repeat(self):
        """It lists its newest record each time."""


class Changing(Appearing):
    uses = "airtable.changed_record"


class TestNewRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing(peer, lambda: context(New))


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Changing(peer, lambda: context(Changed, changed="Last modified"))


class Taking(Standing, TargetStand):
    uses = "airtable.write_records"

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def record(self, number):
        return Record(key=f"key-{number}", rows=[{"Number": f"INV-{number}", "Total": number, "Paid": False}])

    def bad_record(self):
        return Record(key="bad", rows=[{"Number": "bad", "Total": "much"}])

    async def rows(self):
        return [(one["id"], one["fields"]) for one in self.peer.records]

    async def drift(self):
        del self.peer.types["Total"]


class TestWriteRecords(TargetContract):
    many = 60  # five requests a second: a thousand would take the time they take

    @pytest.fixture
    async def stand(self, peer, writing):
        return Taking(peer, writing)


def record(key, *rows):
    return Record(key=key, rows=rows)


async def test_writes_ten_a_request_and_no_more_than_five_requests_a_second(writing, peer):
    outcome = await write_records(
        writing(mode="insert", key=[]), [record(str(at), {"Number": str(at)}) for at in range(120)]
    )
    assert len(outcome) == len(peer.records) == 120
    assert peer.writes == 12
    assert peer.arrivals[-1] - peer.arrivals[0] > (12 - 6) / 5


async def test_lands_the_good_records_of_ten_and_names_the_bad_ones(writing, peer):
    totals = [1, "much", 3, None, 5]
    records = [record(str(at), {"Number": str(at), "Total": total}) for at, total in enumerate(totals)]
    outcome = await write_records(writing(mode="insert", key=[]), records)
    assert [type(one) for one in outcome] == [Receipt, Rejected, Receipt, Receipt, Receipt]
    assert 'Field "Total" cannot accept' in outcome[1].message
    assert [one["fields"]["Number"] for one in peer.records] == ["0", "2", "3", "4"]


@pytest.mark.parametrize(
    ("fault", "uncertain"),
    [(Fault(status=429, headers={"Retry-After": "7"}), False), (Fault(kind="cut", late=True), True)],
)
async def test_keeps_what_was_written_when_airtable_fails_in_the_middle(writing, peer, fault, uncertain):
    peer.faults.add(msgspec.structs.replace(fault, verb="POST", skip=1))
    whole = [record(str(at), {"Number": str(at)}) for at in range(30)]
    half = record("half", {"Number": "tenth"}, {"Number": "eleventh"})  # the one in the first request, the other not
    outcome = await write_records(writing(mode="insert", key=[]), [*whole[:9], half, *whole[9:]])
    assert [type(one) for one in outcome] == [Receipt] * 9 + [Rejected] * 22
    assert [one.output["ids"] for one in outcome[:9]] == [[one["id"]] for one in peer.records[:9]]
    assert [one.uncertain for one in outcome[9:]] == [True] + [uncertain] * 9 + [False] * 12
    assert outcome[9].message.endswith("1 of its 2 rows were written.")
    assert {(one.kind, one.retry_after) for one in outcome[9:]} == {("TemporaryError", None if uncertain else 7.0)}


async def test_converts_values_when_it_is_told_to(writing, peer):
    await write_records(writing(typecast=True), [record("a", {"Number": "1", "Total": "118.5"})])
    assert peer.records[0]["fields"]["Total"] == 118.5


async def test_shows_old_and_new_and_puts_back_what_it_changed_and_added(writing, peer):
    peer.add(Number="1", Total=1, Tags=["a"])
    before = dict(peer.records[0]["fields"])
    new = record("a", {"Number": "1", "Total": 2, "Paid": True}, {"Number": "2"})
    [[changed, added]] = await preview(writing(), [new])
    [receipt] = await write_records(writing(), [new])
    assert (changed.before, changed.after) == (
        {"Number": "1", "Total": 1, "Paid": None},
        {"Number": "1", "Total": 2, "Paid": True},
    )
    assert (added.before, receipt.output["added"], len(peer.records)) == (None, 1, 2)
    await undo(writing(), receipt)
    assert [one["fields"] for one in peer.records] == [before]


async def test_leaves_records_alone_that_someone_has_touched_since(writing, peer):
    [receipt] = await write_records(writing(), [record("a", {"Number": "1", "Total": 1})])
    peer.edit(peer.records[0], Total=2)
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.records) == 1


async def test_updates_only_what_is_there_takes_the_last_and_no_key_for_two(writing, peer):
    peer.add(Number="1")
    peer.add(Number="twin")
    peer.add(Number="twin")
    rows = [
        {"Number": "1", "Total": 1},
        {"Number": "1", "Total": 2},
        {"Number": "9"},
        {"Number": "twin"},
        {"Number": ""},
    ]
    outcome = await write_records(writing(mode="update"), [record(str(at), row) for at, row in enumerate(rows)])
    assert peer.records[0]["fields"]["Total"] == 2
    assert [one.message for one in outcome[2:]] == [
        "The table Invoices / all has no record with Number 9 to update.",
        "2 records have Number twin; a key must be unique.",
        "The key field Number is empty.",
    ]


async def test_leaves_the_decision_to_people_without_a_key(writing):
    with pytest.raises(SettingsError, match="look and decide"):
        await find(writing(mode="insert", key=[]), record("a", {"Number": "x"}), None)


async def test_adds_nothing_again_of_which_a_part_is_there(writing, peer):
    adding, rows = writing(mode="insert"), [{"Number": "1", "Total": 1}, {"Number": "2", "Total": 2}]
    assert await find(adding, Record(key="a", rows=rows), None) is None
    peer.add(**rows[0])
    with pytest.raises(SettingsError, match="nobody can tell what of this was added; look and decide"):
        await find(adding, Record(key="a", rows=rows), None)
    peer.add(**rows[1])
    assert await find(adding, Record(key="a", rows=rows), None) is not None


@pytest.mark.parametrize("value", ['" & {Secret} & "', "\\", '\\"', "a\nb", "'", "{Number}", ":number"])
async def test_a_value_is_never_a_formula(context, writing, peer, value):
    peer.add(Number="INV-1")
    [receipt] = await write_records(writing(), [record("a", {"Number": value})])
    answer = await query(context(Find, formula="{Number} = :number", params={"number": value}))
    assert [one["id"] for one in answer["records"]] == receipt.output["ids"]


def test_finds_the_names_and_only_those():
    formula = """IF({Odd :a \\} :b}=":c", ':d', :e)"""
    assert names_in(formula) == ["e"]
    assert filled(formula, {"e": True}) == formula.replace(":e", "TRUE()")
    assert has_key(["Odd } name"], [{"Odd } name": 1.0}]) == 'OR(AND({Odd \\} name}&""="1"))'


async def test_notices_a_change_once(context, peer):
    changed = peer.add(Number="1")
    following = context(Changed, changed="Last modified")
    [first] = [item async for item in changed_record(following, None)]
    peer.pass_time(1)
    peer.edit(changed, Total=2)
    [second] = [item async for item in changed_record(following, first.cursor)]
    assert second.content == {"id": changed["id"], "created": changed["createdTime"], "fields": changed["fields"]}
    assert [item async for item in changed_record(following, second.cursor)] == []


async def test_skips_what_is_there_when_it_is_told_to(context, peer):
    peer.add(Number="old")
    [base] = [item async for item in new_record(context(New, existing="skip"), None)]
    peer.add(Number="new")
    items = [item async for item in new_record(context(New, existing="skip"), base.cursor)]
    assert (base.content, [item.title for item in items]) == (None, ["new"])


async def test_offers_bases_tables_fields_and_views(around, connection, context):
    found = [
        await bases(around.context(NoSettings(), connection)),
        await tables(around.context(Base(base=BASE), connection)),
        await moments(context(Table)),
        await views(context(Table, table=TABLE)),
    ]
    assert [[one.value for one in offered] for offered in found] == [
        [BASE],
        [NAMES[1]],
        ["Last modified"],
        ["Grid view"],
    ]
    assert ("Total", "number") in [(one.value, one.text) for one in await fields(context(Table))]
    await check(connection, around.context(NoSettings(), connection))


async def test_the_peer_is_one_that_pyairtable_takes_for_airtable(peer):
    table = Api(TOKEN, endpoint_url=peer.base).table(BASE, NAMES[1])
    made = await asyncio.to_thread(table.batch_create, [{"Number": str(at)} for at in range(12)])
    merged = await asyncio.to_thread(table.batch_upsert, [{"fields": {"Number": "3", "Total": 5}}], ["Number"])
    found = await asyncio.to_thread(table.all, formula="{Number}='3'", page_size=5)
    gone = await asyncio.to_thread(table.delete, made[0]["id"])
    assert (len(made), merged["updatedRecords"], found[0]["fields"]["Total"]) == (12, [made[3]["id"]], 5)
    assert gone == {"id": made[0]["id"], "deleted": True}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"base": "../meta"}, "begins with app"),
        ({"table": " "}, "Name the table"),
        ({"mode": "upsert", "key": []}, "one to three key fields"),
        ({"mode": "upsert", "key": ["Other"]}, "Other is not among"),
    ],
)
def test_refuses_settings_that_cannot_work(wrong, said):
    with pytest.raises(ValueError, match=said):
        fill(Records, {"base": BASE, "table": "t", "columns": {"Number": ""}, **wrong})
