"""Draw the demo's sample documents and what must be read from them: python -m scripts.make_samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from scripts.samples import heldout, heldout_others, invoices, office, others

FOLDER = Path(__file__).parent.parent / "hub" / "demo" / "samples"
SAMPLES: dict[str, tuple[str, Callable[[Path], dict[str, object]]]] = {
    "invoice-timber-en.pdf": ("invoice", invoices.british),
    "rechnung-elektro-de.pdf": ("invoice", invoices.german),
    "facture-atelier-fr.pdf": ("invoice", invoices.french),
    "rechnung-grafik-ch.pdf": ("invoice", invoices.swiss),
    "invoice-robotics-us.pdf": ("invoice", invoices.american),
    "invoice-translation-se.txt": ("invoice", others.text_invoice),
    "rechnung-hosting-at.html": ("invoice", office.web_invoice),
    "rechnung-wasserfilter-at.pdf": ("invoice", office.electronic),
    "kassenbon-baeckerei-de.pdf": ("receipt", others.bakery_receipt),
    "receipt-hardware-us.txt": ("receipt", others.hardware_receipt),
    "order-clinics-en.pdf": ("purchase_order", others.order),
    "bestellung-stahl-de.docx": ("purchase_order", office.word_order),
    "agreement-consulting-en.docx": ("contract", office.word_contract),
    "contrat-nettoyage-fr.pdf": ("contract", others.lease),
    "cv-engineer-en.pdf": ("cv", others.career),
    "article-mill-en.html": ("article", others.article),
}

HELD_OUT_FOLDER = Path(__file__).parent.parent / "tests" / "extraction" / "heldout"
HELD_OUT: dict[str, tuple[str, Callable[[Path], dict[str, object]]]] = {
    "invoice-signs-au.pdf": ("invoice", heldout.australian),
    "rechnung-agentur-de.pdf": ("invoice", heldout.agency),
    "factuur-fietsen-nl.pdf": ("invoice", heldout.dutch),
    "facture-menuiserie-fr.pdf": ("invoice", heldout.craftsman),
    "invoice-software-us.pdf": ("invoice", heldout.software),
    "receipt-restaurant-gb.pdf": ("receipt", heldout_others.restaurant),
    "ticket-pharmacie-fr.txt": ("receipt", heldout_others.chemist),
    "bestellung-klinikum-de.pdf": ("purchase_order", heldout_others.german_order),
    "order-outfitters-us.docx": ("purchase_order", heldout_others.american_order),
    "mietvertrag-de.txt": ("contract", heldout_others.german_lease),
    "lebenslauf-de.pdf": ("cv", heldout_others.german_career),
    "article-halle-fr.md": ("article", heldout_others.news),
}


def main() -> None:
    """Write every document with its expected record beside it."""
    for folder, documents in ((FOLDER, SAMPLES), (HELD_OUT_FOLDER, HELD_OUT)):
        for name, (schema, draw) in documents.items():
            record = draw(folder / name)
            expected = json.dumps({"schema": schema, "record": record}, indent=2, ensure_ascii=False)
            (folder / f"{name}.expected.json").write_text(expected + "\n", "utf-8")


if __name__ == "__main__":
    main()
