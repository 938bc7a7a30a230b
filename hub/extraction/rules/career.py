"""Careers: positions with employers and times, and education with degrees and schools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.rules.blocks import has_legal_form
from hub.extraction.rules.candidates import Candidate
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.sections import Section
from hub.extraction.rules.vocabulary import concepts_named
from hub.extraction.schemas.fields import FieldType, Leaf
from hub.extraction.values.dates import find_dates, find_months

_SCORE = 0.75
_NOW = (
    r"present|now|today|current|currently|ongoing|heute|aktuell|jetzt|aujourd['’]hui|présent|présente|actuel|"
    r"actuellement|"
    r"ce jour|date|actualidad|actualmente|presente|hoy|oggi|attuale|in corso|heden|nu|huidig|atual|atualmente|"
    r"atualidade|obecnie|teraz|nadal|nuvarande|pågående|nåværende|dags dato"
)
_UNTIL_NOW = re.compile(
    rf"(?<![^\W\d_])(?:-|\u2013|\u2014|to|until|bis|à|au|seit|since|depuis|a|al|hasta(?: la)?|fino ad?|tot|até"
    rf"(?: ao?)?|do|till)\s*(?:{_NOW})\b",
    re.IGNORECASE,
)
_FROM = r"since|seit|depuis|desde|dal|sinds|od|sedan"
_SINCE = re.compile(rf"\b(?:{_FROM})\b", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:engineer|developer|manager|analyst|director|consultant|assistant|designer|lead|head of|intern\b|trainee|"
    r"officer|"
    r"specialist|nurse|teacher|lecturer|researcher|scientist|accountant|architect|administrator|coordinator|technician|"
    r"editor|writer|chef|cook|clerk|supervisor|associate|partner|founder|president|executive|representative|advisor|"
    r"programmer|operator|buyer|planner|librarian|entwickler|leiter|berater|ingenieur|sachbearbeiter|referent|"
    r"assistent|"
    r"kaufmann|kauffrau|techniker|meister|praktikant|werkstudent|lehrer|pfleger|redakteur|buchhalter|ingénieur|"
    r"développeur|"
    r"responsable|directeur|directrice|chargée?|consultante?|assistante?|stagiaire|technicien|comptable|infirmi|"
    r"professeur|"
    r"rédact|gestionnaire|conseill|vendeu|officer|ingenier|desarrollador|jefe|jefa|gerente|técnic|auxiliar|contable|"
    r"enfermer|profesor|gestora?\b|administrativ|responsabile|ingegner|sviluppat|direttor|impiegat|tecnico|tecnica|"
    r"consulente|infermier|insegnante|contabile|medewerker|ontwikkelaar|adviseur|beheerder|verpleegkundige|docent|"
    r"boekhouder|planner|engenheir|programador|diretor|consultor|assistente|contabilista|enfermeir|analista|"
    r"kierownik|specjalista|inżynier|programista|księgow|pielęgniar|nauczyciel|asystent|dyrektor)",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"(?:\bb\.?\s?(?:sc|a|eng|ed)\b|\bm\.?\s?(?:sc|a|eng|ed|phil)\b|bachelor|master|mba\b|ph\.?\s?d|doctor|"
    r"diploma|diplom|"
    r"degree|certificate|abitur|matura|magister|promotion|ausbildung|licence|maîtrise|doctorat|dipl[oô]me|bts\b|dut\b|"
    r"baccalauréat|a[- ]levels|apprenticeship|staatsexamen|gesell|lehre\b|cap\b|hnd\b|grado\b|licenciatura|máster|"
    r"técnico superior|fp\b|bachillerato|laurea|"
    r"diploma|maturità|perito|doctoraal|hbo\b|mbo\b|vwo\b|mestrado|doutoramento|licenciat|curso\b|inżynier|"
    r"licencjat|studia|technik)",
    re.IGNORECASE,
)
_SCHOOL = re.compile(
    r"(?:universi|college|school|institut|academy|akademie|hochschule|gymnasium|schule|école|ecole|lycée|faculty|"
    r"polytechni|\beth\b|\btu\b|\bfh\b|conservato|sorbonne|campus|istituto|liceo|"
    r"politecnico|escuela|colegio|instituto|escola|faculdade|szkoła|"
    r"politechnika|uniwersytet|akademia|universiteit|hogeschool)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*[•▪◦*\u2023·»>–-]\s")
_SPLIT = re.compile(r"\s*[|·•,;]\s*|\s+[-\u2013\u2014@]\s+|\s+(?:at|bei|chez)\s+")


class Text(msgspec.Struct, frozen=True):
    """A part of a row, with its characters."""

    text: str
    start: int
    end: int


class Entry(msgspec.Struct):
    """One station of a career: its times and the words around them."""

    start: Candidate | None
    end: Candidate | None
    texts: list[Text]


def offers(document: Document, leaf: Leaf, section: Section) -> Iterator[Offer]:
    """Fill a table of stations from its section."""
    names = {concept: column for column in leaf.field.fields for concept in _part_of(column.name)}
    for index, entry in enumerate(_entries(document, section)):
        values = _education(entry) if "school" in names or "degree" in names else _position(entry)
        for part, candidate in values.items():
            column = names.get(part)
            if column:
                whole = _year(document, candidate) if column.type is FieldType.INTEGER else candidate
                yield f"{leaf.path}[{index}].{column.name}", whole


def is_career(leaf: Leaf) -> bool:
    """Tell whether a table holds stations: it has a start or a year, and an employer or a school."""
    parts = {part for column in leaf.field.fields for part in _part_of(column.name)}
    return bool(parts & {"employer", "school"}) and bool(parts & {"start", "end", "year", "title", "degree"})


def names_work(text: str) -> bool:
    """Tell whether a text names what somebody works as."""
    return _TITLE.search(text) is not None


def _part_of(name: str) -> Sequence[str]:
    known = {
        "title": ("title", "position", "role", "job_title"),
        "employer": ("employer", "company", "organisation", "organization"),
        "start": ("start", "from", "start_date"),
        "end": ("end", "to", "until", "end_date"),
        "degree": ("degree", "qualification"),
        "school": ("school", "institution", "university"),
        "year": ("year", "graduated"),
    }
    return [part for part, names in known.items() if name in names or part in concepts_named(name)]


def _entries(document: Document, section: Section) -> Iterator[Entry]:
    """A row with times begins an entry; the rows around it without a bullet say what it was."""
    rows = [row for row in section.rows if not _BULLET.match(row[0].text)]
    dated = [index for index, row in enumerate(rows) if _times(document, row)]
    for number, index in enumerate(dated):
        before = dated[number - 1] if number else -1
        after = dated[number + 1] if number + 1 < len(dated) else len(rows)
        own = _words(document, rows[index])
        around: list[Text] = []
        if dated[0] == 0:
            around = [text for row in rows[index + 1 : min(after, index + 3)] for text in _words(document, row)]
        else:
            first = max(before + 1, index - 2)
            around = [text for row in rows[first:index] for text in _words(document, row)]
            around = around or [text for row in rows[index + 1 : index + 2] for text in _words(document, row)]
        times = _times(document, rows[index])
        open_end = any(_UNTIL_NOW.search(piece.text) for piece in rows[index])
        year_only = len(times) == 1 and not open_end and not any(_SINCE.search(p.text) for p in rows[index])
        start = None if year_only else times[0]
        end = None if open_end or not times else times[-1] if len(times) > 1 or year_only else None
        yield Entry(start, end, [*own, *around])


def _times(document: Document, row: Sequence[Piece]) -> list[Candidate]:
    found: list[Candidate] = []
    for piece in row:
        days = find_dates(piece.text, document.conventions.day_order)
        months = [m for m in find_months(piece.text) if all(m.end <= d.start or m.start >= d.end for d in days)]
        times = [(d.start, d.end, d.value.isoformat()) for d in days] + [(m.start, m.end, m.value) for m in months]
        for start, end, value in sorted(times):
            found.append(Candidate(value, ((piece.start + start, piece.start + end),), _SCORE, "in its section"))
    return found[:2]


def _words(document: Document, row: Sequence[Piece]) -> list[Text]:
    """Split what a row says besides its times."""
    texts: list[Text] = []
    for piece in row:
        times = [place for candidate in _times(document, [piece]) for place in candidate.places]
        cuts = [(start - piece.start, end - piece.start) for start, end in times]
        cuts += [
            (m.start(), m.end()) for m in re.finditer(rf"\b(?:{_NOW}|{_FROM})\b", piece.text, re.IGNORECASE) if cuts
        ]
        for start, end in _free(len(piece.text), sorted(cuts)):
            texts += _split(piece, start, end)
    return texts


def _free(length: int, cuts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in cuts:
        if start > at:
            yield at, start
        at = max(at, end)
    if at < length:
        yield at, length


def _split(piece: Piece, start: int, end: int) -> Iterator[Text]:
    at = start
    for match in [*_SPLIT.finditer(piece.text, start, end), None]:
        stop = match.start() if match else end
        part = piece.text[at:stop]
        text = part.strip(" ()[],:;|-\u2013\u2014·•")
        if len(text) > 1 and any(letter.isalpha() for letter in text):
            offset = at + part.index(text)
            yield Text(text, piece.start + offset, piece.start + offset + len(text))
        at = match.end() if match else end


def _position(entry: Entry) -> dict[str, Candidate]:
    title = next((text for text in entry.texts if _TITLE.search(text.text) and not has_legal_form(text.text)), None)
    rest = [text for text in entry.texts if text is not title]
    if title is None and rest:
        title = rest.pop(0)
    employer = next((text for text in rest if has_legal_form(text.text)), rest[0] if rest else None)
    return _named({"title": title, "employer": employer}) | _dated(entry)


def _education(entry: Entry) -> dict[str, Candidate]:
    school = next((text for text in entry.texts if _SCHOOL.search(text.text)), None)
    rest = [text for text in entry.texts if text is not school]
    degree = next((text for text in rest if _DEGREE.search(text.text)), rest[0] if rest else None)
    if school is None:
        school = next((text for text in rest if text is not degree), None)
    found = _named({"degree": degree, "school": school}) | _dated(entry)
    year = entry.end or entry.start
    return found | ({"year": year} if year else {})


def _named(texts: dict[str, Text | None]) -> dict[str, Candidate]:
    return {
        part: Candidate(text.text, ((text.start, text.end),), _SCORE, "in its section")
        for part, text in texts.items()
        if text
    }


def _dated(entry: Entry) -> dict[str, Candidate]:
    return {part: time for part, time in (("start", entry.start), ("end", entry.end)) if time}


def _year(document: Document, candidate: Candidate) -> Candidate:
    """Reduce a time to its year."""
    start, end = candidate.places[0]
    year = str(candidate.value)[:4]
    at = document.layout.text.find(year, start, end)
    place = (at, at + 4) if at >= 0 else (start, end)
    return msgspec.structs.replace(candidate, value=int(year), places=(place,))
