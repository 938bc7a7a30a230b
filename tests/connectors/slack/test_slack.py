"""What is special about Slack: its marks, its threads, its files, its signed events, and its ways of saying no."""

import json

import pytest

from connectors.sdk import (
    Answer,
    CredentialsError,
    NoSettings,
    Secret,
    SettingsError,
    TemporaryError,
    WebhookRequest,
    fill,
)
from connectors.sdk.items import Record
from connectors.slack import (
    add_reaction,
    check,
    event_received,
    find_channel,
    find_user,
    new_file,
    new_message,
    post_message,
    show_file,
    show_reaction,
    show_update,
    update_message,
    upload_file,
)
from connectors.slack.connection import Connection, access
from connectors.slack.events import Events
from connectors.slack.noticing import Files
from connectors.slack.offers import FindChannel, FindUser, places
from connectors.slack.posting import Post, Update, delete_post, find_post, find_update, restore
from connectors.slack.reading import Channel
from connectors.slack.sharing import React, Upload, delete_file, find_reaction, find_upload, take_back
from connectors.slack.words import message, plain
from tests.connectors.contracts import part_way, read
from tests.connectors.slack.stands import MessageStand, connected
from tests.peers.faults import Fault
from tests.peers.slack_people import SIGNING_SECRET, People, encoded, signed
from tests.peers.slack_workspace import APP, BEGUN, GENERAL

RECORD = Record(key="KEY-1")


def told(receipt):
    assert receipt is not None
    return receipt.reference


async def items(trigger, context, cursor=None):
    return [item async for item in trigger(context, cursor) if item.content is not None]


def test_markdown_becomes_slacks_markup_and_mentions_nobody():
    said = message(
        "# Bill\n**118 €** for <!channel> & [ACME](https://acme.example/?a=1&b=2)\n\n- one\n- two", "markdown", None
    )
    assert said == {
        "text": "*Bill*\n\n*118 €* for &lt;!channel&gt; &amp; <https://acme.example/?a=1&amp;b=2|ACME>\n\n• one\n• two"
    }


def test_a_long_text_is_cut_at_its_lines_into_blocks():
    said = message("\n".join(["word " * 100] * 30), "slack", None)
    pieces = [block["text"]["text"] for block in said["blocks"]]
    assert max(map(len, pieces)) <= 3000
    assert "".join(pieces).split() == ["word"] * 3000
    with pytest.raises(SettingsError, match="too long for Slack"):
        message("x" * 200_000, "slack", None)


def test_what_comes_in_is_read_as_plain_words():
    marked = "Hi <@U1|ann> &amp; <!here>: <https://a.example|the bill> in <#C1|bills> &lt;3"
    assert plain(marked) == "Hi @ann & @here: the bill (https://a.example) in #bills <3"


async def test_reads_a_long_channel_on_from_the_page_where_it_was_left(slack, around):
    stand = MessageStand(slack, around)
    new = await stand.add(450)
    before, cursor = await part_way(stand, None, 250)
    slack.say("meanwhile")
    after, cursor = await read(stand, cursor)
    last, cursor = await read(stand, cursor)
    assert json.loads(cursor or "{}").get("page", "") == ""
    assert {str(item.key).partition(":")[2] for item in [*before, *after]} >= set(new)
    assert [item.title for item in last] == ["meanwhile"]
    assert len(after) < 300


async def test_neither_our_own_messages_nor_those_of_apps_start_a_run(slack, make):
    slack.say("from an app", bot_id="B1", subtype="bot_message")
    slack.say("Ann joined", subtype="channel_join")
    await post_message(make(Post(channel=GENERAL, text="from us")), RECORD)
    slack.say("from Ann")
    chosen = fill(Channel, {"channel": GENERAL, "existing": "read", "apps": True})
    assert [item.title for item in await items(new_message, make(chosen))] == ["from an app", "from Ann"]
    plain_one = fill(Channel, {"channel": GENERAL, "existing": "read"})
    assert [item.title for item in await items(new_message, make(plain_one))] == ["from Ann"]


