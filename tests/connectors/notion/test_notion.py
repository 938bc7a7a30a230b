"""Notion: pages of a database followed, found, written with the types of its properties, and taken back."""

import pytest

from connectors.notion import changed_page, check, find, new_page, preview, query, undo, write_page
from connectors.notion.connection import Connection
from connectors.notion.settings import Find, Follow, Pages, Place, databases, properties
from connectors.sdk import NoSettings, Record, SettingsError, fill
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.peers.faults import told
from tests.peers.notion import SOURCE, NotionPeer
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(NotionPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"token": TOKEN, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, {"database": SOURCE, **settings}), connection)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Pages, **{"columns": {"Name": ""}, "mode": "upsert", "key": "Name", **settings})

    return make


class Standing:
    """What stands for triggers and targets have in common: the peer."""

    def __init__(self, peer, context):
        self.peer = peer
        self._made = context

    def context(self):
        return self._made()

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()


class Appearing(Standing, TriggerStand):
    uses = "notion.new_page"

    async def add(self, count):
        self.peer.pass_time(60)
        return [self.peer.add(f"INV-{at}")["id"] for at in range(count)]

    async def add_late(self):
        self.peer.pass_time(-120)
        late = self.peer.add("late")["id"]
        self.peer.pass_time(120)
        return late

    async def repeat(self):
        self.peer.edit(self.peer.pages[-1])


class Changing(Appearing):
    uses = "notion.changed_page"


class TestNewPage(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing(peer, lambda: context(Follow))


class TestChangedPage(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Changing(peer, lambda: context(Follow))


class Taking(Standing, TargetStand):
    uses = "notion.write_page"

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def record(self, number):
        return Record(key=f"key-{number}", rows=[{"Name": f"INV-{number}", "Total": number, "Tags": ["a"]}])

    def bad_record(self):
        return Record(key="bad", rows=[{"Name": "bad", "Total": "much"}])

    async def rows(self):
        return [(one["id"], one["properties"]) for one in self.peer.there]

    async def drift(self):
        del self.peer.types["Total"]


class TestWritePage(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, peer, writing):
        return Taking(peer, writing)


WRITTEN = {
    "Name": "INV-17",
    "Note": "x" * 4_500,
    "Total": "118.5",
    "Status": "Open",
    "Tags": ["a", "b"],
    "Due": "2026-11-30",
    "Paid": "true",
    "Mail": "a@example.com",
    "Owner": ["u1"],
    "Customer": ["c1"],
    "Files": ["https://example.com/a.pdf"],
}


async def test_writes_and_gives_every_type_of_property(writing, context):
    receipt = await write_page(writing(), Record(key="a", rows=[WRITTEN]))
    answer = await query(context(Find))
    shown = answer["first"]["properties"]
    assert receipt.output["added"]
    assert shown == {
        **WRITTEN,
        "Total": 118.5,
        "Paid": True,
        "Owner": [{"id": "u1", "name": None, "email": None}],
        "Files": [{"name": "https://example.com/a.pdf", "url": "https://example.com/a.pdf"}],
        "Double": 7,
    }
    assert (await find(writing(), Record(key="a", rows=[WRITTEN]), None)).reference == "Name INV-17"


async def test_changes_the_page_of_the_key_and_puts_it_back(writing, peer):
    await write_page(writing(), Record(key="a", rows=[WRITTEN]))
    before = dict(peer.pages[0]["properties"])
    new = Record(key="b", rows=[{"Name": "INV-17", "Total": 9, "Owner": [], "Due": None}])
    [[change]] = await preview(writing(), [new])
    receipt = await write_page(writing(), new)
    assert (change.before["Total"], change.after["Total"]) == (118.5, 9.0)
    assert (len(peer.pages), receipt.output["added"]) == (1, False)
    await undo(writing(), receipt)
    assert peer.pages[0]["properties"] == before


async def test_leaves_a_page_alone_that_someone_has_edited_since(writing, peer):
    receipt = await write_page(writing(), Record(key="a", rows=[{"Name": "INV-17", "Total": 1}]))
    peer.edit(peer.pages[0], Total={"number": 2})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.there) == 1


async def test_updates_only_what_is_there_and_takes_no_key_for_two_pages(writing, peer):
    with pytest.raises(SettingsError, match="no page with Name INV-1 to update"):
        await write_page(writing(mode="update"), Record(key="a", rows=[{"Name": "INV-1"}]))
    peer.add("INV-1")
    peer.add("INV-1")
    with pytest.raises(SettingsError, match="a key must be unique"):
        await write_page(writing(), Record(key="a", rows=[{"Name": "INV-1"}]))
    assert peer.writes == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"Double": 1}, "fills in by itself"),
        ({"Nothing": 1}, "has no property Nothing. It has: Name"),
        ({"Total": "much"}, "cannot be a number"),
        ({"Paid": "perhaps"}, "cannot be a checkbox"),
        ({"Note": "x" * 300_000}, "cannot be a rich_text"),
    ],
)
async def test_says_what_a_property_cannot_be(writing, peer, row, said):
    with pytest.raises(SettingsError, match=said):
        await write_page(writing(mode="insert", key=""), Record(key="a", rows=[row]))
    assert peer.writes == 0


