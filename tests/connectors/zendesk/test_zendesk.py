"""Zendesk: tickets followed by their export, searched, written under an external id, and taken back."""

import pytest

from connectors.sdk import CredentialsError, NoSettings, Record, SettingsError, fill
from connectors.zendesk import changed_ticket, check, find, find_tickets, new_ticket, oauth, preview, undo, write_ticket
from connectors.zendesk.connection import Connection
from connectors.zendesk.settings import Find, Follow, Write, fields
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings
from tests.peers.zendesk import AGENT, API_TOKEN, ZendeskPeer

PRINTER = {"subject": "Printer", "description": "It is on fire.", "priority": "high", "tags": ["b", "a"]}
PRINTER |= {"requester_email": "anna@example.com", "requester_name": "Anna", "field_360001": "A-7", "group_id": "12"}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(ZendeskPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"email": AGENT, "token": API_TOKEN, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


@pytest.fixture
def writing(context):
    def make(**settings):
        return context(Write, **{"columns": {}, "mode": "upsert", "key": "external_id", **settings})

    return make


def named(number):
    return {"subject": f"T{number}", "external_id": f"x{number}", "description": "Hello", "field_360001": "A"}


def kept(number):
    return {"subject": f"T{number}", "description": "Hello"}


class TestNewTicket(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("zendesk.new_ticket", peer, lambda: context(Follow), kept)


class TestChangedTicket(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("zendesk.changed_ticket", peer, lambda: context(Follow), kept)


class TestWriteTicket(TargetContract):
    many = 200

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {**named(0), "external_id": "bad", "field_1": "B"}
        return Taking("zendesk.write_ticket", peer, writing, named, bad=bad, missing="360001")


class TestWriteTicketWithoutKey(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, peer, writing):
        def plain(number):
            return {name: value for name, value in named(number).items() if name != "external_id"}

        bad = {"subject": "bad"}
        return Taking(
            "zendesk.write_ticket", peer, lambda: writing(mode="insert", key=""), plain, bad=bad, missing="360001"
        )


async def test_writes_values_as_tickets_hold_them(writing, peer):
    receipt = await write_ticket(writing(mode="insert", key=""), Record(key="KEY-9", rows=[PRINTER]))
    sent = peer.calls[-1].body["ticket"]
    assert sent["requester"] == {"email": "anna@example.com", "name": "Anna"}
    assert (sent["comment"], sent["group_id"], sent["tags"]) == ({"body": "It is on fire."}, 12, ["a", "b"])
    assert (sent["external_id"], sent["custom_fields"]) == ("KEY-9", [{"id": 360001, "value": "A-7"}])
    assert receipt.url == f"{peer.base}/agent/tickets/700001"


async def test_changes_a_ticket_and_puts_it_back(writing, peer):
    row = peer.kept.add({"subject": "Old", "external_id": "x1", "status": "open", "description": "Hello"})
    before = dict(row["values"])
    new = Record(key="b", rows=[{"external_id": "x1", "status": "solved", "description": "Hello"}])
    [[change]] = await preview(writing(), [new])
    receipt = await write_ticket(writing(), new)
    assert (change.before["status"], change.after["status"], row["values"]["status"]) == ("open", "solved", "solved")
    await undo(writing(), receipt)
    assert row["values"] == before


async def test_leaves_a_ticket_alone_in_which_somebody_has_written_since(writing, peer):
    receipt = await write_ticket(writing(), Record(key="a", rows=[named(1)]))
    peer.answers[receipt.output["id"]] = ["I am on my way."]
    with pytest.raises(SettingsError, match=r"written in the ticket 700001 since, so it stays\."):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_leaves_a_ticket_alone_that_someone_has_changed_since(writing, peer):
    receipt = await write_ticket(writing(), Record(key="a", rows=[named(1)]))
    peer.kept.edit(peer.kept.rows[0], {"subject": "Other"})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"description": "Other words"}, "description of a ticket cannot be changed"),
        ({"status": "closed"}, "Zendesk refused the ticket: Status: closed prevents ticket update"),
        ({"group_id": "sales"}, "'sales' cannot be the group_id"),
        ({"nothing": 1}, "takes no field nothing"),
    ],
)
async def test_says_what_a_ticket_does_not_take(writing, peer, row, said):
    peer.kept.add({"subject": "Old", "external_id": "x1", "description": "Hello"})
    with pytest.raises(SettingsError, match=said):
        await write_ticket(writing(mode="update"), Record(key="a", rows=[{"external_id": "x1", **row}]))
    assert peer.kept.rows[0]["values"]["description"] == "Hello"


async def test_updates_by_number_only_what_is_there(writing, peer):
    by_id = writing(mode="update", key="id")
    with pytest.raises(SettingsError, match="no ticket with id 700001 to update"):
        await write_ticket(by_id, Record(key="a", rows=[{"id": "700001", "status": "open"}]))
    peer.kept.add(kept(1))
    await write_ticket(by_id, Record(key="a", rows=[{"id": "700001", "status": "open"}]))
    assert (await find(by_id, Record(key="a", rows=[{"id": 700001, "status": "open"}]), None)).reference == "id 700001"


async def test_searches_with_values_that_stay_values(context, peer):
    peer.kept.add({"subject": "A", "status": "open", "field_360001": "A-7"})
    peer.kept.add({"subject": "B", "status": "solved", "field_360001": "A-7"})
    found = await find_tickets(context(Find, where={"status": "open", "field_360001": "A-7"}))
    none = await find_tickets(context(Find, where={"status": 'x" status:"open'}))
    assert ([one["title"] for one in found["records"]], none["count"]) == (["A"], 0)
    with pytest.raises(SettingsError, match="cannot search for -status"):
        await find_tickets(context(Find, where={"-status": "open"}))


async def test_skips_what_is_there_when_it_is_told_to(context, peer):
    old = peer.kept.add(kept(1))
    [base] = [item async for item in new_ticket(context(Follow, existing="skip"), None)]
    peer.kept.pass_time(60)
    peer.kept.edit(old, {"subject": "Changed"})
    peer.kept.add(kept(2))
    new = [item async for item in new_ticket(context(Follow, existing="skip"), base.cursor)]
    changed = [item async for item in changed_ticket(context(Follow, existing="skip"), base.cursor)]
    assert (base.content, [item.title for item in new if item.content]) == (None, ["T2"])
    assert "Changed" in [item.title for item in changed]


async def test_renews_a_granted_token_and_asks_for_the_least(around, peer):
    given = {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": peer.base}
    connection = fill(Connection, given)
    peer.tokens.discard(TOKEN)
    await check(connection, around.context(NoSettings(), connection))
    asked = oauth(connection)
    assert asked is not None
    assert list(asked.scopes) == ["read"]


async def test_repeats_no_token_that_an_answer_repeats(context, peer):
    peer.fail(Fault(status=401, body={"error": f"Not {API_TOKEN}"}))
    with pytest.raises(CredentialsError) as told:
        await find_tickets(context(Find, where={"status": "open"}))
    assert API_TOKEN not in told.value.message


async def test_offers_fields_with_their_names(context):
    offered = [(one.value, one.text) for one in await fields(context(Follow))]
    assert ("field_360001", "Order number") in offered
    assert ("external_id", "") in offered


@pytest.mark.parametrize("subdomain", ["", "acme.zendesk.com", "a/b", "evil.com#", "-a"])
def test_refuses_what_can_be_no_subdomain(subdomain):
    with pytest.raises(ValueError, match="Give the subdomain alone"):
        fill(Connection, {"subdomain": subdomain, "email": AGENT, "token": API_TOKEN})
