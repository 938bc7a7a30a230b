"""Careers in four languages: one column, two columns, and a Word file."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec

from scripts.evaluation.bill import Record
from scripts.evaluation.sheet import Sheet
from scripts.evaluation.word import saved

_PHONES = {"en_gb": "+44 114 496 0@", "de": "+49 821 5550@", "fr": "+33 4 76 55 0@ 12", "es": "+34 958 55 0@ 1"}


class Heads(msgspec.Struct, frozen=True):
    """What the parts of a career are called, and what says that a position is still held."""

    summary: list[str]
    skills: list[str]
    positions: list[str]
    education: list[str]
    now: str


class Words(msgspec.Struct, frozen=True):
    """What careers of one language are made of."""

    language: str
    heads: Heads
    names: list[str]
    places: list[str]
    titles: list[str]
    employers: list[str]
    degrees: list[str]
    schools: list[str]
    skills: list[str]
    summary: str


def career(language: str, layout: str, rng: random.Random) -> tuple[bytes, Record]:
    """Draw a career; `layout` is column, sidebar or word."""
    path = Path(__file__).with_name("careers.yaml")
    words = next(one for one in msgspec.yaml.decode(path.read_bytes(), type=list[Words]) if one.language == language)
    name = rng.choice(words.names)
    years = sorted(rng.sample(range(2012, 2025), 3), reverse=True)
    spans = [(years[0], None), (years[1], years[0]), (years[2], years[1])]
    jobs = zip(rng.sample(words.titles, 3), rng.sample(words.employers, 3), spans, strict=True)
    record: Record = {
        "name": name,
        "email": f"{name.split(' ')[0].lower().replace('í', 'i')}@example.org",
        "phone": _PHONES[language].replace("@", str(rng.randrange(10, 99))),
        "location": rng.choice(words.places),
        "summary": words.summary,
        "skills": rng.sample(words.skills, 4),
        "positions": [
            {"title": title, "employer": employer, "start": str(start), "end": str(end) if end else None}
            for title, employer, (start, end) in jobs
        ],
        "education": [_degree(words, years[2], rng)],
    }
    return _LAYOUTS[layout](words, record, rng), record


def _degree(words: Words, first_year: int, rng: random.Random) -> Record:
    year = first_year - rng.randrange(1, 3)
    return {"degree": rng.choice(words.degrees), "school": rng.choice(words.schools), "year": year}


def _parts(words: Words, record: Record, rng: random.Random) -> list[tuple[str, list[str]]]:
    heads = words.heads
    jobs = [
        line
        for job in record["positions"]
        for line in (f"{job['start']} – {job['end'] or heads.now}", f"{job['title']}, {job['employer']}")
    ]
    schools = [f"{one['degree']}, {one['school']}, {one['year']}" for one in record["education"]]
    return [
        (rng.choice(heads.summary), [record["summary"]]),
        (rng.choice(heads.positions), jobs),
        (rng.choice(heads.education), schools),
        (rng.choice(heads.skills), [", ".join(record["skills"])]),
    ]


def _column(words: Words, record: Record, rng: random.Random) -> bytes:
    sheet = Sheet(rng.choice(["helvetica", "serif", "sans"]))
    sheet.put(60, 70, record["name"], 22, bold=True)
    sheet.put(60, 88, "  |  ".join([record["location"], record["phone"], record["email"]]), 9)
    y = 125.0
    for head, lines in _parts(words, record, rng):
        sheet.put(60, y, head.upper(), 10, bold=True)
        sheet.rule(y + 4, 60)
        for line in lines:
            y = sheet.wrapped(60, y + 18, line, 470, 10) - 14
        y += 38
    return sheet.content()


def _sidebar(words: Words, record: Record, rng: random.Random) -> bytes:
    sheet = Sheet(rng.choice(["helvetica", "sans"]))
    sheet.box(0, 0, 190, sheet.height, fill=0.9)
    (summary, jobs, schools, skills) = _parts(words, record, rng)
    sheet.stack(25, 130, [record["email"], record["phone"], record["location"]], 8.5, step=1.8)
    sheet.put(25, 210, skills[0], 11, bold=True)
    sheet.stack(25, 228, record["skills"], 9, step=1.6)
    sheet.put(215, 70, record["name"], 24, bold=True)
    y = 120.0
    for head, lines in (summary, jobs, schools):
        sheet.put(215, y, head, 12, bold=True)
        for line in lines:
            y = sheet.wrapped(215, y + 18, line, 340, 9.5) - 14
        y += 40
    return sheet.content()


def _word(words: Words, record: Record, rng: random.Random) -> bytes:
    from docx import Document

    page: Any = Document()
    page.add_heading(record["name"], 0)
    page.add_paragraph("\n".join([record["location"], record["phone"], record["email"]]))
    for head, lines in _parts(words, record, rng):
        page.add_heading(head, 1)
        for line in lines:
            page.add_paragraph(line)
    return saved(page)


_LAYOUTS = {"column": _column, "sidebar": _sidebar, "word": _word}