async def test_a_message_brings_its_files_along_when_asked_to(slack, make):
    held = slack.share("bill.pdf", b"%PDF bill")
    slack.say("see here", files=[slack.files[held], {"id": "F0000GONE", "mode": "tombstone"}])
    chosen = Channel(channel=GENERAL, existing="read", fetch=True)
    [item] = await items(new_message, make(chosen))
    [file] = item.content["files"]
    assert (file["name"], file["file"].content) == ("bill.pdf", b"%PDF bill")


async def test_a_file_that_lies_elsewhere_or_is_too_large_is_told_of_without_its_content(slack, make):
    slack.share("doc", b"", mode="external")
    slack.share("film.mp4", b"", size=26 * 1024 * 1024)
    found = await items(new_file, make(Files(existing="read")))
    assert [(item.content["file"], item.content["problem"]) for item in found] == [
        (None, "The file lies elsewhere; Slack only knows its link."),
        (None, "The file has more than 25 MB."),
    ]


async def test_a_file_that_is_gone_holds_up_no_others(slack, make):
    slack.share("gone.pdf", b"", url_private=f"{slack.url}/nowhere")
    slack.share("bill.pdf", b"%PDF")
    gone, there = await items(new_file, make(Files(existing="read")))
    assert (gone.content["file"], "404" in gone.content["problem"]) == (None, True)
    assert there.content["file"].content == b"%PDF"


async def test_files_that_are_there_already_are_passed_over(slack, make):
    slack.share("old.pdf", b"%PDF")
    [base] = [item async for item in new_file(make(Files(existing="skip")), None)]
    slack.share("new.pdf", b"%PDF")
    assert [item.title async for item in new_file(make(Files(existing="skip")), base.cursor) if item.content] == [
        "new.pdf"
    ]


async def test_a_page_to_sign_in_at_is_not_taken_for_a_file(slack, make):
    slack.share("bill.pdf", b"%PDF")
    slack.hides_files = True
    with pytest.raises(CredentialsError, match="files:read"):
        await items(new_file, make(Files(existing="read")))


@pytest.mark.parametrize("place", [GENERAL, "#general", "U00000ANN"])
async def test_finds_a_message_by_its_mark_wherever_it_was_posted(slack, around, make, place):
    context = make(Post(channel=place, text="once"))
    receipt = await post_message(context, RECORD)
    [token] = around.remembered
    found = await find_post(context, RECORD, str(min(int(token), BEGUN)))
    assert told(found) == receipt.reference
    assert await find_post(context, Record(key="KEY-2"), str(BEGUN)) is None


async def test_finds_a_message_before_thousands_of_others_or_leaves_it_to_a_person(slack, make):
    context = make(Post(channel=GENERAL, text="once"))
    receipt = await post_message(context, RECORD)
    [slack.say("x", at=BEGUN + 100_000.0 + number) for number in range(2_001)]
    assert told(await find_post(context, RECORD, str(BEGUN))) == receipt.reference
    with pytest.raises(SettingsError, match=r"nobody can tell whether the message is among it\. Look yourself"):
        await find_post(context, Record(key="KEY-2"), str(BEGUN + 100_000 - 1))


async def test_replies_in_a_thread_and_finds_and_deletes_the_reply(slack, make):
    parent = slack.say("Is it paid?")
    context = make(Post(channel=GENERAL, text="Yes", thread=parent, broadcast=True))
    receipt = await post_message(context, RECORD)
    assert [one["text"] for one in slack.replies[parent]] == ["Yes"]
    assert told(await find_post(context, RECORD, None)) == receipt.reference
    await delete_post(context, receipt)
    assert slack.replies[parent] == []


