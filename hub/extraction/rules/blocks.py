"""Blocks: lines of a layout that stand under each other, such as a name and its address."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from hub.extraction.rules.layout import Layout, Piece

_CLOSE = 1.0
_LEGAL = re.compile(
    r"(?<!\w)(?:g?[Gg]mb[Hh](?: & Co\.? KG)?|AG|KG|KGaA|OHG|UG(?: \(haftungsbeschränkt\))?|e\.\s?K\.|e\.\s?V\.|GbR|SE|"
    r"mbH|eG|Ltd\.?|Limited|LLC|L\.L\.C\.|LLP|L\.P\.|PLLC|P\.C\.|N\.A\.|Inc\.?|Corp\.?|Corporation|PLC|plc|Co\.|Company|"
    r"Pty|Pvt\.?|S\.?A\.?S\.?U?|S\.?A\.?R\.?L\.?|SARL|SAS|SA|S\.A\.|EURL|SCI|SNC|S\.?r\.?l\.?|S\.p\.A\.|SpA|S\.a\.s\.|"
    r"S\.n\.c\.|S\.L\.U?\.?|S\.A\.U\.?|SAU|S\.L\.L\.?|SLU|SL|S\.C\.|S\. ?Coop\.?|B\.V\.|BV|N\.V\.|NV|V\.O\.F\.|VOF|"
    r"C\.V\.|BVBA|SPRL|AB|A/S|"
    r"ApS|AS|I/S|K/S|Oy|Oyj|[Ss]p\. z o\. ?o\.|[Ss]p\. ?[jkp]\.|s\.c\.|S\.K\.A\.|s\.r\.o\.|a\.s\.|"
    r"spol\. s r\.o\.|Kft\.?|Zrt\.?|Nyrt\.?|Bt\.|Lda\.?|A\.Ş\.|Şti\.|ООО|ОАО|ПАО|ЗАО|АО|ИП|"
    r"Α\.Ε\.|Ε\.Π\.Ε\.|ΕΠΕ|Sàrl|Sarl|"
    r"Foundation|Stiftung|Association|University|Universität|Group|Partners|& Sons|& Söhne|& Fils)(?![\w])"
    r"|株式会社|有限会社|合同会社|有限公司|주식회사"
)
_COUNTRY = re.compile(
    r"(?:germany|deutschland|allemagne|france|frankreich|austria|österreich|autriche|switzerland|schweiz|suisse|"
    r"svizzera|"
    r"(?:the )?united kingdom|uk|great britain|england|scotland|wales|usa|u\.s\.a\.|united states(?: of america)?|"
    r"(?:the )?netherlands|nederland|belgium|belgique|belgien|spain|españa|spanien|espagne|italy|italia|italien|italie|"
    r"portugal|poland|polska|polen|pologne|sweden|sverige|schweden|denmark|danmark|dänemark|norway|norge|norwegen|"
    r"finland|"
    r"suomi|ireland|irland|irlande|canada|kanada|australia|new zealand|japan|china|india|singapore|luxembourg|"
    r"luxemburg|"
    r"czech republic|czechia|tschechien|hungary|brazil|brasil|mexico|méxico|south africa|united arab emirates|"
    r"liechtenstein|estonia|latvia|lithuania|greece|romania|hong kong)\.?",
    re.IGNORECASE,
)
_CODE_FIRST = re.compile(r"(?<![\w./-])(?:[A-Z]{1,2}-)?\d{4,5}\s+(?:[A-Z]{2}\s+)?[A-ZÀ-Ý][\w'’.À-ÿ-]+")
_TOWN = re.compile(
    r"(?<!\w)[A-Z][\w.' -]+,\s+[A-Z][a-z]+(?: [A-Z][a-z]+)?\s+\d{5}(?:-\d{4})?(?!\d)"
    r"|(?<!\w)[A-Z]{1,2}\d{1,2}[A-Z]?\s\d[A-Z]{2}(?!\w)|(?<!\w)[A-Z]\d[\dW]\s[A-Z\d]{4}(?!\w)"
    r"|(?<!\w)[A-ZÀ-Ý][\w.'’À-ÿ -]+,?\s+[A-Z]{2},?\s+\d{5}(?:-\d{4})?(?!\d)"
    r"|(?<!\w)\d{4}\s?[A-Z]{2}\s+[A-Z][\w' -]+|(?<!\d)\d{2}-\d{3}\s+[A-ZĄ-Ż]\w+|(?<!\d)\d{3}\s\d{2}\s+[A-ZÀ-Ž]\w+"
    r"|(?<!\w)[A-Z]\d[A-Z]\s?\d[A-Z]\d(?!\w)|(?<!\w)(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)\s+\d{4}(?!\d)"
    r"|(?<!\d)\d{4}-\d{3}\s+[A-ZÀ-Ý]\w+"
)
_STREET_WORD = re.compile(
    r"(?<!\w)(?:street|st\.?|road|rd\.?|lane|ln\.?|drive|dr\.?|avenue|ave\.?|boulevard|blvd\.?|way|court|square|close|"
    r"terrace|parkway|pkwy|highway|hwy|crescent|row|gardens|park|quay|wharf|yard|mews|place|pl\.?|suite|floor|unit|"
    r"building|house|mill|works|estate|center|centre|plaza|loop|circle|trail)(?!\w)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d+[a-z]?,?\s+[A-Z].{3,60}|[A-ZÀ-Ý].{3,40}\s\d+\s?[a-zA-Z]?")
_STREET = re.compile(
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|straat|laan|gatan|vägen|vej)\s*\d"
    r"|(?<!\w)(?:rue|avenue|av\.|boulevard|bd|place|chemin|quai|impasse|allée|route|cours|via|viale|piazza|corso|calle|"
    r"avenida|plaza|paseo|carrer|ulica|ul\.)\s"
    rf"|{_STREET_WORD.pattern}"
    r"|p\.?\s?o\.?\s?box|postfach|(?<!\w)bp\s?\d|c/o",
    re.IGNORECASE,
)


class Block(msgspec.Struct, frozen=True, eq=False):
    """Pieces under each other, from top to bottom."""

    pieces: tuple[Piece, ...]

    @property
    def page(self) -> int:
        """The page it stands on."""
        return self.pieces[0].page

    @property
    def text(self) -> str:
        """Its lines."""
        return "\n".join(piece.text for piece in self.pieces)


def blocks(layout: Layout) -> list[Block]:
    """Group the pieces of a layout into blocks, in the order in which they begin."""
    growing: list[list[Piece]] = []
    for piece in layout.pieces:
        home = next((one for one in reversed(growing[-40:]) if _under(one[-1], piece)), None)
        if home is None:
            growing.append([piece])
        else:
            home.append(piece)
    return [Block(tuple(pieces)) for pieces in growing]


def _under(above: Piece, piece: Piece) -> bool:
    """Tell whether a piece is the next line of a block: close below, and in line on one side or in the middle."""
    if above.page != piece.page or above.row == piece.row:
        return False
    gap = piece.top - above.bottom
    height = max(above.height, piece.height)
    if not -0.5 * height <= gap <= _CLOSE * height:
        return False
    slack = 0.5 * height
    middle = abs(above.left + above.right - piece.left - piece.right) / 2
    if abs(above.left - piece.left) <= slack or abs(above.right - piece.right) <= slack or middle <= slack:
        return True
    shared = min(above.right, piece.right) - max(above.left, piece.left)
    return gap <= 0.7 * height and shared >= 0.8 * min(above.right - above.left, piece.right - piece.left)


def is_town(text: str) -> bool:
    """Tell whether a line holds a postal code with its town."""
    numbered = _CODE_FIRST.search(text)
    if numbered and not (text[: numbered.start()].strip() == "" and _STREET_WORD.search(text)):
        return True
    return _TOWN.search(text) is not None


def is_country(text: str) -> bool:
    """Tell whether a line is the name of a country."""
    return _COUNTRY.fullmatch(text.strip()) is not None


def is_street(text: str) -> bool:
    """Tell whether a line looks like a street, a building or a box."""
    return bool(_STREET.search(text)) or bool(_NUMBERED.fullmatch(text.strip()))


def has_street_word(text: str) -> bool:
    """Tell whether a line names a street by its word for one."""
    return _STREET.search(text) is not None


def is_address(text: str) -> bool:
    """Tell whether a line can be part of an address."""
    return is_town(text) or is_country(text) or is_street(text)


def has_legal_form(text: str) -> bool:
    """Tell whether a line names a company by its legal form."""
    return _LEGAL.search(text) is not None


def is_bare_legal_form(text: str) -> bool:
    """Tell whether a line is a legal form and nothing else, as when a name breaks before it."""
    return _LEGAL.fullmatch(text.strip()) is not None


def is_legal_form(text: str) -> bool:
    """Tell whether a line is a legal form and nothing else, or begins with one: SAS au capital de 10 000 €."""
    return _LEGAL.match(text.strip()) is not None


def parts(text: str) -> Iterator[tuple[int, int]]:
    """Split a line at the marks that part a sender's line: Muster GmbH · Weg 1 · 12345 Ort."""
    yield from _split(text, re.compile(r"\s*[·•|∙●–—]\s*|\s+-\s+|\s*;\s*"))


def comma_parts(text: str) -> Iterator[tuple[int, int]]:
    """Split a line at its commas."""
    yield from _split(text, re.compile(r"\s*,\s+"))


def _split(text: str, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    at = 0
    for match in mark.finditer(text):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < len(text):
        yield at, len(text)
