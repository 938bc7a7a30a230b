"""Following tickets of Freshdesk: nothing missed, nothing unwanted, and rules' calls that nobody else can make."""

import base64

import pytest

from connectors.freshworks._settings import Follow
from connectors.freshworks.freshdesk import Connection, changed_ticket, new_ticket, ticket_received
from connectors.sdk import CredentialsError, NoSettings, SettingsError, WebhookRequest, fill
from tests.connectors.contracts import read
from tests.connectors.entry_stands import Appearing
from tests.connectors.freshworks_stands import ANNA, kept
from tests.peers.faults import Fault
from tests.peers.freshworks import API_KEY, WEBHOOK_SECRET


async def test_misses_nothing_that_changes_while_it_is_read(peer, context):
    rows = [_a_second_later(peer, number) for number in range(250)]
    reading = changed_ticket(context(Follow), None)
    first = [await anext(reading) for _ in range(50)]
    _ = [peer.kept.edit(row, {"subject": "Changed"}) for row in rows[:60]]
    rest = [item async for item in reading]
    assert {item.subject for item in [*first, *rest]} >= {row["id"] for row in rows}


def _a_second_later(peer, number):
    peer.kept.pass_time(1)
    return peer.kept.add(kept(number))


async def test_goes_on_with_old_tickets_that_changed_late_after_a_crash(peer, context):
    old = peer.kept.add(kept(1))
    peer.kept.pass_time(86_400)
    _ = [peer.kept.add(kept(number)) for number in range(2, 250)]
    peer.kept.pass_time(3_600)
    peer.kept.edit(old, {"subject": "Late"})
    stand = Appearing("freshdesk.new_ticket", peer, lambda: context(Follow), kept)
    reading = new_ticket(context(Follow), None)
    first = [await anext(reading) for _ in range(150)]
    cursor = next(item.cursor for item in reversed(first) if item.cursor)
    rest, cursor = await read(stand, cursor)
    assert "Late" in [item.title for item in rest]
    peer.kept.pass_time(600)
    peer.kept.edit(old, {"subject": "Later"})
    assert (await read(stand, cursor))[0] == []


async def test_takes_only_what_is_wanted(peer, context):
    peer.kept.add({**kept(1), "priority": 4, "group_id": 3, "type": "Incident"})
    peer.kept.add({**kept(2), "priority": 4, "group_id": 2, "type": "Incident"})
    peer.kept.add({**kept(3), "priority": 1, "group_id": 3, "type": "Incident"})
    peer.kept.add({**kept(4), "priority": 4, "group_id": 3, "type": "Incident", "status": 8})
    wanted = context(Follow, priorities=["Urgent"], groups=["3"], types=["incident"], statuses=["open", "pending"])
    items = [item async for item in changed_ticket(wanted, None) if item.content]
    assert [item.title for item in items] == ["T1"]
    fields_of = items[0].content["fields"]
    assert (fields_of["status_name"], fields_of["priority_name"], fields_of["requester"]["email"]) == (
        "Open",
        "Urgent",
        ANNA["email"],
    )


async def test_skips_what_is_there_when_it_is_told_to(peer, context):
    old = peer.kept.add(kept(1))
    [base] = [item async for item in new_ticket(context(Follow, existing="skip"), None)]
    peer.kept.pass_time(60)
    peer.kept.edit(old, {"subject": "Changed", "status": 8})
    peer.kept.add(kept(2))
    new = [item async for item in new_ticket(context(Follow), base.cursor) if item.content]
    changed = [item async for item in changed_ticket(context(Follow), base.cursor) if item.content]
    assert (base.content, [item.title for item in new]) == (None, ["T2"])
    assert [item.content["fields"]["status_name"] for item in changed] == ["Waiting on Supplier", "Open"]


async def test_gives_the_ticket_of_a_rules_call_as_it_stands(context, connection, peer):
    peer.kept.add({**kept(1), "subject": 'Say "no"'})
    headers = {"x-webhook-secret": WEBHOOK_SECRET}
    context = context(NoSettings)
    bodies = [
        b'{"ticket_id": 70001, "event": "opened"}',
        b'{"freshdesk_webhook": {"ticket_id": 70001, "ticket_subject": "x", "event": "opened"}}',
        b'{"subject": "Say "no"", "ticket_id": "#70001"}',
    ]
    signed = {"authorization": f"Basic {base64.b64encode(f'rule:{WEBHOOK_SECRET}'.encode()).decode()}"}
    calls = [WebhookRequest(body=body, headers=headers, query={}) for body in bodies[:2]]
    calls += [WebhookRequest(body=bodies[2], headers=signed, query={})]
    items = [(await ticket_received(call, NoSettings(), connection, context))[0] for call in calls]
    assert [item.content["title"] for item in items] == ['Say "no"'] * 3
    assert items[0].key == items[1].key
    assert items[0].key.startswith(f"70001 {peer.kept.now.isoformat()} opened ")
    # Another change within the same second is another event
    peer.kept.rows[0]["values"]["status"] = 5
    [changed] = await ticket_received(calls[0], NoSettings(), connection, context)
    assert (changed.content["changed"], changed.key == items[0].key) == (items[0].content["changed"], False)
    assert items[0].content["fields"]["requester"]["name"] == "Anna"


@pytest.mark.parametrize(
    ("body", "secret", "error", "said"),
    [
        (b'{"ticket_id": 1}', "guessed", CredentialsError, "does not bring this connection's webhook secret"),
        (b'{"ticket_id": 1}', "", CredentialsError, "does not bring this connection's webhook secret"),
        (b'{"ticket_id": "../agents"}', WEBHOOK_SECRET, SettingsError, "names no ticket"),
        (b"[" * 10_000, WEBHOOK_SECRET, SettingsError, "names no ticket"),
        (b'{"ticket_id": 77}', WEBHOOK_SECRET, SettingsError, "There is no ticket 77"),
    ],
)
async def test_believes_no_call_without_the_secret_or_a_ticket(context, connection, body, secret, error, said):
    call = WebhookRequest(body=body, headers={"x-webhook-secret": secret}, query={})
    with pytest.raises(error, match=said):
        await ticket_received(call, NoSettings(), connection, context(NoSettings))


async def test_takes_no_calls_where_no_secret_was_agreed(around, peer):
    connection = fill(Connection, {"key": API_KEY, "address": peer.base})
    call = WebhookRequest(body=b'{"ticket_id": 1}', headers={"x-webhook-secret": ""}, query={})
    with pytest.raises(CredentialsError, match="has no webhook secret"):
        await ticket_received(call, NoSettings(), connection, around.context(NoSettings(), connection))


@pytest.mark.parametrize("moment", ["2026-11-22T08:00:00", "0001-01-01T00:00:00Z"])
async def test_reads_times_that_are_written_otherwise(peer, context, moment):
    ticket = {"id": 7, "subject": "Odd", "created_at": moment, "updated_at": moment}
    peer.fail(Fault(status=200, body=[ticket], headers={"Link": '<https://evil.example/>; rel="next"'}, times=1))
    [item] = [item async for item in new_ticket(context(Follow), None) if item.content]
    assert (item.title, item.content["created"][-6:]) == ("Odd", "+00:00")
