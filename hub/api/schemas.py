"""Schemas over REST: the starters, and the workspace's own with their versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Operation, Schema
from litestar.params import FromPath, JSONBody, QueryParameter, RawBody

from hub.api.bodies import YAML, unparsed
from hub.api.etags import IfMatch, created, expected_revision, tagged
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.documents import Difference, VersionSummary
from hub.extraction import Schemas, SchemaSummary, SchemaView, build_schema, dump_schema, to_json_schema
from hub.extraction.schemas.suggest import Suggestion
from hub.extraction.schemas.suggestions import SampleDocuments, Suggestions
from hub.members import Member, Verb

Search = Annotated[str, QueryParameter(name="q", description="Part of a name, title or label.")]
Before = Annotated[int, QueryParameter(name="from", description="The earlier version.")]
After = Annotated[int, QueryParameter(name="to", description="The later version.")]

First = Annotated[str, QueryParameter(description="A schema by id or name, `invoice@2` for a version.")]
Second = Annotated[str, QueryParameter(description="The schema to compare it with.")]
Note = Annotated[str, QueryParameter(description="What is new, for the list of versions.")]
Activate = Annotated[
    bool, QueryParameter(description="False stores a version to be tried as `name@version`, and changes nothing else.")
]


class Copy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the copy is called, and why it was made."""

    name: str
    note: str = ""


@dataclass
class SchemaOperation(Operation):
    """An operation whose body is a schema document or a JSON Schema."""

    def __post_init__(self) -> None:
        """Describe the body, which Litestar does not parse."""
        document = Schema(type=OpenAPIType.OBJECT, description="A schema, or a JSON Schema.")
        self.request_body = unparsed({"application/json": document, YAML: document})


