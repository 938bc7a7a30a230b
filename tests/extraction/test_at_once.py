"""What people do at the same moment ends as if one had been first."""

from __future__ import annotations

import asyncio
from contextvars import Context

import pytest

from hub.database import execute, to_jsonb
from hub.errors import StaleError
from hub.extraction import Schemas
from hub.extraction.assembly import ExtractionServices
from hub.extraction.schemas.fields import Schema
from hub.ids import new_id, show
from tests.conftest import Members

METER = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: meter}\nspec: {fields: {serial: string}}\n"
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
