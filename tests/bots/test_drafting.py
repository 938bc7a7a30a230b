"""Recipes from plain words: what is understood, asked, shown and saved; never published."""

from typing import Literal

import pytest

from bots.drafting import hints, matching
from bots.drafting.draft import PartDraft, source_of
from bots.replies import Reply
from hub.composition import Services
from hub.config import Config
from hub.datasets import NewDataset
from hub.members import Member
from tests.bots.dialog import BASE, Dialog, cells, labels

INVOICES = "new PDF in a folder -> invoice -> review below 0.9 -> spreadsheet"


@pytest.mark.parametrize(
    ("words", "trigger", "target"),
    [
        (INVOICES, "folder.file_added", "files.write_xlsx"),
        ("every new mail from a@b.org, append to invoices.csv", "email.message_received", "files.append_csv"),
        (
            "when a new entry appears in the feed https://x.org/f.xml send a mail to ann@x.org",
            "rss.new_entry",
            "email.send",
        ),
        ("watch https://x.org/prices and tell me by mail when it changes", "web.page_changed", "email.send"),
        ("receive orders over a webhook and write them into postgres", "webhook.received", "postgres.write_rows"),
        ("uploaded receipts to the dataset receipts", "manual.submitted", "dataset.write_rows"),
        ("new page in sitemap https://a.org/s.xml to jsonl file", "sitemap.new_page", "files.append_jsonl"),
        (
            "when a mail comes in Gmail then add a row to the sheet",
            "gmail.message_received",
            "google_sheets.write_rows",
        ),
        ("when a message is posted in slack, save it in notion", "slack.new_message", "notion.write_page"),
        ("when somebody adds a reaction in slack send me a notice", "slack.reaction_added", "notify.send"),
        ("new files in dropbox to google drive", "dropbox.file_changed", "google_drive.upload_file"),
        ("alerts from grafana to telegram", "grafana.alert", "telegram.send_message"),
        ("new youtube videos, post them to mastodon", "youtube.new_video", "mastodon.post"),
        ("when a notion page changes, update the row in mysql", "notion.changed_page", "mysql.write_rows"),
        ("outlook mail -> s3", "outlook.message_received", "s3.write_object"),
    ],
)
def test_words_are_matched_with_what_connectors_declare(words, trigger, target):
    assert matching.triggers(words) == [trigger]
    assert matching.targets(words) == [target]


def test_what_is_connected_is_meant_before_what_is_not():
    words = "every new mail, add a row to the sheet"
    assert matching.triggers(words, {"microsoft"}) == ["outlook.message_received"]
    assert "outlook.message_received" in matching.ranked(words, "trigger", {"microsoft"})[:5]


def test_every_part_is_found_by_its_service_and_title():
    sides: tuple[Literal["trigger", "target"], ...] = ("trigger", "target")
    parts = {side: matching.parts_of(side) for side in sides}
    missed = [
        part.uses
        for side, held in parts.items()
        for part in held
        if part.uses not in matching.narrowed(f"{part.connector.title} {part.title}", side)
    ]
    assert missed == []


@pytest.mark.parametrize("words", ["do something nice", "", "💥", "' or 1=1 --", "<script>hi()</script>"])
def test_words_that_say_nothing_match_nothing(words):
    assert matching.triggers(words) == []
    assert matching.targets(words) == []


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("every day at 8", {"cron": "0 8 * * *"}),
        ("every monday and friday at 5:30 pm", {"cron": "30 17 * * 1,5"}),
        ("each tuesday", {"cron": "0 8 * * 2"}),
        ("every 15 minutes", {"every": "15m"}),
        ("every hour", {"every": "1h"}),
        ("every 2 weeks", {"every": "14d"}),
        ("sometimes", {}),
    ],
)
def test_times_are_read_from_words(words, settings):
    assert hints.when(words) == settings


@pytest.mark.parametrize(
    ("words", "share"),
    [("review", 0.9), ("below 85%", 0.85), ("under 0,7", 0.7), ("below 95", 0.95), ("below 900", 0.9)],
)
def test_the_confidence_for_a_review_is_read_from_words(words, share):
    assert hints.below(words) == share


@pytest.mark.parametrize(
    ("uses", "source"),
    [
        ("folder.file_added", "{{ trigger.file }}"),
        ("manual.submitted", "{{ trigger.file }}"),
        ("email.message_received", "{{ trigger.attachments }}"),
        ("webhook.received", "{{ trigger.body }}"),
        ("rss.new_entry", "{{ trigger.content }}"),
        ("web.page_changed", "{{ trigger.after }}"),
    ],
)
def test_what_to_extract_from_is_read_from_the_declaration(uses, source):
    assert source_of(PartDraft(uses=uses)) == source


