"""Bluesky: what its contracts say, and what is special about it: sessions, facets, keys of records, reposts."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from connectors.bluesky import Watched, check, new_post, preview
from connectors.bluesky.posting import Words, find, post, record_key
from connectors.sdk import CredentialsError, Record, SettingsError, fill
from tests.connectors.bluesky.stands import MentionStand, PostStand, SearchStand, connection
from tests.connectors.contracts import TargetContract, TriggerContract, read
from tests.peers.bluesky import ANN, ME, Bluesky, bluesky_peer, moment
from tests.peers.faults import Fault
from tests.peers.surroundings import Surroundings, surroundings

RECORD = Record(key="KEY-1")


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[Bluesky]:
    async with bluesky_peer() as running:
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


async def test_shows_a_post_in_the_shape_of_all_networks(peer, around):
    first = peer.post("First")
    answered = {name: {"uri": first["uri"], "cid": first["cid"]} for name in ("root", "parent")}
    picture = {"thumb": "https://c.test/t.jpg", "fullsize": "https://c.test/f.jpg", "alt": "A cat"}
    embed = {"$type": "app.bsky.embed.images#view", "images": [picture]}
    made = peer.post("News", record={"reply": answered}, embed=embed)
    [item], _ = await read(SearchStand(peer, around), None)
    assert item.content == {
        "network": "bluesky",
        "id": made["uri"],
        "url": f"https://bsky.app/profile/ann.test/post/{made['uri'][-13:]}",
        "author": {
            "id": ANN,
            "name": "ann.test",
            "title": "Ann Bold",
            "url": "https://bsky.app/profile/ann.test",
        },
        "title": "",
        "text": "News",
        "created": (peer.began + timedelta(seconds=2)).isoformat().replace("+00:00", "Z"),
        "language": "en",
        "metrics": {"replies": 1, "reposts": 2, "likes": 3, "quotes": 4},
        "media": [{"kind": "image", "url": "https://c.test/f.jpg", "text": "A cat"}],
        "in_reply_to": first["uri"],
        "thread": first["uri"],
        "community": "",
        "repost": False,
    }


@pytest.mark.parametrize(
    ("settings", "told"),
    [({}, ["One"]), ({"reposts": "read"}, ["One", "Repeated"]), ({"not_by": ["@Ann.test"]}, [])],
)
async def test_reads_the_feed_of_an_account_with_and_without_reposts(settings, told, peer, around):
    peer.post("One")
    peer.post("Repeated", repeated=moment(peer.began + timedelta(hours=1)))
    stand = SearchStand(peer, around)
    stand.settings = fill(Watched, {"source": "account", "account": "@ann.test", "existing": "read", **settings})
    assert [item.content["text"] for item in (await read(stand, None))[0]] == told


async def test_believes_no_author_who_dates_a_post_in_the_future(peer, around):
    peer.post("News", record={"createdAt": "2999-01-01T00:00:00Z"})
    peer.post("News", record={"createdAt": "2019-01-01T00:00:00Z"})
    found, cursor = await read(SearchStand(peer, around), None)
    assert [item.content["created"][:4] for item in found] == [str(peer.began.year), "2019"]
    peer.post("News")
    assert len((await read(SearchStand(peer, around), cursor))[0]) == 1


async def test_signs_in_once_for_all_calls(peer, around):
    for _ in range(3):
        await read(SearchStand(peer, around), None)
    assert peer.sessions == 1


async def test_signs_in_again_when_the_token_has_run_out(peer, around):
    await read(SearchStand(peer, around), None)
    expired = {"error": "ExpiredToken", "message": "Token has expired"}
    peer.api.fail(Fault(status=400, body=expired, times=1))
    peer.token = "renewed-token"
    await read(SearchStand(peer, around), None)
    assert peer.sessions == 2


async def test_says_that_the_password_is_wrong(peer, around):
    wrong = connection(peer, "wrong")
    with pytest.raises(CredentialsError, match="app password"):
        await check(wrong, around.context(wrong, wrong))


@pytest.mark.parametrize("settings", [{}, {"source": "account"}, {"words": " "}, {"words": "a", "every": "soon"}])
def test_refuses_settings_that_name_nothing(settings):
    with pytest.raises(ValueError, match=r"\.$"):
        fill(Watched, settings)


async def test_says_of_an_account_that_there_is_none(peer, around):
    settings = fill(Watched, {"source": "account", "account": "nobody.test"})
    with pytest.raises(SettingsError, match="Profile not found"):
        await anext(new_post(around.context(settings, connection(peer)), None))


async def test_marks_links_and_hashtags_by_their_bytes(peer, around):
    settings = fill(Words, {"text": "Zażółć: https://example.com/ä?x=1. #neu", "language": "de"})
    await post(around.context(settings, connection(peer)), RECORD)
    record = peer.posts[-1]["record"]
    text = record["text"].encode()
    marked = [text[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in record["facets"]]
    assert marked == ["https://example.com/ä?x=1", "#neu"]
    assert record["langs"] == ["de"]


@pytest.mark.parametrize("key", ["KEY-1", "", "ü" * 500])
def test_makes_keys_in_the_shape_of_the_protocol(key):
    assert re.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", record_key(key))
    assert record_key(key) == record_key(key) != record_key(f"{key}2")


async def test_finds_a_post_whose_answer_was_lost_and_never_writes_it_twice(peer, around):
    stand = PostStand(peer, around)
    peer.api.fail(Fault(kind="cut", verb="POST", path="/xrpc/com.atproto.repo", late=True, times=1))
    await stand.deliver([stand.record(1)])
    found = await find(stand.context(), stand.record(1), None)
    assert found is not None
    assert found.reference == peer.posts[-1]["uri"]
    await stand.deliver([stand.record(1)])
    assert len([one for one in peer.posts if one["author"]["did"] == ME]) == 1


async def test_preview_shows_the_post(peer, around):
    stand = PostStand(peer, around)
    [[change]] = await preview(stand.context(), [RECORD])
    assert (change.kind, change.after["in_reply_to"]) == ("send", stand.asked["uri"])
