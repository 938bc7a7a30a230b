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
    "sv": "och att det som en ett på är av för med den till inte om jag vi du har från eller vara faktura datum belopp "
    "antal pris",
    "da": "og at det som en et på er af for med den til ikke om jeg vi har fra eller være bliver nogle faktura dato "
    "beløb antal pris",
    "no": "og at det som en et på er av for med den til ikke om jeg vi har fra eller være blir noen vennligst faktura "
    "dato beløp antall pris",
    "fi": "ja on ei se että hän oli ovat mutta tai kun niin myös kuin sekä joka lasku päivämäärä summa hinta kiitos",
    "cs": "a se na je že s z do o jsem jako ale pro by tak jsou podle nebo při faktura datum částka množství cena "
    "děkujeme",
    "sk": "a sa na je že s z do o som ako ale pre by tak sú podľa alebo pri faktúra dátum suma množstvo cena ďakujeme",
    "hu": "a az és hogy nem is egy ez meg van volt de ha csak vagy számla dátum összeg mennyiség ár köszönjük",
    "ro": "și în de la cu pe un o nu este sunt care din pentru sau mai factura data suma cantitate preț mulțumim",
    "hr": "i u je se na da su za od s ne to kao koji ili račun datum iznos količina cijena hvala molimo",
    "sl": "in je v na se da so za od z ne to kot ki ali račun datum znesek količina cena hvala prosimo",
    "tr": "ve bir bu için ile da de ne çok daha gibi olarak olan ya veya lütfen fatura tarih tutar miktar fiyat",
    "et": "ja on ei et see kui ka aga oli või ning mis arve kuupäev summa kogus hind palun",
    "lt": "ir yra kad ne su iš į tai bet kaip arba už sąskaita data suma kiekis kaina prašome",
    "lv": "un ir ka ne ar no uz tas bet kā vai par rēķins datums summa daudzums cena lūdzu",
    "ca": "el la els les i és amb per de del un una en que no com més són factura data import quantitat preu",
    "id": "dan yang di dari untuk dengan ini itu tidak pada adalah faktur tanggal jumlah harga",
    "vi": "và của là có không được cho trong một các những này hóa đơn ngày số tiền",
    "ru": "и в не на что с по как это за от для из к до или о счёт дата сумма количество цена",
    "uk": "і в не на що з як це за від для та до або о рахунок дата сума кількість ціна",
    "bg": "и в не на че с по как това за от за из към до или фактура дата сума количество цена",
    "el": "και το να του η της με που την από για είναι δεν τιμολόγιο ημερομηνία ποσό ποσότητα τιμή",
}
_SETS = {code: {word for word in words.split() if len(word) > 1} for code, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
# Scripts that one language in commerce is written in, and which: kana before the signs that Japanese shares.
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("ar", re.compile("[\u0621-\u064a]")),
    ("th", re.compile("[\u0e01-\u0e3a]")),
    ("hi", re.compile("[\u0904-\u0939]")),
    ("ka", re.compile("[\u10d0-\u10f0]")),
    ("hy", re.compile("[\u0561-\u0587]")),
)
# The share of letters from which on a script is the text's own; kana are few beside the signs.
_SHARE, _KANA = 0.3, 0.05
_ENOUGH = 3


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language, or None when the text says too little."""
    text = text.lstrip()[:20_000]
    script = _by_script(text)
    if script:
        return script
    words = Counter(word.lower() for word in _WORD.findall(text))
    scores = {code: sum(words[word] for word in small) for code, small in _SETS.items()}
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best < _ENOUGH or best == second:
        return None
    return max(scores, key=scores.__getitem__)


def _by_script(text: str) -> str | None:
    letters = sum(map(str.isalpha, text))
    for code, script in _SCRIPTS:
        least = _KANA if code == "ja" else _SHARE
        if letters > _ENOUGH and len(script.findall(text)) > least * letters:
            return code
    return None
