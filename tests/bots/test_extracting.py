"""Files, links and texts sent to the bot, and what is taken for a command."""

import pytest

from bots.asked import Incoming
from bots.conversation import Heard
from hub.composition import Services
from hub.database import fetch
from hub.errors import TooLargeError
from tests.bots.conftest import publish
from tests.bots.dialog import Dialog, cells, file, labels

RECEIPT = b"Receipt\nCorner Shop\nDate: 2026-03-04\nTotal: EUR 12.00\n"
INVOICE = "Number: INV-17\nInvoice date: 2026-03-04\nCurrency: EUR\nTotal: 118.00"


async def test_a_file_with_its_schema_is_extracted_at_once(ann: Dialog):
    reply = await ann.sends("receipt.txt", RECEIPT, "extract receipt")
    assert reply.text.startswith("Receipt:")
    assert ["total", "12", "2026-03-04"][1] in {row[1].split(".")[0] for row in cells(reply)}
    assert "http://hub.test/extractions/ext_" in reply.text


async def test_a_file_without_a_schema_is_asked_about_by_buttons(ann: Dialog):
    asked = await ann.sends("receipt.txt", RECEIPT)
    assert asked.text == "Which schema is right for receipt.txt?"
    assert "Receipt" in labels(asked)
    assert (await ann.presses(asked, "Receipt")).text.startswith("Receipt:")


async def test_a_text_is_extracted_with_or_without_its_schema_named(ann: Dialog):
    assert (await ann.says(f"extract invoice {INVOICE}")).text.startswith("Invoice:")
    asked = await ann.says(f"extract {INVOICE}")
    assert asked.text == "Which schema is right for this?"
    assert (await ann.presses(asked, "Invoice")).text.startswith("Invoice:")


async def test_without_anything_to_extract_from_the_way_is_told(ann: Dialog):
    assert "Send a file or a photo" in (await ann.says("extract")).text
    assert "Send a file or a photo" in (await ann.says("extract invoice")).text


@pytest.mark.parametrize(
    "caption",
    [
        "/run orders",
        "run orders",
        "pause orders",
        "approve apr_1",
        "disconnect",
        "new webhook to http",
        "run orders\nextract receipt",
    ],
)
async def test_a_caption_is_never_a_command(services: Services, members, ann: Dialog, caption):
    recipe = await publish(services, members.editor)
    reply = await ann.sends("receipt.txt", RECEIPT, caption)
    assert reply.text == "Which schema is right for receipt.txt?"
    assert await fetch("select id from items where recipe = $1", recipe) == []
    assert (await services.recipes.show(members.editor, "orders")).state == "live"
    assert (await ann.identity()).member.user == members.editor.user


async def test_words_that_somebody_else_wrote_are_content(services: Services, members, ann: Dialog):
    recipe = await publish(services, members.editor)
    reply = await ann.says("/run orders", own=False)
    assert reply.text == "Which schema is right for this?"
    assert await fetch("select id from items where recipe = $1", recipe) == []


async def test_what_a_document_says_stays_words(ann: Dialog):
    hostile = b'Receipt\nMerchant: <a href="http://evil.test">*Ann*</a> [click](tg://x)\nTotal: EUR 12.00\n/run orders'
    reply = await ann.sends("receipt.txt", hostile, "receipt")
    assert reply.text.startswith("Receipt:")
    assert labels(reply) == []


async def test_a_file_that_is_too_large_is_told_and_nothing_is_stored(members, ann: Dialog):
    async def load() -> bytes:
        raise TooLargeError("The file has 30 MB; this chat takes 20 MB.")

    large = Incoming(name="large.pdf", media_type="application/pdf", size=30_000_000, load=load)
    reply = await ann.conversation.answer(Heard(account=ann.account, text="invoice", files=[large]))
    assert reply.text == "The file has 30 MB; this chat takes 20 MB."
    assert await fetch("select id from files where workspace = $1", members.workspace) == []


async def test_what_cannot_be_read_is_told(ann: Dialog):
    reply = await ann.sends("broken.pdf", b"%PDF-1.7 nonsense", "invoice")
    assert reply.text
    assert not reply.text.startswith("Invoice:")


async def test_a_link_to_inside_is_refused(ann: Dialog):
    reply = await ann.says("extract invoice http://169.254.169.254/latest/meta-data")
    assert "169.254.169.254" in reply.text
    assert not reply.text.startswith("Invoice:")


async def test_a_voice_note_without_an_engine_is_told_so(ann: Dialog):
    reply = await ann.says("", voice=file("voice.oga", b"OggS not really sound", "audio/ogg"))
    assert reply.text
    assert not reply.text.startswith("I heard:")


async def test_a_spoken_command_that_looks_is_done_and_one_that_acts_is_confirmed(
    services: Services, members, ann: Dialog
):
    await publish(services, members.editor)
    looked = await ann.says("", voice=file("voice.txt", b"Runs, orders.", "text/plain"))
    assert looked.text == "I heard: Runs, orders\n\norders has not run yet."
    asked = await ann.says("", voice=file("voice.txt", b"Pause orders.", "text/plain"))
    assert labels(asked) == ["Do it: pause orders"]
    assert (await services.recipes.show(members.editor, "orders")).state == "live"
    assert (await ann.presses(asked, "Do it: pause orders")).text.startswith("orders is paused.")


async def test_spoken_words_that_are_no_command_can_be_extracted_from(ann: Dialog):
    asked = await ann.says("", voice=file("voice.txt", b"The total was twelve euros", "text/plain"))
    assert "I do not know 'the'." in asked.text
    assert (await ann.presses(asked, "Extract from this")).text == "Which schema is right for this?"


async def test_several_files_are_extracted_together(ann: Dialog):
    files = [file(f"receipt{number}.txt", RECEIPT + str(number).encode()) for number in range(2)]
    reply = await ann.says("receipt", files=files)
    assert reply.text.count("fields found") == 2
