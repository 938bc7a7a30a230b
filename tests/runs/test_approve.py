"""Approvals: who may answer, how many must, what happens when nobody does, and what goes on afterwards."""

import asyncio

import pytest

from hub.database import execute
from hub.decisions import DecisionSummary
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import parse
from hub.runs import Replay
from tests.runs.hub import states
from tests.runs.people import People, address, user_id

SPEC = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: ask, uses: approve, with: {question: "Pay {{ trigger.body.total }}?", subject: "No. {{ trigger.body.n }}",
        details: {total: "{{ trigger.body.total }}"}, SETTINGS}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: paid, mode: insert,
        columns: {n: "{{ trigger.body.n }}", ok: "{{ ask.approved }}", by: "{{ ask.by | join: ' ' }}",
        said: "{{ ask.comment }}"}}}
"""


@pytest.fixture
def people(hub, member):
    return People(hub, member, "approval", SPEC)


async def test_waits_for_approval_and_goes_on_with_who_said_what(hub, people, members):
    recipe = await people.publish("quorum: 1")
    await hub.post(recipe, {"n": 1, "total": 118})
    asked = await people.asked()
    assert (asked.question, asked.subject, asked.step) == ("Pay 118?", "No. 1", "ask")
    assert (await people.shown(asked, members.viewer)).details == {"total": 118}
    assert await hub.rows(members.owner, "paid") == []
    told = await people.answer(members.editor, asked, "approve", "fine")
    editor = await address(members.editor)
    assert (told.state, told.decision, told.decided_by) == ("answered", "approved", [editor])
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert await hub.rows(members.owner, "paid") == [{"n": 1, "ok": True, "by": editor, "said": "fine"}]


@pytest.mark.parametrize(
    ("then", "end"),
    [("stop", ("filtered", [])), ("dead_letter", ("dead", [])), ("continue", ("delivered", [False]))],
)
async def test_a_rejected_item_ends_or_goes_on_as_the_step_says(hub, people, member, then, end):
    recipe = await people.publish(f"on_reject: {then}")
    await hub.post(recipe, {"n": 1})
    await people.answer(member, await people.asked(), "reject", "too dear")
    (item,) = await hub.ended(recipe)
    assert (item.item.state, [row["ok"] for row in await hub.rows(member, "paid")]) == end
    (attempt,) = [one for one in item.attempts if one.step == "ask"]
    assert attempt.message == f"Rejected by {await address(member)}: too dear"


BRANCH = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: ask, uses: approve, with: {question: "Pay?", on_reject: continue}}
    - {id: way, uses: branch, with: {cases: {yes: {left: "{{ ask.approved }}", is: equals, right: true}}, else: no}}
    - {id: paid, uses: set, after: [{step: way, case: yes}], with: {fields: {x: 1}}}
    - {id: told, uses: set, after: [{step: way, case: no}], with: {fields: {x: 2}}}
"""


async def test_a_branch_takes_the_way_that_was_decided(hub, people, member):
    recipe = await people.publish("", BRANCH)
    await hub.post(recipe, {"n": 1})
    await people.answer(member, await people.asked(), "reject")
    (item,) = await hub.ended(recipe)
    assert [one.step for one in item.attempts] == ["ask", "way", "told"]


async def test_two_must_approve_and_not_the_same_person_twice(hub, people, members):
    recipe = await people.publish("quorum: 2")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    assert (await people.answer(members.editor, asked, "approve")).state == "open"
    with pytest.raises(ConflictError, match="You have answered this already"):
        await people.answer(members.editor, asked, "approve")
    assert (await people.answer(members.admin, asked, "approve")).state == "answered"
    assert states(await hub.ended(recipe)) == ["delivered"]


async def test_one_rejection_is_enough(hub, people, members):
    recipe = await people.publish("quorum: 3")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    await people.answer(members.editor, asked, "approve")
    assert (await people.answer(members.owner, asked, "reject")).decision == "rejected"
    assert states(await hub.ended(recipe)) == ["filtered"]


async def test_only_those_who_are_asked_may_answer(hub, people, members):
    recipe = await people.publish(f"approvers: [{await address(members.editor)}]")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    with pytest.raises(ForbiddenError, match="not among them"):
        await people.answer(members.admin, asked, "approve")
    with pytest.raises(ForbiddenError, match="needs the role editor"):
        await people.answer(members.viewer, asked, "approve")
    with pytest.raises(NotFoundError):
        await people.answer(members.outsider, asked, "approve")
    assert not (await people.shown(asked, members.admin)).may_answer
    assert (await people.answer(members.editor, asked, "approve")).decision == "approved"


