import asyncio

import pytest

from hub.audit import Audit
from hub.database import transaction
from hub.documents import Document, Documents, Draft, Kind
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, Problem, StaleError
from hub.ids import show
from hub.members import Verb

NOTE = Kind(name="note", prefix="not", word="note", edit=Verb.EDIT_SCHEMAS)


@pytest.fixture
def documents(database):
    return Documents(Audit())


def draft(name="plans", problems=(), **content):
    return Draft(name=name, title=name.title(), labels=["x"], content=content or {"b": 1, "a": 2}, problems=problems)


async def test_keeps_a_draft_with_its_problems(documents, member):
    made = await documents.create(member, NOTE, draft(problems=[Problem("a", "Wrong.")]))
    found = await documents.find(member, NOTE, show("not", made.id))
    assert (found.name, found.problems, found.revision, found.changed) == ("plans", [Problem("a", "Wrong.")], 1, True)


async def test_keeps_the_order_of_names(documents, member):
    made = await documents.create(member, NOTE, draft(zebra=1, ape=2))
    assert list(made.content) == ["zebra", "ape"]


async def test_finds_by_name_whatever_its_case(documents, member):
    made = await documents.create(member, NOTE, draft("Plans"))
    assert (await documents.find(member, NOTE, "pLANS")).id == made.id


async def test_refuses_a_taken_name_whatever_its_case(documents, member):
    await documents.create(member, NOTE, draft("Plans"))
    with pytest.raises(ConflictError, match="'plans' already"):
        await documents.create(member, NOTE, draft("plans"))


async def test_refuses_to_rename_to_a_taken_name(documents, member):
    await documents.create(member, NOTE, draft("one"))
    other = await documents.create(member, NOTE, draft("two"))
    with pytest.raises(ConflictError):
        await documents.save(member, NOTE, other.id, draft("ONE"))


async def test_renames(documents, member):
    made = await documents.create(member, NOTE, draft("one"))
    await documents.save(member, NOTE, made.id, draft("two"))
    assert (await documents.find(member, NOTE, "two")).id == made.id


async def test_counts_revisions_only_when_something_changed(documents, member):
    made = await documents.create(member, NOTE, draft(a=1))
    same = await documents.save(member, NOTE, made.id, draft(a=1))
    other = await documents.save(member, NOTE, made.id, draft(a=2))
    assert (same.revision, other.revision) == (1, 2)


async def test_refuses_a_stale_revision(documents, member):
    made = await documents.create(member, NOTE, draft(a=1))
    await documents.save(member, NOTE, made.id, draft(a=2), revision=1)
    with pytest.raises(StaleError):
        await documents.save(member, NOTE, made.id, draft(a=3), revision=1)


async def test_publishes_numbered_versions_that_never_change(documents, member):
    made = await documents.create(member, NOTE, draft(a=1))
    await documents.publish(member, NOTE, made.id, note="first")
    await documents.save(member, NOTE, made.id, draft(a=2))
    await documents.publish(member, NOTE, made.id, note="second")
    first = await documents.version(member, NOTE, made.id, 1)
    page = await documents.versions(member, NOTE, made.id)
    assert first.content == {"a": 1}
    assert [(one.number, one.note, one.active) for one in page.versions] == [(2, "second", True), (1, "first", False)]


async def test_publishing_what_is_published_makes_nothing_new(documents, member):
    made = await documents.create(member, NOTE, draft(a=1))
    first = await documents.publish(member, NOTE, made.id)
    again = await documents.publish(member, NOTE, made.id)
    assert (first.fresh, again.fresh, again.version.number) == (True, False, 1)


async def test_refuses_to_publish_problems(documents, member):
    made = await documents.create(member, NOTE, draft(problems=[Problem("a", "Wrong.")]))
    with pytest.raises(InvalidError) as caught:
        await documents.publish(member, NOTE, made.id)
    assert caught.value.errors == (Problem("a", "Wrong."),)


async def test_pages_through_the_list_by_name(documents, member):
    await documents.create(member, NOTE, draft("delta"))
    await documents.create(member, NOTE, draft("Alpha"))
    await documents.create(member, NOTE, draft("charlie"))
    await documents.create(member, NOTE, draft("Bravo"))
    first = await documents.list(member, NOTE, limit=3)
    second = await documents.list(member, NOTE, limit=3, cursor=first.cursor)
    names = [one.name for one in [*first.documents, *second.documents]]
    assert (names, second.cursor) == (["Alpha", "Bravo", "charlie", "delta"], None)


async def test_searches_literally(documents, member):
    await documents.create(member, NOTE, draft("a_b"))
    await documents.create(member, NOTE, draft("axb"))
    found = await documents.list(member, NOTE, search="A_B")
    assert [one.name for one in found.documents] == ["a_b"]


async def test_refuses_a_made_up_cursor(documents, member):
    with pytest.raises(InvalidError, match="cursor"):
        await documents.list(member, NOTE, cursor="!!!")


async def test_frees_the_name_of_a_removed_document(documents, member):
    made = await documents.create(member, NOTE, draft("plans"))
    await documents.remove(member, NOTE, made.id)
    await documents.create(member, NOTE, draft("plans"))
    with pytest.raises(NotFoundError):
        await documents.find(member, NOTE, show("not", made.id))


async def test_names_are_taken_and_freed_at_once_by_several_who_make_many(documents, member):
    one, two = [await documents.create(member, NOTE, draft(name)) for name in ("one", "two")]

    async def several(*names):
        async with transaction():
            for name in names:
                await documents.create(member, NOTE, draft(name))

    for number in range(15):
        names = [f"{name}-{number}" for name in "abcdef"]
        came = await asyncio.gather(
            *(several(*some) for some in (names, names[::-1], *([name] for name in names))),
            documents.save(member, NOTE, one.id, draft(names[-1])),
            documents.save(member, NOTE, two.id, draft(names[0])),
            return_exceptions=True,
        )
        assert {type(outcome) for outcome in came} <= {type(None), Document, ConflictError}


async def test_hides_documents_from_other_workspaces(documents, members):
    made = await documents.create(members.owner, NOTE, draft())
    with pytest.raises(NotFoundError):
        await documents.find(members.outsider, NOTE, show("not", made.id))
    with pytest.raises(NotFoundError):
        await documents.save(members.outsider, NOTE, made.id, draft(a=9))
    with pytest.raises(NotFoundError):
        await documents.versions(members.outsider, NOTE, made.id)


async def test_lets_viewers_only_read(documents, members):
    made = await documents.create(members.editor, NOTE, draft())
    assert (await documents.find(members.viewer, NOTE, "plans")).id == made.id
    with pytest.raises(ForbiddenError):
        await documents.save(members.viewer, NOTE, made.id, draft(a=9))


async def test_writes_down_who_did_what(documents, member):
    made = await documents.create(member, NOTE, draft("one"))
    await documents.save(member, NOTE, made.id, draft("two"))
    await documents.publish(member, NOTE, made.id)
    await documents.remove(member, NOTE, made.id)
    entries = await Audit().entries(member)
    assert [entry.verb for entry in entries] == ["note.deleted", "note.published", "note.renamed", "note.created"]
