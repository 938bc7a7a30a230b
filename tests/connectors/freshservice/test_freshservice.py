"""Freshservice: tickets followed, searched in a workspace, written under a key or a tag, answered, and taken back."""

import pytest

from connectors.freshworks._names import groups, own_fields, statuses, types
from connectors.freshworks._settings import FindPerson, Note, Reply
from connectors.freshworks.freshservice import (
    Connection,
    FindIn,
    FollowIn,
    WriteIn,
    add_note,
    changed_ticket,
    connector,
    find_requester,
    find_tickets,
    new_ticket,
    ticket_received,
    write_ticket,
)
from connectors.sdk import CredentialsError, NoSettings, Record, SettingsError, TemporaryError, WebhookRequest, fill
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.connectors.freshworks_stands import ANNA, Answering, kept
from tests.connectors.recordings import given
from tests.peers.faults import Fault
from tests.peers.freshworks import API_KEY, NOTES, TICKETS, WEBHOOK_SECRET

find, preview, undo = given(write_ticket.finder), given(write_ticket.previewer), given(write_ticket.undoer)
undo_note = given(add_note.undoer)


def numbered(number):
    return {**ANNA, "subject": f"T{number}", "cf_key": 100 + number, "cf_order": "A", "description": "Hello"}


class TestNewTicket(TriggerContract):
    many = 205

    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("freshservice.new_ticket", peer, lambda: context(FollowIn), kept)


