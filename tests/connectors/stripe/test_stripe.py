"""Stripe: events followed and verified, customers and invoice items written once, found, changed and taken back."""

import hashlib
import hmac
import json
import time

import msgspec
import pytest

from connectors.sdk import (
    CredentialsError,
    NoSettings,
    Receipt,
    Record,
    Secret,
    SettingsError,
    TemporaryError,
    WebhookRequest,
    fill,
)
from connectors.stripe import (
    check,
    create_customer,
    create_invoice_item,
    event_received,
    find_customer,
    new_event,
    update_customer,
)
from connectors.stripe.connection import Connection
from connectors.stripe.events import Follow, Sent
from connectors.stripe.items import Charge, charged
from connectors.stripe.writing import Create, Find, Update
from tests.connectors.contracts import TargetContract, TriggerContract, TriggerStand, read
from tests.connectors.recordings import given
from tests.connectors.standing import Standing
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN, openapi_peer
from tests.peers.openapi_samples import sample
from tests.peers.stripe import BEGINNING, StripePeer
from tests.peers.surroundings import surroundings

SECRET = "whsec_s3cret"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "created": BEGINNING,
    "livemode": False,
    "data": {"object": {"id": "in_1", "amount_paid": 11_850}, "previous_attributes": {"paid": False}},
}


@pytest.fixture(scope="module")
async def around():
    async with surroundings() as made:
        yield made


@pytest.fixture
async def peer():
    async with openapi_peer(StripePeer()) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connection(peer):
    return fill(Connection, {"key": TOKEN, "webhook_secret": SECRET, "address": peer.base})


@pytest.fixture
def context(around, connection):
    def make(kind, **settings):
        return around.context(fill(kind, settings), connection)

    return make


class Happening(Standing, TriggerStand):
    uses = "stripe.new_event"

    def __init__(self, peer, context):
        self.peer = peer
        self._context = context

    def context(self):
        return self._context(Follow, existing="read")

    async def add(self, count):
        self.peer.now += 600
        return [self.peer.happen()["id"] for _ in range(count)]

    async def add_late(self):
        return self.peer.happen(created=self.peer.now - 120)["id"]

    async def repeat(self):
        self.peer.events[-1]["pending_webhooks"] = 1


class TestNewEvent(TriggerContract):
    @pytest.fixture
    async def stand(self, peer, context):
        return Happening(peer, context)


class Adding(Standing, WordingStand):
    uses = "stripe.create_customer"
    token = None  # the mark tells, as the peer's clock stands still

    def __init__(self, around, connection, peer):
        super().__init__(around, connection)
        self.peer = peer

    def settings(self, words):
        return fill(Create, {"name": words, "email": "a@example.com" if words != "bad" else "nobody"})

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def bad_record(self):
        return self.worded("bad", "bad")

    async def rows(self):
        return [(one["id"], one["name"]) for one in self.peer.customers if not one.get("deleted")]

    async def drift(self):
        self.peer.frozen = True


class Charging(Adding):
    uses = "stripe.create_invoice_item"

    def settings(self, words):
        customer = "cus_9" if words == "bad" else "cus_0"
        return fill(Charge, {"customer": customer, "amount": "118.50", "currency": "EUR", "description": words})

    async def rows(self):
        return [(one["id"], one["amount"], one["currency"], one["description"]) for one in self.peer.items]

    async def drift(self):
        self.peer.customers[0]["deleted"] = True


class TestCreateCustomer(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, around, connection, peer):
        return Adding(around, connection, peer)


class TestCreateInvoiceItem(TargetContract):
    many = 300

    @pytest.fixture
    async def stand(self, around, connection, peer):
        peer.add_customer(name="Example")
        return Charging(around, connection, peer)


async def test_goes_on_with_a_backlog_and_finds_what_happened_meanwhile(peer, context):
    _ = [peer.happen(created=BEGINNING - at * 600) for at in range(250)]
    reading = new_event(context(Follow, existing="read"), None)
    first = [item async for item in _until_cursor(reading)]
    meanwhile = peer.happen()
    rest, cursor = await read(Happening(peer, context), first[-1].cursor)
    last, _ = await read(Happening(peer, context), cursor)
    assert len({item.key for item in [*first, *rest]}) == len(first) + len(rest) == 250
    assert [item.key for item in last] == [meanwhile["id"]]


