"""Lists of posts that begin with the newest: backlogs in pieces, services that never end, where to begin."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from connectors.sdk import Item
from connectors.sdk.posts import Author, Page, Post, new_posts, written_by

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def post(number: int, name: str = "ann") -> Post:
    moment = NOON + timedelta(minutes=number)
    return Post(network="x", id=str(number), url=None, author=Author(name=name), text=f"{number}", created=moment)


class List:
    """A service that lists posts in pages of ten, the newest first."""

    def __init__(self, count: int) -> None:
        self.posts = [post(number) for number in range(count)]
        self.asked: list[str | None] = []

    async def ask(self, start: datetime | None, place: str | None) -> Page:
        self.asked.append(place)
        older = [one for one in reversed(self.posts) if place is None or int(one.id) < int(place)][:10]
        return Page(posts=older, older=older[-1].id if older else None)


async def items(listed: List, cursor: str | None, most: int = 1000, existing: str = "read") -> Sequence[Item]:
    found: list[Item] = []
    reading = new_posts(listed.ask, cursor, existing=existing)
    async for item in reading:
        found.append(item)
        if len(found) == most:
            break
    return found


def last(found: Sequence[Item]) -> str | None:
    return [item.cursor for item in found if item.cursor][-1]


async def test_goes_on_with_a_backlog_where_it_was_stopped_and_then_with_what_came_meanwhile():
    listed = List(35)
    before = await items(listed, None, most=20)
    listed.posts.append(post(35))
    listed.asked.clear()
    rest = await items(listed, last(before))
    assert listed.asked[0] == "15"
    new = await items(listed, last(rest))
    numbers = [int(item.content["id"]) for item in [*before, *rest, *new] if item.content]
    assert numbers == [*range(25, 35), *range(15, 25), *range(5, 15), *range(5), 35]


async def test_asks_for_no_more_pages_than_it_takes_to_reach_what_is_known():
    listed = List(100)
    cursor = last(await items(listed, None))
    listed.posts.append(post(100))
    listed.asked.clear()
    assert [item.content["id"] for item in await items(listed, cursor)] == ["100"]
    assert listed.asked == [None]


async def test_begins_with_what_is_new_from_now_on():
    listed = List(35)
    first = await items(listed, None, existing="skip")
    assert {item.content for item in first} == {None}
    assert listed.asked == [None]
    listed.posts.append(post(35))
    assert [item.content["id"] for item in await items(listed, last(first), existing="skip")] == ["35"]


async def test_stops_where_a_service_gives_the_same_page_for_ever():
    async def same(start: datetime | None, place: str | None) -> Page:
        return Page(posts=[post(1)], older="1")

    assert len([item async for item in new_posts(same, None) if item.content]) == 1


async def test_keeps_a_cursor_of_bounded_length():
    listed = List(3000)
    listed.posts = [
        msgspec.structs.replace(one, created=NOON + timedelta(seconds=30 * int(one.id))) for one in listed.posts
    ]
    assert len(last(await items(listed, None, most=10_000)) or "") < 500


@pytest.mark.parametrize(
    ("authors", "not_by", "wanted"),
    [([], [], True), (["@Ann"], [], True), (["bob"], [], False), ([], ["ANN "], False), (["ann"], ["@ann"], False)],
)
def test_knows_authors_by_name(authors, not_by, wanted):
    assert written_by(post(1), authors, not_by) is wanted
