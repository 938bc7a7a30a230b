"""Contracts in prose, from templates of six languages, as PDF, Word file and text."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import msgspec

from scripts.evaluation.bill import Record, bill
from scripts.evaluation.sheet import Sheet
from scripts.evaluation.word import saved


class Template(msgspec.Struct, frozen=True):
    """What a contract says; braces are filled in."""

    language: str
    title: str
    roles: tuple[str, str]
    law: str
    term: str
    text: list[str]


def templates() -> list[Template]:
    """Return the templates of `contracts.yaml`."""
    path = Path(__file__).with_name("contracts.yaml")
    return msgspec.yaml.decode(path.read_bytes(), type=list[Template])


def contract(language: str, form: str, rng: random.Random) -> tuple[bytes, Record]:
    """Draw a contract; `form` is pdf, docx or txt."""
    template = next(one for one in templates() if one.language == language)
    made = bill(language, rng)
    months = rng.choice([12, 24, 36])
    start = made.issue.replace(day=1)
    end = date(start.year + months // 12, start.month, 1) - timedelta(days=1)
    term = template.term.replace("@", str(months))
    value = float(rng.randrange(20, 900) * 100)
    long_days = "MMMM d, yyyy" if language == "en_us" else made.style.language.days[-1]
    style = msgspec.structs.replace(made.style, day_format=long_days)
    filled = [
        paragraph.format(
            a=made.seller.name, a_address=made.seller.address, b=made.buyer.name, b_address=made.buyer.address,
            start=style.day(start), end=style.day(end), term=term, value=style.money(value),
        )
        for paragraph in template.text
    ]  # fmt: skip
    record: Record = {
        "title": template.title,
        "parties": [
            {"name": made.seller.name, "role": template.roles[0]},
            {"name": made.buyer.name, "role": template.roles[1]},
        ],
        "effective_date": start.isoformat(),
        "end_date": end.isoformat(),
        "term": term,
        "governing_law": template.law,
        "value": value,
        "currency": style.language.currency.code,
    }
    return _FORMS[form](template.title, filled, rng), record


def _pdf(title: str, paragraphs: list[str], rng: random.Random) -> bytes:
    sheet = Sheet(rng.choice(["serif", "stix", "sans"]))
    sheet.put(sheet.width / 2, 80, title, 15, bold=True, align="center")
    y = 120.0
    for paragraph in paragraphs:
        y = sheet.wrapped(75, y, paragraph, 445, 10) + 10
    sheet.rule(y + 70, 75, 240)
    sheet.rule(y + 70, 330, 500)
    return sheet.content()


def _word(title: str, paragraphs: list[str], _rng: random.Random) -> bytes:
    from docx import Document

    page = Document()
    page.add_heading(title, 0)
    for paragraph in paragraphs:
        page.add_paragraph(paragraph)
    return saved(page)


def _text(title: str, paragraphs: list[str], rng: random.Random) -> bytes:
    return "\n\n".join([title.upper() if rng.random() < 0.5 else title, *paragraphs]).encode()


_FORMS = {"pdf": _pdf, "docx": _word, "txt": _text}
