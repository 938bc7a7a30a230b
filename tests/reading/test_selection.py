"""Parts of pages: several selectors, parts within parts, and selectors that are none."""

from __future__ import annotations

import pytest

from hub.extraction.readers.inside import read
from hub.extraction.readers.options import Options
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, ReadingError

PAGE = b"""<!DOCTYPE html><html lang="en"><head><title>Prices</title>
<script type="application/ld+json">{"@type": "Offer", "price": "1.00"}</script></head>
<body><nav>Home</nav><main><h1>Nails</h1><p class="price">4.00 EUR</p>
<div class="price">Glue <span class="price">9.50 EUR</span></div></main>
<table id="stock"><tr><th>Item</th><th>Count</th></tr><tr><td>Nails</td><td>10</td></tr></table>
<footer>Imprint</footer></body></html>"""


def reading(selector: str) -> Reading:
    """Read part of the page."""
    return read(Source(PAGE, "page.html", Options(selector=selector)))


def test_reads_only_what_is_chosen_in_the_order_of_the_page():
    found = reading("#stock, h1, .price")
    assert " ".join(found.text.split()) == "Nails 4.00 EUR Glue 9.50 EUR Item Count Nails 10"
    assert [[cell.text for cell in row] for row in found.tables[0].rows] == [["Item", "Count"], ["Nails", "10"]]


def test_the_page_keeps_its_title_but_not_the_values_of_other_parts():
    found = reading("main")
    assert (found.metadata.title, found.metadata.language) == ("Prices", "en")
    assert found.embedded == ()


@pytest.mark.parametrize(
    ("selector", "sentence"),
    [
        ("article", "Nothing on the page matches the selector article"),
        ("main >", "This is not a CSS selector"),
        ("p:nonsense", "This is not a CSS selector"),
        ("//p", "This is not a CSS selector"),
        ("p" * 3000, "at most"),
    ],
)
def test_tells_what_is_wrong_with_a_selector(selector: str, sentence: str):
    with pytest.raises(ReadingError, match=sentence):
        reading(selector)


def test_a_part_without_text_is_told():
    assert reading("script").problems == ("There is no text in the document.",)
