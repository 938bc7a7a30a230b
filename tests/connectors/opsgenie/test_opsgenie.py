"""Opsgenie: alerts followed by time, found, opened under an alias and taken back; who is on call."""

import pytest

from connectors.opsgenie import changed_alert, check, create_alert, find_alerts, new_alert, on_call
from connectors.opsgenie.connection import ADDRESSES, Connection
from connectors.opsgenie.oncall import schedules
from connectors.opsgenie.settings import Create, Find, Follow, OnCall, priorities, priority_of
from connectors.sdk import CredentialsError, NoSettings, Receipt, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract, TriggerContract
from tests.connectors.entry_stands import Appearing
from tests.connectors.recordings import given as offered
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, told
from tests.peers.opsgenie import KEY


def kept(number):
    return {"message": f"Disk {number} is full", "priority": "P1", "teams": ["Operations"]}


class TestNewAlert(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Appearing("opsgenie.new_alert", peer, lambda: context(Follow), kept)


class TestChangedAlert(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        filters = {"status": "open", "priorities": ["P1", "P2"], "teams": ["Operations"], "query": "Disk"}
        return Appearing("opsgenie.changed_alert", peer, lambda: context(Follow, **filters), kept)


class Opening(WordingStand):
    """Alerts that are opened; `alias` gives them one of the user's, for each words of its own."""

    uses = "opsgenie.create_alert"

    def __init__(self, peer, around, connection, *, alias=False):
        super().__init__(around, connection)
        self.peer = peer
        self._alias = alias

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def settings(self, words):
        given = {"message": words, "responders": ["team:Operations"], "alias": words if self._alias else ""}
        return fill(Create, given | {"entity": "x" * 600 if words == "bad" else "web-1"})

    def bad_record(self):
        return self.worded("bad", "bad")

    async def rows(self):
        return [(row["id"], row["values"]["message"]) for row in self.peer.kept.there]

    async def drift(self):
        self.peer.teams.clear()

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()


class TestCreateAlert(TargetContract):
    many = 150

    @pytest.fixture
    async def stand(self, peer, around, connection):
        return Opening(peer, around, connection)


class TestCreateAlertUnderAnAlias(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, peer, around, connection):
        return Opening(peer, around, connection, alias=True)


async def opened(context, key="KEY-1", **settings):
    return await create_alert(context(Create, **{"message": "Disk full", **settings}), Record(key=key))


async def test_opens_an_alert_with_everything(context, peer):
    receipt = await opened(
        context,
        description="It is.",
        priority="critical",
        responders="team:Operations, user:anna@example.com,escalation:Main",
        tags=["prod", "db", "prod"],
        details={"host": "web-1", "load": 1.5, "none": None},
        entity="web-1",
        source="hub",
        note="Seen by a recipe.",
        user="Hub",
    )
    sent = peer.asked("POST", "/v2/alerts")[0].body
    assert sent["responders"] == [
        {"type": "team", "name": "Operations"},
        {"type": "user", "username": "anna@example.com"},
        {"type": "escalation", "name": "Main"},
    ]
    assert (sent["priority"], sent["tags"], sent["details"]) == ("P1", ["prod", "db"], {"host": "web-1", "load": "1.5"})
    assert (sent["alias"], peer.notes[0]["note"]) == ("KEY-1", "Seen by a recipe.")
    assert receipt.output == {"id": receipt.reference, "number": "1", "url": receipt.url, "added": True}
    assert receipt.url == f"{peer.base}/alert/detail/{receipt.reference}/details"


async def test_loses_nothing_of_a_message_that_is_too_long(context, peer):
    await opened(context, message="A" * 200 + "\nend", description="Why.")
    sent = peer.asked("POST", "/v2/alerts")[0].body
    assert (len(sent["message"]), sent["description"]) == (130, "A" * 200 + " end\n\nWhy.")


async def test_counts_an_open_alert_up_and_takes_nothing_back_then(context, peer):
    first = await opened(context, alias="disk", key="KEY-1")
    settings = context(Create, message="Disk full", alias="disk")
    [[change]] = await offered(create_alert.previewer)(settings, [Record(key="KEY-2")])
    second = await opened(context, alias="disk", key="KEY-2")
    assert (change.before, change.after) == ({"count": 1}, {"count": 2})
    assert (second.reference, second.output["added"]) == (first.reference, False)
    with pytest.raises(SettingsError, match="was open before"):
        await offered(create_alert.undoer)(settings, second)
    with pytest.raises(SettingsError, match="has acted on the alert"):
        await offered(create_alert.undoer)(settings, first)
    assert len(peer.kept.there) == 1


async def test_finds_an_alert_that_was_closed_meanwhile(context, peer):
    await opened(context)
    peer.kept.edit(peer.kept.rows[0], {"status": "closed"})
    settings = context(Create, message="Disk full")
    assert isinstance(await offered(create_alert.finder)(settings, Record(key="KEY-1"), None), Receipt)
    assert await offered(create_alert.finder)(settings, Record(key="KEY-2"), None) is None


async def test_follows_a_request_until_it_is_done_and_remembers_it(context, peer, around):
    peer.later = 1
    receipt = await opened(context)
    assert around.remembered == ["r0000001"]
    found = await offered(create_alert.finder)(context(Create, message="x"), Record(key="other"), "r0000001")
    assert found.reference == receipt.reference


@pytest.mark.parametrize("fault", ["401", "429", "500", "cut", "malformed"])
async def test_does_not_know_what_came_of_a_request_that_it_cannot_follow(context, peer, fault):
    failing = told(fault)
    failing.path = "/v2/alerts/requests/"
    peer.fail(failing)
    with pytest.raises(TemporaryError) as lost:
        await opened(context)
    assert lost.value.uncertain
    assert len(peer.kept.there) == 1


async def test_does_not_know_what_it_opened_when_it_cannot_read_it(context, peer):
    peer.fail(Fault(status=500, path="/v2/alerts/a", verb="GET"))
    with pytest.raises(TemporaryError) as lost:
        await opened(context)
    assert lost.value.uncertain
    peer.recover()
    found = await offered(create_alert.finder)(context(Create, message="Disk full"), Record(key="KEY-1"), "r0000001")
    assert found.reference == peer.kept.there[0]["id"]


async def test_says_when_nothing_was_opened(context, peer):
    peer.fail(Fault(status=200, body={"data": {"isSuccess": True, "status": "Ignored."}}, path="/v2/alerts/requests/"))
    with pytest.raises(SettingsError, match=r"took the alert and opened none: Ignored\."):
        await opened(context)


async def test_says_that_a_request_is_still_open(context):
    with pytest.raises(TemporaryError, match="not yet said"):
        await offered(create_alert.finder)(context(Create, message="x"), Record(key="a"), "r999")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"message": " "}, "message of the alert is empty"),
        ({"priority": "urgent"}, "'urgent' is no priority"),
        ({"responders": ["Operations"]}, "'Operations' names nobody"),
        ({"responders": {"team": "x"}}, "Responders are a list"),
        ({"responders": ["team:Other"]}, r"Opsgenie refused this: responders\[0\] does not exist"),
        ({"tags": ["a,b"]}, "Tags may have no commas"),
    ],
)
async def test_says_what_an_alert_does_not_take(context, peer, given, said):
    with pytest.raises(SettingsError, match=said):
        await opened(context, **given)
    assert peer.kept.rows == []


