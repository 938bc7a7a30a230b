"""Salesforce: records of an object followed, found by their fields, and asked for by SOQL."""

import asyncio
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest
from simple_salesforce.format import format_soql

from connectors.salesforce import changed_record, find_records, new_record, query
from connectors.salesforce.records import shown
from connectors.salesforce.settings import (
    Find,
    Follow,
    Query,
    Which,
    all_fields,
    keys,
    readable,
    writable,
    written_fields,
)
from connectors.salesforce.soql import quoted
from connectors.sdk import SettingsError, fill
from tests.connectors.contracts import TriggerContract, read
from tests.connectors.entry_stands import Appearing
from tests.peers.salesforce_tokens import KEY, SECRET
from tests.peers.unencrypted import Unencrypted

HOSTILE = [
    "x' OR Id != null OR LastName = 'x",
    "x\\' OR Id != null --",
    "\\",
    "'",
    '"',
    "a\nb\r\tc\b\fd",
    "x'; --",
    "ä\u2028€",
]
COUNT = "SELECT COUNT() FROM Contact"


def named(number):
    return {"LastName": f"P{number}", "Number__c": f"n{number}", "Score__c": number % 1000}


async def items_of(trigger, context, cursor=None):
    return [item async for item in trigger(context, cursor) if item.content is not None]


class TestNewRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("salesforce.new_record", peer, lambda: context(Follow), named)


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("salesforce.changed_record", peer, lambda: context(Follow, fields=["LastName"]), named)


async def test_tells_a_change_of_what_the_condition_lets_through(context, peer):
    following = context(Follow, condition="Stage__c = 'Won' OR Stage__c = 'New'", fields=["LastName", "stage__C"])
    [won, lost] = [peer.kept.add({**named(at), "Stage__c": stage}) for at, stage in enumerate(("Won", None))]
    stand = Appearing("salesforce.changed_record", peer, lambda: following, named)
    [first], cursor = await read(stand, None)
    peer.kept.edit(lost, {"LastName": "Lost"})
    peer.kept.edit(won, {"LastName": "Again"})
    [second], _ = await read(stand, cursor)
    assert (first.title, first.subject, second.subject) == (won["id"], won["id"], won["id"])
    assert set(second.content["fields"]) == {"Id", "SystemModstamp", "LastName", "Stage__c"}
    assert second.content["url"].endswith(f"/{won['id']}")


async def test_skips_what_is_there_and_tells_of_the_next(context, peer):
    peer.kept.add(named(1))
    stand = Appearing("salesforce.new_record", peer, lambda: context(Follow, existing="skip"), named)
    before, cursor = await read(stand, None)
    [late] = await stand.add(1)
    after, _ = await read(stand, cursor)
    assert ([item.key for item in before], [item.key for item in after]) == ([], [late])


async def test_finds_what_a_long_transaction_commits_late(context, peer):
    stand = Appearing("salesforce.new_record", peer, lambda: context(Follow), named)
    peer.kept.pass_time(900)
    await stand.add(1)
    _, cursor = await read(stand, None)
    peer.kept.pass_time(-600)
    late = peer.kept.add(named(2))["id"]
    assert [item.key for item in (await read(stand, cursor))[0]] == [late]


@pytest.mark.parametrize(
    "condition",
    [
        *(
            "LastName = 'x') OR (Id != null",
            "LastName = 'x' ORDER BY Id",
            "(LastName = 'x'",
            "LastName = 'x",
            "LIMIT 1",
        ),
        *(
            "Id != null LIMIT 1 OFFSET 5",
            "LastName = :name",
            "LastName = 'x\\'",
            "a = 1; b = 2",
            ")(",
            " ",
            "x FOR UPDATE",
        ),
    ],
)
def test_refuses_what_is_more_than_a_condition(condition):
    with pytest.raises(ValueError, match=r"condition|bracket|no place|nothing in it"):
        fill(Follow, {"condition": condition})


