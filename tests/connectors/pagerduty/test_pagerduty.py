"""PagerDuty: incidents followed by their log, found, opened, changed and taken back; its own client reads the same."""

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx2 import HTTPTransport
from pagerduty import EventsApiV2Client, RestApiV2Client
from pagerduty.rest_api_v2_client import CANONICAL_PATHS, entity_wrappers

from connectors.pagerduty import (
    add_note,
    change_incident,
    changed_incident,
    check,
    connector,
    event_received,
    find_incidents,
    find_on_call,
    new_incident,
    open_incident,
    send_alert,
)
from connectors.pagerduty.alerts import Alert
from connectors.pagerduty.changing import Update
from connectors.pagerduty.choosing import people, policies, priorities, services, teams
from connectors.pagerduty.connection import Connection
from connectors.pagerduty.events import Sent
from connectors.pagerduty.following import Changed, Opened
from connectors.pagerduty.incidents import Find, OnCall
from connectors.pagerduty.writing import Note, Open
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
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing
from tests.connectors.recordings import given
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, told
from tests.peers.openapi import DESCRIPTIONS, TOKEN, openapi_peer
from tests.peers.pagerduty import API_KEY, AUTHOR, ROUTING_KEY, PagerDutyPeer
from tests.peers.surroundings import surroundings

