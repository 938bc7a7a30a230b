"""Reviews: unsure records wait for a person and go on corrected; sure ones pass; nothing is asked or answered twice."""

import asyncio

import pytest

from hub.database import execute, fetch
from hub.decisions import Answer, Change, DecisionSummary, Wanted
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import parse
from tests.runs.hub import states
from tests.runs.people import People, address, user_id

TEXT = "Invoice number: INV-17\nInvoice date: 2026-01-05\nTotal: 118.00 EUR"
UNCLEAR = "Invoice date: 2026-01-05\nTotal: 118.00 EUR"
SPEC = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: read, uses: extract, with: {schema: slip, source: "{{ trigger.body.text }}", engine: local}}
    - {id: check, uses: review, with: {SETTINGS}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: kept, mode: insert, columns: {
        number: "{{ read.number }}", total: "{{ check.total }}", by: "{{ check.review.decided_by }}",
        how: "{{ check.review.decision }}", sure: "{{ read.extraction.confidence }}"}}}
"""
SCHEMA = """
apiVersion: patchdeck/v1
kind: Schema
metadata: {name: slip}
spec:
  fields:
    - {name: number, type: string, required: true, labels: [Invoice number]}
    - {name: total, type: money, labels: [Total]}
"""


@pytest.fixture
async def people(hub, member):
    await hub.services.schemas.create(member, SCHEMA)
    return People(hub, member, "review", SPEC)


async def test_a_record_waits_and_goes_on_with_what_was_corrected(hub, people, members):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    (waiting,) = await hub.reached(recipe, "waiting_for")
    assert (waiting.item.step, waiting.item.reason_kind) == ("check", "review")
    assert waiting.item.reason == "It waits for a review. The recipe asks for every record."
    told = await people.answer(members.editor, asked, "accept", total=119.5)
    assert (told.state, told.decision) == ("answered", "accepted")
    (item,) = await hub.ended(recipe)
    editor = await address(members.editor)
    assert await hub.rows(members.owner, "kept") == [
        {"number": "INV-17", "total": 119.5, "by": editor, "how": "accepted", "sure": 1.0}
    ]
    (check,) = [one for one in item.attempts if one.step == "check"]
    assert check.output["review"]["changed"] == [
        {"record": 0, "path": "total", "kind": "set", "before": 118.0, "after": 119.5, "by": editor}
    ]
    assert [one.message for one in item.attempts if one.step == "read"] == [
        None, f"Corrected by {editor} in the step check."
    ]  # fmt: skip


async def test_what_was_corrected_is_kept_with_before_after_and_who(hub, people, members):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    (document,) = (await people.shown(asked)).documents
    await people.answer(members.editor, asked, "accept", total=119.5)
    (kept,) = await hub.services.corrections.history(members.owner, document.extraction)
    assert (kept.path, kept.before, kept.after) == ("total", 118.0, 119.5)
    assert (kept.member, kept.decision) == (user_id(members.editor), asked.id)
    judged = await fetch("select path, is_right from judgements where workspace = $1 order by path", members.workspace)
    assert [(row["path"], row["is_right"]) for row in judged] == [("number", True), ("total", False)]


async def test_a_sure_record_passes_without_anybody(hub, people, member):
    recipe = await people.publish("below: 0.1")
    await hub.post(recipe, {"text": TEXT})
    (item,) = await hub.ended(recipe)
    assert item.item.state == "delivered"
    (row,) = await hub.rows(member, "kept")
    assert (row["number"], row["how"], row["by"]) == ("INV-17", "passed", None)
    assert await people.stored() == []


@pytest.mark.parametrize(
    ("settings", "text", "reason"),
    [
        ("fields: {total: 1}, below: 0", TEXT, ("unsure", "total")),
        ("below: 1", TEXT, ("unsure", "number")),
        ("below: 0", UNCLEAR, ("problem", "number")),
        ("below: 0, on_problems: false, fields: {number: 0.5}", UNCLEAR, ("missing", "number")),
    ],
)
async def test_says_why_a_person_is_asked(hub, people, settings, text, reason):
    recipe = await people.publish(settings)
    await hub.post(recipe, {"text": text})
    asked = await people.asked()
    assert (asked.reasons[0].kind, asked.reasons[0].path) == reason
    assert "118" not in asked.reasons[0].message


async def test_an_unclear_record_passes_when_problems_do_not_matter(hub, people):
    recipe = await people.publish("below: 0, on_problems: false")
    await hub.post(recipe, {"text": UNCLEAR})
    assert states(await hub.ended(recipe)) == ["delivered"]


async def test_shows_everything_needed_to_answer(hub, people, members):
    file = await hub.services.files.store(members.owner, "slip.txt", "text/plain", TEXT.encode())
    recipe = await people.publish("always: true, due: 1d", SPEC.replace("trigger.body.text", "trigger.body"))
    await hub.post(recipe, {"file": file.id, "name": "slip.txt", "media_type": "text/plain"})
    shown = await people.shown(await people.asked(), members.viewer)
    (document,), (record,) = shown.documents, shown.records
    assert (document.file, document.schema.name, shown.may_answer) == (file.id, "slip", False)
    assert record.record == {"number": "INV-17", "total": 118.0}
    assert record.fields["number"].evidence[0].text == "INV-17"
    assert shown.summary.due_at is not None
    with pytest.raises(NotFoundError):
        await people.shown(shown.summary, members.outsider)


@pytest.mark.parametrize(
    ("then", "end"), [("dead_letter", ("dead", [])), ("stop", ("filtered", [])),
                      ("continue", ("delivered", [("rejected", 118.0)]))]
)  # fmt: skip
async def test_a_rejected_record_ends_or_goes_on_as_the_step_says(hub, people, member, then, end):
    recipe = await people.publish(f"always: true, on_reject: {then}")
    await hub.post(recipe, {"text": TEXT})
    await people.answer(member, await people.asked(), "reject", "no invoice")
    (item,) = await hub.ended(recipe)
    rows = await hub.rows(member, "kept")
    assert (item.item.state, [(row["how"], row["total"]) for row in rows]) == end


async def test_of_two_people_the_second_sees_what_the_first_corrected_and_decides(hub, people, members):
    recipe = await people.publish("always: true, people: 2")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    first = await people.answer(members.editor, asked, "accept", total=119.5, number="INV-18")
    assert (first.state, first.answers, first.quorum) == ("open", 1, 2)
    with pytest.raises(ConflictError, match="somebody else is to look at it"):
        await people.answer(members.editor, asked, "accept")
    (given,) = (await people.shown(asked, members.admin)).given
    assert (given.by, [one["path"] for one in given.changes]) == (await address(members.editor), ["total", "number"])
    await people.answer(members.admin, asked, "accept", total=120)
    await hub.ended(recipe)
    (row,) = await hub.rows(members.owner, "kept")
    assert (row["number"], row["total"], row["by"]) == ("INV-18", 120.0, await address(members.admin))
    (document,) = (await people.shown(asked)).documents
    kept = await hub.services.corrections.history(members.owner, document.extraction)
    assert [(one.path, one.after, one.member) for one in reversed(kept)] == [
        ("total", 119.5, user_id(members.editor)),
        ("number", "INV-18", user_id(members.editor)),
        ("total", 120.0, user_id(members.admin)),
    ]


async def test_of_two_people_the_second_may_reject_what_the_first_accepted(hub, people, members):
    recipe = await people.publish("always: true, people: 2")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    await people.answer(members.editor, asked, "accept", total=119.5)
    assert (await people.answer(members.admin, asked, "reject")).decision == "rejected"
    assert states(await hub.ended(recipe)) == ["dead"]
    (document,) = (await people.shown(asked)).documents
    assert await hub.services.corrections.history(members.owner, document.extraction) == []


async def test_of_two_answers_at_once_one_counts_and_the_other_is_told(hub, people, members):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    told = await asyncio.gather(
        people.answer(members.editor, asked, "accept", total=1),
        people.answer(members.admin, asked, "accept", total=2),
        return_exceptions=True,
    )
    (late,) = [one for one in told if isinstance(one, ConflictError)]
    (first,) = [one for one in told if isinstance(one, DecisionSummary)]
    assert f"{first.decided_by[0]} accepted this on " in late.message
    await hub.ended(recipe)
    assert len(await hub.rows(members.owner, "kept")) == 1


async def test_a_value_that_cannot_be_one_is_refused_and_nothing_is_decided(hub, people, member):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    with pytest.raises(InvalidError) as refused:
        await people.answer(member, asked, "accept", number="INV-18", total="a lot")
    assert [one.path for one in refused.value.errors] == ["total"]
    nowhere = Answer(decision="accept", changes=[Change(path="total", value=1, record=3)])
    with pytest.raises(InvalidError, match="There is no record 3"):
        await people.decisions.answer(member, "review", asked.id, nowhere)
    with pytest.raises(InvalidError, match="A rejected record is not corrected"):
        await people.answer(member, asked, "reject", total=1)
    assert ((await people.asked()).answers, (await people.shown(asked)).records[0].record["number"]) == (0, "INV-17")


async def test_only_members_who_may_review_answer(hub, people, members):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    with pytest.raises(ForbiddenError, match="needs the role editor"):
        await people.answer(members.viewer, asked, "accept")
    with pytest.raises(NotFoundError):
        await people.answer(members.outsider, asked, "accept")
    assert (await people.decisions.list(members.outsider, Wanted(kind="review"))).entries == []
    assert (await people.answer(members.editor, asked, "accept")).state == "answered"


async def test_is_given_to_the_named_member_and_passed_on(hub, people, members):
    recipe = await people.publish(f"always: true, assignee: {await address(members.editor)}")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    assert asked.assignee == user_id(members.editor)
    mine = Wanted(kind="review", assignee="me")
    assert [one.id for one in (await people.decisions.list(members.editor, mine)).entries] == [asked.id]
    await people.decisions.assign(members.admin, "review", asked.id, "me")
    assert (await people.decisions.list(members.editor, mine)).entries == []
    await people.decisions.assign(members.admin, "review", asked.id, None)
    nobody = Wanted(kind="review", assignee="nobody")
    assert len((await people.decisions.list(members.editor, nobody)).entries) == 1


async def test_lists_what_is_due_first_page_by_page(hub, people, member):
    recipe = await people.publish("always: true, due: 1h")
    await hub.post(recipe, [{"text": TEXT}, {"text": TEXT}, {"text": TEXT}])
    found = await people.all(count=3)
    await execute("update decisions set due_at = now() where id = $1", parse("rev", found[2].id))
    first = await people.decisions.list(member, Wanted(kind="review", recipe=recipe.id, limit=2))
    rest = await people.decisions.list(member, Wanted(kind="review", limit=2, cursor=first.cursor))
    assert [one.id for one in (*first.entries, *rest.entries)] == [found[2].id, found[0].id, found[1].id]
    assert rest.cursor is None
    assert await people.decisions.count(member, "review") == 3


@pytest.mark.parametrize(
    ("then", "end"), [("reject", ("dead", "Expired")), ("accept", ("delivered", None)),
                      ("dead_letter", ("dead", "Expired"))]
)  # fmt: skip
async def test_goes_on_by_itself_when_nobody_looks_in_time(hub, people, then, end):
    recipe = await people.publish(f"always: true, expires_in: 100ms, on_expiry: {then}")
    await hub.post(recipe, {"text": TEXT})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.reason_kind) == end


async def test_many_wait_in_one_batch_while_the_others_go_on(hub, people, member):
    recipe = await people.publish("below: 0")
    texts = [TEXT.replace("INV-17", f"INV-{number}") if number % 2 else UNCLEAR for number in range(6)]
    await hub.post(recipe, [{"text": text} for text in texts])
    await hub.reached(recipe, "waiting_for", "delivered", count=6)
    assert [row["number"] for row in await hub.rows(member, "kept")] == ["INV-1", "INV-3", "INV-5"]
    for_answer = await people.all(count=3)
    await asyncio.gather(*(people.answer(member, one, "accept", number="INV-0") for one in for_answer))
    assert states(await hub.ended(recipe, 6)) == ["delivered"] * 6
    assert len(await hub.rows(member, "kept")) == 6


async def test_several_records_are_reviewed_together(hub, people, member):
    recipe = await people.publish(
        "always: true", SPEC.replace('"{{ trigger.body.text }}"', '"{{ trigger.body.texts }}"')
    )
    await hub.post(recipe, {"texts": [TEXT, TEXT.replace("INV-17", "INV-18")]})
    asked = await people.asked()
    shown = await people.shown(asked)
    assert [one.record["number"] for one in shown.records] == ["INV-17", "INV-18"]
    answer = Answer(decision="accept", changes=[Change(path="number", value="INV-19", record=1)])
    await people.decisions.answer(member, "review", asked.id, answer)
    (item,) = await hub.ended(recipe)
    read = [one.output for one in item.attempts if one.step == "read"][-1]
    assert [one["number"] for one in read["extraction"]["records"]] == ["INV-17", "INV-19"]


EACH = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: read, uses: extract, each: "{{ trigger.body.texts }}", as: one,
        with: {schema: slip, source: "{{ one }}", engine: local}}
    - {id: check, uses: review, with: {always: true}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: kept, mode: insert, rows: "{{ read }}",
        columns: {number: "{{ row.number }}"}}}
"""