@pytest.mark.parametrize("value", HOSTILE)
async def test_finds_with_values_that_stay_values(value, context, peer):
    peer.kept.add(named(1))
    peer.kept.add({**named(2), "LastName": value})
    found = await find_records(context(Find, where={"LastName": value}))
    asked = await query(context(Query, soql="SELECT Id FROM Contact WHERE LastName = :name", params={"name": value}))
    assert [one["fields"]["Number__c"] for one in found["records"]] == ["n2"]
    assert asked["count"] == 1
    assert quoted(value) == format_soql("{}", value)


async def test_finds_by_values_of_every_type(context, peer):
    given = {"LastName": "Anna", "Score__c": 1.5, "Active__c": True, "Born__c": "1980-02-29", "Email": "a@example.com"}
    given |= {"Tags__c": "red;blue", "Seen__c": "2026-11-22T08:00:00.000+0000", "AccountId": "001D000000K0fXOIAZ"}
    peer.kept.add(given)
    peer.kept.add({"LastName": "Bert"})
    where = {
        "LastName": "ANNA",
        "Score__c": "1.50",
        "Active__c": "yes",
        "Born__c": "1980-02-29T10:00:00Z",
        "Stage__c": "",
    }
    where |= {"Seen__c": "2026-11-22T09:00:00+01:00", "AccountId": "001D000000K0fXO", "Email": "A@example.com"}
    found = await find_records(context(Find, where=where, fields=["Name"]))
    assert (found["count"], found["first"]["title"]) == (1, "Anna")


async def test_finds_by_what_a_record_refers_to(context, peer):
    [peer.kept.add({**named(at), "AccountId": f"00100000000000{at}AAA"}) for at in (1, 2)]
    found = await find_records(context(Find, where={"Account.Number__c": "a-2"}, fields=["Name", "Account.Number__c"]))
    assert [(one["title"], one["fields"]["Account"]) for one in found["records"]] == [("P2", {"Number__c": "A-2"})]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"Nothing__c": "x"}, "shows no field Nothing__c"),
        ({"Note__c": "x"}, "cannot look for values of the field Note__c"),
        ({"Score__c": "much"}, "'much' cannot be a value of the field Score__c"),
        ({"Score__c": "1e999999"}, "cannot be a value"),
        ({"Born__c": "1 OR 1"}, "cannot be a value"),
        ({"Seen__c": "0001-01-01T00:00:00+14:00"}, "no time that Salesforce knows"),
        ({"AccountId": "001' OR Id != '"}, "is no id"),
        ({"LastName": ["a"]}, "must be a single value"),
    ],
)
async def test_looks_for_nothing_that_a_field_cannot_hold(where, said, context, peer):
    with pytest.raises(SettingsError, match=said):
        await find_records(context(Find, where=where))
    assert peer.soql == []


async def test_finds_more_than_fits_on_a_page_and_stops_at_the_limit(context, peer):
    [peer.kept.add({**named(at), "Stage__c": "New"}) for at in range(450)]
    found = await find_records(context(Find, where={"Stage__c": "New"}, limit=450))
    assert len({one["id"] for one in found["records"]}) == found["count"] == 450
    with pytest.raises(SettingsError, match="More than 449"):
        await find_records(context(Find, where={"Stage__c": "New"}, limit=449))


async def test_asks_by_soql_page_by_page(context, peer):
    [peer.kept.add({**named(at), "Born__c": f"200{at}-01-01"}) for at in range(5)]
    peer.page = 2
    soql = "SELECT LastName, Born__c FROM Contact WHERE Born__c >= :day AND LastName IN :names ORDER BY Born__c DESC"
    params = {"day": "2001-01-01", "names": ["P0", "P1", "P4", "P3"]}
    found = await query(context(Query, soql=soql, params=params))
    assert [one["LastName"] for one in found["records"]] == ["P4", "P3", "P1"]
    assert found["records"][0] == found["first"] == {"LastName": "P4", "Born__c": "2004-01-01"}
    assert (await query(context(Query, soql=COUNT)))["total"] == 5
    with pytest.raises(SettingsError, match="More than 4"):
        await query(context(Query, soql="SELECT Id FROM Contact", limit=4))