@pytest.mark.parametrize(
    ("role", "may"),
    [("editor", [True, True, True]), ("admin", [False, True, True]), ("owner", [False, False, True])],
)
async def test_a_role_means_those_who_have_it_and_those_above(hub, people, members, role, may):
    recipe = await people.publish(f"approvers: [{role}]")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    shown = [await people.shown(asked, one) for one in (members.editor, members.admin, members.owner)]
    assert [one.may_answer for one in shown] == may


async def test_who_is_asked_passes_it_on_and_others_cannot_take_it(hub, people, members):
    recipe = await people.publish("approvers: [owner]")
    await hub.post(recipe, {"n": 1})
    asked, assign = await people.asked(), people.decisions.assign
    with pytest.raises(ForbiddenError, match="Only who is asked"):
        await assign(members.editor, "approval", asked.id, "me")
    with pytest.raises(InvalidError, match="A viewer cannot answer"):
        await assign(members.owner, "approval", asked.id, user_id(members.viewer))
    with pytest.raises(NotFoundError):
        await assign(members.owner, "approval", asked.id, user_id(members.outsider))
    given = await assign(members.owner, "approval", asked.id, user_id(members.editor))
    assert given.assignee_name == "Editor"
    assert (await people.answer(members.editor, asked, "approve")).decision == "approved"


async def test_of_two_who_answer_at_once_one_is_told_who_was_first(hub, people, members):
    recipe = await people.publish("quorum: 1")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    told = await asyncio.gather(
        people.answer(members.editor, asked, "approve"),
        people.answer(members.owner, asked, "reject"),
        return_exceptions=True,
    )
    (late,) = [one for one in told if isinstance(one, ConflictError)]
    (first,) = [one for one in told if isinstance(one, DecisionSummary)]
    assert f"{first.decided_by[0]} {first.decision} this on " in late.message
    assert len((await people.shown(asked)).given) == 1
    await hub.ended(recipe)


@pytest.mark.parametrize(
    ("then", "end"), [("reject", ("filtered", 0)), ("approve", ("delivered", 1)), ("dead_letter", ("dead", 0))]
)
async def test_goes_on_by_itself_when_nobody_answers_in_time(hub, people, member, then, end):
    recipe = await people.publish(f"expires_in: 200ms, on_expiry: {then}")
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, len(await hub.rows(member, "paid"))) == end
    with pytest.raises(ConflictError, match="nobody had answered by"):
        await people.answer(member, await people.asked("expired"), "approve")
    (entry,) = await hub.services.audit.entries(member, limit=1)
    assert (entry.verb, entry.user, entry.detail) == ("approval.expired", None, {"then": then})


async def test_others_may_answer_once_it_is_escalated(hub, people, members):
    editor = await address(members.editor)
    recipe = await people.publish(f"approvers: [owner], escalate_after: 100ms, escalate_to: [{editor}]")
    async with hub.sweeping:
        await hub.post(recipe, {"n": 1})
        asked = await people.asked()
        with pytest.raises(ForbiddenError):
            await people.answer(members.editor, asked, "approve")
    await hub.until("select 1 from decisions where workspace = $1 and escalated_at is not null", members.workspace)
    events = await hub.services.outbox.read(members.workspace, "0.0")
    assert "approval.escalated" in [one.kind for one in events]
    assert (await people.answer(members.editor, asked, "approve")).decision == "approved"
    assert states(await hub.ended(recipe)) == ["delivered"]


async def test_a_worker_that_dies_after_asking_asks_once(hub, idle, people, member):
    recipe = await people.publish("quorum: 1")
    async with hub.sweeping:
        await idle.post(recipe, {"n": 1})
        run = await idle.claimed(recipe)
        await idle.running.stages.run_stage(str(run), 0)
        await hub.lapse(run)
    await people.answer(member, await people.asked(), "approve")
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert len(await people.stored()) == 1


async def test_a_worker_that_comes_too_late_asks_nothing(hub, idle, people):
    recipe = await people.publish("quorum: 1")
    async with hub.sweeping:
        await idle.post(recipe, {"n": 1})
        run = await idle.claimed(recipe)
        await execute("update runs set state = 'done' where id = $1", run)
        assert await idle.running.stages.run_stage(str(run), 0) == (0, 0)
        assert await people.stored() == []
        await execute("update runs set state = 'running' where id = $1", run)
        await hub.lapse(run)
    await hub.reached(recipe, "waiting_for")


async def test_cancelling_the_run_takes_the_question_back(hub, people, member):
    recipe = await people.publish("quorum: 1")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    (waiting,) = await hub.reached(recipe, "waiting_for")
    run = parse("run", waiting.item.run)
    counts = (await hub.services.runs.cancel(member, run)).counts
    assert (counts.cancelled, counts.waiting) == (1, 0)
    with pytest.raises(ConflictError, match="its item was cancelled"):
        await people.answer(member, asked, "approve")
    with pytest.raises(ConflictError, match="nothing of it waits"):
        await hub.services.runs.cancel(member, run)


