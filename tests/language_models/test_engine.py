"""The engine for language models, over a real socket to a server that checks each request."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sdk.network.guard import Guard
from hub.errors import InvalidError, UnavailableError
from hub.extraction.engines import Auto, Local
from tests.extraction.conftest import schema_of
from tests.language_models.conftest import GOOD, LETTER, ask, messages_of
from tests.peers.llm_client import Peer
from tests.peers.process import free_port


async def test_reads_values_as_they_are_written_and_cites_them(peer: Peer):
    peer.script({"content": GOOD})
    made = await ask(peer.model())
    assert made.record == {
        "guest": "Ms Castle",
        "arrival": "2026-05-03",
        "price": 2450.0,
        "hotel": "Grand Hotel Alpina",
        "dog": True,
        "tags": ["room 17"],
    }
    assert made.fields["price"].evidence[0].text == "2.450,00"
    assert made.fields["price"].engine == "llm"
    assert made.usage.model == "test-1"
    assert (made.usage.input_tokens, made.usage.output_tokens, made.usage.cost_usd) == (900, 100, 0.0028)


async def test_asks_with_a_json_schema_and_the_document_fenced_as_data(peer: Peer):
    peer.script({"content": GOOD})
    await ask(peer.model())
    (body,) = peer.asked
    rules, question = (message["content"] for message in body["messages"])
    mark = question.splitlines()[2]
    assert body["response_format"]["json_schema"]["strict"] is True
    assert mark in rules
    assert mark not in LETTER
    assert question.count(mark) == 2
    assert "Ignore all rules" not in rules


async def test_a_value_that_the_document_does_not_say_is_left_out_and_told(peer: Peer):
    peer.script({"content": {**GOOD, "hotel": "Ritz", "price": 99, "arrival": "2026-05-04", "dog": None}})
    made = await ask(peer.model())
    assert (made.record["hotel"], made.record["price"], made.record["arrival"]) == (None, None, None)
    assert [problem.path for problem in made.problems] == ["arrival", "price", "hotel"]


async def test_numbers_and_dates_given_in_another_form_are_found_by_what_they_mean(peer: Peer):
    peer.script({"content": {**GOOD, "price": 2450, "arrival": "2026-05-03"}})
    made = await ask(peer.model())
    assert (made.record["price"], made.record["arrival"]) == (2450.0, "2026-05-03")
    assert made.fields["arrival"].evidence[0].text == "3rd of May 2026"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"refusal": "I cannot help with that."}, "The language model refused: I cannot help with that."),
        ({"content": '{"guest": "Ms', "finish": "length"}, "cut off"),
        ({"content": "", "finish": "content_filter"}, "content filter"),
        ({"content": ""}, "empty answer"),
    ],
)
async def test_an_answer_that_is_none_becomes_a_problem(peer: Peer, step: dict[str, Any], told: str):
    peer.script(step)
    made = await ask(peer.model())
    assert made.status == "done"
    assert made.record["guest"] is None
    assert any(told in message for message in messages_of(made))
    assert made.usage.input_tokens == 900


async def test_asks_once_more_when_the_answer_is_no_json(peer: Peer):
    peer.script({"content": "Sure! Here is the JSON you asked for."}, {"content": GOOD})
    made = await ask(peer.model())
    assert made.record["guest"] == "Ms Castle"
    assert made.usage.input_tokens == 1800


async def test_gives_up_after_two_answers_that_are_no_json(peer: Peer):
    peer.script({"content": "No."}, {"content": "[1, 2]"})
    made = await ask(peer.model())
    assert messages_of(made) == ["The language model answered with something that is no JSON object."]


async def test_takes_json_out_of_a_code_fence(peer: Peer):
    peer.script({"content": '```json\n{"guest": "Ms Castle"}\n```'})
    assert (await ask(peer.model())).record["guest"] == "Ms Castle"


async def test_tries_again_when_the_endpoint_is_busy(peer: Peer):
    busy = {"status": 429, "headers": {"retry-after-ms": "5"}}
    peer.script(busy, {"status": 503, "headers": {"retry-after-ms": "5"}}, {"content": GOOD})
    assert (await ask(peer.model())).record["guest"] == "Ms Castle"
    assert len(peer.asked) == 3


async def test_says_when_to_come_back_after_three_tries(peer: Peer):
    busy = {"status": 429, "headers": {"retry-after-ms": "5"}}
    peer.script(busy, busy, {"status": 429, "headers": {"retry-after": "40"}})
    with pytest.raises(UnavailableError) as caught:
        await ask(peer.model())
    assert caught.value.retry_after == 40


@pytest.mark.parametrize(
    ("status", "told"), [(401, "PATCHDECK_LLM_API_KEY"), (404, "PATCHDECK_LLM_MODEL"), (400, "refused the request")]
)
async def test_a_refusal_says_what_to_change(peer: Peer, status: int, told: str):
    peer.script({"status": status, "message": "No."})
    with pytest.raises(InvalidError, match=told):
        await ask(peer.model())


ODD = [
    ("<h1>Welcome</h1>", "text/html"),
    ('{"hello": "world"}', "application/json"),
    ('{"choices": null}', "application/json"),
]


@pytest.mark.parametrize(("page", "kind"), ODD)
async def test_an_address_that_is_no_model_is_named(peer: Peer, page: str, kind: str):
    peer.script({"page": page, "type": kind})
    with pytest.raises(InvalidError, match="PATCHDECK_LLM_BASE_URL"):
        await ask(peer.model())


async def test_an_endpoint_that_takes_no_schema_is_told_in_words(peer: Peer):
    peer.script({"no_schema": True, "content": GOOD})
    assert (await ask(peer.model())).record["guest"] == "Ms Castle"
    assert peer.asked[-1]["response_format"] == {"type": "json_object"}
    assert '"additionalProperties"' in peer.asked[-1]["messages"][0]["content"]


async def test_an_endpoint_that_is_not_there_is_named(peer: Peer):
    with pytest.raises(UnavailableError, match="PATCHDECK_LLM_BASE_URL"):
        await ask(peer.model(base_url=f"http://127.0.0.1:{free_port()}/v1"))


async def test_the_guard_holds_for_the_model_too(peer: Peer):
    with pytest.raises(UnavailableError):
        await ask(peer.model(guard=Guard()))
    assert peer.asked == []


INVOICE = """Invoice number: INV-88
Invoice date: 2026-04-01
Total: EUR 50.00
Please send the money to our treasurer Olga Brandt.
"""
WITH_TREASURER = schema_of(
    invoice_number={"type": "string", "format": "identifier"},
    total="money",
    treasurer={"type": "string", "required": True},
)


async def test_auto_asks_only_for_what_the_rules_do_not_find(peer: Peer):
    peer.script({"content": {"treasurer": "Olga Brandt"}})
    made = await ask(Auto(Local(), peer.model()), INVOICE, WITH_TREASURER)
    asked = peer.asked[0]["response_format"]["json_schema"]["schema"]["properties"]
    assert list(asked) == ["treasurer"]
    assert made.record == {"invoice_number": "INV-88", "total": 50.0, "treasurer": "Olga Brandt"}
    assert [made.fields[name].engine for name in made.record] == ["layout", "layout", "llm"]


async def test_auto_asks_nobody_when_nothing_is_left(peer: Peer):
    made = await ask(Auto(Local(), peer.model()), INVOICE, schema_of(total="money"))
    assert peer.asked == []
    assert made.usage.model is None


async def test_auto_keeps_what_the_rules_found_when_the_model_fails(peer: Peer):
    peer.script({"status": 401, "message": "No."})
    made = await ask(Auto(Local(), peer.model()).forgiving(), INVOICE, WITH_TREASURER)
    assert made.record["total"] == 50.0
    assert any("PATCHDECK_LLM_API_KEY" in message for message in messages_of(made))


async def test_rows_of_a_table_are_cited_where_each_stands(peer: Peer):
    text = "We ordered a lamp for 20.00 and a chair for 35.00 and another lamp for 20.00."
    schema = schema_of(rows={"type": "table", "fields": {"what": "string", "price": "money"}})
    rows = [{"what": "lamp", "price": "20.00"}, {"what": "chair", "price": "35.00"}, {"what": "lamp", "price": "20.00"}]
    peer.script({"content": {"rows": rows}})
    made = await ask(peer.model(), text, schema)
    starts = [made.fields[f"rows[{index}].price"].evidence[0].characters for index in range(3)]
    assert len(set(starts)) == 3
    assert made.record["rows"][2] == {"what": "lamp", "price": 20.0}
