"""The thinnest line, whole: a webhook is accepted, filtered, shaped and posted, once."""

import asyncio
import os

import pytest

from tests.runs.hub import states
from tests.runs.sink import Says

LINE = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: large, uses: filter, with: {{left: "{{{{ trigger.body.total }}}}", is: at_least, right: 100}}}}
    - {{id: shape, uses: set, with: {{fields: {{who: "{{{{ trigger.body.who | upcase }}}}",
        total: "{{{{ trigger.body.total }}}}"}}}}}}
    - {{id: post, uses: http.send, with: {{url: "{url}", json: "{{{{ shape }}}}"}}}}
"""


@pytest.fixture
async def line(hub, member, sink):
    return await hub.publish(member, LINE.format(url=sink.url))


async def test_carries_an_event_to_its_target_once_and_keeps_the_receipt(hub, line, sink):
    sink.always(Says(status=201, json={"id": "17"}))
    answer = await hub.post(line, {"who": "ada", "total": 120})
    (item,) = await hub.ended(line)
    assert (answer.status_code, answer.json()) == (202, {"item": item.item.id, "duplicate": False})
    assert (item.item.state, sink.bodies) == ("delivered", [{"who": "ADA", "total": 120}])
    (delivery,) = item.deliveries
    assert (delivery.state, delivery.reference, delivery.repeated) == ("sent", "17", 0)
    assert (delivery.key, delivery.target, delivery.effect) == (sink.got[0].key, "http.send", "send")


async def test_shows_what_each_step_gave(hub, line):
    await hub.post(line, {"who": "ada", "total": 120})
    (item,) = await hub.ended(line)
    assert [(one.step, one.state, one.attempt) for one in item.attempts] == [
        ("large", "done", 1), ("shape", "done", 1), ("post", "done", 1),
    ]  # fmt: skip
    assert item.attempts[1].output == {"who": "ADA", "total": 120}
    assert item.attempts[2].input["json"] == {"who": "ADA", "total": 120}


async def test_counts_its_items_in_the_run(hub, line):
    await hub.post(line, [{"who": "ada", "total": 120}, {"who": "bob", "total": 5}])
    await hub.ended(line, 2)
    (run,) = await hub.runs(line)
    assert (run.state, run.counts.total, run.counts.delivered, run.counts.filtered) == ("done", 2, 1, 1)


async def test_ends_an_item_that_the_filter_refuses(hub, line, sink):
    await hub.post(line, {"who": "bob", "total": 5})
    (item,) = await hub.ended(line)
    assert (item.item.state, item.item.step, sink.got) == ("filtered", "large", [])


@pytest.mark.parametrize("header", ["webhook_id", "idempotency_key"])
async def test_recognises_an_event_that_comes_again(hub, line, sink, header):
    first = await hub.post(line, {"who": "ada", "total": 120}, **{header: "evt-1"})
    again = await hub.post(line, {"who": "ada", "total": 120}, **{header: "evt-1"})
    await hub.ended(line)
    assert again.json() == {"item": first.json()["item"], "duplicate": True}
    assert (len(sink.got), (await hub.trigger(line))["duplicates"]) == (1, 1)


async def test_recognises_an_event_that_comes_many_times_at_once(hub, line, sink):
    body = {"who": "ada", "total": 120}
    answers = await asyncio.gather(*(hub.post(line, body, webhook_id="evt-2") for _ in range(20)))
    await hub.ended(line)
    assert len({answer.json()["item"] for answer in answers}) == 1
    assert sorted(answer.json()["duplicate"] for answer in answers) == [False] + [True] * 19
    assert len(sink.got) == 1


async def test_makes_an_item_of_each_element_of_an_array(hub, line, sink):
    answer = await hub.post(line, [{"who": "a", "total": 100}, {"who": "b", "total": 200}], webhook_id="evt-3")
    await hub.ended(line, 2)
    said = answer.json()["items"]
    assert [one["duplicate"] for one in said] == [False, False]
    assert sorted(one["who"] for one in sink.bodies) == ["A", "B"]


async def test_keeps_nothing_of_an_array_that_is_too_long(hub, line):
    answer = await hub.post(line, [{"who": "a", "total": 100}] * 1001)
    assert (answer.status_code, await hub.items(line)) == (422, [])


async def test_knows_no_stranger(hub):
    assert (await hub.call("/hooks/nobody", json={})).status_code == 404


async def test_refuses_what_is_too_large(hub, line):
    answer = await hub.call(f"/hooks/{line.token}", content=b"[" + b" " * 5_300_000 + b"]")
    assert (answer.status_code, await hub.items(line)) == (413, [])


async def test_takes_one_test_event_and_runs_nothing(hub, line, sink):
    assert (await hub.post(line, {"total": 120}, test=True)).status_code == 404
    await hub.services.runs.listen(line.member, line.id)
    first = await hub.post(line, {"who": "ada", "total": 120}, test=True)
    second = await hub.post(line, {"who": "ada", "total": 120}, test=True)
    assert (first.status_code, second.status_code) == (202, 404)
    (item,) = await hub.items(line)
    assert (item.state, sink.got) == ("filtered", [])


async def test_a_paused_recipe_accepts_and_a_resumed_one_works_it_off(hub, line, sink):
    await hub.services.recipes.pause(line.member, line.name)
    answers = [await hub.post(line, {"who": f"w{number}", "total": 120}) for number in range(3)]
    await hub.reached(line, "waiting", count=3)
    assert ([answer.status_code for answer in answers], sink.got) == ([202] * 3, [])
    await hub.services.recipes.resume(line.member, line.name)
    assert states(await hub.ended(line, 3)) == ["delivered"] * 3
    assert len(sink.got) == 3


async def test_an_item_keeps_the_version_it_was_accepted_with(hub, line, sink):
    await hub.services.recipes.pause(line.member, line.name)
    await hub.post(line, {"who": "ada", "total": 120})
    await hub.publish(line.member, LINE.format(url=sink.url).replace("upcase", "downcase"))
    await hub.services.recipes.resume(line.member, line.name)
    (item,) = await hub.ended(line)
    assert (item.item.version, sink.bodies[0]["who"]) == (1, "ADA")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"who": "a\\u0000b", "total": 120}', "application/json", 422),
        (b'{"who": "\\ud800", "total": 120}', "application/json", 422),
        (b'{"who": "\xff", "total": 120}', "application/json", 422),
        (b"{", "application/json", 422),
        (b"[" * 5000 + b"]" * 5000, "application/json", 422),
        (b'{"total": 1e999}', "application/json", 422),
        (b"", "application/json", 202),
        (b"who=ada&total=120", "application/x-www-form-urlencoded", 202),
        (b"\x00\x01\x02", "application/octet-stream", 202),
        (b"a\x00b", "text/plain", 202),
    ],
)
async def test_takes_any_body_that_can_be_kept_and_refuses_the_others(hub, line, content, kind, status):
    answer = await hub.call(f"/hooks/{line.token}", content=content, headers={"content-type": kind})
    assert (answer.status_code, len(await hub.items(line))) == (status, int(status == 202)), answer.text
    await hub.ended(line, int(status == 202))


async def test_survives_characters_that_a_template_makes_and_no_database_keeps(hub, line, sink):
    text = LINE.format(url=sink.url).replace("upcase", "url_decode")
    made = await hub.publish(line.member, text, "decoded")
    await hub.post(made, {"who": "a%00b%ED%A0%80", "total": 120}, webhook_id="nul")
    (item,) = await hub.ended(made)
    assert item.item.state == "delivered"


async def test_the_address_answers_no_more_when_the_recipe_starts_in_another_way(hub, line, sink):
    text = LINE.format(url=sink.url).replace("webhook.received", "manual.submitted")
    await hub.publish(line.member, text.replace("trigger.body", "trigger"))
    answer = await hub.call(f"/hooks/{line.token}", json={})
    assert answer.status_code == 404


async def test_cuts_runs_of_large_items_short(hub, member):
    recipe = await hub.publish(member, """
spec:
  trigger: {uses: webhook.received}
  steps: [{id: keep, uses: set, with: {fields: {n: "{{ trigger.body.n }}"}}}]
""")  # fmt: skip
    await hub.services.recipes.pause(member, recipe.name)
    for_each = [hub.post(recipe, {"n": number, "text": os.urandom(750_000).hex()}) for number in range(12)]
    await asyncio.gather(*for_each)
    await hub.services.recipes.resume(member, recipe.name)
    assert states(await hub.ended(recipe, 12)) == ["delivered"] * 12
    assert 3 <= len(await hub.runs(recipe)) <= 6
