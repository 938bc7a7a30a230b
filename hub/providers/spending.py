"""Spend caps: what a month may cost, counted from the usage rows and from what calls under way may still take."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import msgspec

from hub.database import execute, fetch, fetch_one, transaction
from hub.errors import InvalidError
from hub.ids import new_id, parse
from hub.providers.structs import LOCAL, OPERATOR, OpenProvider
from hub.usage import Usage, Used


class SpendCapError(InvalidError):
    """The provider's cap for this month leaves no room for the call; nothing was sent."""

    title = "Spend cap reached"


class Spent(msgspec.Struct, frozen=True):
    """What a provider has taken this month."""

    tokens: int = 0
    cost_usd: Decimal = Decimal(0)


class Spending:
    """Holds calls to their provider's cap, in every process at once, and writes down what they took."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage

    async def this_month(self, workspace: UUID) -> Mapping[str, Spent]:
        """Return what each provider has taken since the month began (UTC)."""
        rows = await fetch(_SPENT, workspace)
        return {row["provider"]: Spent(int(row["tokens"]), row["cost"]) for row in rows}

    async def reserve(self, workspace: UUID, provider: OpenProvider, tokens: int, cost_usd: float) -> UUID | None:
        """Set aside what a call may take at most; SpendCapError when the cap leaves no room for it.

        Returns None where nothing caps the provider.
        """
        if provider.id in {OPERATOR, LOCAL}:
            return None
        identity = parse("prv", provider.id)
        async with transaction():
            # The row's lock lets one process at a time count.
            caps = await fetch_one(_CAPS, workspace, identity)
            if caps is None or (caps["cap_usd"] is None and caps["cap_tokens"] is None):
                return None
            spent = await fetch_one(_TAKEN, workspace, provider.id, identity)
            taken = Spent(int(spent["tokens"]), spent["cost"]) if spent else Spent()
            _check(provider.name, caps["cap_usd"], caps["cap_tokens"], taken, Spent(tokens, Decimal(str(cost_usd))))
            call = new_id()
            await execute(_RESERVE, call, workspace, identity, tokens, Decimal(str(cost_usd)))
            return call

    async def settle(
        self, workspace: UUID, provider: OpenProvider, call: UUID | None, input_tokens: int, output_tokens: int
    ) -> None:
        """Write down what a call really took and give back what was set aside for it."""
        async with transaction():
            if call is not None:
                await execute("delete from provider_calls where workspace = $1 and id = $2", workspace, call)
            if input_tokens or output_tokens:
                await self._usage.record(workspace, [_used(provider, input_tokens, output_tokens)])


def _used(provider: OpenProvider, input_tokens: int, output_tokens: int) -> Used:
    return Used(
        kind="tokens",
        quantity=input_tokens + output_tokens,
        unit="tokens",
        cost_usd=Decimal(str(round(provider.model.cost(input_tokens, output_tokens), 9))),
        detail={
            "provider": provider.id,
            "model": provider.model.name,
            "input": input_tokens,
            "output": output_tokens,
        },
    )


def _check(name: str, cap_usd: Decimal | None, cap_tokens: int | None, taken: Spent, asked: Spent) -> None:
    """Raise when a call would pass a cap; the sentence says how much is left and what to do."""
    if cap_tokens is not None and taken.tokens + asked.tokens > cap_tokens:
        left = max(0, cap_tokens - taken.tokens)
        raise SpendCapError(
            f"{name} has {left:,} of its {cap_tokens:,} tokens left this month and this call may take "
            f"{asked.tokens:,}. Nothing was sent. An admin can raise the cap, or wait for the next month."
        )
    if cap_usd is not None and (taken.cost_usd + asked.cost_usd > cap_usd or taken.cost_usd >= cap_usd > 0):
        left_usd = max(Decimal(0), cap_usd - taken.cost_usd)
        raise SpendCapError(
            f"{name} has ${left_usd:,.2f} of its ${cap_usd:,.2f} left this month and this call may cost "
            f"${asked.cost_usd:,.4f}. Nothing was sent. An admin can raise the cap, or wait for the next month."
        )


# The month begins at midnight UTC, whatever the server's zone.
_SPENT = (
    "select detail->>'provider' as provider, sum(quantity) as tokens, sum(cost_usd) as cost from usage "
    "where workspace = $1 and kind = 'tokens' and detail->>'provider' is not null "
    "and at >= date_trunc('month', now() at time zone 'utc') at time zone 'utc' group by 1"
)
_CAPS = "select cap_usd, cap_tokens from providers where workspace = $1 and id = $2 for update"
_TAKEN = (
    "select coalesce(sum(tokens), 0) as tokens, coalesce(sum(cost), 0) as cost from ("
    "select quantity as tokens, cost_usd as cost from usage where workspace = $1 and kind = 'tokens' "
    "and detail->>'provider' = $2 and at >= date_trunc('month', now() at time zone 'utc') at time zone 'utc' "
    "union all select tokens, cost_usd from provider_calls "
    "where workspace = $1 and provider = $3 and until > now()) taken"
)
# A process that dies leaves its reservation behind, which counts no longer than a call can take.
_RESERVE = (
    "insert into provider_calls (id, workspace, provider, tokens, cost_usd, until) "
    "values ($1, $2, $3, $4, $5, now() + interval '10 minutes')"
)
