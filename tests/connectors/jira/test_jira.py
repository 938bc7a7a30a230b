"""Jira: issues followed in the account's time zone, found by safe queries, written, moved and taken back."""

import base64
import json
from datetime import UTC, datetime

import msgspec
import pytest

from connectors.jira import (
    changed_issue,
    check,
    comment,
    connector,
    create_issue,
    find_issues,
    new_issue,
    transition_issue,
    update_issue,
)
from connectors.jira.changing import Move, Update
from connectors.jira.connection import Connection
from connectors.jira.documents import document, plain
from connectors.jira.jql import filled, since
from connectors.jira.settings import Find, Follow, projects
from connectors.jira.writing import Comment, Create
from connectors.sdk import CredentialsError, NoSettings, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract, TriggerContract, TriggerStand
from tests.connectors.recordings import given
from tests.connectors.standing import Standing
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.jira import GATEWAY, SITE, JiraPeer
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.surroundings import surroundings

EMAIL = "hub@example.com"


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(JiraPeer()) as running:
        running.tokens = {base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()}
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"site": f"{peer.base}/jira/", "email": EMAIL, "token": TOKEN})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


class Opening(Standing, TriggerStand):
    uses = "jira.new_issue"

    def __init__(self, peer, context):
        self.peer = peer
        self._context = context

    def context(self):
        return self._context(Follow, project="SHOP", existing="read")

    async def add(self, count):
        self.peer.pass_time(600)
        return [self.peer.open_issue(f"Order {at}")["id"] for at in range(count)]

    async def add_late(self):
        self.peer.pass_time(-120)
        late = self.peer.open_issue("late")["id"]
        self.peer.pass_time(120)
        return late

    async def repeat(self):
        self.peer.edit(self.peer.issues[-1], summary="Changed")


class Changing(Opening):
    uses = "jira.changed_issue"

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
    uses = "jira.create_issue"

    def __init__(self, around, connection, peer):
        super().__init__(around, connection)
        self.peer = peer

    def settings(self, words):
        return fill(Create, {"project": "SHOP", "summary": words, "text": "From\n\n- an order", "labels": "a, b"})

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def bad_record(self):
        return self.worded("bad", "x" * 300)

    async def rows(self):
        return [(one["key"], one["fields"]["summary"]) for one in self.peer.issues]

    async def drift(self):
        self.peer.project = "OTHER"


class Commenting(Creating):
    uses = "jira.comment"

    def settings(self, words):
        return fill(Comment, {"issue": "SHOP-1", "text": words})

    def bad_record(self):
        return self.worded("bad", "x" * 40_000)

    async def rows(self):
        return [one["body"] for one in self.peer.comments]

    async def drift(self):
        self.peer.issues.clear()


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
        peer.open_issue(f"Order {at}", updated=f"2026-11-21T08:{at // 60:02}:{at % 60:02}.000+0000")
        for at in range(250)
    ]
    reading = changed_issue(context(Follow, project="SHOP", existing="read"), None)
    first = [item async for item in _some(reading, 50)]
    _ = [peer.edit(issue, summary="Changed") for issue in opened[:60]]
    rest = [item async for item in reading]
    assert {item.content["id"] for item in [*first, *rest]} == {issue["id"] for issue in opened}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "UTC"])
async def test_reads_in_the_time_zone_of_the_account(peer, context, zone):
    peer.zone = zone
    peer.open_issue("first")
    [first] = [item async for item in new_issue(context(Follow, project="SHOP", existing="read"), None)]
    peer.pass_time(60)
    peer.open_issue("second")
    peer.calls.clear()
    items = [item async for item in new_issue(context(Follow, project="SHOP"), first.cursor)]
    assert [item.title for item in items] == ["SHOP-2 second"]


@pytest.mark.parametrize(
    ("moment", "zone", "condition"),
    [
        ("2026-11-22T08:30:59+00:00", "Europe/Berlin", 'created >= "2026-11-22 09:30"'),
        # In the night of 25 October 2026 the hour from two to three comes twice in Berlin
        ("2026-10-25T00:30:00+00:00", "Europe/Berlin", 'created >= "2026-10-25 01:30"'),
        ("2026-10-25T01:30:00+00:00", "Europe/Berlin", 'created >= "2026-10-25 01:30"'),
        ("2026-11-22T08:30:00+05:00", "Mars/Olympus", 'created >= "2026-11-21 15:30"'),
        ("2026-11-22T08:30:00+00:00", "../../etc/passwd", 'created >= "2026-11-21 20:30"'),
        ("2026-11-22T08:30:00+00:00", "", 'created >= "2026-11-21 20:30"'),
    ],
)
def test_asks_for_a_moment_or_one_before_it(moment, zone, condition):
    assert since("created", datetime.fromisoformat(moment), zone) == condition


async def test_goes_on_where_the_zone_is_not_known(peer, context):
    peer.zone = "America/New_York"
    peer.open_issue("old")
    [base] = [item async for item in new_issue(context(Follow, project="SHOP"), None)]
    peer.pass_time(60)
    peer.open_issue("other", labels=["other"])
    peer.open_issue("new", labels=["order"])
    following = context(Follow, project="SHOP", filter="labels = order", fields=["customfield_1"])
    items = [item async for item in new_issue(following, base.cursor)]
    assert (base.content, [item.title for item in items]) == (None, ["SHOP-3 new"])
    assert items[0].content["fields"] == {"customfield_1": None}


