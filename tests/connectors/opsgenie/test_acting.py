"""Opsgenie: alerts acknowledged, closed, noted, assigned, escalated and tagged, and put back where that can be."""

import pytest

from connectors.opsgenie import (
    acknowledge_alert,
    add_note,
    add_tags,
    assign_alert,
    close_alert,
    escalate_alert,
)
from connectors.opsgenie.settings import Acting, Assign, Escalate, Tag, Write
from connectors.sdk import Receipt, Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract
from tests.connectors.recordings import given as offered
from tests.connectors.wording import WordingStand
from tests.peers.faults import told

DONE = Record(key="KEY-1")


class Doing(WordingStand):
    """Alerts that are acted on: each record has one of its own; `done` tells of the peer what came of it."""

    def __init__(self, around, connection, peer, uses, *, kind=Acting, done, **given):
        super().__init__(around, connection)
        self.uses = uses
        self.peer = peer
        self._kind = kind
        self._done = done
        self._given = given
        self._alerts = {}

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def record(self, number):
        words = f"Alert {number}"
        if words not in self._alerts:
            row = self.peer.kept.add({"message": words, "owner": "anna@example.com", "tags": ["old"]})
            self._alerts[words] = row["id"]
        return self.worded(f"KEY-{number}", words)

    def bad_record(self):
        return self.worded("bad", "No such alert")

    def settings(self, words):
        return fill(self._kind, {"alert": self._alerts.get(words, "none"), **self._given})

    async def rows(self):
        return self._done(self.peer)

    async def drift(self):
        self.record(2)
        [row.update(archived=True) for row in self.peer.kept.rows]

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()


def those(name, value):
    """Name the alerts whose field has a value."""
    return lambda peer: [row["id"] for row in peer.kept.there if row["values"].get(name) == value]


@pytest.fixture
def doing(around, connection, peer):
    def make(uses, **given):
        return Doing(around, connection, peer, f"opsgenie.{uses}", **given)

    return make


class TestAcknowledge(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, doing):
        return doing("acknowledge_alert", done=those("acknowledged", True), note="Seen.", user="Hub")


class TestClose(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, doing):
        return doing("close_alert", done=those("status", "closed"))


class TestNote(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, doing):
        return doing("add_note", kind=Write, done=lambda peer: [note["alert"] for note in peer.notes], text="Seen.")


class TestAssign(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, doing):
        bert = "bert@example.com"
        return doing("assign_alert", kind=Assign, done=those("owner", bert), owner=bert)


class TestTags(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, doing):
        return doing("add_tags", kind=Tag, done=those("tags", ["old", "new"]), tags=["old", "new"])


class TestEscalate(TargetContract):
    many = 20

    @pytest.fixture
    async def stand(self, doing):
        return doing("escalate_alert", kind=Escalate, done=lambda peer: list(peer.called), to="escalation:Main")

    async def found(self, stand, record):
        """Ask with the request that was remembered, as the hub does; what never left is not asked for."""
        return await stand.target.finder(stand.context(), record, stand.token) if stand.token else None

    async def test_knows_what_was_never_written(self, stand):
        await stand.deliver([stand.record(1)])
        with pytest.raises(SettingsError, match="only its log in Opsgenie tells"):
            await stand.target.finder(stand.context(), stand.record(2), None)


@pytest.fixture
def alert(peer):
    return peer.kept.add({"message": "Disk full", "alias": "disk 1? ü#", "owner": "anna@example.com", "tags": ["old"]})


async def test_names_an_alert_in_three_ways(context, peer, alert):
    by_alias = await acknowledge_alert(context(Acting, alert="disk 1? ü#", by="alias", note="Seen.", user="Hub"), DONE)
    by_number = await acknowledge_alert(context(Acting, alert="1", by="tiny"), DONE)
    [sent] = peer.asked("POST", "/v2/alerts/{identifier}/acknowledge")
    assert (sent.arguments["identifier"], sent.body) == (alert["id"], {"note": "Seen.", "user": "Hub"})
    assert by_alias.reference == by_number.reference == "#1"
    assert by_number.output == {"id": alert["id"], "number": "1", "url": by_number.url}


async def test_does_nothing_twice_and_takes_back_only_its_own(context, peer, alert):
    acting = context(Acting, alert=alert["id"])
    first = await acknowledge_alert(acting, DONE)
    second = await acknowledge_alert(acting, DONE)
    assert await offered(acknowledge_alert.previewer)(acting, [DONE]) == [[]]
    await offered(acknowledge_alert.undoer)(acting, second)
    assert (peer.writes, alert["values"]["acknowledged"]) == (1, True)
    await offered(acknowledge_alert.undoer)(acting, first)
    assert alert["values"]["acknowledged"] is False
    with pytest.raises(SettingsError, match="#1 has changed since"):
        await offered(acknowledge_alert.undoer)(acting, first)


async def test_takes_nothing_back_of_what_it_only_found(context, peer, alert):
    acting = context(Acting, alert=alert["id"])
    await acknowledge_alert(acting, DONE)
    found = await offered(acknowledge_alert.finder)(acting, DONE, None)
    with pytest.raises(SettingsError, match="How the alert was before is not known"):
        await offered(acknowledge_alert.undoer)(acting, found)
    assert alert["values"]["acknowledged"] is True


