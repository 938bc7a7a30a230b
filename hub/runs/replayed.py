"""Writes performed from the ledger itself: the writes of a plan that is applied, and the undoing of a run's writes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import ConnectorError, Receipt, Settings, Target
from connectors.sdk.registry import find
from hub.connections import OpenConnection
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.errors import HubError
from hub.runs.catalogue import Catalogue
from hub.runs.effects import Call, Effects
from hub.runs.ledger import Destination, LateWriterError, Ledger, Settled, Write, delivery_key
from hub.runs.outcomes import Sending, failure_of
from hub.runs.pace import REASON, SLOWED
from hub.runs.progress import Failure
from hub.runs.writes import filled, literal_key

UNDONE = "undone"
LONGEST_WAIT = 600.0


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger row with all that is needed to perform it again."""

    row: Row
    target: Target
    opened: OpenConnection | None
    settings: Settings
    plain: Mapping[str, Any]
    rows: Sequence[dict[str, Any]]


class ReplayedWrites:
    """Applies plans and undoes runs; both go through the ledger like any delivery."""

    def __init__(self, catalogue: Catalogue, effects: Effects, ledger: Ledger) -> None:
        self._catalogue = catalogue
        self._effects = effects
        self._ledger = ledger

    async def perform(self, run: Row) -> None:
        """Perform an apply or undo run and end it."""
        try:
            done, failed = await (self._apply(run) if run["kind"] == "apply" else self._undo(run))
        except LateWriterError:
            raise
        except HubError as error:
            # Such as a connection that is gone: what has not been written by now will not be.
            done, failed = await _given_up(run, error.message)
        await execute(
            "update runs set state = 'done', ended_at = now(), leased_until = null, delivered = $3, dead = $4"
            " where id = $1 and fence = $2 and state = 'running'",
            run["id"], run["fence"], done, failed,
        )  # fmt: skip

    async def _apply(self, run: Row) -> tuple[int, int]:
        """Perform the stored writes of a plan, each once; a write whose target has changed is refused."""
        rows = await fetch(_TAKE_PLANNED, run["plan_of"])
        done = failed = 0
        for group in await self._groups(run, rows):
            sendings = [_sending(stored, run["recipe"]) for stored in group]
            begun = await _begun(run, sendings)
            current = await self._unchanged(group, sendings, begun)
            to_do = [
                sending for sending, same in zip(sendings, current, strict=True) if same and sending.failure is None
            ]
            await self._deliver(_call(run, group[0]), to_do)
            states = [_state(sending, same) for sending, same in zip(sendings, current, strict=True)]
            await execute(
                _PLANNED_ENDED, [one.row["key"] for one in group], [s[0] for s in states], [s[1] for s in states]
            )
            done += sum(state == "applied" for state, _ in states)
            failed += sum(state != "applied" for state, _ in states)
        return done, failed

    async def _deliver(self, call: Call, sendings: Sequence[Sending]) -> None:
        """Deliver, as fast as the service allows; one that wants to be left alone for very long has failed."""
        to_do = list(sendings)
        while to_do:
            await self._effects.deliver(call, to_do)
            to_do = [sending for sending in to_do if sending.deferred is not None]
            pause = max((sending.deferred or 0.0 for sending in to_do), default=0.0)
            for sending in to_do:
                sending.deferred = None
                sending.failure = Failure(kind=SLOWED, message=REASON) if pause > LONGEST_WAIT else None
            if pause > LONGEST_WAIT:
                return
            await asyncio.sleep(pause)

    async def _groups(self, run: Row, rows: Sequence[Row]) -> list[list[Stored]]:
        """Put writes that a target takes in one call together, in their order."""
        groups: dict[bytes, list[Stored]] = {}
        for row in rows:
            stored = await self._stored(run["workspace"], row)
            alike = f"{row['target']}/{row['connection']}/{row['step']}/".encode() + literal_key(stored.plain)
            groups.setdefault(alike if stored.target.many else str(row["id"]).encode(), []).append(stored)
        return list(groups.values())

    async def _stored(self, workspace: UUID, row: Row) -> Stored:
        target = find(row["target"])
        if not isinstance(target, Target):
            raise HubError(f"The target {row['target']} is not there any more.")
        opened = await self._catalogue.connections.open(workspace, row["connection"]) if row["connection"] else None
        request = from_jsonb(row["request"])
        settings = filled(target, request["settings"])
        return Stored(
            row=row, target=target, opened=opened, settings=settings, plain=request["settings"], rows=request["rows"]
        )

    async def _unchanged(self, group: Sequence[Stored], sendings: Sequence[Sending], begun: Set[str]) -> list[bool]:
        """Tell for each write whether the target is as the plan saw it; where it cannot say, the sending has failed.

        A write that was begun before a crash is left to the ledger, which knows how it ended.
        """
        target = group[0].target
        if target.previewer is None:
            return [True] * len(group)
        context = self._catalogue.contexts.make(
            group[0].row["workspace"], group[0].opened, target.connector, group[0].settings
        )
        try:
            seen = await target.previewer(context, [sending.record for sending in sendings])
        except ConnectorError as error:
            for sending in sendings:
                sending.failure = failure_of(error)
            return [True] * len(group)
        return [
            sending.write.key in begun
            or from_jsonb(to_jsonb(msgspec.to_builtins(list(now)))) == (from_jsonb(stored.row["seen"]) or [])
            for now, stored, sending in zip(seen, group, sendings, strict=True)
        ]

    async def _undo(self, run: Row) -> tuple[int, int]:
        """Put back what a run wrote, the newest first, only where it still is as written."""
        rows = await fetch(_REVERSIBLE, run["plan_of"])
        done = failed = 0
        for row in rows:
            stored = await self._stored(run["workspace"], row)
            if await self._undo_one(run, stored):
                done += 1
            else:
                failed += 1
        return done, failed

    async def _undo_one(self, run: Row, stored: Stored) -> bool:
        row, target = stored.row, stored.target
        key = delivery_key(
            run["workspace"], run["recipe"], f"undo/{row['step']}", row["item"], row["path"], row["generation"]
        )
        write = Write(
            key=key, item=row["item"], step=row["step"], path=row["path"], generation=row["generation"],
            rows=stored.rows, settings=dict(stored.plain),
        )  # fmt: skip
        known = await self._ledger.open(_destination(run, stored), [write])
        if key in known and known[key].state == "sent":
            return True
        before, after = await self._ledger.images(run["workspace"], row["id"], row["images"])
        receipt = Receipt(reference=row["reference"], version=row["external_version"], before=before, after=after)
        context = self._catalogue.contexts.make(run["workspace"], stored.opened, target.connector, stored.settings)
        try:
            async with transaction() if target.atomic else _Nothing():
                undone = await target.undoer(context, receipt) if target.undoer else receipt
                await self._ledger.settle(
                    run["workspace"], [Settled(key=key, state="sent", reference=undone.reference)]
                )
                await execute("update deliveries set state = $2 where key = $1", row["key"], UNDONE)
                await execute("update deliveries set undo_of = $2 where key = $1", key, row["id"])
        except ConnectorError as error:
            await self._ledger.settle(run["workspace"], [Settled(key=key, state="failed", message=error.message)])
            await execute("update runs set message = $2 where id = $1", run["id"], error.message[:1000])
            return False
        return True


