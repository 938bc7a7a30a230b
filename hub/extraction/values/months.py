"""Names of months in the languages that documents come in, as people write and shorten them."""

from __future__ import annotations

import unicodedata

_NAMES = """
january janvier januar enero gennaio januari janeiro styczen stycznia leden ledna janner jan janv ene gen sty
february fevrier februar febrero febbraio februari fevereiro luty lutego unor unora feb fevr fev febr lut
march mars marz marzo maart marco marzec marca brezen brezna mar mrt maerz mrz
april avril abril aprile kwiecien kwietnia duben dubna apr avr abr kwi
may mai mayo maggio mei maj maio maja kveten kvetna mag
june juin juni junio giugno junho czerwiec czerwca cerven cervna jun giu cze
july juillet juli julio luglio julho lipiec lipca cervenec cervence jul juil lug lip
august aout agosto augustus augusti sierpien sierpnia srpen srpna aug ago aou sie
september septembre septiembre settembre setembro wrzesien wrzesnia zari sep sept set wrz
october octobre oktober octubre ottobre outubro pazdziernik pazdziernika rijen rijna oct okt ott out paz
november novembre noviembre novembro listopad listopada listopadu nov lis
december decembre dezember diciembre dicembre dezembro grudzien grudnia prosinec prosince dec dez dic des gru
"""


def plain(word: str) -> str:
    """Lower-case a word and drop its accents, so that März, marz and MARZ are one."""
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss").replace("ł", "l"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


MONTHS: dict[str, int] = {
    name: number for number, names in enumerate(_NAMES.strip().splitlines(), start=1) for name in names.split()
}