@pytest.mark.parametrize(
    ("soql", "said"),
    [
        ("DELETE FROM Contact", "begins with SELECT"),
        ("SELECT Id FROM Contact FOR UPDATE", "only reads"),
        ("SELECT Id FROM Contact UPDATE VIEWSTAT", "only reads"),
        ("SELECT Id FROM Contact WHERE Name = 'x", "no place"),
        ("SELECT Id FROM Contact WHERE Name = :name", "nothing for :name"),
        ("SELECT Id FROM Contact; SELECT Id FROM User", "no place"),
    ],
)
def test_asks_only_what_reads(soql, said):
    with pytest.raises(ValueError, match=said):
        fill(Query, {"soql": soql})


async def test_offers_objects_and_fields(context):
    which = context(Which)
    assert [one.value for one in await readable(which)] == ["Contact", "Invoice__c", "ContactHistory"]
    assert [one.value for one in await writable(which)] == ["Contact", "Invoice__c"]
    told = {one.value: one.text for one in await all_fields(which)}
    assert (told["LastName"], told["Stage__c"]) == ("LastName, string, required", "Stage, picklist: New, Won")
    written = [one.value for one in await written_fields(which)]
    assert written[0] == "LastName"
    assert "CreatedDate" not in written
    assert [one.value for one in await keys(which)][:2] == ["Number__c", "Id"]


@pytest.mark.parametrize("thing", ["", "../User", "Contact WHERE", "1Contact", "a" * 101])
def test_refuses_what_can_be_no_object(thing):
    with pytest.raises(ValueError, match="API name of the object"):
        fill(Which, {"object": thing})


def test_shows_records_inside_a_record_as_a_list():
    inner = {"totalSize": 1, "done": True, "records": [{"attributes": {}, "Id": "003"}]}
    told = {"attributes": {"type": "Account"}, "Owner": {"attributes": {}, "Name": "Anna"}, "Contacts": inner}
    assert shown(told) == {"Owner": {"Name": "Anna"}, "Contacts": [{"Id": "003"}]}


async def test_shows_what_an_independent_client_shows(context, peer):
    peer.page = 2
    [peer.kept.add({**named(at), "Seen__c": "2026-11-22T08:00:00.000+0000"}) for at in range(3)]
    ours = [item.content["fields"] for item in await items_of(changed_record, context(Follow))]
    theirs = await asyncio.to_thread(_seen_by_simple_salesforce, peer.base)
    assert theirs == ours
    assert peer.kept.rows[0]["values"]["Score__c"] == 9
    again = [item.content["fields"]["Number__c"] for item in await items_of(new_record, context(Follow))]
    assert again == ["n0", "n1", "n2", "n9"]


def _seen_by_simple_salesforce(base):
    """Read all contacts, change the first, and add another one."""
    session = requests.Session()
    session.mount("https://", Unencrypted(base))
    client: Any = Salesforce(consumer_key=KEY, consumer_secret=SECRET, domain="acme.my", session=session)
    names = [one["name"] for one in client.Contact.describe()["fields"]]
    found = client.query_all(f"SELECT {', '.join(names)} FROM Contact WHERE LastName LIKE 'p%' ORDER BY Id")["records"]
    client.Contact.update(found[0]["Id"], {"Score__c": 9})
    added = client.Contact.create(named(9))
    assert client.Contact.get(added["id"])["LastName"] == "P9"
    with pytest.raises(SalesforceMalformedRequest, match="JSON_PARSER_ERROR"):
        client.Contact.update(added["id"], {"Score__c": "much"})
    assert client.api_usage["api-usage"].total == 15000
    return [{name: one[name] for name in names} for one in found]
