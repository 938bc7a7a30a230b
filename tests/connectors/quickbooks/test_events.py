"""QuickBooks: events that it sends, in the form of CloudEvents and the one before, and only with its signature."""

import base64
import hashlib
import hmac
import json

import pytest

from connectors.quickbooks import event_received
from connectors.quickbooks.connection import Connection
from connectors.quickbooks.events import Sent
from connectors.sdk import Answer, CredentialsError, SettingsError, WebhookRequest, fill
from tests.peers.quickbooks import COMPANY

TOKEN = "v-token"
# As Intuit's page "Understanding the data object" and its article of 12 November 2025 show them
CLOUD = {
    "specversion": "1.0",
    "id": "88cd52aa-33b6-4351-9aa4-47572edbd068",
    "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
    "type": "qbo.customer.merged.v1",
    "datacontenttype": "application/json",
    "time": "2026-09-10T21:31:25.179851517Z",
    "intuitentityid": "123",
    "intuitaccountid": COMPANY,
    "data": {"deletedid": "27"},
}
ENTITY = {"id": "1234", "operation": "Create", "name": "BillPayment", "lastUpdated": "2025-09-08T20:52:31.657Z"}


@pytest.fixture
def connection():
    return fill(Connection, {"client_id": "c", "client_secret": "s", "company": COMPANY, "verifier": TOKEN})


@pytest.fixture
def sent(connection):
    def send(body, settings=Sent(), token=TOKEN):  # noqa: B008  # it is frozen
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        digest = hmac.new(token.encode(), content, hashlib.sha256).digest()
        headers = {"intuit-signature": base64.b64encode(digest).decode()}
        return event_received(WebhookRequest(body=content, headers=headers, query={}), settings, connection)

    return send


def before(*entities, company=COMPANY):
    return {"eventNotifications": [{"realmId": company, "dataChangeEvent": {"entities": list(entities)}}]}


def test_reads_cloud_events(sent):
    [item] = sent([CLOUD])
    told = {"object": "Customer", "id": "123", "happened": "merged", "time": CLOUD["time"], "merged": "27"}
    told["url"] = "https://qbo.intuit.com/app/customerdetail?nameId=123"
    assert (item.content, item.key, item.title) == (told, CLOUD["id"], "Customer 123 merged")


def test_reads_the_form_before(sent):
    [item] = sent(before(ENTITY))
    told = {"object": "BillPayment", "id": "1234", "happened": "created", "time": ENTITY["lastUpdated"], "merged": None}
    told["url"] = None
    assert (item.content, item.subject) == (told, "1234")
    assert item.key == "BillPayment 1234 created 2025-09-08T20:52:31.657Z"


def test_is_answered_with_the_one_status_that_quickbooks_takes():
    assert event_received.answer == Answer()


def test_takes_each_event_of_this_company_once_and_what_is_wanted(sent):
    others = [{**CLOUD, "intuitaccountid": "1", "id": "a"}, {**CLOUD, "type": "qbo.bill.voided.v1", "id": "b"}]
    others += [{**CLOUD, "type": "payroll.employee", "id": "c"}, {**CLOUD, "type": "qbo.term.created.v2", "id": "d"}]
    events = [CLOUD, CLOUD, *others]
    assert [item.key for item in sent(events)] == [CLOUD["id"], "b", "d"]
    assert [item.key for item in sent(events, Sent(objects=["Bill"]))] == ["b"]
    assert [item.key for item in sent(events, Sent(happened=["created"]))] == ["d"]
    assert sent(before(ENTITY, company="1")) == []


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[[]]", b"\xff\xfe", b'{"eventNotifications": 7}', b"[" * 100_000, b'[{"id": "x"}]'),
        json.dumps([{**CLOUD, "id": "x" * 201}]).encode(),
    ],
    ids=len,
)
def test_refuses_what_is_no_notification(sent, body):
    with pytest.raises(SettingsError, match="no notification of QuickBooks"):
        sent(body)


def test_refuses_calls_that_quickbooks_did_not_sign(sent, connection):
    with pytest.raises(CredentialsError, match="not signed"):
        sent([CLOUD], token="another")
    with pytest.raises(CredentialsError, match="not signed"):
        event_received(WebhookRequest(body=b"[]", headers={"intuit-signature": "é"}, query={}), Sent(), connection)
    bare = fill(Connection, {"client_id": "c", "client_secret": "s", "company": COMPANY})
    with pytest.raises(CredentialsError, match="has no verifier token"):
        event_received(WebhookRequest(body=b"[]", headers={}, query={}), Sent(), bare)
