"""LinkedIn: what its contracts say, and what is special: Rest.li, little text, days, planned posts, no proof key."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from connectors.linkedin import Commented, Mentioned, Published, check, new_post, preview
from connectors.linkedin.answers import organisation_named
from connectors.linkedin.connection import Connection, granted
from connectors.linkedin.little import little, plain
from connectors.linkedin.pages import organisations
from connectors.linkedin.posting import Words, find_post, post
from connectors.linkedin.restli import encoded
from connectors.sdk import CredentialsError, Record, SettingsError, TemporaryError, fill
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpPool
from hub.oauth import authorization, exchange
from tests.connectors.contracts import TargetContract, TriggerContract, part_way, read
from tests.connectors.linkedin.stands import CommentStand, MentionStand, PostStand, PublishedStand, connection
from tests.peers.faults import Fault
from tests.peers.linkedin import ANN, OTHER, PAGE, PERSON, LinkedIn, linkedin_peer
from tests.peers.surroundings import LOOPBACK, Surroundings, surroundings

RECORD = Record(key="KEY-1")


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer() -> AsyncIterator[LinkedIn]:
    async with linkedin_peer() as running:
        yield running


class TestNewPost(TriggerContract):
    @pytest.fixture
    def stand(self, peer, around):
        return PublishedStand(peer, around)


class TestMention(TriggerContract):
    many = 205

    @pytest.fixture
    def stand(self, peer, around):
        return MentionStand(peer, around)


class TestNewComment(TriggerContract):
    many = 105

    @pytest.fixture
    def stand(self, peer, around):
        return CommentStand(peer, around)


class TestPost(TargetContract):
    many = 200

    @pytest.fixture
    def stand(self, peer, around):
        return PostStand(peer, around)


async def test_shows_a_post_in_the_shape_of_all_networks(peer, around):
    article = {"source": "https://example.com/x", "title": "Read on"}
    made = peer.publish(
        r"C\# & {hashtag|\#|my\_news} by @[Ann \(A\)](urn:li:person:aNn4-_56)", content={"article": article}
    )
    [item], _ = await read(PublishedStand(peer, around), None)
    assert item.title == "patchdeck: C# & #my_news by @Ann (A)"
    assert item.content | {"created": ""} == {
        "network": "linkedin",
        "id": made["id"],
        "url": f"https://www.linkedin.com/feed/update/{made['id']}/",
        "author": {
            "id": PAGE,
            "name": "patchdeck",
            "title": "Patchdeck",
            "url": "https://www.linkedin.com/company/2414183/",
        },
        "title": "",
        "text": "C# & #my_news by @Ann (A)",
        "created": "",
        "language": None,
        "metrics": {},
        "media": [{"kind": "link", "url": "https://example.com/x", "text": "Read on"}],
        "in_reply_to": None,
        "thread": made["id"],
        "community": "",
        "repost": False,
    }


async def test_finds_a_post_that_was_planned_long_before_and_leaves_out_old_ones_that_changed(peer, around):
    old = peer.publish("Old")
    planned = peer.publish("Planned", lifecycleState="PUBLISH_REQUESTED", after=0)
    peer.publish("Newer", after=4000)
    stand = PublishedStand(peer, around)
    stand.settings = fill(Published, {})
    found, cursor = await read(stand, None)
    assert found == []
    peer.edit(old, "Old, and better")
    now = peer.edit(planned, "Planned")
    planned |= {"lifecycleState": "PUBLISHED", "publishedAt": now}
    found, cursor = await read(stand, cursor)
    assert [item.content["text"] for item in found] == ["Planned"]
    assert (await read(stand, cursor))[0] == []


@pytest.mark.parametrize(("reshares", "count"), [("read", 2), ("skip", 1)])
async def test_tells_reshares_apart(reshares, count, peer, around):
    first = peer.publish("First")
    peer.publish("Look", reshareContext={"parent": first["id"]})
    stand = PublishedStand(peer, around, mentions=False)
    stand.settings = fill(Published, {"organisation": "2414183", "existing": "read", "reshares": reshares})
    assert len((await read(stand, None))[0]) == count
    assert peer.asked("GET", "/rest/organizations/{id}") == []


async def test_asks_once_who_the_organisation_is_and_little_afterwards(peer, around):
    stand = PublishedStand(peer, around)
    _, cursor = await read(stand, None)
    asked = len(peer.calls)
    peer.publish("New")
    found, cursor = await read(stand, cursor)
    assert [item.content["author"]["title"] for item in found] == ["Patchdeck"]
    assert (asked, len(peer.calls)) == (3, 4)


async def test_shows_a_comment_with_its_thread(peer, around):
    parent = "urn:li:comment:(urn:li:activity:7094637247890620418,1)"
    made = peer.comment("What does it cost?", parentComment=parent)
    peer.comment("We answer.", by=PAGE)
    [item], _ = await read(CommentStand(peer, around), None)
    thread = "urn:li:activity:7094637247890620418"
    told = {name: item.content[name] for name in ("id", "text", "title", "in_reply_to", "thread", "url")}
    assert told == {
        "id": made["commentUrn"],
        "text": "What does it cost?",
        "title": "",
        "in_reply_to": parent,
        "thread": thread,
        "url": f"https://www.linkedin.com/feed/update/{thread}/",
    }
    assert item.content["author"]["id"] == ANN
    assert item.subject == f"linkedin:{thread}"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"authors": ["aNn4-_56"]}, ["by Ann"]),
        ({"not_by": [ANN.upper()]}, ["by another page"]),
        ({"own": "read", "not_by": ["77", ANN]}, ["by the page"]),
    ],
)
async def test_reads_comments_by_author(settings, told, peer, around):
    for_each = {"by Ann": ANN, "by another page": OTHER, "by the page": PAGE}
    [peer.comment(text, by=by) for text, by in for_each.items()]
    stand = CommentStand(peer, around)
    stand.settings = fill(Commented, {"organisation": PAGE, "existing": "read", **settings})
    assert [item.content["text"] for item in (await read(stand, None))[0]] == told


async def test_tells_of_a_mention_whose_words_it_may_not_read(peer, around):
    made = peer.mention("For friends only")
    peer.hidden.add(made["id"])
    [item], _ = await read(MentionStand(peer, around), None)
    assert (item.content["text"], item.title) == ("", "LinkedIn does not show this to apps")
    assert item.content["url"].endswith(f"/{made['id']}/")


async def test_goes_on_the_next_day_where_a_limit_ended_a_backlog(peer, around):
    new = [peer.mention(f"Mention {number}")["id"] for number in range(50)]
    stand = MentionStand(peer, around)
    before, cursor = await part_way(stand, None, 20)
    said = {"status": 429, "message": "Resource level throttle MEMBER DAY limit for calls to this resource is reached."}
    peer.fail(Fault(status=429, body=said, skip=3))
    with pytest.raises(TemporaryError, match="no more requests today") as failed:
        await read(stand, cursor)
    assert 0 < (failed.value.retry_after or 0) <= 86_400
    peer.recover()
    later, _ = await read(stand, cursor)
    assert sorted(item.content["id"] for item in [*before, *later]) == sorted(new)


async def test_lists_the_pages_that_the_person_runs(peer, around):
    peer.pages[OTHER] = "Acme"
    found = await organisations(around.context(fill(Published, {}), connection(peer)))
    assert [(one.value, one.text) for one in found] == [(PAGE, "Patchdeck"), (OTHER, "Acme")]
    with pytest.raises(SettingsError, match="opens 2 pages"):
        await anext(new_post(PublishedStand(peer, around).context(), None))
    alone = around.context(fill(Mentioned, {}), connection(peer, mentions=False))
    with pytest.raises(SettingsError, match="Give the organisation's number"):
        await organisations(alone)


@pytest.mark.parametrize(
    "text", ["2414183", "urn:li:organization:2414183", " https://www.linkedin.com/company/2414183/admin/ "]
)
def test_takes_an_organisation_by_number_name_and_address(text):
    assert organisation_named(text) == PAGE


@pytest.mark.parametrize("text", ["patchdeck", "urn:li:person:1", "1)&q=x", "https://evil.example/company/1"])
def test_refuses_what_is_no_organisation(text):
    with pytest.raises(ValueError, match=r"\.$"):
        organisation_named(text)


async def test_posts_as_a_member_and_says_that_it_cannot_be_found_again(peer, around):
    member = connection(peer, kind="member")
    context = around.context(fill(Words, {"text": "I say: (a_b) [c] {d} #1 #news @me \\ ~"}), member)
    await check(member, context)
    [[change]] = await preview(context, [RECORD])
    assert (change.kind, change.after["author"], peer.writes) == ("send", PERSON, 0)
    receipt = await post(context, RECORD)
    assert receipt.url == f"https://www.linkedin.com/feed/update/{peer.updates[0]['id']}/"
    assert peer.updates[0]["commentary"] == r"I say: \(a\_b\) \[c\] \{d\} \#1 {hashtag|\#|news} \@me \\ \~"
    with pytest.raises(SettingsError, match="Look at the profile"):
        await find_post(context, RECORD, around.remembered[-1])
    with pytest.raises(SettingsError, match="Content is a duplicate of urn:li:share"):
        await post(context, RECORD)
    with pytest.raises(SettingsError, match="can only post"):
        await anext(new_post(around.context(fill(Published, {}), member), None))


async def test_finds_a_post_whose_answer_was_lost(peer, around):
    stand = PostStand(peer, around)
    peer.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    await stand.deliver([stand.record(1)])
    context = around.context(stand.settings("News number 1"), connection(peer, access="write"))
    found = await find_post(context, RECORD, stand.token)
    assert found is not None
    assert found.reference == peer.updates[-1]["id"]
    [peer.publish(f"Since {number}") for number in range(50)]
    with pytest.raises(SettingsError, match="nobody can tell whether the post is among it"):
        await find_post(context, RECORD, stand.token)
    # What was posted a day ago is not what was tried now
    assert [await find_post(context, RECORD, token) for token in (around.remembered[-1], None)] == [None, None]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"link": "https://example.com"}, "Give the link a title"),
        ({"link": "javascript:alert(1)", "link_title": "x"}, "must begin with https"),
        ({"text": " "}, "no text"),
    ],
)
async def test_posts_nothing_that_is_not_whole(settings, sentence, peer, around):
    context = around.context(fill(Words, {"text": "Words", **settings}), connection(peer, access="write"))
    with pytest.raises(SettingsError, match=sentence):
        await post(context, RECORD)
    assert peer.writes == 0


@pytest.mark.parametrize(
    ("status", "message", "error", "sentence"),
    [
        (403, "Not enough permissions to access: x", CredentialsError, "Not enough permissions to access: x. Check"),
        (409, "Conflict", TemporaryError, "at that moment"),
        (400, "ERROR :: /commentary :: FIELD_LENGTH_TOO_LONG", SettingsError, "FIELD_LENGTH_TOO_LONG"),
        (429, "Comment create throttled", TemporaryError, "429"),
    ],
)
async def test_says_what_a_refusal_means(status, message, error, sentence, peer, around):
    kept = connection(peer)
    peer.fail(Fault(status=status, body={"status": status, "message": message}))
    with pytest.raises(error, match=sentence):
        await check(kept, around.context(kept, kept))


async def test_says_that_its_version_is_answered_no_more(peer, around):
    kept = connection(peer, version="202401")
    with pytest.raises(SettingsError, match="Set a newer one in the connection"):
        await check(kept, around.context(kept, kept))


async def test_renews_a_token_that_was_refused_and_takes_a_list_that_is_closed_for_proof(peer, around):
    kept = connection(peer, mentions=False)
    peer.tokens = {"renewed-token"}
    peer.fail(Fault(status=403, skip=1))
    await check(kept, around.context(kept, kept))
    peer.tokens = set()
    peer.recover()
    with pytest.raises(CredentialsError, match="401"):
        await check(kept, around.context(kept, kept))


@pytest.mark.parametrize(
    ("settings", "scopes"),
    [
        ({"kind": "member"}, {"openid", "profile", "w_member_social"}),
        ({"mentions": False}, {"r_organization_social"}),
        ({"mentions": False, "access": "write"}, {"r_organization_social", "w_organization_social"}),
        ({}, {"r_organization_social", "r_organization_social_feed", "rw_organization_admin"}),
    ],
)
def test_asks_for_no_more_than_it_needs(settings, scopes):
    asked = granted(fill(Connection, {"client_id": "app", "client_secret": "s3cret", **settings}))
    assert set(asked.scopes) == scopes
    assert asked.token_url == "https://www.linkedin.com/oauth/v2/accessToken"


async def test_signs_in_without_the_proof_key_that_linkedin_refuses(peer):
    declared = granted(connection(peer, kind="member"))
    request = authorization(
        msgspec.structs.replace(declared, authorize_url="https://example.com/agree"),
        "https://hub.test/back",
        "s" * 40,
    )
    assert set(parse_qs(urlsplit(request.address).query)) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
    }
    pool = HttpPool(Guard(LOOPBACK))
    tokens = await exchange(pool, declared, "good", "https://hub.test/back", request.verifier)
    await pool.close()
    assert (tokens.access, tokens.scopes) == ("granted-token", ["openid", "profile", "w_member_social"])


@pytest.mark.parametrize("settings", [{"version": "2026"}, {"version": "202613"}, {"client_id": " "}, {"address": "x"}])
def test_refuses_connections_that_cannot_work(settings):
    with pytest.raises(ValueError, match=r"\."):
        fill(Connection, {"client_id": "app", "client_secret": "s3cret", **settings})


def test_writes_addresses_as_the_protocol_describes_them():
    assert encoded(PAGE) == "urn%3Ali%3Aorganization%3A2414183"
    assert encoded(["SHARE_MENTION", "a,b)"]) == "List(SHARE_MENTION,a%2Cb%29)"
    assert encoded({"start": 1, "end": 2}) == "(start:1,end:2)"
    assert encoded("(a,b)") == "%28a%2Cb%29"


@pytest.mark.parametrize(
    "text",
    ["", "\\", "{hashtag|\\#|", "@[a](urn:li:person:1)", "#", "##a #_ #é_1 a#b", "@[" * 500, "\\#" * 500, "\0ü💡"],
)
def test_reads_back_what_it_wrote(text):
    assert plain(little(text)) == text
    assert little("@[a](urn:li:person:1)", mentions=True) == "@[a](urn:li:person:1)"


async def test_reads_no_answer_with_impossible_moments(peer, around):
    peer.publish("Far away", lastModifiedAt=10**18)
    with pytest.raises(TemporaryError, match="answered otherwise than it describes"):
        await read(PublishedStand(peer, around), None)
    peer.violations.clear()
