"""Forms at Slack: a new user drafts a recipe without a word typed to the bot, and extracts by the shortcut."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bots.drafting.form import Choice, Line
from bots.slack.views import draft_form
from hub.composition import Services
from hub.config import Config
from hub.database import execute
from hub.recipes.views import State
from tests.bots.slack_bot import RECEIPT, api, bot, link, user
from tests.bots.test_drafting import INVOICES
from tests.conftest import Members
from tests.peers.slack import SlackApi
from tests.peers.slack_checks import wrong
from tests.peers.slack_people import labels, words

__all__ = ["api", "bot", "user"]


async def test_a_new_user_wires_a_recipe_in_one_form_and_publishes_it(
    bot, api: SlackApi, services: Services, members: Members, config: Config, user: str
):
    """new PDF in a folder -> invoice -> review below 0.9 -> spreadsheet: seven choices, one form."""
    await link(services, api, members.editor, user)
    await api.push("slash_commands", api.people.command(user, "new"))
    await api.until(lambda: api.views)
    assert api.views[-1]["title"]["text"] == "New recipe"
    chosen = {"What starts it?": "Folder: File added"}
    await api.push("interactive", api.people.choose(user, api.views[-1], chosen, "What starts it?"))
    await api.until(lambda: len(api.views) == 2)
    chosen = {"Where do the results go?": "Files: Write an XLSX file"}
    await api.push("interactive", api.people.choose(user, api.views[-1], chosen, "Where do the results go?"))
    await api.until(lambda: len(api.views) == 3)
    answers = {
        "Folder: Directory": str(config.data_dir / "inbox"), "What is extracted?": "Invoice",
        "Does somebody look at it?": "When less sure than 90%", "Files: Directory": str(config.data_dir),
        "Files: File": "invoices.xlsx",
    }  # fmt: skip
    acknowledged = await api.push("interactive", api.people.submit(user, api.views[-1], answers))
    assert acknowledged["payload"]["response_action"] == "update"
    await api.until(lambda: len(api.views) == 4)
    drafted = api.views[-1]
    steps = "When: Folder: File added\n1. Extract\n2. Review\n3. Files: Write an XLSX file\n"
    assert steps in words(drafted["blocks"])
    assert "Nothing is published" in words(drafted["blocks"])
    assert labels(drafted["blocks"]) == ["Publish…", "Plan it", "Show it"]
    (recipe,) = (await services.recipes.list(members.viewer)).items
    assert (recipe.state, recipe.problems) == (State.DRAFT, [])
    document = (await services.recipes.show(members.viewer, recipe.id)).document
    assert document["spec"]["steps"][1]["with"] == {"below": 0.9}
    await _publish(api, user)
    assert (await services.recipes.show(members.viewer, recipe.id)).state is State.LIVE


async def _publish(api: SlackApi, user: str) -> None:
    """Press what publishes, and once more where it asks again."""
    shown = len(api.views)
    await api.push("interactive", api.people.press_in_view(user, api.views[-1], "Publish…"))
    await api.until(lambda: len(api.views) == shown + 1)
    assert words(api.views[-1]["blocks"]).startswith("Publish folder-to-files?")
    await api.push("interactive", api.people.press_in_view(user, api.views[-1], "Publish it"))
    await api.until(lambda: len(api.views) == shown + 2)
    assert "is published as version 1" in words(api.views[-1]["blocks"])


async def test_names_longer_than_a_menu_carries_are_chosen_whole(
    bot, api: SlackApi, services: Services, members: Members, user: str
):
    names = [f"{number} {'Warehouse ' * 9}".strip() for number in (1, 2)]
    values = {"host": "db.example", "database": "x", "user": "u", "password": "p"}
    await services.connections.add(members.owner, names[0], "postgres", values)
    await services.connections.add(members.owner, names[1], "postgres", values)
    await link(services, api, members.editor, user)
    await api.push("slash_commands", api.people.command(user, "new"))
    await api.until(lambda: api.views)
    chosen = {"What starts it?": "Webhook: Event received", "Where do the results go?": "PostgreSQL: Write rows"}
    await api.push("interactive", api.people.choose(user, api.views[-1], chosen, "Where do the results go?"))
    await api.until(lambda: len(api.views) == 2)
    answers = {"Connection to PostgreSQL": f"{names[1][:74]}…", "PostgreSQL: Table": "orders"}
    await api.push("interactive", api.people.submit(user, api.views[-1], answers))
    await api.until(lambda: len(api.views) == 3)
    (recipe,) = (await services.recipes.list(members.viewer)).items
    document = (await services.recipes.show(members.viewer, recipe.id)).document
    assert document["spec"]["steps"][0]["connection"] == names[1]


def test_menus_of_any_number_of_parts_are_within_what_slack_takes():
    choices = [Choice(f"service.part_{number}", f"Part {number}", f"Group {number // 150}") for number in range(400)]
    view = draft_form([Line(key="trigger", label="What starts it?", choices=choices, redraws=True)])
    groups = view["blocks"][1]["element"]["option_groups"]
    assert wrong("views_open", AsyncWebClient.views_open, {"trigger_id": "1", "view": view}, as_json=True) == []
    assert [len(one["options"]) for one in groups] == [100, 50, 100, 50, 100]


async def test_words_fill_the_form_in(bot, api: SlackApi, services: Services, members: Members, config: Config, user):
    await link(services, api, members.editor, user)
    await api.says(user, f"new {INVOICES}")
    assert labels(api.sent[-1]["blocks"])[-1] == "Open as a form"
    await api.push("interactive", api.people.press(user, api.sent[-1], "Open as a form"))
    await api.until(lambda: api.views)
    filled = {
        block["label"]["text"]: block["element"]["initial_option"]["text"]["text"]
        for block in api.views[-1]["blocks"]
        if block["type"] == "input" and "initial_option" in block["element"]
    }
    assert filled == {
        "What starts it?": "Folder: File added", "What is extracted?": "Invoice",
        "Does somebody look at it?": "When less sure than 90%", "Where do the results go?": "Files: Write an XLSX file",
    }  # fmt: skip


async def test_a_draft_that_changed_meanwhile_is_not_published_unseen(
    bot, api: SlackApi, services: Services, members: Members, user
):
    await link(services, api, members.editor, user)
    await api.says(user, "new receive orders over a webhook and write them to the dataset orders")
    await api.says(user, "orders")
    (recipe,) = (await services.recipes.list(members.editor)).items
    await api.says(user, f"publish {recipe.name}")
    asked = api.sent[-1]
    assert (await services.recipes.show(members.editor, recipe.id)).state is State.DRAFT
    await execute("update documents set revision = revision + 1 where workspace = $1", members.workspace)
    await api.push("interactive", api.people.press(user, asked, "Publish it"))
    await api.until(lambda: api.responses)
    assert "changed" in words(api.responses[0]["blocks"])
    assert (await services.recipes.show(members.editor, recipe.id)).state is State.DRAFT


async def test_an_answer_of_the_wrong_kind_is_told_under_its_line(
    bot, api: SlackApi, services: Services, members: Members, user
):
    await link(services, api, members.editor, user)
    view = {
        "id": "V1", "type": "modal", "callback_id": "draft", "blocks": [
            _text("trigger", "sitemap.new_page"), _text("trigger sitemap.new_page changes", "perhaps"),
        ],
    }  # fmt: skip
    answer = await api.push("interactive", api.people.submit(user, view, {}))
    assert answer["payload"]["response_action"] == "errors"
    assert list(answer["payload"]["errors"]) == ["trigger sitemap.new_page changes"]
    assert (await services.recipes.list(members.editor)).items == []


@pytest.mark.parametrize("hostile", ["{{ secrets }}", "x" * 3000, "<!channel>", "\u202e\u0000"])
async def test_forged_forms_end_in_words(bot, api: SlackApi, services: Services, members: Members, user, hostile: str):
    await link(services, api, members.editor, user)
    view = {
        "id": "V1", "type": "modal", "callback_id": "draft", "blocks": [
            _text(name, hostile) for name in ("trigger", "target", "schema", "review", "approve", "words")
        ],
    }  # fmt: skip
    await api.push("interactive", api.people.submit(user, view, {}))
    await api.until(lambda: api.views)
    assert words(api.views[-1]["blocks"])


async def test_a_viewer_drafts_nothing(bot, api: SlackApi, services: Services, members: Members, user):
    await link(services, api, members.viewer, user)
    view = {"id": "V1", "type": "modal", "callback_id": "draft", "blocks": [_text("trigger", "webhook.received")]}
    await api.push("interactive", api.people.submit(user, view, {}))
    await api.until(lambda: api.views)
    assert words(api.views[-1]["blocks"]) == "This needs the role editor; yours is viewer."


async def test_a_form_that_comes_too_late_is_offered_again(bot, api: SlackApi, services, members: Members, user):
    await link(services, api, members.editor, user)
    api.faults.append(
        lambda method, _: (200, {"ok": False, "error": "expired_trigger_id"}, {}) if method == "views.open" else None
    )
    await api.push("slash_commands", api.people.command(user, "new"))
    await api.until(lambda: api.responses)
    assert "Press once more" in words(api.responses[0]["blocks"])
    assert labels(api.responses[0]["blocks"]) == ["Open as a form"]


async def test_a_form_that_was_closed_meanwhile_is_answered_directly(bot, api: SlackApi, services, members, user):
    await link(services, api, members.editor, user)
    api.faults.append(
        lambda method, _: (200, {"ok": False, "error": "not_found"}, {}) if method == "views.update" else None
    )
    view = {"id": "V1", "type": "modal", "callback_id": "draft", "blocks": [_text("trigger", "webhook.received")]}
    before = len(api.sent)
    await api.push("interactive", api.people.submit(user, view, {}))
    assert (await api.answer(before)).startswith("I drafted")


async def test_the_shortcut_extracts_a_file_into_its_thread(bot, api: SlackApi, services, members: Members, user):
    await link(services, api, members.editor, user)
    message = {"type": "message", "user": "U1", "ts": "1763700000.000100", "text": "run orders",
               "files": [api.file("receipt.txt", RECEIPT)]}  # fmt: skip
    await api.push("interactive", api.people.shortcut(user, message))
    await api.until(lambda: api.views)
    assert "receipt.txt" in words(api.views[-1]["blocks"])
    before = len(api.sent)
    sent = api.people.submit(user, api.views[-1], {"What is to be extracted?": "Receipt"})
    assert "payload" not in await api.push("interactive", sent)
    assert (await api.answer(before)).startswith("Receipt:")
    assert (api.sent[-1]["channel"], api.sent[-1]["thread_ts"]) == ("C0GENERAL", "1763700000.000100")


async def test_the_shortcut_says_what_it_needs(bot, api: SlackApi, services, members: Members, user):
    message = {"ts": "1.000001", "files": [api.file("receipt.txt", RECEIPT)]}
    await api.push("interactive", api.people.shortcut(user, message))
    await api.until(lambda: api.responses)
    assert "I do not know you" in words(api.responses[0]["blocks"])
    await link(services, api, members.editor, user)
    await api.push("interactive", api.people.shortcut(user, message | {"files": []}))
    await api.until(lambda: len(api.responses) == 2)
    assert "There is no file in this message" in words(api.responses[1]["blocks"])


def _text(key: str, value: str) -> dict[str, object]:
    """A line of a form that somebody has made up."""
    element = {"type": "plain_text_input", "action_id": "value", "initial_value": value}
    return {"type": "input", "block_id": key, "label": {"type": "plain_text", "text": key}, "element": element}
