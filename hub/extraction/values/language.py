"""Which language a text is written in, told by its smallest words."""

from __future__ import annotations

import re
from collections import Counter

_SMALL_WORDS = {
    "en": "the and of to in is for with you your on by from this that are be will it as not our we was have at "
    "or an date invoice due amount bill thank payment please address description quantity price",
    "de": "der die das und ist mit für von zu den im auf nicht ein eine wir sie ihre des dem bei oder wird sind "
    "als an am rechnung datum betrag bis zum bitte menge summe preis ihr straße zzgl",
    "fr": "le la les et est avec pour de du des un une dans sur par vous votre nous que qui en au aux ce cette "
    "sont ne pas facture montant date prix quantité merci à échéance rue",
    "es": "el la los las y es con para de del un una en por su que se al como no más son factura fecha importe "
    "cantidad precio",
    "it": "il lo la gli le e è con per di del della un una in da che si al come non più sono fattura data "
    "importo quantità",
    "nl": "de het een en is met voor van te op niet wij uw dat die in aan bij of worden zijn als factuur datum "
    "bedrag aantal",
    "pt": "o a os as e é com para de do da dos um uma em por que se ao como não mais são fatura data valor "
    "quantidade preço",
    "pl": "i w na z do nie jest to się o za od po dla faktura data kwota ilość cena oraz przez",
    "sv": "och att det som en ett på är av för med den till inte om faktura datum belopp antal pris",
    "da": "og at det som en et på er af for med den til ikke om faktura dato beløb antal pris",
}
_SETS = {code: {word for word in words.split() if len(word) > 1} for code, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 3


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language, or None when the text says too little."""
    words = Counter(word.lower() for word in _WORD.findall(text[:20_000]))
    scores = {code: sum(words[word] for word in small) for code, small in _SETS.items()}
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best < _ENOUGH or best == second:
        return None
    return max(scores, key=scores.__getitem__)
