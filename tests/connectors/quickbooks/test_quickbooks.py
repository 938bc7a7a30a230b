"""QuickBooks: records followed and found, customers and vendors written in batches, judged by python-quickbooks."""

import asyncio

import msgspec
import pytest
import requests
from quickbooks import QuickBooks
from quickbooks.exceptions import AuthorizationException, ObjectNotFoundException
from quickbooks.objects.vendor import Vendor

from connectors.quickbooks import (
    changed_record,
    check,
    find_records,
    new_record,
    preview_customers,
    undo_customer,
    undo_vendor,
    write_customers,
    write_vendors,
)
from connectors.quickbooks.connection import SCOPE, Connection, granted
from connectors.quickbooks.settings import Find, Follow, WriteCustomers, WriteVendors
from connectors.sdk import CredentialsError, NoSettings, Record, Rejected, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN
from tests.peers.quickbooks import COMPANY

ANNA = {"DisplayName": "Anna Bold", "PrimaryEmailAddr": "anna@example.com", "BillAddr.City": "Ulm", "Taxable": "yes"}
KEPT = {
    "DisplayName": "Anna Bold",
    "PrimaryEmailAddr": {"Address": "anna@example.com"},
    "BillAddr": {"City": "Ulm"},
    "Taxable": True,
}


DEEP = b'{"Error": ' * 600 + b"1" + b"}" * 600


@pytest.fixture
def writing(context):
    def make(kind=WriteCustomers, **settings):
        return context(kind, columns={"DisplayName": ""}, **settings)

    return make


def named(number):
    return {"DisplayName": f"P{number}", "PrimaryEmailAddr": f"p{number}@example.com", "Notes": "Hello"}


def kept(number):
    return {"DisplayName": f"P{number}", "Notes": "Hello"}


class TestNewRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("quickbooks.new_record", peer, lambda: context(Follow, object="Customer"), kept)


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("quickbooks.changed_record", peer, lambda: context(Follow, object="Customer"), kept)


class TestWriteCustomers(TargetContract):
    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"DisplayName": "bad", "PrimaryEmailAddr": "nobody"}
        return Taking("quickbooks.write_customers", peer, writing, named, bad=bad, missing="Notes")


class TestWriteVendors(TargetContract):
    many = 100

    @pytest.fixture
    def about(self):
        return "Vendor"

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"DisplayName": "bad", "PrimaryEmailAddr": "nobody"}

        def account(number):
            return {"DisplayName": f"V{number}", "AcctNum": f"K-{number}", "BillAddr.City": "Ulm"}

        return Taking(
            "quickbooks.write_vendors", peer, lambda: writing(WriteVendors), account, bad=bad, missing="AcctNum"
        )


async def test_changes_the_customer_of_the_key_and_puts_it_back(writing, peer):
    row = peer.kept.add({**KEPT, "BillAddr": {"City": "Ulm", "PostalCode": "89073"}})
    new = Record(key="b", rows=[{"DisplayName": "ANNA BOLD", "BillAddr.City": "Bonn", "PrimaryEmailAddr": ""}])
    [[change]] = await preview_customers(writing(), [new])
    [receipt] = await write_customers(writing(), [new])
    assert (change.before["BillAddr.City"], change.after["BillAddr.City"]) == ("Ulm", "Bonn")
    assert row["values"]["BillAddr"] == {"City": "Bonn", "PostalCode": "89073"}
    assert "PrimaryEmailAddr" not in row["values"]
    await undo_customer(writing(), receipt)
    assert row["values"] == {**KEPT, "BillAddr": {"City": "Ulm", "PostalCode": "89073"}}