class TestChangedTicket(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("freshservice.changed_ticket", peer, lambda: context(FollowIn), kept)


class TestWriteTicketByKey(TargetContract):
    many = 30

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {**numbered(0), "cf_none": "B"}
        return Taking("freshservice.write_ticket", peer, writing, numbered, bad=bad, missing="cf_order")


class TestWriteTicketWithTag(TargetContract):
    many = 100

    @pytest.fixture
    async def stand(self, peer, writing):
        def tagged():
            return writing(mode="insert", key="")

        bad = {"subject": "Nobody's"}
        return Taking("freshservice.write_ticket", peer, tagged, numbered, bad=bad, missing="cf_order")


class TestReply(TargetContract):
    many = 30

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.kept.add(kept(1))
        return Answering("freshservice.reply", Reply, around, connection, peer)


class TestAddNote(TargetContract):
    many = 30

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.kept.add(kept(1))
        return Answering("freshservice.add_note", Note, around, connection, peer)


async def test_changes_a_ticket_and_puts_it_back(writing, peer):
    row = peer.kept.add({"subject": "Old", "cf_key": 7, "status": 2, "tags": ["pd-1", "vip"], "urgency": 1})
    before = dict(row["values"])
    new = Record(key="b", rows=[{"cf_key": "7", "status": "waiting on supplier", "tags": "late", "urgency": "High"}])
    [[change]] = await preview(writing(), [new])
    receipt = await write_ticket(writing(), new)
    assert (change.before["tags"], change.after["status"], row["values"]["urgency"]) == (["vip"], 8, 3)
    assert row["values"]["tags"] == ["late", "pd-1"]
    await undo(writing(), receipt)
    assert row["values"] == before | {"tags": ["vip", "pd-1"]}


async def test_finds_its_ticket_by_the_tag_that_lists_do_not_tell(writing, peer):
    _ = [peer.kept.add(kept(number)) for number in range(3)]
    tagged = writing(mode="insert", key="", workspace="4")
    receipt = await write_ticket(tagged, Record(key="KEY-9", rows=[numbered(1)]))
    early = await find(tagged, Record(key="KEY-9", rows=[numbered(1)]), None)
    peer.kept.pass_time(3 * 86_400)
    late = await find(tagged, Record(key="KEY-9", rows=[numbered(1)]), None)
    assert (early.reference, late.reference) == (receipt.reference, receipt.reference)
    assert peer.asked("POST", TICKETS)[0].body["workspace_id"] == 4
    assert await find(writing(mode="insert", key=""), Record(key="KEY-9", rows=[numbered(1)]), None) is None


async def test_follows_and_searches_one_workspace(context, peer):
    peer.kept.add(kept(1))
    peer.kept.add({**kept(2), "workspace_id": 4, "cf_key": 7})
    peer.kept.pass_time(600)
    primary = [item async for item in new_ticket(context(FollowIn), None) if item.content]
    other = [item async for item in new_ticket(context(FollowIn, workspace="4"), None) if item.content]
    found = await find_tickets(context(FindIn, where={"cf_key": "7", "status": "open"}, workspace="4"))
    assert ([item.title for item in primary], [item.title for item in other]) == (["T1"], ["T2"])
    assert [one["title"] for one in found["records"]] == ["T2"]
    with pytest.raises(SettingsError, match="'sales' cannot be the workspace"):
        await find_tickets(context(FindIn, where={"status": "open"}, workspace="sales"))


async def test_skips_what_is_there_when_it_is_told_to(peer, context):
    old = peer.kept.add(kept(1))
    [base] = [item async for item in changed_ticket(context(FollowIn, existing="skip"), None)]
    peer.kept.pass_time(60)
    peer.kept.edit(old, {"subject": "Changed", "status": 8})
    changed = [item async for item in changed_ticket(context(FollowIn), base.cursor) if item.content]
    new = [item async for item in new_ticket(context(FollowIn), base.cursor) if item.content]
    assert [item.content["fields"]["status_name"] for item in changed] == ["Waiting on Supplier"]
    assert (base.content, new) == (None, [])


@pytest.mark.parametrize(
    ("by", "value", "found"), [("email", "anna@example.com", 1), ("name", "An", 1), ("phone", "1", 0)]
)
async def test_finds_a_requester(context, by, value, found):
    told = await find_requester(context(FindPerson, by=by, value=value))
    assert (told["count"], [one["first_name"] for one in told["records"]]) == (found, ["Anna"] * found)


async def test_asks_for_no_requester_with_a_query_of_its_own(context):
    with pytest.raises(SettingsError, match="takes no quotes"):
        await find_requester(context(FindPerson, by="name", value="x' OR active:'true"))
    with pytest.raises(SettingsError, match="the email is empty"):
        await find_requester(context(FindPerson, by="email", value=" "))


async def test_gives_the_ticket_of_a_workflows_call_as_it_stands(context, connection, peer):
    peer.kept.add({**kept(1), "tags": ["vip"]})
    body = b'{"ticket_id": "INC-70001", "event": "opened"}'
    call = WebhookRequest(body=body, headers={"x-webhook-secret": WEBHOOK_SECRET}, query={})
    [item] = await ticket_received(call, NoSettings(), connection, context(NoSettings))
    told = item.content["fields"]
    assert (item.content["event"], told["tags"], told["requester"]["name"]) == ("opened", ["vip"], "Anna")


async def test_takes_back_a_note_only_as_it_was_written(context, peer):
    peer.kept.add(kept(1))
    public = context(Note, ticket="70001", text="Called.", private=False)
    first, second = [await add_note(public, Record(key=key)) for key in ("a", "b")]
    assert peer.asked("POST", NOTES)[0].body == {"body": "<div>Called.</div>", "private": False}
    peer.said[1]["body"] = "<div>Other</div>"
    await undo_note(public, first)
    with pytest.raises(SettingsError, match="has been changed since"):
        await undo_note(public, second)


async def test_says_which_field_freshservice_does_not_take(writing, peer):
    with pytest.raises(SettingsError, match="Freshservice refused it: cf_key: It should be a/an Integer"):
        await write_ticket(writing(), Record(key="a", rows=[numbered(1) | {"cf_key": "seven"}]))
    with pytest.raises(SettingsError, match="'huge' is no impact of Freshservice"):
        await write_ticket(writing(), Record(key="a", rows=[numbered(1) | {"impact": "huge"}]))
    assert peer.kept.rows == []


@pytest.mark.parametrize("body", [{"tickets": None}, {}, [], {"tickets": [{"id": 1}]}, {"tickets": [[]]}])
async def test_says_so_when_an_answer_makes_no_sense(context, peer, body):
    peer.fail(Fault(status=200, body=body))
    with pytest.raises(TemporaryError, match=r"(otherwise than it describes|without a time)"):
        await find_tickets(context(FindIn, where={"status": "open"}))


async def test_offers_fields_and_their_choices(context):
    asked = context(WriteIn, columns={})
    assert [one.value for one in await own_fields(asked)] == ["id", "cf_order", "cf_key"]
    assert ((await statuses(asked))[-1], await types(asked)) == ("Waiting on Supplier", ["Incident"])
    assert [(one.value, one.text) for one in await groups(asked)] == [("3", "Sales")]


async def test_checks_a_key(connection, around, peer):
    assert connector.checker is not None
    await connector.checker(connection, around.context(NoSettings(), connection))
    peer.tokens.clear()
    with pytest.raises(CredentialsError, match="Freshservice does not accept the API key"):
        await connector.checker(connection, around.context(NoSettings(), connection))


@pytest.mark.parametrize("domain", ["", "acme.freshdesk.com", "acme.example.com"])
def test_refuses_what_can_be_no_domain(domain):
    with pytest.raises(ValueError, match="Give the domain alone"):
        fill(Connection, {"domain": domain, "key": API_KEY})
