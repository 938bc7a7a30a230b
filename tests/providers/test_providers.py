"""Providers of a workspace: keys go in and stay in, the order is kept, addresses are guarded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.config import Config, Hidden
from hub.database import fetch, transaction
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from hub.ids import parse
from hub.members import Member
from hub.providers import OPERATOR, PRESETS, NewProvider, PinnedModel, ProviderChange, Providers, ProviderSummary
from hub.sealing import Vault
from hub.sealing.rotation import SEALED_COLUMNS, _seal_anew
from tests.conftest import Members
from tests.peers.llm_client import Peer
from tests.providers.conftest import providers_of

MODELS = (PinnedModel(name="gpt-5-mini-2026-01-15", input_price=0.25, output_price=2.0),)
KEY = "sk-secret-of-the-workspace"


def new(name: str = "OpenAI", **told: Any) -> NewProvider:
    return NewProvider(**{"name": name, "preset": "openai", "models": MODELS, "key": KEY, **told})


def at(peer: Peer, name: str = "Peer", **told: Any) -> NewProvider:
    return new(name, **{"preset": "other", "base_url": peer.url, **told})


def names(found: Sequence[ProviderSummary]) -> list[str]:
    return [one.name for one in found]


async def test_shows_that_a_key_is_set_and_never_the_key(providers: Providers, member: Member):
    added = await providers.add(member, new())
    (row,) = await fetch("select * from providers where workspace = $1", member.workspace)
    audited = await fetch("select detail::text as detail from audit where workspace = $1", member.workspace)
    assert added.key_set
    assert added.base_url == "https://api.openai.com/v1"
    assert KEY not in f"{msgspec.json.encode(added).decode()} {dict(row)!r} {[dict(one) for one in audited]!r}"


async def test_opens_with_the_key_for_calls(providers: Providers, member: Member):
    await providers.add(member, new())
    (opened,) = await providers.chain.open(member.workspace)
    assert opened.key == KEY
    assert KEY not in repr(opened)


async def test_what_the_operator_s_environment_holds_goes_to_nobody(
    providers: Providers, member: Member, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-hush")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-hush")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: hush")
    await providers.add(member, new())
    (opened,) = await providers.chain.open(member.workspace)
    async with opened.http() as http:
        client = opened.client(http)
        assert "hush" not in repr({**client.default_headers, **client.auth_headers})


async def test_a_key_is_sealed_anew_when_keys_are_rotated(providers: Providers, vault: Vault, member: Member):
    await providers.add(member, new())
    async with transaction():
        await vault.renew(member.workspace)
    (column,) = [one for one in SEALED_COLUMNS if one.table == "providers"]
    assert await _seal_anew(vault, member.workspace, column) == 1
    (opened,) = await providers.chain.open(member.workspace)
    (row,) = await fetch("select key from providers where workspace = $1", member.workspace)
    assert opened.key == KEY
    assert int.from_bytes(row["key"][1:5]) > 1


async def test_a_change_keeps_what_it_leaves_out(providers: Providers, member: Member):
    added = await providers.add(member, new(cap_usd=5.0))
    changed = await providers.change(member, added.id, ProviderChange(name="Ours"))
    assert (changed.name, changed.key_set, changed.cap_usd, changed.revision) == ("Ours", True, 5.0, 2)


async def test_a_cap_is_taken_away_by_null(providers: Providers, member: Member):
    added = await providers.add(member, new(cap_usd=5.0))
    assert (await providers.change(member, added.id, ProviderChange(cap_usd=None))).cap_usd is None


async def test_a_key_does_not_follow_to_another_address(providers: Providers, member: Member):
    added = await providers.add(member, new(preset="other", base_url="https://models.example/v1"))
    with pytest.raises(InvalidError, match="Give the key again"):
        await providers.change(member, added.id, ProviderChange(base_url="https://thief.example/v1"))
    moved = await providers.change(member, added.id, ProviderChange(base_url="https://models.example/v2"))
    assert moved.key_set
    again = ProviderChange(base_url="https://other.example/v1", key="another")
    assert (await providers.change(member, added.id, again)).base_url == "https://other.example/v1"


async def test_a_change_of_an_outdated_revision_is_refused(providers: Providers, member: Member):
    added = await providers.add(member, new())
    await providers.change(member, added.id, ProviderChange(enabled=False))
    with pytest.raises(StaleError):
        await providers.change(member, added.id, ProviderChange(enabled=True), revision=1)


async def test_they_are_asked_in_the_order_that_was_given(providers: Providers, member: Member):
    await providers.add(member, new("a"))
    await providers.add(member, new("b"))
    added = await providers.add(member, new("c"))
    await providers.change(member, added.id, ProviderChange(position=1))
    await providers.add(member, new("d", position=2))
    assert names(await providers.list(member)) == ["c", "d", "a", "b"]
    assert [one.name for one in await providers.chain.open(member.workspace)] == ["c", "d", "a", "b"]


async def test_many_at_once_keep_the_order_whole(providers: Providers, member: Member):
    await asyncio.gather(*(providers.add(member, new(f"p{number}", position=1)) for number in range(8)))
    rows = await fetch("select position from providers where workspace = $1 order by 1", member.workspace)
    assert [row["position"] for row in rows] == list(range(1, 9))


async def test_a_model_that_is_pinned_during_a_change_stays(providers: Providers, member: Member):
    added = await providers.add(member, new())
    for number in range(20):
        pinning = providers.pin(member.workspace, parse("prv", added.id), f"tuned-{number}", like=MODELS[0].name)
        await asyncio.gather(providers.change(member, added.id, ProviderChange(enabled=True)), pinning)
    (changed,) = await providers.list(member)
    assert [one.name for one in changed.models[1:]] == [f"tuned-{number}" for number in range(20)]


async def test_one_that_is_switched_off_is_not_asked(providers: Providers, member: Member):
    await providers.add(member, new(enabled=False))
    assert list(await providers.chain.open(member.workspace)) == []


async def test_the_operators_comes_last_and_keeps_its_address(vault: Vault, member: Member, tmp_path: Path):
    config = Config(data_dir=tmp_path, llm_base_url="https://gate.internal/v1", llm_model="m", llm_api_key=Hidden("k"))
    providers = providers_of(vault, config)
    await providers.add(member, new())
    last = (await providers.list(member))[-1]
    assert (last.id, last.base_url, last.key_set, last.position) == (OPERATOR, "", True, 2)
    assert [one.id for one in await providers.chain.open(member.workspace)][-1] == OPERATOR
    with pytest.raises(InvalidError, match="operator's config"):
        await providers.change(member, OPERATOR, ProviderChange(enabled=False))


async def test_a_model_is_asked_of_those_who_pin_it(providers: Providers, member: Member):
    await providers.add(member, new("one"))
    await providers.add(member, new("two", models=(*MODELS, PinnedModel(name="large", vision=True))))
    (opened,) = await providers.chain.open(member.workspace, model="large")
    assert (opened.name, opened.model.name, opened.sees) == ("two", "large", True)
    with pytest.raises(InvalidError, match="offers the model 'small'"):
        await providers.chain.open(member.workspace, model="small")
    with pytest.raises(InvalidError, match="no provider named 'three'"):
        await providers.chain.open(member.workspace, provider="three")


WRONG = [
    ({"preset": "clippy"}, "preset"),
    ({"preset": "azure_openai"}, "base_url"),
    ({"preset": "openai", "key": None}, "key"),
    ({"key": "two\nlines"}, "key"),
    ({"key": "schlüssel"}, "key"),
    ({"base_url": "ftp://models.example"}, "base_url"),
    ({"base_url": "file:///etc/passwd"}, "base_url"),
    ({"base_url": "https://user:word@models.example/v1"}, "base_url"),
    ({"base_url": "https://models.example/v1?key=1"}, "base_url"),
    ({"base_url": "https://models.example:99999/v1"}, "base_url"),
    ({"preset": "other", "base_url": ""}, "base_url"),
    ({"models": (*MODELS, *MODELS)}, "models"),
]


@pytest.mark.parametrize(("told", "path"), WRONG)
async def test_what_cannot_work_is_refused_with_its_place(
    providers: Providers, member: Member, told: dict[str, Any], path: str
):
    with pytest.raises(InvalidError) as caught:
        await providers.add(member, new(**told))
    assert [problem.path for problem in caught.value.errors] == [path]
    assert await fetch("select 1 from providers where workspace = $1", member.workspace) == []


async def test_a_name_is_taken_once(providers: Providers, member: Member):
    await providers.add(member, new("Ours"))
    other = await providers.add(member, new("Other"))
    with pytest.raises(ConflictError):
        await providers.add(member, new("ours"))
    with pytest.raises(ConflictError):
        await providers.change(member, other.id, ProviderChange(name="OURS"))


async def test_another_workspace_sees_none_of_it(providers: Providers, members: Members):
    added = await providers.add(members.owner, new())
    assert names(await providers.list(members.outsider)) == []
    calls = [call(members.outsider, added.id) for call in (providers.show, providers.test, providers.remove)]
    assert {type(one) for one in await asyncio.gather(*calls, return_exceptions=True)} == {NotFoundError}
    with pytest.raises(NotFoundError):
        await providers.change(members.outsider, added.id, ProviderChange(name="mine"))
    assert await providers.chain.open_one(members.outsider.workspace, parse("prv", added.id)) is None


async def test_editors_look_and_admins_change(providers: Providers, members: Members):
    await providers.add(members.admin, new())
    assert names(await providers.list(members.viewer)) == ["OpenAI"]
    with pytest.raises(ForbiddenError):
        await providers.add(members.editor, new("Other"))


async def test_a_test_call_says_that_it_works(providers: Providers, member: Member, peer: Peer):
    added = await providers.add(member, at(peer))
    peer.script({"content": {"readable": True}})
    tested = await providers.test(member, added.id)
    assert (tested.state, tested.message) == ("ok", "gpt-5-mini-2026-01-15 answers.")
    assert peer.asked[0]["_key"] == KEY
    assert tested.spent_tokens == 1000


async def test_a_test_call_says_what_is_wrong(providers: Providers, member: Member, peer: Peer):
    added = await providers.add(member, at(peer, key="wrong"))
    tested = await providers.test(member, added.id)
    assert tested.state == "failed"
    assert "Peer refused the key: You did not provide a right API key. Check its key." in tested.message


async def test_an_address_inside_is_refused_by_the_guard(vault: Vault, member: Member, peer: Peer, tmp_path: Path):
    providers = providers_of(vault, Config(data_dir=tmp_path))
    added = await providers.add(member, at(peer))
    tested = await providers.test(member, added.id)
    assert "is not on the public internet" in tested.message
    assert peer.asked == []


async def test_the_operators_may_be_anywhere(vault: Vault, member: Member, peer: Peer, tmp_path: Path):
    config = Config(data_dir=tmp_path, llm_base_url=peer.url, llm_model="m", llm_api_key=Hidden("k"))
    peer.script({"content": {"readable": True}})
    assert (await providers_of(vault, config).test(member, OPERATOR)).state == "ok"


def test_every_preset_says_what_a_form_needs():
    assert set(PRESETS) > {
        "openai",
        "azure_openai",
        "anthropic",
        "gemini",
        "mistral",
        "openrouter",
        "ollama",
        "vllm",
        "llama_cpp",
    }
    assert all(one.key_url.startswith("https://") for one in PRESETS.values() if one.needs_key)
    assert all(one.base_url.startswith("http") for one in PRESETS.values() if one.name != "other")