async def test_leaves_a_customer_alone_that_someone_has_changed_since(writing, peer):
    [receipt] = await write_customers(writing(), [Record(key="a", rows=[ANNA])])
    assert peer.kept.rows[0]["values"] == KEPT
    peer.kept.edit(peer.kept.rows[0], {"BillAddr": {"City": "Bonn"}})
    with pytest.raises(SettingsError, match="customer DisplayName Anna Bold has changed since"):
        await undo_customer(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_makes_a_vendor_inactive_that_is_taken_back(writing, peer):
    [receipt] = await write_vendors(writing(WriteVendors), [Record(key="a", rows=[{"DisplayName": "Acme"}])])
    await undo_vendor(writing(WriteVendors), receipt)
    [row] = peer.of["Vendor"].rows
    assert (row["archived"], row["values"]["DisplayName"]) == (True, "Acme (deleted)")


async def test_writes_in_few_requests_and_a_name_that_comes_twice_once(writing, peer):
    records = [Record(key=f"k{number}", rows=[named(number % 20)]) for number in range(60)]
    outcome = await write_customers(writing(), records)
    assert [one.output["added"] for one in outcome] == [True] * 20 + [False] * 40
    assert (len(peer.kept.there), len(peer.calls)) == (20, 6)


async def test_reads_again_when_somebody_was_faster(writing, peer):
    peer.kept.add(KEPT)
    body = {"Fault": {"Error": [{"Message": "Stale Object Error", "code": "5010"}], "type": "ValidationFault"}}
    stale = {"BatchItemResponse": [{"bId": "0", **body}]}
    peer.fail(Fault(status=200, body=stale, path=f"/v3/company/{COMPANY}/batch", skip=1, times=1))
    await write_customers(writing(), [Record(key="a", rows=[{**ANNA, "BillAddr.City": "Bonn"}])])
    assert peer.kept.rows[0]["values"]["BillAddr"] == {"City": "Bonn"}


async def test_takes_nothing_back_over_what_somebody_writes_at_the_same_moment(writing, peer):
    row = peer.kept.add(KEPT)
    written = {"DisplayName": "Anna Bold", "BillAddr.City": "Bonn"}
    [receipt] = await write_customers(writing(), [Record(key="a", rows=[written])])
    body = {"Fault": {"Error": [{"Message": "Stale Object Error", "code": "5010"}], "type": "ValidationFault"}}
    peer.fail(Fault(status=400, body=body, verb="POST", path=f"/v3/company/{COMPANY}/customer", times=1))
    with pytest.raises(TemporaryError, match="at the same moment"):
        await undo_customer(writing(), receipt)
    assert row["values"]["BillAddr"] == {"City": "Bonn"}


async def test_tells_what_was_written_when_quickbooks_fails_half_way(writing, peer):
    records = [Record(key=f"k{number}", rows=[named(number)]) for number in range(70)]
    peer.fail(Fault(kind="cut", skip=3))
    outcome = await write_customers(writing(), records)
    left = [(one.kind, one.uncertain) for one in outcome[30:] if isinstance(one, Rejected)]
    assert left == [("TemporaryError", True)] * 30 + [("TemporaryError", False)] * 10
    assert len(peer.kept.there) == 30


async def test_does_a_batch_once_whose_answer_was_lost(writing, peer):
    peer.fail(Fault(kind="cut", late=True, times=1))
    inserting = writing(mode="insert")
    records = [Record(key=f"k{number}", rows=[named(number)]) for number in range(3)]
    with pytest.raises(TemporaryError) as lost:
        await write_customers(inserting, records)
    again = await write_customers(inserting, records)
    assert lost.value.uncertain
    assert (len(peer.kept.there), peer.repeats, [one.output["id"] for one in again]) == (3, 1, ["101", "102", "103"])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"DisplayName": "a:b"}, "cannot have a colon"),
        ({"DisplayName": "x" * 101}, "can have 100 characters"),
        ({"DisplayName": "A", "Taxable": "maybe"}, "Taxable is true or false"),
        ({"DisplayName": "A", "Phones": "1"}, "takes no field Phones of a customer"),
        ({"DisplayName": "A", "Notes": ["x"]}, "must be a text"),
        ({"DisplayName": "Acme"}, "cannot share a name"),
        ({"DisplayName": ""}, "The key field DisplayName is empty"),
    ],
)
async def test_says_what_cannot_be_written(writing, peer, row, sentence):
    peer.of["Vendor"].add({"DisplayName": "Acme"})
    [refused] = await write_customers(writing(), [Record(key="a", rows=[row])])
    assert sentence in refused.message
    assert peer.kept.rows == []


