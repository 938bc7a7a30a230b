"""Telegram: the queue that is confirmed only once it is stored, files, Markdown, and what its refusals tell."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.sdk import CredentialsError, Record, Secret, SettingsError, TemporaryError
from connectors.telegram import (
    check,
    edit_message,
    find_edit,
    message_received,
    send_file,
    send_message,
    show_edit,
    show_file,
    show_message,
)
from connectors.telegram.connection import Connection
from connectors.telegram.messages import Inbox, news
from connectors.telegram.sending import Edit, Send, SendFile, delete, marked
from tests.connectors.contracts import TargetContract, TriggerContract, TriggerStand, read
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.telegram import TOKEN, BotApi, bot_api

ANN = 77
RECORD = Record(key="KEY-1")
FAULTS = {
    "401": Fault(status=401),
    "403": Fault(status=403, body={}),
    "429": Fault(status=429, body={"ok": False, "parameters": {"retry_after": 7}}),
    "500": Fault(status=500),
    "cut": Fault(kind="cut"),
    "malformed": Fault(kind="malformed"),
}


class StoredFiles:
    """Files of a run, by reference."""

    async def open(self, reference):
        return {"fil_1": b"%PDF-1.4 forty-two", "fil_big": b"0" * (50 * 1024 * 1024 + 1)}[reference]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as running:
        yield running
        assert running.violations == []


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings(files=StoredFiles()) as made:
        yield made


@pytest.fixture
def connection(api):
    return Connection(token=Secret(TOKEN), address=api.url)


@pytest.fixture
def make(around, connection):
    return lambda settings: around.context(settings, connection)


class InboxStand(TriggerStand):
    """A bot that people write to."""

    uses = "telegram.message_received"

    def __init__(self, api, make):
        self.api, self._make = api, make

    def context(self):
        return self._make(Inbox())

    async def add(self, count):
        updates = [self.api.message(ANN, f"News {number}") for number in range(count)]
        await self.api.push(*updates)
        return [f"{ANN}:{update['message']['message_id']}" for update in updates]

    async def add_late(self):
        """Telegram numbers updates as it hands them out: one that is written late comes last."""
        update = self.api.message(ANN, "late")
        update["message"]["date"] -= 3600
        await self.api.push(update)
        return f"{ANN}:{update['message']['message_id']}"

    async def repeat(self):
        """Until it is confirmed Telegram tells of each message again by itself."""

    async def fail(self, fault):
        self.api.failing.add(FAULTS[fault])

    async def heal(self):
        self.api.failing.clear()


class TestMessageReceived(TriggerContract):
    many = 100  # what is stored confirms what was handed out, so one look takes what one answer of Telegram's holds

    @pytest.fixture
    def stand(self, api, make):
        return InboxStand(api, make)

    async def test_confirms_a_hundred_at_a_time_and_only_what_is_stored(self, stand, api):
        new = await stand.add(250)
        looks = [await read(stand, None)]
        assert len(api.updates) == 250
        looks += [await read(stand, looks[-1][1])]
        looks += [await read(stand, looks[-1][1])]
        looks += [await read(stand, looks[-1][1])]
        assert [len(found) for found, _ in looks] == [100, 100, 50, 0]
        assert [item.key for found, _ in looks for item in found] == new
        assert (looks[-1][1], api.updates) == ("-", [])


class SendStand(WordingStand):
    """A chat that messages go to."""

    uses = "telegram.send_message"

    def __init__(self, api, around, connection):
        super().__init__(around, connection)
        self.api = api

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return len([call for call in self.api.calls if call != "getMe"])

    def settings(self, words):
        return Send(chat=str(ANN), text=words)

    def bad_record(self):
        return self.worded("KEY-BAD", "x" * 5000)

    async def rows(self):
        return list(self.api.messages.values())

    async def drift(self):
        self.api.faults.append(lambda method, given: (400, "Bad Request: chat not found", {}))

    async def fail(self, fault):
        self.api.failing.add(FAULTS[fault])

    async def heal(self):
        self.api.failing.clear()


class TestSendMessage(TargetContract):
    @pytest.fixture
    def stand(self, api, around, connection):
        return SendStand(api, around, connection)

    async def test_writes_once_under_a_repeated_key(self, stand):
        """A bot cannot read what it has said: the hub leaves what it does not know to a person."""
        assert stand.target.finder is None
        assert not stand.target.carries_key

    async def test_knows_what_was_never_written(self, stand):
        await self.test_writes_once_under_a_repeated_key(stand)

    async def found(self, stand, record):
        return None


async def test_leaves_out_what_was_there_before_when_told_so(api, make):
    await api.push(api.message(ANN, "old"), api.message(ANN, "older"))
    [mark] = [item async for item in message_received(make(Inbox(existing="skip")), None)]
    await api.push(api.message(ANN, "new"))
    found = [item async for item in message_received(make(Inbox(existing="skip")), mark.cursor)]
    assert [item.title for item in found] == ["new"]


async def test_brings_files_along_and_tells_of_those_that_telegram_keeps(api, make):
    await api.push(api.document(ANN, "Rechnung ł.pdf", b"%PDF", caption="pay this"))
    large = api.document(ANN, "film.mp4", b"x")
    large["message"]["document"]["file_size"] = 21 * 1024 * 1024
    await api.push(large)
    first, second = [item async for item in message_received(make(Inbox(takes="files")), None)]
    [file] = first.content["files"]
    assert (first.title, file["name"], file["file"].content) == ("pay this", "Rechnung ł.pdf", b"%PDF")
    [kept] = second.content["files"]
    assert (kept["file"], kept["problem"]) == (None, "Telegram hands out files of up to 20 MB only.")


async def test_listens_to_the_chosen_chats_and_kinds_only(api, make):
    await api.push(api.message(ANN, "hello"), api.message(5, "stranger"), api.document(ANN, "a.txt", b"x"))
    found = [item async for item in message_received(make(Inbox(takes="texts", chats=[ANN])), None)]
    assert [(item.title, item.cursor) for item in found if item.content] == [("hello", found[0].cursor)]
    assert found[-1].cursor == str(api.updates[-1]["update_id"])


async def test_wakes_up_when_somebody_writes(api, make):
    waiting = asyncio.create_task(news(make(Inbox())))
    await api.until(lambda: "getUpdates" in api.calls)
    await api.push(api.message(ANN, "hello"))
    await asyncio.wait_for(waiting, 60)


async def test_says_that_another_address_gets_the_messages(api, make):
    api.webhook = {"url": "https://elsewhere.example"}
    with pytest.raises(SettingsError, match="make a bot of its own"):
        [item async for item in message_received(make(Inbox()), None)]


async def test_says_that_somebody_else_listens(api, make):
    said = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    api.faults.append(lambda method, given: (409, said, {}))
    with pytest.raises(TemporaryError, match="goes to one of them only"):
        [item async for item in message_received(make(Inbox()), None)]


async def test_tells_a_wrong_token_apart(api, around, make):
    await check(Connection(token=Secret(TOKEN), address=api.url), make(Inbox()))
    wrong = Connection(token=Secret("1:x/../../file"), address=api.url)
    with pytest.raises(CredentialsError, match="no token of a Telegram bot"):
        await check(wrong, around.context(Inbox(), wrong))


def test_markdown_becomes_the_html_that_telegram_knows():
    assert marked("**Hi** <b>x</b> & [a](https://a.example/?x=1&y=2)\n> q\n\n`c<d`") == (
        "<b>Hi</b> &lt;b&gt;x&lt;/b&gt; &amp; "
        '<a href="https://a.example/?x=1&amp;y=2">a</a>\n\n<blockquote>q</blockquote>\n\n<code>c&lt;d</code>'
    )
    assert marked("[x](javascript:alert)") == "[x](javascript:alert)"


async def test_sends_files_and_photos_and_takes_them_back(api, make):
    file = {"file": "fil_1", "name": "Rechnung.pdf"}
    context = make(SendFile(chat="@bills", file=file, text="**pay**", reply_to="5"))
    [[shown]] = await show_file(context, [RECORD])
    assert (shown.after["name"], shown.after["size"], api.calls) == ("Rechnung.pdf", 18, [])
    receipt = await send_file(context, RECORD)
    await send_file(make(SendFile(chat=str(ANN), file=file, name="x.png", shown_as="photo")), RECORD)
    assert api.documents == [("Rechnung.pdf", b"%PDF-1.4 forty-two"), ("x.png", b"%PDF-1.4 forty-two")]
    with pytest.raises(SettingsError, match="takes 50 MB"):
        await send_file(make(SendFile(chat=str(ANN), file={"file": "fil_big", "name": "big.zip"})), RECORD)
    api.messages[receipt.after["chat"], int(receipt.after["message"])] = "told by number"
    await delete(context, receipt)
    assert "told by number" not in api.messages.values()


async def test_changes_a_message_after_a_preview_and_may_do_so_again(api, make):
    sent = await send_message(make(Send(chat=str(ANN), text="open")), RECORD)
    context = make(Edit(chat=str(ANN), message=sent.output["message"], text="paid"))
    [[shown]] = await show_edit(context, [RECORD])
    assert (shown.after, list(api.messages.values())) == ({"text": "paid"}, ["open"])
    first, again = await edit_message(context, RECORD), await edit_message(context, RECORD)
    assert (first.reference == again.reference, list(api.messages.values())) == (True, ["paid"])
    assert await find_edit(context, RECORD, None) is None


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Forbidden: bot was blocked by the user", "has blocked the bot"),
        ("Bad Request: chat not found", "must have written to the bot first"),
        ("Bad Request: something new.", "Telegram refuses this: something new."),
    ],
)
async def test_says_who_must_do_what(api, make, said, sentence):
    api.faults.append(lambda method, given: (403, said, {}))
    with pytest.raises(SettingsError, match=sentence):
        await send_message(make(Send(chat=str(ANN), text="x")), RECORD)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Send(chat="somebody", text="x"), "neither a chat's id"),
        (Send(chat="1", text="  "), "nothing to say"),
        (Send(chat="1", text="x", reply_to="two"), "no number of a message"),
    ],
)
async def test_refuses_what_would_not_arrive(make, settings, said):
    with pytest.raises(SettingsError, match=said):
        await send_message(make(settings), RECORD)


async def test_a_group_that_has_moved_is_told_with_its_new_id(api, make):
    moved = {"migrate_to_chat_id": -1001234}
    api.faults.append(lambda method, given: (400, "Bad Request: group chat was upgraded to a supergroup chat", moved))
    with pytest.raises(SettingsError, match="-1001234"):
        await send_message(make(Send(chat="-5", text="x")), RECORD)
    assert (await show_message(make(Send(chat="-5", text="x")), [RECORD]))[0][0].after["chat"] == "-5"