class _Nothing:
    """An async block that does nothing: the target's write has a transaction of its own."""

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        return None


def _sending(stored: Stored, recipe: UUID) -> Sending:
    row = stored.row
    key = row["token"] or delivery_key(
        row["workspace"], recipe, row["step"], row["item"], row["path"], row["generation"]
    )
    write = Write(
        key=key, item=row["item"], step=row["step"], path=row["path"], generation=row["generation"],
        rows=stored.rows, settings=dict(stored.plain),
    )  # fmt: skip
    return Sending(write=write, settings=stored.settings)


def _destination(run: Row, stored: Stored) -> Destination:
    return Destination(
        workspace=run["workspace"],
        recipe=run["recipe"],
        version=run["version"],
        run=run["id"],
        fence=run["fence"],
        target=stored.row["target"],
        effect=stored.row["effect"],
        connection=stored.row["connection"],
    )


def _call(run: Row, stored: Stored) -> Call:
    return Call(
        to=_destination(run, stored), target=stored.target, opened=stored.opened, concurrency=stored.target.concurrency
    )


def _state(sending: Sending, same: bool) -> tuple[str, str | None]:
    if not same:
        return "refused", "The target has changed since the plan was made. Plan again to see it as it is now."
    if sending.failure is not None:
        return "failed", sending.failure.message
    return "applied", None


async def _begun(run: Row, sendings: Sequence[Sending]) -> Set[str]:
    """Return the writes this run has begun before; one that another run has delivered has failed here."""
    rows = {row["key"]: row for row in await fetch(_BEGUN, [sending.write.key for sending in sendings])}
    for sending in sendings:
        row = rows.get(sending.write.key)
        if row is not None and row["run"] != run["id"] and row["state"] == "sent":
            sending.failure = Failure(kind="ConflictError", message="This was delivered already, by another run.")
    return {key for key, row in rows.items() if row["run"] == run["id"]}


async def _given_up(run: Row, reason: str) -> tuple[int, int]:
    await execute("update runs set message = $2 where id = $1", run["id"], reason[:1000])
    row = await fetch_one(_GIVE_UP, run["plan_of"], reason[:1000])
    return (row["done"], row["failed"]) if row else (0, 0)


async def reversible_count(run: UUID) -> int:
    """Return how many of a run's writes can still be undone."""
    row = await fetch_one(f"select count(*) as found from ({_REVERSIBLE}) r", run)  # noqa: S608  # joined from our own words, values are arguments
    return int(row["found"]) if row else 0


# `applying` is taken again after a crash: the ledger row under the real key decides what is still to do.
_TAKE_PLANNED = """
with taken as (
    update deliveries set state = 'applying' where run = $1 and state in ('planned', 'applying') returning *
)
select * from taken order by id"""
_BEGUN = """
select key, run, state from deliveries
where key = any($1::text[]) and state in ('pending', 'sent', 'accepted', 'unknown')"""
_GIVE_UP = """
with given_up as (
    update deliveries set state = 'failed', message = $2, settled_at = now()
    where run = $1 and state in ('planned', 'applying') returning key
)
select (select count(*)::int from deliveries where run = $1 and state in ('applied', 'undone')) as done,
    (select count(*)::int from deliveries where run = $1 and (key in (select key from given_up)
        or (state = 'sent' and images is not null) or state in ('refused', 'failed'))) as failed"""
_PLANNED_ENDED = """
update deliveries d set state = t.state, message = t.message, settled_at = now()
from unnest($1::text[], $2::text[], $3::text[]) as t(key, state, message) where d.key = t.key"""
_REVERSIBLE = """
select * from deliveries where run = $1 and state = 'sent' and images is not null and undo_of is null
and (images_until is null or images_until > now()) order by settled_at desc, id desc"""
