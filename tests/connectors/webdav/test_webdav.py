"""What is special about WebDAV: ways to sign in, lists that lie, versions by ETag."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.sdk import ChangeKind, CredentialsError, Receipt, Record, Secret, SettingsError, TemporaryError
from connectors.sdk.files.arrivals import LARGEST_FILE
from connectors.webdav import check, file_changed, find, preview, undo, write_file
from connectors.webdav.client import Client
from connectors.webdav.connection import Connection
from connectors.webdav.folder import folders
from tests.connectors.webdav.listings import listing
from tests.peers.web import Answer

CHANGED, WRITE = "webdav.file_changed", "webdav.write_file"
RECORD = Record(key="KEY-1")


@pytest.fixture
def read(use):
    """Read the trigger once: items without content, which only move the cursor, are left out."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str | None]:
        context = use(CHANGED, **{"quiet": 0.01, **settings})
        found = [item async for item in file_changed(context, cursor)]
        return [item for item in found if item.content is not None], [cursor, *(i.cursor for i in found if i.cursor)][
            -1
        ]

    return call


@pytest.mark.parametrize("kind", ["basic", "digest"])
async def test_signs_in_by_password(use, connection, kind):
    context = use(CHANGED, over=msgspec.structs.replace(connection, kind=kind))
    await check(context.connection, context)
    wrong = use(CHANGED, over=msgspec.structs.replace(connection, kind=kind, secret=Secret("wrong")))
    with pytest.raises(CredentialsError, match="does not accept the user, password or token"):
        await check(wrong.connection, wrong)


async def test_answers_a_digest_challenge_once_and_then_counts_on(use, connection, box):
    (box / "a.txt").write_text("1")
    client = Client(use(CHANGED, over=msgspec.structs.replace(connection, kind="digest")))
    [entry] = await client.listed("")
    answer = await client.content("/a.txt", 10)
    assert entry.name == "a.txt"
    assert answer is not None
    assert answer.content == b"1"


@pytest.mark.parametrize("challenge", ["Digest", "Digest realm", 'Digest realm="x", nonce="y", algorithm=ROT13'])
async def test_a_challenge_that_cannot_be_read_is_said_to_be_one(use, peer, challenge):
    peer.always(Answer(status=401, headers={"WWW-Authenticate": challenge}))
    over = Connection(address=peer.base, kind="digest", user="ada", secret=Secret("s3cret"))
    with pytest.raises((CredentialsError, TemporaryError), match=r"(does not accept|cannot be read)"):
        await Client(use(CHANGED, over=over)).listed("")


async def test_sends_a_token(use, peer):
    peer.always(Answer(status=207, text=listing("/share/")))
    over = Connection(address=f"{peer.base}/share", kind="bearer", secret=Secret("t0ken-t0ken"))
    await Client(use(CHANGED, over=over)).entry("/")
    assert peer.asked[0].headers["Authorization"] == "Bearer t0ken-t0ken"


