"""How something was paid: by the words tills print beside the sum, in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.extraction.rules.candidates import BY_FORM, Candidate
from hub.extraction.rules.document import Document, Offer

_BRANDS = (
    "visa(?: debit| credit| electron)?|master ?card(?: debit)?|maestro|american express|amex|diners club|discover|"
    "v[ -]?pay|girocard|paypal|apple pay|google pay|samsung pay|twint|klarna|bizum|satispay|bancomat|multibanco|"
    "mb ?way|blik|ideal|bancontact|payconiq|swish|vipps|mobilepay|dankort|interac|eftpos|pix|alipay|wechat pay"
)
_WORDS = (
    "debit(?: card)?|credit card|contactless|cash|che(?:que|ck)|bank transfer|gift card|card(?: payment)?|"
    "ec[- ]?karte|ec[- ]cash|kreditkarte|kartenzahlung|bar|barzahlung|karte|lastschrift|überweisung|"
    "carte bancaire|carte bleue|cb|espèces|chèque|carte|virement|"
    "efectivo|en efectivo|tarjeta(?: de (?:crédito|débito))?|transferencia|contado|"
    "contanti|carta(?: di (?:credito|debito))?|bonifico|pagamento elettronico|"
    "contant|pin(?:betaling)?|pinpas|creditcard|bankpas|"
    "numerário|dinheiro|cartão(?: de (?:crédito|débito))?|transferência|"
    "gotówka|gotówką|karta(?: płatnicza)?|kartą|przelew|"
    "kontant(?:er)?|kort|betalkort|käteinen|pankkikortti|hotově|hotovost|kartou|készpénz|bankkártya|numerar"
)
# Letters that recognised text shows without their accents, or with others.
_ACCENTED = {"a": "aàáâãäå", "e": "eèéêëę", "i": "iìíî", "o": "oòóôõöó", "u": "uùúûü", "l": "lł", "c": "cç", "ą": "aą"}
_PLAIN = {accented: base for base, letters in _ACCENTED.items() for accented in letters}


def _loose(pattern: str) -> str:
    return "".join(
        f"[{_ACCENTED[_PLAIN[letter]]}]" if letter in _PLAIN and letter not in _ACCENTED else letter
        for letter in pattern
    )


_PAID_WITH = re.compile(rf"(?<!\w)(?:(?P<brand>{_loose(_BRANDS)})|{_loose(_WORDS)})(?!\w)", re.IGNORECASE)
# What may stand around the words in a row that says how was paid: a sum, signs, hidden digits of a card.
_REST = re.compile(r"[\W\d_x]*(?:(?:EUR|USD|GBP|CHF|PLN|z[łlt])[\W\d_]*)?", re.IGNORECASE)
_ALONE, _WITHIN, _FEW = 0.05, -0.05, 4


def offers(document: Document) -> Iterator[Offer]:
    """Offer such words where they stand alone or with a sum, and brands anywhere."""
    for leaf in document.meaning("payment_method"):
        for piece in document.layout.pieces:
            if piece in document.taken:
                continue
            for match in _PAID_WITH.finditer(piece.text):
                place = (piece.start + match.start(), piece.start + match.end())
                around = piece.text[: match.start()], piece.text[match.end() :]
                alone = all(_REST.fullmatch(text) for text in around)
                begins = around[0].rstrip()[-1:] in {"", ":"} and len(around[1].split()) < _FEW
                if "#" in around[1][:3] or not (alone or begins or match["brand"]):
                    continue
                score = BY_FORM + (_ALONE if alone else _WITHIN)
                yield leaf.path, Candidate(match[0], (place,), score, "by its words")
