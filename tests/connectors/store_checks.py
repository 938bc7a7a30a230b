"""What every store of objects is asked beyond the contracts: filters, odd names, versions, what others do meanwhile.

A store's test module subclasses these and gives the fixture `bucket`.
"""

from typing import Any

import pytest

from connectors.sdk import Attachment, ChangeKind, Item, Receipt, Record, SettingsError
from connectors.sdk.files.arrivals import LARGEST_FILE
from connectors.sdk.registry import find
from tests.connectors.store_stands import Bucket

RECORD = Record(key="KEY-1")
ODD = ["a b.txt", "a+b.txt", "a~'(b)!*.txt", "a=b@c:d;e&f$g,h.txt", "żółć.txt", "100%.txt", "a#b?c.txt", "a%2Fb.txt"]


async def read(at: Bucket, cursor: str | None = None, /, **settings: Any) -> tuple[list[Item], str | None]:
    """Read the trigger once from a cursor on."""
    context = at.context("object_changed", **{"folder": at.folder, **settings})
    part = find(f"{at.connector}.object_changed")
    found = [item async for item in part(context, cursor)]  # type: ignore[misc]  # it is there
    return [item for item in found if item.content is not None], ([cursor, *(i.cursor for i in found if i.cursor)])[-1]


async def ask(bucket: Bucket, part: str, **settings: Any) -> Any:
    """Look something up."""
    return await find(f"{bucket.connector}.{part}")(bucket.context(part, **settings))  # type: ignore[misc]  # it is there


class Writing:
    """The target of a bucket, with its preview, find and undo."""

    def __init__(self, bucket: Bucket) -> None:
        self.target = find(f"{bucket.connector}.write_object")
        self.bucket = bucket

    def context(self, **settings: Any) -> Any:
        """Return the context of one delivery."""
        return self.bucket.context("write_object", **{"folder": self.bucket.folder, "name": "a.txt", **settings})

    async def write(self, record: Record = RECORD, **settings: Any) -> Receipt:
        """Deliver."""
        return await self.target(self.context(**settings), record)  # type: ignore[misc,no-any-return]  # it is there

    async def undo(self, receipt: Receipt) -> Receipt:
        """Take a delivery back."""
        return await self.target.undoer(self.context(text="x"), receipt)  # type: ignore[union-attr,misc,no-any-return]

    async def preview(self, **settings: Any) -> Any:
        """Show what one delivery would change."""
        [[change]] = await self.target.previewer(self.context(**settings), [RECORD])  # type: ignore[union-attr,misc]
        return change

    async def find(self, token: str | None, **settings: Any) -> Receipt | None:
        """Look whether the delivery was made."""
        return await self.target.finder(self.context(**settings), RECORD, token)  # type: ignore[union-attr,misc,no-any-return]


