"""PagerDuty: connections, incidents followed by their log and found; its own client reads the same."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from httpx2 import HTTPTransport
from pagerduty import EventsApiV2Client, RestApiV2Client
from pagerduty.rest_api_v2_client import CANONICAL_PATHS, entity_wrappers

from connectors.pagerduty import (
    changed_incident,
    check,
    connector,
    find_incidents,
    find_on_call,
    new_incident,
    open_incident,
    send_alert,
)
from connectors.pagerduty.alerts import Alert
from connectors.pagerduty.choosing import people, policies, priorities, services, teams
from connectors.pagerduty.connection import Connection
from connectors.pagerduty.following import Changed, Opened
from connectors.pagerduty.incidents import Find
from connectors.pagerduty.on_call import OnCall
from connectors.pagerduty.writing import Open
from connectors.sdk import CredentialsError, NoSettings, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TriggerContract
from tests.connectors.entry_stands import Appearing
from tests.connectors.recordings import given
from tests.peers.faults import Fault
from tests.peers.openapi import DESCRIPTIONS, TOKEN
from tests.peers.pagerduty import API_KEY, AUTHOR, ROUTING_KEY


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
        return Opening(
            "pagerduty.new_incident", peer, lambda: context(Opened, existing="read"), lambda number: f"Order {number}"
        )


class TestChangedIncident(TriggerContract):
    many = 150

    @pytest.fixture
    async def stand(self, peer, context):
        return Happening(
            "pagerduty.changed_incident",
            peer,
            lambda: context(Changed, existing="read"),
            lambda number: f"Order {number}",
        )


async def test_passes_the_ceiling_of_lists_and_half_years(peer, context):
    peer.ceiling = 200
    peer.kept.pass_time(-86_400 * 700)
    peer.open_one("long ago")
    peer.kept.pass_time(86_400 * 700)
    [(peer.open_one(f"Order {number}"), peer.kept.pass_time(7)) for number in range(350)]
    found = [item async for item in new_incident(context(Opened, existing="read"), None)]
    assert len({item.key for item in found}) == len(found) == 351
    assert found[0].title == "#1 long ago"


async def test_begins_with_what_is_new_from_now_on(peer, context):
    [empty] = [item async for item in new_incident(context(Opened), None)]
    peer.open_one("first")
    [first] = [item async for item in new_incident(context(Opened), empty.cursor)]
    [base] = [item async for item in new_incident(context(Opened, urgency="high"), None)]
    peer.open_one("quiet", urgency="low")
    peer.open_one("loud")
    [item] = [item async for item in new_incident(context(Opened, urgency="high"), base.cursor)]
    assert (empty.content, first.title, base.content, item.content["title"]) == (None, "#1 first", None, "loud")


async def test_reads_a_long_log_in_spans_of_time(peer, context):
    rows = [peer.open_one(f"Order {number}") for number in range(3)]
    [(peer.happen(rows[number % 3], "annotate"), peer.kept.pass_time(60)) for number in range(1_010)]
    found = [item async for item in changed_incident(context(Changed, existing="read"), None) if item.content]
    lines = sum(len(item.content["happened"]) for item in found)
    assert (lines, len({item.key for item in found})) == (1_013, len(found))
    assert max(len(item.content["happened"]) for item in found) < 1_000


async def test_tells_what_happened_to_an_incident_once_a_look(peer, context):
    row = peer.open_one("Disk full", service="PF9KMXH")
    peer.open_one("Other")
    following = context(Changed, services=["PF9KMXH"], statuses=["acknowledged"], teams=["PQ9K7I8"])
    [base] = [item async for item in changed_incident(following, None)]
    peer.edit(row, "notify")
    peer.edit(row, "acknowledge", status="acknowledged")
    peer.happen(row, "annotate")
    peer.edit(peer.kept.rows[1], "acknowledge", status="acknowledged")
    [item] = [one async for one in changed_incident(following, base.cursor) if one.content]
    assert [one["type"] for one in item.content["happened"]] == ["acknowledge", "annotate"]
    assert (base.content, item.subject, item.content["status"]) == (None, row["id"], "acknowledged")
    elsewhere = context(Changed, teams=["POTHER"])
    assert [one for one in [item async for item in changed_incident(elsewhere, base.cursor)] if one.content] == []
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


async def test_reads_what_nobody_would_send(peer, context):
    peer.fail(Fault(status=200, body={"incidents": [{"id": "Q1", "created_at": "9999-12-31T23:59:59Z"}], "more": True}))
    with pytest.raises(SettingsError, match=r"shows 10,000 of a list"):
        [item async for item in new_incident(context(Opened, existing="read"), None)]
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
