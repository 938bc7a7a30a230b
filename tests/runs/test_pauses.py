"""Steps that keep state over runs: wait, dedupe, aggregate, calls of other recipes, answers to the caller."""

import asyncio
import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sdk import WebhookRequest
from hub.database import execute
from hub.runs import Hooks, Intake
from tests.runs.hub import states
from tests.runs.sink import Says


@pytest.fixture
def steps(hub, member, sink):
    async def publish(text, rest="", name="orders"):
        body = text.replace("SINK", sink.url)
        return await hub.publish(
            member, f"spec:\n  trigger: {{uses: webhook.received}}\n  steps:\n{body}\n{rest}", name
        )

    return publish


WAIT = """
    - {id: later, uses: wait, with: {WHEN}}
    - {id: post, uses: http.send, with: {url: SINK, json: 1}}
"""


async def test_waits_as_long_as_it_says_and_then_goes_on(hub, steps, sink):
    recipe = await steps(WAIT.replace("WHEN", "duration: 300ms"))
    async with hub.sweeping:
        await hub.post(recipe, {})
        (waiting,) = await hub.reached(recipe, "waiting_until")
    (item,) = await hub.ended(recipe)
    assert (waiting.item.step, item.item.state) == ("later", "delivered")
    assert item.item.ended_at - item.item.accepted_at >= timedelta(milliseconds=300)


@pytest.mark.parametrize(
    ("ahead", "state"), [(timedelta(hours=1), "waiting_until"), (-timedelta(hours=1), "delivered")]
)
async def test_waits_for_a_moment_unless_it_has_passed(hub, steps, ahead, state):
    recipe = await steps(WAIT.replace("WHEN", 'until: "{{ trigger.body.at }}"'))
    await hub.post(recipe, {"at": (datetime.now(UTC) + ahead).isoformat()})
    assert states(await hub.reached(recipe, state)) == [state]


async def test_a_moment_that_is_none_is_a_dead_letter(hub, steps):
    recipe = await steps(WAIT.replace("WHEN", 'until: "{{ trigger.body.at }}"'))
    await hub.post(recipe, {"at": "soon"})
    assert states(await hub.ended(recipe)) == ["dead"]


DEDUPE = """
    - {id: once, uses: dedupe, with: {key: "{{ trigger.body.n }}", period: 30d}}
    - {id: post, uses: http.send, with: {url: SINK, json: "{{ trigger.body }}"}}
"""


async def test_lets_each_key_pass_once(hub, steps, sink):
    recipe = await steps(DEDUPE)
    await hub.post(recipe, [{"n": 1}, {"n": 1}, {"n": 2}])
    await hub.ended(recipe, 3)
    await hub.post(recipe, {"n": 1})
    items = await hub.ended(recipe, 4)
    assert (states(items), len(sink.got)) == (["delivered", "filtered", "delivered", "filtered"], 2)
    assert items[1].item.reason_kind == "duplicate"


async def test_lets_keys_of_any_length_and_letters_pass_once(hub, steps):
    recipe = await steps(DEDUPE.partition("    - {id: post")[0].replace("body.n }}", "body.n | url_decode }}"))
    long = secrets.token_urlsafe(6000)
    await hub.post(recipe, [{"n": f"{long}{end}"} for end in ("a", "a", "b", "%00")])
    assert states(await hub.ended(recipe, 4)) == ["delivered", "filtered", "delivered", "delivered"]


async def test_lets_a_key_pass_again_once_its_period_is_over(hub, steps, sink):
    recipe = await steps(DEDUPE)
    await hub.post(recipe, {"n": 1})
    await hub.ended(recipe)
    await execute("update dedupe_keys set expires_at = now() - interval '1 minute' where recipe = $1", recipe.id)
    await hub.post(recipe, [{"n": 1}, {"n": 1}])
    assert states(await hub.ended(recipe, 3)) == ["delivered", "delivered", "filtered"]


async def test_the_item_that_holds_a_key_passes_again_when_it_is_retried(hub, steps, sink):
    sink.says(Says(status=422))
    recipe = await steps(DEDUPE)
    await hub.post(recipe, {"n": 1})
    await hub.ended(recipe)
    (run,) = await hub.runs(recipe)
    await hub.retry(recipe, run)
    assert (states(await hub.ended(recipe)), len(sink.got)) == (["delivered"], 2)