async def test_skips_what_is_there_and_takes_the_types_that_are_asked_for(peer, context):
    peer.happen()
    peer.happen("customer.created")
    asking = context(Follow, types=["customer.*"])
    [base] = [item async for item in new_event(asking, None)]
    peer.happen()
    peer.happen("customer.updated")
    items = [item async for item in new_event(asking, base.cursor)]
    assert (base.content, [item.title for item in items]) == (None, ["customer.updated"])
    named = context(Follow, types=["customer.created"], existing="read")
    assert [item.title async for item in new_event(named, None)] == ["customer.created"]
    assert peer.calls[-1].arguments["types"] == ["customer.created"]


def called(event=EVENT, *, age=0, secret=SECRET, header=""):
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    moment = str(int(time.time()) - age)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return WebhookRequest(
        body=body, headers={"stripe-signature": header or f"t={moment},v1={'0' * 64}, v1={digest},v0=1"}, query={}
    )


def test_takes_signed_events(connection):
    [item] = event_received(called(), Sent(), connection)
    assert (item.key, item.title, item.subject) == ("evt_1", "invoice.paid", "in_1")
    assert (item.content["object"]["amount_paid"], item.content["previous"]) == (11_850, {"paid": False})
    assert event_received(called(), fill(Sent, {"types": ["customer.*"]}), connection) == []
    assert event_received(called(), fill(Sent, {"live": "live"}), connection) == []
    assert len(event_received(called(), fill(Sent, {"live": "test", "types": ["invoice.*"]}), connection)) == 1


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: called(age=400), "too old"),
        (lambda: called(age=-400), "too old"),
        (lambda: called(secret="other"), "not signed with"),
        (lambda: called(header="v1=0"), "not signed by Stripe"),
        (lambda: called(header="t=1e9,v1=ä"), "not signed by Stripe"),
        (lambda: called(header=f"t={'9' * 5000}"), "not signed by Stripe"),
    ],
    ids=["old", "early", "forged", "no time", "strange", "endless"],
)
def test_refuses_calls_that_are_not_signed(connection, made, said):
    with pytest.raises(CredentialsError, match=said):
        event_received(made(), Sent(), connection)
    with pytest.raises(CredentialsError, match="no signing secret"):
        event_received(made(), Sent(), msgspec.structs.replace(connection, webhook_secret=Secret("")))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"[" * 100_000, b'{"id":"evt_1","type":"v2.core.event","created":"2026-11-22"}']
)
def test_refuses_calls_that_are_no_events(connection, body):
    with pytest.raises(SettingsError, match="no event of Stripe's"):
        event_received(called(body), Sent(), connection)


async def test_writes_once_when_the_answer_is_lost(peer, context):
    peer.fail(Fault(kind="cut", verb="POST", late=True, times=1))
    adding = context(Create, name="Example", metadata={"order": 17})
    with pytest.raises(TemporaryError) as lost:
        await create_customer(adding, Record(key="a"))
    repeated = await create_customer(adding, Record(key="a"))
    found = await given(create_customer.finder)(adding, Record(key="a"), None)
    assert (lost.value.uncertain, len(peer.customers), found) == (True, 1, repeated)
    [peer.add_customer(name="Since") for _ in range(2_000)]
    with pytest.raises(SettingsError, match="nobody can tell whether the customer is among it"):
        await given(create_customer.finder)(adding, Record(key="a"), None)
    del peer.customers[1:]
    assert (await find_customer(context(Find, customer="cus_0")))["first"]["metadata"] == {"order": "17"}
    with pytest.raises(SettingsError, match="another record under this key"):
        await create_customer(context(Create, name="Other"), Record(key="a"))


