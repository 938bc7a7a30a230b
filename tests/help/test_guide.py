"""The guide in the product: found by words, inert, complete, packed with the wheel."""

import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hub.errors import NotFoundError
from hub.help import Guide
from hub.help.render import rendered
from hub.members import Member, Role
from ui.help.topics import TOPICS, topic_of

ROOT = Path(__file__).parents[2]


class Links(HTMLParser):
    """Collects where a page leads, and its anchors and pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.pictures: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.links += [given["href"]] if tag == "a" else []
        self.pictures += [given["src"]] if tag == "img" else []
        self.anchors |= {given["id"]} if "id" in given else set()


def links_of(html: str) -> Links:
    found = Links()
    found.feed(html)
    return found


@pytest.fixture(scope="module")
def reader() -> Member:
    from hub.ids import new_id

    return Member(workspace=new_id(), user=new_id(), role=Role.VIEWER)


@pytest.fixture(scope="module")
def guide() -> Guide:
    return Guide()


async def test_finds_sections_by_words_that_begin_so(guide, reader):
    found = await guide.search(reader, "rotate secret webhook")
    assert found[0].page in {"webhooks", "commands"}
    assert await guide.search(reader, "zebra crossing nowhere") == []
    assert await guide.search(reader, "'; -- (((") == []


async def test_every_link_picture_and_topic_leads_somewhere(guide, reader):
    pages = {one.name: links_of(one.html) for one in await guide.list(reader)}
    places = {"/help", *(f"/help/{name}" for name in pages)}
    places |= {f"/help/{name}#{anchor}" for name, found in pages.items() for anchor in found.anchors}
    inside = {link for found in pages.values() for link in found.links if link.startswith("/help")}
    pictures = {picture for found in pages.values() for picture in found.pictures}
    topics = {f"/help/{topic}" for topic in TOPICS.values()}
    assert inside - places == set()
    assert topics - places == set()
    assert [one for one in pictures if not (guide.images / one.removeprefix("/help-images/")).exists()] == []


@pytest.mark.parametrize(
    ("path", "tab", "topic"),
    [("/", "", "getting-started"), ("/recipes/x/canvas", "", "canvas"), ("/settings", "chat", "chat"),
     ("/connectors/email", "", "connectors/email"), ("/datasets/dst_1", "", "web#datasets")],
)  # fmt: skip
def test_leads_from_a_page_to_its_part(path, tab, topic):
    assert topic_of(path, tab) == f"/help/{topic}"


def test_shows_foreign_markup_as_text():
    html = rendered("# A\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](data:text/html,z)", "a", set())
    assert "<script" not in html
    assert "javascript:" not in "".join(links_of(html).links)


async def test_has_no_pages_but_its_own(guide, reader):
    with pytest.raises(NotFoundError):
        await guide.show(reader, "../README")


def test_is_packed_with_the_wheel():
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert packed["force-include"] == {"docs": "hub/help/docs"}