AGGREGATE = """
    - {id: all, uses: aggregate, with: {LIMIT, value: "{{ trigger.body.n }}"}}
    - {id: post, uses: http.send, with: {url: SINK, json: "{{ all }}"}}
"""


async def test_collects_so_many_items_into_one(hub, steps, sink):
    recipe = await steps(AGGREGATE.replace("LIMIT", "count: 3"))
    await hub.post(recipe, {"n": 1})
    await hub.reached(recipe, "waiting_for")
    await hub.post(recipe, [{"n": 2}, {"n": 3}])
    assert states(await hub.ended(recipe, 3)) == ["delivered"] * 3
    assert sink.bodies == [[1, 2, 3]]


async def test_keeps_what_is_left_over_for_the_next_collection(hub, steps, sink):
    recipe = await steps(AGGREGATE.replace("LIMIT", "count: 2"))
    await hub.post(recipe, [{"n": number} for number in range(5)])
    items = await hub.reached(recipe, "delivered", "waiting_for", count=5)
    assert states(items) == ["delivered"] * 4 + ["waiting_for"]
    assert sorted(sink.bodies) == [[0, 1], [2, 3]]


async def test_collects_for_each_key_apart(hub, steps, sink):
    recipe = await steps(AGGREGATE.replace("LIMIT", 'count: 2, key: "{{ trigger.body.of }}"'))
    await hub.post(recipe, [{"n": 1, "of": "a"}, {"n": 2, "of": "b"}, {"n": 3, "of": "a"}, {"n": 4, "of": "b"}])
    await hub.ended(recipe, 4)
    assert sorted(sink.bodies) == [[1, 3], [2, 4]]


async def test_closes_a_collection_when_its_time_is_over(hub, steps, sink):
    recipe = await steps(AGGREGATE.replace("LIMIT", "count: 100, period: 400ms"))
    async with hub.sweeping:
        await hub.post(recipe, {"n": 1})
        await hub.post(recipe, {"n": 2})
        await hub.reached(recipe, "waiting_for", count=2)
    assert states(await hub.ended(recipe, 2)) == ["delivered"] * 2
    assert sink.bodies == [[1, 2]]


async def test_collects_with_a_concurrency_of_one_too(hub, steps, sink):
    recipe = await steps(AGGREGATE.replace("LIMIT", "count: 3"), "  settings: {concurrency: 1}")
    await hub.post(recipe, [{"n": 1}, {"n": 2}, {"n": 3}])
    await hub.ended(recipe, 3)
    assert sink.bodies == [[1, 2, 3]]


async def test_wakes_an_item_that_joined_a_collection_just_before_others_closed_it(hub, steps, sink):
    recipe = await steps(AGGREGATE.replace("LIMIT", "count: 2"))
    await hub.post(recipe, {"n": 1})
    await hub.reached(recipe, "waiting_for")
    await hub.post(recipe, {"n": 2})
    first, _ = await hub.ended(recipe, 2)
    await hub.set_back(first, "waiting_for", "aggregate")
    assert states(await hub.ended(recipe, 2)) == ["delivered"] * 2
    assert sink.bodies == [[1, 2]]


CALLER = """
    - {id: call, uses: recipe, with: {recipe: called, input: {n: "{{ trigger.body.n }}"} MORE}, on_error: ERROR}
    - {id: post, uses: http.send, with: {url: SINK/parent, json: "{{ call.state }}"}}
"""
CALLED = """
    - {id: post, uses: http.send, with: {url: SINK/child, json: "{{ trigger.body.n }}"}}
"""


@pytest.fixture
def family(steps):
    async def publish(more="", error="dead_letter"):
        child = await steps(CALLED, name="called")
        return await steps(CALLER.replace("MORE", more).replace("ERROR", error)), child

    return publish


async def test_calls_another_recipe_and_goes_on_when_that_has_ended(hub, family, sink):
    parent, child = await family()
    await hub.post(parent, {"n": 7})
    assert states(await hub.ended(parent)) == ["delivered"]
    assert [(one.path, one.body) for one in sink.got] == [("/child", 7), ("/parent", "delivered")]
    assert len(await hub.items(child)) == 1


