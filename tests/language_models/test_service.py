"""A workspace's own models through the services: chain, policy, kept answers, caps, examples and usage."""

from __future__ import annotations

import msgspec
import pytest

from hub.database import fetch
from hub.errors import InvalidError
from hub.extraction import Choice
from hub.extraction.language_models.memory import Memory
from hub.extraction.learning.amend import Change
from hub.extraction.schemas.suggestions import SampleDocuments
from hub.files import Upload
from hub.members import Member
from hub.privacy import Action, Policy
from hub.providers import ProviderChange
from tests.language_models.conftest import messages_of, said
from tests.language_models.hub import FOUND, TEXT, Hub
from tests.peers.llm_client import Peer


async def test_the_workspaces_own_provider_answers_and_its_usage_is_written_once(hub: Hub, member: Member, peer: Peer):
    provider = await hub.ready(member, peer)
    peer.script({"content": FOUND})
    made = await hub.extract(member)
    rows = await fetch("select * from usage where workspace = $1 and kind = 'tokens'", member.workspace)
    assert made.record["treasurer"] == "Olga Brandt"
    assert (made.usage.provider, made.usage.model, made.usage.cost_usd) == ("Peer", "test-1", 0.0028)
    assert [(row["quantity"], float(row["cost_usd"])) for row in rows] == [(1000, 0.0028)]
    assert (await hub.providers.show(member, provider)).spent_tokens == 1000


