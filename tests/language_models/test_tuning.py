"""Training on corrected records: what is learnt from, what leaves, how a job is followed, and its model's name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.database import execute, fetch
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction import Choice
from hub.extraction.language_models.settings import Example
from hub.extraction.learning.amend import Change
from hub.extraction.tuning.corrected import Corrected
from hub.extraction.tuning.lines import split
from hub.extraction.tuning.views import FineTuning, NewFineTuning
from hub.ids import parse
from hub.members import Member
from hub.privacy import Action, Policy
from hub.providers import NewProvider, PinnedModel
from tests.conftest import Members
from tests.language_models.hub import FOUND, Hub
from tests.peers.llm_client import Peer

# Every sixth document is of another layout.
FORMS = (
    "Treasurer of club {0}: Person{0} Held, anna{0}@mail.example, a happy club.",
    "Meeting of the choir\n\nSongs, cake\nPerson{0} Held\nkeeps the money\nwrite to\nanna{0}@mail.example\nSoon: more",
)
BASE = "gpt-4o-mini-2024-07-18"


async def taught(hub: Hub, member: Member, peer: Peer, documents: int = 12) -> str:
    """Correct some documents, and store the peer as a provider that trains; returns its id."""
    await hub.ready(member, peer)
    for number in range(documents):
        text = FORMS[number % 6 == 0].format(number)
        made = await hub.extract(member, Choice(engine="local"), text)
        await hub.extraction.corrections.correct(
            member, made.id, [Change(path="treasurer", value=f"Person{number} Held")]
        )
    pinned = PinnedModel(name=BASE, input_price=0.3)
    given = NewProvider(name="Trainer", preset="openai", base_url=peer.url, key="k", models=(pinned,))
    return (await hub.providers.add(member, given)).id


async def corrected(hub: Hub, member: Member, number: int) -> None:
    """Extract from a document and put its treasurer right."""
    made = await hub.extract(member, Choice(engine="local"), FORMS[number % 6 == 0].format(number))
    right = Change(path="treasurer", value=f"Person{number} Held")
    await hub.extraction.corrections.correct(member, made.id, [right])


def wanted(provider: str, **told: Any) -> NewFineTuning:
    return NewFineTuning(**{"provider": provider, "schema": "dues", "base_model": BASE, "suffix": "dues", **told})


async def ended(hub: Hub, member: Member, tuning: FineTuning) -> FineTuning:
    """Look at a training as often as the peer needs to end it."""
    seen = [await hub.extraction.fine_tunings.show(member, tuning.id) for _ in range(4)]
    return seen[-1]


async def test_corrected_records_become_conversations(hub: Hub, member: Member, peer: Peer):
    await taught(hub, member, peer)
    found = await hub.extraction.fine_tunings.export(member, "dues", "training")
    first = json.loads(found.splitlines()[0])["messages"]
    answer = json.loads(first[2]["content"])
    assert [message["role"] for message in first] == ["system", "user", "assistant"]
    assert answer["treasurer"] in first[1]["content"]
    assert answer["mood"] is None


async def test_tells_how_much_there_is_to_learn_from(hub: Hub, member: Member, peer: Peer):
    await taught(hub, member, peer)
    count = await hub.extraction.fine_tunings.count(member, "dues")
    assert (count.training + count.validation, count.needed) == (12, 10)
    assert "12 mail addresses" in count.notes[0]


async def test_a_training_is_started_followed_and_its_model_used_by_name(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    started = await hub.extraction.fine_tunings.start(member, wanted(provider))
    before = len(peer.files)
    done = await ended(hub, member, started)
    assert (started.state, started.training_examples) == ("validating_files", 10)
    assert (done.state, done.trained_tokens) == ("succeeded", 4321)
    assert done.model is not None
    assert done.model.startswith(f"ft:{BASE}:own:dues")
    assert len(peer.files) < before
    peer.script({"content": FOUND})
    made = await hub.extract(member, Choice(engine="llm", model=done.model))
    assert made.usage.model == done.model
    assert peer.asked[0]["model"] == done.model


async def test_a_model_is_pinned_once_at_the_price_of_its_base(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    done = await ended(hub, member, await hub.extraction.fine_tunings.start(member, wanted(provider)))
    await hub.extraction.fine_tunings.show(member, done.id)
    models = (await hub.providers.show(member, provider)).models
    assert [(one.name, one.input_price) for one in models] == [(BASE, 0.3), (done.model, 0.3)]


async def test_personal_data_leaves_masked(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    await hub.privacy.change(member, Policy(action=Action.MASK, exempt_local=False))
    known = set(peer.files)
    started = await hub.extraction.fine_tunings.start(member, wanted(provider))
    sent = "".join(content for name, content in peer.files.items() if name not in known)
    assert "@mail.example" not in sent
    assert "[EMAIL_1]" in sent
    assert "masked before anything was sent" in started.message


async def test_nothing_leaves_that_may_not(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    await hub.privacy.change(member, Policy(action=Action.REFUSE, exempt_local=False))
    known = set(peer.files)
    with pytest.raises(InvalidError, match="privacy policy"):
        await hub.extraction.fine_tunings.start(member, wanted(provider))
    assert set(peer.files) == known


async def test_too_few_documents_are_told_before_anything_is_sent(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer, documents=3)
    with pytest.raises(InvalidError, match="10 are needed"):
        await hub.extraction.fine_tunings.start(member, wanted(provider))
    assert await hub.extraction.fine_tunings.list(member) == []


async def test_a_provider_that_trains_nothing_says_so(hub: Hub, member: Member, peer: Peer):
    await taught(hub, member, peer)
    plain = (await hub.providers.list(member))[0]
    with pytest.raises(InvalidError, match="Peer offers no fine-tuning over this interface"):
        await hub.extraction.fine_tunings.start(member, wanted(plain.id))


async def test_a_training_that_fails_says_why(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    started = await hub.extraction.fine_tunings.start(member, wanted(provider))
    peer.fail_jobs(fails=True)
    done = await ended(hub, member, started)
    peer.fail_jobs(fails=False)
    assert (done.state, done.message, done.model) == ("failed", "The examples contradict each other.", None)


async def test_a_refusal_is_kept_with_the_training_and_its_files_are_taken_back(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    known = set(peer.files)
    await execute("update providers set key = null where id = $1", parse("prv", provider))
    with pytest.raises(InvalidError, match="Trainer refused the key"):
        await hub.extraction.fine_tunings.start(member, wanted(provider))
    (kept,) = await hub.extraction.fine_tunings.list(member)
    assert kept.state == "failed"
    assert "refused the key" in kept.message
    assert set(peer.files) == known


async def test_a_training_is_cancelled_once(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    started = await hub.extraction.fine_tunings.start(member, wanted(provider))
    assert (await hub.extraction.fine_tunings.cancel(member, started.id)).state == "cancelled"
    with pytest.raises(ConflictError):
        await hub.extraction.fine_tunings.cancel(member, started.id)


async def test_one_whose_hub_died_before_it_began_is_told_as_failed(hub: Hub, member: Member, peer: Peer):
    provider = await taught(hub, member, peer)
    started = await hub.extraction.fine_tunings.start(member, wanted(provider))
    sql = (
        "update fine_tunings set state = 'preparing', job = null, changed_at = now() - interval '1 hour' where id = $1"
    )
    await execute(sql, parse("tun", started.id))
    seen = await hub.extraction.fine_tunings.show(member, started.id)
    assert (seen.state, "Start it again" in seen.message) == ("failed", True)


async def test_it_stays_in_its_workspace_and_with_its_admins(hub: Hub, members: Members, peer: Peer):
    provider = await taught(hub, members.owner, peer)
    started = await hub.extraction.fine_tunings.start(members.admin, wanted(provider))
    with pytest.raises(ForbiddenError):
        await hub.extraction.fine_tunings.start(members.editor, wanted(provider))
    with pytest.raises(NotFoundError):
        await hub.extraction.fine_tunings.show(members.outsider, started.id)
    assert await hub.extraction.fine_tunings.list(members.outsider) == []
    assert (
        len(await fetch("select 1 from audit where verb = 'fine_tuning.started' and workspace = $1", members.workspace))
        == 1
    )


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c", "d", "e"]), st.text(max_size=5)), max_size=60))
def test_no_layout_is_on_both_sides(documents: list[tuple[str, str]]):
    given = [Corrected(Example(text=text, record={}), layout=layout) for layout, text in documents]
    training, validation = split(given)
    assert len(training) + len(validation) == len(given)
    assert not {one.layout for one in training if one.layout} & {one.layout for one in validation}
    assert len(validation) <= round(0.2 * len(given))
    again = [sorted(map(repr, side)) for side in split(given[::-1])]
    assert again == [sorted(map(repr, training)), sorted(map(repr, validation))]
