"""Outbound messages as Salesforce sends them: a SOAP client writes them, and reads answers, by their description."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from zeep import Client

DESCRIPTION = Path(__file__).parent / "descriptions" / "salesforce_outbound.wsdl"
ORGANISATION = "00D5g000004abcdEAA"
ACTION = "04k5g000000xyzAAAQ"
WEBHOOK_SECRET = "M4deUpAndLong"
_CONTACT = "{urn:sobject.enterprise.soap.sforce.com}Contact"


def message(records: Sequence[str], *, organisation: str = ORGANISATION) -> bytes:
    """Write a message that tells of contacts, each under an id of its own that is the same when it is told again."""
    contact = _client().get_type(_CONTACT)
    told = [{"Id": f"04l{record[3:]}", "sObject": contact(Id=record, LastName="Forged")} for record in records]
    envelope = _client().create_message(
        _client().service,
        "notifications",
        OrganizationId=organisation,
        ActionId=ACTION,
        SessionId="00D5g000004abcd!session",
        EnterpriseUrl="https://acme.my.salesforce.com/services/Soap/c/62.0",
        PartnerUrl="https://acme.my.salesforce.com/services/Soap/u/62.0",
        Notification=told,
    )
    return etree.tostring(envelope)


def acknowledged(answer: bytes) -> bool:
    """Tell whether an answer is what Salesforce waits for."""
    operation: Any = _client().service._binding.get("notifications")
    return operation.process_reply(etree.fromstring(answer)) is True


@cache
def _client() -> Client:
    return Client(str(DESCRIPTION))
