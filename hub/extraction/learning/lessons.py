"""What corrections do with documents: values put right in them, in the jail, and layouts taught by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from hub.errors import InvalidError, NotFoundError, Problem
from hub.extraction.learning.amend import Amended, Amendment, Change
from hub.extraction.learning.editing import entry_of
from hub.extraction.learning.inside import AMEND, LIMITS
from hub.extraction.learning.kept import Subject
from hub.extraction.learning.layouts import Layouts
from hub.extraction.learning.teach import Lesson
from hub.extraction.reading import Reading
from hub.extraction.results import Extraction
from hub.extraction.stored_readings import PREFIX, StoredReadings
from hub.ids import show
from hub.jail import Jail, JailError
from hub.sealing import Vault

_LONGEST_MESSAGE = 1000
# Of a source with many records so many teach.
_MOST_LESSONS = 10


class Lessons:
    """Opens the readings of extractions, amends records by them and lets layouts learn."""

    def __init__(self, *, jail: Jail, vault: Vault, layouts: Layouts) -> None:
        self._jail = jail
        self._readings = StoredReadings(vault)
        self._layouts = layouts

    async def reading(self, workspace: UUID, subject: Subject) -> Reading:
        """Return what was read of the source, or an empty reading when it is no longer kept."""
        nothing = Reading(media_type="", source="", text="")
        if subject.reading is None:
            return nothing
        try:
            return (await self._readings.find(workspace, show(PREFIX, subject.reading))).reading
        except NotFoundError:
            return nothing

    async def amended(
        self, subject: Subject, reading: Reading, extraction: Extraction, changes: Sequence[Change], number: int
    ) -> Amended:
        """Make the changes of one record; InvalidError names every path that cannot be changed so."""
        records = max(1, len(extraction.records))
        if number >= records:
            message = f"The extraction has no record {number}; they are counted from 0."
            raise InvalidError(message, errors=[Problem("record", message)])
        own = tuple(change for change in changes if change.record == number)
        entry = entry_of(extraction, number)
        amendment = Amendment(reading, subject.schema, extraction.file, entry, own, number, records)
        try:
            amended = await self._jail.run(AMEND, amendment, Amended, LIMITS)
        except JailError as error:
            message = "The document is too large or too strange to search."
            raise InvalidError(message) from error
        if amended.problems:
            message = " ".join(dict.fromkeys(problem.message for problem in amended.problems))
            raise InvalidError(message[:_LONGEST_MESSAGE], errors=amended.problems)
        return amended

    async def learn(
        self,
        workspace: UUID,
        subject: Subject,
        reading: Reading,
        corrected: Mapping[int, Collection[str]],
        *,
        confirmed: bool,
    ) -> Subject:
        """Let the layouts of some records learn; a document too strange to learn from teaches nothing."""
        extraction = subject.extraction
        for number in sorted(corrected)[:_MOST_LESSONS]:
            lesson = Lesson(
                reading=reading,
                schema=subject.schema,
                fields=entry_of(extraction, number).fields,
                corrected=frozenset(corrected[number]),
                confirmed=confirmed,
                record=number,
                records=max(1, len(extraction.records)),
            )
            try:
                layout = await self._layouts.learn(workspace, extraction.schema.name, lesson)
            except JailError:
                break
            if layout and not number:
                extraction = msgspec.structs.replace(extraction, layout=layout)
        return msgspec.structs.replace(subject, extraction=extraction)
