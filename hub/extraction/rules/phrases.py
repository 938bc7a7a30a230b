"""What sentences of agreements say in front of a value, in several languages, and the patterns made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Words in front of a value, by the concept they announce and the language.
_LEADS: Mapping[str, Sequence[str]] = {
    "effective_date": (
        r"effective (?:as of|on|from|date)|entered into (?:as of|on|this)|(?:is )?(?:made|dated|concluded)"
        r"(?: and entered into)?(?: as of| on| this)?|commenc(?:es?|ing) on|begin(?:s|ning) on|starts? on|"
        r"with effect from",
        r"in Kraft ab|mit Wirkung (?:zum|vom|ab)|beginnt am|ab dem|tritt am|Beginn|geschlossen am",
        r"à compter du|prend(?:ra)? effet le|entre en vigueur le|en date du|conclu(?:e)? le|débute le|"
        r"fait à [\w-]+,? le|avec effet au",
        r"entra(?:rá)? en vigor(?: el(?: día)?)?|surt(?:e|irá) efectos? (?:el|desde el)|a partir del|"
        r"con efectos? (?:desde|a partir)(?: del?)?|celebrado el|suscrito el|comienza el|se inicia el",
        r"entra in vigore (?:il|dal)|decorre(?:rà)? dal|con decorrenza (?:dal|da)|a decorrere dal|ha effetto dal|"
        r"ha inizio il|stipulato il|a partire dal",
        r"treedt in werking (?:op|per)|gaat in (?:op|per)|ingaande(?: op)?|met ingang van|vangt aan op|gesloten op",
        r"entra em vigor (?:a|em|no dia|à data de)|com efeitos? a partir de|com início (?:em|a)|"
        r"inicia(?:-se)? (?:em|a)|celebrado em|tem início (?:em|a)",
        r"wchodzi w życie(?: z)?(?: dniem| dnia| w dniu)?|obowiązuje od(?: dnia)?|zawart[aey] (?:w )?dni[au]|"
        r"rozpoczyna się(?: w)?(?: dni[au])?",
    ),
    "due_date": (
        r"(?:pay|paid|payment|payable|settle|remit|transfer|überweisen|überweisung|zahlen|zahlung|zahlbar|begleichen|"
        r"ausgleich|régler|règlement|payer|paiement|payable|pagar|pago|abonar|ingresar|pagare|pagamento|versare|"
        r"betalen|betaling|voldoen|overmaken|liquidar|płatne|płatność|zapłat[ayę]|zapłacić)\b[^.;\n]{0,70}?"
        r"\b(?:by|before|until|no later than|bis(?: zum| spätestens)*|spätestens(?: am| bis| zum)*|avant le|"
        r"jusqu['’]au|au plus tard le|pour le|antes del|hasta el|entro il|entro e non oltre il|vóór|voor|"
        r"uiterlijk(?: op)?|até(?: ao| a)?|do dnia|do)",
    ),
    "end_date": (
        r"until|through|expir(?:es|ing) on|end(?:s|ing) on|terminat(?:es|ing) on|up to and including",
        r"bis(?: zum| einschließlich)?|endet am|endet mit Ablauf des|läuft am",
        r"jusqu['’]au|prend(?:ra)? fin le|expire(?:ra)? le|se termine le",
        r"hasta(?: el)?|finaliza(?:rá)? el|termina(?:rá)? el|concluye el|expira(?:rá)? el",
        r"fino al|termina il|cessa(?:rà)? il|scad(?:e|rà) il|si conclude il",
        r"tot(?: en met)?|eindigt op|loopt (?:tot(?: en met)?|af op)",
        r"até(?: ao?| à)?|termina (?:a|em|no dia)|cessa (?:a|em)|finda (?:a|em)|expira (?:a|em)",
        r"do dnia|kończy się(?: w)?(?: dni[au])?|wygasa(?: z)?(?: dniem| dnia| w dniu)?|trwa do(?: dnia)?",
    ),
    "contract_value": (
        r"(?:fees?|price|sum|amount|rent|compensation|salary|consideration|remuneration|payment|total) "
        r"(?:of|is|shall be|amounts to|in the amount of)|"
        r"(?:pay|pays) (?:[\w-]+ ){0,6}(?:fee|sum|amount|rent|price)? ?(?:of)?",
        r"Vergütung (?:von|beträgt|in Höhe von)|(?:Honorar|Pauschalhonorar|Kaufpreis|Miete|Monatsmiete|Preis|Entgelt|"
        r"Pauschale|Festpreis) (?:von|beträgt|in Höhe von)|in Höhe von",
        r"(?:prix|montant|rémunération|honoraires|loyer|redevance|somme)(?: [\w']+){0,4} (?:de|est de|s'élève à|"
        r"est fixée? à|à)",
        r"(?:precio|renta|importe|honorarios|retribución|salario|remuneración|contraprestación)(?: \w+){0,3} "
        r"(?:de|es de|será de|asciende a)|asciende a|por importe de|la cantidad de",
        r"(?:corrispettivo|compenso|canone|prezzo|importo|onorario|retribuzione)(?: \w+){0,3} (?:di|è di|ammonta a|"
        r"è pari a|è fissato in)|pari a|ammonta a",
        r"(?:prijs|vergoeding|huur|huurprijs|honorarium|salaris|bedrag|contractsom)(?: \w+){0,3} (?:van|bedraagt|is)|"
        r"bedraagt",
        r"(?:preço|renda|valor|honorários|remuneração|retribuição|montante)(?: \w+){0,3} (?:de|é de|ascende a|"
        r"será de)|no valor de|no montante de",
        r"(?:wynagrodzenie|cena|czynsz|kwota|wartość|opłata)(?: \w+){0,3} (?:wynosi|w wysokości|w kwocie)|"
        r"w wysokości|w kwocie|wynosi",
    ),
}
LEADS = {
    concept: re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE) for concept, phrases in _LEADS.items()
}

_PERIODS = (
    r"term|period|duration|in force|Laufzeit|Dauer|durée|période|duración|plazo|vigencia|durata|looptijd|duur|"
    r"duração|prazo|vigência|czas(?:u)? trwania|okres(?:ie|u)?|czas(?:u)? określon\w+"
)
_UNITS = (
    r"months?|years?|weeks?|days?|Monate?n?|Jahre?n?|Wochen|Tage?n?|mois|ans?|années?|semaines|jours|mes(?:es)?|años?|"
    r"semanas|días|mes[ei]|ann[oi]|settimane|giorni|maand(?:en)?|jaar|jaren|weken|dagen|mês|anos?|dias|"
    r"miesi[ąę]c[ey]?|miesięcy|lata?|rok|tygodni|dni"
)
_COUNTS = (
    r"one|two|three|four|five|six|ten|twelve|eighteen|twenty-four|thirty-six|einem?|zwei|drei|vier|fünf|sechs|zwölf|"
    r"un|deux|trois|quatre|cinq|six|douze|dos|tres|cuatro|cinco|doce|due|tre|quattro|cinque|dodici|twee|drie|vijf|"
    r"twaalf|dois|três|quatro|doze|dwóch|trzech|dwunastu|dwa|trzy"
)
TERM = re.compile(
    rf"(?:{_PERIODS})\b[^.;]{{0,60}}?(?P<term>(?<!\w)(?:(?!(?:of|for|de|di|van|von|is|è|es|é|beträgt|est|d|na|"
    r"una|un|um|uma|een)\b)[^\W\d_]+\s)?\(?\d{1,3}\)?\s?(?:\([^()]{2,20}\)\s?)?"
    rf"(?:calendar\s|full\s|volle\s)?(?:{_UNITS})(?!\w)|(?:{_COUNTS})\s(?:\(\d+\)\s)?(?:{_UNITS})(?!\w))",
    re.IGNORECASE,
)
LAW = re.compile(
    r"(?:governed by|construed (?:under|in accordance with)|subject to)[^.;]{0,60}?"
    r"\bthe\s+laws?\s+of\s+(?:the\s+)?(?P<en>[A-Z][^.,;\n(]{2,60}?)(?=[.,;(]|\s+(?:without|and the|and any|"
    r"applicable|excluding)|\s*\n)"
    r"|(?:Recht|Gesetzen?)\s+(?P<de>der [A-Z][\w ]{3,40}?|Deutschlands|Österreichs)(?=[.,;]|\s+(?:unter|Anwendung|"
    r"Gerichtsstand|mit))"
    r"|(?P<de2>(?:deutsche[msn]?|österreichische[msn]?|schweizerische[msn]?|materielles? [\w]+e[sn]?)\s+Recht)"
    r"|(?P<fr>(?:droit|lois?)\s+(?:français(?:es?)?|suisses?|belges?|luxembourgeois(?:es?)?|(?:de|du)\s+"
    r"[A-ZÉ][\w -]{2,30}?))(?=[.,;]|\s)"
    r"|(?:rige|regirá|sometid[oa]|sujet[oa])\s+(?:por|a|al)\s+(?:la\s+|las\s+|el\s+)?(?P<es>(?:legislación|ley(?:es)?|"
    r"derecho)\s+(?:de\s+)?[\wáéíóúñ]+)"
    r"|(?:regolat[oa]|disciplinat[oa]|soggett[oa]|rett[oa])\s+(?:dalla|dal|alla|al|dalle)\s+(?P<it>(?:legge|leggi|"
    r"legislazione|diritto)\s+\w+)"
    r"|(?P<nl>(?:Nederlands|Belgisch|Vlaams)\s+recht)(?=\W)"
    r"|(?:rege-se|regid[oa]|sujeit[oa]|regula-se|aplica-se)\s+(?:pela|pelo|à|ao|a)\s+(?P<pt>(?:lei|legislação|direito)\s+"
    r"[\wáéíóúâêôãõç]+)"
    r"|(?P<pl>praw(?:u|em|o)\s+(?:polski\w+|\w+ski\w+))"
)

_CALLED = (
    r"the|hereinafter|hereafter|herein|in the following|referred to as|also|im Folgenden|nachfolgend|nachstehend|"
    r"im folgenden|ci-après|dénommée?|désignée?|called|together|collectively|kurz|als|auch|en adelante|"
    r"en lo sucesivo|denominad[oa]|di seguito|in seguito|anche|hierna(?: te noemen)?|te noemen|genoemd|verder|"
    r"doravante|adiante|designad[oa]|zwan[yae]|dalej|dalej zwan[yae]"
)
_ARTICLES = r"the |der |die |das |den |le |la |el |los |las |il |lo |de |het |o |a |l['’]"
_QUOTES, _UNQUOTES = "[\"“„«'‘”]", "[\"”“»'’]"
ROLE = re.compile(
    rf"[(\u2013\u2014,-]\s*(?:(?:{_CALLED})[ ,]*)*(?:{_ARTICLES})?"
    rf"{_QUOTES}\s?(?:{_ARTICLES})?(?P<role>[^\W\d_][\w '’-]{{2,30}}?)\s?{_UNQUOTES}"
)
BRACKETS = re.compile(rf"\((?:{_ARTICLES})?(?P<role>[^\W\d_][\w '’-]{{2,30}})\)")
_AND = r"and|und|et|y|e|ed|en|oraz"
FIRST_OPENING = re.compile(
    r"(?:by and )?between|zwischen|entre|de una parte|tra|fra|tussen|pomiędzy|między|entre", re.IGNORECASE
)
OPENS = re.compile(
    r"(?:by and between|between|made by|zwischen|entre les soussignés|entre|(?:y )?de (?:una|otra)(?: parte)?|tra|fra|"
    r"tussen|pomiędzy|między)\b[:,]?\s*|"
    rf"{_UNQUOTES}\)?[^\w(]{{0,6}}(?:genannt|dénommée?)?[^\w]{{0,6}}(?:{_AND})\s+|^\s*(?:and|und|et)\s+|"
    # Polish "a", not the English article.
    rf"{_UNQUOTES}\)?,?\s+(?-i:a\s+(?=[A-ZĄĆĘŁŃÓŚŹŻ]))|"
    rf"[),]\s*,?\s*(?:{_AND})\s+|\(\d\)\s+|(?<![\w.])\d\.\s+|"
    rf"{_UNQUOTES}\s*(?:genannt)?\s*\)?\s*[;,.-]?\s*(?:{_AND})\s",
    re.IGNORECASE | re.MULTILINE,
)
NAME_ENDS = re.compile(
    r",|\s\(|;|\n|\s[-\u2013\u2014]\s|\s(?:with its|with offices|whose|having|located|of \d|residing|mit Sitz|wohnhaft|"
    r"vertreten|ansässig|dont le siège|sise|sis|demeurant|société|représentée?|domiciliée?|a company|a limited|"
    r"incorporated|registered|geschäftsansässig|con domicilio|con sede|con NIF|representad[oa]|rappresentat[oa]|"
    r"residente|gevestigd|kantoorhoudende|vertegenwoordigd|com sede|com domicílio|z siedzibą|zamieszkał[ya]|"
    r"reprezentowan[ya])\b",
    re.IGNORECASE,
)
CONJUNCTION = re.compile(
    r"^(?:\(?\d{1,2}[.)]|(?:and|und|et|between|zwischen|entre|the|der|die|das|dem|den|la|le|les|y|ed?|tra|fra|en|"
    r"tussen|de (?:una|otra)(?: parte)?|oraz|a|pomiędzy)\b|[:,;]|\s)+\s+",
    re.IGNORECASE,
)
LEGAL_TAIL = re.compile(r",\s+(?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|Co|PLC|LLP|L\.P|S\.A|GmbH|N\.A|Pty)\b\.?")
BETWEEN = re.compile(
    rf"(?:by and between|between|zwischen|entre|tra|fra|tussen|pomiędzy)\s+(?P<one>[^;]{{3,200}}?)\s+(?:{_AND})\s+"
    r"(?P<two>[^;.]{3,120})"
)
# What is called something in brackets without being a party.
NO_ROLES = frozenset(
    (
        *("agreement", "parties", "vertrag", "parteien", "contrat", "services", "contrato", "acuerdo", "partes"),
        *("contratto", "accordo", "parti", "overeenkomst", "partijen", "umowa", "strony", "product", "products"),
        *("premises", "property", "goods", "territory", "effective date", "commencement date", "start date", "term"),
        *("fee", "fees", "confidential information"),
    )
)
