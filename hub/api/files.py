"""Files over REST: uploads kept sealed, downloads that no browser runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIFormat
from litestar.params import FromPath, QueryParameter

from hub.api.bodies import unparsed
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.errors import InvalidError, Problem
from hub.files import Files, FileSummary, Upload
from hub.members import Member, Verb

# The operator's own limit, `MAX_UPLOAD_MB`, is checked by the service.
LARGEST_UPLOAD = 1024 * 1024 * 1024

Search = Annotated[str, QueryParameter(name="q", description="Part of a name.")]
Name = Annotated[str | None, QueryParameter(description="Name of the file, where the body is its content.")]


@dataclass
class UploadOperation(Operation):
    """An operation whose body is a file, as a form or as it is."""

    def __post_init__(self) -> None:
        """Describe the body, which Litestar does not parse."""
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="The file.")
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        self.request_body = unparsed({"multipart/form-data": form, "application/octet-stream": file})


class FileController(Controller):
    """Keep files."""

    path = "/files"
    tags = ["files"]

    @get("/", opt={"verb": Verb.READ})
    async def list_files(
        self,
        files: NamedDependency[Files],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        search: Search = "",
    ) -> Page[FileSummary]:
        """List files, newest first."""
        found = await files.list(member, limit=limit, cursor=cursor, search=search)
        return Page(found.files, found.cursor)

    @post("/", opt={"verb": Verb.UPLOAD}, operation_class=UploadOperation, request_max_body_size=LARGEST_UPLOAD)
    async def upload_file(
        self,
        files: NamedDependency[Files],
        member: NamedDependency[Member],
        request: Request[Member, Any, Any],
        name: Name = None,
    ) -> Response[FileSummary]:
        """Keep a file, sent as the field `file` of a form or as the body."""
        given = await uploaded(request, name)
        summary = await files.store(member, given.name, given.media_type, given.content)
        return Response(summary, status_code=201, headers={"Location": f"/api/v1/files/{summary.id}"})

    @get("/{file_id:str}", opt={"verb": Verb.READ})
    async def show_file(
        self, files: NamedDependency[Files], member: NamedDependency[Member], file_id: FromPath[str]
    ) -> FileSummary:
        """Tell what is known about a file."""
        return await files.describe(member, file_id)

    @get("/{file_id:str}/content", opt={"verb": Verb.READ}, media_type="application/octet-stream")
    async def download_file(
        self, files: NamedDependency[Files], member: NamedDependency[Member], file_id: FromPath[str]
    ) -> Response[bytes]:
        """Send the content of a file, to be saved and never shown in place."""
        summary = await files.describe(member, file_id)
        content = await files.open(member, file_id)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(summary.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        }
        return Response(content, media_type="application/octet-stream", headers=headers)

    @delete("/{file_id:str}", opt={"verb": Verb.EDIT_DATASETS})
    async def delete_file(
        self, files: NamedDependency[Files], member: NamedDependency[Member], file_id: FromPath[str]
    ) -> None:
        """Delete a file's content; that it was there stays known."""
        await files.delete(member, file_id)


async def uploaded(request: Request[Any, Any, Any], name: str | None = None) -> Upload:
    """Take the file out of a request: the field `file` of a form, else the body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        given = (await request.form()).get("file")
        if not isinstance(given, UploadFile):
            message = "The form has no field `file` with a file."
            raise InvalidError(message, errors=[Problem("file", message)])
        return Upload(name=given.filename, media_type=given.content_type, content=await given.read())
    content = await request.body()
    if not content:
        raise InvalidError("The body is empty.", errors=[Problem("", "Send the file as the body or in a form.")])
    return Upload(name=name or "file", media_type=kind or "application/octet-stream", content=content)


CONTROLLERS = [FileController]
