"""Fields that a model proposes: only those whose example stands in the documents."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import HubError, UnavailableError
from hub.extraction.language_models.equipment import Equipment
from hub.extraction.language_models.proposing import ProposedField, propose
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import FieldType
from tests.language_models.conftest import LETTER, said
from tests.peers.llm_client import Peer

ROOM = {"name": "room", "title": "Room", "type": "string", "example": "17", "label": "room"}
EVE = {"name": "payee", "title": "Payee", "type": "string", "example": "Eve", "label": None}


def letter() -> Reading:
    return read(Source(LETTER.encode(), "letter.txt"))


async def proposed(peer: Peer, *fields: Any) -> tuple[ProposedField, ...]:
    peer.script({"content": {"fields": list(fields)}})
    return await propose([peer.provider()], Equipment(), [letter()])


async def test_a_field_is_proposed_with_its_label_and_its_example(peer: Peer):
    (found,) = await proposed(peer, ROOM)
    assert found == ProposedField(name="room", title="Room", type=FieldType.STRING, labels=("room",), examples=("17",))


async def test_a_field_whose_example_stands_nowhere_is_left_out(peer: Peer):
    assert [one.name for one in await proposed(peer, EVE, ROOM)] == ["room"]


ODD = [
    {**ROOM, "name": "Room Number!"},
    {**ROOM, "name": "__class__"},
    {**ROOM, "type": "table"},
    {**ROOM, "example": ""},
    {"name": "room"},
    "room",
    None,
]


@pytest.mark.parametrize("field", ODD)
async def test_what_is_no_field_is_left_out(peer: Peer, field: Any):
    assert await proposed(peer, field) == ()


async def test_a_label_that_the_document_does_not_say_is_left_out(peer: Peer):
    (found,) = await proposed(peer, {**ROOM, "label": "Zimmer"})
    assert found.labels == ()


async def test_documents_are_fenced_as_data(peer: Peer):
    await proposed(peer, ROOM)
    mark = said(peer.asked[0]).splitlines()[0]
    assert mark in peer.asked[0]["messages"][0]["content"]
    assert said(peer.asked[0]).count(mark) == 2


async def test_the_next_provider_is_asked_when_one_fails(peer: Peer):
    peer.script({"content": "No."}, {"content": {"fields": [ROOM]}})
    found = await propose([peer.provider(), peer.provider()], Equipment(), [letter()])
    assert [one.name for one in found] == ["room"]


async def test_says_why_when_none_answers(peer: Peer):
    peer.script({"status": 401, "message": "No."})
    with pytest.raises(HubError, match="PATCHDECK_LLM_API_KEY"):
        await propose([peer.provider()], Equipment(), [letter()])
    with pytest.raises(UnavailableError, match="no text"):
        await propose([peer.provider()], Equipment(), [])
