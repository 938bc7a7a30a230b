"""Mastodon: what its contracts say, and what is special about it: HTML, boosts, edits, keys that last an hour."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from connectors.mastodon import Timeline, check, edit, new_post, preview_edit, preview_post
from connectors.mastodon.connection import Connection, granted
from connectors.mastodon.posting import delete_post, find_edit, find_post, undo_edit
from connectors.mastodon.statuses import plain_texts
from connectors.sdk import CredentialsError, Receipt, Record, SettingsError, fill
from tests.connectors.contracts import TargetContract, TriggerContract, read
from tests.connectors.mastodon.stands import MentionStand, PostStand, TimelineStand, connection, edited
from tests.peers.faults import Fault
from tests.peers.mastodon import Mastodon, mastodon_peer
from tests.peers.surroundings import Surroundings, surroundings

RECORD = Record(key="KEY-1")


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[Mastodon]:
    async with mastodon_peer() as running:
        yield running


class TestNewPost(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return TimelineStand(peer, around)


class TestMention(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return MentionStand(peer, around)


class TestPost(TargetContract):
    @pytest.fixture
    def stand(self, peer, around):
        return PostStand(peer, around)


async def test_shows_a_post_in_the_shape_of_all_networks(peer, around):
    picture = {"id": "1", "type": "image", "url": "https://f.test/1.png", "preview_url": "https://f.test/s.png"}
    made = peer.post(
        "A & B <b>\n#news https://example.com/x\n\nEnd",
        media_attachments=[picture | {"description": "A cat"}],
        in_reply_to_id="5",
        spoiler_text="Careful",
    )
    [item], _ = await read(TimelineStand(peer, around), None)
    moment = (peer.began + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert item.content == {
        "network": "mastodon",
        "id": made["id"],
        "url": made["url"],
        "author": {
            "id": "8",
            "name": "ann@example.social",
            "title": "Ann@Example.Social",
            "url": "https://example.social/@ann@example.social",
        },
        "title": "Careful",
        "text": "A & B <b>\n#news https://example.com/x\n\nEnd",
        "created": moment,
        "language": "en",
        "metrics": {"reposts": 1, "likes": 1, "replies": 1},
        "media": [{"kind": "image", "url": "https://f.test/1.png", "text": "A cat"}],
        "in_reply_to": "5",
        "thread": "5",
        "community": "",
        "repost": False,
    }


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"source": "home"}, ["one", "answer"]),
        ({"source": "server", "boosts": "read"}, ["one", "answer", "boosted"]),
        ({"source": "account", "account": "@ann@example.social", "boosts": "read"}, ["one", "boosted"]),
        ({"source": "home", "replies": "skip"}, ["one"]),
        ({"source": "home", "not_by": ["ann@example.social"], "boosts": "read"}, ["answer", "boosted"]),
    ],
)
async def test_reads_other_timelines_by_author_with_and_without_boosts_and_replies(settings, told, peer, around):
    first = peer.post("one")
    peer.post("answer", peer.me, in_reply_to_id=first["id"])
    boosted = peer.post("boosted", peer.me)
    peer.statuses.remove(boosted)
    peer.post("", reblog=boosted)
    stand = TimelineStand(peer, around)
    stand.settings = fill(Timeline, {"existing": "read", **settings})
    assert [item.content["text"] for item in (await read(stand, None))[0]] == told


@pytest.mark.parametrize("settings", [{}, {"hashtag": "a b"}, {"hashtag": "../x"}, {"source": "account"}])
def test_refuses_settings_that_name_no_timeline(settings):
    with pytest.raises(ValueError, match=r"\.$"):
        fill(Timeline, settings)


def test_reads_hostile_html_as_words():
    pages = [
        "",
        "<p>a<br>b</p><p>c</p>",
        "<script>x</script>ok",
        "<p>" * 500 + "deep",
        "plain",
        "<!-- --><p>&lt;b&gt;</p>",
    ]
    assert plain_texts(pages)[:2] == ["", "a\nb\n\nc"]
    assert plain_texts(pages)[3:] == ["deep", "plain", "<b>"]


async def test_says_of_an_account_that_there_is_none(peer, around):
    settings = fill(Timeline, {"source": "account", "account": "nobody"})
    with pytest.raises(SettingsError, match="Record not found"):
        await anext(new_post(around.context(settings, connection(peer)), None))


async def test_finds_a_post_written_since_it_was_tried(peer, around):
    stand = PostStand(peer, around)
    peer.api.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    await stand.deliver([stand.record(1)])
    context = around.context(stand.settings("News number 1"), connection(peer))
    found = await find_post(context, RECORD, around.remembered[-1])
    assert found is not None
    assert found.reference == peer.statuses[-1]["id"]
    [peer.post(f"Since {number}", peer.me) for number in range(40)]
    with pytest.raises(SettingsError, match="nobody can tell whether the post is among it"):
        await find_post(context, RECORD, around.remembered[-1])
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert [await find_post(context, RECORD, token) for token in (later, None)] == [None, None]


async def test_preview_shows_the_post(peer, around):
    [[change]] = await preview_post(PostStand(peer, around).context(), [RECORD])
    assert (change.kind, change.after["visibility"]) == ("send", "public")


async def test_edits_a_post_and_puts_it_back(peer, around):
    made = peer.post("First words", peer.me)
    context = edited(peer, around, made["id"], "Other words")
    [[change]] = await preview_edit(context, [RECORD])
    assert (change.before["text"], change.after["text"]) == ("First words", "Other words")
    assert await find_edit(context, RECORD, None) is None
    receipt = await edit(context, RECORD)
    assert "Other words" in made["content"]
    assert await find_edit(context, RECORD, around.remembered[-1]) == receipt
    kept = msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
    await undo_edit(context, kept)
    assert "First words" in made["content"]
    with pytest.raises(SettingsError, match="changed since"):
        await undo_edit(context, kept)


@pytest.mark.parametrize("post_id", ["404", "../../x", ""])
async def test_edits_no_post_that_is_not_there(post_id, peer, around):
    with pytest.raises(SettingsError, match=r"\.$"):
        await edit(edited(peer, around, post_id, "Words"), RECORD)
    peer.api.violations.clear()


async def test_renews_a_granted_token_that_was_refused(peer, around):
    kept = connection(peer, kind="oauth", client_id="key")
    peer.api.tokens = {"renewed-token"}
    await check(kept, around.context(kept, kept))
    with pytest.raises(CredentialsError, match="401"):
        await check(connection(peer), around.context(kept, connection(peer)))


@pytest.mark.parametrize("kind", ["token", "oauth"])
async def test_takes_back_a_post_that_is_gone_already(kind, peer, around):
    gone = Receipt(reference="404")
    context = around.context(PostStand(peer, around).settings("News"), connection(peer, kind=kind, client_id="key"))
    assert await delete_post(context, gone) == gone


def test_asks_for_no_more_than_it_needs():
    asked = granted(fill(Connection, {"address": "https://example.social/", "kind": "oauth", "client_id": "key"}))
    assert asked is not None
    assert set(asked.scopes) == {"read:accounts", "read:statuses", "read:notifications", "write:statuses"}
    assert asked.token_url == "https://example.social/oauth/token"