async def test_changes_a_message_after_a_preview_and_puts_its_former_text_back(slack, make):
    posted = await post_message(make(Post(channel=GENERAL, text="open")), RECORD)
    context = make(Update(channel=GENERAL, ts=posted.output["ts"], text="**paid**"))
    [[shown]] = await show_update(context, [RECORD])
    assert (shown.before, shown.after, slack.messages[GENERAL][0]["text"]) == (
        {"text": "open"}, {"text": "*paid*"}, "open",
    )  # fmt: skip
    change = Record(key="KEY-2")
    assert await find_update(context, change, None) is None
    receipt = await update_message(context, change)
    assert told(await find_update(context, change, None)) == receipt.reference
    later = await update_message(
        make(Update(channel=GENERAL, ts=posted.output["ts"], text="late")), Record(key="KEY-3")
    )
    with pytest.raises(SettingsError, match="changed again"):
        await restore(context, receipt)
    await restore(context, later)
    await restore(context, receipt)
    assert slack.messages[GENERAL][0]["text"] == "open"
    assert await find_post(make(Post(channel=GENERAL, text="open")), RECORD, None) is not None


async def test_changes_nobody_elses_message(slack, make):
    ts = slack.say("mine")
    with pytest.raises(SettingsError, match="somebody else's"):
        await update_message(make(Update(channel=GENERAL, ts=ts, text="yours")), RECORD)
    with pytest.raises(SettingsError, match="is no message's ts"):
        await update_message(make(Update(channel=GENERAL, ts="yesterday", text="x")), RECORD)


async def test_uploads_a_file_once_and_takes_it_back(slack, around, make):
    settings = Upload(channel=GENERAL, file={"file": "fil_1", "name": "Rechnung.pdf"}, comment="The **bill**")
    context = make(settings)
    [[shown]] = await show_file(context, [RECORD])
    assert (shown.after["name"], shown.after["size"], slack.writes) == ("Rechnung.pdf", 18, 0)
    receipt = await upload_file(context, RECORD)
    [identity] = slack.files
    assert (slack.contents[identity], slack.files[identity]["title"]) == (b"%PDF-1.4 forty-two", "Rechnung.pdf")
    [token] = around.remembered
    assert told(await find_upload(context, RECORD, token)) == receipt.reference
    await delete_file(context, receipt)
    assert slack.files == {}
    assert await find_upload(context, RECORD, token) is None


async def test_reacts_once_and_takes_back_only_what_it_added(slack, make):
    ts = slack.say("done?")
    context = make(React(channel=GENERAL, ts=ts, reaction=":eyes:"))
    await show_reaction(context, [RECORD])
    assert await find_reaction(context, RECORD, None) is None
    first = await add_reaction(context, RECORD)
    again = await add_reaction(context, Record(key="KEY-2"))
    assert (slack.writes, told(await find_reaction(context, RECORD, None))) == (1, first.reference)
    await take_back(context, again)
    assert slack.messages[GENERAL][0]["reactions"][0]["users"] == [APP]
    await take_back(context, first)
    assert "reactions" not in slack.messages[GENERAL][0]


async def test_finds_people_and_channels_and_offers_them(slack, make):
    found = await find_user(make(FindUser(user="bob@example.com")))
    assert (found["id"], found["name"]) == ("U00000BOB", "bob")
    assert (await find_user(make(FindUser(user="Ann Example"))))["id"] == "U00000ANN"
    assert (await find_channel(make(FindChannel(channel="#secret"))))["has_app"] is False
    offered = [choice.text for choice in await places(make(NoSettings()))]
    assert offered == ["#general", "#secret, not invited yet", "@ann", "@bob"]
    slack.scopes_missing["users.list"] = "users:read"
    assert [choice.text for choice in await places(make(NoSettings()))] == offered[:2]


@pytest.mark.parametrize(
    ("code", "error", "said"),
    [
        ("not_in_channel", SettingsError, "/invite"),
        ("channel_not_found", SettingsError, "no such channel"),
        ("token_revoked", CredentialsError, "revoked"),
        ("account_inactive", CredentialsError, "Install it again"),
        ("ratelimited", TemporaryError, "cannot answer now"),
        ("fatal_error", TemporaryError, "cannot answer now"),
        ("something_new", SettingsError, "something_new"),
    ],
)
async def test_says_who_must_do_what(slack, make, code, error, said):
    slack.faults.add(Fault(status=200, body={"ok": False, "error": code}))
    with pytest.raises(error, match=said) as failed:
        await post_message(make(Post(channel=GENERAL, text="x")), RECORD)
    assert getattr(failed.value, "uncertain", False) is (code == "fatal_error")


