"""Files of a workspace: sealed at rest, described, found again, out of reach for others."""

import asyncio
import os
from pathlib import Path

import pytest

from hub.audit import Audit
from hub.database import fetch, fetch_one
from hub.errors import ForbiddenError, InvalidError, NotFoundError, TooLargeError
from hub.files import Files, ObjectStore
from hub.ids import new_id, show
from hub.sealing import SealError, Vault
from hub.usage import Usage
from tests.conftest import Members

PDF = "application/pdf"


async def test_keeps_what_is_known_about_a_file(files: Files, members: Members) -> None:
    stored = await files.store(members.editor, "Invoice 17.pdf", PDF, b"content")
    assert (stored.name, stored.media_type, stored.size, stored.status) == ("Invoice 17.pdf", PDF, 7, "stored")
    assert stored.owner == show("usr", members.editor.user or new_id())
    assert await files.describe(members.viewer, stored.id) == stored
    assert await files.open(members.viewer, stored.id) == b"content"


@pytest.mark.parametrize("size", [0, 1, 300_000, 2_000_000])
async def test_content_of_any_size_comes_back(files: Files, members: Members, size: int) -> None:
    content = os.urandom(size)
    stored = await files.store(members.workspace, "a.bin", "application/octet-stream", content)
    assert await files.open(members.workspace, stored.id) == content
    assert stored.owner is None


async def test_nothing_readable_lies_in_the_store(files: Files, members: Members, directory: Path) -> None:
    await files.store(members.editor, "secret-name.txt", "text/plain", b"very secret words" * 100)
    kept = [path for path in directory.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert b"secret" not in kept[0].read_bytes()
    assert "secret" not in str(kept[0].relative_to(directory))


async def test_content_put_in_another_files_place_does_not_open(
    files: Files, members: Members, directory: Path
) -> None:
    await files.store(members.editor, "a.txt", "text/plain", b"a")
    other = await files.store(members.editor, "b.txt", "text/plain", b"b")
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    paths[0].write_bytes(paths[1].read_bytes())
    paths[1].write_bytes(paths[0].read_bytes()[::-1])
    with pytest.raises(SealError):
        await files.open(members.editor, other.id)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\eva\\invoice.pdf", "invoice.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("..", "file"),
        ("", "file"),
        ("x" * 500 + ".pdf", "x" * 188 + ".pdf"),
    ],
)
async def test_a_name_is_only_a_label(files: Files, members: Members, name: str, label: str) -> None:
    assert (await files.store(members.editor, name, PDF, b"x")).name == label


async def test_a_media_type_that_is_none_is_that_of_bytes(files: Files, members: Members) -> None:
    stored = await files.store(members.editor, "a", "text/html\r\nX: y", b"x")
    assert stored.media_type == "application/octet-stream"


async def test_the_same_file_again_is_the_same_file(files: Files, members: Members, directory: Path) -> None:
    first = await files.store(members.editor, "a.pdf", PDF, b"same")
    assert await files.store(members.editor, "a.pdf", PDF, b"same") == first
    assert len([path for path in directory.rglob("*") if path.is_file()]) == 1


async def test_too_large_a_file_is_refused_and_nothing_kept(files: Files, members: Members, directory: Path) -> None:
    with pytest.raises(TooLargeError, match="2 MB"):
        await files.store(members.editor, "a.bin", PDF, bytes((2 << 20) + 1))
    assert not directory.exists()


async def test_lists_newest_first_page_by_page(files: Files, members: Members) -> None:
    names = [(await files.store(members.editor, f"{number}.pdf", PDF, b"x")).name for number in range(5)]
    first = await files.list(members.viewer, limit=2)
    second = await files.list(members.viewer, limit=2, cursor=first.cursor)
    third = await files.list(members.viewer, limit=2, cursor=second.cursor)
    assert [file.name for page in (first, second, third) for file in page.files] == names[::-1]
    assert third.cursor is None


