"""Articles in four languages: two web pages with different bylines, and a printed page."""

from __future__ import annotations

import random
from datetime import date, timedelta
from html import escape

import msgspec

from scripts.evaluation.bill import Record
from scripts.evaluation.language import language, style_of
from scripts.evaluation.sheet import Sheet


class Story(msgspec.Struct, frozen=True):
    """A text that was published."""

    by: str
    titles: list[str]
    authors: list[str]
    paragraphs: list[str]


_STORIES = {
    "en_gb": Story(
        "By",
        ["Harbour wall to be raised by a metre", "Village shop opens for the first time in a decade"],
        ["Rowan Petheridge", "Alice Thackray"],
        [
            "The council voted on Tuesday evening after a debate of four hours.",
            "Residents had collected two thousand signatures since the spring floods.",
            "Work is expected to begin in autumn and to take eighteen months.",
        ],
    ),
    "de": Story(
        "Von",
        ["Stadtbad öffnet nach Umbau wieder", "Neue Nachtbuslinie verbindet die Dörfer"],
        ["Hannes Wiebusch", "Clara Denk"],
        [
            "Der Stadtrat hat am Dienstagabend nach langer Debatte zugestimmt.",
            "Seit dem Frühjahr hatten Anwohner zweitausend Unterschriften gesammelt.",
            "Die Arbeiten sollen im Herbst beginnen und achtzehn Monate dauern.",
        ],
    ),
    "fr": Story(
        "Par",
        ["Le marché couvert rouvre ses portes", "Une nouvelle ligne de tramway à l'étude"],
        ["Élodie Garnier", "Yann Kerbrat"],
        [
            "Le conseil municipal a voté mardi soir après quatre heures de débat.",
            "Les habitants avaient recueilli deux mille signatures depuis le printemps.",
            "Les travaux devraient commencer à l'automne et durer dix-huit mois.",
        ],
    ),
    "es": Story(
        "Por",
        ["El mercado municipal reabre tras la reforma", "Un carril bici unirá los barrios del norte"],
        ["Marina Salcedo", "Iker Zabala"],
        [
            "El pleno votó el martes por la noche después de cuatro horas de debate.",
            "Los vecinos habían reunido dos mil firmas desde la primavera.",
            "Las obras empezarán en otoño y durarán dieciocho meses.",
        ],
    ),
}


def article(name: str, layout: str, rng: random.Random) -> tuple[bytes, Record]:
    """Draw an article; `layout` is meta, plain or print."""
    story = _STORIES[name]
    style = msgspec.structs.replace(style_of(language(name), rng), day_format=language(name).days[-1])
    published = date(2024, 2, 3) + timedelta(days=rng.randrange(700))
    record: Record = {
        "title": rng.choice(story.titles),
        "author": rng.choice(story.authors),
        "published": published.isoformat(),
        "site": rng.choice(["The Estuary Courier", "Nordblatt", "Le Quotidien du Val"]) if layout == "meta" else None,
        "language": style.language.locale[:2],
        "text": "\n\n".join(story.paragraphs),
    }
    written = style.day(published)
    if layout == "print":
        return _printed(story, record, written, rng), record
    return _page(story, record, written, meta=layout == "meta").encode(), record


def _page(story: Story, record: Record, written: str, *, meta: bool) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    title, author = escape(record["title"]), escape(record["author"])
    if meta:
        return f"""<!doctype html><html lang="{record["language"]}"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:site_name" content="{escape(record["site"])}"><meta name="author" content="{author}">
<meta property="article:published_time" content="{record["published"]}T08:15:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{title}</h1>{body}</article>
<aside>Newsletter</aside></body></html>"""
    return f"""<!doctype html><html lang="{record["language"]}"><head><meta charset="utf-8">
<title>{title}</title></head><body><div class="menu"><a href="/">Start</a></div><main><h1>{title}</h1>
<p class="byline">{story.by} {author} · <time>{escape(written)}</time></p>{body}</main></body></html>"""


def _printed(story: Story, record: Record, written: str, rng: random.Random) -> bytes:
    sheet = Sheet(rng.choice(["serif", "stix"]))
    sheet.put(60, 90, record["title"], 19, bold=True)
    sheet.put(60, 112, f"{story.by} {record['author']}, {written}", 9)
    y = 150.0
    for paragraph in story.paragraphs:
        y = sheet.wrapped(60, y, paragraph, 300, 11) + 6
    return sheet.content()