async def test_finds_with_values_that_stay_values(context, peer):
    peer.kept.add({"DisplayName": "O'Neil \\ Sons"})
    found = await find_records(context(Find, where={"DisplayName": "O'Neil \\ Sons"}))
    none = await find_records(context(Find, where={"DisplayName": "x' OR Id > '0"}))
    assert (found["count"], found["first"]["title"], none["count"]) == (1, "O'Neil \\ Sons", 0)
    with pytest.raises(SettingsError, match="cannot look for"):
        await find_records(context(Find, where={"Id > '0' AND DisplayName": "x"}))
    with pytest.raises(SettingsError, match="Property Nothing not found"):
        await find_records(context(Find, where={"Nothing": "x"}))


async def test_finds_inactive_ones_only_when_asked_and_more_than_a_page(context, peer):
    rows = [peer.kept.add(kept(number)) for number in range(1_003)]
    rows[0]["archived"] = True
    active = await find_records(context(Find, where={"Active": True}, limit=2_000))
    inactive = await find_records(context(Find, where={"Active": False}))
    assert (active["count"], inactive["count"]) == (1_002, 1)
    with pytest.raises(SettingsError, match="More than 1000 records"):
        await find_records(context(Find, where={}, limit=1_000))


async def test_follows_what_becomes_inactive_and_skips_what_was_there(context, peer):
    row = peer.kept.add(KEPT)
    skipping = context(Follow, object="Customer", existing="skip")
    [begun] = [item async for item in changed_record(skipping, None)]
    peer.kept.edit(row, {})["archived"] = True
    [item] = [item async for item in changed_record(skipping, begun.cursor)]
    assert (begun.content, item.content["fields"]["Active"], item.subject) == (None, False, row["id"])


async def test_notices_two_changes_within_one_second(context, peer):
    row = peer.kept.add(KEPT)
    following = context(Follow, object="Customer")
    [first] = [item async for item in changed_record(following, None)]
    changed = row["changed"]
    peer.kept.edit(row, {"Notes": "Call back"})["changed"] = changed
    [second] = [item async for item in changed_record(following, first.cursor)]
    assert (second.content["fields"]["Notes"], second.content["changed"]) == ("Call back", first.content["changed"])
    assert second.key != first.key
    assert [item async for item in changed_record(following, second.cursor)] == []


async def test_reads_amounts_digit_by_digit(context, peer):
    amounts = b'"TotalAmt": 118.10, "Balance": 12345678901234567.89, "CustomerRef": {"name": "Anna"}'
    invoice = b'{"Id": "1", "DocNumber": "7", "MetaData": {"CreateTime": "2026-11-22T00:00:00-08:00"}, %b}' % amounts
    peer.fail(Fault(status=200, body=msgspec.Raw(b'{"QueryResponse": {"Invoice": [%b]}}' % invoice)))
    [item] = [item async for item in new_record(context(Follow), None)]
    fields = item.content["fields"]
    assert (item.title, fields["TotalAmt"], fields["Balance"]) == ("7, Anna", 118.1, "12345678901234567.89")


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (Fault(status=403), CredentialsError, "does not let this connection into the company"),
        (Fault(status=429), TemporaryError, "asked too often"),
        (Fault(status=403, body="<Message>message=ThrottleExceeded</Message>"), TemporaryError, "asked too often"),
        (Fault(status=500), TemporaryError, "fault of its own"),
        (Fault(status=200, body={"Fault": {"Error": [{"code": "6190"}]}}), SettingsError, "subscription has ended"),
        (Fault(status=400, body={"Fault": {"Error": 7, "type": []}}), SettingsError, "does not say why"),
        (Fault(status=200, body={"QueryResponse": {"Customer": [{"Id": ""}]}}), TemporaryError, "without an id"),
        (Fault(status=200, body=[1]), TemporaryError, "otherwise than it describes"),
        (Fault(status=200, body=msgspec.Raw(b'{"Fault": %b}' % DEEP)), SettingsError, "does not say why"),
        (
            Fault(status=200, body=msgspec.Raw(b'{"QueryResponse": {"Customer": [{"Id": "1", "x": %b}]}}' % DEEP)),
            TemporaryError,
            "nested too deeply",
        ),
    ],
)
async def test_names_every_fault_by_who_must_do_what(context, peer, fault, kind, sentence):
    peer.fail(fault)
    with pytest.raises(kind, match=sentence):
        await find_records(context(Find, where={"DisplayName": "A"}))