class SchemaController(Controller):
    """Keep extraction schemas."""

    path = "/schemas"
    tags = ["schemas"]

    @get("/", opt={"verb": Verb.READ})
    async def list_schemas(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        search: Search = "",
    ) -> Page[SchemaSummary]:
        """List schemas: the starters, then the workspace's own by name."""
        found = await schemas.list(member, limit=limit, cursor=cursor, search=search)
        return Page(found.items, found.cursor)

    @post("/", opt={"verb": Verb.EDIT_SCHEMAS}, operation_class=SchemaOperation)
    async def create_schema(
        self, schemas: NamedDependency[Schemas], member: NamedDependency[Member], body: RawBody, note: Note = ""
    ) -> Response[SchemaView]:
        """Store a new schema as version 1; one with problems is refused, what is lost of a JSON Schema is named."""
        return _made(await schemas.create(member, _text(body), note))

    @post("/suggest", opt={"verb": Verb.EXTRACT}, status_code=200)
    async def suggest_schema(
        self,
        suggestions: NamedDependency[Suggestions],
        member: NamedDependency[Member],
        data: JSONBody[SampleDocuments],
    ) -> Suggestion:
        """Suggest a schema from documents of one kind; nothing is stored."""
        return await suggestions.suggest(member, data)

    @get("/compare", opt={"verb": Verb.READ})
    async def compare_schemas(
        self, schemas: NamedDependency[Schemas], member: NamedDependency[Member], first: First, second: Second
    ) -> Page[Difference]:
        """Show what differs between two schemas, attribute by attribute."""
        return Page(await schemas.compare(member, first, second))

    @get("/{schema_id:str}", opt={"verb": Verb.READ})
    async def show_schema(
        self, schemas: NamedDependency[Schemas], member: NamedDependency[Member], schema_id: FromPath[str]
    ) -> Response[SchemaView]:
        """Show a schema by id or name."""
        view = await schemas.find(member, schema_id)
        return tagged(view, view.revision)

    @put("/{schema_id:str}", opt={"verb": Verb.EDIT_SCHEMAS}, operation_class=SchemaOperation)
    async def save_schema(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        body: RawBody,
        if_match: IfMatch = None,
        note: Note = "",
        activate: Activate = True,
    ) -> Response[SchemaView]:
        """Make a new version, or store the schema when there is none of this name; unchanged, its version stays."""
        view = await schemas.put(
            member, schema_id, _text(body), revision=expected_revision(if_match), note=note, activate=activate
        )
        return tagged(view, view.revision)

    @delete("/{schema_id:str}", opt={"verb": Verb.EDIT_SCHEMAS})
    async def delete_schema(
        self, schemas: NamedDependency[Schemas], member: NamedDependency[Member], schema_id: FromPath[str]
    ) -> None:
        """Take a schema away; extractions keep the version they were made with."""
        await schemas.remove(member, schema_id)

    @get("/{schema_id:str}/export", opt={"verb": Verb.READ}, media_type=YAML)
    async def export_schema(
        self, schemas: NamedDependency[Schemas], member: NamedDependency[Member], schema_id: FromPath[str]
    ) -> str:
        """Write a schema as YAML, always in the same way."""
        view = await schemas.find(member, schema_id)
        return dump_schema(build_schema(view.document))

    @get("/{schema_id:str}/json-schema", opt={"verb": Verb.READ}, media_type="application/schema+json")
    async def json_schema(
        self, schemas: NamedDependency[Schemas], member: NamedDependency[Member], schema_id: FromPath[str]
    ) -> dict[str, Any]:
        """Write a schema as JSON Schema, for other programs."""
        view = await schemas.find(member, schema_id)
        return to_json_schema(build_schema(view.document))

    @get("/{schema_id:str}/versions", opt={"verb": Verb.READ})
    async def list_versions(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[VersionSummary]:
        """List the versions of a schema, newest first."""
        found = await schemas.versions(member, schema_id, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @get("/{schema_id:str}/versions/compare", opt={"verb": Verb.READ})
    async def compare_versions(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        before: Before,
        after: After,
    ) -> Page[Difference]:
        """Show what differs between two versions, attribute by attribute."""
        return Page(await schemas.compare(member, f"{schema_id}@{before}", f"{schema_id}@{after}"))

    @get("/{schema_id:str}/versions/{number:int}", opt={"verb": Verb.READ})
    async def show_version(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        number: FromPath[int],
    ) -> SchemaView:
        """Show a schema as one version had it."""
        return await schemas.version(member, schema_id, number)

    @post("/{schema_id:str}/versions/{number:int}/activate", opt={"verb": Verb.EDIT_SCHEMAS}, status_code=200)
    async def activate_version(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        number: FromPath[int],
    ) -> SchemaView:
        """Let extractions use a version from now on."""
        return await schemas.activate(member, schema_id, number)

    @post("/{schema_id:str}/versions/{number:int}/restore", opt={"verb": Verb.EDIT_SCHEMAS}, status_code=200)
    async def restore_version(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        number: FromPath[int],
        note: Note = "",
    ) -> SchemaView:
        """Make a new version that says what an earlier one said."""
        return await schemas.restore(member, schema_id, number, note)

    @post("/{schema_id:str}/versions/{number:int}/branch", opt={"verb": Verb.EDIT_SCHEMAS})
    async def branch_version(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        number: FromPath[int],
        data: JSONBody[Copy],
    ) -> Response[SchemaView]:
        """Store a version under another name, to experiment with."""
        return _made(await schemas.duplicate(member, schema_id, data.name, number=number, note=data.note))

    @post("/{schema_id:str}/duplicate", opt={"verb": Verb.EDIT_SCHEMAS})
    async def duplicate_schema(
        self,
        schemas: NamedDependency[Schemas],
        member: NamedDependency[Member],
        schema_id: FromPath[str],
        data: JSONBody[Copy],
    ) -> Response[SchemaView]:
        """Store a copy under another name; a starter becomes a schema of the workspace that can be changed."""
        return _made(await schemas.duplicate(member, schema_id, data.name, note=data.note))


def _made(view: SchemaView) -> Response[SchemaView]:
    return created(view, view.revision, f"schemas/{view.id}")


def _text(body: bytes) -> str:
    """Read the body as text; what is none is refused with the rest."""
    return body.decode("utf-8", "replace")


CONTROLLERS = [SchemaController]
