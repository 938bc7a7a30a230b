"""X: what its contracts say, and what is special about it: windows of requests, refusals, the stream."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from connectors.sdk import CredentialsError, Rejected, SettingsError, TemporaryError, fill
from connectors.x import Mentioned, Words, check, find, mention, new_post, post, preview
from connectors.x.connection import Connection, granted
from connectors.x.search import Search
from connectors.x.stream import told
from tests.connectors.contracts import TargetContract, TriggerContract, read
from tests.connectors.x.stands import MentionStand, PostStand, SearchStand, account, app
from tests.peers.faults import Fault
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.x import ME, X, identity, x_peer

NOW = 1_795_000_000


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[X]:
    async with x_peer() as running:
        yield running


class TestNewPost(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return SearchStand(peer, around)


class TestMention(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return MentionStand(peer, around)


class TestPost(TargetContract):
    @pytest.fixture
    def stand(self, peer, around):
        return PostStand(peer, around)


@pytest.mark.parametrize(
    ("settings", "query"),
    [
        ({"words": "a OR b"}, "(a OR b) -is:retweet"),
        ({"hashtags": ["#one", "two"], "reposts": "read"}, "(#one OR #two)"),
        ({"authors": ["@ann"], "not_by": ["bob"], "language": "en"}, "from:ann -from:bob lang:en -is:retweet"),
        ({"words": "a", "replies": "skip", "reposts": "read"}, "(a) -is:reply"),
    ],
)
def test_asks_in_the_words_of_x(settings, query):
    assert fill(Search, settings).query == query


@pytest.mark.parametrize(
    "settings",
    [{}, {"words": " "}, {"authors": ["ann) OR (b"]}, {"hashtags": ["a b"]}, {"words": "a", "language": "en OR x"}],
)
def test_refuses_settings_that_make_no_search(settings):
    with pytest.raises(ValueError, match=r"\.$"):
        fill(Search, settings)


async def test_shows_a_post_in_the_shape_of_all_networks(peer, around):
    picture = {"media_key": "3_1", "type": "photo", "url": "https://pbs.test/1.jpg", "alt_text": "A cat"}
    asked = peer.post("What?")
    link = {"url": "https://t.co/abc", "expanded_url": "https://example.com/x", "start": 0, "end": 5}
    made = peer.post(
        "News &amp; more https://t.co/abc",
        referenced_tweets=[{"type": "replied_to", "id": asked}],
        attachments={"media_keys": ["3_1"]},
        entities={"urls": [link]},
        conversation_id=asked,
        _media=[picture],
    )
    [item], _ = await read(SearchStand(peer, around), None)
    assert item.content == {
        "network": "x",
        "id": made,
        "url": f"https://x.com/ann/status/{made}",
        "author": {"id": "8", "name": "ann", "title": "Ann Bold", "url": "https://x.com/ann"},
        "title": "",
        "text": "News & more https://example.com/x",
        "created": (peer.began + timedelta(seconds=2)).isoformat().replace("+00:00", "Z"),
        "language": "en",
        "metrics": {"reposts": 1, "replies": 2, "likes": 3, "views": 40},
        "media": [{"kind": "image", "url": "https://pbs.test/1.jpg", "text": "A cat"}],
        "in_reply_to": asked,
        "thread": asked,
        "community": "",
        "repost": False,
    }
    assert (item.key, item.subject) == (f"x:{made}", f"x:{asked}")


async def test_begins_with_what_is_new_unless_told_otherwise(peer, around):
    stand = SearchStand(peer, around)
    await stand.add(150)
    settings = fill(Search, {"words": "news"})
    items = [item async for item in new_post(around.context(settings, app(peer)), None)]
    assert {item.content for item in items} == {None}
    new = await stand.add(1)
    items = [item async for item in new_post(around.context(settings, app(peer)), items[-1].cursor)]
    assert [item.content["id"] for item in items if item.content] == new


async def test_never_asks_for_more_than_search_reaches_back(peer, around):
    stand = SearchStand(peer, around)
    _, cursor = await read(stand, None)
    await stand.add(1)
    _, cursor = await read(stand, cursor)
    await read(stand, cursor)
    asked = [call.arguments.get("since_id") for call in peer.api.calls]
    recent = int(identity(datetime.now(UTC) - timedelta(days=7)))
    assert [one is None or int(one) > recent for one in asked] == [True] * 3


async def test_asks_only_once_whose_mentions_it_reads(peer, around):
    stand = MentionStand(peer, around)
    _, cursor = await read(stand, None)
    await read(stand, cursor)
    assert len(peer.api.asked("GET", "/2/users/me")) == 1


async def test_reads_mentions_of_others_by_chosen_authors(peer, around):
    peer.post("Hello @ann", ME)
    peer.post("Hello @ann, myself")
    settings = fill(Mentioned, {"account": "@ann", "authors": ["PatchDeck"], "existing": "read"})
    items = [item async for item in mention(around.context(settings, app(peer)), None)]
    assert [item.content["author"]["name"] for item in items] == ["patchdeck"]
    with pytest.raises(SettingsError, match="Could not find user"):
        await anext(mention(around.context(fill(Mentioned, {"account": "nobody"}), app(peer)), None))


async def test_waits_for_the_next_window_of_requests(peer, around, monkeypatch):
    monkeypatch.setattr("connectors.x.connection.time", SimpleNamespace(time=lambda: NOW))
    reset = {"x-rate-limit-reset": str(NOW + 100), "x-rate-limit-remaining": "0"}
    peer.api.fail(Fault(status=429, headers=reset))
    with pytest.raises(TemporaryError, match="its limit is reached") as failed:
        await read(SearchStand(peer, around), None)
    assert failed.value.retry_after == 100


async def test_renews_a_token_that_has_expired_and_gives_up_on_an_app(peer, around):
    peer.api.tokens = {"renewed-token"}
    assert await read(MentionStand(peer, around), None)
    with pytest.raises(CredentialsError, match="401"):
        await read(SearchStand(peer, around), None)


async def test_finds_a_post_whose_answer_was_lost(peer, around):
    stand = PostStand(peer, around)
    peer.api.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    [lost] = await stand.deliver([stand.record(1)])
    assert isinstance(lost, Rejected)
    assert lost.kind == "TemporaryError"
    context = around.context(stand.settings("News number 1"), account(peer))
    found = await find(context, stand.record(1), around.remembered[-1])
    assert found.reference == peer.tweets[-1]["id"]
    [peer.post(f"Since {number}", ME) for number in range(100)]
    with pytest.raises(SettingsError, match="nobody can tell whether the post is among it"):
        await find(context, stand.record(1), around.remembered[-1])
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    assert [await find(context, stand.record(1), token) for token in (later, None)] == [None, None]


async def test_tells_the_words_of_a_post_whatever_x_makes_of_links(peer, around):
    link = {"url": "https://t.co/abc", "expanded_url": "https://example.com/x", "start": 0, "end": 5}
    peer.post("A &amp; B https://t.co/abc", ME, entities={"urls": [link]})
    context = around.context(fill(Words, {"text": "A & B https://example.com/x"}), account(peer))
    assert await find(context, PostStand(peer, around).record(1), "2026-01-01T00:00:00+00:00")


async def test_preview_shows_words_and_place_of_the_post(peer, around):
    settings = fill(Words, {"text": "Hello", "reply_to": "7"})
    [[change]] = await preview(around.context(settings, account(peer)), [PostStand(peer, around).record(1)])
    assert (change.kind, change.after) == ("send", {"text": "Hello", "in_reply_to": "7", "quote": None})


async def test_an_app_cannot_post(peer, around):
    with pytest.raises(SettingsError, match="An app cannot post"):
        await post(around.context(fill(Words, {"text": "Hello"}), app(peer)), PostStand(peer, around).record(1))


@pytest.mark.parametrize("connection", [account, app])
async def test_checks_both_kinds_of_connection(connection, peer, around):
    kept = connection(peer)
    await check(kept, around.context(kept, kept))
    peer.api.tokens.clear()
    with pytest.raises(CredentialsError):
        await check(kept, around.context(kept, kept))


@pytest.mark.parametrize(
    ("status", "detail", "error", "told"),
    [
        (403, "Your client app is not configured.", CredentialsError, "not configured.* connect again"),
        (402, "Your account has no credits.", SettingsError, "has no credits.* Buy credits"),
    ],
)
async def test_says_why_a_request_is_refused(peer, around, status, detail, error, told):
    peer.api.fail(Fault(status=status, body={"title": "Refused", "detail": detail, "status": status}))
    with pytest.raises(error, match=told):
        await read(SearchStand(peer, around), None)


def test_asks_for_no_more_than_it_needs():
    connection = fill(Connection, {"client_id": "c", "client_secret": "s"})
    asked = granted(connection)
    assert asked is not None
    assert set(asked.scopes) == {"tweet.read", "users.read", "tweet.write", "offline.access"}
    assert (asked.client_in, asked.authorize_url) == ("header", "https://x.com/i/oauth2/authorize")
    assert granted(fill(Connection, {"kind": "app", "token": "t"})) is None


async def test_is_told_by_the_stream_of_its_own_posts_only(peer, around):
    context = around.context(fill(Search, {"words": "news", "stream": True}), app(peer))
    watching = asyncio.create_task(told(context, shortest=0.0))
    await peer.heard()
    peer.post("News")
    await peer.tell("99")
    assert await asyncio.wait([watching], timeout=0.1) == (set(), {watching})
    await peer.tell("1")
    await asyncio.wait_for(watching, 60)
    assert peer.rules == [{"id": "1", "value": "(news) -is:retweet", "tag": "patchdeck"}]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault(status=429, headers={"Retry-After": "7"}), TemporaryError), (Fault(status=403), CredentialsError)],
)
async def test_says_why_there_is_no_stream(fault, error, peer, around):
    fault.path = "/2/tweets/search/stream"
    fault.skip = 2
    peer.api.fail(fault)
    with pytest.raises(error, match=r"40|42"):
        await told(around.context(fill(Search, {"words": "news", "stream": True}), app(peer)), shortest=0.0)


async def test_takes_the_end_of_the_stream_for_a_pause(peer, around):
    peer.api.fail(Fault(kind="malformed", path="/2/tweets/search/stream", skip=2))
    with pytest.raises(TemporaryError, match="closed the stream"):
        await told(around.context(fill(Search, {"words": "news"}), app(peer)), shortest=0.0)