async def test_waits_a_minute_when_quickbooks_does_not_say_how_long(context, peer):
    peer.fail(Fault(status=429))
    with pytest.raises(TemporaryError) as told:
        await find_records(context(Find, where={"DisplayName": "A"}))
    assert told.value.retry_after == 60.0


async def test_proves_the_company_and_renews_a_granted_token(around, peer, connection):
    peer.tokens.discard(TOKEN)
    await check(connection, around.context(NoSettings(), connection))
    spaced = fill(Connection, {"client_id": "c", "client_secret": "s", "company": "1234 5678", "address": peer.base})
    with pytest.raises(CredentialsError, match="Check the company id"):
        await check(spaced, around.context(NoSettings(), spaced))
    unknown = fill(Connection, {"client_id": "c", "client_secret": "s", "address": peer.base})
    with pytest.raises(CredentialsError, match="does not know its company yet"):
        await check(unknown, around.context(NoSettings(), unknown))


def test_asks_for_one_scope_at_intuit():
    given = {"client_id": "c", "client_secret": "s", "company": COMPANY}
    sandbox = fill(Connection, {**given, "environment": "sandbox"})
    assert (list(granted(sandbox).scopes), granted(sandbox).client_in) == ([SCOPE], "header")
    assert (sandbox.base, fill(Connection, given).base) == (
        "https://sandbox-quickbooks.api.intuit.com",
        "https://quickbooks.api.intuit.com",
    )
    with pytest.raises(ValueError, match="company id is a number"):
        fill(Connection, {**given, "company": "../1"})


async def test_is_judged_by_a_client_that_others_use(writing, peer):
    await write_vendors(writing(WriteVendors), [Record(key="a", rows=[{"DisplayName": "O'Neil", "AcctNum": "K-7"}])])
    await asyncio.to_thread(_used_by_python_quickbooks, peer.base)
    [vendor, _] = peer.of["Vendor"].rows
    changed = {"DisplayName": "O'Neil", "AcctNum": "K-8", "PrintOnCheckName": "Neil"}
    assert changed.items() <= vendor["values"].items()


def _used_by_python_quickbooks(base):
    """Find the vendor, change it, add another, and meet the refusals that the client knows."""
    client = QuickBooks(company_id=COMPANY, minorversion=75)
    client.api_url_v3 = f"{base}/v3"
    client.session = requests.Session()
    client.session.access_token = TOKEN
    [vendor] = Vendor.filter(DisplayName="O'Neil", qb=client)
    vendor.AcctNum, vendor.PrintOnCheckName = "K-8", "Neil"
    vendor.save(qb=client)
    added = Vendor()
    added.DisplayName = "Another"
    added.save(qb=client)
    assert [one.DisplayName for one in Vendor.all(qb=client)] == ["O'Neil", "Another"]
    with pytest.raises(ObjectNotFoundException):
        Vendor.get(999, qb=client)
    client.session.access_token = "no-token"
    with pytest.raises(AuthorizationException):
        Vendor.all(qb=client)
