"""Writing tickets of Freshdesk, replies and notes: as people mean them, once, and taken back."""

from typing import Any

import pytest

from connectors.freshworks._settings import Note, Reply
from connectors.freshworks.freshdesk import add_note, reply, write_ticket
from connectors.sdk import Record, SettingsError, TemporaryError
from tests.connectors.freshworks_stands import ANNA, kept, named
from tests.connectors.recordings import given
from tests.peers.faults import Fault
from tests.peers.freshworks import NOTES, REPLY, TICKETS

find, preview, undo = given(write_ticket.finder), given(write_ticket.previewer), given(write_ticket.undoer)
find_reply, preview_reply, undo_note = given(reply.finder), given(reply.previewer), given(add_note.undoer)
PRINTER: dict[str, Any] = {
    **ANNA,
    "subject": "Printer",
    "description": "It is <b>on fire</b>.\nHelp!",
    "status": "Pending",
}
PRINTER |= {"priority": "high", "tags": ["b", "a"], "cf_order": "A-7", "group_id": "3", "cc_emails": "x@example.com"}


async def test_writes_words_as_numbers_and_text_as_harmless_html(writing, peer):
    receipt = await write_ticket(writing(mode="insert", key=""), Record(key="KEY-9", rows=[PRINTER]))
    sent = peer.calls[-1].body
    assert (sent["status"], sent["priority"], sent["group_id"]) == (3, 3, 3)
    assert sent["description"] == "<div>It is &lt;b&gt;on fire&lt;/b&gt;.<br>Help!</div>"
    assert (sent["custom_fields"], sent["cc_emails"]) == ({"cf_order": "A-7"}, ["x@example.com"])
    assert sent["tags"][-2:] == ["a", "b"] or sent["tags"][:2] == ["a", "b"]
    assert [len(one) for one in sent["tags"] if one.startswith("pd-")] == [27]
    assert receipt.url == f"{peer.base}/a/tickets/70001"


async def test_carries_files_with_a_new_ticket_and_a_reply(writing, context, peer):
    files = [{"file": "f1", "name": "a\r\n.pdf"}, {"file": "f2", "name": "b.txt"}]
    await write_ticket(writing(mode="insert", key="", files=files), Record(key="k", rows=[PRINTER]))
    opened = await peer.asked("POST", TICKETS)[0].request.read()
    assert opened.count(b'name="attachments[]"; filename="') == 2
    assert b'name="custom_fields[cf_order]"\r\n\r\nA-7\r\n' in opened
    assert peer.kept.rows[0]["values"]["status"] == 3
    await reply(context(Reply, ticket="70001", text="See", files=files[0], cc=["x@example.com"]), Record(key="r"))
    answered = peer.asked("POST", REPLY)[0].body
    assert (answered["attachments[]"], answered["cc_emails"]) == ("content of f1", ["x@example.com"])


async def test_changes_a_ticket_and_puts_it_back(writing, peer):
    row = peer.kept.add({"subject": "Old", "cf_key": "k1", "status": 2, "tags": ["pd-1", "vip"], "description": "Was"})
    before = dict(row["values"])
    new = Record(
        key="b", rows=[{"cf_key": "k1", "status": "Waiting on supplier", "tags": "late", "description": "New"}]
    )
    [[change]] = await preview(writing(), [new])
    receipt = await write_ticket(writing(), new)
    assert (change.before["status"], change.after["status"], row["values"]["status"]) == (2, 8, 8)
    assert (row["values"]["tags"], row["values"]["description"]) == (["late", "pd-1"], "Was")
    await undo(writing(), receipt)
    assert row["values"] == before | {"tags": ["vip", "pd-1"]}


