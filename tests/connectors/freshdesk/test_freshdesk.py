"""Freshdesk: its contracts, its search and contacts, and what another client of Freshdesk shows."""

import asyncio

import pytest
from freshdesk.api import API
from requests.adapters import HTTPAdapter

from connectors.freshworks._names import fields, groups, own_fields, statuses, types
from connectors.freshworks._settings import Find, FindPerson, Follow, Note, Reply
from connectors.freshworks.freshdesk import (
    Connection,
    changed_ticket,
    connector,
    find_contact,
    find_tickets,
    write_ticket,
)
from connectors.sdk import CredentialsError, NoSettings, Record, SettingsError, TemporaryError, fill
from connectors.sdk.network.room import Room, room_of
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing, Taking
from tests.connectors.freshworks_stands import Answering, kept, named
from tests.peers.faults import Fault
from tests.peers.freshworks import API_KEY, TICKETS


class TestNewTicket(TriggerContract):
    many = 205

    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("freshdesk.new_ticket", peer, lambda: context(Follow), kept)


class TestChangedTicket(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("freshdesk.changed_ticket", peer, lambda: context(Follow), kept)


class TestWriteTicketByKey(TargetContract):
    many = 30

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {**named(0), "cf_key": "bad", "cf_none": "B"}
        return Taking("freshdesk.write_ticket", peer, writing, named, bad=bad, missing="cf_order")


class TestWriteTicketWithTag(TargetContract):
    many = 200

    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"subject": "Nobody's"}
        tagged = lambda: writing(mode="insert", key="")  # noqa: E731  # a context for each call
        return Taking("freshdesk.write_ticket", peer, tagged, named, bad=bad, missing="cf_order")


class TestReply(TargetContract):
    many = 50

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.kept.add(kept(1))
        return Answering("freshdesk.reply", Reply, around, connection, peer)


class TestAddNote(TargetContract):
    many = 50

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.kept.add(kept(1))
        return Answering("freshdesk.add_note", Note, around, connection, peer)


async def test_searches_with_values_that_stay_values(context, peer):
    _ = [peer.kept.add({**kept(number), "cf_order": "A-7"}) for number in range(65)]
    peer.kept.add({**kept(99), "status": 4, "cf_order": "A-7"})
    peer.kept.pass_time(600)
    found = await find_tickets(context(Find, where={"status": "Open", "cf_order": "A-7"}))
    solved = await find_tickets(context(Find, where={"cf_order": "A-7", "tag": ""}, query="status:4", limit=1))
    assert (found["count"], [one["title"] for one in solved["records"]]) == (65, ["T99"])
    with pytest.raises(SettingsError, match="More than 20 records"):
        await find_tickets(context(Find, where={"status": 2}, limit=20))
    with pytest.raises(SettingsError, match="takes no quotes"):
        await find_tickets(context(Find, where={"cf_order": "x' OR status:2 OR type:'"}))
    with pytest.raises(SettingsError, match="512 characters"):
        await find_tickets(context(Find, where={"cf_order": "x" * 600}))


@pytest.mark.parametrize(
    ("by", "value", "names"),
    [
        ("email", "anna@example.com", ["Anna"]),
        ("phone", "+48123", ["Anna"]),
        ("name", "ann", ["Anna"]),
        ("mobile", "1", []),
    ],
)
async def test_finds_a_contact(context, by, value, names):
    found = await find_contact(context(FindPerson, by=by, value=value))
    assert ([one["name"] for one in found["records"]], found["count"]) == (names, len(names))


async def test_shows_what_another_client_of_freshdesk_shows(context, writing, peer):
    await write_ticket(writing(), Record(key="a", rows=[named(1) | {"status": "Pending"}]))
    peer.kept.pass_time(600)
    seen = await asyncio.to_thread(_seen_by_another_client, peer.base)
    [item] = [item async for item in changed_ticket(context(Follow), None) if item.content]
    ours = item.content["fields"]
    assert (seen["subject"], seen["status"]) == (ours["subject"], "pending")
    assert (seen["found"], seen["notes"]) == ([70001], ["Noted"])
    assert peer.said[0]["private"] is True


