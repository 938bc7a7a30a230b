"""Importing over REST: an export of n8n, Zapier or Node-RED becomes drafts and an honest list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Operation, Schema
from litestar.params import QueryParameter, RawBody

from hub.api.bodies import unparsed
from hub.foreign.service import Imported, Imports
from hub.members import Member, Verb

DryRun = Annotated[bool, QueryParameter(name="dry_run", description="Only show what would be made.")]
Only = Annotated[
    list[int] | None, QueryParameter(name="only", description="Which of several recipes, by their place from 0.")
]


@dataclass
class ExportOperation(Operation):
    """An operation whose body is a file that another tool exported."""

    def __post_init__(self) -> None:
        """Describe the body, which Litestar does not parse."""
        export = Schema(description="A workflow of n8n, a zapfile.json, or nodes of Node-RED.")
        archive = Schema(description="The archive that holds zapfile.json.")
        self.request_body = unparsed({"application/json": export, "application/zip": archive})


class ImportController(Controller):
    """Bring recipes along from other tools."""

    path = "/recipes/import"
    tags = ["recipes"]

    @post("/", status_code=200, opt={"verb": Verb.EDIT_RECIPES}, operation_class=ExportOperation)
    async def import_recipes(
        self,
        imports: NamedDependency[Imports],
        member: NamedDependency[Member],
        body: RawBody,
        dry_run: DryRun = False,
        only: Only = None,
    ) -> Imported:
        """Make drafts of an export of n8n, Zapier or Node-RED, and list what did not translate.

        Nothing is ever published. Code, credentials and what has no counterpart stay behind; the list says where each
        stood, what it did, why it did not come along and what to do instead.
        """
        return await imports.bring(member, body, dry=dry_run, only=only)


CONTROLLERS = (ImportController,)
