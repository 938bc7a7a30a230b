"""What is special about Google Drive: folders that move, documents that are exported, versions, and large files."""

from datetime import UTC, datetime, timedelta

import psutil
import pytest

from connectors.google._drive_offers import drives, folders
from connectors.google._drive_upload import PIECE
from connectors.google.drive import (
    check,
    download,
    file_changed,
    find,
    list_files,
    preview,
    undo,
    upload_file,
)
from connectors.sdk import Attachment, ChangeKind, Receipt, Record, SettingsError, TemporaryError, fill
from tests.peers.google_drive import ROOT

RECORD = Record(key="KEY-1")
DOCUMENT = "application/vnd.google-apps.document"
CREATE = "drive.files.create"


@pytest.fixture
def watching(use):
    """Read a trigger from a cursor on: the items that arrive, and the cursor afterwards."""

    async def read(cursor=None, **settings):
        found = [item async for item in file_changed(use("google_drive.file_changed", **settings), cursor)]
        last = [item.cursor for item in found if item.cursor is not None]
        return [item for item in found if item.content is not None], (last or [cursor])[-1]

    return read


@pytest.fixture
def uploading(use):
    return lambda **settings: use("google_drive.upload_file", **{"name": "a.txt", "text": "new", **settings})


def names(items):
    return sorted(item.content["name"] for item in items)


async def test_looks_into_folders_below_and_into_those_that_come_in_later(drive, watching):
    top = drive.folder("In")
    drive.put("one.txt", folder=drive.folder("2026", folder=drive.folder("Old", folder=top)))
    elsewhere = drive.folder("Elsewhere")
    drive.put("two.txt", folder=elsewhere)
    items, cursor = await watching(folder=top)
    assert names(items) == ["one.txt"]
    drive.move(elsewhere, top)
    items, cursor = await watching(cursor, folder=top)
    assert names(items) == ["two.txt"]
    drive.put("three.txt", folder=elsewhere)
    drive.put("four.txt")
    items, cursor = await watching(cursor, folder=top)
    assert names(items) == ["three.txt"]
    drive.move(elsewhere, ROOT)
    drive.put("five.txt", folder=elsewhere)
    assert names((await watching(cursor, folder=top))[0]) == []


async def test_looks_into_no_folders_below_where_that_was_chosen(drive, watching):
    top = drive.folder("In")
    drive.put("one.txt", folder=top)
    drive.put("two.txt", folder=drive.folder("Below", folder=top))
    assert names((await watching(folder=top, subfolders=False))[0]) == ["one.txt"]


async def test_watches_everything_where_no_folder_was_chosen(drive, watching):
    drive.put("one.pdf", folder=drive.folder("In"))
    drive.put("two.txt")
    drive.put("Report", kind=DOCUMENT)
    assert names((await watching(pattern="*.pdf"))[0]) == ["one.pdf"]
    assert names((await watching(types=["document"]))[0]) == ["Report.docx"]


async def test_skips_what_is_there_and_tells_what_changes(drive, watching):
    old = drive.put("old.txt", folder=drive.folder("Below"))
    items, cursor = await watching(existing="skip")
    assert items == []
    drive.change(old, b"changed")
    items, _ = await watching(cursor, existing="skip")
    assert items[0].content["file"].content == b"changed"


async def test_starts_once_for_each_new_file(drive, watching):
    old = drive.put("old.txt", moment=datetime.now(UTC) - timedelta(days=1))
    _, cursor = await watching(existing="skip", notice="new")
    drive.change(old, b"changed")
    new = drive.put("new.txt", moment=datetime.now(UTC) + timedelta(seconds=5))
    items, cursor = await watching(cursor, existing="skip", notice="new")
    assert [item.key for item in items] == [new]
    drive.change(new, b"changed")
    again, _ = await watching(cursor, existing="skip", notice="new")
    assert {item.key for item in again} <= {new}


async def test_leaves_out_what_is_in_the_bin(drive, watching):
    drive.files[drive.put("one.txt")].trashed = True
    assert (await watching())[0] == []


async def test_exports_googles_own_documents(drive, watching):
    drive.put("Report", b"words", DOCUMENT)
    [item], _ = await watching(exports={"documents": "pdf"})
    assert item.content["file"] == Attachment(
        name="Report.pdf", media_type="application/pdf", content=b"words as application/pdf"
    )


