"""What people do at the same moment ends as if one had been first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextvars import Context
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hub.audit import Audit
from hub.database import execute, fetch, to_jsonb
from hub.decisions import REVIEW, Answer, Decisions
from hub.errors import InvalidError, NotFoundError, StaleError
from hub.extraction import Extractions, Schemas
from hub.extraction.assembly import ExtractionServices
from hub.extraction.golden import service as golden
from hub.extraction.golden.service import Addition
from hub.extraction.readers.options import Options
from hub.extraction.schemas.fields import Schema
from hub.extraction.tuning.corrected import corrected
from hub.files import Files
from hub.ids import new_id, show
from hub.outbox import Outbox
from hub.sealing import MasterKeys, Vault
from tests.conftest import Members

METER = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: meter}\nspec: {fields: {serial: string}}\n"
ASKED = """
insert into decisions (id, workspace, kind, subject, question, evidence)
values ($1, $2, 'review', 'a.pdf', 'Right?', jsonb_build_object('extractions', $3::text[]))"""
PROPOSED = """
insert into proposals (id, workspace, kind, draft, evidence, made_by) values ($1, $2, 'hint', $3, $4, 'corrections')"""


async def test_what_is_only_tried_is_never_used_however_close_another_version_comes(schemas: Schemas, members: Members):
    await schemas.create(members.editor, METER)
    for number in range(10):
        used, *tried = (METER.replace("serial", f"{word}{number}") for word in ("used", "one", "two", "three", "four"))
        await asyncio.gather(
            schemas.put(members.editor, "meter", used),
            *(schemas.put(members.admin, "meter", text, activate=False) for text in tried),
        )
        active = await schemas.resolve(members.workspace, "meter")
        assert [field.name for field in active.schema.spec.fields] == [f"used{number}"]


async def test_a_hint_takes_nothing_back_that_is_saved_while_its_schema_is_checked(
    services: ExtractionServices, members: Members
):
    schemas, hint = services.schemas, new_id()
    await schemas.create(members.editor, METER)
    draft = {"schema": "meter", "path": "serial", "hint": "usually stands right of 'no'"}
    await execute(PROPOSED, hint, members.workspace, to_jsonb(draft), to_jsonb({"corrections": 2, "label": "no"}))

    class Slow:
        async def admit(self, workspace: object, schema: Schema) -> None:
            saving = schemas.put(members.admin, "meter", METER.replace("serial", "number"), activate=False)
            await asyncio.get_running_loop().create_task(saving, context=Context())

    schemas.guard_with(Slow())
    with pytest.raises(StaleError):
        await services.hints.decide(members.editor, show("hnt", hint), "accepted")
    assert len((await schemas.versions(members.viewer, "meter")).items) == 2
    assert [one.id for one in await services.hints.list(members.viewer)] == [show("hnt", hint)]


async def test_documents_added_at_once_fill_a_golden_set_and_no_more(
    services: ExtractionServices, files: Files, members: Members, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(golden, "MOST", 3)
    await services.schemas.create(members.editor, METER)
    given = [await files.store(members.editor, f"{number}.txt", "text/plain", b"%d" % number) for number in range(9)]
    added = [Addition(file=one.id, records=[{"serial": "1"}]) for one in given]
    came = await asyncio.gather(
        *(services.golden.add(members.editor, "meter", one) for one in added), return_exceptions=True
    )
    assert [type(one) for one in came if isinstance(one, BaseException)] == [InvalidError] * 6
    assert len((await services.golden.find(members.viewer, "meter")).documents) == 3


async def test_what_was_read_goes_with_the_last_of_its_files_also_when_all_go_at_once(
    services: ExtractionServices, files: Files, members: Members
):
    for number in range(10):
        same = [await files.store(members.editor, f"{name}.txt", "text/plain", b"%d" % number) for name in "abcd"]
        await services.readings.of_file(members.editor, same[0].id)
        await asyncio.gather(*(files.delete(members.editor, one.id) for one in same))
    assert await fetch("select id from readings where workspace = $1", members.workspace) == []


async def test_nothing_is_kept_of_a_file_that_is_deleted_while_it_is_read(
    services: ExtractionServices, files: Files, members: Members
):
    for number in range(20):
        stored = await files.store(members.editor, "a.txt", "text/plain", b"%d" % number)
        came = await asyncio.gather(
            *(services.readings.of_file(members.editor, stored.id, Options(pages=(1, page))) for page in range(1, 7)),
            files.delete(members.admin, stored.id),
            return_exceptions=True,
        )
        assert {type(one) for one in came if isinstance(one, BaseException)} <= {NotFoundError}
    assert await fetch("select id from readings where workspace = $1", members.workspace) == []


async def test_extractions_of_a_file_deleted_at_once_take_it_along_without_a_word(
    extractions: Extractions, files: Files, members: Members
):
    stored = await files.store(members.editor, "a.txt", "text/plain", b"Invoice 17, total 5 EUR")
    made = [await extractions.extract_file(members.editor, stored.id, "invoice") for _ in range(6)]
    went = await asyncio.gather(*(extractions.delete(members.editor, [one.id], files=True) for one in made))
    assert went == [1] * 6
    with pytest.raises(NotFoundError):
        await files.describe(members.viewer, stored.id)


class NoRecipes:
    def nudge(self, recipes: Iterable[UUID]) -> None:
        """Nothing goes on here."""


async def test_a_review_is_answered_while_its_extractions_are_deleted(
    services: ExtractionServices, extractions: Extractions, members: Members
):
    decisions = Decisions(Audit(), Outbox(), services.corrections, NoRecipes())
    for _ in range(10):
        made = [(await extractions.extract_text(members.editor, "Invoice 17", "invoice")).id for _ in range(4)]
        review = new_id()
        await execute(ASKED, review, members.workspace, made[::-1])
        answered, *went = await asyncio.gather(
            decisions.answer(members.editor, REVIEW, show("rev", review), Answer(decision="accept")),
            extractions.delete(members.admin, made[:2]),
            extractions.delete(members.admin, made[2:]),
        )
        assert (answered.state, went) == ("answered", [2, 2])


async def test_what_teaches_may_be_deleted_while_it_is_gathered(
    services: ExtractionServices, files: Files, members: Members, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for number in range(3):
        stored = await files.store(members.editor, f"{number}.txt", "text/plain", b"Invoice number: %d" % number)
        made = await services.extractions.extract_file(members.editor, stored.id, "invoice")
        await services.corrections.confirm(members.editor, made.id, "correct")
    vault = Vault(MasterKeys.from_file(tmp_path / "master.key"))
    unseal = vault.open

    async def forgetting(*sealed: Any) -> bytes:
        for one in (await files.list(members.viewer)).files:
            await files.delete(members.editor, one.id)
        return await unseal(*sealed)

    monkeypatch.setattr(vault, "open", forgetting)
    schema = (await services.schemas.resolve(members.workspace, "invoice")).schema
    assert len(await corrected(vault, members.workspace, schema)) == 1
