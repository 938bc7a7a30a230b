"""Documents with schemas of their own: bank statements, payslips, delivery notes, forms, meter readings."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from scripts.evaluation.bill import Record, bill
from scripts.evaluation.sheet import Sheet, columns

Pairs = Sequence[tuple[str, str]]
_PEOPLE = ["Miriam Adeyemi", "Gregory Pasternak", "Ilse van Houten", "Tomasz Wrona", "Beatrice Longfellow"]


def statement(rng: random.Random) -> tuple[bytes, Record]:
    """A bank's statement: entries with debits negative, the balances above and below them."""
    made = bill("nl", rng)
    number = made.style.number
    opening = round(rng.uniform(200, 9000), 2)
    days = sorted(made.issue - timedelta(days=rng.randrange(1, 28)) for _ in range(rng.randrange(5, 12)))
    entries = [_entry(day, rng) for day in days]
    closing = round(opening + sum(entry["amount"] for entry in entries), 2)
    holder = rng.choice(_PEOPLE)
    sheet = Sheet(rng.choice(["helvetica", "sans"]))
    sheet.put(50, 55, "Fenland Savings Bank", 16, bold=True)
    sheet.put(545, 55, "Account statement", 12, align="right")
    facts = [("Account holder", holder), ("IBAN", made.spaced_iban), ("Statement date", f"{made.issue:%d/%m/%Y}")]
    sheet.pairs(50, 160, 90, facts, align="left", step=1.9)
    sheet.pairs(350, 545, 150, [("Opening balance", f"EUR {number(opening)}")])
    places = columns("50 130 545r")
    y = 180.0
    sheet.row(y, places, ["Date", "Details", "Amount"], bold=True)
    sheet.rule(y + 4)
    for day, entry in zip(days, entries, strict=True):
        y += 16
        sheet.row(y, places, [f"{day:%d/%m/%Y}", entry["text"], number(entry["amount"])])
    sheet.rule(y + 6)
    sheet.pairs(350, 545, y + 22, [("New balance", f"EUR {number(closing)}")], bold=True)
    return sheet.content(), {
        "holder": holder,
        "iban": made.iban,
        "statement_date": made.issue.isoformat(),
        "opening_balance": opening,
        "closing_balance": closing,
        "currency": "EUR",
        "entries": entries,
    }


def payslip(rng: random.Random) -> tuple[bytes, Record]:
    """A payslip: a row of cells on top, payments and deductions side by side, the net pay in a frame."""
    made = bill("en_gb", rng)
    number = made.style.number
    basic, extra = round(rng.uniform(1800, 4200), 2), round(rng.uniform(20, 400), 2)
    gross = round(basic + extra, 2)
    tax, insurance = round(gross * 0.14, 2), round(gross * 0.08, 2)
    person, code = rng.choice(_PEOPLE), str(rng.randrange(10_000, 99_999))
    department = rng.choice(["Logistics", "Research", "Customer care"])
    sheet = Sheet(rng.choice(["helvetica", "courier", "sans"]))
    sheet.put(50, 55, made.seller.name, 13, bold=True)
    cells = [
        ("Employee name", person),
        ("Payroll no", code),
        ("Department", department),
        ("Pay date", f"{made.issue:%d %B %Y}"),
    ]
    for index, (label, value) in enumerate(cells):
        sheet.box(50 + 124 * index, 75, 124, 32)
        sheet.put(54 + 124 * index, 86, label, 7)
        sheet.put(54 + 124 * index, 100, value, 9)
    sheet.put(50, 135, "Payments", bold=True)
    sheet.pairs(50, 270, 152, [("Basic pay", number(basic)), ("Overtime", number(extra))])
    sheet.put(310, 135, "Deductions", bold=True)
    sheet.pairs(310, 545, 152, [("Income tax", number(tax)), ("National insurance", number(insurance))])
    sheet.rule(200)
    net = round(gross - tax - insurance, 2)
    sheet.pairs(50, 270, 215, [("Gross pay", number(gross))], bold=True)
    sheet.pairs(310, 545, 215, [("Net pay", f"£{number(net)}")], bold=True, size=11)
    return sheet.content(), {
        "employee": person, "employee_number": code, "pay_date": made.issue.isoformat(),
        "gross": gross, "tax": tax, "net": net, "department": department,
    }  # fmt: skip


