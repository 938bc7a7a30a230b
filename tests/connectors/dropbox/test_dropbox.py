"""What is special about Dropbox: versions, typed refusals, names, tokens that run out."""

import asyncio
from typing import Any

import dropbox
import msgspec
import pytest
import requests

from connectors.dropbox import check, find, preview, save_file, undo
from connectors.dropbox.connection import Connection
from connectors.sdk import ChangeKind, CredentialsError, Receipt, Record, SettingsError, TemporaryError

CHANGED, SAVE = "dropbox.file_changed", "dropbox.save_file"
RECORD = Record(key="KEY-1")


async def test_renews_a_token_that_has_run_out(peer, read):
    peer.account.put("/a.txt", b"1")
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
    peer.account.put("/a.txt", b"before")
    context = use(SAVE, name="a.txt", text="after", exists="replace")
    receipt = kept(await save_file(context, RECORD))
    assert peer.account.content("/a.txt") == b"after"
    await undo(context, receipt)
    assert peer.account.content("/a.txt") == b"before"


async def test_takes_nothing_back_that_someone_has_changed(peer, use):
    context = use(SAVE, name="a.txt", text="ours")
    receipt = kept(await save_file(context, RECORD))
    peer.account.put("/a.txt", b"theirs")
    with pytest.raises(
        SettingsError, match=r"/a\.txt has been changed, moved or deleted since, so it is left as it is\."
    ):
        await undo(context, receipt)
    assert peer.account.content("/a.txt") == b"theirs"


async def test_the_same_content_again_makes_no_version_and_takes_none_back(peer, use):
    peer.account.put("/a.txt", b"same")
    context = use(SAVE, name="a.txt", text="same", exists="replace")
    await undo(context, kept(await save_file(context, RECORD)))
    assert peer.account.content("/a.txt") == b"same"


async def test_saves_beside_under_a_numbered_name_and_finds_it_by_what_was_remembered(peer, use, around):
    peer.account.put("/a.txt", b"theirs")
    context = use(SAVE, name="a.txt", text="ours")
    first = await save_file(context, RECORD)
    second = await save_file(context, Record(key="KEY-2"))
    assert [first.reference, second.reference] == ["/a (2).txt", "/a (3).txt"]
    found = [await find(context, RECORD, token) for token in around.remembered]
    assert [receipt.reference for receipt in found] == ["/a (2).txt", "/a (3).txt"]
    peer.account.remove("/a (3).txt")
    assert await find(context, RECORD, around.remembered[1]) is None


async def test_replaces_only_the_version_that_is_named(peer, use):
    version = peer.account.put("/a.txt", b"1").rev
    settings = {"name": "a.txt", "text": "2", "exists": "update", "version": version}
    await save_file(use(SAVE, **settings), RECORD)
    with pytest.raises(SettingsError, match=f"/a.txt is no longer the version {version}"):
        await save_file(use(SAVE, **settings), RECORD)


async def test_refuses_where_there_is_a_file_or_a_folder(peer, use):
    peer.account.put("/a.txt", b"1")
    peer.account.make_folder("/b.txt")
    with pytest.raises(SettingsError, match=r"There is already a file /a\.txt in Dropbox\."):
        await save_file(use(SAVE, name="a.txt", text="2", exists="refuse"), RECORD)
    with pytest.raises(SettingsError, match=r"There is a folder /b\.txt in Dropbox where the file would go\."):
        await save_file(use(SAVE, name="b.txt", text="2"), RECORD)


async def test_tries_again_when_someone_was_faster(peer, use):
    version = peer.account.put("/a.txt", b"1").rev
    context = use(SAVE, name="a.txt", text="ours", exists="update", version=version)
    peer.before_upload = lambda: peer.account.put("/a.txt", b"theirs")
    with pytest.raises(TemporaryError, match=r"/a\.txt has just been changed in Dropbox by someone else\."):
        await save_file(context, RECORD)
    assert peer.account.content("/a.txt") == b"theirs"


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"name": "../../../etc/passwd"}, "/Out/etc-passwd"),
        ({"name": "a\r\nDropbox-API-Arg: {}\u202efdp.exe"}, "/Out/a-Dropbox-API-Arg- {}-fdp.exe"),
        ({"name": "x.txt", "subfolder": "../Aldi Süd/./ /2026"}, "/Out/Aldi Süd/2026/x.txt"),
        ({"name": "ł" * 400 + ".pdf"}, f"/Out/{'ł' * 113}.pdf"),
    ],
)
async def test_hostile_names_stay_below_the_folder(peer, use, settings, path):
    await save_file(use(SAVE, folder="/Out", text="1", **settings), RECORD)
    assert peer.account.paths == [path]


@pytest.mark.parametrize("folder", ["/In/../..", "..", "/a/./b", "/a\nb", "C:\\x"])
def test_a_folder_does_not_climb(use, folder):
    with pytest.raises(msgspec.ValidationError):
        use(SAVE, folder=folder)


async def test_a_preview_shows_both_versions(peer, use):
    version = peer.account.put("/a.txt", b"before").rev
    [[change]] = await preview(use(SAVE, name="a.txt", text="afterwards", exists="replace"), [RECORD])
    assert (change.kind, change.reference, change.version) == (ChangeKind.CHANGE, "/a.txt", version)
    assert (change.before["size"], change.after["size"]) == (6, 10)


async def test_sends_a_file_of_the_run_under_its_own_name(peer, use, stored):
    stored.kept["fil_1"] = b"\x00\xff"
    await save_file(use(SAVE, file={"file": "fil_1", "name": "scan.pdf"}), RECORD)
    assert peer.account.content("/scan.pdf") == b"\x00\xff"


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
