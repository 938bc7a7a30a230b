"""Recipes drafted by a language model: only what connectors declare counts, and without it words are matched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.composition import Services
from hub.members import Member
from hub.privacy import Action, Policy
from hub.providers import NewProvider, PinnedModel
from tests.bots.dialog import Dialog
from tests.conftest import Members
from tests.peers.llm_client import Peer, llm_server, peer

__all__ = ["llm_server", "peer"]

WORDS = "new whenever a customer pays, keep the payment in our list"
OUTLINE: dict[str, Any] = {
    "name": "Payments Kept", "trigger": "webhook.received", "trigger_settings": [], "schema": None,
    "review_below": None, "approve": True, "target": "dataset.write_rows",
    "target_settings": [{"name": "dataset", "value": "payments"}],
}  # fmt: skip


@pytest.fixture
async def ann(services: Services, members: Members) -> Dialog:
    """The account of an editor: what a model chooses is the same for every chat service."""
    return await Dialog(services).link(members.editor)


async def provide(services: Services, member: Member, peer: Peer) -> None:
    """Give the workspace a model."""
    pinned = PinnedModel(name="test-1")
    await services.providers.add(
        member, NewProvider(name="Peer", preset="other", base_url=peer.url, models=(pinned,), key="k")
    )


@pytest.fixture
async def dialog(services: Services, members: Members, ann: Dialog, peer: Peer) -> Dialog:
    """An editor in a workspace that has a model."""
    await provide(services, members.owner, peer)
    return ann


def says(**changed: Any) -> dict[str, Any]:
    return {"content": json.dumps(OUTLINE | changed)}


async def test_what_the_model_chooses_is_drafted_and_not_published(services, members, dialog: Dialog, peer: Peer):
    peer.script(says())
    reply = await dialog.says(WORDS)
    assert reply.text.startswith("I drafted payments-kept. Nothing is published")
    (recipe,) = (await services.recipes.list(members.viewer)).items
    document = (await services.recipes.show(members.viewer, recipe.id)).document
    assert recipe.state == "draft"
    assert [step["uses"] for step in document["spec"]["steps"]] == ["approve", "dataset.write_rows"]
    assert document["spec"]["steps"][1]["with"]["dataset"] == "payments"


async def test_the_question_is_by_json_schema_and_only_of_the_words(dialog: Dialog, peer: Peer):
    peer.script(says())
    await dialog.says(WORDS)
    (asked,) = peer.asked
    assert asked["messages"][1]["content"] == WORDS.removeprefix("new ")
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert "folder.file_added" in asked["messages"][0]["content"]


async def test_the_question_stays_short_and_holds_what_the_words_may_mean(dialog: Dialog, peer: Peer):
    peer.script(says())
    await dialog.says("new when a mail comes in Outlook, add a row to the Google sheet and keep the payment")
    (asked,) = peer.asked
    rules = asked["messages"][0]["content"]
    offered = asked["response_format"]["json_schema"]["schema"]["properties"]
    assert {"outlook.message_received", "webhook.received"} <= set(offered["trigger"]["enum"])
    assert "google_sheets.write_rows" in offered["target"]["enum"]
    assert len(rules) < 13_000
    assert max(len(offered[side]["enum"]) for side in ("trigger", "target")) <= 31


@pytest.mark.parametrize(
    "changed",
    [
        {"trigger": "shell.execute"},
        {"trigger": "http.send"},
        {"trigger": "'; drop table recipes"},
        {"trigger": None},
    ],
)
async def test_what_no_connector_declares_is_asked(dialog: Dialog, peer: Peer, changed):
    peer.script(says(**changed))
    assert (await dialog.says(WORDS)).text.startswith("What starts it?")


async def test_settings_that_are_not_declared_are_left_out(services, members, dialog: Dialog, peer: Peer):
    odd = [
        {"name": "dataset", "value": "payments"},
        {"name": "shell", "value": "rm"},
        {"name": "columns", "value": "a=b"},
    ]
    peer.script(says(target_settings=odd))
    await dialog.says(WORDS)
    (recipe,) = (await services.recipes.list(members.viewer)).items
    document = (await services.recipes.show(members.viewer, recipe.id)).document
    assert set(document["spec"]["steps"][1]["with"]) == {"dataset", "columns", "mode"}


@pytest.mark.parametrize(
    "step",
    [
        {"status": 500}, {"content": "no json"}, {"content": "[]"}, {"content": '{"name": 1}'}, {"content": "[" * 5000},
        {"page": "<html>"},
    ],
)  # fmt: skip
async def test_without_a_usable_answer_words_are_matched(dialog: Dialog, peer: Peer, step):
    peer.script(step, step, step)
    reply = await dialog.says("new event over a webhook to the dataset orders")
    assert reply.text.startswith("Dataset: Write rows: Dataset?")


async def test_where_words_may_not_leave_no_model_is_asked(services, members, dialog: Dialog, peer: Peer):
    await services.privacy.change(members.owner, Policy(action=Action.MASK, exempt_local=False))
    reply = await dialog.says("new event over a webhook to the dataset orders")
    assert reply.text.startswith("Dataset: Write rows: Dataset?")
    assert peer.asked == []


async def test_what_the_model_took_is_counted(services, members, dialog: Dialog, peer: Peer):
    peer.script(says())
    await dialog.says(WORDS)
    (month,) = [one for one in await services.usage.by_month(members.owner) if one.kind == "tokens"]
    assert month.quantity > 0
