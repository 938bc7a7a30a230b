"""GitLab: issues and merge requests followed, events known by a token, issues and comments written and taken back."""

import json
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from connectors.gitlab import (
    changed_issue,
    check,
    comment,
    connector,
    create_issue,
    event_received,
    find_issue,
    new_issue,
    update_issue,
)
from connectors.gitlab.connection import Connection
from connectors.gitlab.events import Events
from connectors.gitlab.issues import Find, Follow, Place
from connectors.gitlab.writing import Comment, Create, Update
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
from tests.connectors.contracts import TargetContract, TriggerContract, TriggerStand
from tests.connectors.recordings import given
from tests.connectors.standing import Standing
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.gitlab import PROJECT, GitLabPeer
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings

WEBHOOK_TOKEN = "w3bhook-token"
NOW = 1_795_000_000
EVENT: dict[str, Any] = {
    "object_kind": "issue",
    "user": {"username": "ann"},
    "project": {"path_with_namespace": "example/shop"},
    "object_attributes": {
        "iid": 17,
        "title": "Order lost",
        "description": "Where is it?",
        "action": "open",
        "state": "opened",
        "url": "https://gitlab.com/example/shop/-/issues/17",
    },
}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(GitLabPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"token": TOKEN, "address": peer.base, "webhook_token": WEBHOOK_TOKEN})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, {"project": PROJECT, **settings}), connection)

    return make


class Opening(Standing, TriggerStand):
    uses = "gitlab.new_issue"

    def __init__(self, peer, context):
        self.peer = peer
        self._context = context

    def context(self):
        return self._context(Follow, existing="read")

    async def add(self, count):
        self.peer.pass_time(600)
        return [str(self.peer.open_one(f"Order {at}")["id"]) for at in range(count)]

    async def add_late(self):
        self.peer.pass_time(-120)
        late = str(self.peer.open_one("late")["id"])
        self.peer.pass_time(120)
        return late

    async def repeat(self):
        self.peer.edit(self.peer.issues[-1], title="Changed")


class Changing(Opening):
    uses = "gitlab.changed_issue"

    async def repeat(self):
        """An issue that is told once more with the same moment is no event."""


