"""Versions of schemas: tried before they are used, compared by attribute, restored, copied, branched."""

from __future__ import annotations

import pytest

from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction import Extractions, Schemas
from tests.conftest import Members

FIRST = "apiVersion: patchdeck/v1\nkind: Schema\nmetadata: {name: meter}\nspec: {fields: {serial: string}}\n"
SECOND = FIRST.replace("{serial: string}", "{serial: {type: string, required: true}, reading: number}")
TEXT = "Serial: AB-1\nReading: 4711,5 kWh"


@pytest.fixture
async def meter(schemas: Schemas, members: Members) -> str:
    await schemas.create(members.editor, FIRST, "The first one.")
    await schemas.put(members.editor, "meter", SECOND, note="Readings too.", activate=False)
    return "meter"


async def test_a_version_is_tried_before_it_is_used(
    schemas: Schemas, extractions: Extractions, members: Members, meter: str
):
    used = await extractions.extract_text(members.editor, TEXT, meter)
    tried = await extractions.extract_text(members.editor, TEXT, "meter@2")
    assert (used.schema.version, tried.schema.version) == (1, 2)
    assert "reading" not in used.record
    assert tried.record["reading"] == 4711.5
    assert (await schemas.find(members.viewer, meter)).document["spec"]["fields"] == [{"name": "serial"}]
    await schemas.activate(members.editor, meter, 2)
    assert (await extractions.extract_text(members.editor, TEXT, meter)).schema.version == 2


async def test_the_list_of_versions_tells_what_is_new(schemas: Schemas, members: Members, meter: str):
    listed = (await schemas.versions(members.viewer, meter)).items
    assert [(one.number, one.note, one.active) for one in listed] == [
        (2, "Readings too.", False),
        (1, "The first one.", True),
    ]


async def test_versions_differ_by_attributes_of_named_fields(schemas: Schemas, members: Members, meter: str):
    found = await schemas.compare(members.viewer, "meter@1", "meter@2")
    assert [(one.path, one.kind.value) for one in found] == [
        ("spec.fields.serial.required", "added"),
        ("spec.fields.reading", "added"),
    ]


async def test_an_earlier_version_is_restored_as_a_new_one(schemas: Schemas, members: Members, meter: str):
    await schemas.activate(members.editor, meter, 2)
    restored = await schemas.restore(members.editor, meter, 1)
    listed = (await schemas.versions(members.viewer, meter)).items
    assert (restored.version, listed[0].note, listed[0].active) == (3, "Version 1 restored.", True)
    assert await schemas.compare(members.viewer, "meter@1", "meter@3") == []


async def test_a_version_is_branched_to_experiment_with(schemas: Schemas, members: Members, meter: str):
    branch = await schemas.duplicate(members.editor, meter, "meter-trial", number=2)
    (version,) = (await schemas.versions(members.viewer, "meter-trial")).items
    assert (branch.name, version.note) == ("meter-trial", "Copied from meter, version 2.")
    assert [one.path for one in await schemas.compare(members.viewer, "meter@2", "meter-trial")] == ["metadata.name"]


async def test_a_starter_is_copied_to_be_changed(schemas: Schemas, members: Members):
    copy = await schemas.duplicate(members.editor, "invoice", "our-invoice")
    assert (copy.starter, copy.name) == (False, "our-invoice")
    with pytest.raises(ConflictError, match="choose another name"):
        await schemas.duplicate(members.editor, "invoice", "our-invoice")
    with pytest.raises(InvalidError):
        await schemas.duplicate(members.editor, "invoice", "No Name")


@pytest.mark.parametrize("reference", ["meter@9", "meter@x", "meter@-1", "invoice@2", "meter@99999999999999"])
async def test_a_version_that_is_not_there_is_refused(
    schemas: Schemas, extractions: Extractions, members: Members, meter: str, reference: str
):
    with pytest.raises(NotFoundError):
        await extractions.extract_text(members.editor, TEXT, reference)
    with pytest.raises(NotFoundError):
        await schemas.resolve(members.workspace, reference)


async def test_a_viewer_and_another_workspace_change_nothing(schemas: Schemas, members: Members, meter: str):
    with pytest.raises(ForbiddenError):
        await schemas.activate(members.viewer, meter, 2)
    with pytest.raises(NotFoundError):
        await schemas.activate(members.outsider, meter, 2)
    with pytest.raises(NotFoundError):
        await schemas.duplicate(members.outsider, meter, "mine")


async def test_what_a_json_schema_says_in_vain_is_named(schemas: Schemas, members: Members):
    text = '{"title": "Box", "properties": {"side": {"type": "number", "multipleOf": 2}}}'
    view = await schemas.create(members.editor, text)
    assert [(notice.path, view.name) for notice in view.notices] == [("#/properties/side/multipleOf", "box")]
