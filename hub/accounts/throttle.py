"""Throttled sign-in: tries are counted in PostgreSQL, by account and by address, over all processes."""

from __future__ import annotations

from hub.database import execute, fetch_one, transaction
from hub.errors import TooManyError

WINDOW_MINUTES = 15
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 50


class Try:
    """One try, counted as failed until `succeed` is called."""

    def __init__(self, subjects: list[str], numbers: list[int]) -> None:
        self._subjects = subjects
        self._numbers = numbers

    async def succeed(self) -> None:
        """Forget the account's failures; the address keeps its others, which may concern other accounts."""
        await execute(
            "delete from sign_in_attempts where id = any($1) or subject = $2", self._numbers, self._subjects[0]
        )


async def begin(account: str, address: str, kind: str = "sign-in") -> Try:
    """Count a try before the password is looked at; TooManyError when there were too many failures lately."""
    subjects = [f"{kind} account {account.casefold()}", f"{kind} address {address}"]
    limits = [FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS]
    async with transaction():
        # In one fixed order, so that two tries never wait for each other; held only until the row is written.
        await execute(
            "select pg_advisory_xact_lock(hashtextextended(s, 1)) from unnest($1::text[]) s order by s", subjects
        )
        row = await fetch_one(_BEGIN, subjects, limits, WINDOW_MINUTES)
    if row is None or row["wait"] is not None:
        raise TooManyError(
            "There were too many tries; wait a few minutes, then try again or ask for a password link.",
            retry_after=float(row["wait"]) if row else 60.0,
        )
    return Try(subjects, row["numbers"])


_BEGIN = """
with given as (
    select * from unnest($1::text[], $2::int[]) as g(subject, most)
), recent as (
    select g.subject, g.most, count(a.id) as failures, min(a.at) as oldest
    from given g left join sign_in_attempts a
    on a.subject = g.subject and not a.succeeded and a.at > now() - make_interval(mins => $3)
    group by g.subject, g.most
), over as (
    select max(ceil(extract(epoch from oldest + make_interval(mins => $3) - now()))) as wait
    from recent where failures >= most
), written as (
    insert into sign_in_attempts (subject, succeeded)
    select subject, false from given where (select wait from over) is null returning id
), forgotten as (
    delete from sign_in_attempts where id in (
        select id from sign_in_attempts where at < now() - interval '1 day' for update skip locked
    )
)
select (select wait from over) as wait, (select array_agg(id) from written) as numbers
"""
