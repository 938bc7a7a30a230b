"""Which documents the set has: kind, layout, language and, for scans, the look, all named by the document's seed.

The two halves share most layouts but no document; some layouts are in one half only, so that the held-out half also
tells how rules do on makes they have never seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, product
from typing import Literal

import msgspec

from scripts.evaluation import articles, careers, contracts, forms, orders, receipts, scans
from scripts.evaluation import invoices_files as files
from scripts.evaluation import invoices_office as office
from scripts.evaluation import invoices_plain as plain
from scripts.evaluation import invoices_special as special
from scripts.evaluation.bill import Bill, Record, bill, expected
from scripts.evaluation.sheet import ALL, WESTERN, Sheet

Half = Literal["tuning", "heldout"]
Drawn = tuple[bytes, Record]
Draw = Callable[[random.Random], Drawn]
Layout = Callable[[Sheet, Bill], set[str]]

LANGUAGES = ("de", "en_gb", "fr", "es", "it", "nl", "pt", "pl", "en_us")
_SHARED: tuple[Layout, ...] = (
    plain.subscription, plain.band, plain.freelancer, plain.shop, office.reference_line, office.grid,
    office.carried, office.typewriter, special.wholesale, special.folio, special.credit,
)  # fmt: skip
_ONLY: dict[Half, tuple[Layout, ...]] = {
    "tuning": (plain.sidebar, office.columns_apart, special.many_rates),
    "heldout": (plain.captions, special.account, special.letter, special.cells_in_heads),
}
_FILES = (
    ("docx", files.word_table), ("html", files.web_lists), ("txt", files.text_columns), ("html", files.web_mail),
    ("docx", files.word_tabs),
)  # fmt: skip
_LOOKS = tuple(scans.LOOKS)
_SUFFIXES = ("pdf", "png", "jpg", "tiff", "pdf")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One document of the set; its name is its seed."""

    half: Half
    name: str
    schema: str
    draw: Draw
    look: str | None = None

    def make(self) -> Drawn:
        """Draw the document and return its bytes with the record it holds."""
        rng = random.Random(f"{self.half}/{self.name}")
        content, record = self.draw(rng)
        if self.look:
            content = scans.scan(content, self.look, self.name.rsplit(".", 1)[1], rng)
        return content, record


def catalogue(half: Half) -> list[Entry]:
    """Return the documents of one half, texts first."""
    return [*_texts(half), *_scans(half)]


def _texts(half: Half) -> Iterator[Entry]:
    languages = _languages(half)
    for layout in (*_SHARED, *_ONLY[half]):
        for turn in (1, 2):
            yield _invoice(half, layout, next(languages), turn)
    for turn, (suffix, make) in product((1, 2), _FILES):
        yield _invoice_file(half, suffix, make, next(languages), turn)
    for turn, name in product((1, 2, 3), receipts.LAYOUTS):
        yield _receipt(half, name, next(languages), turn)
    for turn, name in product((1, 2), orders.LAYOUTS):
        yield _order(half, name, next(languages), turn)
    yield from _prose(half)
    for turn in (1, 2):
        for name, form in forms.FORMS.items():
            yield Entry(half=half, name=f"{name}-{turn}.pdf", schema=f"{name}.yaml", draw=form)


def _prose(half: Half) -> Iterator[Entry]:
    forms_of = cycle(("pdf", "docx", "txt") if half == "tuning" else ("docx", "txt", "pdf"))
    for template in contracts.templates():
        form = next(forms_of)
        name = f"contract-{template.language}.{form}"
        draw = _bound(contracts.contract, template.language, form)
        yield Entry(half=half, name=name, schema="contract", draw=draw)
    layouts = cycle(("column", "sidebar", "word") if half == "tuning" else ("sidebar", "word", "column"))
    for language in ("en_gb", "de", "fr", "es"):
        layout = next(layouts)
        name = f"cv-{layout}-{language}.{'docx' if layout == 'word' else 'pdf'}"
        yield Entry(half=half, name=name, schema="cv", draw=_bound(careers.career, language, layout))
    layouts = cycle(("meta", "plain", "print") if half == "tuning" else ("plain", "print", "meta"))
    for language in ("en_gb", "de", "fr", "es"):
        layout = next(layouts)
        name = f"article-{layout}-{language}.{'pdf' if layout == 'print' else 'html'}"
        yield Entry(half=half, name=name, schema="article", draw=_bound(articles.article, language, layout))


