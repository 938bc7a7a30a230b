"""GitHub: issues, pull requests and releases followed, events verified, issues and comments written and taken back."""

import hashlib
import hmac
import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from connectors.github import (
    changed_issue,
    check,
    connector,
    create_issue,
    event_received,
    find_issue,
    new_issue,
    new_release,
    update_issue,
)
from connectors.github.connection import Connection
from connectors.github.events import Events
from connectors.github.issues import Find, Follow, Place, repositories
from connectors.github.releases import Releases
from connectors.github.writing import Comment, Create, Update
from connectors.sdk import (
    CredentialsError,
    NoSettings,
    Record,
    Secret,
    SettingsError,
    TemporaryError,
    WebhookRequest,
    fill,
)
from tests.connectors.contracts import TargetContract, TriggerContract, TriggerStand, read
from tests.connectors.recordings import given
from tests.connectors.standing import Standing
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.github import REPOSITORY, GitHubPeer
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings

SECRET = "w3bhook-secret"
NOW = 1_795_000_000
EVENT: dict[str, Any] = {
    "action": "opened",
    "issue": {
        "number": 17,
        "title": "Order lost",
        "body": "Where is it?",
        "html_url": "https://github.com/e/s/issues/17",
    },
    "repository": {"full_name": "Example/shop"},
    "sender": {"login": "octocat"},
}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(GitHubPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"token": TOKEN, "address": peer.base, "webhook_secret": SECRET})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, {"repository": REPOSITORY, **settings}), connection)

    return make


class Opening(Standing, TriggerStand):
    uses = "github.new_issue"

    def __init__(self, peer, context):
        self.peer = peer
        self._context = context

    def context(self):
        return self._context(Follow, existing="read")

    async def add(self, count):
        self.peer.pass_time(600)
        return [str(self.peer.open_issue(f"Order {at}")["id"]) for at in range(count)]

    async def add_late(self):
        self.peer.pass_time(-120)
        late = str(self.peer.open_issue("late")["id"])
        self.peer.pass_time(120)
        return late

    async def repeat(self):
        self.peer.edit(self.peer.issues[-1])


class Changing(Opening):
    uses = "github.changed_issue"

    async def repeat(self):
        """An issue that is told once more with the same moment is no event."""


class Releasing(Opening):
    uses = "github.new_release"

    def context(self):
        return self._context(Releases, existing="read")

    async def add(self, count):
        self.peer.pass_time(600)
        return [str(self.peer.publish(f"v{at}")["id"]) for at in range(count)]

    async def add_late(self):
        return str(self.peer.publish("v0.9", created_at="2020-01-01T00:00:00Z")["id"])

    async def repeat(self):
        self.peer.releases[-1]["body"] = "More is new"


