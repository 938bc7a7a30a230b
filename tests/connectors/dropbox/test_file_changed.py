"""What Dropbox's trigger tells: files and new versions, also where a cursor ends or a file cannot be read."""

import asyncio

import pytest

from connectors.dropbox import watch
from connectors.sdk import SettingsError
from connectors.sdk.files.arrivals import LARGEST_FILE

CHANGED = "dropbox.file_changed"


async def test_hands_over_the_file_and_what_is_known_of_it(peer, read):
    peer.account.put("/In/Faktura ł.pdf", b"%PDF-1.4")
    [item], _ = await read()
    content = item.content
    file = content.pop("file")
    assert (file.name, file.media_type, file.content) == ("Faktura ł.pdf", "application/pdf", b"%PDF-1.4")
    assert content == {
        "name": "Faktura ł.pdf",
        "path": "/In/Faktura ł.pdf",
        "size": 8,
        "changed": "2026-11-22T10:00:01Z",
        "version": "0000000000000001",
    }


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"folder": "/In"}, ["a.pdf", "b.txt", "c.PDF"]),
        ({"folder": "in/", "below": False}, ["a.pdf", "b.txt"]),
        ({"pattern": "*.pdf"}, ["a.pdf", "c.PDF", "x [1].pdf"]),
        ({"pattern": "x [1].*"}, ["x [1].pdf"]),
        ({"types": ["text", "image"]}, ["b.txt"]),
    ],
)
async def test_takes_only_what_is_asked_for(peer, read, settings, names):
    peer.account.make_folder("/In")
    for path in ("/In/a.pdf", "/In/b.txt", "/In/Below/c.PDF", "/Inn/x [1].pdf"):
        peer.account.put(path, b"1")
    items, _ = await read(**settings)
    assert [item.title for item in items] == names


async def test_tells_of_a_new_version_under_the_same_subject(peer, read):
    peer.account.put("/a.txt", b"1")
    [first], cursor = await read()
    peer.account.put("/a.txt", b"2")
    [second], _ = await read(cursor)
    assert first.subject == second.subject
    assert first.key != second.key
    assert second.content["file"].content == b"2"


async def test_passes_over_what_is_deleted_moved_or_made_while_it_reads(peer, read):
    peer.account.put("/gone.txt", b"1")
    peer.account.remove("/gone.txt")
    peer.account.make_folder("/folder.txt")
    peer.account.put("/there.txt", b"1")
    items, _ = await read()
    assert [item.title for item in items] == ["there.txt"]


async def test_tells_of_a_file_that_cannot_be_read_and_goes_on(peer, read):
    peer.held_back.add(peer.account.put("/held back.mp3", b"1").rev)
    peer.account.put("/huge.bin", b"").size = LARGEST_FILE + 1
    peer.account.put("/paper.gdoc", b"").is_downloadable = False
    peer.account.put("/good.txt", b"1")
    items, _ = await read()
    problems = [item.content["file"]["problem"] for item in items[:3]]
    assert problems == [
        "Dropbox does not hand out this file (path/restricted_content).",
        "The file is larger than 25 MB and was not read.",
        "Dropbox keeps this as a document of its own, which cannot be downloaded.",
    ]
    assert items[3].content["file"].content == b"1"


async def test_reads_again_under_the_same_keys_when_dropbox_forgets_the_cursor(peer, read):
    peer.account.put("/a.txt", b"1")
    [first], cursor = await read()
    peer.account.epoch += 1
    peer.account.put("/b.txt", b"1")
    again, cursor = await read(cursor)
    assert [item.title for item in again] == ["a.txt", "b.txt"]
    assert again[0].key == first.key
    assert await read(cursor) == ([], cursor)


async def test_does_not_read_what_was_skipped_when_dropbox_forgets_the_cursor(peer, read):
    peer.account.put("/old.txt", b"1")
    peer.account.put("/newest.txt", b"1")
    nothing, cursor = await read(existing="skip")
    peer.account.epoch += 1
    peer.account.put("/new.txt", b"1")
    items, _ = await read(cursor, existing="skip")
    assert nothing == []
    assert [item.title for item in items] == ["newest.txt", "new.txt"]


async def test_names_a_folder_that_is_not_there(read):
    with pytest.raises(SettingsError, match=r"There is no folder /Nowhere in this Dropbox\. Choose another\."):
        await read(folder="/Nowhere")


async def test_notices_a_change_at_once(peer, use):
    peer.account.put("/In/a.txt", b"1")
    waiting = asyncio.ensure_future(watch(use(CHANGED, folder="/In")))
    async with asyncio.timeout(60):
        await peer.waited_for.wait()
        assert not waiting.done()
        peer.account.put("/In/b.txt", b"1")
        await waiting
