"""Mails about what people are asked: to the right ones, without values, again when the mail server was away."""

import pytest

from hub.database import execute, fetch
from hub.decisions import Notices
from hub.mail import Mail
from tests.runs.letters import served
from tests.runs.people import People, address, user_id

SPEC = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: ask, uses: approve, with: {question: "Pay {{ trigger.body.total }}?", SETTINGS,
        subject: "{{ trigger.body.n }}"}}
"""
SLIP = """
apiVersion: patchdeck/v1
kind: Schema
metadata: {name: slip}
spec: {fields: [{name: total, type: money, labels: [Total]}]}
"""
REVIEW = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: read, uses: extract, with: {schema: slip, source: "{{ trigger.body.text }}", engine: local}}
    - {id: check, uses: review, with: {always: true, SETTINGS}}
"""


@pytest.fixture
async def letters():
    async with served() as found:
        yield found


@pytest.fixture
async def notices(letters):
    await execute("update decision_notices set next_at = null")  # what other tests left
    return Notices(Mail(letters.url, "Patchdeck <hub@example.test>"), "https://hub.test")


@pytest.fixture
def people(hub, member):
    return People(hub, member, "approval", SPEC)


@pytest.fixture
async def reviews(hub, member):
    await hub.services.schemas.create(member, SLIP)
    return People(hub, member, "review", REVIEW)


async def test_asks_those_who_may_answer_by_mail_without_any_value(hub, people, members, letters, notices):
    recipe = await people.publish("approvers: [admin]")
    await hub.post(recipe, {"n": "Invoice\r\nBcc: evil@example.test", "total": "118.00"})
    asked = await people.asked()
    assert await notices.once() == 2
    found = await letters.next(2)
    assert {mail["To"] for mail in found} == {await address(members.admin), await address(members.owner)}
    assert [mail["Bcc"] for mail in found] == [None, None]
    assert found[0]["Subject"] == "Approval asked: Invoice Bcc: evil@example.test"
    text = found[0].get_content()
    assert f"https://hub.test/approvals/{asked.id}" in text
    assert "118" not in text
    assert await notices.once() == 0


async def test_tells_who_is_given_a_review_and_nobody_else(hub, reviews, members, letters, notices):
    recipe = await reviews.publish("due: 1d")
    await hub.post(recipe, {"text": "Total: 118.00"})
    asked = await reviews.asked()
    assert await notices.once() == 0
    await reviews.decisions.assign(members.owner, "review", asked.id, user_id(members.editor))
    assert await notices.once() == 1
    (mail,) = await letters.next()
    assert (mail["To"], mail["Subject"]) == (await address(members.editor), "Review for you: orders")
    assert f"https://hub.test/reviews/{asked.id}" in mail.get_content()


async def test_reminds_when_due_and_then_tells_those_it_is_passed_on_to(hub, reviews, members, letters, notices):
    recipe = await reviews.publish(f"due: 100ms, escalate_to: [owner], assignee: {await address(members.editor)}")
    await hub.post(recipe, {"text": "Total: 118.00"})
    await reviews.asked()
    await hub.until("select 1 from decisions where workspace = $1 and escalated_at is not null", members.workspace)
    assert await notices.once() == 3
    told = {(mail["To"], mail["Subject"]) for mail in await letters.next(3)}
    assert told == {
        (await address(members.editor), "Review asked: orders"),
        (await address(members.editor), "Review is due: orders"),
        (await address(members.owner), "Review is overdue: orders"),
    }
    kinds = [one.kind for one in await hub.services.outbox.read(members.workspace, "0.0")]
    assert [kind for kind in kinds if kind.startswith("review.")] == ["review.asked", "review.due", "review.escalated"]


async def test_sends_again_when_the_mail_server_was_away(hub, people, member, letters, notices):
    letters.refused = 1
    recipe = await people.publish("approvers: [owner]")
    await hub.post(recipe, {"n": 1})
    await people.asked()
    assert (await notices.once(), letters.waiting) == (1, 0)
    assert await notices.once() == 0
    await execute("update decision_notices set next_at = now() where workspace = $1", member.workspace)
    assert await notices.once() == 1
    assert (await letters.next())[0]["Subject"] == "Approval asked: 1"


async def test_two_workers_send_each_mail_once(hub, people, letters, notices):
    recipe = await people.publish("approvers: [owner]")
    await hub.post(recipe, [{"n": number} for number in range(8)])
    await people.asked()
    await people.all(count=8)
    other = Notices(Mail(letters.url, "Patchdeck <hub@example.test>"), "https://hub.test")
    assert await notices.once() + await other.once() == 8
    assert len({mail["Message-ID"] for mail in await letters.next(8)}) == 8


async def test_who_has_left_is_told_nothing(hub, people, members, letters, notices):
    recipe = await people.publish(f"approvers: [{await address(members.editor)}, {await address(members.admin)}]")
    await hub.post(recipe, {"n": 1})
    await people.asked()
    await hub.services.memberships.remove(members.owner, members.editor.user)
    await hub.services.memberships.change_role(members.owner, members.admin.user, "viewer")
    assert (await notices.once(), letters.waiting) == (0, 0)


async def test_what_is_decided_already_is_no_longer_told(hub, people, member, letters, notices):
    recipe = await people.publish("approvers: [owner]")
    await hub.post(recipe, {"n": 1})
    await people.answer(member, await people.asked(), "approve")
    assert await notices.once() == 0
    assert await fetch("select 1 from decision_notices where workspace = $1 and next_at is not null",
                       member.workspace) == []  # fmt: skip
