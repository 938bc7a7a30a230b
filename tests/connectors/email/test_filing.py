"""A mailbox kept in order on a real server: flags, labels, moving, copying, each taken back."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.email import (
    copy,
    find_copied,
    find_flag,
    find_moved,
    flag,
    move,
    preview_flag,
    preview_place,
    undo_copy,
    undo_flag,
    undo_move,
)
from connectors.email.connection import Connection
from connectors.sdk import Context, Record, SettingsError, fill
from connectors.sdk.registry import find
from tests.connectors.email.conftest import letter
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.connectors.recordings import part_of
from tests.peers.mail_server import MailServer
from tests.peers.surroundings import Surroundings

RECORD = Record(key="k3y")
FIRST, SECOND = "<Invoice-1@supplier.example>", "<Invoice-2@supplier.example>"


@pytest.fixture
def use(around, connection):
    def context(uses: str, **settings: Any) -> Context[Any, Any]:
        part = find(uses)
        assert part is not None
        made: Context[Any, Any] = around.context(fill(part.settings, settings), connection)
        return made

    return context


@pytest.fixture
def mails(mail, address):
    mail.put(address, [letter("Invoice 1").as_bytes(), letter("Invoice 2").as_bytes()])
    mail.make_folder(address, "Done")
    return mail


async def test_marks_a_mail_and_takes_it_back(mails, address, use):
    context = use("email.flag", mail=FIRST, add=["seen", "Booked"], remove=["flagged"])
    [[change]] = await preview_flag(context, [RECORD])
    untouched = mails.labelled(address)
    receipt = await flag(context, RECORD)
    marked = mails.labelled(address)
    found = await find_flag(context, RECORD, "[]")
    await undo_flag(context, receipt)
    assert (change.before["flags"], change.after["flags"]) == ([], ["Booked", "seen"])
    assert untouched == {"Invoice 1": [], "Invoice 2": []}
    assert sorted(marked["Invoice 1"]) == ["Booked", "\\Seen"]
    assert (found.after, found.before["flags"]) == (receipt.after, [])
    assert mails.labelled(address) == untouched


async def test_leaves_flags_alone_that_somebody_has_changed_since(mails, address, use):
    receipt = await flag(use("email.flag", mail=FIRST, add=["seen"]), RECORD)
    await flag(use("email.flag", mail=FIRST, add=["flagged"]), RECORD)
    with pytest.raises(SettingsError, match="changed after that"):
        await undo_flag(use("email.flag", mail=FIRST, add=["seen"]), receipt)


async def test_moves_a_mail_once_and_back(mails, address, use):
    context = use("email.move", mail=FIRST, to="Done")
    [[change]] = await preview_place(context, [RECORD])
    assert await find_moved(context, RECORD, None) is None
    receipt = await move(context, RECORD)
    again = await move(context, RECORD)
    moved = (list(mails.labelled(address)), list(mails.labelled(address, "Done")))
    found = await find_moved(context, RECORD, None)
    await undo_move(context, receipt)
    assert (change.before["folder"], change.after["folder"], change.after["subject"]) == ("INBOX", "Done", "Invoice 1")
    assert moved == (["Invoice 2"], ["Invoice 1"])
    assert again.reference == found.reference == receipt.reference == "Done/1"
    assert sorted(mails.labelled(address)) == ["Invoice 1", "Invoice 2"]


async def test_copies_a_mail_once_and_takes_the_copy_away(mails, address, use):
    context = use("email.copy", mail=SECOND, to="Done")
    assert await find_copied(context, RECORD, None) is None
    receipt = await copy(context, RECORD)
    await copy(context, RECORD)
    copied = (list(mails.labelled(address)), list(mails.labelled(address, "Done")))
    await undo_copy(context, receipt)
    assert copied == (["Invoice 1", "Invoice 2"], ["Invoice 2"])
    assert await find_copied(context, RECORD, None) is None


async def test_takes_a_mail_without_a_name_by_its_number(mail, address, use):
    odd = letter("no id")
    del odd["Message-ID"]
    mail.put(address, [odd.as_bytes()])
    mail.make_folder(address, "Done")
    receipt = await move(use("email.move", mail=1, to="Done"), RECORD)
    assert (list(mail.labelled(address, "Done")), receipt.output["uid"]) == (["no id"], 1)


async def test_takes_no_mail_whose_name_only_holds_the_one_that_is_meant(mail, address, use):
    mail.put(address, [letter("other", message_id="<11@x>").as_bytes()])
    with pytest.raises(SettingsError, match="not in INBOX any more"):
        await flag(use("email.flag", mail="1@x", add=["seen"]), RECORD)
    receipt = await flag(use("email.flag", mail="11@x", add=["seen"]), RECORD)
    assert receipt.after["flags"] == ["seen"]


async def test_does_not_guess_which_of_two_mails_is_meant(mail, address, use):
    mail.put(
        address, [letter("one", message_id="<scan@x>").as_bytes(), letter("two", message_id="<scan@x>").as_bytes()]
    )
    with pytest.raises(SettingsError, match="2 mails in INBOX have this Message-ID"):
        await flag(use("email.flag", mail="<scan@x>", add=["seen"]), RECORD)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"mail": "<gone@x>"}, "not in INBOX any more"),
        ({"mail": ""}, "Mail is empty"),
        ({"mail": '<a"b@x>'}, "no Message-ID"),
        ({"mail": "<a@x>\r\nA1 DELETE INBOX"}, "no Message-ID"),
        ({"mail": FIRST, "folder": "Nowhere"}, "There is no folder Nowhere"),
    ],
)
async def test_says_what_is_wrong_with_a_mail(mails, use, settings, said):
    with pytest.raises(SettingsError, match=said):
        await flag(use("email.flag", add=["seen"], **settings), RECORD)


@pytest.mark.parametrize("name", ["two words", "(x)", "", "żółty", "a\r\nb"])
def test_refuses_labels_that_no_server_takes(name):
    with pytest.raises(ValueError, match="No label can be called"):
        fill(part_of("email.flag").settings, {"mail": "<x@y>", "add": [name]})


class FlagStand(FileTargetStand):
    """A mailbox of a hundred mails; the server is gone when it fails."""

    uses = "email.flag"

    def __init__(self, mail: MailServer, address: str, around: Surroundings, connection: Connection) -> None:
        self.mail, self.address, self.around, self.connection = mail, address, around, connection
        self.folder, self.port = "INBOX", connection.imap_port
        mail.put(address, [letter(f"Mail {number}").as_bytes() for number in range(100)])

    def context_of(self, number: int) -> Context[Any, Any]:
        part = find(self.uses)
        assert part is not None
        settings = {"mail": f"<Mail-{number}@supplier.example>", "add": ["Booked"], "folder": self.folder}
        connection = fill(Connection, {**_values(self.connection), "imap_port": self.port})
        return self.around.context(fill(part.settings, settings), connection)

    async def rows(self) -> Sequence[Any]:
        return sorted(subject for subject, flags in self.mail.labelled(self.address).items() if "Booked" in flags)

    async def drift(self) -> None:
        self.folder = "Gone"

    async def fail(self, fault: str) -> None:
        self.port = 1

    async def heal(self) -> None:
        self.port = self.mail.imaps_port


def _values(connection: Connection) -> dict[str, Any]:
    return {name: getattr(connection, name) for name in connection.__struct_fields__}


class TestFlag(FileTargetContract):
    # Another protocol than HTTP: of its faults this one is here, the others are in test_receive.py
    faults = {"no answer": "TemporaryError"}  # read by the contract
    # Each signs in anew
    many = 30

    @pytest.fixture
    def stand(self, mail, address, around, connection):
        return FlagStand(mail, address, around, connection)
