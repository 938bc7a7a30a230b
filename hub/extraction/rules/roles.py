"""The fields of a schema that speak of a company, filled from the two parties of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hub.extraction.rules.candidates import BY_FORM, Candidate, labelled
from hub.extraction.rules.document import Document, Offer
from hub.extraction.rules.layout import Piece
from hub.extraction.rules.parties import home_of, labelled_party, party_by_form
from hub.extraction.rules.party_lines import Party
from hub.extraction.rules.vocabulary import concepts_named, format_of
from hub.extraction.schemas.fields import Field, FieldType, Format, Leaf
from hub.extraction.values.identifiers import find_vat_ids

_ROLES = ("merchant", "supplier", "buyer", "customer", "ship_to")
# A vendor is a supplier before it is a shop.
_BY_MEANING = ("supplier", "merchant", "buyer", "customer", "ship_to")
_PARTS = {Format.TAX_ID: "tax_id", Format.ADDRESS: "address", Format.NAME: "name"}
_SUFFIX = re.compile(r"_?(?:name|address|tax_?id|vat_?(?:id|number)|company)$", re.IGNORECASE)
_ORDER = re.compile(r"order|bestell|commande|^po$")
_SUM = re.compile(r"[.,]\d{2}$|^\d{1,4}$")


class Share(msgspec.Struct, frozen=True):
    """The part of a party that a field asks for."""

    leaf: Leaf
    role: str
    part: str


def offers(document: Document) -> Iterator[Offer]:
    """Fill the fields of parties."""
    shares = [share for leaf in document.leaves if (share := _share(document, leaf))]
    if not shares:
        return
    parties = _parties(document, shares)
    for share in shares:
        party = parties.get(share.role, Party())
        candidate = party.name if share.part == "name" else party.address if share.part == "address" else None
        if candidate:
            yield share.leaf.path, candidate
    yield from _tax_ids(document, [share for share in shares if share.part == "tax_id"], parties)


def is_share(document: Document, leaf: Leaf) -> bool:
    """Tell whether a field is filled from a party alone."""
    return _share(document, leaf) is not None


def _share(document: Document, leaf: Leaf) -> Share | None:
    if leaf.field.type is not FieldType.STRING:
        return None
    form = format_of(leaf.field)
    if form not in {None, Format.TEXT, *_PARTS}:
        return None
    holder = leaf.parents[-1].name if leaf.parents else _SUFFIX.sub("", leaf.field.name)
    meant = concepts_named(holder)
    role = holder.lower() if holder.lower() in _ROLES else next((role for role in _BY_MEANING if role in meant), None)
    if role is None:
        return None
    if role == "buyer" and not _ORDER.search(document.schema.name):
        role = "customer"
    if leaf.parents and form in {None, Format.TEXT}:
        return None
    return Share(leaf, role, _PARTS.get(form, "name") if form else "name")


def _parties(document: Document, shares: list[Share]) -> dict[str, Party]:
    """Find labelled parties first, then the sender and the receiver by the looks of their blocks."""
    roles = {share.role for share in shares}
    ordering = "buyer" in roles
    labels = {
        "merchant": {"merchant"},
        "supplier": {"supplier", "recipient"} if ordering else {"supplier"},
        "buyer": {"buyer"},
        "customer": {"customer", "recipient"},
        "ship_to": {"ship_to"},
    }
    for share in shares:
        if share.part == "name" and not share.leaf.parents:
            labels[share.role] |= {f"field:{share.leaf.path}"}
    parties: dict[str, Party] = {}
    used: set[Piece] = set(document.taken)
    for role in sorted({*roles, "customer", "supplier"} if not ordering else roles, key=_ROLES.index, reverse=True):
        party = labelled_party(document.search, labels[role], used)
        if party:
            parties[role] = party
            used.update(party.pieces)
    delivery = labelled_party(document.search, {"ship_to"}, used)
    used.update(delivery.pieces if delivery else ())
    return _by_form(document, roles, parties, used)


def _by_form(document: Document, roles: set[str], parties: dict[str, Party], used: set[Piece]) -> dict[str, Party]:
    sender = "merchant" if "merchant" in roles else "buyer" if "buyer" in roles else "supplier"
    receiver = "supplier" if sender == "buyer" else "customer"
    if sender in roles and sender not in parties:
        found = party_by_form(document.search, document.blocks, used, sender=True, other=parties.get(receiver))
        if found:
            parties[sender] = found
            used.update(found.pieces)
    if sender in parties and parties[sender].name and parties[sender].address is None:
        parties[sender] = home_of(document.search, document.blocks, parties[sender], used)
    if receiver in roles and receiver not in parties:
        found = party_by_form(document.search, document.blocks, used, sender=False, other=parties.get(sender))
        if found:
            parties[receiver] = found
    return parties


def _tax_ids(document: Document, shares: list[Share], parties: dict[str, Party]) -> Iterator[Offer]:
    """A tax number is the receiver's when its label or its place says so, else the sender's."""
    receiver = next((role for role in ("customer", "buyer") if role in parties), None)
    for share in shares:
        own = set(parties[share.role].pieces) if share.role in parties else set()
        theirs = {piece for role, party in parties.items() if role != share.role for piece in party.pieces}
        receives = share.role in {receiver, "customer"}
        for candidate in _candidates(document, share.leaf.field, receives):
            piece = _piece_at(document, candidate)
            if _owned(piece, own, theirs, receives) or (receives and candidate.way == "labelled as theirs"):
                yield share.leaf.path, candidate


def _owned(piece: Piece | None, own: set[Piece], theirs: set[Piece], receives: bool) -> bool:
    if piece is None:
        return False
    if piece in own or _stands_under(piece, own):
        return True
    return not receives and piece not in theirs and not _stands_under(piece, theirs - own)


def _stands_under(piece: Piece, pieces: set[Piece]) -> bool:
    """Lines of a party often go on below what was read of it."""
    lowest = max((one for one in pieces if one.page == piece.page), key=lambda one: one.bottom, default=None)
    if lowest is None:
        return False
    near = 0 <= piece.top - lowest.bottom + 2 <= 2.2 * piece.height
    return near and abs(piece.left - lowest.left) <= piece.height


def _candidates(document: Document, field: Field, receives: bool) -> Iterator[Candidate]:
    field = msgspec.structs.replace(field, format=Format.TAX_ID)
    taken = document.taken
    if receives:
        for one in labelled(document.search, field, {"customer_tax_id"}, taken):
            yield msgspec.structs.replace(one, way="labelled as theirs")
    for one in labelled(document.search, field, {"tax_id"}, taken):
        if not _SUM.search(str(one.value)):
            european = bool(find_vat_ids(str(one.value)))
            yield msgspec.structs.replace(one, score=one.score + (0.02 if european else 0))
    for piece in document.layout.pieces:
        if piece not in taken:
            for found in find_vat_ids(piece.text):
                place = (piece.start + found.start, piece.start + found.end)
                yield Candidate(found.value, (place,), BY_FORM, "by its form")


def _piece_at(document: Document, candidate: Candidate) -> Piece | None:
    start = candidate.places[0][0]
    return next((piece for piece in document.layout.pieces if piece.start <= start < piece.end), None)
