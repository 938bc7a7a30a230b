"""What becomes of items whose steps fail: tries, pauses, dead letters, other ways."""

import asyncio

import pytest

from tests.runs.hub import attempts, states
from tests.runs.sink import Says

POST = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: post, uses: http.send, with: {{url: "{url}", json: "{{{{ trigger.body }}}}"}}{more}}}
"""
QUICK = ", retry: {first: 100ms, factor: 3}"
DOWN = Says(status=500)


@pytest.fixture
def post(hub, member, sink):
    async def publish(more=QUICK):
        return await hub.publish(member, POST.format(url=sink.url, more=more))

    return publish


async def test_tries_three_times_after_growing_pauses_and_then_ends_as_a_dead_letter(hub, post, sink):
    sink.always(DOWN)
    recipe = await post()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.step, item.item.reason_kind) == ("dead", "post", "TemporaryError")
    assert attempts(item, "post") == [(1, "failed"), (2, "failed"), (3, "failed")]
    first, second, third = (one.at for one in sink.got)
    assert second - first >= 0.1
    assert third - second >= 0.3
    assert len(sink.keys) == 1


async def test_recovers_when_the_service_does(hub, post, sink):
    sink.says(DOWN)
    recipe = await post()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, attempts(item, "post")) == ("delivered", [(1, "failed"), (2, "done")])
    assert [one.state for one in item.deliveries] == ["sent"]


async def test_waits_at_least_as_long_as_the_service_asks(hub, post, sink):
    sink.says(Says(status=503, headers={"Retry-After": "60"}))
    recipe = await post()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.reached(recipe, "waiting_until")
    waits = item.item.due_at - item.item.accepted_at
    assert 55 < waits.total_seconds() < 180


async def test_stops_at_once_on_what_the_service_refuses(hub, post, sink):
    sink.always(Says(status=422))
    recipe = await post()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.reason_kind, len(sink.got)) == ("dead", "SettingsError", 1)


async def test_what_a_service_says_of_a_refusal_is_kept_without_what_no_database_keeps(hub, post, sink):
    sink.says(Says(status=422, json={"message": "No such\0 order"}))
    recipe = await post()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, "No such order" in item.item.reason) == ("dead", True)


async def test_one_failing_item_does_not_hold_the_others(hub, post, sink):
    sink.says_to({"n": 2}, *[Says(status=422)])
    sink.says_to({"n": 3}, DOWN)
    recipe = await post()
    await hub.post(recipe, [{"n": number} for number in range(6)])
    items = await hub.ended(recipe, 6)
    assert states(items) == ["delivered", "delivered", "dead", "delivered", "delivered", "delivered"]
    assert len(sink.got) == 7


async def test_a_cut_connection_is_tried_again_under_the_same_key_and_marked(hub, post, sink):
    sink.says(Says(cut=True))
    recipe = await post()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, len(sink.got), len(sink.keys)) == ("delivered", 2, 1)
    assert [(one.state, one.repeated) for one in item.deliveries] == [("sent", 1)]


async def test_a_target_that_is_too_slow_is_tried_again_under_the_same_key(hub, post, sink):
    sink.says(Says(after=asyncio.Event()))
    recipe = await post(QUICK + ", timeout: 5s")
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, len(sink.got), len(sink.keys)) == ("delivered", 2, 1)


async def test_goes_on_past_a_failed_step_that_says_so(hub, member, sink):
    sink.says(Says(status=422))
    recipe = await hub.publish(member, POST.format(url=sink.url, more=", on_error: continue") + f"""
    - {{id: next, uses: http.send, with: {{url: "{sink.url}", json: {{got: "{{{{ post }}}}"}}}}}}
""")  # fmt: skip
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, sink.bodies[1]) == ("delivered", {"got": None})
    assert attempts(item, "post") == [(1, "ignored")]


CAUGHT = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: post, uses: http.send, with: {{url: "{url}", json: "{{{{ trigger.body }}}}"}}, on_error: alert, {retry}}}
    - {{id: thanks, uses: http.send, with: {{url: "{url}/thanks", json: 1}}}}
    - {{id: alert, uses: http.send, after: [], with: {{url: "{url}/alert",
        json: {{step: "{{{{ error.step }}}}", kind: "{{{{ error.kind }}}}", said: "{{{{ error.message }}}}"}}}}}}
"""


async def test_a_failed_step_leads_to_the_one_that_catches_it(hub, member, sink):
    sink.says(Says(status=422))
    recipe = await hub.publish(member, CAUGHT.format(url=sink.url, retry="retry: {attempts: 1}"))
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, [one.path for one in sink.got]) == ("delivered", ["/", "/alert"])
    assert sink.bodies[1]["step"] == "post"
    assert sink.bodies[1]["kind"] == "SettingsError"
    assert "127.0.0.1" in sink.bodies[1]["said"]


async def test_the_step_that_catches_is_left_out_when_nothing_fails(hub, member, sink):
    recipe = await hub.publish(member, CAUGHT.format(url=sink.url, retry="retry: {attempts: 1}"))
    await hub.post(recipe, {"n": 1})
    await hub.ended(recipe)
    assert [one.path for one in sink.got] == ["/", "/thanks"]


async def test_a_caught_error_is_still_known_after_a_pause(hub, member, sink):
    sink.says(Says(status=422), DOWN)
    text = CAUGHT.format(url=sink.url, retry="retry: {attempts: 1}").rstrip()[:-1] + ", retry: {first: 10ms}}"
    recipe = await hub.publish(member, text)
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, sink.bodies[2]) == ("delivered", sink.bodies[1])


async def test_a_condition_that_cannot_be_worked_out_is_a_dead_letter(hub, member, sink):
    recipe = await hub.publish(member, POST.format(url=sink.url, more="""
    , when: {left: "{{ trigger.body.n | divided_by: trigger.body.zero }}", is: at_least, right: 1}"""))  # fmt: skip
    await hub.post(recipe, [{"n": 1, "zero": 0}, {"n": 1, "zero": 1}])
    assert states(await hub.ended(recipe, 2)) == ["dead", "delivered"]


async def test_a_defect_in_a_connector_is_a_dead_letter_and_not_the_end_of_its_run(hub, member, sink):
    recipe = await hub.publish(member, POST.format(url=sink.url, more=""))
    sink.says(Says(headers={"Content-Type": "text/plain; charset=nonsense"}))
    await hub.post(recipe, {"n": 1})
    assert states(await hub.ended(recipe)) == ["delivered"]


async def test_a_connection_that_is_gone_is_told_at_the_step(hub, member, sink):
    made = await hub.services.connections.add(
        member, "office", "http", {"hosts": ["127.0.0.1"], "kind": "bearer", "secret": "x"}
    )
    recipe = await hub.publish(member, POST.format(url=sink.url, more=", connection: office"))
    await hub.services.recipes.pause(member, recipe.name)
    await hub.post(recipe, {"n": 1})
    await remove(made)
    await hub.services.recipes.resume(member, recipe.name)
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.step, item.item.reason_kind) == ("dead", "post", "CredentialsError")


async def remove(connection):
    from hub.database import execute
    from hub.ids import parse

    await execute("delete from connections where id = $1", parse("con", connection.id))
