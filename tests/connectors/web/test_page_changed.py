"""Watched pages: what counts as a change, how it is shown, and what pages may do to us."""

import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from connectors.sdk import Item, SettingsError, fill
from connectors.web import page_changed
from connectors.web.difference import difference
from connectors.web.watching import Watch
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, WebPeer, web_peer


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


async def look(
    around: Surroundings, peer: WebPeer, html: str, cursor: str | None = None, **settings: Any
) -> tuple[list[Item], str]:
    peer.always(Answer(text=html, headers={"Content-Type": settings.pop("kind", "text/html; charset=utf-8")}))
    context = around.context(fill(Watch, {"url": f"{peer.base}/page", "pause": 0, **settings}))
    found = [item async for item in page_changed.function(context, cursor)]
    return [item for item in found if item.content is not None], str(found[-1].cursor if found else cursor)


async def changes(around: Surroundings, peer: WebPeer, before: str, after: str, **settings: Any) -> list[Any]:
    """Return the contents of the items that a change from one page to another gives."""
    _, cursor = await look(around, peer, before, **settings)
    found, _ = await look(around, peer, after, cursor, **settings)
    return [item.content for item in found]


async def test_page_changed_takes_the_first_look_as_the_start(peer, around):
    found, cursor = await look(around, peer, "<p>one</p>")
    assert found == []
    assert cursor


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>one</p>", "<p>one</p><script>two</script><style>three</style><!-- four -->"),
        ("<p>one two</p>", "<p>one\n   <b>two</b></p>"),
        ("<p>one</p>", "<div class='new'><p id=x>one</p></div>"),
        ("<p>caf\u00e9</p>", "<p>caf&eacute;</p>"),
    ],
)
async def test_page_changed_sees_text_and_not_markup(before, after, peer, around):
    assert await changes(around, peer, before, after) == []


@pytest.mark.parametrize(
    ("settings", "count"),
    [({}, 1), ({"selector": "#price"}, 0), ({"ignore": "time, .ad"}, 0), ({"selector": "time"}, 1)],
)
async def test_page_changed_looks_where_it_is_told(settings, count, peer, around):
    before = "<time>12:00</time><p class=ad>Buy</p><p id=price>3.00</p>"
    after = "<time>12:05</time><p class=ad>Sell</p><p id=price>3.00</p>"
    assert len(await changes(around, peer, before, after, **settings)) == count


async def test_page_changed_tells_each_turn_of_a_page_that_goes_back_and_forth(peer, around):
    _, cursor = await look(around, peer, "<p>open</p>")
    first, cursor = await look(around, peer, "<p>closed</p>", cursor)
    _, cursor = await look(around, peer, "<p>open</p>", cursor)
    second, _ = await look(around, peer, "<p>closed</p>", cursor)
    assert first[0].content == second[0].content
    assert first[0].key != second[0].key


async def test_page_changed_gives_the_same_key_when_read_twice(peer, around):
    _, cursor = await look(around, peer, "<p>open</p>")
    first, _ = await look(around, peer, "<p>closed</p>", cursor)
    again, _ = await look(around, peer, "<p>closed</p>", cursor)
    assert first[0].key == again[0].key


async def test_page_changed_shows_old_and_new(peer, around):
    (content,) = await changes(
        around,
        peer,
        "<title>Menu</title><li>Tea 3<li>Milk 1<li>Jam 2",
        "<title>Menu</title><li>Tea 4<li>Milk 1<li>Jam 2<li>Egg 1",
    )
    assert content["diff"] == "- Tea 3\n+ Tea 4\n  Milk 1\n  Jam 2\n+ Egg 1"
    assert (content["added"], content["removed"], content["title"]) == (["Tea 4", "Egg 1"], ["Tea 3"], "Menu")


async def test_page_changed_reads_plain_text(peer, around):
    (content,) = await changes(around, peer, "a\nb", "a\nc", kind="text/plain")
    assert content["diff"] == "  a\n- b\n+ c"


async def test_page_changed_reads_the_charset_of_the_page(peer, around):
    html = "<meta charset=latin-1><p>caf\u00e9</p>".encode("latin-1").decode("latin-1")
    found, _ = await look(around, peer, html)
    assert found == []


@pytest.mark.parametrize(
    ("html", "settings", "said"),
    [
        ("<p>one</p>", {"selector": "#gone"}, "matches the selector"),
        ("%PDF", {"kind": "application/pdf"}, "no page"),
        ("", {}, "empty"),
    ],
)
async def test_page_changed_says_what_is_wrong(html, settings, said, peer, around):
    with pytest.raises(SettingsError, match=said):
        await look(around, peer, html, **settings)


@pytest.mark.parametrize("selector", ["p[", "::", "a >", "/html/body", "p:nope"])
def test_page_changed_refuses_what_is_no_selector(selector):
    with pytest.raises(msgspec.ValidationError, match="CSS selector"):
        fill(Watch, {"url": "https://example.com", "selector": selector})


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "deep",
        "<a" * 50_000,
        "<p>" + "x" * 1_000_000,
        "<table>" + "<tr><td>x" * 20_000,
        "&" * 100_000,
    ],
)
async def test_page_changed_survives_hostile_pages(html, peer, around):
    started = time.process_time()
    await look(around, peer, html)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["same"] * 3000, ["other", "same"] * 1500),
        ([str(n % 100) for n in range(900)], [str(n * 7 % 101) for n in range(900)]),
        ([str(n) for n in range(4000)], [str(n) for n in range(4000, 0, -1)]),
    ],
)
def test_difference_stays_quick(before, after):
    started = time.process_time()
    assert difference("\n".join(before), "\n".join(after)).diff
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("before", "after", "diff"),
    [
        ("", "a", "+ a"),
        ("a", "", "- a"),
        ("1\n2\n3\n4\n5\n6\n7", "1\n2\n3\nX\n5\n6\n7", "  2\n  3\n- 4\n+ X\n  5\n  6"),
        ("a\na\na", "a\na", "  a\n  a\n- a"),
        ("1\n2\n3\n4\n5\n6\n7\n8", "X\n2\n3\n4\n5\n6\n7\nY", "- 1\n+ X\n  2\n  3\n...\n  6\n  7\n- 8\n+ Y"),
    ],
)
def test_difference_shows_some_lines_around(before, after, diff):
    assert difference(before, after).diff == diff
