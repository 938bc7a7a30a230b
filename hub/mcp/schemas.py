"""Tools for schemas: what can be extracted, and proposals for what should be."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction import Schemas, SchemaSummary, SchemaView
from hub.extraction.schemas.suggestions import SampleDocuments, Suggestions
from hub.mcp.paging import Page
from hub.mcp.tools import ADDS, Cursor, Limit, tool
from hub.members import Member, Verb

Search = Annotated[str, msgspec.Meta(description="Part of a name, title or label.")]
Reference = Annotated[
    str, msgspec.Meta(description="Name or id from list_schemas, such as `invoice`; `invoice@2` for a version.")
]
Written = Annotated[
    dict[str, Any] | str | None,
    msgspec.Meta(description="The schema: a JSON Schema, or a document like those get_schema returns."),
]
Texts = Annotated[tuple[str, ...], msgspec.Meta(max_length=20, description="Texts of sample documents of one kind.")]
FileIds = Annotated[tuple[str, ...], msgspec.Meta(max_length=20, description="Ids of stored sample files, `fil_…`.")]
Name = Annotated[str, msgspec.Meta(description="Name of a schema made of samples: small letters, digits, hyphens.")]
Note = Annotated[str, msgspec.Meta(description="Why it is proposed, for the person who decides.")]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A stored proposal: nothing uses it until a person activates this version."""

    schema: SchemaView
    try_as: str
    next_step: str


@tool("List schemas", Verb.READ)
async def list_schemas(
    schemas: Schemas, member: Member, *, search: Search = "", limit: Limit = 20, cursor: Cursor = None
) -> Page[SchemaSummary]:
    """List the extraction schemas of this workspace: the kinds of documents that records can be extracted from.

    Start here before extracting. Each entry has the name to pass on as `schema`. Starter schemas (`starter: true`), as
    invoice, receipt and contract are, are always there. For the fields of one, call get_schema.
    """
    found = await schemas.list(member, limit=limit, cursor=cursor, search=search)
    return Page(found.items, found.cursor)


@tool("Show a schema", Verb.READ)
async def get_schema(schemas: Schemas, member: Member, *, schema: Reference) -> SchemaView:
    """Show one schema with its fields, their types and rules, as a document that propose_schema takes back changed."""
    return await schemas.find(member, schema)


@tool("Propose a schema", Verb.EDIT_SCHEMAS, ADDS)
async def propose_schema(
    schemas: Schemas,
    suggestions: Suggestions,
    member: Member,
    *,
    document: Written = None,
    texts: Texts = (),
    files: FileIds = (),
    name: Name = "suggested",
    note: Note = "",
) -> Proposal:
    """Propose a new schema, or a new version of one of this workspace. Extractions go on as before.

    Give either `document`, or sample `texts` or `files` of one kind from which fields are suggested. The proposal is
    stored as a version that a person has to activate; until then it can be tried with extract_text under the name in
    `try_as`. You cannot activate it yourself.
    """
    if document is None:
        if not texts and not files:
            message = "Give the schema as `document`, or sample `texts` or `files` to make one of."
            raise InvalidError(message, errors=[Problem("document", message)])
        found = await suggestions.suggest(member, SampleDocuments(name=name, texts=list(texts), files=list(files)))
        document = found.document
    text = document if isinstance(document, str) else msgspec.json.encode(document).decode()
    view = await schemas.propose(member, text, note)
    return Proposal(
        schema=view,
        try_as=f"{view.name}@{view.version}",
        next_step=f"A person accepts it: POST /api/v1/schemas/{view.name}/versions/{view.version}/activate.",
    )


TOOLS = (list_schemas, get_schema, propose_schema)
