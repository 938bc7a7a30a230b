"""Spend caps: nothing is sent that might pass them, however many ask at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.database import execute, fetch
from hub.ids import parse
from hub.members import Member
from hub.providers import NewProvider, OpenProvider, PinnedModel, Providers, SpendCapError, Spending
from hub.usage import Usage
from tests.peers.llm_client import Peer

PINNED = PinnedModel(name="m", input_price=1.0, output_price=10.0)


async def capped(providers: Providers, member: Member, **caps: Any) -> OpenProvider:
    given = NewProvider(name="Capped", preset="openai", key="k", models=(PINNED,), **caps)
    added = await providers.add(member, given)
    opened = await providers.chain.open_one(member.workspace, parse("prv", added.id))
    assert opened is not None
    return opened


async def test_tokens_are_refused_beyond_the_cap(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_tokens=10_000)
    await providers.spending.settle(member.workspace, provider, None, 8_000, 500)
    with pytest.raises(SpendCapError, match=r"Capped has 1,500 of its 10,000 tokens left .* may take 2,000"):
        await providers.spending.reserve(member.workspace, provider, 2_000, 0.0)
    assert await providers.spending.reserve(member.workspace, provider, 1_500, 0.0) is not None


async def test_money_is_refused_beyond_the_cap(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_usd=1.0)
    await providers.spending.settle(member.workspace, provider, None, 500_000, 40_000)
    with pytest.raises(SpendCapError, match=r"Capped has \$0.10 of its \$1.00 left this month"):
        await providers.spending.reserve(member.workspace, provider, 10, 0.2)
    assert await providers.spending.reserve(member.workspace, provider, 10, 0.05) is not None


async def test_a_cap_of_nothing_lets_nothing_through(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_tokens=0)
    with pytest.raises(SpendCapError):
        await providers.spending.reserve(member.workspace, provider, 1, 0.0)


async def test_calls_at_once_do_not_pass_a_cap_together(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_tokens=1_000)
    other_process = Spending(Usage())
    calls = [(providers.spending, other_process)[number % 2] for number in range(10)]
    asked = (one.reserve(member.workspace, provider, 300, 0.0) for one in calls)
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, SpendCapError) for one in made) == 7


async def test_what_a_call_did_not_take_is_given_back(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_tokens=1_000)
    call = await providers.spending.reserve(member.workspace, provider, 900, 0.0)
    await providers.spending.settle(member.workspace, provider, call, 100, 0)
    assert await providers.spending.reserve(member.workspace, provider, 900, 0.0) is not None


async def test_a_call_whose_process_died_counts_no_longer_than_a_call_can_take(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_tokens=1_000)
    await providers.spending.reserve(member.workspace, provider, 900, 0.0)
    await execute(
        "update provider_calls set until = now() - interval '1 second' where workspace = $1", member.workspace
    )
    assert await providers.spending.reserve(member.workspace, provider, 900, 0.0) is not None


async def test_last_month_does_not_count(providers: Providers, member: Member):
    provider = await capped(providers, member, cap_tokens=1_000)
    await providers.spending.settle(member.workspace, provider, None, 1_000, 0)
    await execute("update usage set at = at - interval '32 days' where workspace = $1", member.workspace)
    assert await providers.spending.reserve(member.workspace, provider, 1_000, 0.0) is not None


async def test_usage_names_provider_and_model(providers: Providers, member: Member):
    provider = await capped(providers, member)
    await providers.spending.settle(member.workspace, provider, None, 1_000_000, 100_000)
    (row,) = await fetch("select * from usage where workspace = $1 and kind = 'tokens'", member.workspace)
    assert (row["quantity"], float(row["cost_usd"])) == (1_100_000, 2.0)
    shown = await providers.show(member, provider.id)
    assert (shown.spent_tokens, shown.spent_usd) == (1_100_000, 2.0)


async def test_a_test_call_beyond_the_cap_is_not_made(providers: Providers, member: Member, peer: Peer):
    given = NewProvider(name="Peer", preset="other", base_url=peer.url, models=(PINNED,), key="k", cap_tokens=10)
    added = await providers.add(member, given)
    tested = await providers.test(member, added.id)
    assert "Nothing was sent" in tested.message
    assert peer.asked == []
