"""What is special about OneDrive: its own change list, versions, content that lies at other hosts, folders by path."""

from typing import Any

import pytest

from connectors.microsoft._family import Connection
from connectors.microsoft.onedrive import connector, file_changed, find, hosts, preview, save_file, undo
from connectors.sdk import ChangeKind, Record, Secret, SettingsError
from connectors.sdk.files.arrivals import LARGEST_FILE

CHANGED, SAVE = "onedrive.file_changed", "onedrive.save_file"
RECORD = Record(key="KEY-1")


@pytest.fixture
def read(use):
    """Read the trigger once."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str]:
        found = [item async for item in file_changed(use(CHANGED, **settings), cursor)]
        return [item for item in found if item.content is not None], [cursor, *(i.cursor for i in found if i.cursor)][
            -1
        ]

    return call


async def test_hands_over_the_file_and_what_is_known_of_it(peer, read):
    peer.folder("/In")
    peer.put("/In/Faktura ł #1.pdf", b"%PDF-1.4")
    [item], _ = await read(folder="/In")
    content = item.content
    file = content.pop("file")
    assert (file.name, file.media_type, file.content) == ("Faktura ł #1.pdf", "application/pdf", b"%PDF-1.4")
    assert (content["path"], content["size"]) == ("/In/Faktura ł #1.pdf", 8)
    assert content["changed"] == "2026-11-22T10:00:02Z"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"folder": "/In"}, ["a.pdf", "b.txt", "c.PDF"]),
        ({"folder": "/In", "below": False}, ["a.pdf", "b.txt"]),
        ({"pattern": "*.pdf"}, ["a.pdf", "c.PDF", "x.pdf"]),
        ({"types": ["text"]}, ["b.txt"]),
    ],
)
async def test_takes_only_what_is_asked_for(peer, read, settings, names):
    for folder in ("/In", "/In/Below"):
        peer.folder(folder)
    for path in ("/In/a.pdf", "/In/b.txt", "/In/Below/c.PDF", "/x.pdf", "/In/~$lock.txt.tmp"):
        peer.put(path, b"text")
    assert sorted(item.title for item in (await read(**settings))[0]) == names


async def test_leaves_out_what_was_there_before_it_began(peer, read):
    peer.put("/old.txt", b"old")
    found, cursor = await read(existing="skip")
    assert found == []
    peer.put("/new.txt", b"new")
    assert [item.title for item in (await read(cursor, existing="skip"))[0]] == ["new.txt"]


async def test_begins_again_where_its_place_is_forgotten(peer, read):
    peer.put("/a.txt", b"a")
    [first], cursor = await read()
    peer.put("/b.txt", b"b")
    peer.forgotten = True
    found, _ = await read(cursor)
    assert [item.title for item in found] == ["a.txt", "b.txt"]
    assert found[0].key == first.key


async def test_tells_nothing_of_what_was_removed_or_only_made_a_folder(peer, read):
    peer.put("/a.txt", b"a")
    _, cursor = await read()
    peer.remove("/a.txt")
    peer.folder("/b")
    assert (await read(cursor))[0] == []


async def test_tells_of_one_too_large_without_reading_it(peer, read):
    peer.put("/large.bin", bytes(LARGEST_FILE + 1))
    [item], _ = await read()
    assert "larger than 25 MB" in item.content["file"]["problem"]


async def test_says_which_folder_is_not_there(peer, read):
    peer.put("/file", b"a file")
    for folder in ("/missing", "/file"):
        with pytest.raises(SettingsError, match=f"no folder {folder}"):
            await read(folder=folder)


async def test_writes_a_new_version_and_brings_the_former_one_back(peer, use):
    peer.put("/Out/a.txt", b"former")
    context = use(SAVE, folder="/Out", name="a.txt", text="new", exists="replace")
    [[change]] = await preview(context, [RECORD])
    assert (change.kind, change.before["size"], change.after["size"]) == (ChangeKind.CHANGE, 6, 3)
    receipt = await save_file(context, RECORD)
    assert peer.state == [("/Out/a.txt", b"new")]
    await undo(context, receipt)
    assert peer.state == [("/Out/a.txt", b"former")]


async def test_writes_beside_what_is_there(peer, use):
    peer.put("/a.txt", b"theirs")
    receipt = await save_file(use(SAVE, name="a.txt", text="ours"), RECORD)
    assert receipt.reference == "/a (2).txt"
    assert peer.state == [("/a (2).txt", b"ours"), ("/a.txt", b"theirs")]


async def test_refuses_to_write_over_what_is_there(peer, use):
    peer.put("/a.txt", b"theirs")
    with pytest.raises(SettingsError, match="was not written over"):
        await save_file(use(SAVE, name="a.txt", text="ours", exists="refuse"), RECORD)
    assert peer.writes == 0


async def test_leaves_alone_what_others_have_written_since(peer, use):
    context = use(SAVE, name="a.txt", text="ours")
    receipt = await save_file(context, RECORD)
    peer.put("/a.txt", b"theirs")
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(context, receipt)
    assert peer.state == [("/a.txt", b"theirs")]


async def test_a_file_that_was_the_same_before_is_not_taken_for_a_delivery(peer, use, around):
    peer.put("/a.txt", b"same")
    context = use(SAVE, name="a.txt", text="same", exists="replace")
    await save_file(context, RECORD)
    token = around.remembered[-1]
    assert await find(context, RECORD, token) is not None
    peer.items[peer.at("/a.txt").id].number = 1
    assert await find(context, RECORD, token) is None


async def test_writes_a_large_file_of_the_run(peer, use, stored):
    stored.kept["fil_1"] = bytes(range(256)) * 10_000
    receipt = await save_file(use(SAVE, file={"file": "fil_1", "name": "a.bin"}, subfolder="2026/11"), RECORD)
    assert receipt.reference == "/2026/11/a.bin"
    assert peer.state == [("/2026/11/a.bin", stored.kept["fil_1"])]


def test_reads_content_only_where_microsoft_keeps_it():
    own = Connection(client_id="id", client_secret=Secret("x"))
    assert hosts(own)[0] == "graph.microsoft.com"
    assert "*.sharepoint.com" in hosts(own)
    assert hosts(Connection(client_id="id", client_secret=Secret("x"), address="http://127.0.0.1:1")) == ["127.0.0.1"]
    assert connector.oauth_reader is not None
    granted = connector.oauth_reader(own)
    assert granted is not None
    assert set(granted.scopes) == {"https://graph.microsoft.com/Files.ReadWrite", "offline_access"}
