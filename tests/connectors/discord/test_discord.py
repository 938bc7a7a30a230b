"""Discord under the contracts, and what is special: webhooks, embeds, mentions, files, and its own refusals."""

import time

import pytest

from connectors.discord import check, edit_message, new_message, send_file, send_message, show_edit, show_file
from connectors.discord.connection import Connection
from connectors.discord.messages import Channel, channels
from connectors.discord.sending import Edit, Send, SendFile, delete, find, find_edit, restore
from connectors.sdk import CredentialsError, NoSettings, Record, Secret, SettingsError, TemporaryError
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.discord.stands import BOT, GENERAL, MessageStand, SendStand, as_bot, as_webhook, discord_server
from tests.peers.faults import Fault
from tests.peers.surroundings import surroundings

RECORD = Record(key="KEY-1")


class StoredFiles:
    """Files of a run, by reference."""

    async def open(self, reference):
        return {"fil_1": b"%PDF-1.4 forty-two"}[reference]


@pytest.fixture
async def discord():
    async with discord_server() as running:
        yield running
        assert sorted(set(running.peer.violations)) == []


@pytest.fixture
async def around():
    async with surroundings(files=StoredFiles()) as made:
        yield made


@pytest.fixture
def make(discord, around):
    return lambda settings, connected=as_bot: around.context(settings, connected(discord))


class TestNewMessage(TriggerContract):
    @pytest.fixture
    def stand(self, discord, around):
        return MessageStand(discord, around)


class TestSendMessage(TargetContract):
    @pytest.fixture
    def stand(self, discord, around):
        return SendStand(discord, around)


async def items(context, cursor=None):
    return [item async for item in new_message(context, cursor)]


async def test_begins_with_what_is_new_and_leaves_bots_out(discord, make):
    discord.say("old")
    [mark] = await items(make(Channel(channel=GENERAL)))
    await send_message(make(Send(channel=GENERAL, text="from us")), RECORD)
    discord.say("Ann joined", type=7)
    discord.say("new")
    found = await items(make(Channel(channel=GENERAL)), mark.cursor)
    assert [item.title for item in found if item.content] == ["new"]
    everything = await items(make(Channel(channel=GENERAL, bots=True)), mark.cursor)
    assert [item.title for item in everything if item.content] == ["from us", "new"]


async def test_a_repeat_within_minutes_is_taken_for_the_same_message(discord, make):
    first = await send_message(make(Send(channel=GENERAL, text="once")), RECORD)
    again = await send_message(make(Send(channel=GENERAL, text="once")), RECORD)
    assert (first.reference, len(discord.messages)) == (again.reference, 1)


async def test_takes_no_message_of_ten_minutes_ago_for_one_that_says_the_same_now(discord, make, around):
    before = (int(time.time()) - 600 - 1_420_070_400) * 1000 << 22
    discord.say("Built.", author=BOT, id=str(before))
    discord.peer.fail(Fault(kind="cut", verb="POST"))
    with pytest.raises(TemporaryError):
        await send_message(make(Send(channel=GENERAL, text="Built.")), RECORD)
    discord.peer.recover()
    assert await find(make(Send(channel=GENERAL, text="Built.")), RECORD, around.remembered[-1]) is None
    assert await find(make(Send(channel=GENERAL, text="Built.")), RECORD, str(before - 1)) is not None


async def test_values_mention_nobody(discord, make):
    await send_message(make(Send(channel=GENERAL, text="@everyone", embeds=[{"title": "Bill"}])), RECORD)
    [call] = discord.peer.asked("POST", "/channels/{channel_id}/messages")
    assert (call.body["allowed_mentions"], call.body["embeds"]) == ({"parse": []}, [{"title": "Bill"}])


async def test_replies_to_a_message(discord, make):
    asked = discord.say("Is it paid?")
    await send_message(make(Send(channel=GENERAL, text="Yes", reply_to=asked)), RECORD)
    [call] = discord.peer.asked("POST", "/channels/{channel_id}/messages")
    assert call.body["message_reference"]["message_id"] == asked