async def test_finds_by_a_part_of_the_name(files: Files, members: Members) -> None:
    await files.store(members.editor, "Offer 100%.pdf", PDF, b"x")
    await files.store(members.editor, "Invoice.pdf", PDF, b"x")
    assert [file.name for file in (await files.list(members.viewer, search="100%")).files] == ["Offer 100%.pdf"]


async def test_refuses_a_cursor_that_is_none_of_ours(files: Files, members: Members) -> None:
    with pytest.raises(InvalidError):
        await files.list(members.viewer, cursor="nonsense")


async def test_deleting_takes_the_content_and_leaves_a_trace(files: Files, members: Members, directory: Path) -> None:
    stored = await files.store(members.editor, "a.pdf", PDF, b"x")
    await files.delete(members.editor, stored.id)
    assert not [path for path in directory.rglob("*") if path.is_file()]
    with pytest.raises(NotFoundError):
        await files.open(members.editor, stored.id)
    verbs = await fetch("select verb from audit where workspace = $1 order by number", members.workspace)
    assert [row["verb"] for row in verbs] == ["file.stored", "file.deleted"]


async def test_a_foreign_file_is_not_found(files: Files, members: Members) -> None:
    stored = await files.store(members.editor, "a.pdf", PDF, b"x")
    with pytest.raises(NotFoundError):
        await files.open(members.outsider, stored.id)
    with pytest.raises(NotFoundError):
        await files.delete(members.outsider, stored.id)
    assert (await files.list(members.outsider)).files == []


async def test_a_viewer_reads_but_does_not_store(files: Files, members: Members) -> None:
    with pytest.raises(ForbiddenError):
        await files.store(members.viewer, "a.pdf", PDF, b"x")


async def test_storing_counts_as_usage(files: Files, members: Members) -> None:
    await files.store(members.editor, "a.pdf", PDF, b"12345")
    row = await fetch_one("select kind, quantity, unit from usage where workspace = $1", members.workspace)
    assert row is not None
    assert tuple(row) == ("files", 5, "bytes")


async def test_notes_how_processing_went(files: Files, members: Members) -> None:
    stored = await files.store(members.workspace, "a.pdf", PDF, b"x")
    await files.settle(members.workspace, stored.id, status="read", took_ms=41, chunks=3)
    known = await files.describe(members.workspace, stored.id)
    assert (known.status, known.took_ms, known.chunks) == ("read", 41, 3)


async def test_works_the_same_in_a_bucket(bucket: ObjectStore, vault: Vault, members: Members) -> None:
    files = Files(bucket, vault, Usage(), Audit())
    stored = await files.store(members.editor, "a.pdf", PDF, b"content")
    assert await files.open(members.viewer, stored.id) == b"content"
    await files.delete(members.editor, stored.id)
    with pytest.raises(NotFoundError):
        await files.open(members.viewer, stored.id)


async def test_the_same_stored_by_several_at_once_is_one_file(files: Files, members: Members, directory: Path) -> None:
    for content in (b"small", b"large" * 100_000):
        came = await asyncio.gather(*(files.store(members.editor, "a.pdf", PDF, content) for _ in range(10)))
        assert len({one.id for one in came}) == 1
        assert await files.open(members.viewer, came[0].id) == content
    used = await fetch("select quantity from usage where workspace = $1 order by at", members.workspace)
    assert [row["quantity"] for row in used] == [5, 500_000]
    assert sum(path.is_file() for path in directory.rglob("*")) == 2


async def test_of_several_who_delete_a_file_at_once_one_has(files: Files, members: Members) -> None:
    stored = await files.store(members.editor, "a.pdf", PDF, b"x")
    came = await asyncio.gather(*(files.delete(members.editor, stored.id) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in came if one is not None] == [NotFoundError] * 4
    verbs = await fetch("select verb from audit where workspace = $1 order by number", members.workspace)
    assert [row["verb"] for row in verbs] == ["file.stored", "file.deleted"]
