"""Access that services grant: a person is sent there and comes back, tokens are kept sealed and renewed."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import ConnectorError, CredentialsError, SettingsError, TemporaryError, fields_of
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpPool
from connectors.sdk.oauth import OAuth
from hub.audit import Audit
from hub.connections.checks import settings_problems
from hub.connections.opening import connection_kind, declared, secrets_of, settings_of
from hub.database import execute, fetch_one, from_jsonb, to_jsonb, transaction
from hub.errors import InvalidError, NotFoundError
from hub.ids import new_id, show
from hub.members import Member, Verb
from hub.oauth import GrantRefusedError, Tokens, authorization, exchange, own, renew
from hub.sealing import Vault, place

# A token that ends sooner is renewed before it is used.
MARGIN = timedelta(seconds=60)
# Each holds a connection to the database while the service answers, and others need some too.
RENEWED_AT_ONCE = 6
LAST_SECONDS = 5.0
RETURN_PATH = "/connections/granted"


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What the service sent back with the person: the state it was given, a code or why there is none, and the rest."""

    state: str
    code: str = ""
    error: str = ""
    description: str = ""
    told: Mapping[str, str] = {}


class Grants:
    """Send people to services, keep what these hand out, and give out access tokens that are valid now."""

    def __init__(self, vault: Vault, audit: Audit, guard: Guard, public_url: str) -> None:
        self._vault = vault
        self._audit = audit
        self._pool = HttpPool(guard)
        self._places = asyncio.Semaphore(RENEWED_AT_ONCE)
        self._renewals: dict[tuple[UUID, str | None], asyncio.Task[Tokens | ConnectorError]] = {}
        self.redirect_url = f"{public_url.rstrip('/')}{RETURN_PATH}"

    async def begin(self, member: Member, connection: UUID, session: str) -> str:
        """Return the address at which the person agrees; they must come back in the same session within 10 minutes."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        row = await _row(member.workspace, connection)
        oauth = await self._oauth(row)
        if oauth is None or not oauth.authorize_url:
            raise InvalidError(f"{row['name']} is not connected by signing in at the service.")
        state, identity = secrets.token_urlsafe(32), new_id()
        request = authorization(oauth, self.redirect_url, state)
        kept = f"{row['revision']}:{request.verifier}"
        verifier = await self._vault.seal(member.workspace, place("hand_offs", identity, "verifier"), kept.encode())
        await execute(
            _BEGIN, identity, member.workspace, connection, member.user, _digest(state), _digest(session), verifier
        )
        return request.address

    async def complete(self, member: Member, session: str, returned: Returned) -> UUID:
        """Take the tokens for whoever has come back and return the connection."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        waiting = await fetch_one(_TAKE, _digest(returned.state), member.workspace, member.user, _digest(session))
        if waiting is None:
            raise InvalidError("This way back is not known, was used already, or took over 10 minutes. Connect again.")
        connection: UUID = waiting["connection"]
        if returned.error or not returned.code:
            raise InvalidError(_denial(returned))
        kept = await self._vault.open(
            member.workspace, place("hand_offs", waiting["id"], "verifier"), waiting["verifier"]
        )
        begun, _, verifier = kept.decode().rpartition(":")
        row = await _row(member.workspace, connection)
        oauth = await self._oauth(row)
        if oauth is None or begun != str(row["revision"]):
            raise _changed(row)
        learned = await self._learned(row, oauth, returned)
        try:
            found = await exchange(self._pool, oauth, returned.code, self.redirect_url, verifier)
        except ConnectorError as error:
            raise InvalidError(error.message) from error
        async with transaction():
            if (await _row(member.workspace, connection, lock=True))["revision"] != row["revision"]:
                raise _changed(row)
            await self._keep(row, found)
            await execute(_GRANTED, member.workspace, connection, member.user)
            if learned:
                await execute(_LEARN, member.workspace, connection, to_jsonb(learned))
            await self._audit.record(
                member, "connection.granted", show("con", connection), {"scopes": list(found.scopes)}
            )
        return connection

    async def give_up(self, member: Member, connection: UUID) -> None:
        """Forget the tokens of a connection."""
        member.authorize(Verb.EDIT_CONNECTIONS)
        async with transaction():
            await _row(member.workspace, connection)
            await execute(_VOID, member.workspace, connection, "untested", "")
            await self._audit.record(member, "connection.given_up", show("con", connection), {})

    async def access(self, workspace: UUID, connection: UUID, refused: str | None = None) -> str:
        """Return an access token; one that ends soon, or that the service has `refused`, is renewed first.

        Renewal holds the connection's row, so that workers side by side renew once; within a process all who ask wait
        for the same renewal. Whoever gives up meanwhile does not stop it: what the service has replaced would be lost.
        """
        held = await self._held(await _row(workspace, connection))
        if held is not None and _is_good(held, refused):
            return held.access
        found = await asyncio.shield(self._renewal(workspace, connection, refused))
        if isinstance(found, ConnectorError):
            raise found
        return found.access

    async def close(self) -> None:
        """Close what is open, once the renewals under way have had a moment to end."""
        if self._renewals:
            await asyncio.wait(self._renewals.values(), timeout=LAST_SECONDS)
        await self._pool.close()

    def _renewal(self, workspace: UUID, connection: UUID, refused: str | None) -> asyncio.Task[Tokens | ConnectorError]:
        """Return the renewal that is under way, or begin one that joins no transaction of its starter's."""
        asked = (connection, refused)
        if asked not in self._renewals:
            work = asyncio.create_task(self._renew(workspace, connection, refused), context=contextvars.Context())
            self._renewals[asked] = work
            work.add_done_callback(lambda done: self._forget(asked, done))
        return self._renewals[asked]

    def _forget(self, asked: tuple[UUID, str | None], done: asyncio.Task[Tokens | ConnectorError]) -> None:
        del self._renewals[asked]
        if not done.cancelled():
            done.exception()  # whoever still waits is told; that nobody does is no fault

    async def _renew(self, workspace: UUID, connection: UUID, refused: str | None) -> Tokens | ConnectorError:
        async with self._places, transaction():
            row = await _row(workspace, connection, lock=True)
            held = await self._held(row)
            if held is not None and _is_good(held, refused):
                return held  # another worker has renewed it
            return await self._renewed(row, held, refused)

    async def _renewed(self, row: Any, held: Tokens | None, refused: str | None) -> Tokens | ConnectorError:
        """Renew and keep tokens; a failure is returned, so that what it means is kept with the transaction."""
        oauth = await self._oauth(row)
        if oauth is None:
            return SettingsError(f"{row['name']} has no access that could be granted.")
        try:
            found = await self._fetch(row, oauth, held)
        except TemporaryError as error:
            still_good = held is not None and held.access != refused and not _is_over(held)
            return held if still_good and held is not None else error
        except GrantRefusedError as error:
            await execute(_VOID, row["workspace"], row["id"], error.word, error.message)
            return error
        except ConnectorError as error:
            return error
        await self._keep(row, found)
        return found

    async def _fetch(self, row: Any, oauth: OAuth, held: Tokens | None) -> Tokens:
        if not oauth.authorize_url:
            return await own(self._pool, oauth)
        if held is None:
            raise CredentialsError(f"{row['name']} is not connected yet. Open the connection and connect it.")
        if held.refresh is None:
            raise GrantRefusedError(f"What the service granted to {row['name']} has run out. Connect again.")
        return await renew(self._pool, oauth, held.refresh)

    async def _oauth(self, row: Any) -> OAuth | None:
        connector = declared(row["connector"])
        return connector.oauth_reader(await settings_of(self._vault, row)) if connector.oauth_reader else None

    async def _learned(self, row: Any, oauth: OAuth, returned: Returned) -> dict[str, str]:
        """Return the settings that the service told on the way back; InvalidError when others stand there."""
        kind, held = connection_kind(declared(row["connector"])), from_jsonb(row["settings"])
        learned: dict[str, str] = {}
        for name, parameter in oauth.returns.items():
            said, stands = returned.told.get(parameter, ""), "".join(str(held.get(name) or "").split())
            title = fields_of(kind)[name].title
            if said and stands and said != stands:
                raise InvalidError(
                    f"At the service you chose another one than the connection names: {title} would be {said[:60]}, "
                    f"and {stands[:60]} is in the settings. Choose that one, or empty {title} first."
                )
            if said and not stands:
                learned[name] = said
        secrets = await secrets_of(self._vault, row["workspace"], row["id"], row["secrets"]) if learned else {}
        if learned and settings_problems(kind, {**held, **secrets, **learned}):
            raise InvalidError("The service sent back something that the settings cannot hold. Connect again.")
        return learned

    async def _held(self, row: Any) -> Tokens | None:
        if row["tokens"] is None:
            return None
        opened = await self._vault.open(row["workspace"], place("connections", row["id"], "tokens"), row["tokens"])
        return msgspec.json.decode(opened, type=Tokens)

    async def _keep(self, row: Any, found: Tokens) -> None:
        sealed = await self._vault.seal(
            row["workspace"], place("connections", row["id"], "tokens"), msgspec.json.encode(found)
        )
        await execute(_KEEP, row["workspace"], row["id"], sealed, found.expire_at, list(found.scopes))


