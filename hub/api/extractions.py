"""Extractions over REST: a schema applied to a file or a text, with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIFormat
from litestar.params import FromPath

from hub.api.bodies import unparsed
from hub.api.files import LARGEST_UPLOAD, uploaded
from hub.errors import InvalidError, Problem
from hub.extraction import Choice, Extraction, Extractions
from hub.extraction.capturing.pages import Wanted
from hub.extraction.service import Keep
from hub.extraction.templates import Templates
from hub.members import Member, Verb

EngineChoice = Literal["auto", "local", "llm"]
_FORM_FIELDS = ("schema", "engine", "model", "template", "preview", "tags", "settings")


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which schema to apply, to which stored file or to which text, how, and how to keep the result.

    `settings` has everything about engines and reading; `engine` and `model` are short for two of them. A `template`
    brings a schema, settings and tags, of which what is said here goes first. `page` captures as `POST /captures` does,
    `url` is short for it; `reading` is the id of what was read, taken with its corrections.
    """

    schema: str = ""
    template: str | None = None
    file: str | None = None
    text: str | None = None
    url: str | None = None
    page: Wanted | None = None
    reading: str | None = None
    engine: EngineChoice | None = None
    model: str | None = None
    settings: Choice = Choice()
    preview: bool = False
    tags: tuple[str, ...] = ()

    @property
    def choice(self) -> Choice:
        """How to extract."""
        engine, model = self.engine or self.settings.engine, self.model or self.settings.model
        return msgspec.structs.replace(self.settings, engine=engine, model=model)

    @property
    def keep(self) -> Keep:
        """How to keep the result."""
        return Keep(preview=self.preview, tags=self.tags)


@dataclass
class ExtractOperation(Operation):
    """An operation whose body names a file, holds a text, or is a form with a file."""

    def __post_init__(self) -> None:
        """Describe the two kinds of body."""
        text, binary = Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        engine = Schema(type=OpenAPIType.STRING, enum=["auto", "local", "llm"])
        preview = Schema(type=OpenAPIType.BOOLEAN, description="Forget the result after a day unless it is saved.")
        settings = Schema(type=OpenAPIType.OBJECT, description="Engine, model, temperature, limits, reading.")
        both = {
            "schema": text,
            "template": text,
            "engine": engine,
            "model": text,
            "preview": preview,
            "settings": settings,
        }
        tags = Schema(type=OpenAPIType.ARRAY, items=text)
        named = Schema(
            type=OpenAPIType.OBJECT,
            properties={**both, **dict.fromkeys(("file", "text", "url", "reading"), text), "tags": tags},
        )
        form = Schema(type=OpenAPIType.OBJECT, properties={**both, "file": binary, "tags": text}, required=["file"])
        self.request_body = unparsed({"application/json": named, "multipart/form-data": form})


class ExtractionController(Controller):
    """Extract records."""

    path = "/extractions"
    tags = ["extractions"]

    @post("/", opt={"verb": Verb.EXTRACT}, operation_class=ExtractOperation, request_max_body_size=LARGEST_UPLOAD)
    async def create_extraction(
        self,
        extractions: NamedDependency[Extractions],
        templates: NamedDependency[Templates],
        member: NamedDependency[Member],
        request: Request[Member, Any, Any],
    ) -> Response[Extraction]:
        """Apply a schema to a stored file (`file`), a text, a page of the web (`url`), or a file sent in a form."""
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            asked = await _with_template(templates, member, _of_form(await request.form()))
            given = await uploaded(request)
            made = await extractions.extract_upload(member, given, asked.schema, asked.choice, asked.keep)
        else:
            asked = _checked(_decoded(await request.body(), ""))
            made = await _extract_named(extractions, member, await _with_template(templates, member, asked))
        return Response(made, status_code=201, headers={"Location": f"/api/v1/extractions/{made.id}"})

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
    given = [one for one in (asked.file, asked.text, asked.url, asked.page, asked.reading) if one is not None]
    if len(given) != 1:
        message = "Give one of `file`, the id of a stored file, `text`, `url`, `page` or `reading`."
        raise InvalidError(message, errors=[Problem("file", message)])
    page = asked.page or (Wanted(url=asked.url) if asked.url is not None else None)
    if page is not None:
        return await extractions.extract_page(member, page, asked.schema, asked.choice, asked.keep)
    if asked.reading is not None:
        return await extractions.extract_reading(member, asked.reading, asked.schema, asked.choice, asked.keep)
    if asked.file is not None:
        return await extractions.extract_file(member, asked.file, asked.schema, asked.choice, asked.keep)
    return await extractions.extract_text(member, asked.text or "", asked.schema, asked.choice, asked.keep)


async def _with_template(templates: Templates, member: Member, asked: Asked) -> Asked:
    """Fill in what the template says, and ask for a schema where neither says one."""
    if asked.template:
        found = await templates.find(member, asked.template)
        asked = msgspec.structs.replace(
            asked,
            schema=asked.schema or found.schema,
            settings=found.choice(asked.settings),
            tags=(*found.tags, *asked.tags),
        )
    if not asked.schema:
        message = "Say which `schema` to apply, or which `template`."
        raise InvalidError(message, errors=[Problem("schema", message)])
    return asked


def _of_form(form: Mapping[str, Any]) -> Asked:
    words: dict[str, Any] = {name: form[name] for name in _FORM_FIELDS if isinstance(form.get(name), str)}
    if "tags" in words:
        words["tags"] = words["tags"].split(",")
    if "preview" in words:
        words["preview"] = words["preview"].lower() in {"1", "true", "yes", "on"}
    if "settings" in words:
        words["settings"] = _decoded(words["settings"].encode(), "settings")
    return _checked(words)


def _decoded(text: bytes, path: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        what = f"`{path}`" if path else "The body"
        raise InvalidError(f"{what} cannot be read as JSON.", errors=[Problem(path, str(error))]) from error


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