async def test_the_records_of_a_loop_are_reviewed_together(hub, people, member):
    recipe = await people.publish("", EACH)
    await hub.post(recipe, {"texts": [TEXT, TEXT.replace("INV-17", "INV-18")]})
    answer = Answer(decision="accept", changes=[Change(path="number", value="INV-19", record=1)])
    await people.decisions.answer(member, "review", (await people.asked()).id, answer)
    await hub.ended(recipe)
    assert [row["number"] for row in await hub.rows(member, "kept")] == ["INV-17", "INV-19"]


async def test_a_plan_asks_nobody_and_goes_on_with_the_record_as_it_is(hub, people, member):
    recipe = await people.publish("below: 1")
    plan = await hub.services.runs.plan(member, recipe.id, {"body": {"text": TEXT}})
    (attempt,) = [one for one in plan.item.attempts if one.step == "check"]
    assert attempt.message.startswith("A run would wait for a person here. number is ")
    assert plan.writes[0].changes[0]["after"]["number"] == "INV-17"
    assert await people.stored() == []
    with pytest.raises(ConflictError, match="ask people at the step check"):
        await hub.services.runs.apply(member, parse("run", plan.run.id))


async def test_a_plan_whose_record_is_sure_can_be_applied(hub, people, member):
    recipe = await people.publish("below: 0.1")
    plan = await hub.services.runs.plan(member, recipe.id, {"body": {"text": TEXT}})
    (attempt,) = [one for one in plan.item.attempts if one.step == "check"]
    assert (attempt.state, attempt.message) == ("done", "It is sure enough.")
    applied = await hub.services.runs.apply(member, parse("run", plan.run.id))
    await hub.run_ended(member, applied.id)
    assert [row["number"] for row in await hub.rows(member, "kept")] == ["INV-17"]


