"""Replays of many items at once, and dead letters in people's hands, over REST."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.ids import parse, parse_cursor
from hub.members import Member, Verb
from hub.runs import (
    Cause,
    Filter,
    History,
    ItemSummary,
    Letters,
    Preview,
    ReplayChoice,
    Replays,
    ReplayView,
)
from hub.runs.letters import Closing

OfOwner = Annotated[str | None, QueryParameter(name="owner", description="Only those of this member.")]
OfCause = Annotated[str | None, QueryParameter(name="cause", description="Only those that failed alike.")]
OfRecipe = Annotated[str | None, QueryParameter(name="recipe", description="Only those of this recipe, by its id.")]
Closed = Annotated[
    Closing | None, QueryParameter(name="closed", description="Those closed in this way; left out, the open ones.")
]
Search = Annotated[str, QueryParameter(name="q", description="Part of a title, key, subject or reason; or an id.")]


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose these dead letters are from now on; nobody's without an owner."""

    items: list[str]
    owner: str | None = None


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How dead letters are closed, and why."""

    items: list[str]
    closed_as: Closing
    reason: str


class Reopening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters to put back on the list."""

    items: list[str]


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What others should know of an item."""

    note: str


class Changed(msgspec.Struct, frozen=True):
    """How many items were changed."""

    items: int


class ReplayController(Controller):
    """Replay many items at once."""

    path = "/replays"

    @get("/", opt={"verb": Verb.READ})
    async def list_replays(
        self,
        replays: NamedDependency[Replays],
        member: NamedDependency[Member],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ReplayView]:
        """List replays of many items, the newest first."""
        found = await replays.list(member, before=parse_cursor("rpl", cursor), limit=limit)
        return Page(found.entries, found.cursor)

    @get("/{replay_id:str}", opt={"verb": Verb.READ})
    async def show_replay(
        self, replays: NamedDependency[Replays], member: NamedDependency[Member], replay_id: FromPath[str]
    ) -> ReplayView:
        """Show how the items of a replay fare."""
        return await replays.show(member, parse("rpl", replay_id))

    @get("/{replay_id:str}/items", opt={"verb": Verb.READ})
    async def list_replayed_items(
        self,
        replays: NamedDependency[Replays],
        history: NamedDependency[History],
        member: NamedDependency[Member],
        replay_id: FromPath[str],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ItemSummary]:
        """List the items of a replay, the newest first."""
        replay = parse("rpl", replay_id)
        await replays.show(member, replay)
        found = await history.items(member, Filter(replay=replay, before=parse_cursor("itm", cursor), limit=limit))
        return Page(found.entries, found.cursor)

    @post("/{replay_id:str}/take-back", status_code=200, opt={"verb": Verb.RUN})
    async def take_back(
        self, replays: NamedDependency[Replays], member: NamedDependency[Member], replay_id: FromPath[str]
    ) -> ReplayView:
        """Put the items back as they were that have not started yet."""
        return await replays.take_back(member, parse("rpl", replay_id))


class ItemsController(Controller):
    """Act on many items."""

    path = "/items"

    @post("/replay", status_code=202, opt={"verb": Verb.RUN})
    async def replay_items(
        self, replays: NamedDependency[Replays], member: NamedDependency[Member], data: JSONBody[ReplayChoice]
    ) -> Response[ReplayView]:
        """Replay named items, those of named runs, or all that match; nothing is sent twice."""
        made = await replays.start(member, data)
        return Response(made, headers={"Location": f"/api/v1/replays/{made.id}"}, status_code=202)

    @post("/replay/preview", status_code=200, opt={"verb": Verb.RUN})
    async def preview_replay(
        self, replays: NamedDependency[Replays], member: NamedDependency[Member], data: JSONBody[ReplayChoice]
    ) -> Preview:
        """Tell how many items a replay would take, and which it would pass over, without starting it."""
        return await replays.preview(member, data)

    @put("/{item_id:str}/note", opt={"verb": Verb.RUN})
    async def note_item(
        self,
        letters: NamedDependency[Letters],
        history: NamedDependency[History],
        member: NamedDependency[Member],
        item_id: FromPath[str],
        data: JSONBody[Note],
    ) -> ItemSummary:
        """Keep a note on an item for others who look at it."""
        item = parse("itm", item_id)
        await letters.note(member, item, data.note)
        return (await history.item(member, item)).item


class DeadLetterController(Controller):
    """Give dead letters an owner, close them, and see what failed alike."""

    path = "/dead-letters"

    @get("/", opt={"verb": Verb.READ})
    async def list_dead_letters(  # one for each way to narrow the list
        self,
        history: NamedDependency[History],
        member: NamedDependency[Member],
        recipe: OfRecipe = None,
        owner: OfOwner = None,
        cause: OfCause = None,
        closed: Closed = None,
        search: Search = "",
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ItemSummary]:
        """List dead letters, the newest first."""
        wanted = Filter(
            letters=closed or "open",
            recipe=parse("rcp", recipe) if recipe else None,
            owner=parse("usr", owner) if owner else None,
            cause=cause,
            text=search,
            before=parse_cursor("itm", cursor),
            limit=limit,
        )
        found = await history.items(member, wanted)
        return Page(found.entries, found.cursor)

    @get("/causes", opt={"verb": Verb.READ})
    async def list_causes(
        self,
        letters: NamedDependency[Letters],
        member: NamedDependency[Member],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[Cause]:
        """List what the open dead letters failed of, the most frequent first; replay one with `cause`."""
        return part(await letters.causes(member), limit, cursor, lambda one: one.id)

    @post("/assign", status_code=200, opt={"verb": Verb.RUN})
    async def assign_letters(
        self, letters: NamedDependency[Letters], member: NamedDependency[Member], data: JSONBody[Assignment]
    ) -> Changed:
        """Give dead letters to a member, or to nobody."""
        return Changed(await letters.assign(member, data.items, data.owner))

    @post("/close", status_code=200, opt={"verb": Verb.RUN})
    async def close_letters(
        self, letters: NamedDependency[Letters], member: NamedDependency[Member], data: JSONBody[Ending]
    ) -> Changed:
        """Take dead letters off the list without replaying them, with the reason."""
        return Changed(await letters.close(member, data.items, data.closed_as, data.reason))

    @post("/reopen", status_code=200, opt={"verb": Verb.RUN})
    async def reopen_letters(
        self, letters: NamedDependency[Letters], member: NamedDependency[Member], data: JSONBody[Reopening]
    ) -> Changed:
        """Put closed dead letters back on the list."""
        return Changed(await letters.reopen(member, data.items))


CONTROLLERS = [ReplayController, ItemsController, DeadLetterController]
