"""Outbound messages of Salesforce: believed of nobody else, read in the jail, told with the records as they stand."""

import msgspec
import pytest

from connectors.salesforce import event_received
from connectors.salesforce.connection import Connection
from connectors.salesforce.events import ACKNOWLEDGED
from connectors.salesforce.settings import Told
from connectors.sdk import CredentialsError, Secret, SettingsError, TemporaryError, WebhookRequest
from tests.peers.faults import Fault
from tests.peers.salesforce_outbound import ACTION, ORGANISATION, WEBHOOK_SECRET, acknowledged, message

RECORD = "003000000000001AAA"
# As the documentation shows one, with the type that a description leaves to the element
SHOWN = f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{ORGANISATION}</OrganizationId>
   <ActionId>{ACTION}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/62.0</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/62.0</PartnerUrl>
   <Notification>
    <Id>04l000000000001AAA</Id>
    <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>{RECORD}</sf:Id>
     <sf:LastName>Forged</sf:LastName>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>"""
LAUGHS = '<!DOCTYPE x [<!ENTITY a "a"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.fixture
def calling(connection):
    """Return the connection of whoever expects calls."""
    return msgspec.structs.replace(connection, webhook_secret=Secret(WEBHOOK_SECRET), organisation=ORGANISATION)


@pytest.fixture
def take(around, calling):
    """Return what comes of a message."""

    async def make(body, secret=WEBHOOK_SECRET, known=calling, **settings):
        call = WebhookRequest(body=body, headers={"content-type": "text/xml"}, query={"secret": secret})
        asked = Told(**settings)
        return await event_received(call, asked, known, around.context(asked, known))

    return make


def added(peer, *names):
    return [peer.kept.add({"LastName": name})["id"] for name in names]


async def test_tells_the_records_as_they_stand_and_knows_them_again(take, peer):
    first, second = added(peer, "Ada", "Bob")
    body = message([second, first])
    items = await take(body)
    assert [(item.subject, item.title, item.content["message"]) for item in items] == [
        (second, "Bob", ACTION),
        (first, "Ada", ACTION),
    ]
    assert items[0].content["fields"]["LastName"] == "Bob"
    assert [item.key for item in await take(body)] == [item.key for item in items] != [first, second]


async def test_reads_a_message_as_the_documentation_shows_it(take, peer):
    [record] = added(peer, "Ada")
    [item] = await take(SHOWN.encode(), fields=("LastName",))
    assert (item.key, item.subject, record) == ("04l000000000001AAA", RECORD, RECORD)
    assert set(item.content["fields"]) == {"Id", "SystemModstamp", "LastName"}


async def test_asks_for_as_many_as_a_message_can_tell_of_in_one_request(take, peer):
    records = added(peer, *(f"P{number}" for number in range(100)))
    assert len(await take(message(records))) == 100
    assert len(peer.soql) == 1


def test_answers_what_salesforce_waits_for():
    assert event_received.answer is ACKNOWLEDGED
    assert ACKNOWLEDGED.media_type == "text/xml"
    assert acknowledged(ACKNOWLEDGED.text.encode())


async def test_leaves_out_what_is_gone_and_says_so_when_nothing_is_there(take, peer):
    first, second = added(peer, "Ada", "Bob")
    peer.kept.get(first)["archived"] = True
    assert [item.subject for item in await take(message([first, second]))] == [second]
    with pytest.raises(SettingsError, match="none of the records"):
        await take(message([first]))


@pytest.mark.parametrize("secret", ["", "guessed", "ä"])
async def test_believes_no_message_without_the_secret(take, peer, secret):
    with pytest.raises(CredentialsError, match="does not bring this connection's webhook secret"):
        await take(message(added(peer, "Ada")), secret)
    assert peer.soql == []


async def test_believes_no_message_of_another_organisation(take, peer, calling):
    body = message(added(peer, "Ada"), organisation="00D5g000004abceEAA")
    with pytest.raises(CredentialsError, match="another organisation"):
        await take(body)
    with pytest.raises(CredentialsError, match="has no organisation id"):
        await take(body, known=msgspec.structs.replace(calling, organisation=""))
    assert peer.soql == []


async def test_takes_the_organisation_id_as_setup_shows_it(take, peer, calling):
    short = msgspec.structs.replace(calling, organisation=f" {ORGANISATION[:15]} ")
    assert len(await take(message(added(peer, "Ada")), known=short)) == 1


@pytest.mark.parametrize("lacks", [{"webhook_secret": Secret("")}, None])
async def test_believes_nobody_while_no_secret_is_agreed(take, calling, lacks):
    known: Connection | None = lacks and msgspec.structs.replace(calling, **lacks)
    with pytest.raises(CredentialsError, match="nobody can tell that Salesforce is calling"):
        await take(message([RECORD]), "", known)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "no outbound message"),
        ('{"ticket": 1}', "no outbound message"),
        ("<a/>", "no outbound message"),
        ("<a>" * 50_000, "no outbound message"),
        (SHOWN.replace("?>", f"?>{LAUGHS}"), "no outbound message"),
        (SHOWN.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">'), "no outbound message"),
        (SHOWN.replace("Notification>", "Other>"), "1 to 100 records; this one of 0"),
        (
            SHOWN.replace("</notifications>", f"{'<Notification/>' * 100}</notifications>"),
            "1 to 100 records; this one of 101",
        ),
        (SHOWN.replace(RECORD, "x' OR Id != null OR Id = '"), "An id in it is none"),
        (SHOWN.replace("sf:Id", "sf:Name"), "An id in it is none"),
        (SHOWN.replace("sObject", "other"), "no outbound message"),
        (SHOWN.replace("sf:Contact", "sf:User"), "tells of User, but the recipe takes Contact"),
    ],
)
async def test_refuses_what_is_no_message(take, peer, body, said):
    added(peer, "Ada")
    with pytest.raises(SettingsError, match=said):
        await take(body.encode())
    assert peer.soql == []


async def test_lets_salesforce_try_again_while_it_cannot_be_asked(take, peer):
    body = message(added(peer, "Ada"))
    peer.fail(Fault(status=503, body=[], times=1))
    with pytest.raises(TemporaryError):
        await take(body)
    assert len(await take(body)) == 1
