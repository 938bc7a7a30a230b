"""Chat services: how the bots fare, and what Slack needs to know of this hub."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.identities import Carriers, CarrierSummary, Way
from hub.members import Member, Verb


class CarrierController(Controller):
    """Show which chat services are set up and connected."""

    path = "/carriers"
    tags = ["identities"]

    @get("/", opt={"verb": Verb.READ})
    async def list_carriers(
        self,
        carriers: NamedDependency[Carriers],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[CarrierSummary]:
        """List the chat services: not set up, starting, connected, or refused and why."""
        return part(await carriers.list(member), limit, cursor, lambda one: one.name)

    @get("/slack/manifest", opt={"verb": Verb.READ}, media_type="application/yaml")
    async def slack_manifest(
        self,
        carriers: NamedDependency[Carriers],
        member: NamedDependency[Member],
        way: Annotated[
            Way | None, QueryParameter(description="`http`: Slack calls the hub; `socket`: the hub calls Slack.")
        ] = None,
    ) -> Response[str]:
        """Download the manifest of this hub's Slack app, to paste where Slack makes apps."""
        named = {"Content-Disposition": 'attachment; filename="patchdeck-slack.yaml"'}
        return Response(carriers.slack_manifest(member, way), headers=named, media_type="application/yaml")


CONTROLLERS = (CarrierController,)
