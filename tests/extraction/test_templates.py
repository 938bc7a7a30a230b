"""Extraction templates: schema, source and settings under a name."""

from __future__ import annotations

import pytest

from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction import Choice
from hub.extraction.assembly import ExtractionServices
from hub.extraction.readers.options import Options
from hub.extraction.templates import NewTemplate
from tests.conftest import Members

GERMAN = NewTemplate(
    name="german-scans", schema="invoice", settings=Choice(engine="local", reading=Options(language="de"))
)


def reading(options: Options) -> NewTemplate:
    """A template that reads in a way of its own."""
    return NewTemplate(name="a", schema="invoice", settings=Choice(reading=options))


async def test_is_found_by_name_and_says_what_was_not_asked_for(services: ExtractionServices, members: Members):
    made = await services.templates.create(members.editor, GERMAN)
    found = await services.templates.find(members.viewer, "German-Scans")
    chosen = found.choice(Choice(temperature=0.5))
    assert found == made
    assert (chosen.engine, chosen.reading.language, chosen.temperature) == ("local", "de", 0.5)


async def test_is_changed_and_removed(services: ExtractionServices, members: Members):
    made = await services.templates.create(members.editor, GERMAN)
    changed = NewTemplate(name="renamed", schema="receipt", title="Scans", tags=("a",))
    await services.templates.put(members.editor, made.id, changed)
    (listed,) = await services.templates.list(members.viewer)
    assert (listed.name, listed.schema, listed.settings, listed.tags) == ("renamed", "receipt", Choice(), ["a"])
    await services.templates.remove(members.editor, "renamed")
    assert await services.templates.list(members.viewer) == []


async def test_a_name_is_taken_once_in_a_workspace(services: ExtractionServices, members: Members):
    await services.templates.create(members.editor, GERMAN)
    await services.templates.create(members.outsider, GERMAN)
    with pytest.raises(ConflictError, match="choose another name"):
        await services.templates.create(members.editor, GERMAN)


@pytest.mark.parametrize(
    ("new", "path"),
    [
        (NewTemplate(name="No Spaces", schema="invoice"), "name"),
        (reading(Options(password="x")), "settings.reading.password"),
        (reading(Options(language="klingon!")), "language"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_field(
    services: ExtractionServices, members: Members, new: NewTemplate, path: str
):
    with pytest.raises(InvalidError) as refused:
        await services.templates.create(members.editor, new)
    assert [problem.path for problem in refused.value.errors] == [path]


async def test_names_a_schema_that_is_there(services: ExtractionServices, members: Members):
    with pytest.raises(NotFoundError):
        await services.templates.create(members.editor, NewTemplate(name="a", schema="nothing"))
    with pytest.raises(ForbiddenError):
        await services.templates.create(members.viewer, GERMAN)
    await services.templates.create(members.editor, GERMAN)
    with pytest.raises(NotFoundError):
        await services.templates.find(members.outsider, "german-scans")
