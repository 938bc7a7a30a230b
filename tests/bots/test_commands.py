"""The grammar as dialogs: said, answered."""

import asyncio
from types import SimpleNamespace

import pytest

from bots.commands import COMMANDS
from bots.grammar import parse
from hub.database import fetch, fetch_one
from hub.identities import Kept
from tests.bots.conftest import publish
from tests.bots.dialog import cells


@pytest.mark.parametrize(
    ("text", "word", "argument"),
    [
        ("recipes", "recipes", ""),
        ("/Run invoices", "run", "invoices"),
        ("  RUN   Invoices\nto ledger ", "run", "Invoices\nto ledger"),
        ('/show@patchdeck_bot "Invoices to ledger"', "show", "Invoices to ledger"),
        ("show “Invoices”", "show", "Invoices"),
        ("pause: orders", "pause", "orders"),
        ("/srv/inbox", "", "/srv/inbox"),
        ("=trigger=folder.file_added", "", "=trigger=folder.file_added"),
        ("", "", ""),
        ("run\u00a0orders", "run", "orders"),
    ],
)
def test_words_are_read_forgivingly(text, word, argument):
    said = parse(text)
    assert (said.word, said.argument) == (word, argument)


async def test_help_names_every_command(ann):
    reply = await ann.says("help")
    assert [row[0].split()[0] for row in cells(reply)] == list(COMMANDS)
    assert all(row[1].endswith(".") for row in cells(reply))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("recipe", "Did you mean recipes"),
        ("stauts", "Did you mean status?"),
        ("/aprove x", "approve"),
        ("quux", "Say help to see what you can say."),
        ("<b>run</b>", "Say help"),
        ("x" * 5000, "Say help"),
        ("\u202e\u0000 run", "Say help"),
    ],
)
async def test_unknown_words_get_a_suggestion(ann, text, hint):
    reply = await ann.says(text)
    assert hint in reply.text
    assert len(reply.text) < 300


async def test_recipes_are_listed_shown_paused_and_resumed_by_buttons(services, members, ann):
    await publish(services, members.editor)
    listed = await ann.says("recipes")
    assert cells(listed) == [["orders", "live", ""]]
    shown = await ann.presses(listed, "Orders to table")
    assert "When: Webhook: Event received" in shown.text
    assert "1. Dataset: Write rows" in shown.text
    paused = await ann.presses(shown, "Pause")
    assert paused.text.startswith("orders is paused.")
    assert (await ann.presses(paused, "Resume")).text == "orders works again."


@pytest.mark.parametrize("name", ["orders", "ORDERS", "Orders to table", "'orders'", "ord", "to table"])
async def test_recipes_are_found_by_name_title_and_beginning(services, members, ann, name):
    await publish(services, members.editor)
    assert (await ann.says(f"show {name}")).text.startswith("Orders to table")


async def test_a_misspelled_recipe_gets_a_suggestion(services, members, ann):
    await publish(services, members.editor)
    assert "Did you mean orders?" in (await ann.says("run odrers")).text
    assert "Which recipe?" in (await ann.says("run")).text


async def test_several_recipes_of_one_beginning_are_named(services, members, ann):
    await publish(services, members.editor, "orders-a")
    await publish(services, members.editor, "orders-b")
    assert "orders-a, orders-b" in (await ann.says("run orders")).text


async def test_running_starts_an_item_and_the_same_message_starts_no_second_one(services, members, ann):
    recipe = await publish(services, members.editor)
    first = await ann.says("run orders", key="chat:1")
    again = await ann.says("run orders", key="chat:1")
    rows = await fetch("select id from items where recipe = $1", recipe)
    assert first.text == "orders has started."
    assert "already" in again.text
    assert len(rows) == 1


async def test_a_plan_writes_nothing(services, members, ann):
    recipe = await publish(services, members.editor)
    await services.runs.submit(members.editor, recipe, {"body": {"number": "A-1"}})
    reply = await ann.says("plan orders")
    assert "would make 1 write. Nothing has been written." in reply.text
    assert cells(reply) == [["add", "dataset.write_rows", "number: A-1"]]


async def test_runs_and_status_tell_how_things_stand(services, members, ann):
    await publish(services, members.editor)
    assert (await ann.says("runs orders")).text == "orders has not run yet."
    status = await ann.says("status")
    assert "Recipes: 1 live, 0 paused" in status.text
    assert "Waiting for an answer: 0 reviews, 0 approvals" in status.text


@pytest.mark.parametrize(
    "text", ["run orders", "pause orders", "resume orders", "plan orders", "new a PDF in a folder"]
)
async def test_a_viewer_may_look_and_do_nothing(services, members, vic, text):
    await publish(services, members.editor)
    assert "orders" in str((await vic.says("recipes")).table)
    reply = await vic.says(text)
    assert reply.text == "This needs the role editor; yours is viewer."


async def test_a_viewer_extracts_nothing_and_nothing_is_stored(members, vic):
    reply = await vic.sends("invoice.txt", b"Invoice 17", "invoice")
    assert reply.text == "This needs the role editor; yours is viewer."
    assert await fetch("select id from files where workspace = $1", members.workspace) == []


async def test_many_commands_at_once_are_slowed_down(ann, monkeypatch):
    monkeypatch.setattr("hub.accounts.limits.time", SimpleNamespace(monotonic=lambda: 0.0))
    replies = await asyncio.gather(*(ann.says("help help") for _ in range(80)))
    assert any("slow down" in reply.text for reply in replies)


async def test_somebody_elses_button_does_nothing(services, members, ann, vic):
    await publish(services, members.editor)
    shown = await ann.says("show orders")
    (button, *_) = await ann.conversation.buttons.keep(await ann.identity(), _kept(shown))
    assert "used already or has run out" in (await vic.press(button)).text
    assert (await ann.press(button)).text == "orders has started."


async def test_notices_can_be_switched_off(ann):
    assert "Say notices on or notices off" in (await ann.says("notices")).text
    assert (await ann.says("notices off")).text == "You are told nothing here."
    assert (await ann.identity()).notices is False


async def test_a_refused_command_is_audited_too(members, vic):
    await vic.says("run orders")
    row = await fetch_one(
        "select detail->>'command' as command from audit where workspace = $1 and verb = 'chat.command'",
        members.workspace,
    )
    assert row is not None
    assert row["command"] == "run"


def _kept(reply):
    return [Kept(one.command, one.once) for one in reply.buttons]
