"""Pages of the web: captured plainly and by a real browser, with log-ins, and never from inside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.audit import Audit
from hub.connections import Connections, Contexts
from hub.errors import ForbiddenError, InvalidError, NotFoundError
from hub.extraction.assembly import ExtractionServices
from hub.extraction.capturing.browsers import Browsers
from hub.extraction.capturing.pages import Wanted
from hub.extraction.capturing.service import Captures, Outcome
from hub.extraction.correcting import Change
from hub.files import Files
from hub.ids import new_id
from hub.members import Member
from hub.sealing import MasterKeys, Vault
from tests.conftest import Members
from tests.peers.site import INSIDE, SESSION, Site, site_peer

ARTICLE = """<!DOCTYPE html><html lang="en"><head><title>Price list</title></head><body><nav>Home</nav>
<main><h1>Nails</h1><p class="price">4.00 EUR</p></main><footer>Imprint</footer></body></html>"""
DRAWN = """<!DOCTYPE html><html><head><title>Loading</title></head><body><p id="app">Wait</p><script>
setTimeout(() => { document.title = 'Orders'; const row = document.createElement('b'); row.className = 'total';
row.textContent = 'Total 12.00 EUR'; document.body.append(row) }, 300)</script></body></html>"""
# Every way in which a page makes its browser ask for something.
PRYING = """<!DOCTYPE html><html><head><title>Harmless</title>
<link rel="stylesheet" href="http://inside.test:{port}/style"><link rel="preconnect" href="http://127.0.0.2:{port}">
<script src="http://127.0.0.2:{port}/script"></script></head><body><p>Seen</p>
<img src="http://inside.test:{port}/image"><img src="http://page.test:{port}/to/127.0.0.2">
<iframe src="http://127.0.0.2:{port}/frame"></iframe><iframe src="http://page.test:{port}/to/inside.test"></iframe>
<object data="http://127.0.0.2:{port}/object"></object><video src="http://127.0.0.2:{port}/video" autoplay></video>
<form id="f" method="post" target="hole" action="http://127.0.0.2:{port}/form"></form><iframe name="hole"></iframe>
<script>
const inside = ['127.0.0.2', 'inside.test', 'localhost', '[::1]'].map((host) => 'http://' + host + ':{port}');
const note = (text) =>
  document.body.append(Object.assign(document.createElement('p'), {textContent: text, className: 'noted'}));