def _seen_by_another_client(base):
    """Search for a ticket, note something, and return what was seen."""
    api = API("acme.freshdesk.com", API_KEY, version=2)
    api._session.mount("https://", _Elsewhere(base))
    found = api.tickets.filter_tickets("cf_key:'k1'")
    api.comments.create_note(70001, "Noted")
    ticket = api.tickets.get_ticket(70001)
    notes = [one.body_text for one in api.comments.list_comments(70001)]
    return {"subject": ticket.subject, "status": ticket.status, "tags": ticket.tags, "notes": notes} | {
        "found": [one.id for one in found]
    }


class _Elsewhere(HTTPAdapter):
    """Lets a client that insists on a host of Freshdesk's speak to a peer."""

    def __init__(self, base):
        super().__init__()
        self._base = base

    def send(self, request, **options):  # type: ignore[override]  # all that a session gives is passed on
        request.url = request.url.replace("https://acme.freshdesk.com", self._base, 1)
        return super().send(request, **options)


async def test_reads_what_is_left_of_the_rate_limit(context, peer):
    peer.kept.add(kept(1))
    answer = await context(NoSettings).http.get(
        f"{peer.base}{TICKETS}", headers={"Authorization": f"Basic {next(iter(peer.tokens))}"}
    )
    assert room_of(answer.headers) == Room(3_999, 4_000)


async def test_repeats_no_key_that_an_answer_repeats(context, peer):
    peer.fail(Fault(status=403, body={"code": "access_denied", "message": f"Not {API_KEY}"}))
    with pytest.raises(CredentialsError) as refused:
        await find_tickets(context(Find, where={"status": "open"}))
    assert API_KEY not in refused.value.message


@pytest.mark.parametrize(
    "body", [{"results": [{"id": "x"}]}, {"results": 7}, [], {"results": [{"id": 1, "created_at": "soon"}]}]
)
async def test_says_so_when_an_answer_makes_no_sense(context, peer, body):
    peer.fail(Fault(status=200, body=body))
    with pytest.raises(TemporaryError, match=r"(otherwise than it describes|without a time)"):
        await find_tickets(context(Find, where={"status": "open"}))


async def test_offers_fields_and_their_choices(context):
    asked = context(NoSettings)
    offered = {one.value: one.text for one in await fields(asked)}
    assert (offered["cf_order"], offered["subject"]) == ("Order number", "")
    assert [one.value for one in await own_fields(asked)] == ["id", "cf_order", "cf_key"]
    assert (await statuses(asked))[-1] == "Waiting on Supplier"
    assert await types(asked) == ["Question", "Incident"]
    assert [(one.value, one.text) for one in await groups(asked)] == [("3", "Sales"), ("2", "QA")]


async def test_checks_a_key(connection, around, peer):
    assert connector.checker is not None
    await connector.checker(connection, around.context(NoSettings(), connection))
    peer.tokens.clear()
    with pytest.raises(CredentialsError, match="does not accept the API key"):
        await connector.checker(connection, around.context(NoSettings(), connection))


@pytest.mark.parametrize("domain", ["", "a/b", "evil.com#", "-a", "acme.example.com", "acme.freshdesk.com.evil.com"])
def test_refuses_what_can_be_no_domain(domain):
    with pytest.raises(ValueError, match="Give the domain alone"):
        fill(Connection, {"domain": domain, "key": API_KEY})


@pytest.mark.parametrize("domain", ["acme", "Acme.freshdesk.com"])
def test_takes_the_domain_in_both_ways(domain):
    assert fill(Connection, {"domain": domain, "key": API_KEY}).base == "https://acme.freshdesk.com"
