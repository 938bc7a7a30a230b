"""What a source states about itself fills the fields that mean it, and no others."""

import json
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import pytest

from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.starter import starter
from hub.extraction.stated import embedded
from tests.extraction.conftest import schema_of
from tests.reading.mails import mail
from tests.reading.pdfs import pdf
from tests.reading.test_forms import application

NEWS = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "The Daily", "url": "https://daily.example"},
        {
            "@type": "NewsArticle",
            "headline": "Bees &amp; <b>other</b> insects",
            "author": [{"@type": "Person", "name": "Ann Author"}],
            "datePublished": "2024-05-01T10:00:00Z",
            "publisher": {"@type": "Organization", "name": "The Daily"},
            "inLanguage": "en",
        },
    ],
}
PRODUCT = {
    "@type": "Product",
    "name": "Lamp",
    "sku": "L-1",
    "brand": {"@type": "Brand", "name": "Acme"},
    "offers": {"price": "40.00", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"},
}
ORDER = {
    "@type": "Order",
    "orderNumber": "A-1",
    "orderDate": "2024-05-01",
    "merchant": {"@type": "Organization", "name": "Lamps Ltd"},
    "priceCurrency": "EUR",
    "price": "80.00",
    "acceptedOffer": [
        {"itemOffered": {"name": "Lamp"}, "price": "30.00", "eligibleQuantity": {"value": "2"}},
        {"itemOffered": {"name": "Bulb"}, "price": 20, "eligibleQuantity": {"value": 1}},
    ],
}
INVOICE = {
    "@type": "http://schema.org/Invoice",
    "confirmationNumber": "INV-17",
    "provider": {"@type": "Organization", "name": "Acme", "vatID": "DE136695976"},
    "customer": {"@type": "Person", "name": "Bob"},
    "paymentDueDate": "2024-05-31",
    "totalPaymentDue": {"@type": "PriceSpecification", "price": 118.0, "priceCurrency": "EUR"},
}
EVENT = {
    "@type": "MusicEvent",
    "name": "Fair",
    "startDate": "2024-05-01T19:30",
    "location": {
        "name": "Hall",
        "address": {"@type": "PostalAddress", "streetAddress": "Main 1", "addressLocality": {"name": "Oslo"}},
    },
}
MICRODATA = b"""<html><body><div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Lamp</h1>
<span itemprop="brand" itemscope itemtype="https://schema.org/Brand"><span itemprop="name">Acme</span></span>
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><b itemprop="price" content="40.00">EUR 40</b>
<meta itemprop="priceCurrency" content="EUR"></div><meta itemprop="sku" content="L-1"></div></body></html>"""
SHOP = schema_of(
    name="string",
    sku="string",
    brand="string",
    price="money",
    currency={"type": "string", "format": "currency"},
    availability={"type": "enum", "options": ["InStock", "OutOfStock"]},
)
SHOWS = schema_of(name="string", start_date="datetime", location="string", location_address="string")


def _page(stated: object) -> bytes:
    script = stated if isinstance(stated, str) else json.dumps(stated)
    return f'<html><script type="application/ld+json">{script}</script><body><p>Words</p></body></html>'.encode()


def _called(schema: Schema, name: str) -> Schema:
    return Schema(metadata=type(schema.metadata)(name=name), spec=schema.spec)


def _found(content: bytes, schema: Schema) -> dict[str, Any]:
    return {path: one.value for path, one in embedded.find(read(Source(content)), schema).items()}


@pytest.mark.parametrize(
    ("content", "schema", "expected"),
    [
        (
            _page(NEWS),
            starter("article"),
            {
                "title": "Bees & other insects",
                "author": "Ann Author",
                "published": "2024-05-01",
                "site": "The Daily",
                "language": "en",
            },
        ),
        (
            _page(PRODUCT),
            _called(SHOP, "product"),
            {
                "name": "Lamp",
                "sku": "L-1",
                "brand": "Acme",
                "price": 40.0,
                "currency": "EUR",
                "availability": "InStock",
            },
        ),
        (
            MICRODATA,
            _called(SHOP, "product"),
            {"name": "Lamp", "sku": "L-1", "brand": "Acme", "price": 40.0, "currency": "EUR"},
        ),
        (
            _page([{"@type": "BreadcrumbList"}, ORDER]),
            starter("purchase_order"),
            {
                "number": "A-1",
                "date": "2024-05-01",
                "supplier": "Lamps Ltd",
                "currency": "EUR",
                "total": 80.0,
                "lines[0].description": "Lamp",
                "lines[0].quantity": 2.0,
                "lines[0].unit_price": 30.0,
                "lines[1].description": "Bulb",
                "lines[1].quantity": 1.0,
                "lines[1].unit_price": 20.0,
            },
        ),
        (
            _page(INVOICE),
            starter("invoice"),
            {
                "number": "INV-17",
                "due_date": "2024-05-31",
                "supplier.name": "Acme",
                "supplier.tax_id": "DE136695976",
                "customer.name": "Bob",
                "currency": "EUR",
                "total": 118.0,
            },
        ),
        (
            _page(EVENT),
            _called(SHOWS, "event"),
            {
                "name": "Fair",
                "start_date": "2024-05-01T19:30",
                "location": "Hall",
                "location_address": "Main 1, Oslo",
            },
        ),
    ],
)
def test_takes_what_schema_org_states(content: bytes, schema: Schema, expected: Mapping[str, Any]) -> None:
    assert _found(content, schema) == expected


@pytest.mark.parametrize(
    "stated",
    [
        {"@type": "Organization", "name": "Acme", "url": "https://acme.example", "address": "Main 1"},
        {"@type": "WebSite", "name": "Acme"},
        {"@type": "Person", "name": "Ann"},
        "{broken",
        "[" * 3000,
        '{"@type": ' * 500,
        [[]],
        {"@type": None},
        {"@graph": {"@type": "Invoice", "totalPaymentDue": ["x"], "provider": {"name": {}}}},
        5,
    ],
)
def test_items_about_something_else_fill_nothing(stated: object) -> None:
    assert _found(_page(stated), starter("invoice")) == {}


def test_says_where_the_page_states_it() -> None:
    finding = embedded.find(read(Source(_page(NEWS))), starter("article"))["author"]
    assert (finding.engine, finding.file, finding.selector) == (
        "embedded",
        "script[1]",
        "$.@graph[1].author[0].name",
    )


def test_takes_the_fields_of_a_form_by_name_and_by_label() -> None:
    schema = schema_of(full_name="string", date_of_birth="date", member="boolean", country="string", total="money")
    assert _found(pdf(application), schema) == {
        "full_name": "Ann Example",
        "date_of_birth": "1990-05-01",
        "member": True,
        "country": "Norway",
    }


MAILS = schema_of(
    subject="string",
    sender="string",
    sender_email={"type": "string", "format": "email"},
    recipients={"type": "list", "of": "string"},
    date="date",
    sent_at="datetime",
    message_id="string",
    total="money",
)


def test_takes_the_header_of_a_mail() -> None:
    assert _found(mail().as_bytes(), MAILS) == {
        "subject": "Rechnung für Mai",
        "sender": "Ann Müller <ann@beispiel.example>",
        "sender_email": "ann@beispiel.example",
        "recipients[0]": "Bob <bob@example.org>",
        "recipients[1]": "cy@example.org",
        "date": "2024-05-03",
        "sent_at": "2024-05-03T10:00:00+02:00",
        "message_id": "17.abc@beispiel.example",
    }


@pytest.mark.parametrize("schema", ["invoice", "purchase_order", "receipt", "contract", "article"])
def test_the_day_of_a_mail_is_no_day_of_a_document(schema: str) -> None:
    assert _found(mail().as_bytes(), starter(schema)) == {}


def test_a_mail_without_header_fields_states_nothing() -> None:
    letter = EmailMessage()
    letter["MIME-Version"], letter["From"] = "1.0", ""
    letter.set_content("words")
    assert _found(letter.as_bytes(), MAILS) == {}
