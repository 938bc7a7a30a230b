"""Golden sets: kept for a schema, checked, and demanded before a version is activated."""

from __future__ import annotations

import pytest

from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction.assembly import ExtractionServices
from hub.extraction.golden.kept import GoldenSettings
from hub.extraction.golden.service import Addition, Golden
from hub.files import Files
from hub.members import Member

HEAD = "apiVersion: patchdeck/v1, kind: Schema, metadata: {name: meter}"
GOOD = f"{{{HEAD}, spec: {{fields: {{reading: integer, street: string}}}}}}"
BLIND = f"{{{HEAD}, spec: {{fields: {{wattage: integer, street: string}}}}}}"
LETTER = b"Street: Mill Lane 4\nReading: 4711\n"
RECORD = {"reading": 4711, "street": "mill lane 4"}


@pytest.fixture
def golden(services: ExtractionServices) -> Golden:
    return services.golden


@pytest.fixture
async def letter(member: Member, files: Files) -> str:
    return (await files.store(member, "letter.txt", "text/plain", LETTER)).id


@pytest.fixture
async def meter(services: ExtractionServices, member: Member) -> str:
    return str((await services.schemas.create(member, GOOD)).id)


async def test_a_schema_that_reads_its_documents_right_passes(golden: Golden, member: Member, meter: str, letter: str):
    await golden.add(member, "meter", Addition(file=letter, records=[RECORD]))
    report = await golden.try_out(member, "meter")
    assert report.documents[0].problem == ""
    assert report.documents[0].wrong == []
    assert (report.passed, report.accuracy, report.right, report.fields) == (True, 1.0, 2, 2)
    assert (await golden.find(member, meter)).last == report


async def test_a_version_that_reads_too_little_right_is_not_stored(
    golden: Golden, services: ExtractionServices, member: Member, meter: str, letter: str
):
    await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    await golden.set_up(member, meter, GoldenSettings(required=True, threshold=0.9))
    with pytest.raises(ConflictError, match=r"50\.0% of its golden set right, 90\.0% are demanded") as refused:
        await services.schemas.put(member, meter, BLIND)
    assert [problem.path for problem in refused.value.errors] == ["letter.txt: reading"]
    assert (await services.schemas.find(member, meter)).version == 1


async def test_a_version_can_be_stored_unused_and_is_held_back_when_it_is_activated(
    golden: Golden, services: ExtractionServices, member: Member, meter: str, letter: str
):
    await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    await golden.set_up(member, meter, GoldenSettings(required=True))
    made = await services.schemas.put(member, meter, BLIND, activate=False)
    with pytest.raises(ConflictError):
        await services.schemas.activate(member, meter, made.version)
    assert (await services.schemas.find(member, meter)).version == 1


async def test_a_set_that_is_not_demanded_holds_nothing_back(
    golden: Golden, services: ExtractionServices, member: Member, meter: str, letter: str
):
    await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    assert (await services.schemas.put(member, meter, BLIND)).version == 2


async def test_a_corrected_extraction_becomes_a_golden_document(
    golden: Golden, services: ExtractionServices, member: Member, meter: str, letter: str
):
    made = await services.extractions.extract_file(member, letter, "meter")
    kept = await golden.add(member, meter, Addition(extraction=made.id, note="As read"))
    assert [(one.file, one.records, one.note) for one in kept.documents] == [(letter, [made.record], "As read")]
    again = await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    assert [one.records for one in again.documents] == [[RECORD]]


async def test_a_document_whose_file_was_deleted_fails_the_check(
    golden: Golden, member: Member, files: Files, meter: str, letter: str
):
    await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    await files.delete(member, letter)
    report = await golden.try_out(member, "meter")
    assert not report.passed
    assert "was deleted" in report.documents[0].problem


async def test_a_document_is_taken_out_once(golden: Golden, member: Member, meter: str, letter: str):
    kept = await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    await golden.remove(member, meter, kept.documents[0].id)
    with pytest.raises(NotFoundError):
        await golden.remove(member, meter, kept.documents[0].id)


@pytest.mark.parametrize("addition", [Addition(), Addition(records=[RECORD]), Addition(extraction="ext_nothing")])
async def test_what_names_no_document_is_refused(golden: Golden, member: Member, meter: str, addition: Addition):
    with pytest.raises((InvalidError, NotFoundError)):
        await golden.add(member, meter, addition)


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan")])
async def test_a_threshold_is_a_share(golden: Golden, member: Member, meter: str, threshold: float):
    with pytest.raises(InvalidError):
        await golden.set_up(member, meter, GoldenSettings(threshold=threshold))


async def test_sets_of_other_workspaces_are_not_seen(golden: Golden, members, member: Member, meter: str, letter: str):
    await golden.add(member, meter, Addition(file=letter, records=[RECORD]))
    stranger = members.outsider
    with pytest.raises(NotFoundError):
        await golden.find(stranger, meter)
    with pytest.raises(NotFoundError):
        await golden.add(stranger, "invoice", Addition(file=letter, records=[RECORD]))


async def test_viewers_look_but_do_not_touch(golden: Golden, members, meter: str, member: Member):
    viewer = members.viewer
    with pytest.raises(ForbiddenError):
        await golden.set_up(viewer, "invoice", GoldenSettings())