async def test_tells_a_problem_in_place_of_what_cannot_be_read(drive, watching, small_exports):
    drive.put("Huge", b"x" * 20, DOCUMENT)
    drive.put("Form", b"", "application/vnd.google-apps.form")
    drive.put("large.bin", b"x" * (25 * 1024 * 1024 + 1), "application/octet-stream")
    items, _ = await watching()
    assert [item.content["file"]["problem"] for item in items] == [
        "Google Drive does not hand this file out: This file is too large to be exported.",
        "Google hands out no content of a form.",
        "The file is larger than 25 MB and was not read.",
    ]


@pytest.fixture
def small_exports(drive):
    """Let the peer export ten bytes at most."""
    drive.largest_export = 10


async def test_watches_a_shared_drive(drive, watching):
    drive.drives["0ADrive"] = "Books"
    drive.put("mine.txt")
    drive.put("ours.txt", folder="0ADrive", drive="0ADrive")
    items, cursor = await watching(drive="0ADrive")
    drive.put("more.txt", folder="0ADrive", drive="0ADrive")
    assert (names(items), names((await watching(cursor, drive="0ADrive"))[0])) == (["ours.txt"], ["more.txt"])


async def test_finds_the_shared_drive_of_a_folder_by_itself(drive, watching, uploading):
    drive.drives["0ADrive"] = "Books"
    folder = drive.folder("In", folder="0ADrive", drive="0ADrive")
    drive.put("a.txt", folder=folder, drive="0ADrive")
    items, cursor = await watching(folder=f"https://drive.google.com/drive/u/0/folders/{folder}?usp=sharing")
    await upload_file(uploading(folder=folder, exists="replace"), RECORD)
    again, _ = await watching(cursor, folder=folder)
    assert (names(items), [item.content["file"].content for item in again]) == (["a.txt"], [b"new"])


async def test_says_that_something_is_no_folder(drive, watching):
    with pytest.raises(SettingsError, match=r"a\.txt is no folder"):
        await watching(folder=drive.put("a.txt"))
    with pytest.raises(SettingsError, match="File not found"):
        await watching(folder="nothing-there")


async def test_lists_10000_files_without_growing(drive, use, record_property):
    for number in range(10_000):
        drive.put(f"{number}.txt")
    trigger = file_changed(use("google_drive.file_changed", pattern="*.pdf"), None)
    process = psutil.Process()
    held = [process.memory_info().rss async for _ in trigger]
    grown = (held[-1] - held[10]) / 1024 / 1024
    record_property("measured", grown)
    assert len(held) > 100
    assert grown < 4


async def test_goes_on_within_a_list(drive, use):
    folder = drive.folder("In")
    made = [drive.put(f"{number}.txt", folder=folder) for number in range(250)]
    first = []
    reading = file_changed(use("google_drive.file_changed", folder=folder), None)
    async for item in reading:
        first.append(item)
        if len(first) == 150:
            break
    await reading.aclose()
    cursor = [item.cursor for item in first if item.cursor][-1]
    rest = [item async for item in file_changed(use("google_drive.file_changed", folder=folder), cursor)]
    keys = {item.key.partition("|")[0] for item in [*first, *rest] if item.content is not None}
    assert keys == set(made)
    assert sum(item.content is not None for item in rest) == 150


async def test_writes_a_new_version_and_brings_the_old_one_back(drive, uploading):
    old = drive.put("a.txt", b"old")
    [[change]] = await preview(uploading(exists="replace"), [RECORD])
    assert (change.kind, change.before, change.after) == (
        ChangeKind.CHANGE,
        {"name": "a.txt", "size": 3},
        {"name": "a.txt", "size": 3},
    )
    receipt = await upload_file(uploading(exists="replace"), RECORD)
    assert (receipt.reference, drive.files[old].contents) == (old, [b"old", b"new"])
    await undo(uploading(exists="replace"), receipt)
    assert drive.files[old].contents == [b"old", b"new", b"old"]


async def test_takes_back_nothing_that_somebody_has_changed(drive, uploading):
    receipt = await upload_file(uploading(), RECORD)
    drive.change(receipt.reference, b"theirs")
    with pytest.raises(SettingsError, match="has changed since it was written"):
        await undo(uploading(), receipt)
    drive.files[receipt.reference].trashed = True
    with pytest.raises(SettingsError, match="no longer there"):
        await undo(uploading(), receipt)