def delivery(rng: random.Random) -> tuple[bytes, Record]:
    """A German delivery note: no prices, the weight and the carrier in the foot of the table."""
    made = bill("de", rng)
    style, number = made.style, f"LS-{rng.randrange(10_000, 99_999)}"
    order, weight = f"B{rng.randrange(1000, 9999)}", round(rng.uniform(3, 400), 1)
    carrier = rng.choice(["Kurier Blitz GmbH", "Spedition Albrecht", "Hansa Fracht KG"])
    sheet = Sheet(rng.choice(["helvetica", "times", "serif"]))
    sheet.put(50, 60, "Lieferschein", 20, bold=True)
    sheet.stack(50, 90, [made.buyer.name, made.buyer.street, made.buyer.town], 10)
    facts = [("Lieferschein-Nr.", number), ("Datum", style.day(made.issue)), ("Bestellnummer", order)]
    sheet.pairs(350, 545, 90, facts)
    places = columns("50 420r 440")
    y = 180
    sheet.row(y, places, ["Bezeichnung", "Menge", "Einheit"], bold=True)
    for line in made.lines:
        y += 17
        sheet.row(y, places, [line.description, style.count(line.quantity), line.unit])
    sheet.rule(y + 8)
    sheet.pairs(
        50, 160, y + 26, [("Gesamtgewicht", f"{style.number(weight, 1)} kg"), ("Frachtführer", carrier)], align="left"
    )
    lines = [{"artikel": one.description, "menge": one.quantity, "einheit": one.unit} for one in made.lines]
    return sheet.content(), {
        "nummer": number, "datum": made.issue.isoformat(), "bestellung": order, "gewicht": weight,
        "spediteur": carrier, "positionen": lines,
    }  # fmt: skip


def membership(rng: random.Random) -> tuple[bytes, Record]:
    """A form to fill in: labels with lines, boxes that are crossed or not."""
    person = rng.choice(_PEOPLE)
    birth = bill("en_gb", rng).issue.replace(year=rng.randrange(1955, 2008))
    kind, news, number = rng.choice(["adult", "junior", "family"]), rng.random() < 0.5, rng.randrange(1000, 9999)
    phone, mail = f"+44 1632 960{rng.randrange(100, 999)}", f"{person.split()[0].lower()}@example.net"
    sheet = Sheet("sans")
    sheet.put(60, 60, "Riverside Rowing Club — Membership", 15, bold=True)
    facts = [("Full name", person), ("Date of birth", f"{birth:%d %B %Y}"), ("Email", mail), ("Telephone", phone)]
    y = 100.0
    for label, value in [
        *facts,
        ("Member number", str(number)),
        ("Membership", kind),
        ("Newsletter", "yes" if news else "no"),
    ]:
        sheet.put(60, y, f"{label}:", 10)
        sheet.put(190, y, value, 10)
        sheet.rule(y + 4, 185, 500, 0.3)
        y += 28
    return sheet.content(), {
        "name": person, "birth_date": birth.isoformat(), "email": mail, "phone": phone,
        "membership": kind, "newsletter": news, "member_number": number,
    }  # fmt: skip


def meter(rng: random.Random) -> tuple[bytes, Record]:
    """A French energy supplier's sheet: labels with colons on the left, the amount in a grey field."""
    made = bill("fr", rng)
    style = made.style
    contract, point, used = (
        str(rng.randrange(10**8, 10**9)),
        str(rng.randrange(10**13, 10**14)),
        rng.randrange(300, 9000),
    )
    sheet = Sheet(rng.choice(["helvetica", "sans", "stix"]))
    sheet.put(50, 60, "Lumière & Réseaux", 17, bold=True)
    facts = [
        ("Titulaire", made.buyer.name),
        ("Contrat n°", contract),
        ("PDL", point),
        ("Relevé le", style.day(made.issue)),
    ]
    sheet.pairs(50, 170, 110, facts, align="left", step=2, colon=" :", size=10)
    sheet.pairs(50, 170, 200, [("Consommation (kWh)", str(used))], align="left", size=10, colon=" :")
    sheet.box(340, 100, 205, 56, fill=0.9)
    sheet.put(350, 118, "Montant à régler", 9)
    sheet.put(535, 145, f"{style.number(made.total)} €", 18, bold=True, align="right")
    return sheet.content(), {
        "client": made.buyer.name, "contrat": contract, "date_releve": made.issue.isoformat(),
        "consommation": used, "montant": made.total, "point_livraison": point,
    }  # fmt: skip


def _entry(day: date, rng: random.Random) -> Record:
    texts = ["Card payment Tesla Cafe", "Salary", "Rent", "Transfer Wrona", "Direct debit water"]
    amount = round(rng.choice([-1, -1, 1]) * rng.uniform(5, 900), 2)
    return {"date": day.isoformat(), "text": rng.choice(texts), "amount": amount}


FORMS: dict[str, Callable[[random.Random], tuple[bytes, Record]]] = {
    "bank-statement": statement,
    "payslip": payslip,
    "lieferschein": delivery,
    "membership-form": membership,
    "releve-energie": meter,
}
