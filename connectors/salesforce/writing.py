"""Many records to write: looked up together, sent together, and each told what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.salesforce.connection import Connection
from connectors.salesforce.fields import alike
from connectors.salesforce.records import Records
from connectors.salesforce.saving import Saved, save
from connectors.salesforce.settings import Write
from connectors.sdk import Change, ConnectorError, Context, Receipt, Record, Rejected, SettingsError, TemporaryError
from connectors.sdk.records.entries import Entry, Writing


class Line:
    """One record to write, how it stands at Salesforce, and what became of it."""

    def __init__(self, writing: Writing, record: Record) -> None:
        self.writing = writing
        self.record = record
        self.values: dict[str, Any] = {}
        self.standing: Entry | None = None
        self.outcome: Receipt | Rejected | None = None
        self.error: ConnectorError | None = None
        self.sent = True

    def refuse(self, error: ConnectorError, *, sent: bool = True) -> None:
        """Note why it was not written; what was not `sent` was certainly not, whatever became of others."""
        self.error, self.sent = error, sent
        self.outcome = Rejected(message=error.message, kind=error.word)
        if isinstance(error, TemporaryError):
            uncertain = error.uncertain and sent
            self.outcome = msgspec.structs.replace(self.outcome, retry_after=error.retry_after, uncertain=uncertain)


class Batch:
    """The records of one call, in rounds: those with one key go one after another."""

    def __init__(self, context: Context[Connection, Write], records: Records) -> None:
        self._context = context
        self._settings = context.settings
        self._records = records
        self._failed: ConnectorError | None = None

    @classmethod
    async def prepare(cls, context: Context[Connection, Write], records: Sequence[Record]) -> Batch:
        """Look up the fields of the object."""
        settings = context.settings
        names = dict.fromkeys([*(name for record in records for name in record.values), *filter(None, [settings.key])])
        return cls(context, await Records.prepare(context, tuple(names)))

    async def preview(self, records: Sequence[Record]) -> list[list[Change]]:
        """Compare records with those that have their keys."""
        for record in records:
            self._records.plain(record.values)
        await self._look_up(records)
        return [await self._writing(record).preview() for record in records]

    async def find(self, record: Record) -> Receipt | None:
        """Look for a record as it was to be written."""
        self._records.plain(record.values)
        return await self._writing(record).find()

    async def write(self, records: Sequence[Record]) -> list[Receipt | Rejected]:
        """Write records; one that is refused does not hold up the others."""
        lines = [Line(self._writing(record), record) for record in records]
        for line in lines:
            try:
                line.values = self._records.plain(line.record.values)
                self._require_key(line.values)
            except ConnectorError as error:
                line.refuse(error)
        for part in self._rounds([line for line in lines if line.outcome is None]):
            if self._failed is None:
                await self._write_round(part)
        for line in lines:
            if line.outcome is None and self._failed is not None:
                line.refuse(self._failed, sent=False)
        if self._failed is not None and all(
            line.error is self._failed and line.sent is lines[0].sent for line in lines
        ):
            raise self._failed
        return [line.outcome for line in lines if line.outcome is not None]

    def _writing(self, record: Record) -> Writing:
        return Writing(self._records, self._settings.mode, self._settings.key, record)

    async def _look_up(self, records: Sequence[Record]) -> None:
        """Learn which records have the keys, in as few queries as that takes."""
        key = self._settings.key
        if key and self._settings.mode != "insert":
            await self._records.learn(key, [record.values.get(key) for record in records])

    async def _write_round(self, lines: Sequence[Line]) -> None:
        """Write lines of different keys, as far as no request fails as a whole."""
        try:
            await self._look_up([line.record for line in lines])
        except ConnectorError as error:
            self._failed = error
            return
        for line in lines:
            try:
                line.standing = await line.writing.standing()
                self._require_addable(line)
            except ConnectorError as error:
                line.refuse(error)
        sound = [line for line in lines if line.outcome is None]
        key = self._settings.key
        if self._settings.mode == "upsert" and self._records.field(key).external_id:
            await self._save("PATCH", key, sound, [self._records.body(line.values) for line in sound])
            return
        standing = [(line, line.standing.id) for line in sound if line.standing is not None]
        changes = [{"id": found, **self._records.body(self._without_key(line.values))} for line, found in standing]
        added = [line for line in sound if line.standing is None]
        await self._save("POST", "", added, [self._records.body(line.values) for line in added])
        await self._save("PATCH", "", [line for line, _ in standing], changes)

    async def _save(self, method: str, key: str, lines: Sequence[Line], bodies: Sequence[Mapping[str, Any]]) -> None:
        if not lines or self._failed is not None:
            return
        sent = await save(self._context, method, key, bodies)
        self._failed = sent.failed
        for line, one in zip(lines, sent.results, strict=False):
            if isinstance(one, ConnectorError):
                line.refuse(one)
            else:
                self._settle(line, one)

    def _settle(self, line: Line, saved: Saved) -> None:
        """Note that a record was written; what it replaced is not known when another hub was quicker to add it."""
        entry = Entry(id=saved.id, values=line.values, url=self._records.url(saved.id))
        before = None if saved.created or line.standing is None else line.writing.before(line.standing)
        line.outcome = line.writing.receipt(entry, before, known=saved.created or line.standing is not None)

    def _rounds(self, lines: Sequence[Line]) -> list[list[Line]]:
        """Return lines so that each key is met once in a round, in the order in which they came."""
        key = self._settings.key
        if self._settings.mode == "insert":
            return [list(lines)]
        rounds: list[list[Line]] = []
        met: Counter[Any] = Counter()
        for line in lines:
            value = alike(self._records.field(key), line.values[key])
            if met[value] == len(rounds):
                rounds.append([])
            rounds[met[value]].append(line)
            met[value] += 1
        return rounds

    def _require_key(self, values: Mapping[str, Any]) -> None:
        key = self._settings.key
        if key and values.get(key) is None:
            raise SettingsError(f"The key field {key} is empty.")

    def _require_addable(self, line: Line) -> None:
        key = self._settings.key
        if line.standing is None and key and not self._records.field(key).createable:
            raise SettingsError(
                f"There is no record with {key} {line.values[key]}, and none can be added: Salesforce itself sets it."
            )

    def _without_key(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name != self._settings.key}