async def test_finds_an_escalation_of_an_alert_that_was_closed_since(context, alert, around):
    escalating = context(Escalate, alert=alert["id"], to="escalation:Main")
    await escalate_alert(escalating, DONE)
    alert["values"]["status"] = "closed"
    assert (await offered(escalate_alert.finder)(escalating, DONE, around.remembered[-1])).reference == "#1"


async def test_leaves_closed_alerts_alone(context, alert):
    acting = context(Acting, alert=alert["id"])
    await close_alert(acting, DONE)
    with pytest.raises(SettingsError, match="Disk full is closed, so it cannot be acknowledged"):
        await acknowledge_alert(acting, DONE)
    with pytest.raises(SettingsError, match="is closed, so nobody is called"):
        await escalate_alert(context(Escalate, alert=alert["id"], to="team:Operations"), DONE)
    assert close_alert.undoer is None


@pytest.mark.parametrize(
    ("to", "called"),
    [
        ("escalation:Main", {"name": "Main"}),
        ("team: Operations", {"type": "team", "name": "Operations"}),
        ("User:anna@example.com", {"type": "user", "username": "anna@example.com"}),
        ("schedule:Night:shift", {"type": "schedule", "name": "Night:shift"}),
    ],
)
async def test_calls_whom_it_is_told_to(context, peer, alert, to, called):
    await escalate_alert(context(Escalate, alert=alert["id"], to=to), DONE)
    assert peer.called == [{"alert": alert["id"], **called}]


async def test_takes_off_only_the_tags_that_it_added(context, alert):
    tagging = context(Tag, alert=alert["id"], tags="old, new,newer")
    receipt = await add_tags(tagging, DONE)
    assert alert["values"]["tags"] == ["old", "new", "newer"]
    alert["values"]["tags"].remove("newer")
    await offered(add_tags.undoer)(tagging, receipt)
    assert alert["values"]["tags"] == ["old"]


async def test_gives_an_alert_back_only_to_whoever_had_it(context, alert):
    assigning = context(Assign, alert=alert["id"], owner="bert@example.com")
    receipt = await assign_alert(assigning, DONE)
    await offered(assign_alert.undoer)(assigning, receipt)
    assert alert["values"]["owner"] == "anna@example.com"
    with pytest.raises(SettingsError, match="#1 has changed since"):
        await offered(assign_alert.undoer)(assigning, receipt)
    alert["values"]["owner"] = ""
    receipt = await assign_alert(assigning, DONE)
    with pytest.raises(SettingsError, match="had no owner before"):
        await offered(assign_alert.undoer)(assigning, receipt)


async def test_takes_addresses_for_the_same_however_they_are_written(context, peer, alert):
    assigning = context(Assign, alert=alert["id"], owner="Anna@Example.com")
    assert await offered(assign_alert.previewer)(assigning, [DONE]) == [[]]
    assert isinstance(await offered(assign_alert.finder)(assigning, DONE, None), Receipt)
    await assign_alert(assigning, DONE)
    assert peer.writes == 0


async def test_finds_a_note_only_among_those_that_came_after(context, peer, alert, around):
    peer.note(alert, "Seen.")
    writing = context(Write, alert=alert["id"], text="Seen.", user="Hub")
    failing = told("cut")
    failing.path, failing.verb = "/v2/alerts/a", "POST"
    peer.fail(failing)
    with pytest.raises(TemporaryError):
        await add_note(writing, DONE)
    peer.recover()
    assert await offered(add_note.finder)(writing, DONE, around.remembered[-1]) is None
    assert await offered(add_note.finder)(writing, DONE, None) is None
    await add_note(writing, DONE)
    assert isinstance(await offered(add_note.finder)(writing, DONE, around.remembered[0]), Receipt)
    assert isinstance(await offered(add_note.finder)(writing, DONE, around.remembered[-1]), Receipt)
    assert peer.calls[-1].path == "/v2/alerts/requests/{requestId}"


async def test_finds_a_note_behind_many_others(context, peer, alert):
    [peer.note(alert, f"Note {number}") for number in range(250)]
    writing = context(Write, alert=alert["id"], text="Note 249")
    assert isinstance(await offered(add_note.finder)(writing, DONE, "after:"), Receipt)
    assert len(peer.asked("GET", "/v2/alerts/{identifier}/notes")) == 3


async def test_says_what_opsgenie_did_not_do(context, peer, alert):
    peer.gone.add(alert["id"])
    with pytest.raises(SettingsError, match="Opsgenie did not do this: Alert does not exist"):
        await close_alert(context(Acting, alert=alert["id"]), DONE)


@pytest.mark.parametrize(
    ("target", "kind", "given", "said"),
    [
        (close_alert, Acting, {"alert": " "}, "Name the alert"),
        (close_alert, Acting, {"alert": "none"}, "no alert with the id none"),
        (add_note, Write, {"text": " \0"}, "The note is empty"),
        (assign_alert, Assign, {"owner": " "}, "The owner is empty"),
        (add_tags, Tag, {"tags": [" "]}, "No tags are named"),
        (escalate_alert, Escalate, {"to": "Operations"}, "'Operations' names nobody"),
    ],
)
async def test_says_what_cannot_be_done(context, peer, target, kind, given, said):
    with pytest.raises(SettingsError, match=said):
        await target(context(kind, **{"alert": "a", **given}), DONE)
    assert peer.writes == 0