async def test_replaying_the_extraction_asks_about_it_again(hub, people, member):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    await people.answer(member, await people.asked(), "reject")
    await hub.ended(recipe)
    await hub.retry(recipe, (await hub.runs(recipe))[0])
    await people.answer(member, await people.asked(), "accept", total=119.5)
    assert states(await hub.ended(recipe)) == ["delivered"]
    (row,) = await hub.rows(member, "kept")
    assert row["total"] == 119.5


async def test_with_a_concurrency_of_one_the_next_item_waits_for_the_answer(hub, people, member):
    recipe = await people.publish("below: 0", SPEC + "  settings: {concurrency: 1}\n")
    await hub.post(recipe, [{"text": UNCLEAR}, {"text": TEXT}])
    asked = await people.asked()
    assert states(await hub.reached(recipe, "waiting_for", "waiting", count=2)) == ["waiting_for", "waiting"]
    await people.answer(member, asked, "accept", number="INV-1")
    await hub.ended(recipe, 2)
    assert [row["number"] for row in await hub.rows(member, "kept")] == ["INV-1", "INV-17"]


async def test_a_deleted_extraction_leaves_nothing_that_was_typed_into_it(hub, people, members):
    recipe = await people.publish("always: true")
    await hub.post(recipe, {"text": TEXT})
    asked = await people.asked()
    await people.answer(members.editor, asked, "accept", number="INV-SECRET")
    await hub.ended(recipe)
    question = await hub.services.decisions.find(members.owner, "review", asked.id)
    await hub.services.extractions.delete(members.owner, [one.extraction for one in question.records])
    rows = await fetch(
        "select d.answer::text as answer, a.changes::text as changes, a.word from decisions d "
        "join decision_answers a on a.decision = d.id where d.workspace = $1",
        members.workspace,
    )
    assert [("INV-SECRET" in row["answer"], row["changes"], row["word"]) for row in rows] == [(False, "[]", "accept")]
