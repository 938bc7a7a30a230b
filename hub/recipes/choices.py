"""What can be chosen for a setting: values that its declaration names, or that the service has or shows right now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from connectors.sdk import Choice, ConnectorError, Context, Settings, TemporaryError, fields_of, fill
from connectors.sdk.declare import Lookup, Target, Trigger, settings_of
from connectors.sdk.describe import describe
from connectors.sdk.pages.browser import Picture
from connectors.sdk.registry import find, find_connector, find_trigger
from hub.connections import Connections, Contexts
from hub.database import fetch
from hub.errors import InvalidError, NotFoundError, Problem, UnavailableError
from hub.members import Member, Verb
from hub.recipes.builtins import BUILT_INS
from hub.recipes.known import SchemaNames
from hub.recipes.names import has_template
from hub.shapes import problem_of

# Time for a browser to start on a busy machine, and to draw
PATIENCE = 100.0
MOST = 2_000
SOON = 5.0

T = TypeVar("T")
Part = Trigger | Lookup | Target
Lists = Callable[[Any], Awaitable[Any]]


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which setting of which step or trigger is asked about, and what has been filled in so far."""

    uses: str
    field: str
    connection: str | None = None
    settings: Mapping[str, Any] = {}


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What there is; `cut` when there is more. Anything else may be typed as well, unless `closed`."""

    choices: Sequence[Choice]
    cut: bool = False
    closed: bool = False


class Offers:
    """Asks services and the workspace for what can be chosen."""

    def __init__(self, connections: Connections, contexts: Contexts, schemas: SchemaNames) -> None:
        self._connections = connections
        self._contexts = contexts
        self._schemas = schemas

    async def list(self, member: Member, wanted: Wanted) -> Choices:
        """Return the choices; InvalidError says what must be filled in first, or what the service says."""
        member.authorize(Verb.USE_CONNECTIONS)
        part, settings, lists = _declared(wanted)
        if lists is None:
            fixed = next(one for one in describe(settings) if one.name == wanted.field)
            return Choices(
                choices=[Choice(value) for value in fixed.choices], closed=bool(fixed.choices) and not fixed.extends
            )
        if part is None:
            found = await lists(_Stock(member, self._schemas))
        else:
            found = await _asked(lists(await self._context(member, part, lists, wanted)))
        listed = [one if isinstance(one, Choice) else Choice(str(one)) for one in found]
        return Choices(choices=listed[:MOST], cut=len(listed) > MOST)

    async def picture(self, member: Member, wanted: Wanted) -> Picture:
        """Return a picture of what there is to choose from, for a setting that has one."""
        member.authorize(Verb.USE_CONNECTIONS)
        part, settings, _ = _declared(wanted)
        draw = fields_of(settings)[wanted.field].picture
        if part is None or draw is None:
            raise NotFoundError(f"{wanted.uses[:60]} has no picture for {wanted.field[:60]!r}.")
        found: Picture = await _asked(draw(await self._context(member, part, draw, wanted)))
        return found

    async def _context(self, member: Member, part: Part, asking: Lists, wanted: Wanted) -> Context[Any, Any]:
        """Open what the service is asked with."""
        connector, connection = part.connector, wanted.connection
        settings = _filled(settings_of(asking), part.settings, wanted.settings)
        if connector.connection is None or (connection is None and connector.connection_optional):
            return self._contexts.make(member.workspace, None, connector, settings)
        if not connection:
            raise _first("connection", "a connection")
        opened = await self._connections.open_named(member.workspace, connection)
        held = find_connector(opened.connector)
        if held is None or held.family != connector.family:
            raise _first("connection", f"a connection to {connector.title}")
        return self._contexts.make(member.workspace, opened, connector, settings)


class _Stock:
    """The names of one workspace."""

    def __init__(self, member: Member, schemas: SchemaNames) -> None:
        self._member = member
        self._schemas = schemas

    async def schemas(self) -> Sequence[Choice]:
        """Return what can be extracted."""
        return [Choice(name) for name in sorted(await self._schemas.names(self._member.workspace))]

    async def recipes(self) -> Sequence[Choice]:
        """Return what can be called, by name."""
        rows = await fetch(_RECIPES, self._member.workspace)
        return [Choice(row["name"], row["title"] or "") for row in rows]

    async def members(self) -> Sequence[Choice]:
        """Return the addresses of the members."""
        self._member.authorize(Verb.READ)
        rows = await fetch(_MEMBERS, self._member.workspace)
        return [Choice(row["email"], row["name"] or "") for row in rows]

    async def providers(self) -> Sequence[Choice]:
        """Return where language models are asked."""
        rows = await fetch(
            "select name, preset from providers where workspace = $1 order by position, id", self._member.workspace
        )
        return [Choice(row["name"], row["preset"]) for row in rows]


async def _asked(asking: Awaitable[T]) -> T:
    """Return what a service answers, in the words of the hub where it fails."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asking
    except TimeoutError as error:
        message = f"The service did not answer within {PATIENCE:.0f} seconds. Type the value, or try again."
        raise UnavailableError(message, retry_after=SOON) from error
    except TemporaryError as error:
        raise UnavailableError(error.message, retry_after=error.retry_after or SOON) from error
    except ConnectorError as error:
        raise InvalidError(error.message) from error


def _declared(wanted: Wanted) -> tuple[Part | None, type[Settings], Lists | None]:
    """Return the part, None for a built-in step; its settings; and what lists the choices, unless they are fixed."""
    built_in = BUILT_INS.get(wanted.uses)
    part = None if built_in else find(wanted.uses) or find_trigger(wanted.uses)
    settings = built_in.settings if built_in else part.settings if part else None
    if settings is None or wanted.field not in fields_of(settings):
        raise NotFoundError(f"{wanted.uses[:60]} has no setting {wanted.field[:60]!r}.")
    choices = fields_of(settings)[wanted.field].choices
    return part, settings, choices if callable(choices) else None


def _filled(kind: type[Settings], whole: type[Settings], given: Mapping[str, Any]) -> Settings:
    """Return the few settings that are needed in order to ask; templates are not known yet and count as missing."""
    titles = {one.name: one.title for one in describe(whole)}
    usable = {
        name: value
        for name, value in given.items()
        if name in kind.__struct_fields__ and value not in (None, "") and not has_template(value)
    }
    for found in msgspec.structs.fields(kind):
        if found.required and found.name not in usable:
            raise _first(f"settings.{found.name}", titles.get(found.name, found.name))
    try:
        return fill(kind, usable)
    except msgspec.ValidationError as error:
        problem = problem_of(error, kind, "settings")
        raise InvalidError(problem.message, errors=[problem]) from error


def _first(path: str, title: str) -> InvalidError:
    message = f"Choose {title} first; then there is something to choose from."
    return InvalidError(message, errors=[Problem(path, message)])


_RECIPES = """
select name, title from documents where workspace = $1 and kind = 'recipe' and deleted_at is null
order by lower(name) limit 2001"""
_MEMBERS = """
select u.email, u.name from memberships m join users u on u.id = m."user" where m.workspace = $1
order by lower(u.email) limit 2001"""
