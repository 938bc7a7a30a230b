"""Files that were dropped and how each shall be read, before anything is extracted from them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.extraction import Choice
from hub.extraction.batches.shapes import NewBatch
from hub.extraction.readers.options import Options
from hub.files import FileSummary


class Taken(msgspec.Struct, kw_only=True):
    """One file: how it is to be read, and what came of it."""

    file: FileSummary
    reading: Options = Options()
    state: str = "ready"
    message: str = ""
    extraction: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether it can be cropped and turned before it is read."""
        return self.file.media_type.startswith("image/") or self.file.media_type == "application/pdf"

    @property
    def asks_password(self) -> bool:
        """Whether it failed because it is locked."""
        return self.state == "failed" and "password" in self.message.lower()


class Intake:
    """What was chosen for all files, and the files."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.engine = "auto"
        self.language = ""
        self.vision = False
        self.preview = False
        self.against = ""
        self.settings = Choice()
        self.files: list[Taken] = []

    def choice(self, taken: Taken | None = None) -> Choice:
        """Return the settings for a file, or those that all files share."""
        reading = taken.reading if taken else Options()
        shared = self.settings.reading
        reading = msgspec.structs.replace(
            shared,
            language=self.language or shared.language,
            password=reading.password,
            rotate=reading.rotate or shared.rotate,
            crop=reading.crop or shared.crop,
        )
        return msgspec.structs.replace(self.settings, engine=self.engine, vision=self.vision, reading=reading)

    @property
    def waiting(self) -> Sequence[Taken]:
        """The files of which nothing was made yet."""
        return [one for one in self.files if one.state in {"ready", "failed"}]

    def as_batch(self) -> NewBatch | None:
        """Return the batch that does them all; None when there is one only, or one is to be read in its own way."""
        waiting = self.waiting
        alike = not any(one.reading != Options() or one.state == "failed" for one in waiting)
        if not alike or self.preview or (len(waiting) < 2 and not self.against):
            return None
        against = msgspec.structs.replace(self.choice(), engine=self.against) if self.against else None
        files = [one.file.id for one in waiting]
        return NewBatch(schema=self.schema, files=files, settings=self.choice(), against=against)