def _scans(half: Half) -> Iterator[Entry]:
    languages, looks, suffixes = _languages(half), cycle(_LOOKS), cycle(_SUFFIXES)
    drawn = [_invoice(half, layout, next(languages), 3) for layout in (*_SHARED, *_ONLY[half])]
    printed = [name for name in receipts.LAYOUTS if name != "text"]
    drawn += [_receipt(half, name, next(languages), turn) for turn in (4, 5) for name in printed]
    drawn += [_order(half, name, next(languages), 3) for name in ("form", "letter")]
    drawn += [
        Entry(half=half, name=f"{n}-3.pdf", schema=f"{n}.yaml", draw=forms.FORMS[n])
        for n in ("payslip", "bank-statement")
    ]
    for entry in drawn:
        look = next(looks)
        stem, suffix = entry.name.rsplit(".", 1)[0], next(suffixes)
        suffix = "pdf" if "carried" in stem or "account" in stem else suffix  # the others hold one page
        yield msgspec.structs.replace(entry, name=f"scan-{look}-{stem}.{suffix}", look=look)


def _invoice(half: Half, layout: Layout, language: str, turn: int) -> Entry:
    shape = layout.__name__

    def draw(rng: random.Random) -> Drawn:
        lines = {"carried": rng.randrange(50, 90), "folio": rng.randrange(6, 14)}.get(shape, 0)
        made = bill(language, rng, lines=lines, discounts=shape == "wholesale", credit=shape == "credit")
        sheet = Sheet(rng.choice(_families(shape, language)))
        absent = layout(sheet, made)
        return sheet.content(), expected(made, absent)

    name = f"invoice-{shape.replace('_', '-')}-{language.replace('_', '-')}-{turn}.pdf"
    return Entry(half=half, name=name, schema="invoice", draw=draw)


def _families(shape: str, language: str) -> Sequence[str]:
    if shape == "typewriter":
        return ["mono"] if language == "pl" else ["mono", "courier"]
    return ALL if language == "pl" else WESTERN


def _invoice_file(half: Half, suffix: str, make: Callable[[Bill], files.Made], language: str, turn: int) -> Entry:
    def draw(rng: random.Random) -> Drawn:
        made = bill(language, rng)
        content, absent = make(made)
        return content, expected(made, absent)

    name = f"invoice-{make.__name__.replace('_', '-')}-{language.replace('_', '-')}-{turn}.{suffix}"
    return Entry(half=half, name=name, schema="invoice", draw=draw)


def _receipt(half: Half, layout: str, language: str, turn: int) -> Entry:
    def draw(rng: random.Random) -> Drawn:
        return receipts.LAYOUTS[layout](receipts.sale(language, rng), rng)

    suffix = "txt" if layout == "text" else "pdf"
    name = f"receipt-{layout}-{language.replace('_', '-')}-{turn}.{suffix}"
    return Entry(half=half, name=name, schema="receipt", draw=draw)


def _order(half: Half, layout: str, language: str, turn: int) -> Entry:
    def draw(rng: random.Random) -> Drawn:
        return orders.LAYOUTS[layout](orders.order(language, rng), rng)

    suffix = {"word": "docx", "portal": "html"}.get(layout, "pdf")
    name = f"order-{layout}-{language.replace('_', '-')}-{turn}.{suffix}"
    return Entry(half=half, name=name, schema="purchase_order", draw=draw)


def _bound(make: Callable[[str, str, random.Random], Drawn], language: str, layout: str) -> Draw:
    return lambda rng: make(language, layout, rng)


def _languages(half: Half) -> Iterator[str]:
    """Begin elsewhere in each half, so that a layout is not in the same language twice."""
    order: Sequence[str] = LANGUAGES if half == "tuning" else (*LANGUAGES[4:], *LANGUAGES[:4])
    return cycle(order)