SECRET = "wh-s3cret"
EVENT: dict[str, Any] = {
    "id": "01EVENT",
    "event_type": "incident.acknowledged",
    "resource_type": "incident",
    "occurred_at": "2026-11-22T08:00:00.000Z",
    "agent": {"id": "PXPGF42", "type": "user_reference", "summary": "Earline Greenholt"},
    "client": None,
    "data": {
        "id": "Q000001INC",
        "type": "incident",
        "number": 1,
        "status": "acknowledged",
        "title": "Disk full",
        "service": {"id": "PWIXJZS", "summary": "Mail"},
        "assignees": [{"id": "PXPGF42", "summary": "Earline Greenholt"}],
        "priority": None,
        "html_url": "https://acme.pagerduty.com/incidents/Q000001INC",
    },
}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(PagerDutyPeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    values = {"token": API_KEY, "email": AUTHOR, "routing_key": ROUTING_KEY, "webhook_secret": SECRET}
    return fill(Connection, {**values, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


class Opening(Appearing):
    """Incidents that are opened."""

    def _added(self, number):
        self.peer.kept.pass_time(0.001)
        return self.peer.open_one(self.named(number))["id"]


class Happening(Opening):
    """Incidents that are opened, and about which people are called in the same second."""

    def _added(self, number):
        identity = super()._added(number)
        self.peer.happen(self.peer.kept.get(identity), "notify")
        self.peer.happen(self.peer.kept.get(identity), "assign")
        return identity


class TestNewIncident(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Opening("pagerduty.new_incident", peer, lambda: context(Opened), lambda number: f"Order {number}")


class TestChangedIncident(TriggerContract):
    many = 150

    @pytest.fixture
    async def stand(self, peer, context):
        return Happening("pagerduty.changed_incident", peer, lambda: context(Changed), lambda number: f"Order {number}")


class Writing(WordingStand):
    """A target at the peer, which counts; `made` makes the settings of some words."""

    def __init__(self, uses, around, connection, peer, made, rows):
        super().__init__(around, connection)
        self.uses = uses
        self.peer = peer
        self._made = made
        self._rows = rows

    def settings(self, words):
        return self._made(words)

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    async def rows(self):
        return self._rows(self.peer)

    def bad_record(self):
        return self.worded("bad", " ")

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()

    async def drift(self):
        self.peer.services.clear()
        self.peer.routing_keys.clear()
        self.peer.kept.rows.clear()


class TestSendAlert(TargetContract):
    many = 200

    @pytest.fixture
    async def stand(self, around, connection, peer):
        return Writing(
            *("pagerduty.send_alert", around, connection, peer),
            lambda words: fill(Alert, {"summary": words}),
            lambda peer: [(one["key"], one["summary"], one["status"]) for one in peer.open_alerts],
        )


class TestOpenIncident(TargetContract):
    many = 100

    @pytest.fixture
    async def stand(self, around, connection, peer):
        return Writing(
            *("pagerduty.open_incident", around, connection, peer),
            lambda words: fill(Open, {"service": "PWIXJZS", "title": words, "priority": "P2"}),
            lambda peer: [row["values"]["title"] for row in peer.kept.rows if row["values"]["status"] != "resolved"],
        )


class TestAddNote(TargetContract):
    many = 40

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.open_one("Disk full")
        return Writing(
            *("pagerduty.add_note", around, connection, peer),
            lambda words: fill(Note, {"incident": "#1", "text": words}),
            lambda peer: [one["content"] for one in peer.notes],
        )


async def test_passes_the_ceiling_of_lists_and_half_years(peer, context):
    peer.ceiling = 200
    peer.kept.pass_time(-86_400 * 700)
    peer.open_one("long ago")
    peer.kept.pass_time(86_400 * 700)
    [(peer.open_one(f"Order {number}"), peer.kept.pass_time(7)) for number in range(350)]
    found = [item async for item in new_incident(context(Opened), None)]
    assert len({item.key for item in found}) == len(found) == 351
    assert found[0].title == "#1 long ago"


async def test_reads_a_long_log_in_spans_of_time(peer, context):
    rows = [peer.open_one(f"Order {number}") for number in range(3)]
    [(peer.happen(rows[number % 3], "annotate"), peer.kept.pass_time(60)) for number in range(1_010)]
    found = [item async for item in changed_incident(context(Changed), None) if item.content]
    lines = sum(len(item.content["happened"]) for item in found)
    assert (lines, len({item.key for item in found})) == (1_013, len(found))
    assert max(len(item.content["happened"]) for item in found) < 1_000


async def test_tells_what_happened_to_an_incident_once_a_look(peer, context):
    row = peer.open_one("Disk full", service="PF9KMXH")
    peer.open_one("Other")
    following = context(Changed, existing="skip", services=["PF9KMXH"], statuses=["acknowledged"], teams=["PQ9K7I8"])
    [base] = [item async for item in changed_incident(following, None)]
    peer.edit(row, "notify")
    peer.edit(row, "acknowledge", status="acknowledged")
    peer.happen(row, "annotate")
    peer.edit(peer.kept.rows[1], "acknowledge", status="acknowledged")
    [item] = [one async for one in changed_incident(following, base.cursor) if one.content]
    assert [one["type"] for one in item.content["happened"]] == ["acknowledge", "annotate"]
    assert (base.content, item.subject, item.content["status"]) == (None, row["id"], "acknowledged")
    # A line of the second that was read last is found by the next look
    peer.happen(row, "escalate")
    [late] = [one async for one in changed_incident(following, item.cursor) if one.content]
    assert [one["type"] for one in late.content["happened"]] == ["escalate"]


async def test_finds_incidents_and_who_is_on_call(peer, context):
    [peer.open_one(f"Order {number}", key=f"k{number}", urgency="low") for number in range(130)]
    peer.edit(peer.kept.rows[3], "resolve", status="resolved")
    assert (await find_incidents(context(Find, incident="#4")))["first"]["status"] == "resolved"
    assert (await find_incidents(context(Find, key="k3", statuses=["triggered"])))["count"] == 0
    found = await find_incidents(context(Find, urgency="low", services=["PWIXJZS"], teams=["PQ9K7I8"], limit=120))
    assert (found["count"], found["first"]["title"], found["first"]["key"]) == (120, "Order 129", "k129")
    assert (await find_incidents(context(Find, incident="Q999")))["first"] is None
    with pytest.raises(SettingsError, match="is no incident"):
        await find_incidents(context(Find, incident="../users/me"))
    there = await find_on_call(context(OnCall, policies=["PT20YPA"]))
    assert [(one["name"], one["level"]) for one in there["people"]] == [("Earline Greenholt", 1), ("Tim Wright", 2)]
    assert there["first"]["email"] == AUTHOR
    assert (await find_on_call(context(OnCall, policies=["POTHER"], level=1)))["people"] == []


async def test_takes_the_state_of_an_alert_for_what_to_do(peer, context):
    firing = {"action": "firing", "key": "disk", "summary": "x" * 2000, "severity": "", "details": {"free": 1}}
    receipt = await send_alert(context(Alert, **firing, link="https://example.com/disk"), Record(key="a"))
    sent = peer.calls[-1].body
    assert (receipt.reference, sent["payload"]["severity"], len(sent["payload"]["summary"])) == ("disk", "error", 1024)
    assert (sent["payload"]["custom_details"], sent["links"][0]["href"]) == ({"free": 1}, "https://example.com/disk")
    over = await send_alert(context(Alert, action="resolved", key="disk"), Record(key="b"))
    assert (peer.open_alerts, over.before, over.after) == ([], None, None)
    long = await send_alert(context(Alert, summary="Long", key="k" * 300), Record(key="c"))
    assert len(str(long.reference)) == 64


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"summary": "x", "action": "explode"}, "'explode' is no action"),
        ({"summary": "x", "severity": "worst"}, "'worst' is no severity"),
        ({"action": "resolve"}, "To resolve an alert, give the key"),
        ({"summary": "x", "link": "javascript:alert(1)"}, "The link is none"),
        ({"summary": "\n"}, "The summary is empty"),
    ],
)
async def test_says_what_is_no_alert(peer, context, settings, said):
    with pytest.raises(SettingsError, match=said):
        await send_alert(context(Alert, **settings), Record(key="a"))
    assert peer.writes == 0


