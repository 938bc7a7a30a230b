"""Pages drawn by a real browser: what scripts fill in, log-ins on several pages, and parts picked by a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from connectors.sdk import ConnectorError, CredentialsError, Item, SettingsError, fill
from connectors.sdk.pages.browser import Pages
from connectors.web import Reading, check, page_changed, read
from connectors.web.connection import Connection
from connectors.web.parts import Place, parts_of_page, picture_of_page
from connectors.web.watching import Watch
from tests.peers.site import Site, site_peer
from tests.peers.surroundings import Surroundings, surroundings

SHOP = """<!DOCTYPE html><html><head><title>Shop</title></head><body><nav id="top">Home</nav><main></main><script>
setTimeout(() => document.querySelector('main').innerHTML = '<h1>Nails</h1><p class="price">%s EUR</p>' +
  '<table><tr><td>Stock</td><td>12</td></tr></table>', 200)</script></body></html>"""
STEPS = [
    {"do": "open", "url": "{login}"},
    {"do": "fill", "selector": "#name", "value": "username"},
    {"do": "press", "selector": "#next"},
    {"do": "wait", "selector": "#secret"},
    {"do": "fill", "selector": "#secret", "value": "password"},
    {"do": "fill", "selector": "#pin", "value": "text", "text": "north"},
    {"do": "press", "selector": "button"},
]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with site_peer() as running:
        yield running


@pytest.fixture
async def around(site: Site) -> AsyncIterator[Surroundings]:
    async with surroundings(guard=site.guard) as made:
        yield made


def portal(site: Site, *, login: str = "/enter", **given: Any) -> Connection:
    """Return a log-in that takes two pages."""
    steps = [{**step, **({"url": site.url(login)} if step["do"] == "open" else {})} for step in STEPS]
    told = {"hosts": ["page.test"], "username": "ann", "password": "right-w0rd", "steps": steps, **given}
    return fill(Connection, told)


async def watch(around: Surroundings, site: Site, cursor: str | None, **settings: Any) -> tuple[list[Item], str]:
    context = around.context(fill(Watch, {"url": site.url("/shop"), "rendered": True, "pause": 0, **settings}))
    found = [item async for item in page_changed.function(context, cursor)]
    return [item for item in found if item.content is not None], str(found[-1].cursor if found else cursor)


async def text_of(around: Surroundings, url: str, connection: Connection | None = None, **settings: Any) -> Any:
    found: Any = await read.function(around.context(fill(Reading, {"url": url, **settings}), connection))
    return found["text"]


async def test_page_changed_sees_what_a_script_draws(site, around):
    site.page("/shop", SHOP % "4.00")
    first, cursor = await watch(around, site, None, selector=".price", wait_for=".price")
    site.page("/shop", SHOP % "5.00")
    second, _ = await watch(around, site, cursor, selector=".price", wait_for=".price")
    assert (first, [item.content["diff"] for item in second]) == ([], ["- 4.00 EUR\n+ 5.00 EUR"])


async def test_a_part_is_picked_from_what_the_page_shows(site, around):
    url = site.page("/shop", SHOP % "4.00")
    offered = await parts_of_page(around.context(Place(url=url, rendered=True, wait_for=".price")))
    picked = {choice.text: choice.value for choice in offered}
    assert picked.items() >= {"Home": "#top", "4.00 EUR": "p.price", "Nails": "h1", "Stock | 12": "table"}.items()
    assert await text_of(around, url, rendered=True, wait_for=".price", selector=picked["4.00 EUR"]) == "4.00 EUR"


async def test_a_log_in_by_steps_is_kept_and_renewed(site, around):
    connection = portal(site)
    await check(connection, around.context(Reading(url=site.url()), connection))
    assert await text_of(around, site.url("/account"), connection) == "Your orders, Ann"
    assert site.log_ins == 1
    site.session = "second-session"
    assert await text_of(around, site.url("/account"), connection) == "Your orders, Ann"
    assert site.log_ins == 2


async def test_a_step_that_fails_is_named(site, around):
    steps = [{"do": "open", "url": site.url("/enter")}, {"do": "fill", "selector": "#gone", "value": "password"}]
    with pytest.raises(CredentialsError, match="at step 2, fill #gone"):
        await text_of(around, site.url("/account"), portal(site, steps=steps))


async def test_steps_give_nothing_to_other_hosts(site, around):
    site.page("/secret", '<input id="name"><button id="next">Next</button>')
    with pytest.raises(SettingsError, match=r"leads to other.test, which is none of the connection's hosts"):
        await text_of(around, site.url("/account"), portal(site, login="/to/other.test"))
    assert {request.method for request in site.asked if request.host.startswith("other.test")} == {"GET"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": [{"do": "wait", "selector": "p"}]}, "first log-in step opens a page"),
        ({"steps": [{"do": "fill"}]}, "by a CSS selector"),
        ({"steps": [{"do": "open", "url": "file:///etc/passwd"}]}, "http"),
        ({"steps": [{"do": "open", "url": "https://a.test/"}], "login_url": "https://a.test/"}, "not both"),
        ({"steps": [{"do": "press", "selector": "p["}]}, "no CSS selector|not a CSS selector"),
    ],
)
def test_steps_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        fill(Connection, {"hosts": ["a.test"], **settings})


PLACED = """<!DOCTYPE html><html><head><title>Shop</title><style>body {{ margin: 0 }} div {{ position: absolute }}
#near {{ left: 100px; top: 50px; width: 200px; height: 30px }} #far {{ top: 9000px }} #gone {{ visibility: hidden }}
table {{ position: absolute; left: 20px; top: 200px; border-spacing: 0 }} td {{ padding: 0; width: 90px; height: 40px }}
</style></head><body><div id="near">Near</div><div id="far">Far below</div><div id="gone">Not seen</div>
<table><tr><td>Stock<td>12<tr><td>Shelf<td>B7</table><script>{script}</script></body></html>"""
LIES = (
    "document.querySelector = () => ({ getBoundingClientRect: () => ({ left: 1, top: 1, width: 9, height: 9 }) });"
    "Array.prototype.map = () => 'x'.repeat(1e9); near.insertAdjacentHTML('afterend', '<p id=\"added\">Added</p>')"
)


@pytest.mark.parametrize(("rendered", "added"), [(True, True), (False, False)])
async def test_a_picture_shows_where_the_parts_stand(site, around, rendered, added):
    url = site.page("/shop", PLACED.format(script=LIES))
    taken = await picture_of_page(around.context(Place(url=url, rendered=rendered)))
    boxes = {part.text: part.box for part in taken.parts}
    assert (taken.width, taken.height, taken.image[:3]) == (1280, 6000, b"\xff\xd8\xff")
    assert boxes["Near"] == (100, 50, 200, 30)
    # Rows are found too where the browser has put a body around them
    assert boxes["Shelf | B7"] == (20, 240, 180, 40)
    assert (boxes["Far below"], boxes["Not seen"]) == (None, None)
    assert ("Added" in boxes) is added


async def test_a_picture_is_of_what_those_who_are_signed_in_see(site, around):
    place = Place(url=site.url("/account"))
    taken = await picture_of_page(around.context(place, portal(site)))
    assert [part.text for part in taken.parts] == ["Your orders, Ann"]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/pdf", "%PDF-1.7", "no page|download and no page"),
        ("text/html", "<script>location = 'http://inside.test:{port}/'</script>", "inside.test"),
    ],
    ids=["no page", "led inside"],
)
async def test_a_page_that_cannot_be_drawn_says_why(site, around, kind, body, said):
    url = site.page("/odd", body, Content_Type=kind)
    with pytest.raises(ConnectorError, match=said):
        await picture_of_page(around.context(Place(url=url, rendered=True)))
    assert site.inside == []


# Pages that do more than stand there, and what is read of them all the same
LIVELY = {
    "never quiet": "<p>News</p><script>setInterval(() => fetch('/tick'), 100)</script>",
    "dialogs": "<p>Hello</p><script>alert('a'); confirm('b'); prompt('c'); onbeforeunload = () => 'stay'</script>",
    "popups": "<p>Offers</p><script>open('/other'); open('about:blank').document.write('x'); focus()</script>",
    "frames": "<p>Inside</p><iframe src='/frame'></iframe><iframe srcdoc='<script>top.close()</script>'></iframe>",
}


async def test_lively_pages_are_read_all_the_same(site, around):
    urls = [site.page(f"/{number}", body) for number, body in enumerate(LIVELY.values())]
    async with around.context(Place(url=site.url())).browser.open() as pages:
        drawn = [await pages.draw(url) for url in urls]
    texts = [page.content.decode().partition("<p>")[2].partition("</p>")[0] for page in drawn]
    assert (texts, [page.url for page in drawn]) == (["News", "Hello", "Offers", "Inside"], urls)


async def failure_of(pages: Pages, url: str) -> str:
    with pytest.raises(SettingsError) as refused:
        await pages.draw(url)
    return refused.value.message


async def test_pages_without_end_are_refused_in_a_sentence(site, around):
    site.pages["/circle"] = web.Response(status=302, headers={"Location": "/circle"})
    huge = site.page("/huge", "<body><script>document.body.title = 'x'.repeat(26 * 1024 * 1024)</script>")
    file = site.page("/file", "x" * 100, Content_Disposition="attachment; filename=a.html")
    async with around.context(Place(url=site.url())).browser.open() as pages:
        said = [await failure_of(pages, url) for url in (site.url("/circle"), huge, file)]
    assert said == [
        "page.test redirects in a circle. Check the address; it may want to be signed in to.",
        "The page holds more than can be kept. Read a smaller one.",
        "This is a download and no page. Read it without rendering.",
    ]