async def test_does_not_wait_for_a_called_recipe_when_told_so(hub, family, sink):
    parent, child = await family(", wait: false")
    await hub.services.recipes.pause(child.member, child.name)
    await hub.post(parent, {"n": 7})
    assert states(await hub.ended(parent)) == ["delivered"]
    assert states(await hub.reached(child, "waiting")) == ["waiting"]


async def test_the_death_of_a_called_item_is_the_callers_and_so_is_its_recovery(hub, family, sink):
    sink.says(Says(status=422))
    parent, child = await family()
    await hub.post(parent, {"n": 7})
    (item,) = await hub.ended(parent)
    assert (item.item.state, item.item.reason_kind) == ("dead", "RecipeError")
    await hub.retry(child, (await hub.runs(child))[0])
    await hub.ended(child)
    await hub.retry(parent, (await hub.runs(parent))[0])
    assert states(await hub.ended(parent)) == ["delivered"]
    assert [one.path for one in sink.got] == ["/child", "/child", "/parent"]


async def test_goes_on_past_a_failed_call_when_told_so(hub, family, sink):
    sink.says(Says(status=422))
    parent, _ = await family(error="continue")
    await hub.post(parent, {"n": 7})
    assert states(await hub.ended(parent)) == ["delivered"]
    assert sink.bodies[-1] is None


RESPOND = """
    - {id: slow, uses: wait, with: {duration: "{{ trigger.body.wait }}"}}
    - {id: say, uses: respond, with: {
        status: 201, body: {doubled: "{{ trigger.body.n | times: 2 }}"}, headers: {x-by: hub}}}
"""


async def test_holds_the_call_until_the_recipe_answers_it(hub, steps):
    recipe = await steps(RESPOND)
    answer = await hub.post(recipe, {"n": 21, "wait": "50ms"})
    assert (answer.status_code, answer.json(), answer.headers["x-by"]) == (201, {"doubled": 42}, "hub")


PAGE = """
    - id: say
      uses: respond
      with:
        body: "<p>Hi {{ trigger.body.name }}</p>"
        headers: {Content-Type: text/html, Content-Security-Policy: none, Set-Cookie: "pd_session=mine", Location: /hi}
"""


async def test_an_answer_is_a_page_that_can_do_nothing_in_the_name_of_the_hub(hub, steps):
    answer = await hub.post(await steps(PAGE), {"name": "<script>alert(1)</script>"})
    assert (answer.headers["content-type"], answer.headers["location"]) == ("text/html", "/hi")
    assert answer.headers.get_list("content-security-policy") == ["sandbox"]
    assert (answer.headers["x-content-type-options"], "set-cookie" in answer.headers) == ("nosniff", False)


async def test_answers_calls_that_come_together_each_with_its_own(hub, steps):
    recipe = await steps(RESPOND)
    answers = await asyncio.gather(*(hub.post(recipe, {"n": number, "wait": "1ms"}) for number in range(10)))
    assert [answer.json()["doubled"] for answer in answers] == [2 * number for number in range(10)]


async def test_accepts_when_the_recipe_takes_too_long_to_answer(hub, steps):
    recipe = await steps(RESPOND)
    running = hub.running
    hooks = Hooks(running.catalogue, Intake(running.dispatcher), running.replies, hold=0.3)
    request = WebhookRequest(body=b'{"n": 1, "wait": "1h"}', headers={"content-type": "application/json"}, query={})
    answer = await hooks.receive(recipe.token, request)
    assert (answer.status, json.loads(answer.body)["duplicate"]) == (202, False)


async def test_accepts_at_once_when_the_item_ends_without_an_answer(hub, steps):
    recipe = await steps(RESPOND)
    answer = await hub.post(recipe, {"n": 1, "wait": "nonsense"})
    assert answer.status_code == 202
    assert states(await hub.ended(recipe)) == ["dead"]


async def test_accepts_an_array_without_holding_the_call(hub, steps):
    recipe = await steps(RESPOND)
    answer = await hub.post(recipe, [{"n": 1, "wait": "1h"}, {"n": 2, "wait": "1h"}])
    assert answer.status_code == 202