async def test_reads_on_past_the_end_of_a_list(context, peer):
    peer.most = 300
    for number in range(450):
        peer.kept.pass_time(0.001)
        peer.kept.add(kept(number))
    found = [item async for item in new_alert(context(Follow), None)]
    assert len({item.key for item in found}) == 450
    assert max(call.arguments["offset"] for call in peer.asked("GET", "/v2/alerts")) == 0


async def test_says_when_a_list_ends_before_its_last_page(context, peer):
    peer.most = 100
    for number in range(250):
        peer.kept.add(kept(number))
    with pytest.raises(SettingsError, match="Opsgenie refused this: offset"):
        [item async for item in new_alert(context(Follow), None)]


async def test_loses_none_when_one_changes_while_pages_are_read(context, peer):
    for number in range(250):
        peer.kept.pass_time(0.001)
        peer.kept.add(kept(number))
    reading = changed_alert(context(Follow), None)
    first = await anext(reading)
    peer.kept.edit(peer.kept.rows[0], {"priority": "P2"})
    assert len({first.subject, *[item.subject async for item in reading]}) == 250


async def test_follows_only_what_fits(context, peer):
    peer.kept.add(kept(1) | {"tags": ["prod"]})
    peer.kept.add(kept(2) | {"priority": "P5", "tags": ["prod"]})
    peer.kept.add(kept(3) | {"status": "closed", "tags": ["prod"]})
    peer.kept.add(kept(4) | {"acknowledged": True, "tags": ["prod"]})
    peer.kept.add(kept(5) | {"teams": ["Other"], "tags": ["prod"]})
    peer.kept.add(kept(6))
    filters = {"query": "tag:(prod OR test)", "status": "unacknowledged", "priorities": ["P1"], "teams": ["Operations"]}
    found = [item.title async for item in new_alert(context(Follow, **filters), None)]
    assert found == ["Disk 1 is full"]


