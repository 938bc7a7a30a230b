"""Teams: each card is checked by the published schema of Adaptive Cards, the workflow's refusals told in words."""

import json

import pytest
from aiohttp import web
from jsonschema import Draft6Validator

from connectors.sdk import CredentialsError, Record, Secret, SettingsError, TemporaryError
from connectors.teams import Card, Connection, card_of, connector, post_card, preview
from tests.connectors.contracts import TargetContract
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, Faults
from tests.peers.openapi import DESCRIPTIONS
from tests.peers.surroundings import surroundings

RECORD = Record(key="KEY-1")
SCHEMA = Draft6Validator(json.loads((DESCRIPTIONS / "adaptive_card.json").read_bytes()))
FAULTS = {
    "401": Fault(status=401),
    "403": Fault(status=403),
    "429": Fault(status=429, headers={"Retry-After": "7"}),
    "500": Fault(status=500),
    "cut": Fault(kind="cut"),
}


class Workflow:
    """A workflow in Power Automate that posts cards."""

    def __init__(self):
        self.url = ""
        self.cards = []
        self.violations = []
        self.faults = Faults(lambda status, message: {"error": {"code": status, "message": message}})

    async def answer(self, request):
        return await self.faults.answer(request, self._take)

    async def _take(self, request):
        message = await request.json()
        [attachment] = message["attachments"]
        self.violations += [error.message[:200] for error in SCHEMA.iter_errors(attachment["content"])]
        if (message["type"], attachment["contentType"]) != ("message", "application/vnd.microsoft.card.adaptive"):
            self.violations.append("not a message with a card")
        self.cards.append(attachment["content"])
        return web.Response(status=202, headers={"x-ms-workflow-run-id": f"run-{len(self.cards)}"})


@pytest.fixture
async def workflow():
    running = Workflow()
    runner = web.ServerRunner(web.Server(running.answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.url = f"http://127.0.0.1:{runner.addresses[0][1]}/workflows/1/triggers/manual/paths/invoke?sig=s3cret"
    yield running
    await runner.cleanup()
    assert running.violations == []


@pytest.fixture
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
def make(around, workflow):
    return lambda **settings: around.context(Card(**settings), Connection(webhook=Secret(workflow.url)))


class CardStand(WordingStand):
    """A channel that cards go to."""

    uses = "teams.post_card"

    def __init__(self, around, workflow):
        super().__init__(around, Connection(webhook=Secret(workflow.url)))
        self.workflow = workflow

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return len(self.workflow.cards)

    def settings(self, words):
        return Card(title="Invoice", text=words)

    def bad_record(self):
        return self.worded("KEY-BAD", "x" * 30_000)

    async def rows(self):
        return list(self.workflow.cards)

    async def drift(self):
        self.workflow.faults.add(Fault(status=404))

    async def fail(self, fault):
        self.workflow.faults.add(FAULTS[fault])

    async def heal(self):
        self.workflow.faults.clear()


class TestPostCard(TargetContract):
    # A workflow says that it has taken a card by its status; nothing in its answer is read
    faults = {fault: word for fault, word in TargetContract.faults.items() if fault != "malformed"}

    @pytest.fixture
    def stand(self, around, workflow):
        return CardStand(around, workflow)

    async def test_writes_once_under_a_repeated_key(self, stand):
        """A workflow cannot be asked: the hub leaves what it does not know to a person."""
        assert stand.target.finder is None
        assert not stand.target.carries_key

    async def test_knows_what_was_never_written(self, stand):
        await self.test_writes_once_under_a_repeated_key(stand)

    async def found(self, stand, record):
        return None


async def test_posts_title_text_facts_and_a_button_as_the_preview_shows_them(workflow, make):
    context = make(
        title="Invoice 17", text="**Due** soon\nPay it", facts={"Total": 118.5, "Paid": False}, link="https://a.example"
    )
    [[shown]] = await preview(context, [RECORD])
    assert workflow.cards == []
    receipt = await post_card(context, RECORD)
    assert (workflow.cards, receipt.reference) == ([shown.after["card"]], "run-1")
    assert workflow.cards[0]["body"][2]["facts"] == [
        {"title": "Total", "value": "118.5"}, {"title": "Paid", "value": "false"},
    ]  # fmt: skip


async def test_takes_a_card_from_the_designer(workflow, make):
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Hi"}]}
    await post_card(make(card={"type": "message", "attachments": [{"content": card}]}), RECORD)
    assert workflow.cards == [card]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "nothing to say"),
        ({"text": "x", "link": "javascript:alert(1)"}, "must begin with https"),
        ({"facts": {str(number): 1 for number in range(51)}}, "50 facts at most"),
        ({"card": "hello"}, "type AdaptiveCard"),
        ({"card": {"attachments": []}}, "type AdaptiveCard"),
    ],
)
def test_refuses_what_is_no_card(settings, said):
    with pytest.raises(SettingsError, match=said):
        card_of(Card(**settings))


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (401, CredentialsError, "Copy it again"),
        (404, SettingsError, "gone or switched off"),
        (400, SettingsError, "Power Automate tells why"),
        (502, TemporaryError, "answered 502"),
    ],
)
async def test_says_who_must_do_what_and_never_the_address(workflow, make, status, error, said):
    workflow.faults.add(Fault(status=status, body={"error": {"message": workflow.url}}))
    with pytest.raises(error, match=said) as failed:
        await post_card(make(text="x"), RECORD)
    assert "s3cret" not in str(failed.value)


async def test_knows_an_address_when_it_sees_one(around):
    with pytest.raises(CredentialsError, match="no address of a workflow"):
        await post_card(around.context(Card(text="x"), Connection(webhook=Secret("sig"))), RECORD)
    assert connector.host_reader is not None
    assert connector.host_reader(Connection(webhook=Secret("https://prod-1.logic.azure.com:443/workflows/1"))) == [
        "prod-1.logic.azure.com"
    ]
