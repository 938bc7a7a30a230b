"""Outbound messages of Salesforce: SOAP that tells which records a flow is about, read in a child process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from connectors.sdk import SettingsError

if TYPE_CHECKING:
    from lxml import etree

# So many records does one message tell of at most
MOST = 100
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_RECORD = "{urn:sobject.enterprise.soap.sforce.com}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_IDENTITY = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")
_OTHER = "The call is no outbound message of Salesforce's."


class Notification(msgspec.Struct, frozen=True):
    """What a flow tells of one record: the same id for every time that it is told."""

    id: str
    object: str
    record: str


class Message(msgspec.Struct, frozen=True):
    """Who tells, by which outbound message, and of what."""

    organisation: str
    action: str
    notifications: list[Notification]


def read_message(content: bytes) -> Message:
    """Read who sends a message and the ids in it; its session and the values of fields stay behind."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise SettingsError(_OTHER) from error
    told = root.find(f"{_ENVELOPE}Body/{_OUTBOUND}notifications")
    # SOAP has no document types, and whoever sends one has nothing good in mind
    if told is None or root.tag != f"{_ENVELOPE}Envelope" or root.getroottree().docinfo.internalDTD is not None:
        raise SettingsError(_OTHER)
    found = told.findall(f"{_OUTBOUND}Notification")
    if not 0 < len(found) <= MOST:
        raise SettingsError(f"An outbound message tells of 1 to {MOST} records; this one of {len(found):,}.")
    return Message(
        organisation=_identity(told, f"{_OUTBOUND}OrganizationId"),
        action=_identity(told, f"{_OUTBOUND}ActionId"),
        notifications=[_notification(one) for one in found],
    )


def _notification(element: etree._Element) -> Notification:
    about = element.find(f"{_OUTBOUND}sObject")
    if about is None:
        raise SettingsError(_OTHER)
    return Notification(
        id=_identity(element, f"{_OUTBOUND}Id"),
        object=about.get(_TYPE, "").rpartition(":")[2][:80],
        record=_identity(about, f"{_RECORD}Id"),
    )


def _identity(element: etree._Element, name: str) -> str:
    text = (element.findtext(name) or "").strip()
    if not _IDENTITY.fullmatch(text):
        raise SettingsError(f"{_OTHER} An id in it is none.")
    return text
