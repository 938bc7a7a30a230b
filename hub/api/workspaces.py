"""The workspaces that one belongs to."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from hub.accounts import Pass, Workspaces, WorkspaceSummary
from hub.api.access import SIGNED_IN
from hub.api.etags import IfMatch, check_match, tagged_by
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.ids import parse
from hub.members import Member, Verb


class NewWorkspace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name, and a slug where the one made from the name will not do."""

    name: str
    slug: str | None = None


class WorkspaceChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may change of a workspace."""

    name: str


class WorkspaceController(Controller):
    """Make, rename, switch and delete workspaces."""

    path = "/workspaces"
    tags = ["workspaces"]

    @get("/", opt={"verb": Verb.READ})
    async def list_workspaces(
        self,
        workspaces: NamedDependency[Workspaces],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[WorkspaceSummary]:
        """List one's workspaces; a key sees its own."""
        return part(await workspaces.list(member), limit, cursor, lambda one: one.id)

    @post("/", opt={"verb": Verb.EDIT_WORKSPACE})
    async def create_workspace(
        self, workspaces: NamedDependency[Workspaces], member: NamedDependency[Member], data: JSONBody[NewWorkspace]
    ) -> Response[WorkspaceSummary]:
        """Make a workspace of one's own."""
        made = await workspaces.create(member, data.name, data.slug)
        return Response(made, status_code=201, headers={"Location": f"/api/v1/workspaces/{made.id}"})

    @get("/{workspace_id:str}", opt={"verb": Verb.READ})
    async def show_workspace(
        self, workspaces: NamedDependency[Workspaces], member: NamedDependency[Member], workspace_id: FromPath[str]
    ) -> Response[WorkspaceSummary]:
        """Show one workspace."""
        found = await workspaces.show(member, parse("wsp", workspace_id))
        return tagged_by(found, found.name)

    @patch("/{workspace_id:str}", opt={"verb": Verb.EDIT_WORKSPACE})
    async def rename_workspace(
        self,
        workspaces: NamedDependency[Workspaces],
        member: NamedDependency[Member],
        workspace_id: FromPath[str],
        data: JSONBody[WorkspaceChange],
        if_match: IfMatch = None,
    ) -> Response[WorkspaceSummary]:
        """Give the current workspace another name."""
        workspace = parse("wsp", workspace_id)
        check_match(if_match, (await workspaces.show(member, workspace)).name)
        renamed = await workspaces.rename(member, workspace, data.name)
        return tagged_by(renamed, renamed.name)

    @post("/{workspace_id:str}/switch", status_code=200, opt={"verb": SIGNED_IN})
    async def switch_workspace(
        self,
        workspaces: NamedDependency[Workspaces],
        member: NamedDependency[Member],
        workspace_id: FromPath[str],
        request: Request[Member, Pass, Any],
    ) -> WorkspaceSummary:
        """Have this session act in another of one's workspaces."""
        workspace = parse("wsp", workspace_id)
        if request.auth.session is None:
            return await workspaces.show(member, workspace)
        return await workspaces.switch(member, request.auth.session, workspace)

    @delete("/{workspace_id:str}", opt={"verb": Verb.EDIT_WORKSPACE})
    async def delete_workspace(
        self,
        workspaces: NamedDependency[Workspaces],
        member: NamedDependency[Member],
        workspace_id: FromPath[str],
        name: FromQuery[str],
    ) -> None:
        """Delete the current workspace and all it holds; `name` must be its exact name."""
        await workspaces.delete(member, parse("wsp", workspace_id), name)


CONTROLLERS = (WorkspaceController,)
