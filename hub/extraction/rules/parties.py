"""Who sends a document and who receives it: names, addresses and tax numbers of two companies."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from hub.extraction.evidence import squashed
from hub.extraction.rules.blocks import Block, has_legal_form, is_address, parts
from hub.extraction.rules.candidates import BELOW, BESIDE, BY_FORM, Candidate, Search
from hub.extraction.rules.labels import Hit
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.party_lines import Line, Party, address_in, party_of
from hub.extraction.values.identifiers import find_emails, find_phones, find_urls

_LINES = 8
# How many parties are looked for in one block.
_PARTIES = 3
_OF_PARTY = {
    "tax_id",
    "customer_tax_id",
    "email",
    "phone",
    "fax",
    "website",
    "contact",
    "address",
    "company_number",
    "name",
}
_NUMBERED = {"tax_id", "customer_tax_id", "company_number", "phone", "fax", "iban", "bic", "bank", "receipt_number"}
# Numbers in whose block a sender's address stands.
_BY_ADDRESS = {"tax_id", "company_number", "iban", "bic", "bank", "phone", "fax", "email", "website"}
_SALUTATION = re.compile(
    r"(?:herrn?|frau|firma|mr|mrs|ms|dr|monsieur|madame|m|mme|attn|attention|to|an|à)\.?:?", re.IGNORECASE
)
_ATTENTION = re.compile(r"(?:attn|attention|z\.\s?hd|zu händen|à l'attention|c/o|fao|contact)\b", re.IGNORECASE)
_SHORT_NAME = re.compile(r"[\w&'’.-]+(?:\s[\w&'’.-]+){0,4}(?<![.:!?])")
_ENOUGH_LABELS = 3
_TITLE = re.compile(
    r"(?:tax |commercial |pro[- ]?forma )?(?:invoice|receipt|sales receipt|purchase order|order|bill|statement|"
    r"credit note|"
    r"quotation|delivery note|rechnung|quittung|kassenbon|beleg|bestellung|gutschrift|lieferschein|auftrag|"
    r"facture|reçu|"
    r"ticket|bon de commande|commande|avoir|devis|factura|fattura|factuur|original|copy|kopie|duplicate|page \d.*)",
    re.IGNORECASE,
)


def labelled_party(search: Search, concepts: Collection[str], skip: Collection[Piece]) -> Party | None:
    """Find the party a label announces: Bill to, Rechnung an, Client, or what the schema calls it."""
    found: list[Party] = []
    for hit in search.labels.all:
        meaning = hit.meaning(concepts)
        if meaning is None or meaning.weak or not hit.leads or hit.piece in skip or not (hit.fills or hit.colon):
            continue
        lines, pieces = _lines_after(search, hit, skip)
        party = party_of(lines, pieces, BELOW if hit.fills else BESIDE)
        if party.name:
            found.append(party)
    return max(found, key=lambda party: party.address is not None, default=None)


def party_by_form(
    search: Search, all_blocks: Sequence[Block], skip: Collection[Piece], *, sender: bool, other: Party | None = None
) -> Party | None:
    """Find a party without a label, by the looks of its block; the sender stands out at the top or in the foot."""
    first = [block for block in all_blocks if block.page == all_blocks[0].page]
    bottom = max((piece.bottom for block in first for piece in block.pieces), default=1.0)
    labelled = len(search.labels.all) >= _ENOUGH_LABELS
    best: tuple[float, Party] | None = None
    for block in first:
        for party in _in_block(search, [piece for piece in block.pieces if piece not in skip]):
            if _same(party, other):
                continue
            score = _score(party, party.pieces[0].top / max(bottom, 1.0), sender, labelled=labelled)
            if score > 0 and (best is None or score > best[0]):
                best = score, party
    return best[1] if best else None


def home_of(search: Search, all_blocks: Sequence[Block], party: Party, skip: Collection[Piece]) -> Party:
    """Give a party without an address the one that stands elsewhere: behind its name again, or by its numbers."""
    alone: Candidate | None = None
    for block in all_blocks:
        pieces = [piece for piece in block.pieces if piece not in skip]
        for other in _in_block(search, pieces):
            if other.address and _same(other, Party(party.name)):
                return msgspec.structs.replace(party, address=other.address)
        if alone is None and any(hit.meaning(_BY_ADDRESS) for piece in pieces for hit in search.labels.of(piece)):
            alone = address_in(_lines(search, pieces), BY_FORM)
    return msgspec.structs.replace(party, address=alone)


def _in_block(search: Search, pieces: Sequence[Piece]) -> Iterator[Party]:
    """Find the parties of a block one after the other; where nothing parts them, an address ends the first."""
    lines = _lines(search, pieces)
    for _ in range(_PARTIES):
        party = party_of(lines, tuple(pieces), BY_FORM)
        if party.name is None or not party.pieces:
            return
        begins = party.name.places[0][0]
        yield msgspec.structs.replace(party, pieces=tuple(piece for piece in party.pieces if piece.end > begins))
        end = party.pieces[-1].end
        lines = [line for line in lines if line.start >= end]
        pieces = [piece for piece in pieces if piece.start >= end]


def _same(one: Party, other: Party | None) -> bool:
    """Tell whether two parties are one: a name within the other's, or the same address."""
    names = [squashed(str(party.name.value)) for party in (one, other) if party and party.name]
    homes = [squashed(str(party.address.value)) for party in (one, other) if party and party.address]
    alike = len(names) == 2 and (names[0] in names[1] or names[1] in names[0])
    return alike or (len(homes) == 2 and homes[0] == homes[1])


