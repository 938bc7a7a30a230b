"""Extractions over REST: a schema applied to a file or a text, with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat
from litestar.params import FromPath, QueryParameter

from hub.api.files import LARGEST_UPLOAD, uploaded
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.errors import InvalidError, Problem
from hub.extraction import Choice, Extraction, Extractions, ExtractionSummary
from hub.members import Member, Verb

OfSchema = Annotated[str | None, QueryParameter(name="schema", description="Only those made with this schema.")]
EngineChoice = Literal["auto", "local", "llm"]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which schema to apply, to which stored file or to which text."""

    schema: str
    file: str | None = None
    text: str | None = None
    engine: EngineChoice = "auto"
    model: str | None = None

    @property
    def choice(self) -> Choice:
        """Who is to extract."""
        return Choice(engine=self.engine, model=self.model)


@dataclass
class ExtractOperation(Operation):
    """An operation whose body names a file, holds a text, or is a form with a file."""

    def __post_init__(self) -> None:
        """Describe the two kinds of body."""
        text, binary = Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        engine = Schema(type=OpenAPIType.STRING, enum=["auto", "local", "llm"])
        named = Schema(
            type=OpenAPIType.OBJECT,
            properties={"schema": text, "file": text, "text": text, "engine": engine, "model": text},
            required=["schema"],
        )
        form = Schema(
            type=OpenAPIType.OBJECT,
            properties={"schema": text, "file": binary, "engine": engine, "model": text},
            required=["schema", "file"],
        )
        content = {
            "application/json": OpenAPIMediaType(schema=named),
            "multipart/form-data": OpenAPIMediaType(schema=form),
        }
        self.request_body = RequestBody(content=content, required=True)


class ExtractionController(Controller):
    """Extract records and look at them."""

    path = "/extractions"
    tags = ["extractions"]

    @post("/", opt={"verb": Verb.EXTRACT}, operation_class=ExtractOperation, request_max_body_size=LARGEST_UPLOAD)
    async def create_extraction(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        request: Request[Member, Any, Any],
    ) -> Response[Extraction]:
        """Apply a schema to a stored file (`file`), a text (`text`), or a file sent in a form."""
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            made = await _extract_upload(extractions, member, request)
        else:
            made = await _extract_named(extractions, member, _asked(await request.body()))
        return Response(made, status_code=201, headers={"Location": f"/api/v1/extractions/{made.id}"})

    @get("/", opt={"verb": Verb.READ})
    async def list_extractions(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        schema: OfSchema = None,
    ) -> Page[ExtractionSummary]:
        """List extractions, newest first."""
        found = await extractions.list(member, limit=limit, cursor=cursor, schema=schema)
        return Page(found.items, found.cursor)

    @get("/{extraction_id:str}", opt={"verb": Verb.READ})
    async def show_extraction(
        self,
        extractions: NamedDependency[Extractions],
        member: NamedDependency[Member],
        extraction_id: FromPath[str],
    ) -> Extraction:
        """Show an extraction with its values and where they stand."""
        return await extractions.find(member, extraction_id)


async def _extract_named(extractions: Extractions, member: Member, asked: Asked) -> Extraction:
    if (asked.file is None) == (asked.text is None):
        message = "Give either `file`, the id of a stored file, or `text`."
        raise InvalidError(message, errors=[Problem("file", message)])
    if asked.file is not None:
        return await extractions.extract_file(member, asked.file, asked.schema, asked.choice)
    return await extractions.extract_text(member, asked.text or "", asked.schema, asked.choice)


async def _extract_upload(extractions: Extractions, member: Member, request: Request[Member, Any, Any]) -> Extraction:
    form: Mapping[str, Any] = await request.form()
    words = {name: form[name] for name in ("schema", "engine", "model") if isinstance(form.get(name), str)}
    asked = _checked(words)
    given = await uploaded(request)
    return await extractions.extract_upload(
        member, given.name, given.media_type, given.content, asked.schema, asked.choice
    )


def _asked(body: bytes) -> Asked:
    try:
        return _checked(msgspec.json.decode(body))
    except msgspec.DecodeError as error:
        raise InvalidError("The body is no JSON.", errors=[Problem("", str(error))]) from error


def _checked(plain: object) -> Asked:
    try:
        return msgspec.convert(plain, Asked)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        problem = Problem(path.strip("`.") or _missing(message), f"{message}.")
        raise InvalidError("This cannot be extracted as asked.", errors=[problem]) from error


def _missing(message: str) -> str:
    """Name the field that a message says is missing or unknown."""
    parts = message.split("`")
    return parts[1] if len(parts) > 1 else ""


CONTROLLERS = [ExtractionController]
