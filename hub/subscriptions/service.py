"""Subscriptions of a workspace: made with a secret that is shown once, changed, paused, given a new secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import UNSET

from connectors.sdk.errors import SettingsError, TemporaryError
from connectors.sdk.network.guard import Guard
from hub.audit import Audit
from hub.database import Row, alone, execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, StaleError
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.sealing import Vault, place
from hub.subscriptions.kinds import checked_kinds
from hub.subscriptions.sending import TABLE
from hub.subscriptions.signing import new_secret
from hub.subscriptions.structs import (
    SUBSCRIPTION,
    CreatedSubscription,
    NewSubscription,
    Subscription,
    SubscriptionChange,
)

MOST = 50
# How long receivers may go on checking with the secret before.
OVERLAP_HOURS = 24


class Subscriptions:
    """Keeps who hears of what; only admins may see or change it, as it sends what happens here elsewhere."""

    def __init__(self, *, vault: Vault, audit: Audit, guard: Guard) -> None:
        self._vault = vault
        self._audit = audit
        self._guard = guard

    async def list(self, member: Member) -> Sequence[Subscription]:
        """Return all subscriptions, the oldest first."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        return [_subscription(row) for row in await fetch(f"{_SELECT} order by s.id", member.workspace)]

    async def show(self, member: Member, reference: str) -> Subscription:
        """Return one subscription."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        return _subscription(await self._row(member, reference))

    async def create(self, member: Member, given: NewSubscription) -> CreatedSubscription:
        """Subscribe to what happens from now on; the secret is in the answer and never again."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        kinds, url, identity, secret = (
            checked_kinds(given.kinds),
            await self._checked(given.url),
            new_id(),
            new_secret(),
        )
        sealed = await self._vault.seal(member.workspace, place(TABLE, identity, "secret"), secret.encode())
        async with transaction():
            await self._one_by_one(member.workspace)
            count = await fetch_one("select count(*) as n from subscriptions where workspace = $1", member.workspace)
            if count and count["n"] >= MOST:
                raise ConflictError(f"A workspace has {MOST} webhooks at most; remove one first.")
            await execute(
                _ADD, identity, member.workspace, url, kinds, given.description.strip(), given.with_values, sealed,
                member.user,
            )  # fmt: skip
            await execute(_BEGIN, member.workspace, identity)
            detail = {"host": urlsplit(url).hostname, "kinds": kinds, "with_values": given.with_values}
            await self._audit.record(member, "webhook.created", show(SUBSCRIPTION, identity), detail)
        return _with_secret(await self._row(member, show(SUBSCRIPTION, identity)), secret)

    async def change(
        self, member: Member, reference: str, change: SubscriptionChange, *, revision: int | None = None
    ) -> Subscription:
        """Change what is given; resuming sends what was waiting, and events from now on."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        url = None if change.url is UNSET else await self._checked(change.url)
        kinds = None if change.kinds is UNSET else checked_kinds(change.kinds)
        identity = parse(SUBSCRIPTION, reference)
        async with transaction():
            await self._one_by_one(member.workspace)
            row = await self._row(member, reference, lock=" for no key update of s")
            if revision is not None and revision != row["revision"]:
                raise StaleError("The webhook was changed meanwhile; load it again and repeat your change.")
            state = _state(row["state"], change)
            if state == "active" and row["state"] != "active":
                await execute(_BEGIN, member.workspace, identity)
            await execute(
                _CHANGE, identity, url, kinds, None if change.description is UNSET else change.description.strip(),
                None if change.with_values is UNSET else change.with_values, state,
            )  # fmt: skip
            fields = sorted(name for name in change.__struct_fields__ if getattr(change, name) is not UNSET)
            await self._audit.record(member, "webhook.changed", reference, {"fields": fields})
        return await self.show(member, reference)

    async def remove(self, member: Member, reference: str) -> None:
        """Forget a subscription with its secret and its log."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        identity = parse(SUBSCRIPTION, reference)
        async with transaction():
            await self._one_by_one(member.workspace)
            await execute(_HOLD_CURSOR, member.workspace)
            row = await fetch_one(_REMOVE, member.workspace, identity)
            if row is None:
                raise _unknown()
            await execute(_END, member.workspace)
            await self._audit.record(member, "webhook.removed", reference, {"host": urlsplit(row["url"]).hostname})

    async def rotate(self, member: Member, reference: str) -> CreatedSubscription:
        """Make a new secret; for a day messages are signed with the one before as well."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        identity, secret, workspace = parse(SUBSCRIPTION, reference), new_secret(), member.workspace
        async with transaction():
            await self._one_by_one(workspace)
            row = await self._row(member, reference)
            before = await self._vault.open(workspace, place(TABLE, identity, "secret"), row["secret"])
            await execute(
                _ROTATE, identity, OVERLAP_HOURS,
                await self._vault.seal(workspace, place(TABLE, identity, "secret"), secret.encode()),
                await self._vault.seal(workspace, place(TABLE, identity, "previous_secret"), before),
            )  # fmt: skip
            await self._audit.record(member, "webhook.secret_rotated", reference)
            return _with_secret(await self._row(member, reference), secret)

    async def _row(self, member: Member, reference: str, *, lock: str = "") -> Row:
        row = await fetch_one(f"{_SELECT} and s.id = $2{lock}", member.workspace, parse(SUBSCRIPTION, reference))
        if row is None:
            raise _unknown()
        return row

    async def _one_by_one(self, workspace: UUID) -> None:
        """Let nobody else change the workspace's subscriptions until the transaction ends."""
        await alone(f"subscriptions{workspace}")

    async def _checked(self, url: str) -> str:
        """Return an address that messages may go to, so far as can be told now; each sending is checked again."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port or (443 if parts.scheme == "https" else 80)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise _refused("An address begins with http:// or https:// and a host.")
            if parts.username is not None or parts.password is not None:
                raise _refused("An address may not hold a user name or password; messages are signed instead.")
            await self._guard.addresses(parts.hostname, port)
        except TemporaryError:
            return url.strip()
        except ValueError as error:
            raise _refused("The address is not a valid URL.") from error
        except SettingsError as error:
            raise _refused(error.message) from error
        return url.strip()


def _state(current: str, change: SubscriptionChange) -> str:
    if change.active is UNSET:
        return current
    return "active" if change.active else "paused"


def _refused(message: str) -> InvalidError:
    return InvalidError(message, errors=[Problem("url", message)])


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such webhook in this workspace.")


def _fields(row: Row) -> dict[str, Any]:
    return {
        "id": show(SUBSCRIPTION, row["id"]),
        "previous_secret_until": row["previous_until"],
        **{name: row[name] for name in _PLAIN},
    }


def _subscription(row: Row) -> Subscription:
    return Subscription(**_fields(row))


def _with_secret(row: Row, secret: str) -> CreatedSubscription:
    return CreatedSubscription(**_fields(row), secret=secret)


_PLAIN = (
    *("url", "kinds", "description", "with_values", "state", "reason"),
    *("failing_since", "waiting", "revision", "created_at"),
)
_SELECT = """
select s.*, (select count(*) from subscription_messages m where m.subscription = s.id and m.next_at is not null)
    as waiting from subscriptions s where s.workspace = $1"""
_ADD = """
insert into subscriptions (id, workspace, url, kinds, description, with_values, secret, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_CHANGE = """
update subscriptions set url = coalesce($2, url), kinds = coalesce($3, kinds), description = coalesce($4, description),
    with_values = coalesce($5, with_values), state = $6, reason = case when $6 = 'disabled' then reason else '' end,
    failing_since = case when state <> 'active' and $6 = 'active' then null else failing_since end,
    revision = revision + 1 where id = $1"""
# Before the subscription, as whoever makes messages does
_HOLD_CURSOR = "select from subscription_cursors where workspace = $1 for update"
_REMOVE = "delete from subscriptions where workspace = $1 and id = $2 returning url"
_END = """
delete from subscription_cursors where workspace = $1
and not exists (select from subscriptions where workspace = $1)"""
_ROTATE = """
update subscriptions set secret = $3, previous_secret = $4, previous_until = now() + $2 * interval '1 hour',
    revision = revision + 1 where id = $1"""
_BEGIN = """
insert into subscription_cursors (workspace, xid, number) values ($1, pg_snapshot_xmin(pg_current_snapshot()), 0)
on conflict (workspace) do update set xid = excluded.xid, number = 0 where not exists (
    select from subscriptions s where s.workspace = $1 and s.id <> $2 and s.state = 'active')"""