async def test_tries_a_password_that_is_refused_only_once(use, peer):
    peer.always(Answer(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'}))
    over = Connection(address=peer.base, user="ada", secret=Secret("wrong"))
    with pytest.raises(CredentialsError):
        await Client(use(CHANGED, over=over)).listed("")
    assert len(peer.asked) == 1


async def test_says_that_there_is_no_webdav_server(use, peer):
    peer.always(Answer(text="<html>Welcome</html>", headers={"Content-Type": "text/html"}))
    over = Connection(address=peer.base, user="ada", secret=Secret("s3cret"))
    with pytest.raises(SettingsError, match=r"does not answer as a WebDAV server\. Check the address\."):
        await Client(use(CHANGED, over=over)).listed("")


async def test_hands_over_the_file_and_what_is_known_of_it(box, read):
    (box / "Faktura ł.pdf").write_bytes(b"%PDF-1.4")
    os.utime(box / "Faktura ł.pdf", (1_795_000_000, 1_795_000_000))
    [item], _ = await read()
    content = item.content
    file, version = content.pop("file"), content.pop("version")
    assert (file.name, file.media_type, file.content) == ("Faktura ł.pdf", "application/pdf", b"%PDF-1.4")
    assert content == {"name": "Faktura ł.pdf", "path": "/Faktura ł.pdf", "size": 8, "changed": "2026-11-18T11:06:40Z"}
    assert item.key == f"/Faktura ł.pdf|{version}"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["a.pdf", "b.txt"]),
        ({"below": True}, ["a.pdf", "b.txt", "c.PDF"]),
        ({"folder": "deep/"}, ["c.PDF"]),
        ({"below": True, "types": ["pdf"]}, ["a.pdf", "c.PDF"]),
    ],
)
async def test_takes_only_what_is_asked_for_and_whole(box, read, settings, names):
    (box / "deep").mkdir()
    for name in ("a.pdf", "b.txt", "deep/c.PDF", ".d.txt", "e.txt.part"):
        (box / name).write_text("1")
        os.utime(box / name, (1, 1))
    items, _ = await read(**settings)
    assert [item.title for item in items] == names


async def test_offers_the_folders_at_the_top(box, use):
    (box / "in").mkdir()
    (box / "a.txt").write_text("1")
    assert await folders(use(CHANGED)) == ["/in"]


@pytest.mark.parametrize("name", ["100% [x] #1?.txt", "a;b=c&d+e.txt", "smile 🙂.txt", "%2e%2e.txt", "'\".txt"])
async def test_finds_its_way_to_odd_names(box, read, name):
    (box / name).write_text("odd")
    [item], _ = await read()
    assert item.title == name
    assert item.content["file"].content == b"odd"


async def test_tells_of_a_changed_file_and_of_one_that_is_too_large(box, read):
    (box / "a.txt").write_text("1")
    [first], cursor = await read()
    (box / "a.txt").write_text("longer")
    with (box / "huge.bin").open("wb") as huge:
        huge.truncate(LARGEST_FILE + 1)
    items, _ = await read(cursor)
    told = {item.title: item for item in items}
    assert told["a.txt"].subject == first.subject
    assert told["a.txt"].key != first.key
    assert told["huge.bin"].content["file"]["problem"] == "The file is larger than 25 MB and was not read."


async def test_names_a_folder_that_is_none(box, read):
    (box / "a.txt").write_text("1")
    with pytest.raises(SettingsError, match=r"There is no folder /nowhere on 127\.0\.0\.1\. Check the folder\."):
        await read(folder="/nowhere")
    with pytest.raises(SettingsError, match=r"(is a file, not a folder|There is no folder)"):
        await read(folder="/a.txt")


async def test_says_that_the_list_is_of_another_address(use, peer):
    peer.always(Answer(status=207, text=listing("/dav/a.txt")))
    over = Connection(address=f"{peer.base}/share", user="ada", secret=Secret("s3cret"))
    with pytest.raises(SettingsError, match=r"lists this folder under another address\. Give that one\."):
        await Client(use(CHANGED, over=over)).listed("")


async def test_keeps_what_it_replaces_and_brings_it_back(box, use):
    (box / "a.txt").write_text("before")
    context = use(WRITE, name="a.txt", text="after", exists="replace", keep_in=".versions")
    receipt = kept(await write_file(context, RECORD))
    assert (box / "a.txt").read_text() == "after"
    assert [path.read_text() for path in (box / ".versions").iterdir()] == ["before"]
    await undo(context, receipt)
    assert (box / "a.txt").read_text() == "before"
    assert list((box / ".versions").iterdir()) == []


async def test_says_that_what_was_not_kept_cannot_come_back(box, use):
    (box / "a.txt").write_text("before")
    context = use(WRITE, name="a.txt", text="after", exists="replace")
    receipt = kept(await write_file(context, RECORD))
    with pytest.raises(SettingsError, match="was not kept here, so it cannot be brought back"):
        await undo(context, receipt)