async def test_a_recipe_is_drafted_by_questions_and_not_published(
    services: Services, members, ann: Dialog, config: Config
):
    asked = await ann.says(f"new {INVOICES}")
    assert asked.text.startswith("Folder: File added: Directory?")
    asked = await ann.says(str(config.data_dir / "inbox"))
    assert asked.text.startswith("Files: Write an XLSX file: Directory?")
    asked = await ann.says(str(config.data_dir))
    assert asked.text.startswith("Files: Write an XLSX file: File?")
    drafted = await ann.says("invoices.xlsx")
    assert "Nothing is published" in drafted.text
    assert drafted.text.split("\n\n")[1].splitlines() == [
        "When: Folder: File added", "1. Extract", "2. Review", "3. Files: Write an XLSX file",
    ]  # fmt: skip
    assert "No plan yet: The trigger has nothing to read now." in drafted.text
    (recipe,) = (await services.recipes.list(members.viewer)).items
    assert (recipe.state, recipe.problems, recipe.version) == ("draft", [], None)
    document = (await services.recipes.show(members.viewer, recipe.id)).document
    assert document["spec"]["steps"][0]["with"] == {"schema": "invoice", "source": "{{ trigger.file }}"}
    assert document["spec"]["steps"][2]["with"]["columns"]["supplier_name"] == "{{ read.supplier.name }}"
    assert document["spec"]["trigger"]["with"]["pattern"] == "*.pdf"


async def test_the_plan_of_a_draft_shows_what_it_would_write(ann: Dialog, config: Config):
    folder = config.data_dir / "inbox" / f"planned-{ann.account.carrier}"
    folder.mkdir()
    (folder / "one.txt").write_text("Receipt\nCorner Shop\nDate: 2026-03-04\nTotal: EUR 12.00\n")
    drafted = await ann.says(f"new files in the folder {folder}, read the receipt, write to the dataset receipts")
    assert drafted.text.startswith("Dataset: Write rows: Dataset?")
    drafted = await ann.says("receipts")
    assert "would make 1 write. Nothing has been written." in drafted.text
    assert cells(drafted)[0][:2] == ["add", "dataset.write_rows"]


async def test_what_is_not_clear_is_asked_by_what_it_is_about(ann: Dialog):
    asked = await ann.says("new something nice")
    assert asked.text == "What starts it? Choose what it is about, or say a word such as mail."
    assert {"Mail", "The web", "Cancel"} <= set(labels(asked))
    asked = await ann.presses(asked, "The web")
    assert "choose a service" in asked.text
    asked = await ann.presses(asked, "HTTP")
    assert labels(asked) == ["New element", "New element by GraphQL", "Back", "Cancel"]
    asked = await ann.presses(await ann.presses(asked, "Back"), "Webhook")
    assert asked.text.startswith("Where do the results go?")
    drafted = await ann.presses(asked, NOWHERE)
    assert drafted.text.startswith("I drafted something-nice.")


async def test_a_typed_word_narrows_down(ann: Dialog):
    await ann.says("new something nice")
    asked = await ann.says("goog")
    assert {"Google Drive: New or changed file", "Gmail: Message received"} <= set(labels(asked))
    assert not {"Slack: New message", "Folder: File added"} & set(labels(asked))
    assert (await ann.presses(asked, "Back")).text.startswith("What starts it? Choose")
    asked = await ann.says("new page")
    assert {"Sitemap: New page", "Notion: New page"} <= set(labels(asked))
    asked = await ann.says("sitemap")
    assert asked.text.startswith("Sitemap: New page:")


async def test_back_leads_to_the_question_before(ann: Dialog):
    await choose_webhook(ann, await ann.says("new something nice"))
    asked = await ann.says("csv file")
    assert asked.text.startswith("Files: Append to a CSV file: Directory?")
    asked = await ann.says("/srv/lists")
    assert asked.text.startswith("Files: Append to a CSV file: File?")
    assert (await ann.presses(asked, "Back")).text.startswith("Files: Append to a CSV file: Directory?")
    assert (await ann.says("back")).text.startswith("Where do the results go?")
    assert (await ann.says("back")).text.startswith("What starts it?")
    assert (await ann.says("Back")).text.startswith("What starts it?")


async def test_what_was_understood_can_be_taken_back(ann: Dialog):
    asked = await ann.says("new receive orders over a webhook and write them to the dataset orders")
    assert asked.text.startswith("Dataset: Write rows: Dataset?")
    assert (await ann.presses(asked, "Back")).text.startswith("Where do the results go?")


