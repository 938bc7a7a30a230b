"""What sentences say: who agrees with whom, from when until when, under which law."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hub.extraction.rules.candidates import IN_PROSE, Candidate
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.vocabulary import concepts_named, key, vocabulary
from hub.extraction.schemas.fields import FieldType, Leaf
from hub.extraction.values.typed import scan

_REACH = 70
# Words in front of a value, by the concept they announce.
_LEADS: dict[str, str] = {
    "effective_date": r"effective (?:as of|on|from|date)|entered into (?:as of|on|this)|(?:is )?(?:made|dated|"
    r"concluded)(?: and entered into)?"
    r"(?: as of| on| this)?|commenc(?:es?|ing) on|begin(?:s|ning) on|starts? on|with effect from|in Kraft ab|"
    r"mit Wirkung (?:zum|vom|ab)|"
    r"beginnt am|ab dem|tritt am|Beginn|geschlossen am|à compter du|prend(?:ra)? effet le|entre en vigueur le|"
    r"en date du|"
    r"conclu(?:e)? le|débute le|fait à [\w-]+,? le|avec effet au",
    "due_date": r"(?:pay|paid|payment|payable|settle|remit|transfer|überweisen|überweisung|zahlen|zahlung|zahlbar|"
    r"begleichen|"
    r"ausgleich|régler|règlement|payer|paiement|payable)\b[^.;\n]{0,70}?\b(?:by|before|until|no later than|"
    r"bis(?: zum| spätestens)*|"
    r"spätestens(?: am| bis| zum)*|avant le|jusqu['’]au|au plus tard le|pour le)",
    "end_date": r"until|through|expir(?:es|ing) on|end(?:s|ing) on|terminat(?:es|ing) on|up to and including|"
    r"bis(?: zum| einschließlich)?|"
    r"endet am|endet mit Ablauf des|läuft am|jusqu['’]au|prend(?:ra)? fin le|expire(?:ra)? le|se termine le",
    "contract_value": r"(?:fees?|price|sum|amount|rent|compensation|salary|consideration|remuneration|payment|"
    r"total) (?:of|is|shall be|"
    r"amounts to|in the amount of)|(?:pay|pays) (?:[\w-]+ ){0,6}(?:fee|sum|amount|rent|price)? ?(?:of)?|"
    r"Vergütung (?:von|beträgt|in Höhe von)|"
    r"(?:Honorar|Pauschalhonorar|Kaufpreis|Miete|Monatsmiete|Preis|Entgelt|Pauschale|Festpreis) (?:von|beträgt|"
    r"in Höhe von)|in Höhe von|"
    r"(?:prix|montant|rémunération|honoraires|loyer|redevance|somme)(?: [\w']+){0,4} (?:de|est de|s'élève à|"
    r"est fixée? à|à)",
}
_TERM = re.compile(
    r"(?:term|period|duration|Laufzeit|Dauer|durée|"
    r"période)\b[^.;]{0,60}?(?P<term>(?<!\w)(?:(?!of\b|de\b|von\b|is\b|beträgt\b|est\b|"
    r"d\b)[^\W\d_]+\s)?\(?\d{1,3}\)?\s?(?:\([^()]{2,20}\)\s?)?"
    r"(?:calendar\s|full\s|volle\s)?(?:months?|years?|weeks?|days?|Monate?n?|Jahre?n?|Wochen|Tage?n?|mois|ans?|"
    r"années?|semaines|jours)"
    r"|(?:one|two|three|four|five|six|ten|twelve|eighteen|twenty-four|thirty-six|einem?|zwei|drei|vier|fünf|sechs|"
    r"zwölf|"
    r"un|deux|trois|quatre|cinq|six|douze)\s(?:\(\d+\)\s)?(?:months?|years?|Monate?n?|Jahre?n?|mois|ans?|années?))",
    re.IGNORECASE,
)
_LAW = re.compile(
    r"(?:governed by(?:,? and (?:construed|interpreted) in accordance with,?)?|subject to|construed in accordance with)"
    r"\s+the\s+laws?\s+of\s+(?:the\s+)?(?P<en>[A-Z][^.,;\n(]{2,60}?)(?=[.,;(]|\s+(?:without|and the|and any|"
    r"applicable|excluding)|\s*\n)"
    r"|(?:Recht|Gesetzen?)\s+(?P<de>der [A-Z][\w ]{3,40}?|Deutschlands|Österreichs)(?=[.,;]|\s+(?:unter|Anwendung|"
    r"Gerichtsstand|mit))"
    r"|(?P<de2>(?:deutsche[msn]?|österreichische[msn]?|schweizerische[msn]?|materielles? [\w]+e[sn]?)\s+Recht)"
    r"|(?:droit|lois?)\s+(?P<fr>français(?:es?)?|suisses?|belges?|luxembourgeois(?:es?)?|(?:de|"
    r"du)\s+[A-ZÉ][\w -]{2,30}?)(?=[.,;]|\s)"
)
_ROLE = re.compile(
    r"[(\u2013\u2014,-]\s*(?:(?:the|hereinafter|hereafter|herein|in the following|referred to as|also|"
    r"im Folgenden|nachfolgend|nachstehend|"
    r"im folgenden|ci-après|dénommée?|désignée?|called|together|collectively|kurz|als|auch)[ ,]*)*(?:the |der |"
    r"die |das |den |le |la )?"
    r"[\"“„«'‘”]\s?(?:the |der |die |das |le |la |l['’])?(?P<role>[^\W\d_][\w '’-]{2,30}?)\s?[\"”“»'’]"
)
_BRACKETS = re.compile(r"\((?:the |der |die |das |le |la |l['’])?(?P<role>[^\W\d_][\w '’-]{2,30})\)")
_OPENS = re.compile(
    r"(?:by and between|between|made by|zwischen|entre les soussignés|entre)\b[:,]?\s*|"
    r"[\"”“»]\)?[^\w(]{0,6}(?:genannt|dénommée?)?[^\w]{0,6}"
    r"(?:and|und|et)\s+|^\s*(?:and|und|et)\s+|[),]\s*,?\s*(?:and|und|et)\s+|\(\d\)\s+|(?<![\w.])\d\.\s+|"
    r"[\"”“»]\s*(?:genannt)?\s*\)?\s*[;,.-]?\s*(?:and|und|et)\s",
    re.IGNORECASE | re.MULTILINE,
)
_NAME_ENDS = re.compile(
    r",|\s\(|;|\n|\s[-\u2013\u2014]\s|\s(?:with its|whose|having|located|of \d|residing|mit Sitz|wohnhaft|"
    r"vertreten|ansässig|dont le siège|"
    r"sise|sis|demeurant|société|représentée?|domiciliée?|a company|a limited|incorporated|registered|"
    r"geschäftsansässig)\b",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(
    r"^(?:\(?\d{1,2}[.)]|(?:and|und|et|between|zwischen|entre|the|der|die|das|dem|den|la|le|les)\b|[:,;]|\s)+\s+",
    re.IGNORECASE,
)
_LEGAL_TAIL = re.compile(r",\s+(?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|Co|PLC|LLP|L\.P|S\.A|GmbH|N\.A|Pty)\b\.?")


def offers(document: Document) -> Iterator[Offer]:
    """Offer what sentences announce, for the fields that mean it."""
    text = document.reading.text.replace("\n", " ")
    for leaf in document.leaves:
        for concept in document.concepts[leaf.path] & _LEADS.keys():
            yield from _behind(document, leaf, text, re.compile(rf"(?<!\w)(?:{_LEADS[concept]})(?!\w)", re.IGNORECASE))
    for leaf in document.meaning("term"):
        for match in _TERM.finditer(text):
            yield leaf.path, Candidate(" ".join(match["term"].split()), (match.span("term"),), IN_PROSE, "in prose")
    for leaf in document.meaning("governing_law"):
        for match in _LAW.finditer(text):
            group = next(name for name, value in match.groupdict().items() if value)
            value = " ".join(match[group].split())
            yield leaf.path, Candidate(value, (match.span(group),), IN_PROSE, "in prose")


def _behind(document: Document, leaf: Leaf, text: str, lead: re.Pattern[str]) -> Iterator[Offer]:
    for match in lead.finditer(text):
        reach = text[match.end() : match.end() + _REACH]
        found = [one for one in scan(leaf.field, reach, document.conventions) if _fits(leaf, reach, one.start, one.end)]
        if found:
            place = (match.end() + found[0].start, match.end() + found[0].end)
            nearness = 0.04 * (1 - found[0].start / _REACH) - min(match.start() / max(len(text), 1), 1) * 0.02
            yield leaf.path, Candidate(found[0].value, (place,), IN_PROSE + nearness, "in prose")


def _fits(leaf: Leaf, reach: str, start: int, end: int) -> bool:
    """A sum of money in prose has a currency beside it; a date stands in the same sentence."""
    if leaf.field.type is FieldType.MONEY:
        around = reach[max(0, start - 5) : end + 12]
        return bool(re.search(r"[€$£¥]|(?<![A-Z])[A-Z]{3}(?![A-Z])|euro|franken|francs|dollars|pounds", around))
    return not re.search(r"[.;]\s+[A-Z]", reach[:start])


class Member(msgspec.Struct, frozen=True):
    """A party of an agreement with the characters of its name and role."""

    name: tuple[int, int]
    role: tuple[int, int] | None


def parties(document: Document, leaf: Leaf) -> Iterator[Offer]:
    """Fill a table of parties from the opening of an agreement: A Ltd ("Client") and B GmbH ("Contractor")."""
    columns = {part: column.name for column in leaf.field.fields for part in _parts(column.name)}
    if "name" not in columns:
        return
    text = document.reading.text[:6000]
    members = list(_with_roles(text)) or list(_labelled(document)) or list(_between(text))
    for index, member in enumerate(members):
        for part, place in (("name", member.name), ("role", member.role)):
            if place and part in columns:
                value = " ".join(text[place[0] : place[1]].split())
                yield f"{leaf.path}[{index}].{columns[part]}", Candidate(value, (place,), IN_PROSE, "in the opening")


def is_parties(leaf: Leaf) -> bool:
    """Tell whether a table holds the parties of an agreement."""
    return leaf.field.type is FieldType.TABLE and "party" in concepts_named(leaf.field.name)


def _parts(name: str) -> list[str]:
    if name in {"role", "rolle", "function", "capacity"}:
        return ["role"]
    return ["name"] if name in {"name", "party", "company"} or "name" in concepts_named(name) else []


def _with_roles(text: str) -> Iterator[Member]:
    at = 0
    for match in sorted([*_ROLE.finditer(text), *_bracketed(text)], key=lambda found: found.start()):
        if match.start() < at:
            continue
        opening = None
        for candidate in _OPENS.finditer(text, at, match.start()):
            opening = candidate
            if re.match(r"(?:by and )?between|zwischen|entre", candidate[0].strip(), re.IGNORECASE):
                break
        begin = opening.end() if opening else at
        name = _name(text, begin, match.start())
        at = match.end()
        if name and match["role"].lower() not in {"agreement", "parties", "vertrag", "parteien", "contrat", "services"}:
            yield Member(name, match.span("role"))


def _bracketed(text: str) -> Iterator[re.Match[str]]:
    """A role in brackets without quotes is one when it is a word for a party: Nova GmbH (Arbeitgeber)."""
    for match in _BRACKETS.finditer(text):
        if any(meaning.concept == "party_role" for meaning in vocabulary().get(key(match["role"]), ())):
            yield match


def _labelled(document: Document) -> Iterator[Member]:
    """Forms write the role as a label: Landlord: Petra Novak."""
    for hit in document.labels.all:
        if hit.meaning({"party_role"}) is None or not hit.leads or not (hit.colon or hit.fills):
            continue
        word = hit.piece.text[hit.start : hit.end].rstrip(" .:=*")
        role = (hit.piece.start + hit.start, hit.piece.start + hit.start + len(word))
        if hit.fills:
            beside = next(iter(document.layout.right_of(hit.piece)), None)
            start, end = (beside.start, beside.end) if beside else (hit.piece.end, hit.piece.end)
        else:
            start, end = hit.piece.start + hit.end, hit.piece.end
        name = _name(document.layout.text, start, end)
        if name:
            yield Member(name, role)


def _between(text: str) -> Iterator[Member]:
    match = re.search(
        r"(?:by and between|between|zwischen|entre)\s+(?P<one>[^;]{3,200}?)\s+(?:and|und|et)\s+(?P<two>[^;.]{3,120})",
        text,
    )
    if match:
        for group in ("one", "two"):
            name = _name(text, match.start(group), match.end(group))
            if name:
                yield Member(name, None)


def _name(text: str, start: int, end: int) -> tuple[int, int] | None:
    chunk = text[start:end]
    lead = _CONJUNCTION.match(chunk)
    begin = lead.end() if lead else len(chunk) - len(chunk.lstrip())
    stop = _NAME_ENDS.search(chunk, begin + 1)
    name_end = stop.start() if stop else len(chunk)
    tail = _LEGAL_TAIL.match(chunk, name_end)
    name_end = tail.end() if tail else name_end
    name = chunk[begin:name_end].rstrip(" ,(-\u2013")
    if not 2 < len(name) <= 90 or not name[0].isupper():
        return None
    return start + begin, start + begin + len(name)