async def _row(workspace: UUID, connection: UUID, *, lock: bool = False) -> Any:
    row = await fetch_one(f"{_ROW}{' for update' if lock else ''}", workspace, connection)
    if row is None:
        raise NotFoundError("There is no such connection.")
    return row


def _is_good(held: Tokens, refused: str | None) -> bool:
    if held.access == refused:
        return False
    return held.expire_at is None or held.expire_at - MARGIN > datetime.now(UTC)


def _is_over(held: Tokens) -> bool:
    return held.expire_at is not None and held.expire_at <= datetime.now(UTC)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _changed(row: Any) -> InvalidError:
    """What was agreed to belongs to the connection as it was then."""
    return InvalidError(f"{row['name']} has been changed meanwhile. Connect again.")


def _denial(returned: Returned) -> str:
    if returned.error == "access_denied":
        return "You did not agree at the service, so nothing was connected. Connect again when you want to."
    said = (returned.description or returned.error or "it sent no code")[:200]
    return f"The service did not connect: {said.rstrip('.')}."


_ROW = "select * from connections where workspace = $1 and id = $2"
_BEGIN = """
with gone as (delete from hand_offs where expires_at < now())
insert into hand_offs (id, workspace, connection, person, state, session, verifier)
values ($1, $2, $3, $4, $5, $6, $7)"""
_TAKE = """
delete from hand_offs
where state = $1 and workspace = $2 and person = $3 and session = $4 and expires_at > now()
returning id, connection, verifier"""
_KEEP = """
update connections set tokens = $3, tokens_expire_at = $4,
    granted_scopes = case when cardinality($5::text[]) > 0 then $5::text[] else granted_scopes end
where workspace = $1 and id = $2"""
_GRANTED = """
update connections set granted_at = now(), granted_by = $3, state = 'untested', message = ''
where workspace = $1 and id = $2"""
_LEARN = """
update connections set settings = settings || $3::jsonb, revision = revision + 1 where workspace = $1 and id = $2"""
_VOID = """
update connections set tokens = null, tokens_expire_at = null, granted_at = null, granted_by = null,
    granted_scopes = '{}', state = $3, message = $4
where workspace = $1 and id = $2"""
