"""What is special about SFTP: the server's key, ways to sign in, files that are not whole yet, names that lie."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.sdk import ChangeKind, CredentialsError, Receipt, Record, Secret, SettingsError
from connectors.sdk.files.arrivals import LARGEST_FILE, appeared
from connectors.sftp import check, file_changed, find, preview, undo, write_file
from connectors.sftp.connection import Connection
from connectors.sftp.folder import Files, folders
from connectors.sftp.session import server
from tests.peers.sftp import PASSPHRASE, PASSWORD, LyingFiles, password_server

CHANGED, WRITE = "sftp.file_changed", "sftp.write_file"
RECORD = Record(key="KEY-1")
OTHER = "SHA256:uNiVztksCsDhcc0u9e8BrYYXFFfrkdiYL5VSK7z1rY8"


@pytest.fixture
def read(use):
    """Read the trigger once: items without content, which only move the cursor, are left out."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str | None]:
        context = use(CHANGED, **{"quiet": 0.01, **settings})
        found = [item async for item in file_changed(context, cursor)]
        return [item for item in found if item.content is not None], [
            cursor,
            *(i.cursor for i in found if i.cursor is not None),
        ][-1]

    return call


async def tried(around: Any, connection: Connection) -> None:
    """Test a connection as its page does."""
    await check(connection, around.context(Connection(host="none.test", user="none"), connection))


def by_password(port: int, fingerprint: str, password: str = PASSWORD) -> Connection:
    return Connection(host="127.0.0.1", port=port, user="ada", password=Secret(password), host_key=fingerprint)


async def test_shows_the_servers_key_until_it_is_confirmed(sshd, around, connection):
    unknown = msgspec.structs.replace(connection, host_key="")
    with pytest.raises(SettingsError) as shown:
        await tried(around, unknown)
    assert f"shows the key ssh-ed25519 {sshd.fingerprint}. Compare it" in shown.value.message
    await tried(around, connection)
    await tried(around, msgspec.structs.replace(connection, host_key=sshd.host_key))


async def test_says_nothing_to_a_server_that_shows_another_key(sshd, around, connection):
    changed = msgspec.structs.replace(connection, host_key=OTHER)
    with pytest.raises(SettingsError) as refused:
        await tried(around, changed)
    assert refused.value.message.startswith(
        f"127.0.0.1 shows another key than the one that was confirmed: ssh-ed25519 {sshd.fingerprint}. Nothing was"
    )


@pytest.mark.parametrize("gap", [" ", "\n"])
async def test_takes_either_of_two_confirmed_keys(sshd, around, connection, gap):
    await tried(around, msgspec.structs.replace(connection, host_key=f"{OTHER}{gap}{sshd.fingerprint}"))


async def test_opens_a_key_by_its_passphrase(sshd, around, connection):
    sealed = msgspec.structs.replace(connection, private_key=Secret(sshd.sealed_key), passphrase=Secret(PASSPHRASE))
    await tried(around, sealed)
    with pytest.raises(CredentialsError, match="its passphrase is wrong or missing"):
        await tried(around, msgspec.structs.replace(sealed, passphrase=Secret("wrong")))
    with pytest.raises(CredentialsError, match="its passphrase is wrong or missing"):
        await tried(around, msgspec.structs.replace(sealed, passphrase=None))


@pytest.mark.parametrize("gap", ["", " ", "\r\n"])
async def test_opens_a_key_that_lost_its_lines_on_the_way(sshd, around, connection, gap):
    pasted = Secret(gap.join(sshd.private_key.splitlines()))
    await tried(around, msgspec.structs.replace(connection, private_key=pasted))


async def test_signs_in_by_password(around, tmp_path):
    async with password_server(tmp_path) as (port, fingerprint):
        await tried(around, by_password(port, fingerprint))
        with pytest.raises(CredentialsError, match="does not accept the user or the password"):
            await tried(around, by_password(port, fingerprint, "wrong"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "sftp://files.example.com"},
        {"host": ""},
        {"user": "ada\nroot"},
        {"port": 0},
        {"host_key": "my key"},
        {"host_key": "SHA256:short"},
    ],
)
def test_refuses_a_connection_that_cannot_work(wrong):
    with pytest.raises(ValueError, match=r"^(Give|A port|The server's key)"):
        Connection(**{"host": "files.example.com", "user": "ada", **wrong})


async def test_hands_over_the_file_and_what_is_known_of_it(box, read):
    (box / "Faktura ł.pdf").write_bytes(b"%PDF-1.4")
    os.utime(box / "Faktura ł.pdf", (1_795_000_000, 1_795_000_000))
    [item], _ = await read()
    content = item.content
    file = content.pop("file")
    assert (file.name, file.media_type, file.content) == ("Faktura ł.pdf", "application/pdf", b"%PDF-1.4")
    assert content == {
        "name": "Faktura ł.pdf",
        "path": f"{box}/Faktura ł.pdf",
        "size": 8,
        "changed": "2026-11-18T11:06:40Z",
        "version": "8-1795000000",
    }


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["a.pdf", "b.txt"]),
        ({"below": True}, ["a.pdf", "b.txt", "c.PDF"]),
        ({"below": True, "pattern": "*.pdf"}, ["a.pdf", "c.PDF"]),
        ({"types": ["text"]}, ["b.txt"]),
    ],
)
async def test_takes_only_what_is_asked_for_and_whole(box, read, settings, names):
    (box / "deep").mkdir()
    (box / ".hidden").mkdir()
    for name in ("a.pdf", "b.txt", "deep/c.PDF", ".d.txt", "e.txt.part", "f.tmp", ".hidden/g.txt"):
        (box / name).write_text("1")
        os.utime(box / name, (1, 1))
    (box / "linked").symlink_to(box / "deep")
    (box / "linked.txt").symlink_to("/etc/hostname")
    items, _ = await read(**settings)
    assert [item.title for item in items] == names


