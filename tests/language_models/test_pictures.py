"""Pages as pictures: shown to models that see, trusted only as far as the recognised text goes."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from hub.extraction.extract import extract_reading
from hub.extraction.language_models.settings import ModelSettings, Unscreened
from hub.extraction.reading import Page, Reading, Span
from hub.extraction.results import Extraction
from hub.providers import Supports
from tests.extraction.conftest import schema_of
from tests.language_models.conftest import engine
from tests.peers.llm_client import Peer

PNG = b"\x89PNG of page %d"
SCAN = Reading(
    media_type="image/png",
    source="00" * 32,
    text="Total 12.00",
    spans=(Span("s1", "Total", 0, 5, page=1), Span("s2", "12.00", 6, 11, page=1)),
    pages=(Page(number=1, width=100, height=100, scanned=True),),
)
BLANK = Reading(media_type="image/png", source="00" * 32, text="", pages=SCAN.pages)
NOTE = schema_of(total="money", date="date", iban={"type": "string", "format": "iban"}, name="string")
ANSWER = {"total": "12.00", "date": "3 May 2026", "iban": "DE00", "name": "Anna"}


class Drawn:
    """Pictures of every page."""

    async def png(self, page: int) -> bytes | None:
        return PNG % page


class Kept(Unscreened):
    """A policy that keeps pictures back."""

    def shows_pictures(self, *, is_local: bool = False) -> bool:
        return False


async def look(peer: Peer, reading: Reading = SCAN, **equipment: Any) -> Extraction:
    provider = peer.provider(supports=Supports(vision=True))
    given = {"settings": ModelSettings(vision=True), "pictures": Drawn(), **equipment}
    return (await extract_reading(reading, NOTE, engine([provider], **given), file="scan.png")).extraction


def content_of(peer: Peer) -> Any:
    return peer.asked[0]["messages"][1]["content"]


async def test_a_page_is_shown_beside_its_text(peer: Peer):
    peer.script({"content": ANSWER})
    await look(peer)
    text, picture = content_of(peer)
    assert "Total 12.00" in text["text"]
    assert picture["image_url"]["url"] == f"data:image/png;base64,{b64encode(PNG % 1).decode()}"


async def test_what_the_text_says_too_is_proved_by_it(peer: Peer):
    peer.script({"content": ANSWER})
    made = await look(peer)
    assert made.fields["total"].evidence[0].verified
    assert made.fields["total"].evidence[0].text == "12.00"


async def test_what_only_the_picture_says_is_kept_unverified(peer: Peer):
    peer.script({"content": ANSWER})
    made = await look(peer)
    field = made.fields["date"]
    assert (field.value, field.evidence[0].page, field.evidence[0].verified) == ("2026-05-03", 1, False)
    assert field.confidence < made.fields["total"].confidence
    assert "in the picture" in field.problems[0].message


async def test_what_fails_its_validator_is_left_out(peer: Peer):
    peer.script({"content": ANSWER})
    assert (await look(peer)).record["iban"] is None


async def test_a_scan_without_words_is_shown_all_the_same(peer: Peer):
    peer.script({"content": ANSWER})
    made = await look(peer, BLANK)
    assert made.record["name"] == "Anna"
    assert not made.fields["name"].evidence[0].verified


@pytest.mark.parametrize(
    ("equipment", "told"),
    [
        ({"settings": ModelSettings()}, None),
        ({"screen": Kept()}, "No pictures were sent: the privacy policy keeps them back"),
    ],
)
async def test_no_picture_leaves_that_may_not(peer: Peer, equipment: dict[str, Any], told: str | None):
    peer.script({"content": ANSWER})
    made = await look(peer, **equipment)
    assert isinstance(content_of(peer), str)
    assert made.record["date"] is None
    assert [note for note in made.usage.notes if told and told in note] == list(made.usage.notes)


async def test_a_model_that_reads_text_only_is_shown_none(peer: Peer):
    peer.script({"content": ANSWER})
    plain = engine([peer.provider()], settings=ModelSettings(vision=True), pictures=Drawn())
    made = (await extract_reading(SCAN, NOTE, plain)).extraction
    assert isinstance(content_of(peer), str)
    assert made.usage.notes == ("test-1 was shown no pictures: it reads text only.",)
