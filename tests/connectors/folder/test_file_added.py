"""A watched directory on a real file system: once each, never half written, never through a link."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from connectors.folder import Watched, file_added
from connectors.sdk import Item, SettingsError, fill
from hub.connections.folder import Folders
from tests.peers.surroundings import Surroundings


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    return Surroundings(folder=Folders([tmp_path]))


async def read(around: Surroundings, cursor: str | None = None, **values: str) -> tuple[list[Item], str | None]:
    settings = fill(Watched, {"directory": "inbox", "pattern": "*.pdf", **values})
    found = [item async for item in file_added.function(around.context(settings), cursor)]
    kept = [cursor, *(item.cursor for item in found if item.cursor is not None)]
    return [item for item in found if item.content is not None], kept[-1]


async def test_file_added_reads_each_file_once(inbox, around):
    (inbox / "a.pdf").write_bytes(b"one")
    first, cursor = await read(around)
    (inbox / "b.pdf").write_bytes(b"two")
    second, cursor = await read(around, cursor)
    third, _ = await read(around, cursor)
    assert [item.content["file"].content for item in first + second] == [b"one", b"two"]
    assert [item.content["name"] for item in first + second] == ["a.pdf", "b.pdf"]
    assert third == []


async def test_file_added_reads_a_file_again_that_was_written_anew(inbox, around):
    (inbox / "a.pdf").write_bytes(b"one")
    first, cursor = await read(around)
    (inbox / "a.pdf").write_bytes(b"longer")
    second, _ = await read(around, cursor)
    assert [item.content["size"] for item in first + second] == [3, 6]
    assert first[0].key != second[0].key


async def test_file_added_finds_a_file_with_an_old_date(inbox, around):
    (inbox / "new.pdf").write_bytes(b"new")
    _, cursor = await read(around)
    (inbox / "old.pdf").write_bytes(b"old")
    os.utime(inbox / "old.pdf", (1_000_000_000, 1_000_000_000))
    found, _ = await read(around, cursor)
    assert [item.title for item in found] == ["old.pdf"]


async def test_file_added_waits_until_a_file_is_whole(inbox, around):
    growing = inbox / "big.pdf"
    growing.write_bytes(b"half")
    reading = asyncio.create_task(read(around))
    await _grow_until(growing, reading)
    growing.write_bytes(b"half and half")
    early, cursor = await reading
    late, _ = await read(around, cursor)
    assert early == []
    assert [item.content["file"].content for item in late] == [b"half and half"]


async def _grow_until(file, done):
    while not done.done():
        file.write_bytes(file.read_bytes() + b"more")
        await asyncio.wait([done], timeout=0.05)


async def test_file_added_leaves_alone_what_was_there_when_told(inbox, around):
    (inbox / "old.pdf").write_bytes(b"old")
    first, cursor = await read(around, existing="skip")
    (inbox / "new.pdf").write_bytes(b"new")
    second, _ = await read(around, cursor, existing="skip")
    assert first == []
    assert [item.title for item in second] == ["new.pdf"]


async def test_file_added_tells_of_the_first_file_after_nothing_was_there(inbox, around):
    _, cursor = await read(around, existing="skip")
    (inbox / "new.pdf").write_bytes(b"new")
    found, _ = await read(around, cursor, existing="skip")
    assert [item.title for item in found] == ["new.pdf"]


async def test_file_added_reads_names_as_labels(inbox, around):
    name = "résumé {{ x }} $(id) & 'q'.pdf"
    (inbox / name).write_bytes(b"cv")
    found, _ = await read(around)
    assert (found[0].title, found[0].content["file"].name) == (name, name)


async def test_file_added_reads_names_that_are_no_text(inbox, around):
    Path(os.fsdecode(os.fsencode(inbox) + b"/caf\xe9.pdf")).write_bytes(b"menu")
    found, _ = await read(around)
    assert (found[0].content["name"], found[0].content["file"].content) == ("caf?.pdf", b"menu")


async def test_file_added_sees_no_links_pipes_or_hidden_files(inbox, around, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (inbox / "link.pdf").symlink_to(tmp_path / "secret")
    (inbox / "up").symlink_to(tmp_path)
    (inbox / ".hidden.pdf").write_bytes(b"hidden")
    os.mkfifo(inbox / "pipe.pdf")
    found, _ = await read(around, pattern="**/*")
    assert found == []


@pytest.mark.parametrize("directory", ["/etc", "inbox/link", "inbox/none", "inbox/file"])
async def test_file_added_refuses_directories_out_of_reach(inbox, around, directory):
    (inbox / "link").symlink_to("/etc")
    (inbox / "file").write_bytes(b"")
    with pytest.raises(SettingsError):
        await read(around, directory=directory)


@pytest.mark.parametrize(
    ("name", "value"), [("directory", "inbox/../.."), ("directory", ""), ("pattern", "../*"), ("pattern", "/etc/*")]
)
def test_file_added_refuses_settings_that_climb(name, value):
    with pytest.raises(msgspec.ValidationError):
        fill(Watched, {"directory": "inbox", name: value})


@pytest.mark.parametrize("path", ["../secret", "sub/../../secret", "link.pdf", "/etc/passwd", "", "pipe.pdf"])
async def test_reading_never_leaves_the_directory(inbox, tmp_path, path):
    (tmp_path / "secret").write_bytes(b"secret")
    (inbox / "link.pdf").symlink_to(tmp_path / "secret")
    os.mkfifo(inbox / "pipe.pdf")
    with pytest.raises(SettingsError):
        await Folders([tmp_path]).read("inbox", path)


async def test_writes_are_whole_and_can_be_cut_back(tmp_path):
    folders = Folders([tmp_path])
    await folders.append("out/2026", "a.csv", b"one\n")
    length = await folders.append("out/2026", "a.csv", b"two\n")
    await folders.truncate("out/2026", "a.csv", 4)
    await folders.replace("out/2026", "a.xlsx", b"first")
    await folders.replace("out/2026", "a.xlsx", b"second")
    assert length == 8
    assert (tmp_path / "out/2026/a.csv").read_bytes() == b"one\n"
    assert sorted(path.name for path in (tmp_path / "out/2026").iterdir()) == ["a.csv", "a.xlsx"]
    assert await folders.read("out/2026", "a.xlsx") == b"second"


async def test_one_writer_at_a_time(tmp_path):
    folders, order = Folders([tmp_path]), list[str]()

    async def write(name: str) -> None:
        async with folders.hold("out", "a.csv"):
            order.append(f"{name} in")
            await asyncio.sleep(0.05)
            order.append(f"{name} out")

    await asyncio.gather(write("one"), write("two"))
    assert order in (["one in", "one out", "two in", "two out"], ["two in", "two out", "one in", "one out"])


async def test_nothing_is_allowed_without_roots():
    with pytest.raises(SettingsError, match="PATCHDECK_FOLDER_ROOTS"):
        await Folders([]).list("/tmp", "*")