async def test_names_the_scope_that_is_missing(slack, make):
    slack.scopes_missing["auth.test"] = "chat:write"
    with pytest.raises(CredentialsError, match="lacks the scope chat:write"):
        await check(connected(slack), make(Post(channel=GENERAL)))


async def test_gets_another_token_when_slack_refuses_the_granted_one(slack, make):
    slack.tokens = {"renewed-token"}
    granted = Connection(kind="oauth", client_id="1.2", client_secret=Secret("x"), address=slack.url, uses=["post"])
    await post_message(make(Post(channel=GENERAL, text="hi"), connection=granted), RECORD)
    assert [one["text"] for one in slack.messages[GENERAL]] == ["hi"]
    slack.tokens = set()
    with pytest.raises(CredentialsError, match="does not accept the token"):
        await post_message(make(Post(channel=GENERAL, text="hi"), connection=granted), RECORD)


def test_asks_for_the_scopes_of_its_uses_only_each_with_a_reason():
    granted = Connection(kind="oauth", client_id="1.2", uses=["post"])
    asked = access(granted)
    assert asked is not None
    scopes = asked.scopes
    assert sorted(scopes) == ["channels:history", "channels:read", "chat:write"]
    assert all(scopes.values())
    both = access(Connection(kind="oauth", client_id="1.2", uses=["read", "post"]))
    assert both is not None
    assert both.scopes["channels:history"] == "Reads messages of public channels that the app was invited to."


SIGNED = Connection(token=Secret("xoxb"), signing_secret=Secret(SIGNING_SECRET))


def call(payload, **how):
    body = payload if isinstance(payload, bytes) else encoded(payload)
    headers = {name.lower(): value for name, value in signed(body, **how).items()}
    return WebhookRequest(body=body, headers=headers, query={})


def test_takes_signed_events_once_and_answers_the_question_for_the_address():
    event = People("").mention("U1", "pay &amp; go", event_ts="1.0")
    [item] = event_received(call(event), Events(events=["app_mention"]), SIGNED)
    [again] = event_received(call(event), Events(events=["app_mention"]), SIGNED)
    assert (item.key, item.content["user"], item.content["channel"]) == (again.key, "U1", "C0GENERAL")
    asked = call(json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode())
    assert event_received(asked, Events(), SIGNED) == Answer(text="3eZbrw1a")


@pytest.mark.parametrize(
    ("made", "connection", "said"),
    [
        (lambda: call(b"{}", secret="another"), SIGNED, "not signed with"),
        (lambda: call(b"{}", age=301), SIGNED, "too old"),
        (lambda: WebhookRequest(body=b"{}", headers={}, query={}), SIGNED, "no time"),
        (lambda: call(b"{}"), Connection(), "no signing secret"),
        (lambda: call(b"{}"), None, "no signing secret"),
    ],
    ids=["forged", "old", "unsigned", "no secret", "no connection"],
)
def test_refuses_calls_that_nobody_can_trust(made, connection, said):
    with pytest.raises(CredentialsError, match=said):
        event_received(made(), Events(), connection)


@pytest.mark.parametrize("body", [b"no json", b'{"type": 7}', b"[" * 100_000], ids=["text", "shape", "deep"])
def test_refuses_signed_nonsense(body):
    with pytest.raises(SettingsError, match="no event of Slack's"):
        event_received(call(body), Events(), SIGNED)


def test_leaves_out_events_that_were_not_asked_for():
    own = People("").mention("U1", "hello", app_id="A0APP")
    elsewhere = People("").mention("U1", "hello", channel="C0OTHER")
    chosen = Events(events=["app_mention"], channels=["C0GENERAL"])
    assert event_received(call(own), chosen, SIGNED) == []
    assert event_received(call(elsewhere), chosen, SIGNED) == []
    assert event_received(call(People("").message("U1", "hello")), chosen, SIGNED) == []
