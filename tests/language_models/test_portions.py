"""Long documents: the relevant pages, portions that overlap, rows joined without doubles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.extraction.language_models.dialogue import MOST_REQUESTS
from hub.extraction.language_models.portions import OVERLAP, Portion, Range, portions, shown
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from tests.extraction.conftest import schema_of
from tests.language_models.conftest import ask, engine, messages_of, said
from tests.peers.llm_client import Peer

FILLER = "The committee met again and spoke of the weather, the roof and the garden at length.\n"
LONG = (
    "Minutes of the society\n"
    + FILLER * 120
    + "Invoice number: INV-2231\nTotal: EUR 815.00\n"
    + FILLER * 240
    + "Chairman: Otto Held\n"
)
NAMED = schema_of(invoice_number={"type": "string", "format": "identifier"}, total="money")
ROWS = schema_of(rows={"type": "table", "fields": {"article": "string", "price": "money"}})


def sale(number: int) -> str:
    return f"Article {number:04d} was sold to a customer for {number}.50 in the morning.\n"


def row(number: int) -> dict[str, Any]:
    return {"article": f"Article {number:04d}", "price": f"{number}.50"}


async def test_pages_that_name_no_field_are_not_sent_and_that_is_told(peer: Peer):
    peer.script({"content": {"invoice_number": "INV-2231", "total": "815.00"}})
    made = await ask(peer.model(), LONG, NAMED)
    text = said(peer.asked[0])
    assert made.record == {"invoice_number": "INV-2231", "total": 815.0}
    assert "INV-2231" in text
    assert len(text) < len(LONG) / 2
    assert [note for note in made.usage.notes if note.startswith("The language model was shown parts 1, 3")]


async def test_values_of_a_part_far_behind_are_cited_where_they_stand(peer: Peer):
    peer.script({"content": {"invoice_number": "INV-2231", "total": "815.00"}})
    made = await ask(peer.model(), LONG, NAMED)
    start, end = made.fields["total"].evidence[0].characters or (0, 0)
    assert LONG[start:end] == "815.00"


async def test_a_document_is_shown_whole_when_names_tell_too_little(peer: Peer):
    peer.script({"content": {}})
    await ask(peer.model(), LONG[:25_000], schema_of(mood="string", colour="string"))
    assert LONG[:25_000].strip() in said(peer.asked[0])


async def test_a_long_table_comes_in_portions_and_is_joined_without_doubles(peer: Peer):
    text = "".join(sale(number) for number in range(1, 101))
    provider = peer.provider(characters=3_000)
    reading = read(Source(text.encode(), "sales.txt"))
    parts = portions(reading.text, [Range(0, len(reading.text))], 3_000)
    shares = [
        [n for n in range(1, 101) if sale(n).strip() in reading.text[p.ranges[0].start : p.ranges[0].end]]
        for p in parts
    ]
    peer.script(*({"content": {"rows": [row(number) for number in share]}} for share in shares))
    made = await ask(engine([provider]), text, ROWS)
    assert sum(len(share) for share in shares) > 100
    assert [one["price"] for one in made.record["rows"]] == [number + 0.5 for number in range(1, 101)]
    assert len(peer.asked) == len(parts)


async def test_rows_that_are_really_twice_stay_twice(peer: Peer):
    text = sale(7) + sale(7)
    peer.script({"content": {"rows": [row(7), row(7)]}})
    assert len((await ask(peer.model(), text, ROWS)).record["rows"]) == 2


async def test_a_row_seen_in_part_is_completed_by_the_next_portion(peer: Peer):
    text = "".join(sale(number) for number in range(1, 61))
    seen = [{"article": "Article 0030", "price": None}, {"article": "Article 0031", "price": None}]
    peer.script({"content": {"rows": seen}}, {"content": {"rows": [row(30), row(31)]}})
    made = await ask(engine([peer.provider(characters=2_400)]), text, ROWS)
    complete = [one for one in made.record["rows"] if one["price"] is not None]
    assert {"article": "Article 0031", "price": 31.5} in complete


async def test_a_portion_whose_answer_is_too_long_is_cut_in_two(peer: Peer):
    text = "".join(sale(number) for number in range(1, 61))
    first, second = [row(number) for number in range(1, 31)], [row(number) for number in range(31, 61)]
    peer.script(
        {"content": '{"rows": [', "finish": "length"}, {"content": {"rows": first}}, {"content": {"rows": second}}
    )
    made = await ask(peer.model(), text, ROWS)
    assert len(made.record["rows"]) == 60
    assert messages_of(made) == []


async def test_later_portions_are_asked_only_for_what_is_missing(peer: Peer):
    text = "Guest: Ms Castle\n" + FILLER * 60 + "Price: 12.00\n"
    peer.script({"content": {"guest": "Ms Castle"}}, {"content": {"price": "12.00"}})
    made = await ask(engine([peer.provider(characters=4_000)]), text, schema_of(guest="string", price="money"))
    asked = [list(one["response_format"]["json_schema"]["schema"]["properties"]) for one in peer.asked]
    assert asked == [["guest", "price"], ["price"]]
    assert made.record == {"guest": "Ms Castle", "price": 12.0}


async def test_nothing_more_is_asked_when_all_is_filled(peer: Peer):
    text = "Guest: Ms Castle\n" + FILLER * 120
    peer.script({"content": {"guest": "Ms Castle"}})
    await ask(engine([peer.provider(characters=4_000)]), text, schema_of(guest="string"))
    assert len(peer.asked) == 1


async def test_a_value_is_grounded_in_the_portion_that_was_shown(peer: Peer):
    text = "Guest: Ms Castle\n" + FILLER * 60 + "Host: Mr Barn\n"
    peer.script({"content": {"host": "Ms Castle"}}, {"content": {"host": "Ms Castle", "guest": None}})
    made = await ask(engine([peer.provider(characters=4_000)]), text, schema_of(guest="string", host="string"))
    assert made.fields["host"].evidence[0].characters == (7, 16)


async def test_a_document_without_end_is_not_asked_about_without_end(peer: Peer):
    peer.script(*[{"content": {}}] * 30)
    made = await ask(engine([peer.provider(characters=2_000)]), FILLER * 600, schema_of(guest="string"))
    assert len(peer.asked) == MOST_REQUESTS
    assert "The document is too long for language models" in messages_of(made)[0]


@given(st.text(alphabet="ab \n", min_size=1, max_size=400), st.integers(8, 60))
def test_portions_cover_everything_and_none_is_too_long(text: str, most: int):
    cut = portions(text, [Range(0, len(text))], most)
    assert all(part.size <= most for part in cut)
    assert cut[0].ranges[0].start == 0
    assert cut[-1].ranges[-1].end == len(text)
    assert all(after.ranges[0].start <= before.ranges[-1].end for before, after in pairwise(cut))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_halves_hold_what_the_whole_held(sizes: list[int]):
    starts = [100 * index for index in range(len(sizes))]
    whole = Portion(tuple(Range(start, start + size) for start, size in zip(starts, sizes, strict=True)))
    first, second = whole.halves("ab\n" * 200)
    assert first.size + second.size == whole.size


def test_portions_overlap_by_whole_lines():
    text = FILLER * 200
    first, second, *_ = portions(text, [Range(0, len(text))], 5_000)
    assert 0 < first.ranges[-1].end - second.ranges[0].start <= OVERLAP
    assert text[second.ranges[0].start - 1] == "\n"


@pytest.mark.parametrize("text", [" ", "x" * 50_000, "\n" * 50_000, "Total: 5\n" * 5_000])
def test_any_text_has_parts_to_show(text: str):
    reading = read(Source(text.encode(), "text.txt"))
    chosen = shown(reading, NAMED)
    assert sum(one.size for one in chosen.ranges) <= len(reading.text)