for (const base of inside) {
  fetch(base + '/fetch').then((r) => r.text()).then((t) => note('LEAK ' + t)).catch(() => note('closed'));
  fetch('http://page.test:{port}/to/127.0.0.2').then((r) => r.text()).then((t) => note('LEAK ' + t)).catch(() => 0);
  navigator.sendBeacon(base + '/beacon', 'x');
  new EventSource(base + '/events');
  try { new WebSocket(base.replace('http', 'ws') + '/socket') } catch (e) { note('closed') }
}
new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.2:{port}/worker')"])));
document.getElementById('f').submit();
const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.2:{port}'}]});
peer.createDataChannel('x');
peer.createOffer().then((offer) => peer.setLocalDescription(offer));
</script></body></html>"""


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with site_peer() as site:
        yield site


class Nothing:
    """A workspace without files, tables and folders for connectors."""

    def files(self, workspace: object) -> Any: ...

    def datasets(self, workspace: object) -> Any: ...

    def folder(self, workspace: object) -> Any: ...


@pytest.fixture
async def contexts(site: Site) -> AsyncIterator[Contexts]:
    made = Contexts(site.guard, Nothing(), Browsers(site.guard))
    yield made
    await made.close()


@pytest.fixture
def connections(contexts: Contexts, tmp_path: Path) -> Connections:
    return Connections(Vault(MasterKeys.from_file(tmp_path / "master.key")), Audit(), contexts)


@pytest.fixture
def captures(
    services: ExtractionServices, files: Files, connections: Connections, contexts: Contexts, site: Site
) -> Captures:
    return Captures(
        files=files,
        readings=services.readings,
        connections=connections,
        contexts=contexts,
        browsers=Browsers(site.guard),
    )


async def capture(captures: Captures, member: Member, url: str, **wanted: Any) -> Outcome:
    """Capture one page."""
    (outcome,) = await captures.capture(member, [Wanted(url=url, **wanted)])
    return outcome


async def text_of(services: ExtractionServices, member: Member, outcome: Outcome) -> str:
    """The text that was read."""
    assert outcome.reading is not None, outcome.problem
    return (await services.readings.find(member, outcome.reading)).text


async def test_a_page_is_stored_as_it_came_and_read(
    captures: Captures, services: ExtractionServices, files: Files, site: Site, members: Members
):
    site.pages["/old"] = _redirect("/prices")
    site.page("/prices", ARTICLE)
    outcome = await capture(captures, members.editor, site.url("/old"), selectors=("h1", ".price"))
    assert (outcome.title, outcome.final_url, outcome.problem) == ("Price list", site.url("/prices"), None)
    assert (await text_of(services, members.viewer, outcome)).split() == ["Nails", "4.00", "EUR"]
    assert await files.open(members.viewer, outcome.file or "") == ARTICLE.encode()
    (kept,) = (await captures.list(members.viewer, file=outcome.file)).items
    assert (kept.url, kept.final_url, kept.title, kept.rendered) == (
        site.url("/old"),
        site.url("/prices"),
        "Price list",
        False,
    )


async def test_each_address_has_its_own_outcome(captures: Captures, site: Site, members: Members):
    site.page("/prices", ARTICLE)
    urls = [site.url("/prices"), site.url("/missing"), "http://nowhere.test/", site.url(host=INSIDE)]
    outcomes = await captures.capture(members.editor, [Wanted(url=url) for url in urls])
    assert [one.url for one in outcomes] == urls
    assert [one.file is not None for one in outcomes] == [True, False, False, False]
    assert [(one.problem or "")[:25] for one in outcomes[1:]] == [
        "page.test answered 404 No",
        "There is no host called n",
        f"{INSIDE}, port {site.port}, is"[:25],
    ]
    assert site.inside == []


async def test_what_is_no_page_is_kept_as_what_it_is(
    captures: Captures, services: ExtractionServices, files: Files, site: Site, members: Members
):
    url = site.page("/list.csv", "item,price\nNails,4.00\n", **{"Content-Type": "text/csv"})
    outcome = await capture(captures, members.editor, url)
    stored = await files.describe(members.viewer, outcome.file or "")
    assert (stored.name, stored.media_type) == ("list.csv", "text/csv")
    assert "Nails" in await text_of(services, members.viewer, outcome)


async def test_a_page_in_a_charset_that_only_its_head_tells(
    captures: Captures, services: ExtractionServices, site: Site, members: Members
):
    url = site.page("/pl", "")
    site.pages["/pl"].body = "<html><body><p>Zażółć gęślą jaźń</p></body></html>".encode("iso-8859-2")
    site.pages["/pl"].headers["Content-Type"] = "text/html; charset=iso-8859-2"
    assert (await text_of(services, members.viewer, await capture(captures, members.editor, url))).strip() == (
        "Zażółć gęślą jaźń"
    )


@pytest.mark.parametrize("target", [INSIDE, "inside.test"])
async def test_a_redirect_leads_nobody_inside(captures: Captures, site: Site, members: Members, target: str):
    outcome = await capture(captures, members.editor, site.url(f"/to/{target}"))
    assert "is not on the public internet" in (outcome.problem or "")
    assert site.inside == []


async def test_a_page_that_a_script_draws_is_read_as_it_looks(
    captures: Captures, services: ExtractionServices, site: Site, members: Members
):
    url = site.page("/app", DRAWN)
    urls = [Wanted(url=url, rendered=True, wait_for=".total"), Wanted(url=site.url("/gone"), rendered=True)]
    drawn, missing = await captures.capture(members.editor, urls)
    assert drawn.title == "Orders"
    assert "Total 12.00 EUR" in await text_of(services, members.viewer, drawn)
    assert missing.problem == "page.test answered with status 404. Check the address."
    assert (await captures.list(members.viewer)).items[0].rendered


async def test_a_page_in_the_browser_reaches_nothing_inside(
    captures: Captures, services: ExtractionServices, site: Site, members: Members
):
    url = site.page("/prying", PRYING)
    outcome = await capture(captures, members.editor, url, rendered=True, wait_for=".noted")
    text = await text_of(services, members.viewer, outcome)
    assert text.startswith("Seen")
    assert "closed" in text
    assert "LEAK" not in text
    assert "crown jewels" not in text
    assert site.inside == []


async def test_a_browser_that_is_led_inside_is_refused(captures: Captures, site: Site, members: Members):
    script = f"<script>location = 'http://{INSIDE}:{{port}}/secret'</script>"
    urls = [
        site.page("/script", script),
        site.url("/to/inside.test"),
        site.url(host=INSIDE),
        site.url(host="inside.test"),
    ]
    outcomes = await captures.capture(members.editor, [Wanted(url=url, rendered=True) for url in urls])
    assert ["is not on the public internet" in (one.problem or "") for one in outcomes] == [True] * 4
    assert [one.file for one in outcomes] == [None] * 4
    assert site.inside == []


async def test_what_does_not_come_or_is_no_page_is_told(captures: Captures, site: Site, members: Members):
    site.page("/app", "<p>still</p>")
    site.page("/list", "a,b", **{"Content-Type": "text/csv", "Content-Disposition": "attachment"})
    waiting = [Wanted(url=site.url("/app"), rendered=True, wait_for=selector) for selector in (".never", "p[")]
    told = [
        one.problem or ""
        for one in await captures.capture(members.editor, [*waiting, Wanted(url=site.url("/list"), rendered=True)])
    ]
    assert [sentence[:45] for sentence in told] == [
        "Nothing that matches .never came onto the pag",
        "What to wait for is not a CSS selector.",
        "This is a download and no page. Read it witho",
    ]


async def add(connections: Connections, member: Member, **settings: Any) -> None:
    """Store a log-in to the site."""
    await connections.add(member, "portal", "web", {"hosts": ["page.test"], **settings})


async def test_a_stored_cookie_signs_in(
    captures: Captures, services: ExtractionServices, connections: Connections, site: Site, members: Members
):
    await add(connections, members.admin, cookies=f"session={SESSION}; theme=dark")
    plain = await capture(captures, members.editor, site.url("/account"), connection="portal")
    drawn = await capture(captures, members.editor, site.url("/account"), connection="portal", rendered=True)
    assert "Your orders, Ann" in await text_of(services, members.viewer, plain)
    assert "Your orders, Ann" in await text_of(services, members.viewer, drawn)


async def test_a_log_in_is_shown_to_no_other_host(
    captures: Captures, connections: Connections, site: Site, members: Members
):
    await add(connections, members.admin, cookies=f"session={SESSION}", headers="X-Key: hidden-key")
    plain = await capture(captures, members.editor, site.url("/to/other.test"), connection="portal")
    with pytest.raises(InvalidError, match="headers cannot be used in a browser"):
        await capture(captures, members.editor, site.url("/to/other.test"), connection="portal", rendered=True)
    elsewhere = [request for request in site.asked if request.host.startswith("other.test")]
    assert "may not call other.test" in (plain.problem or "")
    assert elsewhere == []


async def test_cookies_stay_with_their_host_in_the_browser(
    captures: Captures, connections: Connections, site: Site, members: Members
):
    await add(connections, members.admin, cookies=f"session={SESSION}")
    url = site.page("/mixed", '<img src="http://other.test:{port}/pixel"><p>Here</p>')
    await capture(captures, members.editor, url, connection="portal", rendered=True)
    cookies = {request.host.partition(":")[0]: request.cookies.get("session") for request in site.asked}
    assert cookies == {"page.test": SESSION, "other.test": None}


async def test_a_form_is_filled_in(
    captures: Captures, services: ExtractionServices, connections: Connections, site: Site, members: Members
):
    await add(connections, members.admin, login_url=site.url("/login"), username="ann", password="right-w0rd")
    outcome = await capture(captures, members.editor, site.url("/account"), connection="portal", rendered=True)
    assert "Your orders, Ann" in await text_of(services, members.viewer, outcome)
    with pytest.raises(InvalidError, match="takes a browser: say rendered"):
        await capture(captures, members.editor, site.url("/account"), connection="portal")


async def test_steps_are_followed(
    captures: Captures, services: ExtractionServices, connections: Connections, site: Site, members: Members
):
    steps = [
        {"do": "open", "url": site.url("/enter")},
        {"do": "fill", "selector": "#name", "value": "username"},
        {"do": "press", "selector": "#next"},
        {"do": "fill", "selector": "#secret", "value": "password"},
        {"do": "fill", "selector": "#pin", "value": "text", "text": "north"},
        {"do": "press", "selector": "button"},
    ]
    await add(connections, members.admin, steps=steps, username="ann", password="right-w0rd")
    outcome = await capture(captures, members.editor, site.url("/account"), connection="portal", rendered=True)
    assert "Your orders, Ann" in await text_of(services, members.viewer, outcome)
    (shown,) = await connections.list(members.viewer)
    assert shown.settings["steps"][1].items() >= steps[1].items()
    assert "right-w0rd" not in str(shown)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"password": "wr0ng-word"}, "Signing in at page.test did not succeed"),
        ({"login_url": "http://page.test:{port}/to/other.test"}, "leads to other.test, which is none of"),
        ({"login_url": "http://inside.test:{port}/login"}, "is not on the public internet"),
    ],
)
async def test_a_log_in_that_fails_is_told_without_its_secrets(
    captures: Captures,
    connections: Connections,
    site: Site,
    members: Members,
    settings: dict[str, str],
    sentence: str,
):
    site.page("/secret", "<p>not here</p>")
    form = {"login_url": "http://page.test:{port}/login", "username": "ann", "password": "right-w0rd", **settings}
    placed = {name: value.replace("{port}", str(site.port)) for name, value in form.items()}
    await add(connections, members.admin, **placed)
    with pytest.raises(InvalidError, match=sentence) as refused:
        await capture(captures, members.editor, site.url("/account"), connection="portal", rendered=True)
    assert form["password"] not in str(refused.value)
    assert site.inside == []


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ([], "Give between 1 and 20"),
        ([Wanted(url=f"http://page.test/{number}") for number in range(21)], "Give between 1 and 20"),
        ([Wanted(url="file:///etc/passwd")], "begins with http"),
        ([Wanted(url="ftp://page.test/")], "begins with http"),
        ([Wanted(url="http://ann:secret@page.test/", rendered=True)], "may not hold a user name or password"),
        ([Wanted(url="http://page.test/", wait_for="p")], "say rendered"),
        ([Wanted(url="http://page.test/", selectors=("p",) * 21)], "up to 20 selectors"),
        ([Wanted(url="http://page.test/"), Wanted(url="http://page.test/", rendered=True)], "share one log-in"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    captures: Captures, site: Site, members: Members, wanted: list[Wanted], sentence: str
):
    with pytest.raises(InvalidError, match=sentence):
        await captures.capture(members.editor, wanted)
    assert site.asked == []


async def test_a_connection_of_another_kind_or_workspace_is_refused(
    captures: Captures, connections: Connections, site: Site, members: Members
):
    await connections.add(members.admin, "api", "http", {"hosts": ["page.test"], "secret": "t0ken"})
    with pytest.raises(InvalidError, match="take one of the connector web"):
        await capture(captures, members.editor, site.url(), connection="api")
    with pytest.raises(NotFoundError):
        await capture(captures, members.outsider, site.url(), connection="api")


async def test_a_viewer_captures_nothing(captures: Captures, site: Site, members: Members):
    with pytest.raises(ForbiddenError):
        await capture(captures, members.viewer, site.url())


async def test_another_workspace_sees_no_captures(captures: Captures, site: Site, members: Members):
    await capture(captures, members.editor, site.page("/prices", ARTICLE))
    assert (await captures.list(members.outsider)).items == []


async def test_a_recipe_takes_a_page_as_a_source(
    captures: Captures, services: ExtractionServices, site: Site, members: Members
):
    wanted = Wanted(url=site.page("/prices", ARTICLE), selectors=("main",))
    given = await captures.take(members.workspace, wanted)
    read = await services.readings.read(members.workspace, given)
    assert read.reading.text.split() == ["Nails", "4.00", "EUR"]


def _redirect(path: str) -> Any:
    from aiohttp import web

    return web.Response(status=302, headers={"Location": path})


INVOICE = "<html><body><p>Invoice number: W-7</p><p>Total: 12.00 EUR</p></body></html>"


async def for_item(services: ExtractionServices, members: Members, source: object, **settings: object) -> Any:
    """What an extract step gives for a source."""
    told = {"schema": "invoice", "source": source, **settings}
    return await services.extractor.extract_for_item(members.workspace, new_id(), new_id(), "read", "", told)


async def test_an_address_is_extracted_like_a_file(
    captures: Captures, services: ExtractionServices, site: Site, members: Members
):
    site.page("/invoice", INVOICE)
    services.extractor.capture_with(captures)
    made = await services.extractions.extract_page(members.editor, Wanted(url=site.url("/invoice")), "invoice")
    assert (made.record["number"], made.record["total"]) == ("W-7", 12.0)
    assert made.file.startswith("fil_")


async def test_a_step_opens_only_hosts_that_its_settings_name(
    captures: Captures, services: ExtractionServices, site: Site, members: Members
):
    site.page("/invoice", INVOICE)
    services.extractor.capture_with(captures)
    url = {"url": site.url("/invoice")}
    with pytest.raises(InvalidError, match="Name the host in its setting"):
        await for_item(services, members, url)
    with pytest.raises(InvalidError, match="may not open page"):
        await for_item(services, members, url, hosts=["*.example.com"])
    record = await for_item(services, members, url, hosts=["*.test"])
    assert record["number"] == "W-7"


async def test_a_reading_is_extracted_with_its_corrections(
    services: ExtractionServices, files: Files, members: Members
):
    stored = await files.store(members.editor, "a.txt", "text/plain", b"Invoice number: O-7\nTotal: 12.00 EUR")
    read = await services.readings.of_file(members.editor, stored.id)
    word = next(word for word in read.words if word.text == "O-7")
    await services.readings.correct(members.editor, read.id, [Change(text="0-7", word=word.id)])
    made = await services.extractions.extract_reading(members.editor, read.id, "invoice")
    assert (made.record["number"], made.file) == ("0-7", stored.id)