async def test_acknowledges_escalates_and_resolves(peer, context):
    row = peer.open_one("Disk full")
    taking = context(Update, incident=row["id"], status="acknowledged")
    [[change]] = await given(change_incident.previewer)(taking, [Record(key="a")])
    assert (change.before, change.after) == ({"status": "triggered"}, {"status": "acknowledged"})
    receipt = await change_incident(taking, Record(key="a"))
    assert (receipt.before, receipt.after, receipt.output["status"]) == (None, None, "acknowledged")
    assert (await given(change_incident.finder)(taking, Record(key="a"), None)).reference == row["id"]
    assert await given(change_incident.previewer)(taking, [Record(key="a")]) == [[]]
    await change_incident(context(Update, incident="1", level=2), Record(key="b"))
    await change_incident(context(Update, incident="1", assignee="PTUXL6G"), Record(key="c"))
    assert (row["values"]["level"], row["values"]["holders"]) == (2, ["PTUXL6G"])
    solved = context(Update, incident="1", status="resolved", resolution="Cleaned up.")
    await change_incident(solved, Record(key="d"))
    assert peer.calls[-1].body["incident"]["resolution"] == "Cleaned up."
    with pytest.raises(SettingsError, match="Incident Already Resolved"):
        await change_incident(taking, Record(key="e"))
    with pytest.raises(SettingsError, match="cannot take back"):
        await given(change_incident.undoer)(taking, receipt)


async def test_puts_back_what_can_be_put_back(peer, context):
    row = peer.open_one("Disk full", priority="PSO75BM")
    changing = context(Update, incident="1", title="Disk is full", urgency="low", priority="p1")
    receipt = await change_incident(changing, Record(key="a"))
    assert (row["values"]["title"], row["values"]["priority"]) == ("Disk is full", "P53ZZH5")
    await given(change_incident.undoer)(changing, receipt)
    assert (row["values"]["title"], row["values"]["priority"], row["values"]["urgency"]) == (
        *("Disk full", "PSO75BM", "high"),
    )
    with pytest.raises(SettingsError, match="has been changed again"):
        await given(change_incident.undoer)(changing, receipt)
    with pytest.raises(SettingsError, match=r"There is no priority 'P9'. There are: P1, P2"):
        await change_incident(context(Update, incident="1", priority="P9"), Record(key="b"))
    with pytest.raises(SettingsError, match="nothing to change"):
        await change_incident(context(Update, incident="1"), Record(key="c"))