async def test_deleting_the_recipe_takes_the_question_back(hub, people, member):
    recipe = await people.publish("quorum: 1")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    await hub.services.recipes.remove(member, recipe.name)
    with pytest.raises(ConflictError, match="its item was cancelled"):
        await people.answer(member, asked, "approve")


async def test_replaying_the_step_asks_again(hub, people, member):
    recipe = await people.publish("on_reject: dead_letter")
    await hub.post(recipe, {"n": 1})
    first = await people.asked()
    await people.answer(member, first, "reject")
    await hub.ended(recipe)
    await hub.retry(recipe, (await hub.runs(recipe))[0])
    second = await people.asked()
    assert second.id != first.id
    await people.answer(member, second, "approve")
    assert states(await hub.ended(recipe)) == ["delivered"]


@pytest.mark.parametrize("then", ["stop", "dead_letter"])
async def test_replaying_a_later_step_does_not_pass_a_rejection_over(hub, people, member, then):
    recipe = await people.publish(f"on_reject: {then}")
    await hub.post(recipe, {"n": 1})
    await people.answer(member, await people.asked(), "reject")
    (item,) = await hub.ended(recipe)
    await hub.services.runs.replay(member, parse("itm", item.item.id), Replay(step="keep"))
    await people.answer(member, await people.asked(), "reject")
    (item,) = await hub.ended(recipe)
    assert item.item.state in {"filtered", "dead"}
    assert await hub.rows(member, "paid") == []


async def test_an_approval_holds_when_a_later_step_is_replayed(hub, people, member):
    recipe = await people.publish("quorum: 1")
    await hub.post(recipe, {"n": 1})
    await people.answer(member, await people.asked(), "approve")
    (item,) = await hub.ended(recipe)
    await hub.services.runs.replay(member, parse("itm", item.item.id), Replay(step="keep"))
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert len(await people.stored()) == 1


async def test_a_plan_asks_nobody_and_says_so(hub, people, member):
    recipe = await people.publish("quorum: 1")
    plan = await hub.services.runs.plan(member, recipe.id, {"body": {"n": 1, "total": 118}})
    (attempt,) = [one for one in plan.item.attempts if one.step == "ask"]
    assert attempt.message == "A run would wait for approval here: Pay 118?"
    assert [one.step for one in plan.writes] == ["keep"]
    assert await people.stored() == []
    with pytest.raises(ConflictError, match="ask people at the step ask"):
        await hub.services.runs.apply(member, parse("run", plan.run.id))


AFTER = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: told, uses: dataset.write_rows, with: {dataset: told, mode: insert, columns: {n: 1}}}
    - {id: ask, uses: approve, with: {question: "Go on after {{ told.rows }}?"}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: paid, mode: insert, columns: {n: 1}}}
"""


async def test_a_plan_that_cannot_know_what_would_be_asked_is_not_applied_either(hub, people, member):
    recipe = await people.publish("", AFTER)
    plan = await hub.services.runs.plan(member, recipe.id, {"body": {}})
    assert [(one.step, one.state) for one in plan.item.attempts if one.step == "ask"] == [("ask", "waiting_for")]
    with pytest.raises(ConflictError, match="ask people at the step ask"):
        await hub.services.runs.apply(member, parse("run", plan.run.id))


async def test_an_answer_that_cannot_be_one_changes_nothing(hub, people, member):
    recipe = await people.publish("quorum: 1")
    await hub.post(recipe, {"n": 1})
    asked = await people.asked()
    with pytest.raises(InvalidError, match="Say approve or reject"):
        await people.answer(member, asked, "accept")
    with pytest.raises(InvalidError, match="changes no values"):
        await people.answer(member, asked, "approve", total=1)
    with pytest.raises(InvalidError, match="4,000 characters"):
        await people.answer(member, asked, "approve", "x" * 4001)
    with pytest.raises(NotFoundError):
        await people.decisions.find(member, "review", asked.id)
    assert (await people.asked()).answers == 0


async def test_three_hundred_wait_and_expire_together_as_one_by_one(hub, people, member):
    recipe = await people.publish("expires_in: 1d, on_expiry: approve")
    await hub.post(recipe, {"n": -1})
    await hub.post(recipe, [{"n": number} for number in range(300)])
    found = await people.all(count=301)
    assert {one.subject for one in found} == {f"No. {number}" for number in range(-1, 300)}
    assert all(one.item.due_at is not None for one in await hub.reached(recipe, "waiting_for", count=301))
    await execute("update decisions set expires_at = now(), next_at = now() where workspace = $1", member.workspace)
    assert set(states(await hub.ended(recipe, 301))) == {"delivered"}
    assert len(await hub.rows(member, "paid")) == 301
