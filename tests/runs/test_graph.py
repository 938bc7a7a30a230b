"""Ways through a recipe: branches, joins, conditions, loops, stops."""

import pytest

from tests.runs.hub import attempts, states
from tests.runs.sink import Says

QUICK = "retry: {first: 10ms}"


@pytest.fixture
def steps(hub, member, sink):
    async def publish(text, rest="", name="orders"):
        body = text.replace("SINK", sink.url)
        return await hub.publish(
            member, f"spec:\n  trigger: {{uses: webhook.received}}\n  steps:\n{body}\n{rest}", name
        )

    return publish


BRANCH = """
    - {id: kind, uses: branch, with: {
        cases: {big: {left: "{{ trigger.body.n }}", is: at_least, right: 10}}, else: small}}
    - {id: large, uses: http.send, after: [{step: kind, case: big}], with: {url: SINK/large, json: 1}}
    - {id: little, uses: http.send, after: [{step: kind, case: small}], with: {url: SINK/little, json: 1}}
    - {id: both, uses: join, after: [large, little]}
    - {id: last, uses: http.send, after: both, with: {
        url: SINK/last, json: {large: "{{ both.large.status }}", little: "{{ both.little.status }}"}}}
"""


@pytest.mark.parametrize(("number", "way", "joined"), [(12, "/large", {"large": 200, "little": None}),
                                                       (3, "/little", {"large": None, "little": 200})])  # fmt: skip
async def test_takes_the_way_of_its_case_and_joins_again(hub, steps, sink, number, way, joined):
    recipe = await steps(BRANCH)
    await hub.post(recipe, {"n": number})
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert [one.path for one in sink.got] == [way, "/last"]
    assert sink.bodies[1] == joined


async def test_leaves_out_a_step_whose_condition_does_not_hold_and_those_that_follow_it(hub, steps, sink):
    recipe = await steps("""
    - {id: first, uses: http.send, when: {left: "{{ trigger.body.n }}", is: greater, right: 5},
        with: {url: SINK/first, json: 1}}
    - {id: second, uses: http.send, with: {url: SINK/second, json: 1}}
    - {id: apart, uses: http.send, after: trigger, with: {url: SINK/apart, json: 1}}
""")
    await hub.post(recipe, {"n": 1})
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert [(one.path, one.body) for one in sink.got] == [("/apart", 1)]


async def test_passes_through_a_disabled_step(hub, steps, sink):
    recipe = await steps("""
    - {id: off, uses: http.send, disabled: true, with: {url: SINK/off, json: 1}}
    - {id: on, uses: http.send, with: {url: SINK/on, json: 1}}
""")
    await hub.post(recipe, {})
    await hub.ended(recipe)
    assert [one.path for one in sink.got] == ["/on"]


@pytest.mark.parametrize("outcome", ["delivered", "filtered", "dead"])
async def test_a_stop_ends_the_item_as_it_says(hub, steps, sink, outcome):
    recipe = await steps(f"""
    - {{id: halt, uses: stop, with: {{outcome: {outcome}, reason: "because {{{{ trigger.body.n }}}}"}}}}
    - {{id: never, uses: http.send, with: {{url: SINK, json: 1}}}}
""")
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.reason, sink.got) == (outcome, "because 1", [])


async def test_retrying_a_stopped_item_stops_it_again(hub, steps, sink, member):
    recipe = await steps("""
    - {id: halt, uses: stop, with: {outcome: dead, reason: no}}
    - {id: never, uses: http.send, with: {url: SINK, json: 1}}
""")
    await hub.post(recipe, {"n": 1})
    await hub.ended(recipe)
    (run,) = await hub.runs(recipe)
    assert await hub.services.runs.retry(member, parse_run(run.id)) == 1
    await hub.until("select 1 from attempts where step = 'halt' and item in (select id from items where recipe = $1)"
                    " having count(*) = 2", recipe.id)  # fmt: skip
    assert (states(await hub.ended(recipe)), sink.got) == (["dead"], [])


