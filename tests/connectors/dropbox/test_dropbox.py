"""What is special about Dropbox: cursors that end, long polls, versions, typed refusals, tokens that run out."""

import asyncio
from typing import Any

import dropbox
import msgspec
import pytest
import requests

from connectors.dropbox import check, file_changed, find, preview, save_file, undo, watch
from connectors.dropbox.connection import Connection
from connectors.sdk import ChangeKind, CredentialsError, Receipt, Record, SettingsError, TemporaryError
from connectors.sdk.arrivals import LARGEST_FILE

CHANGED, SAVE = "dropbox.file_changed", "dropbox.save_file"
RECORD = Record(key="KEY-1")


@pytest.fixture
def read(use):
    """Read the trigger once: items without content, which only move the cursor, are left out."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str | None]:
        found = [item async for item in file_changed(use(CHANGED, **settings), cursor)]
        return [item for item in found if item.content is not None], [
            cursor,
            *(item.cursor for item in found if item.cursor),
        ][-1]

    return call


async def test_hands_over_the_file_and_what_is_known_of_it(peer, read):
    peer.put("/In/Faktura ł.pdf", b"%PDF-1.4")
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
    peer.make_folder("/In")
    for path in ("/In/a.pdf", "/In/b.txt", "/In/Below/c.PDF", "/Inn/x [1].pdf"):
        peer.put(path, b"1")
    items, _ = await read(**settings)
    assert [item.title for item in items] == names


async def test_tells_of_a_new_version_under_the_same_subject(peer, read):
    peer.put("/a.txt", b"1")
    [first], cursor = await read()
    peer.put("/a.txt", b"2")
    [second], _ = await read(cursor)
    assert first.subject == second.subject
    assert first.key != second.key
    assert second.content["file"].content == b"2"


async def test_passes_over_what_is_deleted_moved_or_made_while_it_reads(peer, read):
    peer.put("/gone.txt", b"1")
    peer.remove("/gone.txt")
    peer.make_folder("/folder.txt")
    peer.put("/there.txt", b"1")
    items, _ = await read()
    assert [item.title for item in items] == ["there.txt"]


async def test_tells_of_a_file_that_cannot_be_read_and_goes_on(peer, read):
    peer.held_back.add(peer.put("/held back.mp3", b"1").rev)
    peer.put("/huge.bin", b"").size = LARGEST_FILE + 1
    peer.put("/paper.gdoc", b"").is_downloadable = False
    peer.put("/good.txt", b"1")
    items, _ = await read()
    problems = [item.content["file"]["problem"] for item in items[:3]]
    assert problems == [
        "Dropbox does not hand out this file (path/restricted_content).",
        "The file is larger than 25 MB and was not read.",
        "Dropbox keeps this as a document of its own, which cannot be downloaded.",
    ]
    assert items[3].content["file"].content == b"1"


async def test_reads_again_under_the_same_keys_when_dropbox_forgets_the_cursor(peer, read):
    peer.put("/a.txt", b"1")
    [first], cursor = await read()
    peer.epoch += 1
    peer.put("/b.txt", b"1")
    again, cursor = await read(cursor)
    assert [item.title for item in again] == ["a.txt", "b.txt"]
    assert again[0].key == first.key
    assert await read(cursor) == ([], cursor)


async def test_does_not_read_what_was_skipped_when_dropbox_forgets_the_cursor(peer, read):
    peer.put("/old.txt", b"1")
    peer.put("/newest.txt", b"1")
    nothing, cursor = await read(existing="skip")
    peer.epoch += 1
    peer.put("/new.txt", b"1")
    items, _ = await read(cursor, existing="skip")
    assert nothing == []
    assert [item.title for item in items] == ["newest.txt", "new.txt"]


async def test_names_a_folder_that_is_not_there(read):
    with pytest.raises(SettingsError, match=r"There is no folder /Nowhere in this Dropbox\. Choose another\."):
        await read(folder="/Nowhere")


async def test_notices_a_change_at_once(peer, use):
    peer.put("/In/a.txt", b"1")
    waiting = asyncio.ensure_future(watch(use(CHANGED, folder="/In")))
    async with asyncio.timeout(5):
        await peer.waited_for.wait()
        assert not waiting.done()
        peer.put("/In/b.txt", b"1")
        await waiting


async def test_renews_a_token_that_has_run_out(peer, read):
    peer.put("/a.txt", b"1")
    peer.refused_tokens.add("granted-token")
    items, _ = await read()
    assert [item.title for item in items] == ["a.txt"]


async def test_says_which_permission_is_missing(peer, use):
    peer.missing_scope = "files.content.write"
    with pytest.raises(
        CredentialsError, match=r"lacks the permission files\.content\.write\. Tick it under Permissions"
    ):
        await save_file(use(SAVE, name="a.txt", text="1"), RECORD)


async def test_a_new_version_is_taken_back_to_the_one_before(peer, use):
    peer.put("/a.txt", b"before")
    context = use(SAVE, name="a.txt", text="after", exists="replace")
    receipt = kept(await save_file(context, RECORD))
    assert peer.content("/a.txt") == b"after"
    await undo(context, receipt)
    assert peer.content("/a.txt") == b"before"


async def test_takes_nothing_back_that_someone_has_changed(peer, use):
    context = use(SAVE, name="a.txt", text="ours")
    receipt = kept(await save_file(context, RECORD))
    peer.put("/a.txt", b"theirs")
    with pytest.raises(
        SettingsError, match=r"/a\.txt has been changed, moved or deleted since, so it is left as it is\."
    ):
        await undo(context, receipt)
    assert peer.content("/a.txt") == b"theirs"


async def test_the_same_content_again_makes_no_version_and_takes_none_back(peer, use):
    peer.put("/a.txt", b"same")
    context = use(SAVE, name="a.txt", text="same", exists="replace")
    await undo(context, kept(await save_file(context, RECORD)))
    assert peer.content("/a.txt") == b"same"


async def test_saves_beside_under_a_numbered_name_and_finds_it_by_what_was_remembered(peer, use, around):
    peer.put("/a.txt", b"theirs")
    context = use(SAVE, name="a.txt", text="ours")
    first = await save_file(context, RECORD)
    second = await save_file(context, Record(key="KEY-2"))
    assert [first.reference, second.reference] == ["/a (2).txt", "/a (3).txt"]
    found = [await find(context, RECORD, token) for token in around.remembered]
    assert [receipt.reference for receipt in found] == ["/a (2).txt", "/a (3).txt"]
    peer.remove("/a (3).txt")
    assert await find(context, RECORD, around.remembered[1]) is None


async def test_replaces_only_the_version_that_is_named(peer, use):
    version = peer.put("/a.txt", b"1").rev
    settings = {"name": "a.txt", "text": "2", "exists": "update", "version": version}
    await save_file(use(SAVE, **settings), RECORD)
    with pytest.raises(SettingsError, match=f"/a.txt is no longer the version {version}"):
        await save_file(use(SAVE, **settings), RECORD)


async def test_refuses_where_there_is_a_file_or_a_folder(peer, use):
    peer.put("/a.txt", b"1")
    peer.make_folder("/b.txt")
    with pytest.raises(SettingsError, match=r"There is already a file /a\.txt in Dropbox\."):
        await save_file(use(SAVE, name="a.txt", text="2", exists="refuse"), RECORD)
    with pytest.raises(SettingsError, match=r"There is a folder /b\.txt in Dropbox where the file would go\."):
        await save_file(use(SAVE, name="b.txt", text="2"), RECORD)


async def test_tries_again_when_someone_was_faster(peer, use):
    version = peer.put("/a.txt", b"1").rev
    context = use(SAVE, name="a.txt", text="ours", exists="update", version=version)
    peer.before_upload = lambda: peer.put("/a.txt", b"theirs")
    with pytest.raises(TemporaryError, match=r"/a\.txt has just been changed in Dropbox by someone else\."):
        await save_file(context, RECORD)
    assert peer.content("/a.txt") == b"theirs"


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"name": "../../../etc/passwd"}, "/Out/etc-passwd"),
        ({"name": "a\r\nDropbox-API-Arg: {}\u202efdp.exe"}, "/Out/a-Dropbox-API-Arg- {}-fdp.exe"),
        ({"name": "x.txt", "subfolder": "../Aldi Süd/./ /2026"}, "/Out/Aldi Süd/2026/x.txt"),
        ({"name": "ł" * 400 + ".pdf"}, f"/Out/{'ł' * 237}.pdf"),
    ],
)
async def test_hostile_names_stay_below_the_folder(peer, use, settings, path):
    await save_file(use(SAVE, folder="/Out", text="1", **settings), RECORD)
    assert peer.paths == [path]


@pytest.mark.parametrize("folder", ["/In/../..", "..", "/a/./b", "/a\nb", "C:\\x"])
def test_a_folder_does_not_climb(use, folder):
    with pytest.raises(msgspec.ValidationError):
        use(SAVE, folder=folder)


async def test_a_preview_shows_both_versions(peer, use):
    version = peer.put("/a.txt", b"before").rev
    [[change]] = await preview(use(SAVE, name="a.txt", text="afterwards", exists="replace"), [RECORD])
    assert (change.kind, change.reference, change.version) == (ChangeKind.CHANGE, "/a.txt", version)
    assert (change.before["size"], change.after["size"]) == (6, 10)


async def test_sends_a_file_of_the_run_under_its_own_name(peer, use, stored):
    stored.kept["fil_1"] = b"\x00\xff"
    await save_file(use(SAVE, file={"file": "fil_1", "name": "scan.pdf"}), RECORD)
    assert peer.content("/scan.pdf") == b"\x00\xff"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "There is nothing to write: give a file or a text."),
        ({"text": "1"}, "The file has no name: fill in what it shall be called."),
        ({"text": "1", "file": "fil_1"}, "Give a file or a text, not both."),
        ({"file": [{"file": "a"}, {"file": "b"}]}, "2 files were given where one is written."),
        ({"file": {"file": None, "problem": "The file is too large."}}, "There is no file to write: The file is too"),
    ],
)
async def test_says_what_is_missing(use, settings, said):
    with pytest.raises(SettingsError, match=said.replace(".", r"\.")):
        await save_file(use(SAVE, **settings), RECORD)


def test_asks_for_lasting_access_with_least_rights():
    connection = Connection(client_id="key")
    oauth = connection.access()
    assert (oauth.authorize_url, oauth.token_url) == (
        "https://www.dropbox.com/oauth2/authorize",
        "https://api.dropboxapi.com/oauth2/token",
    )
    assert oauth.parameters == {"token_access_type": "offline"}
    assert set(oauth.scopes) == {"files.metadata.read", "files.content.read", "files.content.write"}
    assert connection.hosts() == ["api.dropboxapi.com", "content.dropboxapi.com", "notify.dropboxapi.com"]


async def test_checks_the_connection(peer, use):
    context = use(CHANGED)
    await check(context.connection, context)
    peer.refused_tokens |= {"granted-token", "renewed-token"}
    with pytest.raises(
        CredentialsError, match=r"does not let this account in \(expired_access_token\)\. Connect again"
    ):
        await check(context.connection, context)


async def test_the_unchanged_sdk_works_with_the_peer(peer):
    """What holds the peer to Dropbox: its own client, which decodes strictly, takes the answers."""

    class Door(requests.Session):
        def request(self, method: Any, url: Any, *arguments: Any, **named: Any) -> requests.Response:
            return super().request(method, f"{peer.base}/2/{url.partition('/2/')[2]}", *arguments, **named)

    def talk() -> tuple[bytes, list[str], str]:
        client = dropbox.Dropbox(oauth2_access_token="granted-token", session=Door())
        client.files_upload(b"one", "/sdk.txt")
        listed = client.files_list_folder("")
        content = client.files_download("/sdk.txt")[1].content
        with pytest.raises(dropbox.exceptions.ApiError) as refused:
            client.files_download("/nowhere")
        client.close()
        return content, [entry.name for entry in listed.entries], refused.value.error.get_path()._tag

    assert await asyncio.to_thread(talk) == (b"one", ["sdk.txt"], "not_found")


def kept(receipt: Receipt) -> Receipt:
    """Return a receipt as the ledger keeps it."""
    return msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
