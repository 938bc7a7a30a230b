"""Corrections: people put values right, confirm or refuse extractions, and take corrections back; the hub learns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.extraction import store
from hub.extraction.extractor import lowest_confidence
from hub.extraction.learning import kept
from hub.extraction.learning.amend import PERSON, Change, Made
from hub.extraction.learning.editing import Entry, add_row, checked, entry_of, put, remove_row, with_entry
from hub.extraction.learning.hints import Hints
from hub.extraction.learning.kept import Correction, Judgement, Subject, judged_paths
from hub.extraction.learning.layouts import Layouts
from hub.extraction.learning.lessons import Lessons
from hub.extraction.learning.paths import target
from hub.extraction.learning.turns import Turns
from hub.extraction.results import Extraction, FieldResult
from hub.ids import parse
from hub.jail import Jail
from hub.members import Member, Verb
from hub.outbox import Outbox
from hub.sealing import Vault

Verdict = Literal["correct", "incorrect"]

MOST_CHANGES = 500


class Corrections:
    """Keeps what people say of extractions and lets layouts learn from it."""

    def __init__(
        self, *, jail: Jail, vault: Vault, layouts: Layouts, hints: Hints, audit: Audit, outbox: Outbox
    ) -> None:
        self._lessons = Lessons(jail=jail, vault=vault, layouts=layouts)
        self._layouts = layouts
        self._hints = hints
        self._audit = audit
        self._outbox = outbox
        self._turns = Turns()

    def turn(self, workspace: UUID) -> asyncio.Lock:
        """Return what to hold around a transaction that applies or settles."""
        return self._turns.of(workspace)

    async def hold(self, workspace: UUID) -> None:
        """Let nobody else teach in the workspace until the transaction ends; before extractions are held."""
        await self._layouts.hold(workspace)

    async def correct(self, member: Member, extraction: str, changes: Sequence[Change]) -> Extraction:
        """Put values right: all of the changes or none."""
        member.authorize(Verb.REVIEW)
        async with self.turn(member.workspace):
            await self.apply(member.workspace, member, extraction, changes)
        return await store.find(member.workspace, extraction)

    async def confirm(self, member: Member, extraction: str, verdict: Verdict) -> Extraction:
        """Mark an extraction as correct or incorrect as it is now."""
        member.authorize(Verb.REVIEW)
        async with self.turn(member.workspace):
            await self.settle(member.workspace, member, extraction, verdict)
        return await store.find(member.workspace, extraction)

    async def history(self, member: Member, extraction: str) -> Sequence[Correction]:
        """Return what was put right in an extraction, newest first, corrections taken back included."""
        member.authorize(Verb.READ)
        await store.find(member.workspace, extraction)
        return await kept.corrections(member.workspace, parse("ext", extraction))

    async def apply(
        self,
        workspace: UUID,
        member: Member,
        extraction: str,
        changes: Sequence[Change],
        *,
        decision: UUID | None = None,
    ) -> Extraction:
        """Put values right in the current transaction, for a caller that has been allowed already."""
        async with transaction():
            await self._layouts.hold(workspace)
            subject = await kept.held(workspace, extraction)
            if not 0 < len(changes) <= MOST_CHANGES:
                message = f"Give between 1 and {MOST_CHANGES} changes."
                raise InvalidError(message, errors=[Problem("changes", message)])
            reading = await self._lessons.reading(workspace, subject)
            changed, wrong, corrected = subject.extraction, list[Judgement](), dict[int, list[str]]()
            for number in sorted({change.record for change in changes}):
                amended = await self._lessons.amended(subject, reading, changed, changes, number)
                await kept.keep_corrections(workspace, subject, number, amended.made, (member.user, decision))
                wrong += _wrong(amended.made, number)
                corrected[number] = [made.path for made in amended.made]
                changed = with_entry(changed, number, amended.entry)
            subject = msgspec.structs.replace(subject, extraction=changed)
            subject = await self._lessons.learn(workspace, subject, reading, corrected, confirmed=False)
            await kept.judge(workspace, subject, wrong, member.user, firm=True)
            await kept.store(workspace, subject, subject.extraction, lowest_confidence(changed))
            await self._hints.propose(workspace, changed.schema.name)
            paths = sorted({path for found in corrected.values() for path in found})
            await self._tell(member, workspace, "extraction.correct", extraction, {"paths": paths})
        return subject.extraction

    async def settle(self, workspace: UUID, member: Member, extraction: str, verdict: Verdict) -> Extraction:
        """Keep a verdict in the current transaction; a correct record confirms every value that nobody changed."""
        async with transaction():
            await self._layouts.hold(workspace)
            subject = await kept.held(workspace, extraction)
            if verdict == "correct":
                reading = await self._lessons.reading(workspace, subject)
                given = _given(subject.extraction)
                subject = await self._lessons.learn(workspace, subject, reading, given, confirmed=True)
                changed = subject.extraction
                await kept.judge(workspace, subject, _right(changed), member.user, firm=False)
                await kept.store(workspace, subject, changed, lowest_confidence(changed))
            else:
                await execute(_DOUBT, workspace, subject.id)
            await execute(_VERDICT, workspace, subject.id, verdict, member.user)
            await self._tell(member, workspace, "extraction.judge", extraction, {"verdict": verdict})
        return subject.extraction

    async def undo(self, member: Member, extraction: str, correction: str) -> Extraction:
        """Take a correction back: the value, its evidence and its engine are again what they were before it."""
        member.authorize(Verb.REVIEW)
        workspace = member.workspace
        async with self.turn(workspace), transaction():
            await self._layouts.hold(workspace)
            subject = await kept.held(workspace, extraction)
            row = await fetch_one(_FIND, workspace, subject.id, parse(kept.PREFIX, correction))
            if row is None:
                raise NotFoundError("There is no such correction of this extraction.")
            await _check_last(workspace, subject, row)
            before = entry_of(subject.extraction, row["record"])
            entry = _restored(subject, entry_of(subject.extraction, row["record"]), row)
            changed = with_entry(subject.extraction, row["record"], checked(subject.schema, before, entry))
            await kept.store(workspace, subject, changed, lowest_confidence(changed))
            await execute(_UNDONE, workspace, row["id"], member.user)
            await execute(_UNJUDGE, workspace, subject.id, row["record"], row["path"])
            if changed.layout:
                await self._layouts.unlearn(workspace, changed.layout, row["path"])
            await self._tell(member, workspace, "extraction.undo", extraction, {"paths": [row["path"]]})
        return await store.find(workspace, extraction)

    async def _tell(self, member: Member, workspace: UUID, verb: str, extraction: str, detail: dict[str, Any]) -> None:
        """Write the audit trail, and the event that others follow."""
        await self._audit.record(member, verb, extraction, detail)
        kind = "extraction.judged" if verb == "extraction.judge" else "extraction.corrected"
        await self._outbox.publish(workspace, kind, extraction, detail)


async def _check_last(workspace: UUID, subject: Subject, row: Row) -> None:
    """Refuse to take back what was taken back, or what later corrections of the same field build on."""
    if row["undone_at"] is not None:
        raise ConflictError("This correction was taken back already.")
    root = row["path"].partition("[")[0]
    later = await fetch(_LATER, workspace, subject.id, row["record"], row["id"])
    rows = row["kind"] != "set" or any(one["kind"] != "set" for one in later)
    for one in later:
        same = one["path"] == row["path"] or (rows and one["path"].partition("[")[0] == root)
        if same:
            raise ConflictError(f"Take back the later correction of {one['path']} first.")


def _restored(subject: Subject, entry: Entry, row: Row) -> Entry:
    aim = target(subject.schema, row["path"])
    if aim is None:
        raise ConflictError("The schema of this extraction has no such field any more.")
    earlier = msgspec.convert(from_jsonb(row["earlier"]) or {}, dict[str, FieldResult])
    if row["kind"] == "add":
        return remove_row(entry, aim)[0]
    if row["kind"] == "remove":
        return add_row(entry, aim, earlier)
    return put(entry, aim, earlier.get("", FieldResult()))


def _wrong(made: Sequence[Made], record: int) -> list[Judgement]:
    """Judge what was changed: wrong, unless the person gave the value that was there."""
    judged = {}
    for one in made:
        if one.kind == "add":
            judged[one.path] = Judgement(path=one.path, field=FieldResult(), is_right=False, record=record)
        for name, field in one.earlier.items():
            path = f"{one.path}.{name}" if name else one.path
            right = one.kind == "set" and one.before == one.after
            if field.engine != PERSON:
                judged[path] = Judgement(path=path, field=field, is_right=right, record=record)
    return list(judged.values())


def _given(extraction: Extraction) -> dict[int, list[str]]:
    """Return by record what people gave."""
    return {
        number: [path for path, one in entry_of(extraction, number).fields.items() if one.engine == PERSON]
        for number in range(max(1, len(extraction.records)))
    }


def _right(extraction: Extraction) -> list[Judgement]:
    return [
        Judgement(path=path, field=field, is_right=True, record=number)
        for number in range(max(1, len(extraction.records)))
        for path, field in judged_paths(entry_of(extraction, number).fields)
    ]


_VERDICT = "update extractions set verdict = $3, verdict_by = $4, verdict_at = now() where workspace = $1 and id = $2"
_DOUBT = "delete from judgements where workspace = $1 and extraction = $2 and is_right"
_FIND = "select * from corrections where workspace = $1 and extraction = $2 and id = $3"
_LATER = (
    "select path, kind from corrections where workspace = $1 and extraction = $2 and record = $3 and id > $4 "
    "and undone_at is null order by id desc"
)
_UNDONE = "update corrections set undone_at = now(), undone_by = $3 where workspace = $1 and id = $2"
_UNJUDGE = (
    "delete from judgements where workspace = $1 and extraction = $2 and record = $3 "
    "and (path = $4 or starts_with(path, $4 || '.'))"
)