async def test_an_answer_that_fits_nothing_is_asked_again(ann: Dialog):
    await ann.says("new something nice")
    again = await ann.says("the moon")
    assert again.text.startswith("I find nothing by these words.")
    assert "What starts it?" in again.text
    assert "The web" in labels(again)


async def test_a_button_of_an_earlier_question_answers_no_later_one(services: Services, members, ann: Dialog):
    first = await ann.says("new something nice")
    await choose_webhook(ann, first)
    late = await ann.presses(first, "The web")
    assert late.text == "That question is no longer open. Answer the last one, or say cancel."
    await ann.says("cancel")
    assert "Say new and what you want to begin again" in (await ann.presses(first, "The web")).text
    assert (await services.recipes.list(members.viewer)).items == []


async def test_a_missing_connection_is_told_with_the_way_to_the_page(services: Services, members, ann: Dialog):
    await ann.says("new mail in the mailbox, read the invoice, write to the dataset invoices")
    drafted = await ann.says("invoices")
    assert "Email needs a connection, which an admin can make here:" in drafted.text
    assert f"{BASE}/connections/new/email" in drafted.text.splitlines()
    assert "To mend before it can run:" in drafted.text
    assert len((await services.recipes.list(members.viewer)).items) == 1


async def test_services_that_are_connected_come_first_and_their_connection_is_taken(
    services: Services, members, ann: Dialog
):
    values = {"host": "db.example", "database": "x", "user": "u", "password": "p"}
    await services.connections.add(members.owner, "Warehouse", "postgres", values)
    asked = await ann.says("new something nice")
    assert labels(asked)[0] == "PostgreSQL"
    asked = await ann.presses(asked, "PostgreSQL")
    assert "needs a connection" not in asked.text
    asked = await ann.presses(asked, "New row")
    assert asked.text.startswith("PostgreSQL: New row: Table?")


async def test_values_that_the_service_has_are_offered_by_their_titles(services: Services, members, ann: Dialog):
    await services.datasets.create(members.editor, NewDataset(name="orders_kept"))
    asked = await ann.says("new receive orders over a webhook and write them to the dataset")
    assert "orders_kept" in labels(asked)
    assert (await ann.presses(asked, "orders_kept")).text.startswith("I drafted")


async def test_a_setting_left_open_is_named_under_the_draft(ann: Dialog):
    await choose_webhook(ann, await ann.says("new something nice"))
    asked = await ann.presses(await ann.says("csv file"), "Leave it open")
    drafted = await ann.presses(asked, "Leave it open")
    assert "- steps[0], file: This is missing." in drafted.text


async def test_cancelling_saves_nothing(services: Services, members, ann: Dialog):
    asked = await ann.says("new something nice")
    assert (await ann.presses(asked, "Cancel")).text == "Stopped; nothing was saved."
    assert "I do not know" in (await ann.says("invoices.xlsx")).text
    assert (await ann.says("cancel")).text == "There is nothing to stop."


async def test_names_that_are_taken_get_a_number(services: Services, members, ann: Dialog):
    for _ in range(2):
        await ann.presses(await choose_webhook(ann, await ann.says("new something nice")), NOWHERE)
    names = [one.name for one in (await services.recipes.list(members.viewer)).items]
    assert names == ["something-nice", "something-nice-2"]


NOWHERE = "Nowhere, only keep them"


@pytest.mark.parametrize(
    "words",
    [
        "{{ trigger.body }} {% for x in (1..9) %}", "x" * 1999, "webhook to https://evil.test/{{ secrets }}",
        "\u202ereverse\u0007", "пришёл файл в папку -> счёт -> таблица",
    ],
)  # fmt: skip
async def test_hostile_words_end_in_a_question_or_a_draft(ann: Dialog, words):
    reply = await ann.says(f"new {words}")
    assert reply.buttons


async def test_too_many_words_are_refused(ann: Dialog):
    assert "2,000 letters at most" in (await ann.says("new " + "x" * 2001)).text
    assert "What is the recipe to do?" in (await ann.says("new")).text


async def test_a_member_who_loses_the_right_meanwhile_saves_nothing(services: Services, members, ann: Dialog):
    asked = await ann.says("new something nice")
    await _demote(members.editor)
    reply = await ann.presses(asked, "The web")
    assert reply.text == "This needs the role editor; yours is viewer."


async def choose_webhook(ann: Dialog, asked: Reply) -> Reply:
    """Choose what starts the recipe, as people press it."""
    return await ann.presses(await ann.presses(asked, "The web"), "Webhook")


async def _demote(member: Member) -> None:
    from hub.database import execute

    await execute('update memberships set role = 1 where workspace = $1 and "user" = $2', member.workspace, member.user)