async def test_skips_what_is_there_and_reads_new_ones_whole(context, peer):
    peer.kept.add(kept(1))
    follow = context(Follow, existing="skip", whole=True)
    [base] = [item async for item in new_alert(follow, None)]
    peer.kept.pass_time(60)
    peer.kept.add(kept(2) | {"description": "Why.", "details": {"host": "web-1"}})
    [new] = [item async for item in new_alert(follow, base.cursor)]
    assert (base.content, new.content["fields"]["description"]) == (None, "Why.")
    assert new.content["fields"]["details"] == {"host": "web-1"}


async def test_finds_with_values_that_stay_values(context, peer):
    peer.kept.add(kept(1) | {"entity": "web-1", "description": "Why."})
    peer.kept.add(kept(2) | {"entity": "web-2"})
    found = await find_alerts(context(Find, where={"entity": "web-1"}))
    none = await find_alerts(context(Find, where={"entity": 'x" OR entity:"web-1'}))
    assert ([one["title"] for one in found["alerts"]], none["count"]) == (["Disk 1 is full"], 0)
    one = await find_alerts(context(Find, alert="1", by="tiny"))
    assert one["first"]["fields"]["description"] == "Why."
    assert (await find_alerts(context(Find, alert="no such alert")))["count"] == 0
    with pytest.raises(SettingsError, match="cannot search for entity OR"):
        await find_alerts(context(Find, where={"entity OR x": "1"}))
    with pytest.raises(SettingsError, match="value of entity must be a single value"):
        await find_alerts(context(Find, where={"entity": ["a"]}))
    with pytest.raises(SettingsError, match="More than 1 alerts were found"):
        await find_alerts(context(Find, limit=1))


async def test_says_who_is_on_call(context):
    night = await on_call(context(OnCall, schedule="Night shift"))
    everybody = await on_call(context(OnCall))
    assert (night["people"], everybody["people"]) == (["anna@example.com"], ["anna@example.com", "bert@example.com"])
    assert list(await schedules(context(OnCall))) == ["Day shift", "Night shift"]
    with pytest.raises(SettingsError, match="no schedule Early"):
        await on_call(context(OnCall, schedule="Early"))


async def test_waits_as_long_as_opsgenie_asks_and_repeats_no_key(around, connection, peer):
    asking = around.context(NoSettings(), connection)
    peer.fail(Fault(status=429, headers={"X-RateLimit-Period-In-Sec": "60"}, times=1))
    with pytest.raises(TemporaryError) as busy:
        await check(connection, asking)
    peer.fail(Fault(status=401, body={"message": f"Key {KEY} is not valid"}, times=1))
    with pytest.raises(CredentialsError) as refused:
        await check(connection, asking)
    peer.fail(Fault(status=422, body={"errors": {"query": f"is {KEY}\0"}}, times=1))
    with pytest.raises(SettingsError, match="Opsgenie refused this: query is") as odd:
        await check(connection, asking)
    assert busy.value.retry_after == 60.0
    assert KEY not in f"{refused.value.message} {odd.value.message}"
    await check(connection, asking)


@pytest.mark.parametrize("answer", [{"data": [{"id": ""}]}, {"data": [{"id": "a", "createdAt": "soon"}]}, {"data": 1}])
async def test_names_answers_that_lie(context, peer, answer):
    peer.fail(Fault(status=200, body=answer))
    with pytest.raises(TemporaryError) as odd:
        [item async for item in new_alert(context(Follow), None)]
    assert odd.value.message.endswith(".")


@pytest.mark.parametrize(("word", "priority"), [("p2", "P2"), ("Warning", "P3"), (" error ", "P2"), ("info", "P5")])
async def test_reads_severities_as_priorities(context, word, priority):
    assert priority_of(word) == priority
    assert priority in [one.value for one in await priorities(context(Follow))]


@pytest.mark.parametrize("given", [{"key": " "}, {"address": "ftp://x"}, {"region": "mars"}])
def test_refuses_a_connection_that_cannot_be(given):
    with pytest.raises(ValueError, match=r"API key|address|region"):
        fill(Connection, {"key": KEY, **given})


def test_goes_to_the_region(peer):
    assert [fill(Connection, {"key": KEY, "region": one}).base for one in ADDRESSES] == list(ADDRESSES.values())
