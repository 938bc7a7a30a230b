"""A recipe from Google Drive to Google Sheets: seen before it happens, run once for each file, taken back."""

import pytest

from hub.ids import parse
from tests.peers.google import google_peer
from tests.peers.google_drive import Drive
from tests.peers.google_sheets import Sheets
from tests.peers.google_tokens import key_file
from tests.runs.hub import states

RECIPE = """
spec:
  trigger: {{uses: google_drive.file_changed, connection: google, with: {{folder: "{folder}", every: 1h}}}}
  steps:
    - id: list
      uses: google_sheets.write_rows
      connection: google
      with:
        spreadsheet: {book}
        tab: Invoices
        mode: upsert
        key: [File]
        columns: {{File: "{{{{ trigger.name }}}}", Size: "{{{{ trigger.size }}}}"}}
    - id: keep
      uses: google_drive.upload_file
      connection: google
      with: {{file: "{{{{ trigger.file }}}}", subfolder: "{{{{ trigger.changed_by }}}}", exists: replace}}
"""


@pytest.fixture
async def peer():
    async with google_peer() as running:
        yield running


@pytest.fixture
def drive(peer):
    return Drive(peer)


@pytest.fixture
def sheets(peer, drive):
    return Sheets(peer, drive)


@pytest.fixture
async def recipe(hub, member, peer, drive, sheets):
    settings = {"kind": "service_account", "key": key_file(), "address": peer.address}
    await hub.services.connections.add(member, "google", "google_drive", settings)
    folder, book = drive.folder("In"), sheets.put("Books", [["File", "Size"], ["a.txt", 1]])
    drive.put("a.txt", b"first", folder=folder)
    drive.put("b.txt", b"second file", folder=folder)
    return await hub.publish(member, RECIPE.format(folder=folder, book=book))


@pytest.fixture
def rows(drive, sheets):
    [book] = [file.id for file in drive.files.values() if file.name == "Books"] or [""]
    return lambda: sheets.tab(book).texts()[1:]


async def test_files_become_rows_and_copies_once_and_can_be_taken_back(hub, member, recipe, drive, rows):
    items = await hub.ended(recipe, 2)
    assert states(items) == ["delivered", "delivered"]
    assert rows() == [["a.txt", 5], ["b.txt", 11]]
    copies = [file for file in drive.files.values() if file.name == "b.txt"]
    assert [file.contents for file in copies] == [[b"second file"]] * 2
    runs = {item.item.run for item in items}
    undone = [await hub.run_ended(member, (await hub.services.runs.undo(member, parse("run", run))).id) for run in runs]
    assert sum(one.counts.dead for one in undone) == 0
    assert rows() == [["a.txt", 1]]
    assert [file.trashed for file in copies] == [False, True]


async def test_a_plan_shows_the_row_and_the_file_as_they_are_and_would_be(hub, member, recipe, rows):
    await hub.ended(recipe, 2)
    item = {"name": "b.txt", "size": 12, "file": {"file": "fil_none", "name": "b.txt", "problem": "It is gone."}}
    planned = await hub.services.runs.plan(member, recipe.id, item)
    change = planned.writes[0].changes[0]
    assert (change["kind"], change["before"]["Size"], change["after"]["Size"]) == ("change", 11, 12)
    assert rows() == [["a.txt", 5], ["b.txt", 11]]
