"""Bringing exports along: drafts with their problems and a list, all or none, nothing published, read in the jail."""

import asyncio

import pytest

from hub.audit import Audit
from hub.documents import Documents
from hub.errors import ForbiddenError, InvalidError
from hub.foreign.service import Imports
from hub.outbox import Outbox
from hub.recipes import Recipes, State
from tests.foreign.reading import content


@pytest.fixture
def recipes(database):
    return Recipes(Documents(Audit()), Audit(), Outbox(), "https://hub.example")


@pytest.fixture
def imports(recipes, jail):
    return Imports(recipes=recipes, documents=Documents(Audit()), jail=jail)


async def test_makes_drafts_with_their_problems_and_publishes_nothing(imports, recipes, member):
    made = await imports.bring(member, content("zapfile.json"))
    assert [one.name for one in made.recipes] == ["lead-to-crm", "every-monday"]
    shown = await recipes.show(member, "lead-to-crm")
    assert (shown.state, shown.version, shown.title) == (State.DRAFT, None, "Lead to CRM")
    assert shown.problems == list(made.recipes[0].problems)
    assert "spec.steps[4].uses" in {problem.path for problem in shown.problems}
    assert {finding.kind for finding in made.recipes[0].findings} >= {"not_translated", "secret", "connection"}


async def test_a_dry_run_shows_the_same_and_stores_nothing(imports, recipes, member):
    shown = await imports.bring(member, content("node-red.json"), dry=True)
    assert (await recipes.list(member)).items == []
    made = await imports.bring(member, content("node-red.json"))
    assert [one.document for one in made.recipes] == [one.document for one in shown.recipes]
    assert [one.recipe for one in shown.recipes] == [None, None]


async def test_names_are_free_ones_and_some_of_several_can_be_chosen(imports, recipes, member):
    await imports.bring(member, content("zapfile.json"))
    again = await imports.bring(member, content("zapfile.json"), only=[1])
    assert [one.name for one in again.recipes] == ["every-monday-2"]
    with pytest.raises(InvalidError, match="at least one"):
        await imports.bring(member, content("zapfile.json"), only=[])


async def test_the_same_brought_by_several_at_once_has_names_of_its_own(imports, recipes, member):
    await asyncio.gather(*(imports.bring(member, content("zapfile.json")) for _ in range(3)))
    names = [one.name for one in (await recipes.list(member)).items]
    assert names == sorted(f"{name}{number}" for name in ("every-monday", "lead-to-crm") for number in ("", "-2", "-3"))


async def test_refuses_what_is_no_export_and_who_may_not_edit(imports, recipes, members):
    with pytest.raises(InvalidError, match="This is no export"):
        await imports.bring(members.editor, b'{"steps": []}')
    with pytest.raises(InvalidError, match="empty"):
        await imports.bring(members.editor, b" ")
    with pytest.raises(ForbiddenError):
        await imports.bring(members.viewer, content("zapfile.json"))
    assert (await recipes.list(members.editor)).items == []