async def test_takes_nothing_back_that_someone_has_changed(box, use):
    context = use(WRITE, name="a.txt", text="ours")
    receipt = kept(await write_file(context, RECORD))
    (box / "a.txt").write_text("theirs")
    with pytest.raises(SettingsError, match="has been changed or removed since, so it is left as it is"):
        await undo(context, receipt)


async def test_writes_beside_under_a_numbered_name_or_refuses(box, use):
    (box / "a.txt").write_text("theirs")
    receipts = [await write_file(use(WRITE, name="a.txt", text=text), RECORD) for text in ("1", "2")]
    assert [receipt.reference for receipt in receipts] == ["/a (2).txt", "/a (3).txt"]
    with pytest.raises(SettingsError, match=r"There is already a file /a\.txt\."):
        await write_file(use(WRITE, name="a.txt", text="3", exists="refuse"), RECORD)


async def test_replaces_only_the_version_that_is_named(box, use, read):
    (box / "a.txt").write_text("1")
    [item], _ = await read()
    settings = {"name": "a.txt", "text": "longer", "exists": "update", "version": item.content["version"]}
    await write_file(use(WRITE, **settings), RECORD)
    with pytest.raises(SettingsError, match=r"/a\.txt is no longer the version"):
        await write_file(use(WRITE, **settings), RECORD)


@pytest.mark.parametrize(("there", "exists"), [(Path.touch, "replace"), (Path.exists, "keep_both")])
async def test_writes_over_nothing_that_came_meanwhile(box, use, around, there, exists):
    class Meanwhile(list[str]):
        """Remembers, while someone else writes the file."""

        def append(self, token: str) -> None:
            super().append(token)
            (box / "a.txt").write_text("theirs, and longer")

    there(box / "a.txt")
    around.remembered = Meanwhile()
    with pytest.raises(TemporaryError, match=r"/a\.txt has just been changed by someone else\."):
        await write_file(use(WRITE, name="a.txt", text="ours", exists=exists), RECORD)
    assert (box / "a.txt").read_text() == "theirs, and longer"


async def test_finds_by_what_was_remembered(box, use, around):
    context = use(WRITE, name="a.txt", text="whole")
    assert await find(context, RECORD, None) is None
    await write_file(context, RECORD)
    [token] = around.remembered
    found = await find(context, RECORD, token)
    assert found is not None
    assert found.reference == "/a.txt"
    (box / "a.txt").write_text("other")
    assert await find(context, RECORD, token) is None


async def test_hostile_names_stay_below_the_folder(box, use):
    context = use(WRITE, folder="/out", name="../../etc/x?#%2f", subfolder="../2026/..//new", text="1")
    receipt = await write_file(context, RECORD)
    assert receipt.reference == "/out/2026/new/etc-x-#%2f"
    assert (box / "out" / "2026" / "new" / "etc-x-#%2f").read_text() == "1"


async def test_a_preview_shows_what_would_be_replaced(box, use):
    (box / "a.txt").write_text("before")
    [[change]] = await preview(use(WRITE, name="a.txt", text="afterwards", exists="replace"), [RECORD])
    assert (change.kind, change.before["size"], change.after["size"]) == (ChangeKind.CHANGE, 6, 10)
    assert (box / "a.txt").read_text() == "before"


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "cloud.example.com"},
        {"address": "https://cloud.example.com/dav?x=1"},
        {"address": "https://ada:secret@cloud.example.com/"},
        {"user": "ada:root"},
    ],
)
def test_refuses_a_connection_that_cannot_work(wrong):
    with pytest.raises(ValueError, match=r"^(Begin|The address|A user)"):
        Connection(**{"address": "https://cloud.example.com/", "secret": Secret("s3cret"), **wrong})


def kept(receipt: Receipt) -> Receipt:
    """Return a receipt as the ledger keeps it."""
    return msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