async def test_the_same_question_is_answered_from_memory_and_costs_nothing(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    peer.script({"content": FOUND})
    first, second = await hub.extract(member), await hub.extract(member)
    assert second.record == first.record
    assert len(peer.asked) == 1
    assert (second.usage.model, second.usage.input_tokens, second.usage.cost_usd) == ("test-1", 0, 0.0)
    assert "nothing spent" in " ".join(second.usage.notes)


async def test_memory_is_sealed(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    peer.script({"content": FOUND})
    await hub.extract(member)
    (row,) = await fetch("select content from model_answers where workspace = $1", member.workspace)
    assert b"Olga" not in row["content"]


@pytest.mark.parametrize("other", [Choice(engine="llm", fresh=True), Choice(engine="llm", temperature=0.5)])
async def test_another_question_is_asked_anew(hub: Hub, member: Member, peer: Peer, other: Choice):
    await hub.ready(member, peer)
    peer.script({"content": FOUND}, {"content": FOUND})
    await hub.extract(member)
    await hub.extract(member, other)
    assert len(peer.asked) == 2


async def test_answers_about_a_file_are_deleted_with_it(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    peer.script({"content": FOUND})
    note = Upload(name="note.txt", media_type="text/plain", content=TEXT.encode())
    made = await hub.extractions.extract_upload(member, note, "dues", Choice(engine="llm"))
    kept = await fetch("select 1 from model_answers where workspace = $1", member.workspace)
    await hub.extractions.delete(member, [made.id], files=True)
    assert len(kept) == 1
    assert await fetch("select 1 from model_answers where workspace = $1", member.workspace) == []


async def test_no_answer_is_kept_about_a_file_that_is_deleted_while_a_model_is_asked(
    hub: Hub, member: Member, peer: Peer, monkeypatch: pytest.MonkeyPatch
):
    await hub.ready(member, peer)
    peer.script({"content": FOUND})
    note = await hub.files.store(member, "note.txt", "text/plain", TEXT.encode())

    async def forgotten(memory: Memory, asked: bytes) -> None:
        await hub.files.delete(member, note.id)

    monkeypatch.setattr(Memory, "recall", forgotten)
    made = await hub.extractions.extract_file(member, note.id, "dues", Choice(engine="llm"))
    assert made.record["treasurer"] == "Olga Brandt"
    assert await fetch("select 1 from model_answers where workspace = $1", member.workspace) == []


async def test_an_invalid_answer_is_not_kept(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    peer.script({"content": "No."}, {"content": "No."})
    await hub.extract(member)
    assert await fetch("select 1 from model_answers where workspace = $1", member.workspace) == []


async def test_masked_values_leave_as_placeholders_and_come_back_with_their_evidence(
    hub: Hub, member: Member, peer: Peer
):
    await hub.ready(member, peer)
    await hub.privacy.change(member, Policy(action=Action.MASK, exempt_local=False))
    peer.script({"content": {**FOUND, "account": "[IBAN_1]"}})
    made = await hub.extract(member)
    sent = said(peer.asked[0])
    assert "DE89" not in sent
    assert "olga@" not in sent
    assert "Pay to [IBAN_1], questions to [EMAIL_1]." in sent
    assert made.record["account"] == "DE89370400440532013000"
    assert made.fields["account"].evidence[0].text == "DE89 3704 0044 0532 0130 00"
    assert made.fields["account"].evidence[0].verified
    assert "Personal data: 1 account number and 1 mail address were masked" in made.usage.notes[0]


async def test_a_document_that_may_not_leave_does_not(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    await hub.privacy.change(member, Policy(action=Action.REFUSE, exempt_local=False))
    with pytest.raises(InvalidError, match="privacy policy lets none of that go"):
        await hub.extract(member)
    assert peer.asked == []


async def test_auto_keeps_what_rules_found_when_nothing_may_leave(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    await hub.privacy.change(member, Policy(action=Action.REFUSE, exempt_local=False))
    made = await hub.extract(member, Choice(), TEXT + "Konto: DE89 3704 0044 0532 0130 00\n")
    assert made.record["account"] == "DE89370400440532013000"
    assert any("privacy policy" in message for message in messages_of(made))


async def test_a_model_on_this_machine_is_exempt_by_the_first_policy_of_masking(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    await hub.privacy.change(member, Policy(action=Action.MASK))
    peer.script({"content": FOUND})
    await hub.extract(member)
    assert "DE89 3704" in said(peer.asked[0])


async def test_nothing_is_sent_beyond_the_cap(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer, cap_tokens=50)
    with pytest.raises(InvalidError, match=r"Peer has 50 of its 50 tokens left this month .* Nothing was sent"):
        await hub.extract(member)
    assert peer.asked == []


async def test_a_provider_that_is_switched_off_is_not_asked(hub: Hub, member: Member, peer: Peer):
    provider = await hub.ready(member, peer)
    await hub.providers.change(member, provider, ProviderChange(enabled=False))
    with pytest.raises(InvalidError, match="No language model is set up"):
        await hub.extract(member)


async def test_a_model_that_nobody_pins_is_named(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    with pytest.raises(InvalidError, match="offers the model 'gpt-99'"):
        await hub.extract(member, Choice(engine="llm", model="gpt-99"))


async def test_the_budget_of_an_extraction_is_a_setting(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    made = await hub.extract(member, Choice(engine="llm", max_tokens=10))
    assert "The budget of 10 tokens" in messages_of(made)[0]
    assert peer.asked == []


async def test_the_local_engine_asks_nobody(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    await hub.extract(member, Choice(engine="local"))
    assert peer.asked == []


async def test_corrected_documents_are_shown_as_examples(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    earlier = await hub.extract(member, Choice(engine="local"), "Last year Ada Moss kept the money of the club.")
    right = [Change(path="treasurer", value="Ada Moss")]
    await hub.extraction.corrections.correct(member, earlier.id, right)
    peer.script({"content": FOUND})
    await hub.extract(member)
    assert 'Its answer: {"treasurer": "Ada Moss", "account": null, "mood": null}' in said(peer.asked[0])


async def test_a_model_adds_fields_to_a_suggested_schema_where_asked(hub: Hub, member: Member, peer: Peer):
    await hub.ready(member, peer)
    asked = SampleDocuments(name="dues", texts=[TEXT])
    treasurer = {"name": "treasurer", "title": "Treasurer", "type": "string", "example": "Olga Brandt", "label": None}
    peer.script({"content": {"fields": [treasurer]}})
    found = await hub.extraction.suggestions.suggest(member, msgspec.structs.replace(asked, model=True))
    assert [(one.path, one.samples) for one in found.fields] == [("treasurer", ("Olga Brandt",))]
    with pytest.raises(InvalidError, match="share no labels"):
        await hub.extraction.suggestions.suggest(member, asked)
    assert len(peer.asked) == 1


async def test_a_suggestion_by_a_model_needs_one(hub: Hub, member: Member):
    with pytest.raises(InvalidError, match="No language model proposed"):
        await hub.extraction.suggestions.suggest(member, SampleDocuments(texts=[TEXT], model=True))