async def test_leaves_a_ticket_alone_that_someone_has_changed_since(writing, peer):
    receipt = await write_ticket(writing(), Record(key="a", rows=[named(1)]))
    peer.kept.edit(peer.kept.rows[0], {"subject": "Other"})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_leaves_a_ticket_alone_in_which_somebody_has_written_since(writing, context, peer):
    receipt = await write_ticket(writing(), Record(key="a", rows=[named(1)]))
    await add_note(context(Note, ticket=receipt.output["id"], text="He called."), Record(key="b"))
    with pytest.raises(SettingsError, match=r"written in the ticket 70001 since, so it stays\."):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_finds_its_ticket_by_the_tag_though_a_rule_has_changed_it(writing, peer):
    tagged = writing(mode="insert", key="")
    receipt = await write_ticket(tagged, Record(key="KEY-9", rows=[PRINTER]))
    peer.kept.edit(peer.kept.rows[0], {"priority": 1, "group_id": 2})
    early = await find(tagged, Record(key="KEY-9", rows=[PRINTER]), None)
    peer.kept.pass_time(3 * 86_400)
    late = await find(tagged, Record(key="KEY-9", rows=[PRINTER]), None)
    assert (early.reference, late.reference) == (receipt.reference, receipt.reference)
    with pytest.raises(SettingsError, match="look and decide"):
        await find(writing(mode="insert", key="", tag=False), Record(key="KEY-9", rows=[PRINTER]), None)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"status": "Lost"}, "'Lost' is no status of Freshdesk. Choose one of: Open, Pending"),
        ({"status": 9}, "Freshdesk refused it: status: It should be one of these values"),
        ({"group_id": "sales"}, "'sales' cannot be the group_id"),
        ({"nothing": 1}, "Freshdesk refused it: nothing: Unexpected/invalid field"),
        ({"description": "Other"}, "^There is nothing to change"),
    ],
)
async def test_says_which_field_freshdesk_does_not_take(writing, peer, row, said):
    peer.kept.add({"subject": "Old", "description": "Was"})
    with pytest.raises(SettingsError, match=said):
        await write_ticket(writing(mode="update", key="id"), Record(key="a", rows=[{"id": "70001", **row}]))
    assert peer.kept.rows[0]["values"] == {"subject": "Old", "description": "Was"}


async def test_tells_a_reply_from_an_earlier_one_with_the_same_words(around, connection, context, peer):
    peer.kept.add(kept(1))
    saying = context(Reply, ticket="70001", text="We are on it.\nSoon.")
    await reply(saying, Record(key="a"))
    peer.kept.pass_time(60)
    around.remembered.clear()
    peer.fail(Fault(kind="cut", verb="POST"))
    with pytest.raises(TemporaryError) as cut:
        await reply(saying, Record(key="b"))
    peer.recover()
    [token] = around.remembered
    assert cut.value.uncertain
    assert await find_reply(saying, Record(key="b"), token) is None
    assert await find_reply(saying, Record(key="b"), None) is None
    assert (await find_reply(saying, Record(key="a"), "2026-01-01T00:00:00+00:00")).reference == "1"


async def test_shows_a_reply_and_refuses_what_nobody_can_send(context, peer):
    [[shown]] = await preview_reply(
        context(Reply, ticket="70001", html="<p>Hi</p>", bcc="x@example.com"), [Record(key="a")]
    )
    assert (shown.reference, shown.after) == ("ticket 70001", {"body": "<p>Hi</p>", "bcc_emails": ["x@example.com"]})
    with pytest.raises(SettingsError, match="no address"):
        await reply(context(Reply, ticket="70001", text="Hi", cc="nobody"), Record(key="a"))
    with pytest.raises(SettingsError, match="no number of a ticket"):
        await reply(context(Reply, ticket="70001/notes", text="Hi"), Record(key="a"))
    assert peer.calls == []


async def test_takes_back_a_note_only_as_it_was_written(context, peer):
    peer.kept.add(kept(1))
    private = context(Note, ticket="70001", text="Called <her>.", notify="agent@example.com")
    first, second = [await add_note(private, Record(key=key)) for key in ("a", "b")]
    assert peer.asked("POST", NOTES)[0].body["body"] == "<div>Called &lt;her&gt;.</div>"
    peer.said[1]["body"] = "<div>Other</div>"
    await undo_note(private, first)
    with pytest.raises(SettingsError, match="has been changed since"):
        await undo_note(private, second)
    with pytest.raises(SettingsError, match="no longer there"):
        await undo_note(private, first)
