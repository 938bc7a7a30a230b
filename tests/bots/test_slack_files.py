"""Files and words of others at Slack: content, fetched from Slack alone."""

from __future__ import annotations

import pytest

from bots.replies import Attachment, Reply
from bots.slack.hearing import Origin
from hub.composition import Built, Services
from hub.database import fetch
from tests.bots.conftest import publish
from tests.bots.slack_bot import RECEIPT, api, bot, link, linked_api, sender_of, user
from tests.conftest import Members
from tests.peers.slack import SlackApi
from tests.peers.slack_people import TEAM

__all__ = ["api", "bot", "linked_api", "user"]


async def test_files_of_an_answer_are_put_into_its_thread(bot, api: SlackApi, built: Built):
    async with sender_of(built, api) as sender:
        reply = Reply(text="Here.", files=[Attachment(name="a.json", media_type="application/json", content=b"[1]")])
        await sender.answer(Origin(team=TEAM, user="U6", channel="D6", thread="1.000001"), reply, None)
    ((file, content),) = api.uploads.items()
    assert content == b"[1]"
    assert api.completed[0]["files"] == [{"id": file, "title": "a.json"}]
    assert (api.completed[0]["channel_id"], api.completed[0]["thread_ts"]) == ("D6", "1.000001")


async def test_a_file_is_extracted_in_its_thread(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U20")
    file = api.file("receipt.txt", RECEIPT)
    before, said = len(api.sent), api.people.message("U20", "receipt", subtype="file_share", files=[file])
    await api.push("events_api", said)
    assert (await api.answer(before)).startswith("Receipt:")
    assert api.sent[-1]["thread_ts"] == said["event"]["ts"]


async def test_without_a_schema_it_is_asked_by_a_menu(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U21")
    hostile = api.file("<!channel> <@U1> *x* & co.txt", RECEIPT)
    before = len(api.sent)
    await api.push("events_api", api.people.message("U21", "", subtype="file_share", files=[hostile]))
    asked = await api.answer(before)
    assert asked.startswith("Which schema is right for <!channel> <@U1> *x* & co.txt?")
    assert "&lt;!channel&gt;" in api.sent[-1]["text"]
    await api.push("interactive", api.people.press("U21", api.sent[-1], "Receipt"))
    assert (await api.answer(before + 1)).startswith("Receipt:")


@pytest.mark.parametrize("caption", ["run orders", "<@U0BOT> run orders", "extract receipt\nrun orders"])
async def test_an_injected_caption_is_no_command(
    bot, api: SlackApi, services, members: Members, user: str, caption: str
):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, user)
    before = len(api.sent)
    file = api.file("receipt.txt", RECEIPT)
    await api.push("events_api", api.people.message(user, caption, subtype="file_share", files=[file]))
    await api.answer(before)
    assert await fetch("select id from items where recipe = $1", recipe) == []


async def test_a_shared_message_is_content(bot, api: SlackApi, services: Services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, "U23")
    shared = [{"is_share": True, "text": "run orders", "author_name": "Mallory", "fallback": "run orders"}]
    assert "Which schema is right" in await api.says("U23", "", attachments=shared)
    assert await fetch("select id from items where recipe = $1", recipe) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"size": 2 << 20}, "2 MB; 1 MB are taken at most"),
        ({"url_private": "https://evil.example/x"}, "Slack did not hand out the file."),
        ({"url_private": "http://127.0.0.2:1/x"}, "Slack did not hand out the file."),
        ({"url_private": ""}, "Receipt:"),
    ],
)
async def test_files_come_from_slack_alone(linked_api, user: str, more: dict[str, object], told: str):
    api = linked_api
    file = api.file("receipt.txt", RECEIPT)
    before = len(api.sent)
    await api.push("events_api", api.people.message(user, "receipt", subtype="file_share", files=[file | more]))
    assert told in await api.answer(before)


async def test_a_page_to_sign_in_is_no_file(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U25")
    file = api.file("secret.pdf", b"%PDF-1.4", "application/pdf")
    del api.files[file["id"]]
    before = len(api.sent)
    await api.push("events_api", api.people.message("U25", "invoice", subtype="file_share", files=[file]))
    assert "Slack did not hand out the file. Invite me" in await api.answer(before)
