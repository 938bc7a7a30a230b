"""Corrected examples in the prompt: few, fenced, reduced to what is asked, screened like the document."""

from __future__ import annotations

from hub.extraction.language_models.equipment import told
from hub.extraction.language_models.settings import Example
from hub.jail import Jail
from hub.privacy import Action, Policy, Screen
from tests.extraction.conftest import schema_of
from tests.language_models.conftest import GOOD, ask, engine, said
from tests.peers.llm_client import Peer

EARLIER = Example(
    text="Dear Mr Moat, your stay at the Seaside Inn costs 90,00 EUR. Account DE89370400440532013000.",
    record={"guest": "Mr Moat", "price": "90,00", "hotel": "Seaside Inn", "account": "DE89370400440532013000", "x": 1},
)


async def test_examples_stand_before_the_document_with_their_answers(peer: Peer):
    peer.script({"content": GOOD})
    await ask(engine([peer.provider()], examples=told([EARLIER])))
    text = said(peer.asked[0])
    mark = text.splitlines()[2]
    assert text.count(mark) == 4
    assert text.index("Mr Moat, your stay") < text.index('Its answer: {"guest": "Mr Moat"') < text.index("Ms Castle")
    assert "Before it stand 1 other documents" in peer.asked[0]["messages"][0]["content"]


async def test_an_answer_holds_only_the_fields_that_are_asked_for(peer: Peer):
    peer.script({"content": {"price": "2.450,00"}})
    await ask(engine([peer.provider()], examples=told([EARLIER])), schema=schema_of(price="money"))
    assert 'Its answer: {"price": "90,00"}' in said(peer.asked[0])


async def test_a_value_copied_out_of_an_example_proves_nothing(peer: Peer):
    peer.script({"content": GOOD | {"hotel": "Seaside Inn"}})
    made = await ask(engine([peer.provider()], examples=told([EARLIER])))
    assert made.record["hotel"] is None


async def test_examples_are_masked_like_the_document(peer: Peer, jail: Jail):
    peer.script({"content": {"account": None}})
    screen = Screen(Policy(action=Action.MASK), jail)
    equipped = engine([peer.provider()], examples=told([EARLIER]), screen=screen)
    await ask(equipped, schema=schema_of(account="string"))
    assert "DE89" not in said(peer.asked[0])
    assert 'Its answer: {"account": "[IBAN_1]"}' in said(peer.asked[0])


def test_few_and_short_examples_are_shown():
    long = Example(text="x" * 10_000, record={})
    assert len(told([long, *[EARLIER] * 9])) == 3