@pytest.mark.parametrize("connected", [as_bot, as_webhook], ids=["bot", "webhook"])
async def test_posts_changes_after_a_preview_restores_and_deletes(discord, make, connected):
    place = "" if connected is as_webhook else GENERAL
    await check(connected(discord), make(NoSettings(), connected))
    posted = await send_message(make(Send(channel=place, text="open"), connected), RECORD)
    context = make(Edit(channel=place, message=str(posted.reference), text="paid"), connected)
    [[shown]] = await show_edit(context, [RECORD])
    assert (shown.before, shown.after, discord.messages[posted.reference]["content"]) == (
        {"text": "open"}, {"text": "paid"}, "open",
    )  # fmt: skip
    assert await find_edit(context, RECORD, None) is None
    changed = await edit_message(context, RECORD)
    assert await find_edit(context, RECORD, None) is not None
    await restore(context, changed)
    assert discord.messages[posted.reference]["content"] == "open"
    with pytest.raises(SettingsError, match="has been changed again"):
        await restore(context, changed)
    await delete(context, posted)
    assert discord.messages == {}


async def test_leaves_the_unknown_of_a_webhook_to_a_person(discord, make):
    with pytest.raises(SettingsError, match="cannot read"):
        await find(make(Send(text="x"), as_webhook), RECORD, "0")
    assert await find(make(Send(text="x"), as_webhook), RECORD, None) is None


async def test_sends_a_file_after_a_preview_and_finds_it(discord, make):
    settings = SendFile(channel=GENERAL, file={"file": "fil_1", "name": "Rechnung.pdf"}, text="pay")
    [[shown]] = await show_file(make(settings), [RECORD])
    assert (shown.after["name"], discord.writes) == ("Rechnung.pdf", 0)
    receipt = await send_file(make(settings), RECORD)
    assert discord.files == [("Rechnung.pdf", b"%PDF-1.4 forty-two")]
    assert await find(make(settings), RECORD, None) is None
    found = await find(make(settings), RECORD, "0")
    assert found is not None
    assert found.reference == receipt.reference


async def test_changes_nobody_elses_message(discord, make):
    theirs = discord.say("mine")
    with pytest.raises(SettingsError, match="its own messages only"):
        await edit_message(make(Edit(channel=GENERAL, message=theirs, text="yours")), RECORD)


async def test_offers_the_channels_in_which_people_write(make):
    assert [(one.value, one.text) for one in await channels(make(NoSettings()))] == [(GENERAL, "#general, Office")]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, {"code": 50013, "message": "Missing Permissions"}, "lacks a permission"),
        (403, {"code": 50001, "message": "Missing Access"}, "may not see this channel"),
        (
            400,
            {
                "code": 50035,
                "message": "Invalid Form Body",
                "errors": {"embeds": {"0": {"_errors": [{"message": "Bad"}]}}},
            },
            "embeds.0: Bad",
        ),
    ],
)
async def test_says_who_must_do_what(discord, make, status, body, said):
    discord.peer.fail(Fault(status=status, body=body))
    with pytest.raises(SettingsError, match=said):
        await send_message(make(Send(channel=GENERAL, text="x")), RECORD)


@pytest.mark.parametrize(
    "settings",
    [Send(channel="general", text="x"), Send(channel=GENERAL, text=" "), Send(channel=GENERAL, text="x", embeds="no")],
)
async def test_refuses_what_would_not_arrive(make, settings):
    with pytest.raises(SettingsError):
        await send_message(make(settings), RECORD)


async def test_a_webhook_is_at_discord_and_nowhere_else(discord, make):
    with pytest.raises(ValueError, match="not at Discord"):
        Connection(kind="webhook", webhook=Secret("https://evil.example/api/webhooks/1/x"))
    with pytest.raises(CredentialsError, match="takes a bot"):
        await items(make(Channel(channel=GENERAL), as_webhook))

    def odd(_):
        url = f"{discord.peer.base}/api/users/@me"
        return Connection(kind="webhook", webhook=Secret(url), address=discord.peer.base)

    with pytest.raises(CredentialsError, match="no webhook's address"):
        await send_message(make(Send(text="x"), odd), RECORD)
