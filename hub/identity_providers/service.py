"""The way to another service and back: a person leaves with what only this browser knows, and comes back with proof."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Literal

import msgspec

from connectors.sdk import ConnectorError
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpPool
from hub.accounts import (
    LinkedAccount,
    NewSession,
    NotLetInError,
    OutsideAccounts,
    OutsideIdentity,
    Refusal,
    Visitor,
)
from hub.errors import HubError, NotFoundError
from hub.identity_providers.declared import IdentityProvider
from hub.identity_providers.proofs import ProofError, Proofs
from hub.members import Member
from hub.oauth import authorization, exchange

RETURN_PATH = "/api/v1/auth/with/{provider}/return"
LASTS_SECONDS = 600
LONGEST_PATH = 4000


class Offered(msgspec.Struct, frozen=True):
    """A service by which people may sign in."""

    name: str
    title: str


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send a person, and what their browser must keep, unread by pages, until they are back."""

    address: str
    kept: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser keeps: a secret of its own, and what the person was about to do."""

    secret: str
    purpose: Literal["enter", "join", "connect"] = "enter"
    invitation: str = ""
    following: str = "/"


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What the service sent back with the person."""

    state: str
    code: str = ""
    error: str = ""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has come back: a session unless they had one, and where they wanted to go."""

    session: NewSession | None
    following: str


class IdentityProviders:
    """Sends people to services that vouch for them and keeps nothing meanwhile: all comes from the browser's secret.

    State, nonce and PKCE verifier are made of that secret, and of the session for who connects an account: an answer
    that was fetched in another browser, or for another session, fits neither.
    """

    def __init__(
        self, providers: Sequence[IdentityProvider], outside: OutsideAccounts, guard: Guard, public_url: str
    ) -> None:
        self._providers: dict[str, IdentityProvider] = {provider.name: provider for provider in providers}
        self._outside = outside
        self._pool = HttpPool(guard)
        self._proofs = Proofs(self._pool)
        self._public_url = public_url.rstrip("/")

    def offered(self) -> Sequence[Offered]:
        """Return the services that the operator has set up."""
        return [Offered(one.name, one.title) for one in self._providers.values()]

    def begin(self, provider: str, *, following: str = "/", invitation: str = "") -> Departure:
        """Send somebody off to sign in, or to join by invitation."""
        purpose: Literal["enter", "join"] = "join" if invitation else "enter"
        kept = Kept(secret=secrets.token_urlsafe(32), purpose=purpose, invitation=invitation, following=following)
        return self._departure(self._provider(provider), kept, "")

    def begin_connecting(self, provider: str, session: str, *, following: str) -> Departure:
        """Send a member off to connect an account to their own."""
        kept = Kept(secret=secrets.token_urlsafe(32), purpose="connect", following=following)
        return self._departure(self._provider(provider), kept, session)

    async def complete(
        self, provider: str, kept: str, returned: Returned, visitor: Visitor, member: Member | None, session: str
    ) -> Arrival:
        """Take in who has come back; NotLetInError says why not."""
        found, held = self._provider(provider), _kept(kept)
        bound = session if held is not None and held.purpose == "connect" else ""
        state = returned.state.encode(errors="replace")
        if held is None or not hmac.compare_digest(state, _derived(held.secret, "state", bound).encode()):
            raise NotLetInError(Refusal.EXPIRED)
        if returned.error or not returned.code:
            raise NotLetInError(Refusal.DENIED)
        who = await self._who(found, held, returned.code, bound)
        if held.purpose == "connect":
            if member is None:
                raise NotLetInError(Refusal.EXPIRED)
            await self._outside.connect(member, who)
            return Arrival(session=None, following=held.following)
        entered = self._outside.join(held.invitation, who, visitor) if held.invitation else None
        return Arrival(session=await (entered or self._outside.enter(who, visitor)), following=held.following)

    async def list(self, member: Member) -> Sequence[LinkedAccount]:
        """Return the services by which the member can sign in."""
        return await self._outside.list(member)

    async def remove(self, member: Member, provider: str) -> None:
        """Disconnect one of them."""
        await self._outside.remove(member, provider)

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.close()

    async def _who(self, provider: IdentityProvider, held: Kept, code: str, bound: str) -> OutsideIdentity:
        verifier, nonce = _derived(held.secret, "verifier", bound), _derived(held.secret, "nonce", bound)
        try:
            tokens = await exchange(self._pool, provider.oauth, code, self._redirect_url(provider), verifier)
            person = await self._proofs.person(provider, tokens, nonce)
        except ProofError as error:
            raise NotLetInError(Refusal.UNPROVEN) from error
        except (ConnectorError, HubError) as error:
            raise NotLetInError(Refusal.UNAVAILABLE) from error
        return OutsideIdentity(provider=provider.name, subject=person.subject, email=person.email, name=person.name)

    def _departure(self, provider: IdentityProvider, kept: Kept, bound: str) -> Departure:
        parameters = {**provider.oauth.parameters, "nonce": _derived(kept.secret, "nonce", bound)}
        request = authorization(
            msgspec.structs.replace(provider.oauth, parameters=parameters),
            self._redirect_url(provider),
            _derived(kept.secret, "state", bound),
            _derived(kept.secret, "verifier", bound),
        )
        return Departure(address=request.address, kept=msgspec.json.encode(kept).hex())

    def _redirect_url(self, provider: IdentityProvider) -> str:
        return self._public_url + RETURN_PATH.format(provider=provider.name)

    def _provider(self, name: str) -> IdentityProvider:
        found = self._providers.get(name)
        if found is None:
            raise NotFoundError("This hub does not offer to sign in that way.")
        return found


def own_path(wanted: str) -> str:
    """Return a path of ours to go to after signing in, whatever an address says."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted[:LONGEST_PATH] if plain else "/"


def _kept(text: str) -> Kept | None:
    try:
        return msgspec.json.decode(bytes.fromhex(text), type=Kept)
    except (ValueError, msgspec.DecodeError):
        return None


def _derived(secret: str, use: str, bound: str) -> str:
    """Make one of the values of a sign-in out of the browser's secret; 64 letters, which suits a verifier too."""
    return hmac.new(secret.encode(), f"{use} {bound}".encode(), hashlib.sha256).hexdigest()
