"""Opsgenie: alerts opened under an alias, found again, counted up and taken back."""

import pytest

from connectors.opsgenie import create_alert
from connectors.opsgenie.settings import Create
from connectors.sdk import Receipt, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract
from tests.connectors.recordings import given as offered
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, told


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