class TestNewIssue(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Opening(peer, context)


class TestChangedIssue(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Changing(peer, context)


class Creating(Standing, WordingStand):
    uses = "gitlab.create_issue"

    def __init__(self, around, connection, peer):
        super().__init__(around, connection)
        self.peer = peer

    def settings(self, words):
        return fill(Create, {"project": PROJECT, "title": words, "text": "From an order", "labels": "bug, order"})

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def bad_record(self):
        return self.worded("bad", "x" * 300)

    async def rows(self):
        return [(one["title"], one["description"]) for one in self.peer.issues if one["state"] == "opened"]

    async def drift(self):
        self.peer.project = "43"


class Commenting(Creating):
    uses = "gitlab.comment"

    def settings(self, words):
        return fill(Comment, {"project": PROJECT, "what": "merge_requests", "number": "!1", "text": words})

    def bad_record(self):
        return self.worded("bad", " ")

    async def rows(self):
        return [one["body"] for one in self.peer.notes]


class TestCreateIssue(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, around, connection, peer):
        return Creating(around, connection, peer)


class TestComment(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.open_one("Find orders", "merge_requests")
        return Commenting(around, connection, peer)


async def test_misses_nothing_that_changes_while_it_is_read(peer, context):
    opened = [
        peer.open_one(f"Order {at}", updated_at=f"2026-11-21T08:{at // 60:02}:{at % 60:02}.000Z") for at in range(250)
    ]
    reading = changed_issue(context(Follow, existing="read"), None)
    first = [item async for item in _some(reading, 50)]
    _ = [peer.edit(issue, title="Changed") for issue in opened[:60]]
    rest = [item async for item in reading]
    assert {item.content["number"] for item in [*first, *rest]} == {issue["iid"] for issue in opened}


async def test_skips_what_is_there_and_follows_a_project_by_its_path(peer, context):
    peer.open_one("old", "merge_requests")
    following = context(Follow, project="example/shop", what="merge_requests")
    [base] = [item async for item in new_issue(following, None)]
    peer.open_one("new", "merge_requests", source_branch="try", target_branch="main")
    [item] = [item async for item in new_issue(following, base.cursor)]
    assert (base.content, item.title, item.content["branch"]) == (None, "#2 new", "try")


def called(event, **headers):
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return WebhookRequest(body=body, headers={"x-gitlab-token": WEBHOOK_TOKEN, **headers}, query={})


def test_takes_events_that_bring_the_token(connection):
    [item] = event_received(called(EVENT, **{"idempotency-key": "e-1"}), Events(), connection)
    assert (item.key, item.title, item.subject) == ("e-1", "Order lost", EVENT["object_attributes"]["url"])
    assert (item.content["kind"], item.content["number"], item.content["user"]) == ("issue", 17, "ann")
    [first], [again] = (event_received(called(EVENT), Events(), connection) for _ in range(2))
    assert first.key == again.key
    assert event_received(called(EVENT), fill(Events, {"actions": ["close"]}), connection) == []
    assert event_received(called({"object_kind": ["issue"]}), Events(), connection) == []
    push = {"object_kind": "push", "ref": "refs/heads/main", "commits": [{"id": "a"}, 7], "user_username": "ann"}
    [pushed] = event_received(called(push), Events(), connection)
    assert (pushed.title, len(pushed.content["commits"])) == ("push main", 1)


@pytest.mark.parametrize("token", ["", "other", "ä"])
def test_refuses_calls_without_the_token(connection, token):
    with pytest.raises(CredentialsError, match="does not bring"):
        event_received(called(EVENT, **{"x-gitlab-token": token}), Events(), connection)
    with pytest.raises(CredentialsError, match="no webhook token"):
        event_received(called(EVENT), Events(), msgspec.structs.replace(connection, webhook_token=Secret("")))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_refuses_calls_that_are_no_events(connection, body):
    with pytest.raises(SettingsError, match="no event of GitLab's"):
        event_received(called(body), Events(), connection)


def test_starts_no_run_from_what_it_wrote_itself(connection):
    attributes = {**EVENT["object_attributes"], "description": f"Hello\n\n<!-- patchdeck:{'a' * 32} -->"}
    ours = {**EVENT, "object_attributes": attributes}
    assert event_received(called(ours), Events(), connection) == []
    [item] = event_received(called(ours), fill(Events, {"ours": True}), connection)
    assert item.content["text"] == "Hello"


async def test_finds_by_number_and_by_words(peer, context):
    peer.open_one("Order 17 lost", labels=["bug"])
    peer.open_one("Order 18 lost", state="closed")
    assert (await find_issue(context(Find, number="#2")))["first"]["title"] == "Order 18 lost"
    found = await find_issue(context(Find, words=" order \n17 ", state="opened"))
    assert (found["count"], found["first"]["labels"]) == (1, ["bug"])
    with pytest.raises(SettingsError, match="nothing to look for"):
        await find_issue(context(Find))
    with pytest.raises(SettingsError, match="no number"):
        await find_issue(context(Find, number="../1"))


async def test_changes_an_issue_keeps_its_mark_and_puts_it_back(peer, context):
    made = await create_issue(context(Create, title="Order lost", text="Where?"), Record(key="a"))
    before = dict(peer.issues[0])
    changing = context(Update, number=made.reference, title="Found", text="Here.", state="closed", labels="b, a")
    [[change]] = await given(update_issue.previewer)(changing, [Record(key="b")])
    receipt = await update_issue(changing, Record(key="b"))
    assert change.before == {"title": "Order lost", "description": "Where?", "state": "opened", "labels": []}
    assert peer.issues[0]["description"].startswith("Here.\n\n<!-- patchdeck:")
    assert (await given(update_issue.finder)(changing, Record(key="b"), None)).reference == "1"
    await given(update_issue.undoer)(changing, receipt)
    assert {**peer.issues[0], "updated_at": before["updated_at"]} == before
    peer.edit(peer.issues[0], title="By a person")
    with pytest.raises(SettingsError, match="changed again"):
        await given(update_issue.undoer)(changing, receipt)


async def test_says_what_others_wrote_without_doing_what_it_says(peer, context):
    peer.open_one("Order lost")
    await comment(context(Comment, number="1", text="Hello\n/close\n  /assign @me\na/b"), Record(key="a"))
    assert peer.notes[0]["body"].startswith("Hello\n\\/close\n  \\/assign @me\na/b\n\n<!--")


async def test_leaves_it_to_a_person_whether_a_comment_is_among_a_thousand(peer, context):
    peer.open_one("Order lost")
    saying = context(Comment, number="1", text="Hello")
    receipt = await comment(saying, Record(key="a"))
    peer.notes += [{**peer.notes[0], "id": number, "body": "x"} for number in range(1_000)]
    with pytest.raises(SettingsError, match="nobody can tell whether the comment is among it"):
        await given(comment.finder)(saying, Record(key="a"), None)
    del peer.notes[999:]
    assert (await given(comment.finder)(saying, Record(key="a"), None)).reference == receipt.reference


async def test_finds_an_issue_whose_answer_was_lost(peer, context):
    _ = [peer.open_one(f"Other {at}") for at in range(120)]
    peer.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    creating = context(Create, title="Order lost")
    with pytest.raises(TemporaryError) as lost:
        await create_issue(creating, Record(key="a"))
    assert lost.value.uncertain
    assert (await given(create_issue.finder)(creating, Record(key="a"), None)).reference == "121"
    assert await given(create_issue.finder)(creating, Record(key="a"), "2100-01-01T00:00:00+00:00") is None


async def test_says_what_is_wrong_and_how_long_to_wait(peer, context, monkeypatch):
    monkeypatch.setattr("connectors.gitlab.connection.time", SimpleNamespace(time=lambda: NOW))
    peer.fail(Fault(status=429, headers={"RateLimit-Reset": str(NOW + 90)}))
    with pytest.raises(TemporaryError) as limited:
        await find_issue(context(Find, number="1"))
    assert limited.value.retry_after == 90
    peer.recover()
    peer.fail(Fault(status=400, body={"message": {"title": ["can't be blank", "is too short"]}}))
    with pytest.raises(SettingsError, match="title can't be blank, is too short"):
        await create_issue(context(Create, title="x"), Record(key="a"))


async def test_renews_a_token_of_an_application_once(peer, around):
    peer.tokens.discard(TOKEN)
    app = fill(Connection, {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": f"{peer.base}/"})
    await check(app, around.context(NoSettings(), app))
    granted = given(connector.oauth_reader)(app)
    assert (granted.token_url, list(granted.scopes)) == (f"{peer.base}/oauth/token", ["api"])


@pytest.mark.parametrize("project", ["", "shop", "0", "a//b", "../user", "a/../b", "a/b?x=1"])
def test_refuses_what_can_be_no_project(project):
    with pytest.raises(ValueError, match="group/name"):
        fill(Place, {"project": project})


async def _some(reading, count):
    async for item in reading:
        yield item
        count -= 1
        if not count:
            return
