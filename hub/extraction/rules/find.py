"""The local engine: labels, tables, parties and prose, without any model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from hub.extraction.findings import Finding, Findings, from_candidate
from hub.extraction.reading import Reading
from hub.extraction.rules import by_form, narrative, payments, periods, roles, taxes
from hub.extraction.rules.candidates import Candidate, labelled
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.headers import headers
from hub.extraction.rules.line_items import line_items
from hub.extraction.rules.reconcile import choose
from hub.extraction.rules.unheaded import unheaded_items
from hub.extraction.rules.unknown_columns import told_by_values
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import FieldType, Leaf, Schema
from hub.extraction.values.conventions import ambiguous

ENGINE = "layout"
# An order without tax has one sum; where the schema asks for the total, it is that.
_ONLY_NET = 0.8
_UNSURE_DAY = 0.6
_PHRASE = 40


def find(reading: Reading, schema: Schema) -> Findings:
    """Apply the rules to a reading; what they do not find is not in the answer."""
    if not reading.spans:
        return {}
    document = Document(reading, schema)
    rows = dict(_tables(document))
    sources = (periods.offers, roles.offers, _labelled, taxes.offers, by_form.offers, payments.offers, narrative.offers)
    chosen = choose(chain.from_iterable(offers(document) for offers in sources), schema)
    chosen |= by_form.fallbacks(document, chosen)
    findings = {path: _finding(document, candidate) for path, candidate in {**chosen, **rows}.items()}
    return {**findings, **narrative.stated(document, findings)}


def _tables(document: Document) -> Iterator[Offer]:
    """Read the tables the schema asks for, and take their pieces out of the search for other fields."""
    for leaf in document.leaves:
        if leaf.field.type is not FieldType.TABLE:
            continue
        heads = [
            told_by_values(document.layout, header, leaf.field, document.conventions)
            for header in headers(document.layout, leaf.field)
        ]
        records, taken = line_items(document.search, leaf.field, heads)
        if not records:
            records = periods.records(document, leaf.field)
        if _is_row(document):
            records = [record for record in records if any(isinstance(one.value, str) for one in record.values())]
        elif not records:
            records = unheaded_items(document.search, leaf.field, taken)
        document.taken |= taken
        for index, record in enumerate(records):
            for name, candidate in record.items():
                yield f"{leaf.path}[{index}].{name}", candidate


def _is_row(document: Document) -> bool:
    """Whether it is one row of a sheet, whose sums are no rows of its own as long as no words say what they are for."""
    return any(file.kind == "row" for file in document.reading.embedded)


def _labelled(document: Document) -> Iterator[Offer]:
    for leaf in document.leaves:
        if leaf.field.type in {FieldType.TABLE, FieldType.LIST} or roles.is_share(document, leaf):
            continue
        field = msgspec.structs.replace(leaf.field, format=format_of(leaf.field))
        for candidate in labelled(document.search, field, document.labels_of(leaf), document.taken):
            if not (_in_sentences(document, leaf) and len(str(candidate.value)) > _PHRASE):
                yield leaf.path, candidate
        if "total" in document.concepts[leaf.path] and not any(document.meaning("net")):
            for candidate in labelled(document.search, field, {"net"}, document.taken):
                yield leaf.path, msgspec.structs.replace(candidate, score=candidate.score * _ONLY_NET)


def _in_sentences(document: Document, leaf: Leaf) -> bool:
    """The paragraph behind "Term" or "Governing law" is searched for the term and the law."""
    return bool(document.concepts[leaf.path] & {"term", "governing_law"})


def _finding(document: Document, candidate: Candidate) -> Finding:
    finding = from_candidate(candidate, ENGINE)
    written = " ".join(document.reading.text[start:end] for start, end in candidate.places)
    if _is_day(candidate) and ambiguous(written, document.conventions):
        problem = f"{written!r} may be read day first or month first, and nothing else in the document decides."
        return msgspec.structs.replace(
            finding, confidence=min(finding.confidence, _UNSURE_DAY), problems=(*finding.problems, problem)
        )
    return finding


def _is_day(candidate: Candidate) -> bool:
    return isinstance(candidate.value, str) and len(candidate.value) >= 10 and candidate.value[4:5] == "-"