async def test_opens_no_second_incident_under_a_key_of_the_users(peer, context):
    opening = context(Open, service="PF9KMXH", title="Disk full", key="disk", assignee="PTUXL6G", urgency="low")
    first = await open_incident(opening, Record(key="a"))
    assert await given(open_incident.previewer)(opening, [Record(key="b")]) == [[]]
    again = await open_incident(opening, Record(key="b"))
    assert (again.reference, again.output["opened"], again.before) == (first.reference, False, None)
    peer.edit(peer.kept.rows[0], "resolve", status="resolved")
    assert await given(open_incident.finder)(opening, Record(key="c"), None) is None
    assert (await open_incident(opening, Record(key="c"))).output["opened"]
    with pytest.raises(SettingsError, match="not to both"):
        await open_incident(context(Open, service="x", title="x", assignee="a", policy="b"), Record(key="d"))


async def test_leaves_an_incident_open_that_somebody_has_taken_up(peer, context):
    opening = context(Open, service="PWIXJZS", title="Disk full")
    receipt = await open_incident(opening, Record(key="a"))
    peer.edit(peer.kept.rows[0], "acknowledge", status="acknowledged")
    with pytest.raises(SettingsError, match="has been acknowledged since"):
        await given(open_incident.undoer)(opening, receipt)


async def test_tells_its_note_from_one_that_says_the_same(peer, around, context):
    peer.open_one("Disk full")
    noting = context(Note, incident="1", text="Looking.")
    first = await add_note(noting, Record(key="a"))
    peer.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    with pytest.raises(TemporaryError) as lost:
        await add_note(noting, Record(key="b"))
    found = await given(add_note.finder)(noting, Record(key="b"), around.remembered[-1])
    assert (lost.value.uncertain, found.reference) == (True, "P00001NOTE")
    peer.notes[0]["content"] = "Changed"
    with pytest.raises(SettingsError, match="has been changed or deleted"):
        await given(add_note.undoer)(noting, first)