async def test_never_bins_a_file_that_was_there_before(drive, uploading, around):
    old = drive.put("a.txt", b"old")
    await upload_file(uploading(exists="replace"), RECORD)
    found = await find(uploading(exists="replace"), RECORD, around.remembered[-1])
    with pytest.raises(SettingsError, match="not known"):
        await undo(uploading(exists="replace"), found)
    assert not drive.files[old].trashed


@pytest.mark.parametrize("remembers", [True, False])
async def test_finds_what_was_written_though_the_answer_was_lost(drive, uploading, around, peer, remembers):
    peer.lost.append(CREATE)
    with pytest.raises(TemporaryError) as failed:
        await upload_file(uploading(), RECORD)
    assert failed.value.uncertain
    token = around.remembered[-1] if remembers else None
    assert isinstance(await find(uploading(), RECORD, token), Receipt)
    assert await find(uploading(), Record(key="KEY-2"), token) is None
    assert sum(file.name == "a.txt" for file in drive.files.values()) == 1


async def test_still_finds_a_delivery_that_another_one_came_after(drive, uploading):
    for key in ("KEY-1", "KEY-2"):
        await upload_file(uploading(exists="replace"), Record(key=key))
    assert isinstance(await find(uploading(), RECORD, None), Receipt)


async def test_keeps_both_or_refuses(drive, uploading):
    drive.put("a.txt", b"old")
    receipt = await upload_file(uploading(exists="keep_both"), RECORD)
    assert receipt.output["name"] == "a (2).txt"
    with pytest.raises(SettingsError, match=r"There is a file a\.txt in this folder already\."):
        await upload_file(uploading(exists="refuse"), RECORD)


async def test_makes_folders_below_and_heeds_no_letters_that_mean_something_to_drive(drive, uploading):
    place = {"subfolder": "O'Neil/2026", "name": "it's \\ here.txt"}
    first = await upload_file(uploading(**place), RECORD)
    second = await upload_file(uploading(**place, exists="replace"), Record(key="KEY-2"))
    assert first.reference == second.reference
    assert sorted(file.name for file in drive.files.values()) == ["2026", "My Drive", "O'Neil", "it's - here.txt"]


async def test_writes_a_document_of_googles(drive, uploading):
    receipt = await upload_file(uploading(name="Report.html", text="<p>Paid</p>", convert=True), RECORD)
    assert drive.files[receipt.reference].kind == DOCUMENT


async def test_sends_large_files_in_pieces_and_goes_on_after_a_cut(drive, uploading, stored, peer):
    stored.kept["large"] = bytes(range(256)) * (PIECE // 256 * 2 + 3)
    peer.lost.append("drive.files.create piece")
    receipt = await upload_file(uploading(file={"file": "large", "name": "large.bin"}, text="", name=""), RECORD)
    assert drive.files[receipt.reference].contents == [stored.kept["large"]]
    assert peer.lost == []


async def test_lists_and_reads_files(drive, use):
    folder = drive.folder("In")
    drive.put("one.txt", b"Ada", folder=folder)
    drive.put("two.txt", b"Bob", folder=folder)
    found = await list_files(use("google_drive.list_files", folder=folder, words="Ada"))
    assert (found["count"], found["more"], found["files"][0]["name"]) == (1, False, "one.txt")
    assert (await list_files(use("google_drive.list_files", folder=folder, most=1)))["more"]
    read = await download(use("google_drive.download", id=found["files"][0]["id"]))
    assert read["file"].content == b"Ada"
    with pytest.raises(SettingsError, match="Paste the link"):
        await download(use("google_drive.download", id="../../etc"))
    with pytest.raises(SettingsError, match="File not found"):
        await download(use("google_drive.download", id="nothing-there"))


async def test_offers_drives_and_folders(drive, use, connection):
    drive.drives["0ADrive"] = "Books"
    below = drive.folder("2026", folder=(top := drive.folder("In")))
    context = use("google_drive.upload_file", name="a", text="b")
    assert [(choice.value, choice.text) for choice in await drives(context)] == [("0ADrive", "Books")]
    assert [(choice.value, choice.text) for choice in await folders(context)] == [(top, "In"), (below, "In/2026")]
    await check(connection, context)


@pytest.mark.parametrize("settings", [{"folder": "https://example.com/"}, {"types": ["nonsense"]}, {"every": "often"}])
def test_refuses_settings_that_cannot_work(settings):
    with pytest.raises(ValueError, match=r"Paste the link|Invalid enum value|Write the interval"):
        fill(file_changed.settings, settings)