async def test_finds_by_values_that_stay_values(peer, context):
    peer.open_issue('Order "17" lost', customfield_1=[{"value": "High", "id": "1"}])
    peer.open_issue("Order 18 lost")
    asked = {"jql": "project = :project AND summary ~ :words", "fields": ["customfield_1"]}
    found = await find_issues(context(Find, params={"project": "SHOP", "words": 'Order "17"'}, **asked))
    assert (found["count"], found["first"]["fields"]) == (1, {"customfield_1": ["High"]})
    evil = {"project": "SHOP", "words": '" OR project = SECRET OR summary ~ "'}
    assert (await find_issues(context(Find, params=evil, **asked)))["count"] == 0
    assert (await find_issues(context(Find, issue=" SHOP-2 ")))["first"]["summary"] == "Order 18 lost"
    with pytest.raises(SettingsError, match="nothing to look for"):
        await find_issues(context(Find))
    with pytest.raises(SettingsError, match="no key"):
        await find_issues(context(Find, issue="../myself"))
    with pytest.raises(SettingsError, match="does not exist for the field"):
        await find_issues(context(Find, jql='project = "OTHER"'))


@pytest.mark.parametrize(
    ("jql", "params", "written"),
    [
        ('a = :b AND c = ":b"', {"b": 'x" OR "1"="1'}, 'a = "x\\" OR \\"1\\"=\\"1" AND c = ":b"'),
        ("a = :b", {"b": "x\\"}, 'a = "x\\\\"'),
        ("a = :b", {"b": "x\n\0y"}, 'a = "x y"'),
        ("a in :b", {"b": [1, "two"]}, 'a in ("1", "two")'),
        ("a = ':b' AND c = :c", {"c": 1.5}, "a = ':b' AND c = \"1.5\""),
    ],
)
def test_writes_values_so_that_nothing_in_them_counts(jql, params, written):
    assert filled(jql, params) == written


@pytest.mark.parametrize("params", [{}, {"b": {}}, {"b": []}])
def test_takes_no_query_whose_values_do_not_fit(params):
    with pytest.raises(SettingsError, match=r"\.$"):
        filled("a = :b", params)


async def test_changes_an_issue_and_puts_it_back(peer, context):
    peer.open_issue("Order lost", description=document("Where?"), customfield_1={"value": "Low", "id": "9"})
    before = json.loads(json.dumps(peer.issues[0]["fields"]))
    changing = context(
        Update,
        issue="SHOP-1",
        summary="Order found",
        text="Here.",
        labels=["a"],
        priority="medium",
        fields={"customfield_1": {"value": "High"}},
    )
    [[change]] = await given(update_issue.previewer)(changing, [Record(key="b")])
    assert (peer.writes, change.before["summary"], plain(change.before["description"])) == (0, "Order lost", "Where?")
    receipt = await update_issue(changing, Record(key="b"))
    assert (await given(update_issue.finder)(changing, Record(key="b"), None)).reference == "SHOP-1"
    await given(update_issue.undoer)(changing, receipt)
    priority, custom = ({"id": before[name]["id"]} for name in ("priority", "customfield_1"))
    assert peer.issues[0]["fields"] == {**before, "priority": priority, "customfield_1": custom}
    with pytest.raises(SettingsError, match="changed again"):
        await given(update_issue.undoer)(changing, receipt)
    with pytest.raises(SettingsError, match="nothing to change"):
        await update_issue(context(Update, issue="SHOP-1"), Record(key="b"))


async def test_moves_an_issue_and_back(peer, context):
    peer.open_issue("Order lost")
    moving = context(Move, issue="SHOP-1", status="in progress")
    [[change]] = await given(transition_issue.previewer)(moving, [Record(key="b")])
    assert (change.before, peer.writes) == ({"status": "To Do"}, 0)
    assert await given(transition_issue.finder)(moving, Record(key="b"), None) is None
    receipt = await transition_issue(moving, Record(key="b"))
    again = await transition_issue(moving, Record(key="b"))
    assert (receipt.output["status"], again.output["status"], peer.writes) == ("In Progress", "In Progress", 1)
    assert (await given(transition_issue.finder)(moving, Record(key="b"), None)).output == receipt.output
    await given(transition_issue.undoer)(moving, receipt)
    assert peer.issues[0]["fields"]["status"]["name"] == "To Do"
    with pytest.raises(SettingsError, match="moved again"):
        await given(transition_issue.undoer)(moving, receipt)
    with pytest.raises(SettingsError, match="It can go to: In Progress"):
        await transition_issue(context(Move, issue="SHOP-1", status="Done"), Record(key="b"))


