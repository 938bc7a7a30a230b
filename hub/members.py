"""Who acts: a member with a role and, when a key is used, its scopes; one `authorize` answers every right."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from uuid import UUID

import msgspec

from hub.errors import ForbiddenError


class Role(IntEnum):
    """A set of verbs; each role has all of the one below it."""

    VIEWER = 1
    EDITOR = 2
    ADMIN = 3
    OWNER = 4


class Scope(StrEnum):
    """What an API key may do at most."""

    READ = "read"
    RUN = "run"
    WRITE = "write"
    ADMIN = "admin"


class Verb(StrEnum):
    """What can be done; the least role and the scope that allow it stand in `_NEEDS`."""

    READ = "read"
    EXTRACT = "extract"
    PLAN = "plan"
    RUN = "run"
    REVIEW = "review"
    EDIT_RECIPES = "edit_recipes"
    EDIT_SCHEMAS = "edit_schemas"
    EDIT_DATASETS = "edit_datasets"
    UPLOAD = "upload"
    USE_CONNECTIONS = "use_connections"
    EDIT_CONNECTIONS = "edit_connections"
    UNDO = "undo"
    SEE_MEMBERS = "see_members"
    EDIT_MEMBERS = "edit_members"
    EDIT_KEYS = "edit_keys"
    SEE_AUDIT = "see_audit"
    EDIT_WORKSPACE = "edit_workspace"


_NEEDS: dict[Verb, tuple[Role, Scope]] = {
    Verb.READ: (Role.VIEWER, Scope.READ),
    Verb.EXTRACT: (Role.EDITOR, Scope.RUN),
    Verb.PLAN: (Role.EDITOR, Scope.RUN),
    Verb.RUN: (Role.EDITOR, Scope.RUN),
    Verb.REVIEW: (Role.EDITOR, Scope.RUN),
    Verb.EDIT_RECIPES: (Role.EDITOR, Scope.WRITE),
    Verb.EDIT_SCHEMAS: (Role.EDITOR, Scope.WRITE),
    Verb.EDIT_DATASETS: (Role.EDITOR, Scope.WRITE),
    Verb.UPLOAD: (Role.EDITOR, Scope.RUN),
    Verb.USE_CONNECTIONS: (Role.EDITOR, Scope.RUN),
    Verb.EDIT_CONNECTIONS: (Role.ADMIN, Scope.ADMIN),
    Verb.UNDO: (Role.ADMIN, Scope.WRITE),
    Verb.SEE_MEMBERS: (Role.VIEWER, Scope.READ),
    Verb.EDIT_MEMBERS: (Role.ADMIN, Scope.ADMIN),
    Verb.EDIT_KEYS: (Role.ADMIN, Scope.ADMIN),
    Verb.SEE_AUDIT: (Role.ADMIN, Scope.ADMIN),
    Verb.EDIT_WORKSPACE: (Role.OWNER, Scope.ADMIN),
}
_IMPLIES: dict[Scope, frozenset[Scope]] = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.RUN: frozenset({Scope.READ, Scope.RUN}),
    Scope.WRITE: frozenset({Scope.READ, Scope.RUN, Scope.WRITE}),
    Scope.ADMIN: frozenset(Scope),
}
_TEST_KEY_VERBS = frozenset({Verb.READ, Verb.PLAN, Verb.EXTRACT, Verb.UPLOAD, Verb.SEE_MEMBERS})


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A user acting in a workspace; `scopes` None means a session, which may all that the role may.

    `via` names what the user acts through, a chat service or `mcp`, for the audit trail.
    """

    workspace: UUID
    user: UUID | None
    role: Role
    scopes: frozenset[Scope] | None = None
    test: bool = False
    via: str | None = None

    def may(self, verb: Verb) -> bool:
        """Tell whether role, scopes and kind of key allow a verb."""
        role, scope = _NEEDS[verb]
        if self.role < role or (self.test and verb not in _TEST_KEY_VERBS):
            return False
        return self.scopes is None or any(scope in _IMPLIES[held] for held in self.scopes)

    def authorize(self, verb: Verb) -> None:
        """Raise ForbiddenError with the reason unless the verb is allowed."""
        if self.may(verb):
            return
        role, scope = _NEEDS[verb]
        if self.role < role:
            raise ForbiddenError(f"This needs the role {role.name.lower()}; yours is {self.role.name.lower()}.")
        if self.test and verb not in _TEST_KEY_VERBS:
            raise ForbiddenError("A test key may only plan and extract; use a live key.")
        raise ForbiddenError(f"This key lacks the scope {scope.value}.")


def needs(verb: Verb) -> tuple[Role, Scope]:
    """Return the least role and the scope that allow a verb, to tell people before they are refused."""
    return _NEEDS[verb]
