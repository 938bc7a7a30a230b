"""Mails made to break their reader: they come through as far as they can be read, and hold up no others."""

from collections.abc import AsyncIterator

import pytest

from hub.connections.confinement import Confinement
from hub.jail import Jail, Limits
from tests.connectors.email.conftest import letter
from tests.peers.surroundings import Surroundings, surroundings

LEVELS = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\r\n\r\n--b{at}\r\n' for at in range(90))
# Each line of the text is held against each of the boundaries around it
DEEP = f"Subject: deep\r\nMessage-ID: <deep@example.test>\r\n{LEVELS}\r\n".encode() + b"x\r\n" * 700_000
# Each header that is looked for is looked for among all of them
WIDE = b"From: y\r\n" * 1_000_000 + b"\r\nhello"


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    with Jail(1) as jail:
        async with surroundings(confinement=Confinement(jail, Limits(cpu_seconds=1))) as made:
            yield made


async def test_a_mail_that_breaks_its_reader_ends_the_reading_and_the_next_goes_on(mail, address, read):
    mail.put(address, [letter("first").as_bytes(), DEEP, letter("third").as_bytes()])
    first, trouble = await read()
    assert (first.title, first.content["complete"]) == ("first", True)
    assert (trouble.title, trouble.content["complete"], trouble.content["attachments"]) == ("deep", False, [])
    assert trouble.key.startswith("<deep@example.test>")
    assert [item.title for item in await read(trouble.cursor)] == ["third"]


async def test_a_mail_whose_header_breaks_its_reader_arrives_all_the_same(mail, address, read):
    mail.put(address, [WIDE])
    [trouble] = await read()
    assert (trouble.title, trouble.content["complete"], trouble.content["text"]) == ("(no subject)", False, "")
    assert trouble.content["date"]


async def test_a_filter_passes_over_a_header_that_breaks_its_reader(mail, address, read):
    mail.put(address, [WIDE, letter("third").as_bytes()])
    [passed] = await read(silent=True, subject="third")
    assert passed.content is None
    assert [item.title for item in await read(passed.cursor, subject="third")] == ["third"]
