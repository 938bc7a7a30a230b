"""Several providers: the next is asked when one fails, within budgets, in the words that each one takes."""

from __future__ import annotations

from typing import Any

import pytest

from hub.config import Hidden
from hub.errors import InvalidError, UnavailableError
from hub.extraction.language_models.settings import ModelSettings
from hub.providers import PRESETS, OpenProvider, PinnedModel
from tests.language_models.conftest import GOOD, ask, engine, messages_of, said
from tests.peers.llm_client import Peer
from tests.peers.process import free_port


def two(peer: Peer, **first: Any) -> list[OpenProvider]:
    """Two providers, which the peer knows by their models."""
    one: dict[str, Any] = {"id": "prv_1", "name": "First", "model": PinnedModel(name="one"), **first}
    other: dict[str, Any] = {"id": "prv_2", "name": "Second", "model": PinnedModel(name="two", input_price=1.0)}
    return [peer.provider(**one), peer.provider(**other)]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"status": 401, "message": "No."}, "First refused the key: No. Check its key."),
        ({"status": 402, "message": "Nothing left."}, "First has no credit left: Nothing left. Top it up there."),
        ({"status": 404, "message": "No model."}, "First was not found: No model. Check the model and the address."),
        ({"refusal": "I do not read letters."}, "The language model refused: I do not read letters."),
        (
            {"page": "<h1>Welcome</h1>"},
            "What answers at the address of First does not speak OpenAI's chat completions.",
        ),
    ],
)
async def test_the_next_provider_answers_when_one_does_not(peer: Peer, step: dict[str, Any], told: str):
    peer.script(step, {"content": GOOD | {"dog": None}})
    made = await ask(engine(two(peer)))
    assert made.record["guest"] == "Ms Castle"
    assert (made.usage.provider, made.usage.model) == ("Second", "two")
    assert any("First (one) gave no answer" in note and told in note for note in made.usage.notes)
    assert made.problems == []


async def test_a_service_that_repeats_the_key_is_not_quoted_with_it(peer: Peer):
    peer.script({"status": 401, "message": "No such key: sk-of-the-workspace."}, {"content": GOOD})
    made = await ask(engine(two(peer, key=Hidden("sk-of-the-workspace"))))
    assert "First refused the key: No such key: …. Check its key." in made.usage.notes[0]


async def test_an_address_where_nothing_answers_is_passed_over(peer: Peer):
    peer.script({"content": GOOD})
    made = await ask(engine(two(peer, base_url=f"http://127.0.0.1:{free_port()}/v1")))
    assert made.usage.provider == "Second"


async def test_says_what_each_of_them_said_when_none_answers(peer: Peer):
    peer.script({"status": 401, "message": "Bad key."}, {"status": 404, "message": "Bad model."})
    with pytest.raises(InvalidError, match=r"No language model answered.*Bad key.*Bad model"):
        await ask(engine(two(peer)))


async def test_is_tried_again_later_when_one_of_them_may_answer_then(peer: Peer):
    peer.script({"status": 401, "message": "Bad key."}, *[{"status": 429, "headers": {"retry-after-ms": "1"}}] * 3)
    with pytest.raises(UnavailableError) as caught:
        await ask(engine(two(peer)))
    assert caught.value.retry_after == 30


async def test_an_invalid_answer_is_asked_for_again_and_then_of_the_next(peer: Peer):
    wrong = {"content": {"guest": {"name": "Ms Castle"}}}
    peer.script(wrong, wrong, {"content": GOOD})
    made = await ask(engine(two(peer)))
    assert [request["model"] for request in peer.asked] == ["one", "one", "two"]
    assert any("does not follow the schema: guest is no single value" in note for note in made.usage.notes)
    assert made.usage.input_tokens == 2700


HOSTILE = [
    '{"guest": "Ms Castle", "admin": true}',
    '{"tags": "room 17"}',
    '{"tags": [{"a": 1}]}',
    '{"price": NaN}',
    "[" * 100_000,
    '{"guest": ' * 5_000,
    "null",
    '"{}"',
]


