"""The engine for values that a source states itself: electronic invoices, forms, schema.org, headers of mails."""

from __future__ import annotations

from collections.abc import Iterator

from hub.extraction.findings import Finding, Findings
from hub.extraction.reading import EmbeddedValue, Reading
from hub.extraction.rules.vocabulary import concepts_of
from hub.extraction.schemas.fields import FieldType, Leaf, Schema, leaves
from hub.extraction.stated import forms, mails, rows, schema_org

ENGINE = "embedded"
CONFIDENCE = 0.99
# Which field of an electronic invoice a field of another schema means.
_CONCEPTS = {
    "number": "invoice_number",
    "issue_date": "issue_date",
    "due_date": "due_date",
    "purchase_order": "purchase_order",
    "currency": "currency",
    "net": "net",
    "tax": "tax",
    "total": "total",
    "iban": "iban",
}


def find(reading: Reading, schema: Schema) -> Findings:
    """Return what is stated, under the paths of the schema; the rows of a table are those of one statement."""
    findings: Findings = {}
    for source in (rows.find, _invoices, forms.find, schema_org.find, mails.find):
        tables = {path.partition("[")[0] for path in findings if "[" in path}
        for path, finding in source(reading, schema).items():
            if path.partition("[")[0] not in tables:
                findings.setdefault(path, finding)
    return findings


def _invoices(reading: Reading, schema: Schema) -> Findings:
    """What an embedded invoice states."""
    known = {leaf.path: leaf for leaf in leaves(schema.spec.fields)}
    findings: Findings = {}
    for file in reading.embedded:
        for value in file.values if file.kind == "invoice" else ():
            for path in _paths(value, known, schema):
                findings.setdefault(
                    path,
                    Finding(
                        value=value.value,
                        confidence=CONFIDENCE,
                        engine=ENGINE,
                        file=file.name,
                        selector=value.selector,
                        written=value.text,
                    ),
                )
    return findings


def _paths(value: EmbeddedValue, known: dict[str, Leaf], schema: Schema) -> Iterator[str]:
    table, row, column = value.path.partition("[")
    if row:
        leaf = known.get(table)
        name = column.rpartition(".")[2]
        if leaf and leaf.field.type is FieldType.TABLE and any(field.name == name for field in leaf.field.fields):
            yield value.path
        return
    if value.path in known:
        yield value.path
        return
    concept = _CONCEPTS.get(value.path)
    for leaf in known.values():
        if concept and concept in concepts_of(leaf, schema.name):
            yield leaf.path
