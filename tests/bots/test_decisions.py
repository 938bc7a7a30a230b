"""Reviews and approvals: shown with buttons that act once, decided by who may, told by whom and when."""

import asyncio

import pytest

from hub.composition import Services
from hub.database import transaction
from hub.decisions import REVIEW
from hub.errors import GoneError
from hub.identities import Kept
from tests.bots.conftest import ask
from tests.bots.dialog import Dialog, labels
from tests.conftest import Members


async def test_nothing_waits_is_said(ann: Dialog):
    assert (await ann.says("reviews")).text == "Nothing waits for an answer."


async def test_an_approval_is_listed_shown_and_approved_by_button(services: Services, members: Members, ann: Dialog):
    reference = await ask(services, members.editor)
    listed = await ann.says("reviews")
    shown = await ann.presses(listed, "Approval: Invoice <17>")
    assert labels(shown) == ["Approve", "Reject"]
    assert shown.subject == reference
    done = await ann.presses(shown, "Approve")
    assert done.text.startswith("Invoice <17>: approved by ")
    assert done.settles == reference


async def test_a_review_is_accepted_with_the_same_word(services: Services, members: Members, ann: Dialog):
    reference = await ask(services, members.editor, REVIEW)
    assert "accepted by" in (await ann.says(f"approve {reference} looks right")).text
    found = await services.decisions.find(members.editor, REVIEW, reference)
    assert found.given[0].comment == "looks right"


async def test_buttons_act_once_also_when_pressed_twice_at_once(services: Services, members: Members, ann: Dialog):
    shown = await ann.says(f"reviews {await ask(services, members.editor)}")
    identity = await ann.identity()
    yes, no = await ann.conversation.buttons.keep(identity, [Kept(one.command, one.once) for one in shown.buttons])
    replies = await asyncio.gather(*(ann.press(button) for button in (yes, yes, no)))
    assert sum("approved by" in reply.text or "rejected by" in reply.text for reply in replies) == 1
    assert sum("used already" in reply.text for reply in replies) == 2


async def test_of_all_buttons_of_a_message_pressed_at_once_one_counts_and_none_blocks_another(ann: Dialog):
    buttons, identity = ann.conversation.buttons, await ann.identity()

    async def press(button: str) -> None:
        async with transaction():  # in which the hub would not put a statement again that lost a deadlock
            await buttons.press(identity, button)

    for _ in range(20):
        ids = await buttons.keep(identity, [Kept(f"choice {number}", once=True) for number in range(6)])
        came = await asyncio.gather(*map(press, (*ids, *reversed(ids))), return_exceptions=True)
        assert [type(one) for one in came if one is not None] == [GoneError] * 11


async def test_who_may_not_answer_uses_up_no_button_that_all_see(
    services: Services, members: Members, ann: Dialog, vic: Dialog
):
    shown = await ann.says(f"reviews {await ask(services, members.editor)}")
    kept = [Kept(one.command, one.once) for one in shown.buttons]
    yes, no = await ann.conversation.buttons.keep(await ann.identity(), kept, shared=True)
    assert (await vic.press(no)).text == "This needs the role editor; yours is viewer."
    assert "approved by" in (await ann.press(yes)).text
    assert "used already" in (await ann.press(no)).text


async def test_the_second_person_is_told_who_decided(services: Services, members: Members, ann: Dialog):
    reference = await ask(services, members.editor)
    await ann.says(f"reject {reference} too dear")
    other = await Dialog(services).link(members.admin)
    assert "rejected this on" in (await other.says(f"approve {reference}")).text
    assert "rejected by" in (await other.says(f"reviews {reference}")).text


async def test_a_viewer_sees_no_buttons_and_answers_nothing(services: Services, members: Members, vic: Dialog):
    reference = await ask(services, members.editor)
    assert labels(await vic.says(f"reviews {reference}")) == []
    assert (await vic.says(f"approve {reference}")).text == "This needs the role editor; yours is viewer."


async def test_who_is_not_asked_answers_nothing(services: Services, members: Members, ann: Dialog):
    reference = await ask(services, members.editor, approvers=["owner"])
    assert labels(await ann.says(f"reviews {reference}")) == []
    assert "you are not among them" in (await ann.says(f"approve {reference}")).text


async def test_a_foreign_workspace_has_no_such_question(services: Services, members: Members):
    reference = await ask(services, members.editor)
    other = await Dialog(services).link(members.outsider)
    assert (await other.says(f"approve {reference}")).text == "There is no such approval."


@pytest.mark.parametrize(
    "reference", ["", "17", "apr_", "apr_zzz", "rcp_1", "rev_00000000000000000000000000", "apr_' or 1=1"]
)
async def test_ids_that_name_nothing_are_told(ann: Dialog, reference):
    reply = await ann.says(f"approve {reference}")
    assert reply.text
    assert "approved by" not in reply.text