class TestNewIssue(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Opening(peer, context)


class TestChangedIssue(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Changing(peer, context)


class TestNewRelease(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Releasing(peer, context)


class Creating(Standing, WordingStand):
    uses = "github.create_issue"

    def __init__(self, around, connection, peer):
        super().__init__(around, connection)
        self.peer = peer

    def settings(self, words):
        return fill(Create, {"repository": REPOSITORY, "title": words, "text": "From an order", "labels": ["bug"]})

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def bad_record(self):
        return self.worded("bad", "x" * 300)

    async def rows(self):
        return [(one["title"], one["body"]) for one in self.peer.issues if one["state"] == "open"]

    async def drift(self):
        self.peer.repository = "example/moved"


class Commenting(Creating):
    uses = "github.comment"

    def settings(self, words):
        return fill(Comment, {"repository": REPOSITORY, "number": "#1", "text": words})

    def bad_record(self):
        return self.worded("bad", "x" * 70_000)

    async def rows(self):
        return [one["body"] for one in self.peer.comments]


class TestCreateIssue(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, around, connection, peer):
        return Creating(around, connection, peer)


class TestComment(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.open_issue("Order lost")
        return Commenting(around, connection, peer)


async def test_misses_nothing_that_changes_while_it_is_read(peer, context):
    opened = [
        peer.open_issue(f"Order {at}", updated_at=f"2026-11-21T08:{at // 60:02}:{at % 60:02}Z") for at in range(250)
    ]
    reading = changed_issue(context(Follow, existing="read"), None)
    first = [item async for item in _some(reading, 50)]
    _ = [peer.edit(issue, title="Changed") for issue in opened[:60]]
    rest = [item async for item in reading]
    seen = {item.content["number"] for item in [*first, *rest]}
    assert seen == {issue["number"] for issue in opened}


async def test_asks_whether_anything_changed_without_spending_the_limit(peer, context):
    peer.open_issue("Order lost")
    stand = Opening(peer, context)
    _, cursor = await read(stand, None)
    _, cursor = await read(stand, cursor)
    assert peer.unchanged == 0
    _, cursor = await read(stand, cursor)
    assert peer.unchanged == 1
    peer.pass_time(60)
    peer.open_issue("Another")
    assert [item.title for item in (await read(stand, cursor))[0]] == ["#2 Another"]


async def test_tells_issues_from_pull_requests_and_a_second_change_within_a_second(peer, context):
    issue = peer.open_issue("Order lost", body="Where?\n\n<!-- patchdeck:" + "0" * 32 + " -->")
    peer.open_issue("Find orders", pull_request={"url": None, "html_url": None, "diff_url": None, "patch_url": None})
    [pull] = [item async for item in new_issue(context(Follow, existing="read", what="pull_requests"), None)]
    assert pull.content["is_pull_request"]
    [first] = [item async for item in changed_issue(context(Follow, existing="read", what="issues"), None)]
    assert first.content["text"] == "Where?"
    peer.edit(issue, title="Order found")
    [second] = [item async for item in changed_issue(context(Follow, what="issues"), first.cursor) if item.content]
    assert (second.title, second.key == first.key) == ("#1 Order found", False)


@pytest.mark.parametrize("trigger", [new_issue, changed_issue])
async def test_skips_what_is_there_when_it_is_told_to(peer, context, trigger):
    peer.open_issue("old")
    peer.pass_time(10)
    peer.open_issue("old too")
    [base] = [item async for item in trigger(context(Follow), None)]
    peer.open_issue("new")
    items = [item async for item in trigger(context(Follow), base.cursor)]
    assert (base.content, [item.title for item in items if item.content]) == (None, ["#3 new"])


async def test_takes_releases_when_they_are_published(peer, context):
    draft = peer.publish("v2", draft=True, published_at=None)
    peer.publish("v1")
    peer.publish("v3-rc", prerelease=True)
    first = [item async for item in new_release(context(Releases, existing="read"), None)]
    draft |= {"draft": False, "published_at": "2026-11-23T00:00:00Z"}
    second = [item async for item in new_release(context(Releases), first[-1].cursor)]
    assert [[item.content["tag"] for item in items] for items in (first, second)] == [["v1"], ["v2"]]


def called(event, **headers):
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    given = {"x-github-event": "issues", "x-github-delivery": "d-1", "x-hub-signature-256": f"sha256={signature}"}
    return WebhookRequest(body=body, headers={**given, **headers}, query={})


def test_takes_signed_events(connection):
    [item] = event_received(called(EVENT), Events(), connection)
    assert (item.key, item.title, item.subject) == ("d-1", "Order lost", EVENT["issue"]["html_url"])
    assert (item.content["kind"], item.content["number"], item.content["sender"]) == ("issues", 17, "octocat")
    form = urlencode({"payload": json.dumps(EVENT)}).encode()
    [same] = event_received(called(form, **{"content-type": "application/x-www-form-urlencoded"}), Events(), connection)
    assert same.content == item.content


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64, "sha256=ä", "sha1=1"])
def test_refuses_calls_that_are_not_signed(connection, signature):
    with pytest.raises(CredentialsError, match="not signed"):
        event_received(called(EVENT, **{"x-hub-signature-256": signature}), Events(), connection)
    with pytest.raises(CredentialsError, match="no webhook secret"):
        event_received(called(EVENT), Events(), msgspec.structs.replace(connection, webhook_secret=Secret("")))


@pytest.mark.parametrize(
    ("settings", "event", "headers", "count"),
    [
        ({}, {"zen": "Keep it simple."}, {"x-github-event": "ping"}, 0),
        ({"actions": ["closed"]}, EVENT, {}, 0),
        ({"repositories": ["example/*"]}, EVENT, {}, 1),
        ({"repositories": ["other/*"]}, EVENT, {}, 0),
        (
            {"branches": ["main"]},
            {"ref": "refs/heads/main", "commits": [{"id": "a"}, 7]},
            {"x-github-event": "push"},
            1,
        ),
        ({"branches": ["main"]}, {"ref": "refs/heads/try"}, {"x-github-event": "push"}, 0),
        ({}, {"issue": 7, "repository": [], "action": {}}, {}, 1),
    ],
)
def test_takes_the_events_that_are_asked_for(connection, settings, event, headers, count):
    assert len(event_received(called(event, **headers), fill(Events, settings), connection)) == count


def test_starts_no_run_from_what_it_wrote_itself(connection):
    ours = {**EVENT, "issue": {**EVENT["issue"], "body": f"Hello\n\n<!-- patchdeck:{'a' * 32} -->"}}
    assert event_received(called(ours), Events(), connection) == []
    [item] = event_received(called(ours), fill(Events, {"ours": True}), connection)
    assert item.content["text"] == "Hello"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_refuses_calls_that_are_no_events(connection, body):
    with pytest.raises(SettingsError, match="no event of GitHub's"):
        event_received(called(body), Events(), connection)


async def test_finds_by_number_and_by_words_that_stay_words(peer, context):
    peer.open_issue("Order 17 lost", assignees=[peer.person("hubot")])
    peer.open_issue('Order 18 "lost"', state="closed")
    by_number = await find_issue(context(Find, number="#2"))
    assert (by_number["count"], by_number["first"]["title"]) == (1, 'Order 18 "lost"')
    by_words = await find_issue(context(Find, words='order 17" repo:other/secret "lost'))
    assert by_words["count"] == 0
    assert (await find_issue(context(Find, words="ORDER 17 lost", state="open")))["first"]["assignees"] == ["hubot"]
    with pytest.raises(SettingsError, match="nothing to look for"):
        await find_issue(context(Find, words=' " '))
    with pytest.raises(SettingsError, match="no number"):
        await find_issue(context(Find, number="../pulls"))


async def test_changes_an_issue_keeps_its_mark_and_puts_it_back(peer, context):
    made = await create_issue(context(Create, title="Order lost", text="Where?"), Record(key="a"))
    before = dict(peer.issues[0])
    changing = context(
        Update, number=made.reference, text="Found.", state="completed", labels="b, a", assignees=["octocat"]
    )
    [[change]] = await given(update_issue.previewer)(changing, [Record(key="b")])
    receipt = await update_issue(changing, Record(key="b"))
    assert change.before == {"body": "Where?", "state": "open", "state_reason": None, "labels": [], "assignees": []}
    assert (peer.issues[0]["state"], len(peer.issues[0]["labels"])) == ("closed", 2)
    assert peer.issues[0]["body"].startswith("Found.\n\n<!-- patchdeck:")
    assert (await given(update_issue.finder)(changing, Record(key="b"), None)).reference == "1"
    assert await given(create_issue.finder)(context(Create, title="Order lost"), Record(key="a"), None) == made_as(made)
    await given(update_issue.undoer)(changing, receipt)
    assert {**peer.issues[0], "updated_at": before["updated_at"]} == before
    peer.edit(peer.issues[0], title="By a person")
    with pytest.raises(SettingsError, match="changed again"):
        await given(update_issue.undoer)(changing, receipt)


def made_as(receipt):
    """Return the receipt of an issue as it is found closed."""
    return msgspec.structs.replace(receipt, output={**receipt.output, "state": "closed"})


async def test_finds_an_issue_whose_answer_was_lost(peer, context, around):
    _ = [peer.open_issue(f"Other {at}") for at in range(120)]
    peer.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    with pytest.raises(TemporaryError) as lost:
        await create_issue(context(Create, title="Order lost"), Record(key="a"))
    assert lost.value.uncertain
    found = await given(create_issue.finder)(context(Create, title="Order lost"), Record(key="a"), None)
    assert found.reference == "121"
    creating = context(Create, title="Order lost")
    assert await given(create_issue.finder)(creating, Record(key="a"), "2100-01-01T00:00:00+00:00") is None
    assert around.remembered[-1] < "2100"


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(status=403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOW + 90)}), 90),
        (Fault(status=403, body={"message": "You have exceeded a secondary rate limit."}), 60),
        (Fault(status=403, headers={"Retry-After": "30"}), 30),
        (Fault(status=429), 60),
    ],
    ids=["primary", "secondary", "retry after", "429"],
)
async def test_waits_as_long_as_github_wants(peer, context, monkeypatch, fault, wait):
    monkeypatch.setattr("connectors.github.connection.time", SimpleNamespace(time=lambda: NOW))
    peer.fail(fault)
    with pytest.raises(TemporaryError) as limited:
        await find_issue(context(Find, number="1"))
    assert limited.value.retry_after == wait


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=404), "may not see it"),
        (Fault(status=410, body={"message": "Issues are disabled for this repo"}), "Issues are disabled"),
        (
            Fault(
                status=422,
                body={"message": "Validation Failed", "errors": [{"field": "title", "code": "missing_field"}]},
            ),
            "Validation Failed: title is missing field",
        ),
    ],
)
async def test_says_what_is_wrong_with_the_request(peer, context, fault, said):
    peer.fail(fault)
    with pytest.raises(SettingsError, match=said):
        await create_issue(context(Create, title="Order lost"), Record(key="a"))


async def test_renews_a_token_of_an_app_once(peer, around):
    peer.tokens.discard(TOKEN)
    app = fill(Connection, {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": peer.base})
    await check(app, around.context(NoSettings(), app))
    granted = given(connector.oauth_reader)(app)
    assert (granted.authorize_url, list(granted.scopes)) == (f"{peer.base}/login/oauth/authorize", ["repo"])
    enterprise = fill(Connection, {"kind": "oauth", "client_id": "c", "address": "https://ghe.example.com/api/v3"})
    assert given(connector.oauth_reader)(enterprise).token_url == "https://ghe.example.com/login/oauth/access_token"


async def test_offers_repositories(around, connection):
    assert [one.value for one in await repositories(around.context(NoSettings(), connection))] == [REPOSITORY]


@pytest.mark.parametrize("repository", ["", "shop", "a/b/c", "../user", "example/..", "a/b?x=1"])
def test_refuses_what_can_be_no_repository(repository):
    with pytest.raises(ValueError, match="owner/name"):
        fill(Place, {"repository": repository})


async def _some(reading, count):
    async for item in reading:
        yield item
        count -= 1
        if not count:
            return
