"""Reddit: what its contracts say, and what is special about it: names of subreddits, windows of requests."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from connectors.reddit import Search, Subreddit, check, new_post
from connectors.reddit.connection import Connection, granted
from connectors.sdk import Context, CredentialsError, Settings, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TriggerContract, TriggerStand, read
from tests.peers.faults import Fault, told
from tests.peers.reddit import Reddit, reddit_peer
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[Reddit]:
    async with reddit_peer() as running:
        yield running


def connection(peer: Reddit) -> Connection:
    return fill(Connection, {"client_id": "c", "client_secret": "s", "address": peer.api.base})


class NewStand(TriggerStand):
    """The posts of a subreddit."""

    uses = "reddit.new_post"
    settings: Settings = fill(Subreddit, {"subreddit": "r/selfhosted", "existing": "read"})

    def __init__(self, peer: Reddit, around: Surroundings) -> None:
        self.peer = peer
        self.around = around

    def context(self) -> Context[Any, Any]:
        return self.around.context(self.settings, connection(self.peer))

    async def add(self, count: int) -> Sequence[str]:
        return [self.peer.post(f"News {number}") for number in range(count)]

    async def add_late(self) -> str:
        return self.peer.post("Late news", after=-600)

    async def repeat(self) -> None:
        """Reddit gives a post again by itself, as each read takes the newest page whole."""

    async def fail(self, fault: str) -> None:
        self.peer.api.fail(told(fault))

    async def heal(self) -> None:
        self.peer.api.recover()


class FoundStand(NewStand):
    """The posts with a word."""

    uses = "reddit.post_found"
    settings = fill(Search, {"words": "news", "existing": "read"})


class TestNewPost(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return NewStand(peer, around)


class TestPostFound(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return FoundStand(peer, around)


async def test_shows_a_post_in_the_shape_of_all_networks(peer, around):
    made = peer.post("A &lt;b&gt;", url="https://i.redd.it/cat.jpg?x=1&amp;y=2.png", created_utc=1_700_000_000)
    [item], _ = await read(NewStand(peer, around), None)
    assert item.content == {
        "network": "reddit",
        "id": made,
        "url": "https://www.reddit.com/r/selfhosted/comments/000001/",
        "author": {"id": "t2_ann", "name": "ann", "title": "ann", "url": "https://www.reddit.com/user/ann"},
        "title": "A <b>",
        "text": "Some & more",
        "created": "2023-11-14T22:13:20Z",
        "language": None,
        "metrics": {"score": 5, "replies": 2},
        "media": [{"kind": "image", "url": "https://i.redd.it/cat.jpg?x=1&y=2.png", "text": ""}],
        "in_reply_to": None,
        "thread": made,
        "community": "selfhosted",
        "repost": False,
    }


async def test_reads_chosen_authors_only(peer, around):
    peer.post("One")
    peer.post("Two", author="bob")
    stand = NewStand(peer, around)
    stand.settings = fill(Subreddit, {"subreddit": "selfhosted", "authors": ["Bob"], "existing": "read"})
    assert [item.content["title"] for item in (await read(stand, None))[0]] == ["Two"]


async def test_waits_for_the_next_window_of_requests(peer, around):
    peer.api.fail(Fault(status=429, headers={"x-ratelimit-reset": "42"}))
    with pytest.raises(TemporaryError, match="42 seconds") as failed:
        await read(NewStand(peer, around), None)
    assert failed.value.retry_after == 42


async def test_renews_a_token_that_was_refused(peer, around):
    kept = connection(peer)
    peer.api.tokens = {"renewed-token"}
    await check(kept, around.context(kept, kept))
    peer.api.tokens.clear()
    with pytest.raises(CredentialsError):
        await check(kept, around.context(kept, kept))


async def test_says_that_there_is_no_such_subreddit(peer, around):
    settings = fill(Subreddit, {"subreddit": "secret"})
    with pytest.raises(SettingsError, match="404"):
        await anext(new_post(around.context(settings, connection(peer)), None))


@pytest.mark.parametrize("name", ["", "a", "../api", "a b", "r/x/y", "ü" * 5])
def test_refuses_what_is_no_subreddit(name):
    with pytest.raises(ValueError, match="name of a subreddit"):
        fill(Subreddit, {"subreddit": name})


def test_asks_for_no_more_than_it_needs():
    app = granted(fill(Connection, {"client_id": "c", "client_secret": "s"}))
    account = granted(fill(Connection, {"client_id": "c", "client_secret": "s", "kind": "oauth"}))
    assert (list(app.scopes), app.authorize_url, app.client_in) == (["read"], "", "header")
    assert account.parameters == {"duration": "permanent"}
