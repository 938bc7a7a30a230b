"""Usage: rows add up by month, kind and unit."""

from decimal import Decimal

from hub.database import execute
from hub.members import Member
from hub.usage import Usage, Used

usage = Usage()


async def test_sums_by_month(member: Member) -> None:
    tokens = Used(kind="llm", quantity=1200, unit="tokens", cost_usd=Decimal("0.0012"), detail={"model": "m"})
    await usage.record(member.workspace, [tokens, tokens, Used(kind="pages", quantity=3, unit="pages")])
    sums = await usage.by_month(member)
    assert [(s.kind, s.quantity, s.cost_usd) for s in sums] == [
        ("llm", Decimal(2400), Decimal("0.0024")),
        ("pages", Decimal(3), Decimal(0)),
    ]


async def test_leaves_out_what_is_long_ago(member: Member) -> None:
    await usage.record(member.workspace, [Used(kind="pages", quantity=3, unit="pages")])
    await execute("update usage set at = now() - interval '13 months' where workspace = $1", member.workspace)
    assert await usage.by_month(member) == []
