"""PagerDuty: alerts sent, incidents opened, changed and noted, found again and taken back."""

import pytest

from connectors.pagerduty import add_note, change_incident, open_incident, send_alert
from connectors.pagerduty.alerts import Alert
from connectors.pagerduty.changing import Update
from connectors.pagerduty.writing import Note, Open
from connectors.sdk import Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract
from tests.connectors.recordings import given
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, told


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
    peer.kept.pass_time(86_400 * 40)
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
    assert await given(add_note.finder)(noting, Record(key="c"), None) is None
    peer.notes[0]["content"] = "Changed"
    with pytest.raises(SettingsError, match="has been changed or deleted"):
        await given(add_note.undoer)(noting, first)