async def test_tells_two_comments_apart_that_say_the_same(peer, context):
    peer.open_issue("Order lost")
    saying = context(Comment, issue="SHOP-1", text="Found.", internal=True)
    receipt = await comment(saying, Record(key="a"))
    peer.comments.append({**peer.comments[0], "id": "9", "properties": {}})
    assert await given(comment.finder)(saying, Record(key="b"), None) is None
    assert (await given(comment.finder)(saying, Record(key="a"), None)).reference == receipt.reference
    assert peer.comments[0]["properties"]["sd.public.comment"] == {"internal": True}
    peer.comments += [{**peer.comments[0], "id": str(100 + number), "body": None} for number in range(1_000)]
    with pytest.raises(SettingsError, match="nobody can tell whether the comment is among it"):
        await given(comment.finder)(saying, Record(key="b"), None)


async def test_keeps_an_issue_that_somebody_has_answered(peer, context):
    creating, began = context(Create, project="SHOP", summary="Order lost"), peer.now.isoformat()
    peer.fail(Fault(kind="cut", verb="POST", path="/rest/api/3/issue", late=True, times=1))
    with pytest.raises(TemporaryError) as lost:
        await create_issue(creating, Record(key="a"))
    receipt = await given(create_issue.finder)(creating, Record(key="a"), began)
    assert (lost.value.uncertain, receipt.reference) == (True, "SHOP-1")
    [peer.open_issue("Since") for _ in range(1_000)]
    with pytest.raises(SettingsError, match="nobody can tell whether the issue is among it"):
        await given(create_issue.finder)(creating, Record(key="a"), began)
    assert (
        await given(create_issue.finder)(creating, Record(key="a"), datetime(2100, 1, 1, tzinfo=UTC).isoformat())
        is None
    )
    await comment(context(Comment, issue="SHOP-1", text="Found."), Record(key="b"))
    with pytest.raises(SettingsError, match="comments by now"):
        await given(create_issue.undoer)(creating, receipt)
    assert len(peer.issues) == 1_001


async def test_keeps_a_comment_that_somebody_has_changed(peer, context):
    peer.open_issue("Order lost")
    saying = context(Comment, issue="SHOP-1", text="Found.")
    receipt = await comment(saying, Record(key="a"))
    peer.comments[0]["body"] = document("Found, and sent.")
    with pytest.raises(SettingsError, match="The comment has been changed since it was written"):
        await given(comment.undoer)(saying, receipt)
    assert len(peer.comments) == 1


async def test_keeps_an_issue_that_somebody_has_changed(peer, context):
    creating = context(Create, project="SHOP", summary="Order lost")
    receipt = await create_issue(creating, Record(key="a"))
    peer.pass_time(300)
    peer.edit(peer.issues[0], summary="Order 17 lost")
    with pytest.raises(SettingsError, match=r"SHOP-1 has been changed since it was opened, so it stays\."):
        await given(create_issue.undoer)(creating, receipt)
    assert len(peer.issues) == 1


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("old <b>text</b>", "old <b>text</b>"),
        (None, ""),
        ({"type": "doc", "content": "nonsense"}, ""),
        (document("One\ntwo\n\n- a\n* b\n\nEnd"), "One\ntwo\n- a\n- b\nEnd"),
        ({"type": "doc", "content": [{"type": "mention", "attrs": {"text": "@Ann"}}, {"type": ["x"]}, 7]}, "@Ann"),
    ],
)
def test_reads_documents_as_text(node, words):
    assert plain(node) == words


def test_reads_no_document_without_end():
    nested = '{"type": "paragraph", "content": [' * 200 + '{"type": "text", "text": "deep"}' + "]}" * 200
    assert plain(json.loads(nested)) == ""


async def test_reaches_the_site_through_the_gateway_with_a_renewed_token(around):
    async with openapi_peer(JiraPeer(GATEWAY)) as peer:
        peer.tokens = {"renewed-token"}
        app = {"kind": "oauth", "client_id": "c", "client_secret": "s", "address": peer.base, "sign_in": peer.base}
        connection = fill(Connection, {"site": SITE, **app})
        await check(connection, around.context(NoSettings(), connection))
        granted = given(connector.oauth_reader)(connection)
        assert (granted.token_url, given(connector.host_reader)(connection)) == (
            f"{peer.base}/oauth/token",
            ["127.0.0.1"],
        )
        assert "offline_access" in granted.scopes
        other = msgspec.structs.replace(connection, site="https://other.atlassian.net")
        with pytest.raises(CredentialsError, match="not allowed to use"):
            await check(other, around.context(NoSettings(), other))
    assert peer.violations == []


async def test_offers_projects(around, connection):
    found = await projects(around.context(NoSettings(), connection))
    assert (len(found), found[0].value, found[0].text) == (60, "SHOP", "Orders")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"project": 'SHOP" OR project = "X'}, "letters and digits"),
        ({"project": "SHOP", "filter": "labels = a ORDER BY key"}, "ORDER BY"),
        ({"project": "SHOP", "every": "often"}, "interval"),
    ],
)
def test_refuses_settings_that_would_lose_issues(settings, said):
    with pytest.raises(ValueError, match=said):
        fill(Follow, settings)


async def _some(reading, count):
    async for item in reading:
        yield item
        count -= 1
        if not count:
            return
