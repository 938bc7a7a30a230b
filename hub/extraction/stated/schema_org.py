"""Which field of a schema a property of schema.org fills: by what it means for its type, or by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.extraction.findings import Finding
from hub.extraction.reading import Reading
from hub.extraction.rules.vocabulary import column_concepts, concepts_of, format_of, key, own_labels
from hub.extraction.schemas.fields import Field, FieldType, Format, Leaf, Schema, leaves
from hub.extraction.stated.as_typed import Typing
from hub.extraction.stated.items import Item, Property, items_of

ENGINE, CONFIDENCE = "embedded", 0.95
ARTICLES = frozenset(("BlogPosting", "Report", "LiveBlogPosting", "SocialMediaPosting", "DiscussionForumPosting"))
# By kind of item: the concepts of our vocabulary that its properties mean, the best first.
MEANS: dict[str, dict[str, tuple[str, ...]]] = {
    "Invoice": {
        "invoice_number": ("confirmationNumber", "identifier", "identifier.value"),
        "issue_date": ("dateCreated", "datePublished", "dateIssued"),
        "due_date": ("paymentDueDate", "paymentDue"),
        "purchase_order": ("referencesOrder.orderNumber",),
        "supplier": ("provider.name", "provider", "broker.name", "seller.name"),
        "customer": ("customer.name", "customer"),
        "tax_id": ("provider.vatID", "provider.taxID"),
        "customer_tax_id": ("customer.vatID", "customer.taxID"),
        "address": ("provider.address",),
        "total": ("totalPaymentDue.price", "totalPaymentDue.value"),
        "currency": ("totalPaymentDue.priceCurrency", "totalPaymentDue.currency"),
    },
    "Order": {
        "order_number": ("orderNumber",),
        "purchase_order": ("orderNumber",),
        "order_date": ("orderDate",),
        "date": ("orderDate",),
        "supplier": ("seller.name", "merchant.name", "seller", "merchant"),
        "merchant": ("merchant.name", "seller.name", "merchant", "seller"),
        "buyer": ("customer.name", "customer"),
        "customer": ("customer.name", "customer"),
        "total": ("price", "total", "priceSpecification.price", "partOfInvoice.totalPaymentDue.price"),
        "currency": ("priceCurrency", "priceSpecification.priceCurrency"),
        "delivery_date": ("orderDelivery.expectedArrivalUntil", "orderDelivery.expectedArrivalFrom"),
        "payment_method": ("paymentMethod.name", "paymentMethod"),
    },
    "Article": {
        "title": ("headline", "name"),
        "author": ("author.name", "author", "creator.name"),
        "published": ("datePublished", "dateCreated"),
        "updated": ("dateModified",),
        "site": ("publisher.name", "isPartOf.name"),
        "language": ("inLanguage", "inLanguage.alternateName"),
        "text": ("articleBody",),
    },
    "Person": {
        "name": ("name",),
        "first_name": ("givenName",),
        "last_name": ("familyName",),
        "email": ("email",),
        "phone": ("telephone",),
        "birth_date": ("birthDate",),
        "nationality": ("nationality.name", "nationality"),
        "location": ("address.addressLocality", "address"),
        "website": ("url",),
        "summary": ("description",),
        "skills": ("skills", "knowsAbout"),
    },
}
# What a property means in an item of any kind.
ANY = {"currency": ("priceCurrency", "offers.priceCurrency", "currency"), "phone": ("telephone",)}
# What the columns of line items are called in lists of offers and ordered things.
COLUMNS = {
    "description": ("itemOffered.name", "orderedItem.name", "item.name", "name", "description"),
    "quantity": ("orderQuantity", "eligibleQuantity.value", "quantity", "amountOfThisGood"),
    "unit_price": ("price", "priceSpecification.price", "offers.price", "orderedItem.offers.price"),
    "sku": ("itemOffered.sku", "orderedItem.sku", "sku"),
    "unit": ("eligibleQuantity.unitText",),
}
ADDRESSES = frozenset(("address", "location", "ship_to"))
LINES = ("acceptedOffer", "orderedItem", "itemListElement")
# How many fields must agree by name when neither the type nor the schema's name says that they mean the same.
FEWEST = 3


def find(reading: Reading, schema: Schema) -> dict[str, Finding]:
    """What the item that fits the schema best states about its fields."""
    typing = Typing(reading.text)
    found = [_fill(item, schema, typing) for item in items_of(reading)]
    return max(found, key=len, default={})


def _fill(item: Item, schema: Schema, typing: Typing) -> dict[str, Finding]:
    kinds = {_kind(one) for one in item.types}
    means = next((MEANS[kind] for kind in kinds if kind in MEANS), ANY)
    fields = list(leaves(schema.spec.fields))
    found: dict[str, Finding] = {}
    for leaf in fields:
        if leaf.field.type is FieldType.TABLE:
            found.update(_rows(item, leaf, typing))
        else:
            found.update(_values(item, leaf, _matching(item, leaf, schema, means), typing))
    single = sum("[" not in path for path in found)
    fits = any(_alike(one, schema) for one in (*item.types, *kinds))
    return found if fits or single >= FEWEST else {}


def _kind(one: str) -> str:
    return "Article" if one.endswith("Article") or one in ARTICLES else one


def _alike(one: str, schema: Schema) -> bool:
    """Whether the schema is called after the type: product_page and Product."""
    names = (key(schema.name), key(schema.metadata.title))
    return any(key(one) in name or (name and name in key(one)) for name in names)


def _matching(item: Item, leaf: Leaf, schema: Schema, means: dict[str, tuple[str, ...]]) -> list[Property]:
    """The properties that fill a field, the best first."""
    by_path: dict[str, list[Property]] = {}
    for one in item.properties:
        by_path.setdefault(one.path, []).append(one)
    concepts = concepts_of(leaf, schema.name)
    if format_of(leaf.field) is Format.ADDRESS:
        # An address is announced by whose it is.
        concepts &= ADDRESSES
    meant = [path for concept in concepts for path in means.get(concept, ()) if path in by_path]
    if meant:
        return by_path[meant[0]]
    place = key(leaf.path.replace(".", " "))
    wanted = {place} if leaf.parents else {label for label, weak in own_labels(leaf.field).items() if not weak}
    named = sorted({one.path for one in item.properties if one.keys & wanted}, key=lambda path: path.count("."))
    return by_path[named[0]] if named else []


def _values(item: Item, leaf: Leaf, properties: Sequence[Property], typing: Typing) -> Iterator[tuple[str, Finding]]:
    found = [(one, value) for one in properties if (value := typing.value(leaf.field, one.value)) is not None]
    if leaf.field.type is FieldType.LIST:
        for number, (one, value) in enumerate(found):
            yield f"{leaf.path}[{number}]", _finding(item, one, value)
    elif found:
        yield leaf.path, _finding(item, *found[0])


def _rows(item: Item, leaf: Leaf, typing: Typing) -> Iterator[tuple[str, Finding]]:
    labels = own_labels(leaf.field)
    name = next((one for one in item.lists if key(one) in labels), None) or next(
        (one for one in LINES if one in item.lists and any(map(column_concepts, leaf.field.fields))), None
    )
    for number, row in enumerate(item.lists[name] if name else ()):
        for column in leaf.field.fields:
            one = _cell(row, column)
            value = typing.value(column, one.value) if one else None
            if one and value is not None:
                yield f"{leaf.path}[{number}].{column.name}", _finding(item, one, value)


def _cell(row: Sequence[Property], column: Field) -> Property | None:
    paths = [path for concept in column_concepts(column) for path in COLUMNS.get(concept, ())]
    meant = next((one for path in paths for one in row if one.path == path), None)
    labels = own_labels(column)
    return meant or next((one for one in row if one.keys & labels.keys()), None)


def _finding(item: Item, one: Property, value: str | float | bool) -> Finding:
    return Finding(
        value=value,
        confidence=CONFIDENCE,
        engine=ENGINE,
        file=item.file,
        selector=one.selector,
        written=str(one.value)[:1000],
    )