def called(event, **headers):
    body = event if isinstance(event, bytes) else json.dumps({"event": event}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return WebhookRequest(body=body, headers={"x-pagerduty-signature": f"v1={signature}", **headers}, query={})


def test_takes_signed_events_also_while_a_secret_is_exchanged(connection):
    [item] = event_received(called(EVENT), Sent(), connection)
    assert (item.key, item.title, item.subject) == ("01EVENT", "incident.acknowledged #1 Disk full", "Q000001INC")
    assert (item.content["service"], item.content["assignees"], item.content["by"]) == (
        *("Mail", ["Earline Greenholt"], "Earline Greenholt"),
    )
    rotating = msgspec.structs.replace(connection, webhook_secret=Secret(f"old-one\n {SECRET}\n"))
    signature = called(EVENT).headers["x-pagerduty-signature"]
    several = called(EVENT, **{"x-pagerduty-signature": f"v1={'0' * 64}, {signature},v2=x"})
    assert len(event_received(several, Sent(), rotating)) == 1
    note = {"type": "incident_note", "id": "P1", "content": "Hello", "incident": {"id": "Q1", "summary": "Disk full"}}
    noted = {**EVENT, "event_type": "incident.annotated", "data": note}
    [item] = event_received(called(noted), Sent(), connection)
    assert (item.subject, item.content["text"], item.content["title"]) == ("Q1", "Hello", "Disk full")


def test_starts_no_run_from_a_test_or_what_is_not_asked_for(connection):
    ping = {**EVENT, "event_type": "pagey.ping", "data": {"message": "Hello from your friend Pagey!", "type": "ping"}}
    assert event_received(called(ping), Sent(), connection) == []
    assert event_received(called(EVENT), fill(Sent, {"events": ["incident.res*"]}), connection) == []
    assert len(event_received(called(EVENT), fill(Sent, {"events": ["incident.*"]}), connection)) == 1


@pytest.mark.parametrize("signature", ["", "v1=", f"v1={'0' * 64}", "v2=x", "v1=ä,v1=ö"])
def test_refuses_calls_that_are_not_signed(connection, signature):
    with pytest.raises(CredentialsError, match="is not signed"):
        event_received(called(EVENT, **{"x-pagerduty-signature": signature}), Sent(), connection)
    with pytest.raises(CredentialsError, match="no webhook secret"):
        event_received(called(EVENT), Sent(), msgspec.structs.replace(connection, webhook_secret=Secret(" ")))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event": {}}', b"[" * 100_000, b"\xff"])
def test_refuses_calls_that_are_no_events(connection, body):
    with pytest.raises(SettingsError, match="no event of PagerDuty's"):
        event_received(called(body), Sent(), connection)


async def test_reads_what_nobody_would_send(peer, context):
    peer.fail(Fault(status=200, body={"incidents": [{"id": "Q1", "created_at": "9999-12-31T23:59:59Z"}], "more": True}))
    with pytest.raises(SettingsError, match=r"shows 10,000 of a list"):
        [item async for item in new_incident(context(Opened), None)]
    peer.recover()
    peer.fail(Fault(status=400, body={"error": {"message": 7, "errors": API_KEY}}))
    with pytest.raises(SettingsError, match="it does not say why"):
        await find_incidents(context(Find))


async def test_repeats_no_key_that_an_answer_repeats(peer, context):
    peer.fail(Fault(status=403, body={"error": f"No {API_KEY}"}))
    with pytest.raises(CredentialsError, match=r"No \*\*\*\*\. Give"):
        await find_incidents(context(Find))
    peer.recover()
    peer.fail(Fault(status=400, body={"status": "invalid event", "message": f"No {ROUTING_KEY}"}))
    with pytest.raises(SettingsError, match=r"No \*\*\*\*\."):
        await send_alert(context(Alert, summary="x"), Record(key="a"))


async def test_waits_as_long_as_pagerduty_says(peer, context):
    peer.fail(Fault(status=429, headers={"ratelimit-reset": "20", "ratelimit-remaining": "0"}))
    with pytest.raises(TemporaryError) as limited:
        await find_incidents(context(Find))
    assert limited.value.retry_after == 20
    with pytest.raises(TemporaryError, match="for 20 seconds"):
        await send_alert(context(Alert, summary="x"), Record(key="a"))


async def test_proves_keys_without_calling_anybody(peer, around, connection):
    await check(connection, around.context(NoSettings(), connection))
    assert [(one["event_action"], one["routing_key"]) for one in peer.dropped] == [("acknowledge", ROUTING_KEY)]
    only = fill(Connection, {"kind": "events", "routing_key": "wrong", "address": peer.base})
    with pytest.raises(SettingsError, match="Invalid routing key"):
        await check(only, around.context(NoSettings(), only))
    with pytest.raises(SettingsError, match="only sends alerts"):
        await find_incidents(around.context(Find(), only))
    nobody = msgspec.structs.replace(connection, email="")
    with pytest.raises(SettingsError, match="somebody's name"):
        await open_incident(around.context(fill(Open, {"service": "x", "title": "x"}), nobody), Record(key="a"))


async def test_renews_a_granted_token_and_asks_for_the_least(peer, around):
    values = {"kind": "app", "client_id": "c", "client_secret": "s", "subdomain": "Acme", "region": "eu"}
    app = fill(Connection, {**values, "address": peer.base})
    peer.tokens.discard(TOKEN)
    await check(app, around.context(NoSettings(), app))
    asked = given(connector.oauth_reader)(app)
    assert (asked.authorize_url, asked.token_url) == ("", f"{peer.base}/oauth/token")
    assert "as_account-eu.acme" in asked.scopes
    assert not [scope for scope in asked.scopes if scope.endswith(".write")]
    person = fill(Connection, {"kind": "oauth", "client_id": "c", "client_secret": "s", "access": "write"})
    asked = given(connector.oauth_reader)(person)
    assert (asked.authorize_url, "incidents.write" in asked.scopes) == (
        *("https://identity.pagerduty.com/oauth/authorize", True),
    )


@pytest.mark.parametrize(
    ("region", "hosts"),
    [
        ("us", ["api.pagerduty.com", "events.pagerduty.com"]),
        ("eu", ["api.eu.pagerduty.com", "events.eu.pagerduty.com"]),
    ],
)
def test_calls_the_region_of_the_account(region, hosts):
    assert given(connector.host_reader)(fill(Connection, {"token": "x", "region": region})) == hosts


@pytest.mark.parametrize(
    "values",
    [
        *({}, {"kind": "events"}, {"kind": "oauth", "client_id": "c"}),
        {"kind": "app", "client_id": "c", "client_secret": "s", "subdomain": "acme.pagerduty.com"},
    ],
)
def test_refuses_connections_that_lack_something(values):
    with pytest.raises(ValueError, match="Give the"):
        fill(Connection, values)


async def test_offers_what_the_account_has(context):
    offered = [await choices(context(OnCall)) for choices in (services, teams, policies, priorities, people)]
    assert [one[0].text or one[0].value for one in offered] == [
        *("Mail", "Engineering", "Engineering", "P1", "Earline Greenholt"),
    ]


def test_describes_paths_and_answers_as_the_vendors_client_knows_them():
    paths = json.loads((Path(DESCRIPTIONS) / "pagerduty.json").read_bytes())["paths"]
    rest = {path: item for path, item in paths.items() if path != "/v2/enqueue"}
    assert set(rest) <= set(CANONICAL_PATHS)
    wrapped = {
        (verb, path): entity_wrappers(verb.upper(), path)[1] in str(item[verb]["responses"])
        for path, item in rest.items()
        for verb in item.keys() & {"get", "put", "post"}
    }
    assert all(wrapped.values()), wrapped


class _Unencrypted(HTTPTransport):
    """Lets a client that insists on https speak to a peer on loopback."""

    def handle_request(self, request):
        request.url = request.url.copy_with(scheme="http")
        return super().handle_request(request)


async def test_shows_what_the_vendors_own_client_shows(peer, context):
    peer.open_one("Disk full", key="disk")
    seen = await asyncio.to_thread(_seen_by_the_vendors_client, peer.base.replace("http://", "https://"))
    found = await find_incidents(context(Find))
    assert [(one["id"], one["title"], one["status"]) for one in found["incidents"]] == seen
    assert ([one["content"] for one in peer.notes], peer.open_alerts[0]["key"]) == (["Hello"], "cpu")


def _seen_by_the_vendors_client(base):
    """Acknowledge an incident, add a note, trigger an alert, and return what incidents there are."""
    with EventsApiV2Client(ROUTING_KEY, base_url=base, transport=_Unencrypted()) as alerts:
        assert alerts.trigger("CPU is hot", "web-1", dedup_key="cpu") == "cpu"
    with RestApiV2Client(API_KEY, default_from=AUTHOR, base_url=base, transport=_Unencrypted()) as client:
        [incident] = client.list_all("incidents", params={"incident_key": "disk", "date_range": "all"})
        client.rput(f"/incidents/{incident['id']}", json={"type": "incident_reference", "status": "acknowledged"})
        client.rpost(f"/incidents/{incident['id']}/notes", json={"content": "Hello"})
        found = client.list_all("incidents", params={"sort_by": "created_at:desc", "date_range": "all"})
    return [(one["id"], one["title"], one["status"]) for one in found]
