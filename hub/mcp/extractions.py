"""Tools that extract records from texts, files and pages of the web."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated, Literal

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction import Choice, Extraction, Extractions, Schemas
from hub.extraction.capturing.pages import Wanted
from hub.files import Upload
from hub.mcp.calls import Call, InputRequiredError
from hub.mcp.portions import of_record
from hub.mcp.tools import ADDS, Effect, tool
from hub.members import Member, Verb

MOST_CHOICES = 50
READING = "Reading and extracting"

EngineName = Literal["auto", "local", "llm"]
Engine = Annotated[
    EngineName,
    msgspec.Meta(description="`local` uses rules only, `llm` a language model; `auto` lets the hub decide."),
]
SchemaName = Annotated[
    str, msgspec.Meta(description="Name from list_schemas, such as `invoice`. Needed; left out, the person is asked.")
]
Text = Annotated[str, msgspec.Meta(description="The text of one document, as it is.")]
File = Annotated[str | None, msgspec.Meta(description="Id of a stored file, `fil_…`; or give `content_base64`.")]
Content = Annotated[str | None, msgspec.Meta(description="The file itself in Base64; larger ones are uploaded first.")]
FileName = Annotated[str, msgspec.Meta(max_length=255, description="Name of the file with its ending.")]
Address = Annotated[str, msgspec.Meta(description="Address of a public page or file, with http:// or https://.")]
Reference = Annotated[str, msgspec.Meta(description="Id of an extraction, `ext_…`.")]
RecordNumber = Annotated[int, msgspec.Meta(ge=0, description="Which of several records to show, from 0.")]
Offset = Annotated[int, msgspec.Meta(ge=0, description="How many rows of the record's tables to leave out before.")]


@tool("Extract from a text", Verb.EXTRACT, ADDS, foreign=True)
async def extract_text(
    extractions: Extractions,
    schemas: Schemas,
    member: Member,
    call: Call,
    *,
    text: Text,
    schema: SchemaName = "",
    engine: Engine = "auto",
) -> Extraction:
    """Extract a record from the text of a document: typed values, each with confidence and where it stands.

    Values that are not in the text are null; nothing is invented. Look at `problems` and at low `confidence` before you
    rely on a value. The result is kept; get_extraction shows it again by its `id`.
    """
    named = await _named(schemas, member, schema)
    async with call.waiting(READING):
        return await extractions.extract_text(member, text, named, Choice(engine=engine))


@tool("Extract from a file", Verb.EXTRACT, ADDS, foreign=True)
async def extract_file(
    extractions: Extractions,
    schemas: Schemas,
    member: Member,
    call: Call,
    *,
    file: File = None,
    content_base64: Content = None,
    name: FileName = "document",
    schema: SchemaName = "",
    engine: Engine = "auto",
) -> Extraction:
    """Extract records from a file: PDF, scan or photo, office document, mail, web page, archive, recording.

    Give the id of a stored file as `file`, or the content as `content_base64` with its `name`. Scans are recognised,
    which can take a minute; several records in one file come as `records` with a part of `parts` each.
    """
    upload = None if content_base64 is None else _upload(name, content_base64)
    if (file is None) == (upload is None):
        message = "Give either `file`, the id of a stored file, or `content_base64`."
        raise InvalidError(message, errors=[Problem("file", message)])
    named = await _named(schemas, member, schema)
    async with call.waiting(READING):
        if upload is not None:
            return await extractions.extract_upload(member, upload, named, Choice(engine=engine))
        return await extractions.extract_file(member, str(file), named, Choice(engine=engine))


@tool("Extract from a web page", Verb.EXTRACT, Effect(outside=True), foreign=True)
async def extract_url(
    extractions: Extractions,
    schemas: Schemas,
    member: Member,
    call: Call,
    *,
    url: Address,
    schema: SchemaName = "",
    engine: Engine = "auto",
) -> Extraction:
    """Fetch a public page or file of the web, keep it as a file, and extract a record from it.

    Addresses inside the hub's own network are refused.
    """
    named = await _named(schemas, member, schema)
    async with call.waiting("Fetching, reading and extracting"):
        return await extractions.extract_page(member, Wanted(url=url), named, Choice(engine=engine))


@tool("Show an extraction", Verb.READ, foreign=True)
async def get_extraction(
    extractions: Extractions,
    member: Member,
    *,
    extraction: Reference,
    record: RecordNumber = 0,
    offset: Offset = 0,
) -> Extraction:
    """Show one record of an extraction with its fields, confidence and evidence.

    Use `record` for the others of a source with several, and `offset` to read on in long tables of a record. Paths of
    fields, such as `lines[40].amount`, keep the row's number in the whole table.
    """
    return of_record(await extractions.find(member, extraction), record, offset)


async def _named(schemas: Schemas, member: Member, schema: str) -> str:
    """Return the schema's name, or have the person asked for it."""
    if schema:
        return schema
    member.authorize(Verb.EXTRACT)
    found = await schemas.list(member, limit=MOST_CHOICES)
    names = [one.name for one in found.items]
    raise InputRequiredError("schema", "What kind of document is this? Name a schema.", names)


def _upload(name: str, content: str) -> Upload:
    try:
        decoded = b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        message = "This is not Base64."
        raise InvalidError(message, errors=[Problem("content_base64", message)]) from error
    if not decoded:
        message = "The file is empty."
        raise InvalidError(message, errors=[Problem("content_base64", message)])
    return Upload(name=name, media_type="application/octet-stream", content=decoded)


TOOLS = (extract_text, extract_file, extract_url, get_extraction)