async def test_waits_for_a_file_that_is_still_written(box, use, read):
    class Growing(Files):
        """The folder while someone writes into it: with each look there is more."""

        async def files(self):
            found = await super().files()
            with (box / "big.csv").open("a") as file:
                file.write("more")
            return found

    (box / "big.csv").write_text("half")
    context = use(CHANGED)
    async with server(context) as sftp:
        growing = Growing(sftp, context.settings)
        [half] = await growing.files()
        assert await growing.content(half) is None
        [nothing] = [item async for item in appeared(growing, None, existing="read", quiet=0.01)]
    assert nothing.content is None
    [item], _ = await read(nothing.cursor)
    assert item.content["file"].content == b"half" + b"more" * 3


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


@pytest.mark.parametrize("there", [Path.touch, Path.exists])
async def test_leaves_alone_what_was_there_when_it_shall(box, read, there):
    there(box / "old.txt")
    nothing, cursor = await read(existing="skip")
    (box / "new.txt").write_text("1")
    items, _ = await read(cursor, existing="skip")
    assert nothing == []
    assert [item.title for item in items] == ["new.txt"]


async def test_names_that_lead_elsewhere_are_none(use, tmp_path):
    class Lies(LyingFiles):
        names = (b"..", b"../../etc/passwd", b"/etc/shadow", b"a\0b", b"\xff.txt", b"\xfe.txt", b"two\nlines.txt")
        size = LARGEST_FILE + 1

    async with password_server(tmp_path, Lies) as (port, fingerprint):
        context = use(CHANGED, over=by_password(port, fingerprint), folder="/", quiet=0.01)
        items = [item async for item in file_changed(context, None) if item.content is not None]
    assert sorted(item.title for item in items) == ["?.txt", "?.txt", "two\nlines.txt"]
    assert len({item.key for item in items}) == 3


async def test_names_a_folder_that_is_not_there_or_may_not_be_read(read):
    with pytest.raises(SettingsError, match=r"There is no such file or folder on 127\.0\.0\.1\. Check the folder\."):
        await read(folder="/nowhere")


async def test_offers_the_folders_of_the_account(use):
    found = await folders(use(CHANGED))
    assert found[0].startswith("/")


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
    with pytest.raises(SettingsError, match="was not kept, so it cannot be brought back"):
        await undo(context, receipt)
    assert [path.name for path in box.iterdir()] == ["a.txt"]


async def test_takes_nothing_back_that_someone_has_changed(box, use):
    context = use(WRITE, name="a.txt", text="ours")
    receipt = kept(await write_file(context, RECORD))
    (box / "a.txt").write_text("theirs")
    with pytest.raises(SettingsError, match="has been changed or removed since, so it is left as it is"):
        await undo(context, receipt)


async def test_writes_beside_under_a_numbered_name_or_refuses(box, use):
    (box / "a.txt").write_text("theirs")
    receipts = [await write_file(use(WRITE, name="a.txt", text=text), RECORD) for text in ("1", "2")]
    assert [receipt.output["name"] for receipt in receipts] == ["a (2).txt", "a (3).txt"]
    with pytest.raises(SettingsError, match="There is already a file"):
        await write_file(use(WRITE, name="a.txt", text="3", exists="refuse"), RECORD)


async def test_clears_up_after_a_crash_and_finds_what_was_written(box, use, around):
    context = use(WRITE, name="a.txt", text="whole")
    await write_file(context, RECORD)
    [token] = around.remembered
    found = await find(context, RECORD, token)
    assert found is not None
    assert found.reference == f"{box}/a.txt"
    intent = msgspec.json.decode(token)
    (box / "a.txt").rename(intent["part"])
    assert await find(context, RECORD, token) is None
    assert list(box.iterdir()) == []


async def test_leaves_nothing_behind_where_it_fails(box, use):
    (box / "out").mkdir()
    (box / "out" / "a.txt").write_text("1")
    (box / "out" / ".versions").write_text("a file where the folder would be")
    context = use(WRITE, folder=f"{box}/out", name="a.txt", text="2", exists="replace", keep_in=".versions")
    with pytest.raises(SettingsError):
        await write_file(context, RECORD)
    assert sorted(path.name for path in (box / "out").iterdir()) == [".versions", "a.txt"]
    assert (box / "out" / "a.txt").read_text() == "1"


async def test_hostile_names_stay_below_the_folder(box, use):
    context = use(WRITE, name="../../../../etc/cron.d/x", subfolder="../2026/..//./new", text="1")
    receipt = await write_file(context, RECORD)
    assert receipt.reference == f"{box}/2026/new/etc-cron.d-x"


async def test_a_folder_without_a_slash_begins_where_the_account_does(use, tmp_path):
    async with password_server(tmp_path) as (port, fingerprint):
        context = use(WRITE, over=by_password(port, fingerprint), folder="out", name="a.txt", text="1")
        receipt = await write_file(context, RECORD)
    assert receipt.reference == "out/a.txt"
    assert (tmp_path / "out" / "a.txt").read_text() == "1"


async def test_a_preview_shows_what_would_be_replaced(box, use):
    (box / "a.txt").write_text("before")
    [[change]] = await preview(use(WRITE, name="a.txt", text="afterwards", exists="replace"), [RECORD])
    assert (change.kind, change.before["size"], change.after["size"]) == (ChangeKind.CHANGE, 6, 10)
    assert (box / "a.txt").read_text() == "before"


def kept(receipt: Receipt) -> Receipt:
    """Return a receipt as the ledger keeps it."""
    return msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