async def test_leaves_the_decision_to_people_without_a_key(writing):
    with pytest.raises(SettingsError, match="look and decide"):
        await find(writing(mode="insert", key=""), Record(key="a", rows=[{"Name": "x"}]), None)


async def test_adds_no_page_again_that_somebody_has_changed_since(writing, peer):
    adding, new = writing(mode="insert"), Record(key="a", rows=[{"Name": "x", "Total": 1}])
    assert await find(adding, new, None) is None
    peer.add("x", Total={"number": 2})
    with pytest.raises(SettingsError, match="a page with the key, but not as it was to be written"):
        await find(adding, new, None)


async def test_filters_and_sorts_with_values_that_stay_values(context, peer):
    peer.add("a", Total={"number": 2})
    peer.add("b", Total={"number": 3})
    peer.add("b", Total={"number": 1})
    named = {"filter": {"property": "Name", "title": {"equals": ":name"}}, "sort": ["-Total"]}
    answer = await query(context(Find, params={"name": "b"}, **named))
    assert [page["properties"]["Total"] for page in answer["pages"]] == [3, 1]
    with pytest.raises(SettingsError, match="must be a single value"):
        await query(context(Find, params={"name": {"contains": ""}}, **named))


async def test_notices_a_second_edit_within_the_same_minute(context, peer):
    page = peer.add("a")
    [first] = [item async for item in changed_page(context(Follow), None)]
    peer.edit(page, Total={"number": 2})
    [second] = [item async for item in changed_page(context(Follow), first.cursor)]
    peer.edit(page, Files={"files": [{"name": "a.pdf", "file": {"url": "https://example.com/a?expires=1"}}]})
    [third] = [item async for item in changed_page(context(Follow), second.cursor)]
    peer.edit(page, Files={"files": [{"name": "a.pdf", "file": {"url": "https://example.com/a?expires=2"}}]})
    assert [item async for item in changed_page(context(Follow), third.cursor)] == []


async def test_skips_what_is_there_when_it_is_told_to(context, peer):
    peer.add("old")
    [base] = [item async for item in new_page(context(Follow, existing="skip"), None)]
    peer.add("new")
    items = [item async for item in new_page(context(Follow, existing="skip"), base.cursor)]
    assert (base.content, [item.title for item in items]) == (None, ["new"])


async def test_offers_databases_and_properties(around, connection, context):
    assert [(one.value, one.text) for one in await databases(around.context(NoSettings(), connection))] == [
        (SOURCE, "Invoices")
    ]
    assert ("Due", "date") in [(one.value, one.text) for one in await properties(context(Place))]
    await check(connection, around.context(NoSettings(), connection))


async def test_says_that_a_database_is_not_shared(context):
    with pytest.raises(SettingsError, match="shared with your integration"):
        await properties(context(Place, database="0" * 32))


@pytest.mark.parametrize("database", ["", "Invoices", "../pages", "0" * 31 + "/"])
def test_refuses_what_can_be_no_database(database):
    with pytest.raises(ValueError, match="choose it from the list"):
        fill(Place, {"database": database})
