"""Readings over REST: what the hub sees of a source before anything is extracted, and people's corrections of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.etags import IfMatch, created, expected_revision, tagged
from hub.extraction.correcting import MOST_CHANGES, Change
from hub.extraction.readers.options import Crop, Options, Recognition
from hub.extraction.readings import Readings
from hub.extraction.views import ReadingView
from hub.members import Member, Verb


class WantedReading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stored file and how to read it; the password is used for this reading and kept nowhere."""

    file: str
    language: str | tuple[str, ...] = ()
    password: str | None = None
    pages: tuple[int, int] | None = None
    rotate: Literal[0, 90, 180, 270] = 0
    crop: Crop | None = None
    ocr: Recognition = "auto"
    selector: str | None = None

    def __repr__(self) -> str:
        return f"WantedReading(file={self.file!r}, {self.options!r})"

    @property
    def options(self) -> Options:
        """The way of reading."""
        return Options(**{name: getattr(self, name) for name in Options.__struct_fields__ if hasattr(self, name)})


class Corrections(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes that are made together, each told against the reading as its `ETag` names it."""

    changes: Annotated[list[Change], msgspec.Meta(max_length=MOST_CHANGES)]


class ReadingController(Controller):
    """Read files, look at what was read, and put it right."""

    path = "/readings"
    tags = ["readings"]

    @post("/", opt={"verb": Verb.EXTRACT})
    async def create_reading(
        self, readings: NamedDependency[Readings], member: NamedDependency[Member], data: JSONBody[WantedReading]
    ) -> Response[ReadingView]:
        """Read a stored file without extracting; a file that was read in this way before is not read again."""
        view = await readings.of_file(member, data.file, data.options)
        return created(view, view.revision, f"readings/{view.id}")

    @get("/{reading_id:str}", opt={"verb": Verb.READ})
    async def show_reading(
        self, readings: NamedDependency[Readings], member: NamedDependency[Member], reading_id: FromPath[str]
    ) -> Response[ReadingView]:
        """Show text, pages, words with their places, and tables, corrections included."""
        view = await readings.find(member, reading_id)
        return tagged(view, view.revision)

    @patch("/{reading_id:str}", opt={"verb": Verb.REVIEW})
    async def correct_reading(
        self,
        readings: NamedDependency[Readings],
        member: NamedDependency[Member],
        reading_id: FromPath[str],
        data: JSONBody[Corrections],
        if_match: IfMatch = None,
    ) -> Response[ReadingView]:
        """Change words, lines or pages; later extractions use the corrected text."""
        view = await readings.correct(member, reading_id, data.changes, expected_revision(if_match))
        return tagged(view, view.revision)

    @delete("/{reading_id:str}/corrections", opt={"verb": Verb.REVIEW}, status_code=200)
    async def restore_reading(
        self,
        readings: NamedDependency[Readings],
        member: NamedDependency[Member],
        reading_id: FromPath[str],
        if_match: IfMatch = None,
    ) -> Response[ReadingView]:
        """Drop all corrections."""
        view = await readings.restore(member, reading_id, expected_revision(if_match))
        return tagged(view, view.revision)


CONTROLLERS = [ReadingController]