EACH = """
    - {{id: post, uses: http.send, each: "{{{{ trigger.body.lines }}}}", as: line, {more}
       with: {{url: SINK, json: {{line: "{{{{ line }}}}", at: "{{{{ loop.index }}}}"}}}}}}
    - {{id: last, uses: http.send, with: {{url: SINK/last, json: "{{{{ post }}}}"}}}}
"""


async def test_delivers_each_element_under_its_own_key_and_lists_what_came_back_in_order(hub, steps, sink):
    sink.says_to({"line": "b", "at": 1}, Says(json={"id": 2}, delay=0.2))
    recipe = await steps(EACH.format(more=""))
    await hub.post(recipe, {"lines": ["a", "b", "c"]})
    (item,) = await hub.ended(recipe)
    assert len(sink.keys) == 4
    assert [one["body"] for one in sink.bodies[3]] == [None, {"id": 2}, None]
    assert [one.path for one in item.deliveries[:3]] == ["0", "1", "2"]


async def test_repeats_only_the_elements_that_failed(hub, steps, sink):
    sink.says_to({"line": "b", "at": 1}, Says(status=500))
    recipe = await steps(EACH.format(more=QUICK + ","))
    await hub.post(recipe, {"lines": ["a", "b", "c"]})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, attempts(item, "post")) == ("delivered", [(1, "failed"), (2, "done")])
    assert [one["line"] for one in sink.bodies[:4]].count("b") == 2
    assert len(sink.got) == 5


async def test_a_failed_element_fails_its_item(hub, steps, sink):
    sink.says_to({"line": "b", "at": 1}, Says(status=422))
    recipe = await steps(EACH.format(more=""))
    await hub.post(recipe, {"lines": ["a", "b", "c"]})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.reason_kind, len(sink.got)) == ("dead", "SettingsError", 3)


async def test_leaves_null_in_the_place_of_a_refused_element_when_told_to_go_on(hub, steps, sink):
    sink.says_to({"line": "b", "at": 1}, Says(status=422))
    recipe = await steps(EACH.format(more="on_error: continue,"))
    await hub.post(recipe, {"lines": ["a", "b", "c"]})
    await hub.ended(recipe)
    assert [one and one["status"] for one in sink.bodies[3]] == [200, None, 200]


async def test_tries_failed_elements_again_before_it_goes_on_without_them(hub, steps, sink):
    sink.says_to({"line": "a", "at": 0}, Says(status=422), Says(status=422), Says(status=422))
    sink.says_to({"line": "b", "at": 1}, Says(status=500))
    sink.says_to({"line": "c", "at": 2}, *[Says(status=500)] * 3)
    recipe = await steps(EACH.format(more=f"on_error: continue, {QUICK},"))
    await hub.post(recipe, {"lines": ["a", "b", "c", "d"]})
    (item,) = await hub.ended(recipe)
    assert item.item.state == "delivered"
    assert [one and one["status"] for one in sink.bodies[-1]] == [None, 200, None, 200]


async def test_asks_a_lookup_for_each_element_and_repeats_only_those_that_failed(hub, steps, sink):
    sink.says(Says(json="one"), Says(status=500), Says(json="two"), Says(json="three"))
    recipe = await steps("""
    - {id: ask, uses: http.request, each: "{{ trigger.body.ways }}", as: way, retry: {first: 10ms},
        with: {url: "SINK/{{ way }}"}}
    - {id: post, uses: http.send, with: {url: SINK/last, json: "{{ ask | map: 'body' }}"}}
""")
    await hub.post(recipe, {"ways": ["a", "b", "c"]})
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert [one.path for one in sink.got] == ["/a", "/b", "/b", "/c", "/last"]
    assert sink.bodies[-1] == ["one", "two", "three"]


async def test_an_empty_list_delivers_nothing_and_goes_on(hub, steps, sink):
    recipe = await steps(EACH.format(more=""))
    await hub.post(recipe, {"lines": []})
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert sink.bodies == [[]]


async def test_refuses_a_list_that_is_too_long(hub, steps, sink):
    recipe = await steps(EACH.format(more=""))
    await hub.post(recipe, {"lines": list(range(10_001))})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, sink.got) == ("dead", [])
    assert "10,000" in item.item.reason


def parse_run(text):
    from hub.ids import parse

    return parse("run", text)