def _score(party: Party, height: float, sender: bool, *, labelled: bool) -> float:
    """Without a legal form or an address only a short line at the top of a document with labels is a name."""
    named = party.name is not None and has_legal_form(str(party.name.value))
    if (
        not named
        and party.address is None
        and not (labelled and party.name and _SHORT_NAME.fullmatch(str(party.name.value)))
    ):
        return 0.0
    score = 3.0 * named + 2.5 * (party.address is not None)
    if sender:
        return score + 2.0 * (1 - height) + 1.0 * (height < 0.12) - 1.0
    return score - 2.0 * height - 1.0 if party.address is not None and height < 0.5 else 0.0


def _lines_after(search: Search, hit: Hit, skip: Collection[Piece]) -> tuple[list[Line], tuple[Piece, ...]]:
    """Collect the lines behind a label, or those that begin below or beside it."""
    rest = hit.piece.text[hit.end :]
    if rest.strip(" :.-"):
        start = hit.piece.start + hit.end + len(rest) - len(rest.lstrip(" :.-"))
        inline = Line(rest.lstrip(" :.-"), start, hit.piece.end)
        if find_emails(inline.text) or find_urls(inline.text):
            return [], (hit.piece,)
        first_left = next((word.left for word in hit.piece.words if word.start >= start), hit.piece.left)
        below = _downwards(search, hit.piece, skip, {hit.piece.left, first_left})
        return [inline, *_lines(search, below)], (hit.piece, *below)
    beside = next((piece for piece in search.layout.right_of(hit.piece)), None)
    if beside and (
        beside in skip or search.labels.is_label(beside) or beside.left - hit.piece.right > 25 * hit.piece.height
    ):
        beside = None
    below = _downwards(search, hit.piece, skip, {hit.piece.left})
    if beside and not below:
        under = _downwards(search, beside, skip, {beside.left})
        return _lines(search, [beside, *under]), (hit.piece, beside, *under)
    return _lines(search, below), (hit.piece, *below)


def _far(piece: Piece, beside: Piece) -> bool:
    return beside.left - piece.right > 25 * piece.height


def _downwards(search: Search, piece: Piece, skip: Collection[Piece], lefts: set[float]) -> list[Piece]:
    """Follow the lines under a piece that begin where it begins, until another label or a gap."""
    found: list[Piece] = []
    current = piece
    while len(found) < _LINES:
        reach = 1.9 if not found else 1.1
        under = [
            other
            for other in search.layout.below(current, reach)
            if any(abs(other.left - left) <= 0.9 * other.height for left in lefts)
        ]
        if not under or under[0] in skip or _foreign(search, under[0]) or _has_label(search, under[0], piece):
            break
        current = under[0]
        found.append(current)
    return found


def _foreign(search: Search, piece: Piece) -> bool:
    """A label ends a party's lines, unless it announces more of the same party."""
    own = {
        "tax_id",
        "customer_tax_id",
        "email",
        "phone",
        "fax",
        "website",
        "contact",
        "address",
        "company_number",
        "name",
    }
    if not search.labels.is_label(piece):
        return False
    return not any(meaning.concept in own for meaning in search.labels.of(piece)[0].meanings)


def _has_label(search: Search, piece: Piece, origin: Piece) -> bool:
    """What has a label of its own on its left is no more of the same party."""
    row = search.layout.rows[piece.row]
    left = [other for other in row if other.right <= piece.left and other is not origin]
    return any(search.labels.is_label(other) and _foreign(search, other) for other in left[-1:])


def _lines(search: Search, pieces: Sequence[Piece]) -> list[Line]:
    return [line for piece in pieces for line in _unlabelled(search, piece)]


def _unlabelled(search: Search, piece: Piece) -> Iterator[Line]:
    """Leave out lines that say something else: labels, mail addresses, titles, salutations."""
    hits = search.labels.of(piece)
    text = piece.text
    if hits and hits[0].leads:
        meanings = {meaning.concept for meaning in hits[0].meanings}
        if hits[0].colon and meanings & {"address", "name"} and text[hits[0].end :].strip():
            yield Line(text[hits[0].end :].strip(), piece.end - len(text[hits[0].end :].lstrip()), piece.end)
            return
        if hits[0].colon or hits[0].fills or (meanings & _NUMBERED and any(letter.isdigit() for letter in text)):
            return
    other = next((hit.start for hit in hits if hit.start and any(m.concept in _NUMBERED for m in hit.meanings)), None)
    text = text[:other].rstrip(" |,;\u00b7-") if other else text
    for start, end in parts(text):
        part = text[start:end].strip()
        if _is_plain(part):
            yield Line(part, piece.start + start, piece.start + end)


def _is_plain(text: str) -> bool:
    if not any(letter.isalpha() for letter in text) or len(text) > 160 or text.endswith(":"):
        return False
    if _TITLE.fullmatch(text) or _SALUTATION.fullmatch(text) or _ATTENTION.match(text):
        return False
    return not (find_emails(text) or find_urls(text) or (find_phones(text) and not is_address(text)))
