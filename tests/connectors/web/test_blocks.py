"""The parts of a page that can be picked: each selector finds its part and nothing else, on any page."""

from __future__ import annotations

import time

import pytest
from lxml import html

from connectors.web.blocks import MOST_BLOCKS, find_blocks
from connectors.web.page import Source, text_of
from connectors.web.selector import check_selector

PAGE = """<html><body><div id="app-7f3a9c"><div class="card"><h2>One</h2><p>first</p></div><div class="card big">
<h2>Two</h2><p>second</p><p>third</p></div></div><ul><li>a<li>b</ul><span itemprop="price">9.00</span>
<a data-testid="more">not offered</a><script>no</script></body></html>"""


def blocks(page: str) -> dict[str, str]:
    source = Source(
        content=page.encode(), kind="text/html; charset=utf-8", url="u", selector="", ignore="", before=None
    )
    return {block.text: block.selector for block in find_blocks(source)}


def test_each_selector_finds_its_part_alone():
    root = html.document_fromstring(PAGE)
    found = {text: root.cssselect(selector) for text, selector in blocks(PAGE).items()}
    assert {text: [" ".join(text_of(one).split()) for one in parts] for text, parts in found.items()} == {
        text: [text] for text in found
    }
    assert found.keys() >= {"One", "first", "second", "third", "a", "b", "9.00", "Two second third"}


def test_names_that_people_gave_are_preferred():
    found = blocks(PAGE)
    assert found["9.00"] == '[itemprop="price"]'
    assert found["Two second third"] == "div.big"
    assert not any("7f3a9c" in selector for selector in found.values())
    for selector in found.values():
        check_selector(selector)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "deep",
        "<table>" + "<tr><td>x" * 20_000,
        "<p class='" + "a " * 100_000 + "'>x",
        "".join(f"<p id='{chr(97 + n % 26)}{n}\"]{{}}'>t{n}</p>" for n in range(5000)),
        "<p>" + "x" * 2_000_000,
    ],
    ids=["deep", "rows", "classes", "ids", "long"],
)
def test_hostile_pages_are_looked_at_in_good_time(page):
    started = time.process_time()
    assert len(blocks(page)) <= MOST_BLOCKS
    assert time.process_time() - started < 5
