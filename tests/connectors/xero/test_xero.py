"""Xero: contacts followed, found, written by their name, and taken back."""

from datetime import timedelta

import pytest

from connectors.sdk import NoSettings, Record, SettingsError, TemporaryError, fill
from connectors.xero import changed_record, check, find_records, preview, undo, write_contact
from connectors.xero.connection import Connection, granted, organisations
from connectors.xero.settings import Find, Follow, Write
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings
from tests.peers.xero import TENANT, XeroPeer

ANNA = {"Name": "Anna Bold", "EmailAddress": "anna@example.com", "ContactNumber": "K-7"}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(XeroPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"client_id": "c", "client_secret": "s", "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Write, **{"columns": {}, "mode": "upsert", **settings})

    return make


def named(number):
    return {"Name": f"P{number}", "EmailAddress": f"p{number}@example.com", "Website": "https://example.com"}


class TestChangedRecord(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("xero.changed_record", peer, lambda: context(Follow, organisation=TENANT), named)


class TestWriteContact(TargetContract):
    many = 150

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"Name": "bad", "EmailAddress": "nobody"}
        return Taking(
            "xero.write_contact", peer, lambda: writing(organisation=TENANT), named, bad=bad, missing="Website"
        )


async def test_changes_the_contact_of_the_key_and_puts_it_back(writing, peer):
    row = peer.kept.add(ANNA)
    new = Record(key="b", rows=[{"ContactNumber": "K-7", "EmailAddress": " new@example.com "}])
    by_number = writing(key="ContactNumber", mode="update")
    [[change]] = await preview(by_number, [new])
    receipt = await write_contact(by_number, new)
    assert (change.before["EmailAddress"], change.after["EmailAddress"]) == ("anna@example.com", "new@example.com")
    assert row["values"] == {**ANNA, "EmailAddress": "new@example.com"}
    await undo(by_number, receipt)
    assert row["values"] == ANNA


async def test_leaves_a_contact_alone_that_someone_has_changed_since(writing, peer):
    receipt = await write_contact(writing(), Record(key="a", rows=[ANNA]))
    peer.kept.edit(peer.kept.rows[0], {"EmailAddress": "other@example.com"})
    with pytest.raises(SettingsError, match="contact Name Anna Bold has changed since"):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_says_what_xero_refuses(writing, peer):
    with pytest.raises(SettingsError, match="Xero refused this: Email address must be valid"):
        await write_contact(writing(), Record(key="a", rows=[{"Name": "A", "EmailAddress": "x"}]))
    with pytest.raises(SettingsError, match="takes no field Phones of a contact"):
        await write_contact(writing(), Record(key="a", rows=[{"Name": "A", "Phones": "1"}]))
    assert peer.kept.rows == []


async def test_finds_with_values_that_stay_values(context, peer):
    peer.kept.add(ANNA)
    found = await find_records(context(Find, where={"EmailAddress": "anna@example.com"}))
    assert (found["count"], found["first"]["title"]) == (1, "Anna Bold")
    row = peer.kept.rows[0]["id"]
    by_id = await find_records(context(Find, where={"ContactID": row}, organisation=TENANT))
    assert [one["id"] for one in by_id["records"]] == [row]
    with pytest.raises(SettingsError, match="with quotation marks"):
        await find_records(context(Find, where={"Name": 'x" OR Name!="'}))
    with pytest.raises(SettingsError, match="cannot look for Name!"):
        await find_records(context(Find, where={"Name!": "x"}))


async def test_reads_invoices_with_times_that_people_can_read(context, peer):
    invoice = {"InvoiceID": "70784a63-d24b-46a9-a4db-0e70a274b057", "InvoiceNumber": "INV-1", "Status": "PAID"}
    invoice |= {"Type": "ACCREC", "Date": "/Date(1763769600000+0000)/", "UpdatedDateUTC": "/Date(1763769600000+0000)/"}
    endless = "/Date(99999999999999999)/"
    peer.invoices.append({**invoice, "Total": 118.5, "Reference": endless})
    [item] = [item async for item in changed_record(context(Follow, object="Invoices"), None)]
    fields = item.content["fields"]
    assert (item.title, fields["Total"], fields["Date"]) == ("INV-1", 118.5, "2025-11-22T00:00:00+00:00")
    assert fields["Reference"] == endless
    peer.invoices[0]["UpdatedDateUTC"] = endless
    with pytest.raises(TemporaryError, match="without a time"):
        assert [item async for item in changed_record(context(Follow, object="Invoices"), None)] == []


async def test_loses_none_when_one_changes_while_pages_are_read(context, peer):
    rows = [peer.kept.add(named(number)) for number in range(150)]
    [row.update(changed=row["changed"] + timedelta(seconds=at)) for at, row in enumerate(rows)]
    peer.kept.pass_time(1000)
    reading = changed_record(context(Follow), None)
    first = await anext(reading)
    peer.kept.edit(rows[0], {"Website": ""})
    assert len({first.title, *[item.title async for item in reading]}) == 150


async def test_wants_a_choice_between_organisations(context, peer):
    peer.tenants.append({"tenantId": "other", "tenantName": "Other"})
    with pytest.raises(SettingsError, match="opens 2 organisations of Xero; choose one"):
        await find_records(context(Find, where={"Name": "A"}))
    assert [one.text for one in await organisations(context(Follow))] == ["Acme", "Other"]


async def test_renews_a_granted_token_and_asks_for_the_least(around, peer, connection):
    peer.tokens.discard(TOKEN)
    await check(connection, around.context(NoSettings(), connection))
    assert list(granted(connection).scopes) == [
        "accounting.contacts.read",
        "accounting.invoices.read",
        "offline_access",
    ]
    custom = fill(Connection, {"kind": "custom", "client_id": "c", "client_secret": "s", "access": "write"})
    assert granted(custom).authorize_url == ""
    assert list(granted(custom).scopes) == ["accounting.contacts", "accounting.invoices.read"]