@pytest.mark.parametrize("content", HOSTILE)
async def test_what_does_not_follow_the_schema_never_becomes_a_record(peer: Peer, content: str):
    peer.script({"content": content}, {"content": content})
    made = await ask(engine([peer.provider()]))
    assert made.record == {"guest": None, "arrival": None, "price": None, "hotel": None, "dog": None, "tags": []}
    assert len(messages_of(made)) == 1


async def test_tools_that_a_model_asks_for_are_never_offered(peer: Peer):
    peer.script({"content": GOOD})
    await ask(engine([peer.provider()]))
    assert not {"tools", "functions", "tool_choice"} & peer.asked[0].keys()


async def test_the_budget_of_tokens_is_looked_at_before_anything_is_sent(peer: Peer):
    made = await ask(engine([peer.provider()], settings=ModelSettings(max_tokens=100)))
    assert peer.asked == []
    assert "The budget of 100 tokens ended the asking: 0 are used" in messages_of(made)[0]


async def test_the_budget_of_money_is_looked_at_before_anything_is_sent(peer: Peer):
    made = await ask(engine([peer.provider()], settings=ModelSettings(max_cost_usd=0.0001)))
    assert peer.asked == []
    assert "The budget of $0.0001 ended the asking" in messages_of(made)[0]


async def test_asking_ends_when_the_budget_is_used_up(peer: Peer):
    peer.script({"content": "No."}, {"content": GOOD})
    made = await ask(engine([peer.provider()], settings=ModelSettings(max_tokens=1500)))
    assert len(peer.asked) == 1
    assert "1,000 are used" in messages_of(made)[0]
    assert made.usage.input_tokens == 900


async def test_a_budget_limits_the_length_of_the_answer(peer: Peer):
    peer.script({"content": GOOD})
    await ask(engine([peer.provider(limit_name="max_tokens")], settings=ModelSettings(max_tokens=5000)))
    assert 3000 < peer.asked[0]["max_tokens"] < 5000


async def test_a_model_that_takes_no_temperature_and_counts_otherwise_is_asked_without(peer: Peer):
    peer.script({"no_temperature": True, "no_max_tokens": True, "content": GOOD})
    made = await ask(engine([peer.provider()], settings=ModelSettings(max_tokens=5000)))
    last = peer.asked[-1]
    assert made.record["guest"] == "Ms Castle"
    assert "temperature" not in last
    assert 3000 < last["max_completion_tokens"] < 5000


async def test_a_key_goes_into_the_header_that_the_service_reads(peer: Peer):
    peer.script({"content": GOOD})
    await ask(engine([peer.provider(key=Hidden("azure-key"), key_header=PRESETS["azure_openai"].key_header)]))
    assert peer.asked[0]["_key"] == "azure-key"


async def test_a_service_without_schemas_is_told_in_words_at_once(peer: Peer):
    peer.script({"content": GOOD})
    await ask(engine([peer.provider(supports=PRESETS["anthropic"].supports)]))
    assert peer.asked[0]["response_format"] == {"type": "json_object"}
    assert '"additionalProperties"' in peer.asked[0]["messages"][0]["content"]


async def test_the_temperature_is_handed_on(peer: Peer):
    peer.script({"content": GOOD})
    await ask(engine([peer.provider()], settings=ModelSettings(temperature=0.7)))
    assert peer.asked[0]["temperature"] == 0.7
    assert "Ms Castle" in said(peer.asked[0])


ENDLESS = [
    ({"page": "x" * 17_000_000, "type": "application/json"}, "longer than 16 MB"),
    ({"page": "{}", "type": "application/json", "packed": True}, "compressed, which was not asked for"),
]


@pytest.mark.parametrize(("step", "told"), ENDLESS)
async def test_a_server_that_sends_too_much_is_left_alone(peer: Peer, step: dict[str, Any], told: str):
    peer.script(step, step, step)
    with pytest.raises(UnavailableError, match=told):
        await ask(engine([peer.provider(id="prv_1", name="First")]))


async def test_a_server_that_sends_elsewhere_is_not_followed(peer: Peer):
    peer.script({"status": 302, "headers": {"location": f"{peer.base}/_asked"}})
    with pytest.raises(InvalidError, match="First refused the request"):
        await ask(engine([peer.provider(id="prv_1", name="First")]))
