"""What the header of a mail states, for fields that ask for it."""

from __future__ import annotations

from email.utils import getaddresses

from hub.extraction.findings import Finding
from hub.extraction.reading import EmbeddedValue, Reading
from hub.extraction.rules.vocabulary import format_of, key
from hub.extraction.schemas.fields import Field, FieldType, Format, Leaf, Schema, leaves
from hub.extraction.stated.as_typed import Typing

ENGINE, CONFIDENCE = "embedded", 0.97
# What fields that mean a part of the header are called.
NAMES = {
    "subject": frozenset(
        [*("subject", "mailsubject", "emailsubject"), *("betreff", "objet", "asunto", "oggetto", "onderwerp")]
    ),
    "from": frozenset(
        [
            *("from", "sender", "mailfrom", "emailfrom", "senderemail", "sendermail", "sendername", "senderaddress"),
            *("fromaddress", "fromemail", "fromname", "absender", "expediteur", "remitente", "mittente", "afzender"),
        ]
    ),
    "to": frozenset(
        [*("to", "recipient", "recipients", "mailto", "emailto"), *("empfanger", "destinataire", "destinatario")]
    ),
    "cc": frozenset(("cc", "copy", "copies")),
    "message-id": frozenset(("messageid", "mailid", "emailid")),
    "date": frozenset(
        [
            *("sent", "sentat", "senton", "sentdate", "datesent", "received", "receivedat", "receiveddate"),
            *("maildate", "emaildate", "gesendet", "envoye"),
        ]
    ),
}
# Only a schema that is about mails means the mail by these.
OF_MAILS = {"date": frozenset(("date", "datetime", "time", "timestamp", "datum"))}


def find(reading: Reading, schema: Schema) -> dict[str, Finding]:
    """The parts of the header that fields of the schema are called after."""
    header = {value.path: value for file in reading.embedded if file.kind == "mail" for value in file.values}
    if not header:
        return {}
    typing = Typing(reading.text)
    fields = list(leaves(schema.spec.fields))
    about_mails = any(key(leaf.field.name) in NAMES["subject"] for leaf in fields)
    found: dict[str, Finding] = {}
    for leaf in fields:
        value = header.get(_part(leaf, about_mails=about_mails) or "")
        if value is not None:
            found.update(_findings(leaf, value, typing))
    return found


def _part(leaf: Leaf, *, about_mails: bool) -> str | None:
    names = {key(leaf.field.name), key(leaf.path.replace(".", " "))}
    parts = [part for part, known in NAMES.items() if names & known]
    parts += [part for part, known in OF_MAILS.items() if about_mails and names & known]
    return parts[0] if parts else None


def _findings(leaf: Leaf, value: EmbeddedValue, typing: Typing) -> dict[str, Finding]:
    people = value.path in {"from", "to", "cc"}
    texts = _people(leaf.field, str(value.value)) if people else [str(value.value)]
    typed = [one for text in texts if (one := typing.value(leaf.field, text)) is not None]
    if leaf.field.type is FieldType.LIST:
        return {f"{leaf.path}[{number}]": _finding(value, one) for number, one in enumerate(typed)}
    if leaf.field.type is FieldType.TABLE or not typed:
        return {}
    return {leaf.path: _finding(value, typed[0] if len(typed) == 1 or not people else ", ".join(map(str, typed)))}


def _people(field: Field, written: str) -> list[str]:
    """Names, addresses, or both, as the field asks."""
    pairs = [pair for pair in getaddresses([written[:20_000]]) if any(pair)]
    name = key(field.name)
    if format_of(field) is Format.EMAIL or name.endswith(("email", "mail", "address")):
        return [address for _, address in pairs if address]
    if format_of(field) is Format.NAME or name.endswith("name"):
        return [who or address for who, address in pairs]
    return [f"{who} <{address}>" if who and address else who or address for who, address in pairs]


def _finding(value: EmbeddedValue, typed: str | float | bool) -> Finding:
    return Finding(
        value=typed,
        confidence=CONFIDENCE,
        engine=ENGINE,
        file="header",
        selector=value.selector,
        written=value.text,
    )