async def test_changes_a_customer_and_puts_it_back(peer, context):
    peer.add_customer(name="Exampel", metadata={"a": "1"})
    before = json.loads(json.dumps(peer.customers[0]))
    changing = context(Update, customer="cus_0", name="Example", phone="1", metadata={"a": "2", "b": "3"})
    [[change]] = await given(update_customer.previewer)(changing, [Record(key="b")])
    assert peer.writes == 0
    receipt = await update_customer(changing, Record(key="b"))
    assert change.before == {"name": "Exampel", "phone": None, "metadata": {"a": "1", "b": None}}
    assert isinstance(await given(update_customer.finder)(changing, Record(key="b"), None), Receipt)
    await given(update_customer.undoer)(changing, receipt)
    assert peer.customers[0] == before
    with pytest.raises(SettingsError, match="changed again"):
        await given(update_customer.undoer)(changing, receipt)
    assert await given(update_customer.finder)(changing, Record(key="b"), None) is None


async def test_deletes_no_customer_that_is_in_use(peer, context):
    receipt = await create_customer(context(Create, name="Example"), Record(key="a"))
    peer.subscriptions.append(sample(peer.schemas, "subscription"))
    with pytest.raises(SettingsError, match="subscriptions by now"):
        await given(create_customer.undoer)(context(Create), receipt)
    assert not peer.customers[0].get("deleted")


async def test_finds_customers(peer, context):
    _ = [peer.add_customer(email="a@example.com", name=str(at)) for at in range(3)]
    peer.add_customer(email="b@example.com", deleted=True)
    found = await find_customer(context(Find, email="a@example.com", limit=2))
    assert (found["count"], found["first"]["name"]) == (2, "2")
    assert (await find_customer(context(Find, customer="cus_3")))["count"] == 0
    with pytest.raises(SettingsError, match="No such customer"):
        await find_customer(context(Find, customer="cus_9"))
    with pytest.raises(SettingsError, match="nobody to look for"):
        await find_customer(context(Find))


@pytest.mark.parametrize(
    ("amount", "currency", "unit", "units"),
    [
        ("118.50", "eur", "main", 11_850),
        ("-3", "USD", "main", -300),
        ("500", "JPY", "main", 500),
        ("1.234", "KWD", "main", 1234),
        ("11850", "EUR", "smallest", 11_850),
        ("500", "UGX", "smallest", 500),
    ],
)
def test_counts_amounts_as_stripe_does(amount, currency, unit, units):
    settings = fill(Charge, {"customer": "cus_0", "amount": amount, "currency": currency, "unit": unit})
    assert charged(settings) == {"customer": "cus_0", "amount": units, "currency": currency.lower()}


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("1.005", "EUR", "more decimals"),
        ("1.5", "JPY", "more decimals"),
        ("1,5", "EUR", "no amount"),
        ("NaN", "EUR", "no amount"),
        ("1e99999", "EUR", "no amount"),
        ("5", "UGX", "smallest unit"),
        ("5", "Euro", "no currency"),
    ],
)
async def test_takes_no_amount_that_could_be_another(peer, context, amount, currency, said):
    with pytest.raises(SettingsError, match=said):
        await create_invoice_item(context(Charge, customer="cus_0", amount=amount, currency=currency), Record(key="a"))
    assert peer.writes == 0


async def test_names_a_key_that_may_not(around, peer, connection):
    context = around.context(NoSettings(), msgspec.structs.replace(connection, account="acct_1"))
    await check(connection, context)
    assert peer.calls[-1].request.headers["Stripe-Account"] == "acct_1"
    peer.fail(Fault(status=403, body={"error": {"message": "The key does not have the required permissions."}}))
    with pytest.raises(CredentialsError, match="required permissions"):
        await check(connection, context)
    peer.recover()
    peer.fail(Fault(status=409, body={"error": {"message": "There is another request in progress"}}))
    with pytest.raises(TemporaryError, match="still busy"):
        await check(connection, context)
    with pytest.raises(ValueError, match="publishable key"):
        fill(Connection, {"key": "pk_live_1"})


async def _until_cursor(reading):
    async for item in reading:
        yield item
        if item.cursor is not None:
            return