class StoreChecks:
    """Subclass it and give the fixture `bucket`."""

    async def test_hands_over_the_file_and_what_is_known_of_it(self, bucket):
        path = await bucket.put("Faktura ł.pdf", b"%PDF-1.4")
        [item], _ = await read(bucket)
        file = item.content["file"]
        assert (file.name, file.media_type, file.content) == ("Faktura ł.pdf", "application/pdf", b"%PDF-1.4")
        assert (item.content["path"], item.content["size"]) == (path, 8)
        assert item.content["changed"].endswith("Z")

    @pytest.mark.parametrize(
        ("settings", "names"),
        [
            ({"pattern": "*.pdf"}, ["a.pdf", "c.PDF"]),
            ({"types": ["text"]}, ["b.txt"]),
            ({"pattern": "a*", "types": ["text", "pdf"]}, ["a.pdf"]),
        ],
    )
    async def test_takes_only_what_is_asked_for(self, bucket, settings, names):
        for name in ("a.pdf", "b.txt", "below/c.PDF"):
            await bucket.put(name)
        found, _ = await read(bucket, **settings)
        assert sorted(item.title for item in found) == names
        listed = await ask(bucket, "list_objects", folder=bucket.folder, **settings)
        assert sorted(one["name"] for one in listed["objects"]) == names

    async def test_leaves_out_what_was_there_before_it_began(self, bucket):
        await bucket.put("old.txt")
        found, cursor = await read(bucket, existing="skip")
        assert found == []
        await bucket.put("new.txt")
        found, cursor = await read(bucket, cursor, existing="skip")
        assert [item.title for item in found] == ["new.txt"]
        assert (await read(bucket, cursor, existing="skip"))[0] == []

    async def test_tells_of_an_object_again_once_it_has_changed(self, bucket):
        await bucket.put("a.txt", b"one")
        [first], cursor = await read(bucket)
        await bucket.put("a.txt", b"two")
        [second], _ = await read(bucket, cursor)
        assert (first.subject, first.key == second.key) == (second.subject, False)
        assert second.content["file"].content == b"two"

    async def test_leaves_the_cursor_alone_where_nothing_is_new(self, bucket):
        await bucket.put("a.txt")
        _, cursor = await read(bucket)
        assert (await read(bucket, cursor))[1] == cursor

    async def test_tells_of_one_too_large_without_reading_it(self, bucket):
        await bucket.put("large.bin", bytes(LARGEST_FILE + 1))
        [item], _ = await read(bucket)
        assert item.content["file"]["problem"] == "The file is larger than 25 MB and was not read."

    async def test_tells_of_objects_without_their_content_where_nobody_wants_it(self, bucket):
        await bucket.put("a.txt")
        asked = bucket.gate.asked
        [item], _ = await read(bucket, read=False)
        assert (item.content["file"], item.content["size"]) == (None, 4)
        assert bucket.gate.asked == asked + 1

    async def test_begins_a_listing_again_whose_mark_the_store_has_forgotten(self, bucket):
        await bucket.put("a.txt")
        found, _ = await read(bucket, '{"started":"2026-01-01T00:00:00Z","after":"no such mark"}')
        assert [item.title for item in found] == ["a.txt"]

    @pytest.mark.parametrize("name", ODD)
    async def test_takes_names_as_they_are(self, bucket, name):
        await bucket.put(name, name.encode())
        [item], _ = await read(bucket)
        assert (item.title, item.content["file"].content) == (name, name.encode())
        found = await ask(bucket, "read_object", path=bucket.folder + name)
        assert found["file"].content == name.encode()

    async def test_tells_long_paths_apart(self, bucket):
        folder = "/".join(["a" * 100] * 6)
        for name in ("1.txt", "2.txt"):
            await bucket.put(f"{folder}/{name}")
        found, _ = await read(bucket)
        assert len({item.key for item in found}) == len({item.subject for item in found}) == 2

    async def test_lists_up_to_a_limit(self, bucket):
        for name in ("a", "b", "c"):
            await bucket.put(name)
        listed = await ask(bucket, "list_objects", folder=bucket.folder, limit=2)
        assert (listed["count"], listed["more"]) == (2, True)

    @pytest.mark.parametrize(("path", "said"), [("missing", "no object"), ("a/../b", "'..'"), ("", "empty")])
    async def test_says_which_object_is_not_there(self, bucket, path, said):
        with pytest.raises(SettingsError, match=said):
            await ask(bucket, "read_object", path=path)

    async def test_says_which_bucket_is_not_there(self, bucket):
        with pytest.raises(SettingsError, match="no-such-bucket"):
            await read(bucket, bucket="no-such-bucket")

    async def test_writes_a_file_of_the_run(self, bucket, stored):
        stored.kept["fil_1"] = b"%PDF-1.4"
        given = {"file": "fil_1", "name": "Faktura.pdf", "media_type": "application/pdf"}
        receipt = await Writing(bucket).write(name="", file=given, subfolder="2026/11")
        assert receipt.output["path"] == f"{bucket.folder}2026/11/Faktura.pdf"
        assert receipt.output["media_type"] == "application/pdf"
        found = await ask(bucket, "read_object", path=receipt.output["path"])
        assert found["file"] == Attachment(name="Faktura.pdf", media_type="application/pdf", content=b"%PDF-1.4")

    async def test_writes_a_large_file(self, bucket, stored):
        stored.kept["fil_1"] = bytes(range(256)) * 20_000
        await Writing(bucket).write(name="large.bin", file="fil_1")
        assert await bucket.get("large.bin") == stored.kept["fil_1"]

    async def test_writes_beside_what_is_there(self, bucket):
        writing = Writing(bucket)
        for key in ("KEY-1", "KEY-2"):
            await writing.write(Record(key=key), text=key, exists="keep_both")
        assert (await bucket.get("a.txt"), await bucket.get("a (2).txt")) == (b"KEY-1", b"KEY-2")
        found = await writing.find(None, text="KEY-1", exists="keep_both")
        assert found is not None
        assert found.output["path"] == f"{bucket.folder}a.txt"

    async def test_refuses_to_write_over_what_is_there(self, bucket):
        await bucket.put("a.txt")
        with pytest.raises(SettingsError, match="was not written over"):
            await Writing(bucket).write(text="new", exists="refuse")
        assert await bucket.get("a.txt") == b"text"

    async def test_preview_tells_what_is_written_over(self, bucket):
        writing = Writing(bucket)
        assert (await writing.preview(text="new")).kind is ChangeKind.ADD
        await bucket.put("a.txt")
        change = await writing.preview(text="longer")
        assert (change.kind, change.before["size"], change.after["size"]) == (ChangeKind.CHANGE, 4, 6)

    async def test_leaves_alone_what_others_have_written_since(self, bucket):
        receipt = await Writing(bucket).write(text="ours")
        await bucket.put("a.txt", b"theirs")
        with pytest.raises(SettingsError, match="has changed since"):
            await Writing(bucket).undo(receipt)
        assert await bucket.get("a.txt") == b"theirs"

    async def test_asks_a_person_when_others_wrote_where_a_delivery_was_lost(self, bucket):
        writing = Writing(bucket)
        await writing.write(text="ours")
        token = bucket.around.remembered[-1]
        await bucket.put("a.txt", b"theirs")
        with pytest.raises(SettingsError, match="decide"):
            await writing.find(token, text="ours")
